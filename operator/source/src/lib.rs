//! Gets Helm charts: finds the version that a request means, downloads the archive, and verifies it.
//!
//! A [`Source`] answers [`ChartRequest`]s. Charts come from three places, told apart by [`ChartLocation`]: a repository
//! with an `index.yaml`, an OCI registry, or bytes that are here already (a ConfigMap). Versions are picked, URLs are
//! resolved and errors are worded as Helm 4 does it; what a server sends is bounded and checked as Helm does not.
//!
//! ```no_run
//! use source::{ChartLocation, ChartRequest, Source, SourceOptions};
//!
//! # async fn example() -> Result<(), source::SourceError> {
//! let source = Source::new(&SourceOptions::default());
//! let podinfo = ChartLocation::in_repository("https://stefanprodan.github.io/podinfo", "podinfo");
//! let request = ChartRequest::new(podinfo).version(">=6.5.0 <7");
//!
//! let resolved = source.resolve(&request).await?;
//! println!("{} {} is at {}", resolved.name, resolved.version, resolved.url);
//!
//! let fetched = source.fetch(&request).await?;
//! println!("{} bytes, {}", fetched.archive.len(), fetched.archive_digest);
//! # Ok(())
//! # }
//! ```
//!
//! A registry differs in its URL only, `oci://ghcr.io/stefanprodan/charts`.
//!
//! # What is promised
//! - **Whole or not at all.** An archive is unpacked to its end before anybody sees it, and has the digest that the
//!   index, the manifest or the request names. See [`SourceError::ArchiveCorrupt`] and [`SourceError::DigestMismatch`].
//! - **Once for everybody.** Two hundred releases of one repository cost one index and one archive. Indexes are asked
//!   for with their `ETag` after [`SourceOptions::fresh_for`]; archives are kept by digest, in memory and on disk.
//! - **Bounded.** Bodies, time, redirects, tags, YAML aliases and caches have limits, named in [`SourceOptions`] and in
//!   the constants beside it.
//! - **Credentials stay at home.** They go to the server of the repository, and elsewhere only if
//!   [`CredentialScope::AllHosts`] says so. Neither messages nor `Debug` show them, and a cached chart is given only to
//!   those who could have fetched it themselves.
//! - **Outages pass.** While a repository is down, what it said last still serves; [`Resolved::stale`] tells.
//!
//! # Errors
//! Every [`SourceError`] names chart, version and place, and has a [class](SourceError::class) (is it worth trying again?)
//! and a stable [category](SourceError::category) for conditions and metrics.
//!
//! # What is not here
//! No Kubernetes client: the caller reads `Secret`s and `ConfigMap`s. No signature verification: [`Source::provenance`] gives
//! the bytes to verify. No chart loading: `helm::chart` reads what [`FetchedChart::archive`] holds.

mod answers;
mod archive;
mod archives;
mod credentials;
mod digest;
mod error;
mod flight;
mod http;
mod index;
mod lru;
mod oci;
mod options;
mod repository;
mod request;
mod scalar;
mod scope;
mod source;

pub use credentials::{CredentialScope, Credentials, DockerConfig, DockerConfigError, SecretText};
pub use digest::{Digest, DigestError};
pub use error::{ChartLabel, DigestSource, ErrorClass, SourceError};
pub use options::{
    DiskOptions, MAX_ARCHIVE_BYTES, MAX_INDEX_BYTES, MAX_INDEX_MANIFESTS, MAX_METADATA_BYTES,
    MAX_PROVENANCE_BYTES, MAX_REDIRECTS, MAX_TAGS, MAX_UNPACKED_BYTES, SourceOptions,
};
pub use request::{
    ChartLocation, ChartRequest, ClientCertificate, FetchedChart, Freshness, RegistryTransport, Resolved,
    TlsOptions, TlsVerify,
};
pub use source::{CacheUse, Source};
