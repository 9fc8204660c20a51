//! `spec.install`, `spec.upgrade`, `spec.rollback`, `spec.uninstall`: policies of single actions.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::wait::WaitFor;
use crate::duration::Duration;

/// How the first revision is made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct InstallSpec {
    /// Timeout of each wait and hook of an install. Default: `spec.timeout`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timeout: Option<Duration>,
    /// What happens to the CRDs in `crds/` of the chart. (`--skip-crds`)
    pub crds: CrdPolicy,
    /// How often a failed install is tried again before `onFailure` is followed. A retry upgrades
    /// in place, as `helm upgrade --install` does.
    #[schemars(range(min = 0))]
    pub retries: i32,
    /// What happens when the last try has failed. (`--rollback-on-failure`, formerly `--atomic`)
    pub on_failure: InstallFailurePolicy,
    /// Install under a name whose last revision is failed or uninstalled with its history kept.
    /// (`--replace`)
    pub replace: bool,
}

impl Default for InstallSpec {
    fn default() -> Self {
        Self {
            timeout: None,
            crds: CrdPolicy::Create,
            retries: 3,
            on_failure: InstallFailurePolicy::Retain,
            replace: false,
        }
    }
}

/// What happens to the CRDs in `crds/` of a chart. They are never deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum CrdPolicy {
    /// Those that do not exist are created.
    Create,
    /// Those that do not exist are created, the others are updated.
    CreateReplace,
    /// They are left alone.
    Skip,
}

/// What happens to an install whose tries are used up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum InstallFailurePolicy {
    /// The failed revision and its objects stay, for a look at them.
    #[default]
    Retain,
    /// Everything is uninstalled.
    Uninstall,
}

/// How later revisions are made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct UpgradeSpec {
    /// Timeout of each wait and hook of an upgrade. Default: `spec.timeout`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timeout: Option<Duration>,
    /// What happens to the CRDs in `crds/` of the chart. Helm never touches them on upgrade.
    pub crds: CrdPolicy,
    /// Whether objects that a failed upgrade created are deleted again. (`--cleanup-on-fail`)
    pub cleanup_on_fail: bool,
    /// How often a failed upgrade is tried again before `onFailure` is followed.
    #[schemars(range(min = 0))]
    pub retries: i32,
    /// What happens when the last try has failed. (`--rollback-on-failure`, formerly `--atomic`)
    pub on_failure: UpgradeFailurePolicy,
}

impl Default for UpgradeSpec {
    fn default() -> Self {
        Self {
            timeout: None,
            crds: CrdPolicy::Skip,
            cleanup_on_fail: false,
            retries: 0,
            on_failure: UpgradeFailurePolicy::Rollback,
        }
    }
}

/// What happens to an upgrade whose tries are used up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum UpgradeFailurePolicy {
    /// The last good revision is restored and held until chart, values or spec change.
    #[default]
    Rollback,
    /// Everything is uninstalled.
    Uninstall,
    /// The failed revision stays, for a look at it.
    Retain,
}

/// How an automatic or requested rollback is made.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct RollbackSpec {
    /// Timeout of each wait and hook of a rollback. Default: `spec.timeout`.
    /// (`helm rollback --timeout`)
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timeout: Option<Duration>,
    /// Whether objects that a failed rollback created are deleted again.
    /// (`helm rollback --cleanup-on-fail`)
    pub cleanup_on_fail: bool,
    /// What is waited for. Default: `spec.wait.for`. (`helm rollback --wait`)
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wait: Option<WaitFor>,
}

/// How the release is removed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct UninstallSpec {
    /// Timeout of each wait and hook of an uninstall. (`helm uninstall --timeout`)
    pub timeout: Duration,
    /// Whether the revisions stay in storage after the objects are gone. (`--keep-history`)
    pub keep_history: bool,
    /// How objects are deleted. (`--cascade`)
    pub propagation: Propagation,
    /// What the deletion of the HelmRelease does to the release.
    pub on_delete: DeletePolicy,
}

impl Default for UninstallSpec {
    fn default() -> Self {
        Self {
            timeout: Duration::from_mins(5),
            keep_history: false,
            propagation: Propagation::Background,
            on_delete: DeletePolicy::Uninstall,
        }
    }
}

/// How the garbage collector follows a deletion.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Propagation {
    /// The object goes at once, its dependents later.
    #[default]
    Background,
    /// The object goes after its dependents.
    Foreground,
    /// The dependents stay.
    Orphan,
}

/// What the deletion of the HelmRelease does to the release.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum DeletePolicy {
    /// The release is uninstalled.
    #[default]
    Uninstall,
    /// Objects and Helm's records stay as they are.
    Orphan,
}
