//! What a release is made from. Two releases with equal inputs are the same release, whatever a random function in
//! a template made of them.

use helm::record::json_digest;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::Digest;

/// The inputs of a revision.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Inputs {
    /// Name of the chart.
    pub chart: String,
    /// Its exact version.
    pub version: String,
    /// Digest of its archive.
    pub chart_digest: Option<Digest>,
    /// Digest of the user's values, merged ([`helm::record::json_digest`]).
    pub values: Digest,
    /// Digest of everything else in the specification that changes what is written to the cluster: post-render
    /// rules, apply method, hooks policy, user labels.
    pub shape: Digest,
}

/// What differs between wanted inputs and those of a revision.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Difference {
    /// Another chart.
    Chart,
    /// Another version of the chart, or other bytes under the same version.
    Version,
    /// Other values.
    Values,
    /// Other rules of writing.
    Shape,
    /// The same inputs, but the newest record is not a deployed one.
    Record,
}

impl Inputs {
    /// The digest that stands for all of them.
    pub fn digest(&self) -> Digest {
        let Self {
            chart,
            version,
            chart_digest,
            values,
            shape,
        } = self;
        Digest(json_digest(&json!({
            "chart": chart, "version": version, "digest": chart_digest, "values": values, "shape": shape,
        })))
    }
}
