//! Why a chart could not be had: what failed, for which chart, where, and whether trying again can help.
//!
//! The modules below have small errors of their own; this one is what leaves the crate. Messages use Helm's words
//! where Helm has some, name chart, version and place, and never hold credentials: URLs are shown without user
//! information and query.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::digest::Digest;

/// Whether the same request may succeed without anybody changing something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorClass {
    /// It fails until the request, the credentials or the content of the repository change.
    Permanent,
    /// Network trouble or an overloaded server: try again later.
    Transient,
}

/// The chart of a request, as error messages name it: `chart "podinfo" version ">=6"`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChartLabel {
    /// Name of the chart.
    pub name: String,
    /// Version or range that was asked for.
    pub version: Option<String>,
}

impl fmt::Display for ChartLabel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "chart {:?}", self.name)?;
        match &self.version {
            Some(version) => write!(f, " version {version:?}"),
            None => Ok(()),
        }
    }
}

/// Why a chart could not be resolved or fetched.
///
/// Cheap to clone: callers who waited for the same download share its outcome.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SourceError {
    /// The request itself makes no sense: a URL, reference, certificate or credential that cannot be read.
    #[error("{chart}: {cause}")]
    InvalidRequest {
        /// The chart that was wanted.
        chart: Arc<ChartLabel>,
        /// What cannot be read.
        cause: String,
    },
    /// The repository has no such chart, or no version in the range.
    #[error("{chart} not found in {place} repository: {cause}")]
    ChartNotFound {
        /// The chart that was wanted.
        chart: Arc<ChartLabel>,
        /// The repository.
        place: String,
        /// What exactly is missing.
        cause: String,
    },
    /// The index was not served: no connection, a timeout, or a status other than 200.
    #[error("{chart}: looks like {place:?} is not a valid chart repository or cannot be reached: {cause}")]
    RepositoryUnreachable {
        /// The chart that was wanted.
        chart: Arc<ChartLabel>,
        /// The repository.
        place: String,
        /// What happened.
        cause: String,
        /// Whether it may pass.
        class: ErrorClass,
        /// When the server wants to be asked again (`Retry-After`).
        retry_after: Option<Duration>,
    },
    /// The index was served, but cannot be used.
    #[error("{chart}: looks like {place:?} is not a valid chart repository or cannot be reached: {cause}")]
    IndexInvalid {
        /// The chart that was wanted.
        chart: Arc<ChartLabel>,
        /// The repository.
        place: String,
        /// What is wrong with the index.
        cause: String,
    },
    /// The chart is in the index or the registry, but could not be downloaded.
    #[error("{chart}: {cause}")]
    DownloadFailed {
        /// The chart that was wanted.
        chart: Arc<ChartLabel>,
        /// What happened, with the URL.
        cause: String,
        /// Whether it may pass.
        class: ErrorClass,
        /// When the server wants to be asked again (`Retry-After`).
        retry_after: Option<Duration>,
    },
    /// The server wants other credentials, or denies these.
    #[error("{chart}: {cause}")]
    Unauthorized {
        /// The chart that was wanted.
        chart: Arc<ChartLabel>,
        /// What the server answered, with the URL.
        cause: String,
    },
    /// The registry has something under that name which is not a Helm chart.
    #[error("{chart} in {place}: {cause}")]
    ManifestInvalid {
        /// The chart that was wanted.
        chart: Arc<ChartLabel>,
        /// The reference.
        place: String,
        /// What is wrong with the manifest.
        cause: String,
    },
    /// The downloaded bytes are not a whole chart archive.
    #[error("{chart} from {place}: {cause}")]
    ArchiveCorrupt {
        /// The chart that was wanted.
        chart: Arc<ChartLabel>,
        /// Where the archive came from.
        place: String,
        /// What is wrong with the archive.
        cause: String,
    },
    /// The content is not the one that the index, the manifest or the request promises.
    #[error("{chart} from {place}: digest mismatch: {promised_by} says {expected}, got {actual}")]
    DigestMismatch {
        /// The chart that was wanted.
        chart: Arc<ChartLabel>,
        /// Where the content came from.
        place: String,
        /// Who promised the digest.
        promised_by: DigestSource,
        /// The digest that was promised.
        expected: Digest,
        /// The digest of the content.
        actual: Digest,
    },
    /// The content is larger than the operator is willing to hold.
    #[error("{chart} from {place}: larger than the maximum size {limit}")]
    TooLarge {
        /// The chart that was wanted.
        chart: Arc<ChartLabel>,
        /// Where the content came from.
        place: String,
        /// The limit in bytes.
        limit: u64,
    },
}

/// Who promised a digest that the content does not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DigestSource {
    /// `digest` of the request.
    Request,
    /// The entry in `index.yaml`.
    Index,
    /// The manifest in the registry.
    Manifest,
    /// The registry, in a header.
    Registry,
}

impl fmt::Display for DigestSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Request => "the requested digest",
            Self::Index => "the index",
            Self::Manifest => "the manifest",
            Self::Registry => "the registry",
        })
    }
}

impl SourceError {
    /// Whether trying the same again can help.
    pub fn class(&self) -> ErrorClass {
        match self {
            Self::RepositoryUnreachable { class, .. } | Self::DownloadFailed { class, .. } => *class,
            Self::InvalidRequest { .. }
            | Self::ChartNotFound { .. }
            | Self::IndexInvalid { .. }
            | Self::Unauthorized { .. }
            | Self::ManifestInvalid { .. }
            | Self::ArchiveCorrupt { .. }
            | Self::DigestMismatch { .. }
            | Self::TooLarge { .. } => ErrorClass::Permanent,
        }
    }

    /// Stable PascalCase word for condition reasons, events and metric labels.
    pub fn category(&self) -> &'static str {
        match self {
            Self::InvalidRequest { .. } => "InvalidRequest",
            Self::ChartNotFound { .. } => "ChartNotFound",
            Self::RepositoryUnreachable { .. } => "RepositoryUnreachable",
            Self::IndexInvalid { .. } => "IndexInvalid",
            Self::DownloadFailed { .. } => "DownloadFailed",
            Self::Unauthorized { .. } => "Unauthorized",
            Self::ManifestInvalid { .. } => "ManifestInvalid",
            Self::ArchiveCorrupt { .. } => "ArchiveCorrupt",
            Self::DigestMismatch { .. } => "DigestMismatch",
            Self::TooLarge { .. } => "TooLarge",
        }
    }

    /// How long the server asked us to wait, when it did.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::RepositoryUnreachable { retry_after, .. } | Self::DownloadFailed { retry_after, .. } => {
                *retry_after
            }
            Self::InvalidRequest { .. }
            | Self::ChartNotFound { .. }
            | Self::IndexInvalid { .. }
            | Self::Unauthorized { .. }
            | Self::ManifestInvalid { .. }
            | Self::ArchiveCorrupt { .. }
            | Self::DigestMismatch { .. }
            | Self::TooLarge { .. } => None,
        }
    }
}
