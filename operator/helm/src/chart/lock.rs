//! Chart.lock: the versions that a chart's dependencies were resolved to.
//!
//! Mirrors `Lock` in `pkg/chart/v2/dependency.go` and the digest in `internal/resolver/resolver.go`.

use serde::{Deserialize, Serialize};

use super::Dependency;

/// Chart.lock.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Lock {
    /// When it was written: RFC 3339 text, kept as it was.
    pub generated: String,
    /// Digest of the dependencies in Chart.yaml and of the locked ones.
    pub digest: String,
    /// The locked dependencies: exact versions.
    pub dependencies: Option<Vec<Dependency>>,
}
