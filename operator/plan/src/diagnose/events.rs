//! Warnings: what controllers and the kubelet tried and could not do.

use serde_json::Value;

use super::{reference, refusal};
use crate::readiness::fields::Fields;
use crate::{Category, Cause, ObjectRef};

/// The newest warning about a pod that explains something.
pub(super) fn newest(pod: Fields<'_>, warnings: &[Value]) -> Option<Cause> {
    let name = pod.text(&["metadata", "name"]);
    let about = |event: &Fields<'_>| {
        event.text(&["involvedObject", "kind"]) == "Pod" && event.text(&["involvedObject", "name"]) == name
    };
    let mut told = warnings.iter().map(Fields).filter(about).filter_map(|event| {
        Some((
            time(event),
            Cause {
                object: reference(pod),
                ..cause(event)?
            },
        ))
    });
    let first = told.next()?;
    // Of several with one time the last one of the list is the newest.
    Some(
        told.fold(first, |best, next| if next.0 >= best.0 { next } else { best })
            .1,
    )
}

/// The newest warnings about an object and about what it owns, pods excepted: one for each object and reason.
pub(super) fn causes(object: Fields<'_>, warnings: &[Value]) -> Vec<Cause> {
    let name = object.text(&["metadata", "name"]);
    let about = |event: &Fields<'_>| {
        let other = event.text(&["involvedObject", "name"]);
        let owned = other
            .strip_prefix(name)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('-'));
        owned && event.text(&["involvedObject", "kind"]) != "Pod"
    };
    let mut newest: Vec<(&str, Cause)> = Vec::new();
    for event in warnings.iter().map(Fields).filter(about) {
        let Some(cause) = cause(event) else { continue };
        let same =
            |(_, known): &&mut (&str, Cause)| known.object == cause.object && known.reason == cause.reason;
        match newest.iter_mut().find(same) {
            Some(known) if time(event) >= known.0 => *known = (time(event), cause),
            Some(_) => {}
            None => newest.push((time(event), cause)),
        }
    }
    newest.into_iter().map(|(_, cause)| cause).collect()
}

/// What a warning means; `None` for those that follow from something else or mean nothing for readiness.
fn cause(event: Fields<'_>) -> Option<Cause> {
    let reason = event.text(&["reason"]);
    let message = event.text(&["message"]);
    let category = match reason {
        "FailedCreate" => refusal(message),
        "FailedScheduling" => Category::Unschedulable,
        "FailedMount" | "FailedAttachVolume" | "FailedMapVolume" | "FailedCreatePodSandBox" => {
            Category::ContainerConfigError
        }
        "ProvisioningFailed" | "FailedBinding" => Category::VolumeNotBound,
        "Unhealthy" => Category::ProbeFailed,
        _ => return None,
    };
    let involved = |key: &str| event.text(&["involvedObject", key]).to_owned();
    let object = ObjectRef {
        api_version: involved("apiVersion"),
        kind: involved("kind"),
        namespace: involved("namespace"),
        name: involved("name"),
    };
    Some(Cause {
        object,
        category,
        reason: reason.to_owned(),
        message: message.to_owned(),
        restarts: 0,
    })
}

/// When a warning was last given, as text that sorts: all writers use UTC.
fn time(event: Fields<'_>) -> &str {
    [
        &["series", "lastObservedTime"][..],
        &["lastTimestamp"],
        &["eventTime"],
        &["metadata", "creationTimestamp"],
    ]
    .into_iter()
    .map(|path| event.text(path))
    .find(|time| !time.is_empty())
    .unwrap_or_default()
}
