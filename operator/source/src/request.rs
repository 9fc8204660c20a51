//! What is asked for and what comes back: request, resolution, fetched chart.

use std::fmt;
use std::sync::Arc;

use crate::credentials::{CredentialScope, Credentials};
use crate::digest::Digest;
use crate::error::ChartLabel;

/// A chart that somebody wants, with everything needed to get it.
#[derive(Debug, Clone)]
pub struct ChartRequest {
    /// Where the chart is.
    pub location: ChartLocation,
    /// Exact version or Masterminds range; `None` or empty is the newest version that is no pre-release.
    pub version: Option<String>,
    /// The digest that the content must have: of the archive, or of the manifest when the chart is in a registry.
    pub digest: Option<Digest>,
    /// How to log in.
    pub credentials: Option<Credentials>,
    /// Who may see the credentials.
    pub credential_scope: CredentialScope,
    /// How the server is verified, and how we prove who we are.
    pub tls: TlsOptions,
    /// How to talk to an OCI registry. The URL of an HTTP repository says it itself.
    pub transport: RegistryTransport,
    /// How old an answer may be.
    pub freshness: Freshness,
}

impl ChartRequest {
    /// A request for the newest version, without credentials.
    pub fn new(location: ChartLocation) -> Self {
        Self {
            location,
            version: None,
            digest: None,
            credentials: None,
            credential_scope: CredentialScope::default(),
            tls: TlsOptions::default(),
            transport: RegistryTransport::default(),
            freshness: Freshness::default(),
        }
    }

    /// The same request for this version or range.
    #[must_use]
    pub fn version(mut self, version: &str) -> Self {
        self.version = Some(version.to_owned());
        self
    }

    /// The version that was asked for; an empty text is none.
    pub(crate) fn wanted_version(&self) -> Option<&str> {
        self.version.as_deref().filter(|version| !version.is_empty())
    }

    /// Whether credentials may be sent to servers that a repository only points to. Logins by registry say themselves
    /// whom they are for.
    pub(crate) fn may_go_anywhere(&self) -> bool {
        self.credential_scope == CredentialScope::AllHosts
            || matches!(self.credentials, Some(Credentials::DockerConfig(_)))
    }

    pub(crate) fn label(&self) -> ChartLabel {
        ChartLabel {
            name: self.location.name().to_owned(),
            version: self.wanted_version().map(str::to_owned),
        }
    }
}

/// Where a chart is.
#[derive(Clone)]
pub enum ChartLocation {
    /// In a repository with an `index.yaml`.
    Http {
        /// URL of the repository, `http` or `https`.
        repository: String,
        /// Name of the chart in the index.
        name: String,
    },
    /// In an OCI registry.
    Oci {
        /// `oci://host/path` of the folder that holds the chart.
        repository: String,
        /// The last part of the reference.
        name: String,
    },
    /// An archive that is here already, for example from a ConfigMap.
    Packaged {
        /// Where it came from, for messages: `ConfigMap apps/charts, key web.tgz`.
        place: String,
        /// The archive.
        archive: Arc<[u8]>,
        /// The name that `Chart.yaml` must have, when it matters.
        name: Option<String>,
    },
}

impl ChartLocation {
    /// A chart in a repository, whose URL says of which kind it is.
    pub fn in_repository(url: &str, name: &str) -> Self {
        let (repository, name) = (url.to_owned(), name.to_owned());
        if url.starts_with("oci://") {
            Self::Oci { repository, name }
        } else {
            Self::Http { repository, name }
        }
    }

    fn name(&self) -> &str {
        match self {
            Self::Http { name, .. } | Self::Oci { name, .. } => name,
            Self::Packaged { place, name, .. } => name.as_ref().unwrap_or(place),
        }
    }
}

impl fmt::Debug for ChartLocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Http { repository, name } => f
                .debug_struct("Http")
                .field("repository", repository)
                .field("name", name)
                .finish(),
            Self::Oci { repository, name } => f
                .debug_struct("Oci")
                .field("repository", repository)
                .field("name", name)
                .finish(),
            Self::Packaged { place, archive, name } => f
                .debug_struct("Packaged")
                .field("place", place)
                .field("bytes", &archive.len())
                .field("name", name)
                .finish(),
        }
    }
}

/// Certificates, and whether they matter.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct TlsOptions {
    /// PEM bundle of the authorities to trust instead of the system's.
    pub ca: Option<Vec<u8>>,
    /// Certificate to prove who we are.
    pub client: Option<ClientCertificate>,
    /// Whether the server's certificate is checked.
    pub verify: TlsVerify,
}

impl fmt::Debug for TlsOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TlsOptions")
            .field("ca", &self.ca.is_some())
            .field("client", &self.client.is_some())
            .field("verify", &self.verify)
            .finish()
    }
}

/// A client certificate with its key, both PEM.
#[derive(Clone, PartialEq, Eq)]
pub struct ClientCertificate {
    /// The certificate and its chain.
    pub certificate: Vec<u8>,
    /// The private key.
    pub key: Vec<u8>,
}

impl fmt::Debug for ClientCertificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ClientCertificate(<hidden>)")
    }
}

/// Whether a server certificate is checked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum TlsVerify {
    /// Chain, host name and validity are checked.
    #[default]
    Full,
    /// Any certificate is accepted (`--insecure-skip-tls-verify`).
    Skip,
}

/// How to talk to an OCI registry.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum RegistryTransport {
    /// HTTPS.
    #[default]
    Tls,
    /// HTTP (`--plain-http`).
    PlainText,
}

/// How old an answer about the content of a repository may be.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Freshness {
    /// As old as [`SourceOptions::fresh_for`](crate::SourceOptions::fresh_for) allows.
    #[default]
    Recent,
    /// The server is asked, for example because somebody requested a reconciliation.
    Revalidate,
}

/// What a request means right now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resolved {
    /// Name of the chart.
    pub name: String,
    /// The exact version.
    pub version: String,
    /// Digest of the archive, or of the manifest when the chart is in a registry. An index may leave it out; after a
    /// fetch it is always known.
    pub digest: Option<Digest>,
    /// Where the archive is, without secrets.
    pub url: String,
    /// When the version was published, as the repository tells it.
    pub created: Option<String>,
    /// Set when the repository could not be asked and an older answer was used: why it could not.
    pub stale: Option<String>,
}

/// A chart archive that was verified.
#[derive(Clone, PartialEq, Eq)]
pub struct FetchedChart {
    /// The archive (`.tgz`), shared with the cache.
    pub archive: Arc<[u8]>,
    /// Digest of the archive itself, the key under which a parsed chart can be shared.
    pub archive_digest: Digest,
    /// What was fetched; its digest is always set.
    pub resolved: Resolved,
}

impl fmt::Debug for FetchedChart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FetchedChart")
            .field("bytes", &self.archive.len())
            .field("archive_digest", &self.archive_digest)
            .field("resolved", &self.resolved)
            .finish()
    }
}
