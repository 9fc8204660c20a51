//! The one list of reasons. A category is the reason of a condition, the reason of an event and the label of a
//! metric; its name is part of the user's API and never changes.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What a failure calls for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ErrorClass {
    /// Trying again cannot help until something is changed by hand: stalled at once.
    Permanent,
    /// The cluster or the network is not itself: tried again with backoff, not counted.
    Transient,
    /// The release did not become healthy: counted against the retries.
    Unhealthy,
}

macro_rules! categories {
    ($($(#[doc = $doc:literal])+ $name:ident,)+) => {
        /// A stable reason.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum Category {
            $($(#[doc = $doc])+ $name,)+
        }

        impl Category {
            /// Every category, in the order of this file.
            pub const ALL: &[Self] = &[$(Self::$name,)+];

            /// The reason as it is written into conditions, events and metrics.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => stringify!($name),)+
                }
            }

            /// What the category means, for the reference documentation.
            pub const fn describe(self) -> &'static str {
                match self {
                    $(Self::$name => concat!($($doc,)+).trim_ascii_start(),)+
                }
            }
        }
    };
}

categories! {
    /// The chart is not in its repository.
    ChartNotFound,
    /// No version of the chart answers to the range.
    VersionNotFound,
    /// The repository or registry does not answer.
    RepositoryUnreachable,
    /// The index of the repository cannot be read.
    IndexInvalid,
    /// The repository or registry refuses the credentials.
    CredentialsRejected,
    /// The archive is not a chart.
    ChartInvalid,
    /// The archive is not the one whose digest was asked for.
    DigestMismatch,
    /// The signature of the chart does not verify.
    VerificationFailed,
    /// A `ConfigMap`, `Secret` or key that values come from is missing.
    ValuesFromMissing,
    /// The values cannot be read or merged.
    InvalidValues,
    /// The values do not satisfy the schema of the chart.
    SchemaViolation,
    /// A template failed.
    TemplateError,
    /// Rendering hit a limit.
    LimitExceeded,
    /// The rendered text is not a list of objects.
    ManifestInvalid,
    /// The object asks for something contradictory.
    SpecInvalid,
    /// The object asks for something that this version cannot do.
    NotSupported,
    /// Release name, namespace or chart name changed, which would destroy the running release.
    TargetChanged,
    /// Another release that this one depends on is not ready.
    DependencyNotReady,
    /// Releases depend on each other in a circle.
    DependencyCycle,
    /// The API server refused an object.
    ApplyRefused,
    /// Another field manager owns a field and may not be overruled.
    ApplyConflict,
    /// An object exists that belongs to somebody else.
    OwnershipConflict,
    /// The API server does not know the kind of an object.
    KindUnknown,
    /// The identity in use may not do what is needed.
    Forbidden,
    /// A quota leaves no room.
    QuotaExceeded,
    /// An admission webhook does not answer.
    WebhookUnavailable,
    /// The cluster does not answer.
    ClusterUnreachable,
    /// The release record does not fit into a Secret.
    RecordTooLarge,
    /// A release record cannot be read.
    RecordCorrupt,
    /// The objects did not become ready, or a hook did not end, in time.
    Timeout,
    /// The objects stopped coming nearer to ready.
    NoProgress,
    /// An image cannot be pulled.
    ImagePullFailed,
    /// A container crashes again and again.
    CrashLoop,
    /// A container was killed because it used too much memory.
    OutOfMemory,
    /// A pod finds no node.
    Unschedulable,
    /// A container cannot be made from its specification.
    ContainerConfigError,
    /// A probe of a container fails.
    ProbeFailed,
    /// A volume claim finds no volume.
    VolumeNotBound,
    /// A job failed.
    JobFailed,
    /// An object says of itself that it failed.
    ObjectFailed,
    /// A hook failed.
    HookFailed,
    /// A test failed.
    TestFailed,
    /// The release was rolled back and waits for new inputs.
    RolledBack,
    /// The release was rolled back, but live objects differ from the target.
    RollbackIncomplete,
    /// The rollback itself failed.
    RollbackFailed,
    /// The upgrade failed and no good revision exists.
    NothingToRollBackTo,
    /// A requested revision does not exist.
    RevisionNotFound,
    /// The failed release was uninstalled, as asked.
    UninstalledAfterFailure,
    /// The release could not be uninstalled.
    UninstallFailed,
    /// The release was made or changed by somebody else.
    ForeignRelease,
    /// Somebody else's helm is at work on the release.
    PendingElsewhere,
    /// A pending revision was given up because its inputs are no longer wanted.
    Superseded,
    /// A pending revision was given up because nobody worked on it for too long.
    Abandoned,
    /// Reconciliation is suspended.
    Suspended,
    /// A failed attempt will be made again.
    Retrying,
    /// Something is under way.
    Progressing,
    /// Live objects differ from the manifest.
    Drifted,
    /// The tests have not run yet.
    Untested,
    /// The tests passed.
    TestsPassed,
    /// The release was installed and is healthy.
    InstallSucceeded,
    /// The release was upgraded and is healthy.
    UpgradeSucceeded,
    /// The release was rolled back as asked.
    RollbackSucceeded,
    /// The release exists, is what was asked for and is healthy.
    InSync,
    /// The release is gone.
    Uninstalled,
}

impl Category {
    /// What a failure of this category calls for when its performer knows nothing better.
    pub const fn default_class(self) -> ErrorClass {
        match self {
            Self::RepositoryUnreachable
            | Self::ClusterUnreachable
            | Self::WebhookUnavailable
            | Self::DependencyNotReady
            | Self::ValuesFromMissing => ErrorClass::Transient,
            Self::Timeout
            | Self::NoProgress
            | Self::ImagePullFailed
            | Self::CrashLoop
            | Self::OutOfMemory
            | Self::Unschedulable
            | Self::ContainerConfigError
            | Self::ProbeFailed
            | Self::VolumeNotBound
            | Self::JobFailed
            | Self::ObjectFailed
            | Self::HookFailed
            | Self::TestFailed
            | Self::QuotaExceeded
            | Self::Abandoned
            | Self::Superseded => ErrorClass::Unhealthy,
            Self::ChartNotFound
            | Self::VersionNotFound
            | Self::IndexInvalid
            | Self::CredentialsRejected
            | Self::ChartInvalid
            | Self::DigestMismatch
            | Self::VerificationFailed
            | Self::InvalidValues
            | Self::SchemaViolation
            | Self::TemplateError
            | Self::LimitExceeded
            | Self::ManifestInvalid
            | Self::SpecInvalid
            | Self::NotSupported
            | Self::TargetChanged
            | Self::DependencyCycle
            | Self::ApplyRefused
            | Self::ApplyConflict
            | Self::OwnershipConflict
            | Self::KindUnknown
            | Self::Forbidden
            | Self::RecordTooLarge
            | Self::RecordCorrupt
            | Self::RolledBack
            | Self::RollbackIncomplete
            | Self::RollbackFailed
            | Self::NothingToRollBackTo
            | Self::RevisionNotFound
            | Self::UninstalledAfterFailure
            | Self::UninstallFailed
            | Self::ForeignRelease
            | Self::PendingElsewhere
            | Self::Suspended
            | Self::Retrying
            | Self::Progressing
            | Self::Drifted
            | Self::Untested
            | Self::TestsPassed
            | Self::InstallSucceeded
            | Self::UpgradeSucceeded
            | Self::RollbackSucceeded
            | Self::InSync
            | Self::Uninstalled => ErrorClass::Permanent,
        }
    }
}

impl fmt::Display for Category {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_reason_is_a_distinct_word_in_pascal_case_with_a_meaning() {
        let words: BTreeSet<&str> = Category::ALL.iter().map(|category| category.as_str()).collect();
        assert_eq!(words.len(), Category::ALL.len());
        for category in Category::ALL {
            let word = category.as_str();
            assert!(
                word.starts_with(|first: char| first.is_ascii_uppercase()),
                "{word}"
            );
            assert!(
                word.chars().all(|character| character.is_ascii_alphabetic()),
                "{word}"
            );
            assert!(category.describe().ends_with('.'), "{word}");
        }
    }
}
