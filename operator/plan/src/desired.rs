//! What the owner of a release wants, and the rendered form of it.

use std::sync::Arc;

use helm::hooks::Hook;
use helm::record::ChartRecord;
use serde_json::{Map, Value};

use crate::{Inputs, Policy, Target};

/// What is wanted. Small: deciding needs no rendering.
#[derive(Clone, Debug, PartialEq)]
pub struct Desired {
    /// Namespace and name of the custom resource, `ns/name`: the owner written on every revision.
    pub owner: String,
    /// The release.
    pub target: Target,
    /// What it is made from.
    pub inputs: Inputs,
    /// How it is handled.
    pub policy: Arc<Policy>,
    /// Whether reconciliation is suspended.
    pub suspended: bool,
    /// Whether the custom resource is being deleted.
    pub deleting: bool,
    /// Whether this specification is looked at for the first time. What was refused before anything was stored is then
    /// tried again: a policy may have changed and not the inputs.
    pub new_generation: bool,
}

/// A rendered chart, ready to become a revision. Rendering knows the revision number and whether it is an install,
/// so it happens after the decision: see [`crate::Needs`].
#[derive(Clone, Debug, PartialEq)]
pub struct Payload {
    /// The chart as Helm stores it.
    pub chart: ChartRecord,
    /// The user's values as Helm stores them.
    pub config: Map<String, Value>,
    /// The rendered objects.
    pub manifest: String,
    /// The rendered hooks.
    pub hooks: Vec<Hook>,
    /// The rendered notes.
    pub notes: String,
    /// The files of `crds/`, of subcharts too, in load order.
    pub crds: Vec<CrdFile>,
}

/// A file of a chart's `crds/`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CrdFile {
    /// Its name.
    pub name: String,
    /// Its YAML.
    pub text: String,
}
