//! How the owner of a release wants it handled: the spec without its inputs, defaults resolved.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use crate::Selector;
use crate::drift::Ignore;

/// Everything that decisions and operations ask about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// Installing.
    pub install: InstallPolicy,
    /// Upgrading.
    pub upgrade: UpgradePolicy,
    /// Rolling back.
    pub rollback: RollbackPolicy,
    /// Uninstalling.
    pub uninstall: UninstallPolicy,
    /// Testing.
    pub test: TestPolicy,
    /// What counts as ready.
    pub wait: WaitPolicy,
    /// How objects are written.
    pub apply: ApplyPolicy,
    /// Whether hooks run.
    pub hooks: HooksPolicy,
    /// Whether the API server validates what is written.
    pub validation: Validation,
    /// Whether the namespace is created by an install.
    pub create_namespace: bool,
    /// How many revisions are kept; 0 keeps all. The last good one is kept in any case.
    pub history_max: u32,
    /// What to do about live objects that differ from the manifest.
    pub drift: DriftPolicy,
    /// Differences that are none.
    pub drift_ignore: Arc<[Ignore]>,
    /// What to do about revisions made by somebody else.
    pub foreign: ForeignPolicy,
    /// What to do when name, namespace or chart of the release changes.
    pub target_change: TargetChangePolicy,
    /// The budget of a whole operation, hooks and waits together.
    pub deadline: Option<Duration>,
    /// The words stored with a successful revision instead of Helm's.
    pub description: Option<String>,
    /// User labels of the revision; the value `null` removes one.
    pub labels: BTreeMap<String, String>,
}

/// Installing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InstallPolicy {
    /// Per wait and per hook.
    pub timeout: Duration,
    /// What happens with the chart's `crds/`.
    pub crds: CrdPolicy,
    /// How many more attempts after the first that did not become healthy.
    pub retries: u32,
    /// What happens when they are used up.
    pub on_failure: InstallFailure,
    /// Whether the name of a failed release may be used again.
    pub replace: bool,
}

/// Upgrading.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UpgradePolicy {
    /// Per wait and per hook.
    pub timeout: Duration,
    /// What happens with the chart's `crds/`.
    pub crds: CrdPolicy,
    /// Whether objects created by a failed upgrade are deleted.
    pub cleanup_on_fail: bool,
    /// How many more attempts after the first that did not become healthy.
    pub retries: u32,
    /// What happens when they are used up.
    pub on_failure: UpgradeFailure,
}

/// Rolling back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RollbackPolicy {
    /// Per wait and per hook.
    pub timeout: Duration,
    /// Whether objects created by a failed rollback are deleted.
    pub cleanup_on_fail: bool,
    /// What counts as ready after a rollback.
    pub wait: WaitPolicy,
}

/// Uninstalling.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UninstallPolicy {
    /// Per wait and per hook.
    pub timeout: Duration,
    /// Whether the revisions stay.
    pub keep_history: bool,
    /// What happens with dependents of deleted objects.
    pub propagation: Propagation,
    /// Whether deleting the custom resource uninstalls the release.
    pub on_delete: OnDelete,
}

/// Testing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TestPolicy {
    /// Whether tests are a gate.
    pub when: TestWhen,
    /// Names of the tests that run, or with `!` before them of those that do not; empty runs all.
    pub filters: Vec<String>,
    /// Whether a failed test fails the release.
    pub on_failure: TestFailure,
    /// Per test.
    pub timeout: Duration,
}

/// What counts as ready.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WaitPolicy {
    /// What is waited for.
    pub target: WaitFor,
    /// Whether jobs of the manifest must complete.
    pub jobs: bool,
    /// How long everything must stay ready.
    pub stable_for: Option<Duration>,
    /// After how long without any step towards ready the wait fails early.
    pub no_progress: Option<Duration>,
    /// Objects that may stay as they are.
    pub optional: Arc<[Selector]>,
}

/// How objects are written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApplyPolicy {
    /// Server-side or client-side.
    pub method: MethodPolicy,
    /// What happens when somebody else owns a field.
    pub conflicts: Conflicts,
    /// Whether objects are replaced instead of patched; client-side only.
    pub replace: Replace,
    /// Whether objects without our ownership metadata may be taken.
    pub ownership: Ownership,
}

/// What happens with the chart's `crds/`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CrdPolicy {
    /// Missing ones are created.
    Create,
    /// Missing ones are created, existing ones updated.
    CreateReplace,
    /// Nothing.
    Skip,
}

/// What happens when the attempts to install are used up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum InstallFailure {
    /// The failed release stays for inspection.
    Retain,
    /// It is uninstalled.
    Uninstall,
}

/// What happens when the attempts to upgrade are used up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum UpgradeFailure {
    /// Back to the last good revision.
    Rollback,
    /// The release is uninstalled.
    Uninstall,
    /// The failed revision stays.
    Retain,
}

/// What happens with dependents of deleted objects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Propagation {
    /// Deleted after it.
    Background,
    /// Deleted before it.
    Foreground,
    /// Left alone.
    Orphan,
}

/// What deleting the custom resource does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OnDelete {
    /// Uninstalls the release.
    Uninstall,
    /// Leaves it to whoever has helm.
    Orphan,
}

/// Whether tests are a gate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TestWhen {
    /// Tests run only on request.
    Never,
    /// Tests run after every install and upgrade.
    AfterRelease,
}

/// What a failed test does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TestFailure {
    /// Fails the release.
    Fail,
    /// Is only told.
    Ignore,
}

/// What is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum WaitFor {
    /// Objects and hooks.
    Ready,
    /// Hooks.
    HooksOnly,
    /// Nothing: hooks count as done once they are created.
    Nothing,
}

/// Server-side or client-side.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MethodPolicy {
    /// Installs server-side; upgrades as the last revision, rollbacks as their target.
    Auto,
    /// Server-side apply.
    ServerSide,
    /// Three-way merge by the client.
    ClientSide,
}

/// What happens when somebody else owns a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Conflicts {
    /// The write fails.
    Fail,
    /// The field is taken, except replicas owned through the scale subresource.
    Force,
}

/// Whether objects are replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Replace {
    /// Patched.
    Never,
    /// Replaced.
    Always,
}

/// Whether objects without our ownership metadata may be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Ownership {
    /// Refused, as Helm does.
    Strict,
    /// Taken.
    Take,
}

/// Whether hooks run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum HooksPolicy {
    /// They do.
    Run,
    /// They do not; `crds/` still count.
    Skip,
}

/// Whether the API server validates what is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Validation {
    /// Unknown fields are refused.
    Enforce,
    /// Unknown fields are dropped.
    Skip,
}

/// What to do about live objects that differ from the manifest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DriftPolicy {
    /// Nothing.
    Ignore,
    /// It is told.
    Warn,
    /// The manifest is applied again.
    Correct,
}

/// What to do about revisions made by somebody else. Equal inputs are adopted under every policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ForeignPolicy {
    /// Leave it and say so.
    Hold,
    /// Upgrade to what the resource says.
    Revert,
    /// Accept it until the inputs of the resource change.
    Adopt,
}

/// What to do when name, namespace or chart of the release changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TargetChangePolicy {
    /// Nothing is destroyed; the change is refused.
    Refuse,
    /// The old release is uninstalled first.
    Replace,
}

impl Default for WaitPolicy {
    fn default() -> Self {
        Self {
            target: WaitFor::Ready,
            jobs: true,
            stable_for: None,
            no_progress: None,
            optional: Arc::from([]),
        }
    }
}

impl Default for Policy {
    /// The defaults of the custom resource.
    fn default() -> Self {
        const TIMEOUT: Duration = Duration::from_mins(5);
        Self {
            install: InstallPolicy {
                timeout: TIMEOUT,
                crds: CrdPolicy::Create,
                retries: 3,
                on_failure: InstallFailure::Retain,
                replace: false,
            },
            upgrade: UpgradePolicy {
                timeout: TIMEOUT,
                crds: CrdPolicy::Skip,
                cleanup_on_fail: false,
                retries: 0,
                on_failure: UpgradeFailure::Rollback,
            },
            rollback: RollbackPolicy {
                timeout: TIMEOUT,
                cleanup_on_fail: false,
                wait: WaitPolicy::default(),
            },
            uninstall: UninstallPolicy {
                timeout: TIMEOUT,
                keep_history: false,
                propagation: Propagation::Background,
                on_delete: OnDelete::Uninstall,
            },
            test: TestPolicy {
                when: TestWhen::Never,
                filters: Vec::new(),
                on_failure: TestFailure::Fail,
                timeout: TIMEOUT,
            },
            wait: WaitPolicy::default(),
            apply: ApplyPolicy {
                method: MethodPolicy::Auto,
                conflicts: Conflicts::Force,
                replace: Replace::Never,
                ownership: Ownership::Strict,
            },
            hooks: HooksPolicy::Run,
            validation: Validation::Enforce,
            create_namespace: false,
            history_max: 10,
            drift: DriftPolicy::Warn,
            drift_ignore: Arc::from([]),
            foreign: ForeignPolicy::Hold,
            target_change: TargetChangePolicy::Refuse,
            deadline: None,
            description: None,
            labels: BTreeMap::new(),
        }
    }
}
