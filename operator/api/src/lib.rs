//! The custom resource `HelmRelease` (`pilothouse.dev/v1alpha1`): wire types, defaults, validation
//! rules, conditions.
//!
//! It knows no release logic and has no client: `serde` and `schemars` only. Whoever reconciles
//! reads [`HelmReleaseSpec`], asks [`unsupported`](unsupported::unsupported) what it can't follow,
//! and writes [`HelmReleaseStatus`] with [`set_condition`](condition::set_condition).
//!
//! ```
//! use api::HelmRelease;
//!
//! let release: HelmRelease = serde_json::from_value(serde_json::json!({
//!     "apiVersion": "pilothouse.dev/v1alpha1",
//!     "kind": "HelmRelease",
//!     "metadata": {"name": "podinfo", "namespace": "apps"},
//!     "spec": {
//!         "chart": {"repository": "oci://ghcr.io/stefanprodan/charts", "name": "podinfo"},
//!     },
//! }))?;
//! assert_eq!(release.spec.timeout.to_string(), "5m");
//! assert_eq!(release.release_name(), "podinfo");
//! # Ok::<(), serde_json::Error>(())
//! ```
//!
//! The schema in the CRD and the Rust types are one source: what the schema admits parses, and the
//! defaults are the same on both sides.

pub mod duration;
pub mod time;

pub mod spec;

pub mod condition;
pub mod status;

pub mod effective;
pub mod requests;
pub mod unsupported;

mod schema;

use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use kube::CustomResourceExt;

pub use condition::{Condition, ConditionStatus, ConditionType};
pub use duration::Duration;
pub use spec::{HelmRelease, HelmReleaseSpec};
pub use status::HelmReleaseStatus;
pub use time::Time;

/// API group of every kind, and prefix of every annotation.
pub const GROUP: &str = "pilothouse.dev";
/// The finalizer that makes an uninstall happen before a HelmRelease is gone.
pub const FINALIZER: &str = "pilothouse.dev/uninstall";

/// The CustomResourceDefinition, ready to be applied.
pub fn crd() -> CustomResourceDefinition {
    let mut crd = HelmRelease::crd();
    for schema in crd
        .spec
        .versions
        .iter_mut()
        .filter_map(|version| version.schema.as_mut())
    {
        if let Some(root) = &mut schema.open_api_v3_schema {
            // The name of a Rust type says nothing to a reader of the CRD.
            root.title = None;
        }
    }
    crd
}
