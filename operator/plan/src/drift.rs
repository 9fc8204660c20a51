//! How a live object differs from what the manifest says.

use serde::{Deserialize, Serialize};

use crate::ObjectRef;

/// An object that differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObjectDrift {
    /// The object.
    pub object: ObjectRef,
    /// Paths of fields that differ, `spec.replicas`; empty when the object is missing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<String>,
}
