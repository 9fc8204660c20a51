//! Turns what went wrong inside into a [`SourceError`] that names the chart of the request.
//!
//! The inner errors are shared by everybody who waited for the same download, so that they cannot name it.

use std::sync::Arc;

use reqwest::StatusCode;

use crate::archive::{ArchiveError, ChartHead};
use crate::archives::FetchError;
use crate::digest::Digest;
use crate::error::{ChartLabel, DigestSource, ErrorClass, SourceError};
use crate::http::{self, HttpError};
use crate::index::{IndexEntry, IndexError};
use crate::oci::OciError;
use crate::repository::LookupError;
use crate::request::{ChartLocation, ChartRequest};

/// The request that is failing.
pub(super) struct Failing {
    chart: Arc<ChartLabel>,
    /// The repository, or where the archive came from.
    place: String,
}

impl Failing {
    pub(super) fn new(request: &ChartRequest) -> Self {
        let place = match &request.location {
            ChartLocation::Http { repository, .. } => {
                http::parse_url(repository).map_or_else(|_| "the".to_owned(), |url| http::shown(&url))
            }
            ChartLocation::Oci { repository, .. } => match repository.rsplit_once('@') {
                // User information does not belong there and may be a secret.
                Some((_, rest)) => format!("oci://{rest}"),
                None => repository.clone(),
            },
            ChartLocation::Packaged { place, .. } => place.clone(),
        };
        Self {
            chart: Arc::new(request.label()),
            place: place.trim_end_matches('/').to_owned(),
        }
    }

    /// The request cannot even be sent.
    pub(super) fn request(&self, error: &HttpError) -> SourceError {
        SourceError::InvalidRequest {
            chart: self.chart.clone(),
            cause: error.to_string(),
        }
    }

    /// There is no entry for the chart.
    pub(super) fn lookup(&self, error: LookupError) -> SourceError {
        let (chart, place) = (self.chart.clone(), self.place.clone());
        match error {
            LookupError::Index(IndexError::Http(error)) => match (&error, error.status()) {
                (HttpError::TooLarge { limit, .. }, _) => SourceError::TooLarge {
                    chart,
                    place,
                    limit: *limit,
                },
                (_, Some(StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN)) => SourceError::Unauthorized {
                    chart,
                    cause: error.to_string(),
                },
                _ => SourceError::RepositoryUnreachable {
                    chart,
                    place,
                    cause: error.to_string(),
                    class: error.class(),
                    retry_after: error.retry_after(),
                },
            },
            LookupError::Index(IndexError::TooLarge(limit)) => SourceError::TooLarge { chart, place, limit },
            LookupError::Index(
                error @ (IndexError::Empty | IndexError::NoApiVersion | IndexError::Syntax(_)),
            ) => SourceError::IndexInvalid {
                chart,
                place,
                cause: error.to_string(),
            },
            LookupError::NotFound(error) => SourceError::ChartNotFound {
                chart,
                place,
                cause: error.to_string(),
            },
            error @ (LookupError::NoUrl(_) | LookupError::Url(_)) => SourceError::IndexInvalid {
                chart,
                place,
                cause: error.to_string(),
            },
        }
    }

    /// The digest of an entry, if it has one.
    pub(super) fn index_digest(&self, entry: &IndexEntry) -> Result<Option<Digest>, SourceError> {
        let digest = entry.digest.as_deref().map(Digest::parse).transpose();
        digest.map_err(|error| SourceError::IndexInvalid {
            chart: self.chart.clone(),
            place: self.place.clone(),
            cause: format!("digest of version {}: {error}", entry.version.original()),
        })
    }

    /// A registry did not resolve or give something.
    pub(super) fn registry(&self, error: OciError) -> SourceError {
        let (chart, place) = (self.chart.clone(), self.place.clone());
        match error {
            OciError::Http(error) => self.download(&error),
            OciError::Reference(_) | OciError::VersionMismatch { .. } => SourceError::InvalidRequest {
                chart,
                cause: error.to_string(),
            },
            OciError::ReferenceDigestMismatch { actual, expected } => SourceError::DigestMismatch {
                chart,
                place,
                promised_by: DigestSource::Request,
                expected,
                actual,
            },
            OciError::Unauthorized(cause) => SourceError::Unauthorized { chart, cause },
            OciError::NotFound(_) | OciError::NoTags(_) | OciError::Version(_) | OciError::NoMatch { .. } => {
                SourceError::ChartNotFound {
                    chart,
                    place,
                    cause: error.to_string(),
                }
            }
            OciError::Manifest(cause) => SourceError::ManifestInvalid { chart, place, cause },
            OciError::Digest {
                promised_by,
                expected,
                actual,
            } => SourceError::DigestMismatch {
                chart,
                place,
                promised_by,
                expected,
                actual,
            },
            OciError::TooLarge(limit) => SourceError::TooLarge { chart, place, limit },
        }
    }

    /// The archive could not be had from `place`.
    pub(super) fn fetch(&self, place: &str, error: FetchError) -> SourceError {
        let (chart, place) = (self.chart.clone(), place.to_owned());
        match error {
            FetchError::Http(error) => self.download(&error),
            FetchError::Oci(error) => self.registry(error),
            FetchError::Mismatch {
                promised_by,
                expected,
                actual,
            } => SourceError::DigestMismatch {
                chart,
                place,
                promised_by,
                expected,
                actual,
            },
            FetchError::Archive(ArchiveError::TooLarge(limit)) => {
                SourceError::TooLarge { chart, place, limit }
            }
            FetchError::Archive(error @ (ArchiveError::NotGzip(_) | ArchiveError::Corrupt(_))) => {
                SourceError::ArchiveCorrupt {
                    chart,
                    place,
                    cause: error.to_string(),
                }
            }
            FetchError::Check(_) => SourceError::DownloadFailed {
                chart,
                cause: error.to_string(),
                class: ErrorClass::Transient,
                retry_after: None,
            },
        }
    }

    /// The provenance file could not be had.
    pub(super) fn provenance(&self, error: FetchError) -> SourceError {
        match error {
            FetchError::Http(error) if error.status() == Some(StatusCode::NOT_FOUND) => self.no_provenance(),
            error => self.fetch(&self.place, error),
        }
    }

    /// There is no provenance file.
    pub(super) fn no_provenance(&self) -> SourceError {
        SourceError::ChartNotFound {
            chart: self.chart.clone(),
            place: self.place.clone(),
            cause: "failed to fetch provenance: the chart has none".to_owned(),
        }
    }

    /// The request may insist on a digest.
    pub(super) fn check_request_digest(
        &self,
        wanted: Option<Digest>,
        actual: Digest,
        place: &str,
    ) -> Result<(), SourceError> {
        match wanted.filter(|wanted| *wanted != actual) {
            None => Ok(()),
            Some(expected) => Err(SourceError::DigestMismatch {
                chart: self.chart.clone(),
                place: place.to_owned(),
                promised_by: DigestSource::Request,
                expected,
                actual,
            }),
        }
    }

    /// Name and version of an archive that was given, which must be the wanted ones.
    pub(super) fn packaged(
        &self,
        head: ChartHead,
        wanted: Option<&str>,
    ) -> Result<(String, String), SourceError> {
        let corrupt = |cause: &str| SourceError::ArchiveCorrupt {
            chart: self.chart.clone(),
            place: self.place.clone(),
            cause: cause.to_owned(),
        };
        let name = head
            .name
            .ok_or_else(|| corrupt("Chart.yaml file is missing, or has no name"))?;
        let version = head.version.ok_or_else(|| corrupt("Chart.yaml has no version"))?;
        match wanted.filter(|wanted| *wanted != name) {
            None => Ok((name, version)),
            Some(_) => Err(SourceError::ChartNotFound {
                chart: self.chart.clone(),
                place: self.place.clone(),
                cause: format!("the archive has chart {name:?}"),
            }),
        }
    }

    fn download(&self, error: &HttpError) -> SourceError {
        let chart = self.chart.clone();
        match (error, error.status()) {
            (HttpError::Tls(_) | HttpError::Url { .. } | HttpError::Scheme { .. }, _) => self.request(error),
            (HttpError::TooLarge { url, limit }, _) => SourceError::TooLarge {
                chart,
                place: url.clone(),
                limit: *limit,
            },
            (_, Some(StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN)) => SourceError::Unauthorized {
                chart,
                cause: error.to_string(),
            },
            _ => SourceError::DownloadFailed {
                chart,
                cause: error.to_string(),
                class: error.class(),
                retry_after: error.retry_after(),
            },
        }
    }
}
