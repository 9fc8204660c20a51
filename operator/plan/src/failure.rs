//! Why something failed, as data: the class decides, the category names, the causes explain.

use std::borrow::Cow;

use helm::record::Revision;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{Category, ErrorClass, ObjectRef};

/// A failed attempt. Never holds a secret value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Failure {
    /// The reason.
    pub category: Category,
    /// What it calls for.
    pub class: ErrorClass,
    /// Where in the operation it happened.
    pub stage: Stage,
    /// The story in Helm's words where Helm has any.
    pub message: String,
    /// The objects to blame, with their pod-level cause; at most [`Failure::MAX_OBJECTS`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub objects: Vec<Cause>,
    /// The revision that failed, if one was stored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revision: Option<Revision>,
    /// When.
    pub at: Timestamp,
}

/// An object to blame and why.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Cause {
    /// The object nearest to the cause: the pod rather than its deployment.
    pub object: ObjectRef,
    /// The stable reason.
    pub category: Category,
    /// The word Kubernetes uses: `ImagePullBackOff`, `CrashLoopBackOff`, `FailedCreate`.
    pub reason: String,
    /// What Kubernetes says about it, with exit code and last output where there is one.
    pub message: String,
    /// How often the container to blame was restarted.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub restarts: u32,
}

/// Where in an operation something happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Stage {
    /// Before anything was stored: chart, values, rendering, checks.
    Prepare,
    /// While release Secrets were written.
    Storage,
    /// While hooks ran before the objects were written.
    PreHooks,
    /// While objects were written or removed.
    Apply,
    /// While waiting for objects to become ready.
    Wait,
    /// While hooks ran after the objects were ready.
    PostHooks,
    /// While tests ran.
    Tests,
    /// While objects were deleted.
    Delete,
    /// Closed by us although nobody saw it fail.
    Closed,
}

impl Failure {
    /// The most objects a failure names; the message counts the rest.
    pub const MAX_OBJECTS: usize = 10;

    /// What a person should read first: the causes, where some were found, then the message.
    pub fn story(&self) -> Cow<'_, str> {
        match cause_words(&self.objects) {
            causes if causes.is_empty() => Cow::Borrowed(&self.message),
            causes => Cow::Owned(format!("{causes}\n{}", self.message)),
        }
    }
}

/// The causes in a line.
pub(crate) fn cause_words(causes: &[Cause]) -> String {
    let word = |cause: &Cause| format!("{}: {}: {}", cause.object, cause.reason, cause.message);
    match causes {
        [] => String::new(),
        [only] => word(only),
        [first, rest @ ..] => format!("{} (and {} more)", word(first), rest.len()),
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature serde asks for")]
fn is_zero(number: &u32) -> bool {
    *number == 0
}
