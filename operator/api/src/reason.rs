//! Reasons: one word for the cause of a condition, an event and a metric label alike.
//!
//! The set is closed and append-only: alerts and scripts match on these words. Errors of other
//! crates have a `category()`; the controller maps it to one of these, and nothing else invents
//! reasons.

use std::{borrow::Cow, fmt, str::FromStr};

/// Declares [`Reason`] from its documented names, so that name, text and description can't differ.
macro_rules! reasons {
    ($($(#[doc = $doc:literal])+ $name:ident,)+) => {
        /// Cause of a condition.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Reason {
            $($(#[doc = $doc])+ $name,)+
        }

        impl Reason {
            /// Every reason, in the order of the reference page.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// The word on the wire.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => stringify!($name),)+
                }
            }

            /// What it means, one sentence for the reference page.
            pub const fn description(self) -> &'static str {
                match self {
                    $(Self::$name => concat!($($doc),+),)+
                }
            }
        }
    };
}

reasons! {
    // Under way: Ready=Unknown, Reconciling=True.
    /// A new generation was seen; nothing was done yet.
    NewGeneration,
    /// The chart is fetched and verified.
    Resolving,
    /// An install runs.
    Installing,
    /// An upgrade runs.
    Upgrading,
    /// A rollback runs.
    RollingBack,
    /// An uninstall runs.
    Uninstalling,
    /// Tests run.
    Testing,
    /// A release is taken over.
    Adopting,
    /// A revision that was left pending is closed.
    Unlocking,
    /// Drift is corrected.
    CorrectingDrift,
    /// The last try failed; another one follows.
    Retrying,
    /// A newer generation or request took the place of a running operation.
    Superseded,

    // Good ends.
    /// The wanted revision is deployed and proven.
    Deployed,
    /// An install succeeded.
    InstallSucceeded,
    /// An upgrade succeeded.
    UpgradeSucceeded,
    /// A rollback succeeded.
    RollbackSucceeded,
    /// An uninstall succeeded.
    UninstallSucceeded,
    /// Tests succeeded.
    TestSucceeded,
    /// The chart was found, and verified where that is asked for.
    ChartResolved,
    /// Drift was corrected.
    DriftCorrected,
    /// No drift was found.
    NoDrift,

    // Waiting for others.
    /// Another HelmRelease that this one depends on is not ready.
    DependencyNotReady,
    /// HelmReleases depend on each other in a circle.
    DependencyCycle,
    /// Reconciliation is suspended by the spec.
    Suspended,
    /// A pending revision belongs to somebody's helm and is waited for.
    PendingElsewhere,
    /// Somebody changed the release with helm, and the policy is to hold.
    ForeignChange,
    /// Live objects differ from the manifest.
    DriftDetected,

    // Permanent: something must change before a new try makes sense.
    /// The spec asks for something impossible that the schema could not refuse.
    InvalidSpec,
    /// The spec asks for something that this version does not do yet.
    Unsupported,
    /// A request annotation can't be read or can't be fulfilled.
    InvalidRequest,
    /// Release name, namespace or chart name changed, and the policy is to refuse that.
    TargetChanged,
    /// The release name is in use by another HelmRelease or by a release that was not made here.
    NameInUse,
    /// The chart or the version does not exist.
    ChartNotFound,
    /// The chart archive is damaged or breaks a limit.
    ChartInvalid,
    /// The signature of the chart is not good.
    VerificationFailed,
    /// The digest of the chart is not the wanted one.
    DigestMismatch,
    /// The chart source refused the credentials.
    SourceForbidden,
    /// A values reference points to nothing.
    ValuesNotFound,
    /// Values can't be read or can't be merged.
    ValuesInvalid,
    /// Values break the schema of the chart.
    SchemaViolation,
    /// A template failed.
    RenderFailed,
    /// A post-render patch failed.
    PostRenderFailed,
    /// The chart does not support the version of the cluster.
    KubeVersionUnsupported,
    /// The API server refuses an object as invalid.
    ObjectInvalid,
    /// A kind of the chart is unknown to the API server.
    KindNotFound,
    /// The API server forbids an action.
    Forbidden,
    /// An immutable field would change.
    ImmutableField,
    /// A live object belongs to something else.
    OwnershipConflict,
    /// A field belongs to another manager.
    FieldConflict,
    /// The revision is too large for a Secret.
    ReleaseTooLarge,
    /// A stored revision can't be read.
    StorageCorrupt,
    /// There is no revision to go back to.
    NoRollbackTarget,

    // Transient: tried again with a growing pause, not counted.
    /// The chart source can't be reached or has a fault.
    SourceUnavailable,
    /// The API server can't be reached or has a fault.
    ClusterUnavailable,
    /// An admission webhook can't be reached or has a fault.
    WebhookUnavailable,
    /// Somebody else wrote at the same time.
    WriteConflict,

    // Unhealthy: counted against the retries.
    /// Objects were not ready in time.
    WaitTimeout,
    /// Objects came no nearer to ready for too long.
    NoProgress,
    /// An object failed for good while it was waited for.
    ObjectFailed,
    /// A hook failed.
    HookFailed,
    /// A test failed.
    TestFailed,
    /// The operation used up its deadline.
    DeadlineExceeded,

    // Bad ends.
    /// An install failed.
    InstallFailed,
    /// An upgrade failed.
    UpgradeFailed,
    /// A rollback failed.
    RollbackFailed,
    /// An uninstall failed.
    UninstallFailed,
    /// All retries are used up.
    RetriesExhausted,
    /// The last good revision was restored and is held until chart, values or spec change.
    RolledBack,
    /// A rollback ended, but live objects differ from its manifest.
    RollbackIncomplete,
    /// A failed install or upgrade was uninstalled.
    Uninstalled,
    /// A fault of the operator itself.
    InternalError,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl From<Reason> for Cow<'static, str> {
    fn from(reason: Reason) -> Self {
        Self::Borrowed(reason.as_str())
    }
}

/// The text is no [`Reason`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("parse reason: {0:?} is unknown")]
pub struct UnknownReason(String);

impl FromStr for Reason {
    type Err = UnknownReason;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .iter()
            .copied()
            .find(|reason| reason.as_str() == text)
            .ok_or_else(|| UnknownReason(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_is_its_own_word_and_reads_back() {
        for reason in Reason::ALL {
            assert_eq!(reason.as_str().parse::<Reason>().unwrap(), *reason);
            assert!(
                reason
                    .as_str()
                    .chars()
                    .all(|character| character.is_ascii_alphanumeric()),
                "{reason}"
            );
        }
        let error = "Gremlins".parse::<Reason>().unwrap_err();
        assert_eq!(error.to_string(), r#"parse reason: "Gremlins" is unknown"#);
    }

    #[test]
    fn descriptions_are_one_sentence() {
        for reason in Reason::ALL {
            let text = reason.description().trim();
            assert!(text.ends_with('.') && !text.contains('\n'), "{reason}: {text}");
        }
    }
}
