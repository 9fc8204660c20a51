//! Names that travel through the whole machine.

use std::fmt;

use helm::hooks::HookEvent;
use helm::name::ReleaseName;
use helm::record::Namespace;
use serde::{Deserialize, Serialize};

/// The fresh identity of one operation, given by the caller. Short, unique for ever, safe in an annotation.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct OperationId(pub String);

/// A content digest, `sha256:` and hex.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Digest(pub String);

/// The release a custom resource speaks of.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Target {
    /// Name of the release.
    pub name: ReleaseName,
    /// Namespace of the release and of its Secrets.
    pub namespace: Namespace,
}

/// One object of the cluster.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ObjectRef {
    /// `group/version`, or `v1`.
    pub api_version: String,
    /// Kind.
    pub kind: String,
    /// Namespace, empty for cluster-scoped objects.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub namespace: String,
    /// Name.
    pub name: String,
}

/// One run of the hooks of one event within one operation. It is written on the hook object, so that a restarted
/// operator recognises the object it created.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct HookRun {
    /// The operation that runs the hook.
    pub operation: OperationId,
    /// The event the hook runs for; one object may serve several.
    pub event: HookEvent,
}

impl HookRun {
    /// The annotation on a hook object.
    pub const ANNOTATION: &str = "pilothouse.dev/hook-run";
}

/// The value of [`HookRun::ANNOTATION`].
impl fmt::Display for HookRun {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.operation, self.event.as_str())
    }
}

impl fmt::Display for OperationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.namespace, self.name)
    }
}

/// `Kind/namespace/name`, as Helm writes objects in its wait errors; cluster-scoped ones have an empty middle.
impl fmt::Display for ObjectRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}", self.kind, self.namespace, self.name)
    }
}
