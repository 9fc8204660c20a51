//! What the schema admits and this version does not do yet: one table.
//!
//! A field in this table, set to something other than its default, makes the release Stalled with
//! reason `Unsupported` instead of being ignored in silence. To support a field, implement it and
//! delete its row; nothing else has to change.

use std::collections::BTreeMap;

use crate::{
    requests::is_pending,
    spec::{
        HelmReleaseSpec,
        apply::{ApplyMethod, Replace},
        values::ValuesPolicy,
    },
};

/// Something that the object asks for and this version does not do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("check spec: {field} is not supported yet: {message}")]
pub struct Unsupported {
    /// Path of the field below `spec`, or name of the annotation.
    pub field: &'static str,
    /// What does not happen, for people.
    pub message: &'static str,
}

/// A row: path, what to tell, and whether a spec uses it.
type SpecRow = (&'static str, &'static str, fn(&HelmReleaseSpec) -> bool);
/// A row: annotation, and what to tell.
type RequestRow = (&'static str, &'static str);

const SPEC: &[SpecRow] = &[
    ("chart.verify", "signatures are not verified", |spec| {
        spec.chart.verify.is_some()
    }),
    (
        "valuesPolicy",
        "values of older revisions are not reused; only Reset works",
        |spec| spec.values_policy != ValuesPolicy::Reset,
    ),
    (
        "wait.checks",
        "readiness is judged by the built-in rules only",
        |spec| !spec.wait.checks.is_empty(),
    ),
    (
        "apply.method",
        "objects are applied server-side; only Auto and ServerSide work",
        |spec| spec.apply.method == ApplyMethod::ClientSide,
    ),
    (
        "apply.replace",
        "objects are not replaced; only Never works",
        |spec| spec.apply.replace == Replace::Always,
    ),
    ("postRender.labels", "rendered objects are not changed", |spec| {
        !spec.post_render.labels.is_empty()
    }),
    (
        "postRender.annotations",
        "rendered objects are not changed",
        |spec| !spec.post_render.annotations.is_empty(),
    ),
    ("postRender.patches", "rendered objects are not changed", |spec| {
        !spec.post_render.patches.is_empty()
    }),
    ("postRender.images", "rendered objects are not changed", |spec| {
        !spec.post_render.images.is_empty()
    }),
    ("serviceAccountName", "nobody is impersonated", |spec| {
        spec.service_account_name.is_some()
    }),
    (
        "kubeConfig",
        "releases go to the operator's own cluster only",
        |spec| spec.kube_config.is_some(),
    ),
];

const REQUESTS: &[RequestRow] = &[];

/// Fields of the spec that are set to something that this version does not do; in the order of the
/// table, empty for a spec that can be followed.
pub fn unsupported(spec: &HelmReleaseSpec) -> Vec<Unsupported> {
    SPEC.iter()
        .filter(|(_, _, uses)| uses(spec))
        .map(|&(field, message, _)| Unsupported { field, message })
        .collect()
}

/// Requests that wait to be handled and that this version does not fulfil.
pub fn unsupported_requests(
    annotations: &BTreeMap<String, String>,
    handled: &BTreeMap<String, String>,
) -> Vec<Unsupported> {
    REQUESTS
        .iter()
        .filter(|(annotation, _)| is_pending(annotation, annotations, handled))
        .map(|&(field, message)| Unsupported { field, message })
        .collect()
}

#[cfg(test)]
mod tests;
