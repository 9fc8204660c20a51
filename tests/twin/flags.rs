//! A flag of `helm` and the field of a `HelmRelease` that answers it: the table that the twins share.

use integration_tests::Release;
use serde_json::json;

use crate::story::Referee;

/// One flag, in the words of Helm 4.
#[derive(Clone, Debug)]
#[allow(
    dead_code,
    reason = "a table of all flags, whether a story uses each of them today or not"
)]
pub(crate) enum Flag {
    /// `--wait`
    Wait,
    /// `--wait-for-jobs`
    WaitForJobs,
    /// `--timeout`
    Timeout(&'static str),
    /// `--rollback-on-failure` (`--atomic`), which waits
    RollbackOnFailure,
    /// `--cleanup-on-fail`
    CleanupOnFail,
    /// `--history-max`
    HistoryMax(u32),
    /// `--no-hooks`
    NoHooks,
    /// `--skip-crds`
    SkipCrds,
    /// What an install of Helm 4 does with CRDs that exist
    ReplaceCrds,
    /// `--skip-schema-validation`
    SkipSchemaValidation,
    /// `--disable-openapi-validation`
    DisableOpenApiValidation,
    /// `--description`
    Description(&'static str),
    /// `--labels key=value`
    Label(&'static str, &'static str),
    /// `--render-subchart-notes`
    SubNotes,
    /// `--take-ownership`
    TakeOwnership,
    /// `--force-conflicts`
    ForceConflicts,
    /// `--server-side=false`; what Helm 3 always does
    ClientSide,
    /// `--server-side=true`
    ServerSide,
    /// `--force-replace` (`--force`)
    ForceReplace,
    /// `--reuse-values`
    ReuseValues,
    /// `--reset-then-reuse-values`
    ResetThenReuseValues,
    /// `--replace`
    Replace,
    /// `--keep-history`
    KeepHistory,
    /// `--cascade foreground`
    Foreground,
    /// `--cascade orphan`
    OrphanDependents,
    /// The flags that answer what a `HelmRelease` does when nothing is said, but for retries
    OurDefaults,
    /// `--filter name=…`
    Filter(&'static str),
}

/// What a flag is given to, where that matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    Install,
    Other,
}

impl Flag {
    /// Its command line.
    pub(crate) fn arguments(&self, referee: Referee, action: Action) -> Vec<String> {
        let name = |four: &str, three: &str| match referee {
            Referee::Helm4 => four.to_owned(),
            Referee::Helm3 => three.to_owned(),
        };
        let one = |text: &str| vec![text.to_owned()];
        let two = |flag: &str, value: &str| vec![flag.to_owned(), value.to_owned()];
        match self {
            Self::Wait => one("--wait"),
            Self::WaitForJobs => one("--wait-for-jobs"),
            Self::Timeout(time) => two("--timeout", time),
            Self::RollbackOnFailure => vec![name("--rollback-on-failure", "--atomic")],
            Self::CleanupOnFail => one("--cleanup-on-fail"),
            Self::HistoryMax(max) => two("--history-max", &max.to_string()),
            Self::NoHooks => one("--no-hooks"),
            Self::SkipCrds => one("--skip-crds"),
            Self::ReplaceCrds => vec![],
            Self::SkipSchemaValidation => one("--skip-schema-validation"),
            Self::DisableOpenApiValidation => one("--disable-openapi-validation"),
            Self::Description(text) => two("--description", text),
            Self::Label(key, value) => two("--labels", &format!("{key}={value}")),
            Self::SubNotes => one("--render-subchart-notes"),
            Self::TakeOwnership => one("--take-ownership"),
            Self::ForceConflicts => one("--force-conflicts"),
            Self::ClientSide => match referee {
                Referee::Helm4 => one("--server-side=false"),
                Referee::Helm3 => vec![],
            },
            Self::ServerSide => one("--server-side=true"),
            Self::ForceReplace => vec![name("--force-replace", "--force")],
            Self::ReuseValues => one("--reuse-values"),
            Self::ResetThenReuseValues => one("--reset-then-reuse-values"),
            Self::Replace => one("--replace"),
            Self::KeepHistory => one("--keep-history"),
            Self::Foreground => two("--cascade", "foreground"),
            Self::OrphanDependents => two("--cascade", "orphan"),
            Self::OurDefaults => match action {
                Action::Install => ["--wait", "--wait-for-jobs"].map(str::to_owned).to_vec(),
                Action::Other => ["--wait-for-jobs", "--rollback-on-failure", "--force-conflicts"]
                    .map(str::to_owned)
                    .to_vec(),
            },
            Self::Filter(filter) => two("--filter", filter),
        }
    }

    /// Its fields.
    pub(crate) fn set(&self, release: Release, action: Action) -> Release {
        match self {
            Self::Wait => release.set("/wait/for", "Ready"),
            Self::WaitForJobs => release.set("/wait/jobs", true),
            Self::Timeout(time) => release
                .set("/timeout", *time)
                .set("/uninstall/timeout", *time)
                .set("/test/timeout", *time),
            Self::RollbackOnFailure => match action {
                Action::Install => release
                    .set("/wait/for", "Ready")
                    .set("/install/onFailure", "Uninstall"),
                Action::Other => release
                    .set("/wait/for", "Ready")
                    .set("/upgrade/onFailure", "Rollback"),
            },
            Self::CleanupOnFail => release
                .set("/upgrade/cleanupOnFail", true)
                .set("/rollback/cleanupOnFail", true),
            Self::HistoryMax(max) => release.set("/history/max", *max),
            Self::NoHooks => release.set("/hooks", "Skip"),
            Self::SkipCrds => release.set("/install/crds", "Skip"),
            Self::ReplaceCrds => release.set("/install/crds", "CreateReplace"),
            Self::SkipSchemaValidation => release.set("/schemaValidation", "Skip"),
            Self::DisableOpenApiValidation => release.set("/openAPIValidation", "Skip"),
            Self::Description(text) => release.set("/description", *text),
            Self::Label(key, value) => release.set(&format!("/labels/{key}"), *value),
            Self::SubNotes => release.set("/subNotes", true),
            Self::TakeOwnership => release.set("/apply/ownership", "Take"),
            Self::ForceConflicts => release.set("/apply/conflicts", "Force"),
            Self::ClientSide => release.set("/apply/method", "ClientSide"),
            Self::ServerSide => release.set("/apply/method", "ServerSide"),
            Self::ForceReplace => release.set("/apply/replace", "Always"),
            Self::ReuseValues => release.set("/valuesPolicy", "Reuse"),
            Self::ResetThenReuseValues => release.set("/valuesPolicy", "ResetThenReuse"),
            Self::Replace => release.set("/install/replace", true),
            Self::KeepHistory => release.set("/uninstall/keepHistory", true),
            Self::Foreground => release.set("/uninstall/propagation", "Foreground"),
            Self::OrphanDependents => release.set("/uninstall/propagation", "Orphan"),
            Self::OurDefaults => {
                let install = json!({"retries": 0});
                let release = release.set("/wait", json!({})).set("/apply", json!({}));
                release.set("/upgrade", json!({})).set("/install", install)
            }
            Self::Filter(filter) => release.set("/test/filters", json!([filter])),
        }
    }
}
