//! The front of the crate: takes a request to the right place and says in one error what went wrong there.

mod failure;

use std::sync::Arc;
use std::time::Duration;

use url::Url;

use crate::archive::{self, ChartHead};
use crate::archives::{Archive, ArchiveName, Archives, FetchError};
use crate::digest::Digest;
use crate::error::{DigestSource, SourceError};
use crate::http::{self, Http, HttpError};
use crate::oci::{Descriptor, OciError, Reference, Registries, ResolvedReference, Session};
use crate::options::{MAX_ARCHIVE_BYTES, MAX_PROVENANCE_BYTES, MAX_UNPACKED_BYTES, SourceOptions};
use crate::repository::{Found, Repositories, Repository};
use crate::request::{ChartLocation, ChartRequest, FetchedChart, Freshness, RegistryTransport, Resolved};
use crate::scope::{Identity, Scopes};

use failure::Failing;

/// How long an answer that lacks the wanted chart or version is believed: a version is often asked for right after it
/// was published, and a wrong one must not cost the server more than a question a second.
const MISSING_FOR: Duration = Duration::from_secs(1);

/// Gets charts. One for the whole process: it is cheap to clone, and all clones share connections and caches.
///
/// # Guarantees
/// - An archive is returned only whole, and only with the digest that the request, the index or the manifest names.
/// - What many ask for at the same time is downloaded once. Dropping a call is safe; the download goes on while
///   somebody else waits for it.
/// - Nobody gets content from the cache with other credentials or weaker certificate checks than it was fetched with.
/// - Memory is bounded by [`SourceOptions`], whatever servers send.
#[derive(Debug, Clone)]
pub struct Source {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    http: Arc<Http>,
    scopes: Scopes,
    repositories: Arc<Repositories>,
    registries: Arc<Registries>,
    archives: Arc<Archives>,
    fresh_for: Duration,
    max_archive_bytes: u64,
}

/// How much memory the caches use, for metrics.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CacheUse {
    /// Bytes of archives.
    pub archives: u64,
    /// Bytes of compressed indexes.
    pub indexes: u64,
}

/// Where the archive of a resolved request comes from.
enum Origin {
    Repository {
        repository: Repository,
        found: Found,
    },
    Registry {
        session: Session,
        resolved: ResolvedReference,
    },
    Here {
        archive: Archive,
    },
}

impl Source {
    /// Nothing is contacted before the first request.
    pub fn new(options: &SourceOptions) -> Self {
        let http = Arc::new(Http::new(options));
        Self {
            inner: Arc::new(Inner {
                scopes: Scopes::new(),
                repositories: Repositories::new(Arc::clone(&http), options),
                registries: Registries::new(Arc::clone(&http), options.index_memory / 4),
                archives: Archives::new(options),
                fresh_for: options.fresh_for,
                max_archive_bytes: options.max_archive_bytes.min(MAX_ARCHIVE_BYTES),
                http,
            }),
        }
    }

    /// Finds out which version a request means, without downloading the chart.
    ///
    /// # Errors
    /// See [`SourceError`]; every one names the chart, the version and the place.
    pub async fn resolve(&self, request: &ChartRequest) -> Result<Resolved, SourceError> {
        match self.inner.locate(request, self.inner.max_age(request)).await {
            Err(SourceError::ChartNotFound { .. }) => self.inner.locate(request, MISSING_FOR).await,
            located => located,
        }
        .map(|(resolved, _)| resolved)
    }

    /// Resolves a request and gets the archive, from the cache if it is there.
    ///
    /// # Errors
    /// See [`SourceError`]; every one names the chart, the version and the place.
    pub async fn fetch(&self, request: &ChartRequest) -> Result<FetchedChart, SourceError> {
        let first = self.inner.fetch(request, self.inner.max_age(request)).await;
        // The repository may have been published anew since the index was read.
        let max_age = match first {
            Ok(fetched) => return Ok(fetched),
            Err((SourceError::ChartNotFound { .. }, _)) => MISSING_FOR,
            Err((error, Outdated::No)) => return Err(error),
            Err((_, Outdated::Perhaps)) => Duration::ZERO,
        };
        self.inner
            .fetch(request, max_age)
            .await
            .map_err(|(error, _)| error)
    }

    /// The provenance file of a chart (`.prov`), as it is: clear-signed text, not verified here.
    ///
    /// # Errors
    /// See [`SourceError`]; [`SourceError::ChartNotFound`] when the chart has no provenance.
    pub async fn provenance(&self, request: &ChartRequest) -> Result<Vec<u8>, SourceError> {
        let failing = Failing::new(request);
        let (_, origin) = self.inner.locate(request, self.inner.max_age(request)).await?;
        match origin {
            Origin::Repository { repository, found } if found.url.scheme() != "oci" => {
                let mut url = found.url.clone();
                url.set_path(&format!("{}.prov", found.url.path()));
                let download = self
                    .inner
                    .repositories
                    .download(&repository, &url, MAX_PROVENANCE_BYTES);
                download
                    .await
                    .map_err(|error| failing.provenance(FetchError::Http(error)))
            }
            Origin::Repository { repository: _, found } => {
                let (session, resolved) = self
                    .inner
                    .registry_of(request, &found)
                    .await
                    .map_err(|error| failing.provenance(error))?;
                self.inner.provenance_layer(&failing, &session, &resolved).await
            }
            Origin::Registry { session, resolved } => {
                self.inner.provenance_layer(&failing, &session, &resolved).await
            }
            Origin::Here { .. } => Err(failing.no_provenance()),
        }
    }

    /// Memory in use by the caches.
    pub fn cache_use(&self) -> CacheUse {
        CacheUse {
            archives: self.inner.archives.used(),
            indexes: self.inner.repositories.used(),
        }
    }
}

/// Whether an error may come from an index that is no longer true.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outdated {
    No,
    Perhaps,
}

impl Inner {
    /// How old an answer may be for a request.
    fn max_age(&self, request: &ChartRequest) -> Duration {
        match request.freshness {
            Freshness::Recent => self.fresh_for,
            Freshness::Revalidate => Duration::ZERO,
        }
    }

    /// Finds the version that is meant and where its archive is.
    async fn locate(
        self: &Arc<Self>,
        request: &ChartRequest,
        max_age: Duration,
    ) -> Result<(Resolved, Origin), SourceError> {
        let failing = Failing::new(request);
        match &request.location {
            ChartLocation::Http { repository, name } => {
                let repository = self
                    .repository(request, repository)
                    .map_err(|error| failing.request(&error))?;
                let wanted = request.wanted_version();
                let found = self.repositories.find(&repository, name, wanted, max_age).await;
                let found = found.map_err(|error| failing.lookup(error))?;
                let resolved = Resolved {
                    name: name.clone(),
                    version: found.entry.version.original().to_owned(),
                    digest: failing.index_digest(&found.entry)?,
                    url: http::shown(&found.url),
                    created: found.entry.created.clone(),
                    stale: found.stale.clone(),
                };
                Ok((resolved, Origin::Repository { repository, found }))
            }
            ChartLocation::Oci { repository, name } => {
                let located = async {
                    let reference = Reference::join(repository, name)?;
                    let session = self.session(request, &reference)?;
                    let wanted = request.wanted_version();
                    let resolved = self
                        .registries
                        .resolve(&session, &reference, wanted, max_age)
                        .await?;
                    Ok((reference.chart().to_owned(), session, resolved))
                };
                let (name, session, resolved) = located.await.map_err(|error| failing.registry(error))?;
                let outcome = Resolved {
                    name,
                    version: resolved.version.clone(),
                    digest: Some(resolved.manifest.digest),
                    url: format!("oci://{}", resolved.reference),
                    created: resolved.manifest.created.clone(),
                    stale: resolved.stale.clone(),
                };
                failing.check_request_digest(request.digest, resolved.manifest.digest, &outcome.url)?;
                Ok((outcome, Origin::Registry { session, resolved }))
            }
            ChartLocation::Packaged { place, archive, name } => {
                let (archive, head) = inspect(Arc::clone(archive))
                    .await
                    .map_err(|error| failing.fetch(place, error))?;
                failing.check_request_digest(request.digest, archive.digest, place)?;
                let (found, version) = failing.packaged(head, name.as_deref())?;
                let resolved = Resolved {
                    name: found,
                    version,
                    digest: Some(archive.digest),
                    url: place.clone(),
                    created: None,
                    stale: None,
                };
                Ok((resolved, Origin::Here { archive }))
            }
        }
    }

    async fn fetch(
        self: &Arc<Self>,
        request: &ChartRequest,
        max_age: Duration,
    ) -> Result<FetchedChart, (SourceError, Outdated)> {
        let failing = Failing::new(request);
        let (mut resolved, origin) = self
            .locate(request, max_age)
            .await
            .map_err(|error| (error, Outdated::No))?;
        let archive = match origin {
            Origin::Repository { repository, found } => {
                let outdated = |error: &FetchError| match error {
                    FetchError::Http(error) if error.status().is_some() && found.remembered => {
                        Outdated::Perhaps
                    }
                    FetchError::Mismatch { .. } if found.remembered => Outdated::Perhaps,
                    _ => Outdated::No,
                };
                let archive = self
                    .from_repository(request, &repository, &found, resolved.digest)
                    .await;
                let archive = archive
                    .map_err(|error| (failing.fetch(&resolved.url, error.clone()), outdated(&error)))?;
                failing
                    .check_request_digest(request.digest, archive.digest, &resolved.url)
                    .map_err(|error| {
                        (
                            error,
                            if found.remembered {
                                Outdated::Perhaps
                            } else {
                                Outdated::No
                            },
                        )
                    })?;
                resolved.digest = Some(archive.digest);
                archive
            }
            Origin::Registry {
                session,
                resolved: reference,
            } => {
                let archive = self.from_registry(&session, &reference.manifest.chart).await;
                archive.map_err(|error| (failing.fetch(&resolved.url, error), Outdated::No))?
            }
            Origin::Here { archive } => archive,
        };
        let Archive { bytes, digest } = archive;
        Ok(FetchedChart {
            archive: bytes,
            archive_digest: digest,
            resolved,
        })
    }

    async fn from_repository(
        self: &Arc<Self>,
        request: &ChartRequest,
        repository: &Repository,
        found: &Found,
        digest: Option<Digest>,
    ) -> Result<Archive, FetchError> {
        let name = match digest {
            Some(digest) => ArchiveName::Promised(digest, DigestSource::Index),
            None => ArchiveName::Unpromised(format!(
                "{} {} {}",
                found.url,
                found.entry.version.original(),
                found.entry.created.as_deref().unwrap_or_default()
            )),
        };
        if found.url.scheme() == "oci" {
            let (session, resolved) = self.registry_of(request, found).await?;
            let (this, layer) = (Arc::clone(self), resolved.manifest.chart.clone());
            let download = move || async move { this.pull(&session, &layer).await };
            return self.archives.get(repository.scope, name, download).await;
        }
        let (this, owned, url) = (Arc::clone(self), repository.clone(), found.url.clone());
        let limit = self.max_archive_bytes;
        let download = move || async move {
            this.repositories
                .download(&owned, &url, limit)
                .await
                .map_err(FetchError::Http)
        };
        self.archives.get(repository.scope, name, download).await
    }

    async fn from_registry(
        self: &Arc<Self>,
        session: &Session,
        layer: &Descriptor,
    ) -> Result<Archive, FetchError> {
        let name = ArchiveName::Promised(layer.digest, DigestSource::Manifest);
        let (this, owned, layer) = (Arc::clone(self), session.clone(), layer.clone());
        let download = move || async move { this.pull(&owned, &layer).await };
        self.archives.get(session.scope, name, download).await
    }

    async fn pull(&self, session: &Session, layer: &Descriptor) -> Result<Vec<u8>, FetchError> {
        Ok(self
            .registries
            .layer(session, layer, self.max_archive_bytes)
            .await?)
    }

    /// An index may say that an archive is in a registry. The tag is part of the URL there.
    async fn registry_of(
        self: &Arc<Self>,
        request: &ChartRequest,
        found: &Found,
    ) -> Result<(Session, ResolvedReference), FetchError> {
        let reference = Reference::parse(found.url.as_str())?;
        let session = self.session(request, &reference)?;
        let wanted = reference.tag.is_none().then(|| found.entry.version.original());
        let resolved = self
            .registries
            .resolve(&session, &reference, wanted, self.fresh_for)
            .await?;
        Ok((session, resolved))
    }

    async fn provenance_layer(
        &self,
        failing: &Failing,
        session: &Session,
        resolved: &ResolvedReference,
    ) -> Result<Vec<u8>, SourceError> {
        let layer = resolved
            .manifest
            .provenance
            .as_ref()
            .ok_or_else(|| failing.no_provenance())?;
        let layer = self.registries.layer(session, layer, MAX_PROVENANCE_BYTES);
        layer
            .await
            .map_err(|error| failing.provenance(FetchError::Oci(error)))
    }

    /// The repository of a request.
    fn repository(&self, request: &ChartRequest, url: &str) -> Result<Repository, HttpError> {
        let url = http::parse_url(url)?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(HttpError::Scheme {
                scheme: url.scheme().to_owned(),
                url: http::shown(&url),
            });
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(HttpError::Url {
                text: http::shown(&url),
                cause: "credentials belong into a Secret, not into the URL".to_owned(),
            });
        }
        let host = host_and_port(&url);
        let login = request
            .credentials
            .as_ref()
            .and_then(|credentials| credentials.login(&host, url.path()));
        Ok(Repository {
            client: self.http.client(&request.tls)?,
            authorization: login.and_then(|login| login.header()),
            credential_scope: request.credential_scope,
            scope: self.scopes.scope(url.as_str(), identity(request)),
            url,
        })
    }

    /// How a request sees a repository of a registry.
    fn session(&self, request: &ChartRequest, reference: &Reference) -> Result<Session, OciError> {
        let scheme = match request.transport {
            RegistryTransport::Tls => "https",
            RegistryTransport::PlainText => "http",
        };
        // Credentials for a repository are not for the registry that its index points to.
        let home = match &request.location {
            ChartLocation::Http { repository, .. } => {
                Url::parse(repository).ok().map(|url| host_and_port(&url))
            }
            ChartLocation::Oci { .. } | ChartLocation::Packaged { .. } => None,
        };
        let admitted = home.is_none_or(|home| home == reference.registry) || request.may_go_anywhere();
        let login = request.credentials.as_ref().filter(|_| admitted);
        let login =
            login.and_then(|credentials| credentials.login(&reference.registry, &reference.repository));
        let base = http::parse_url(&format!("{scheme}://{}/v2/", reference.host()))?;
        let place = format!("oci://{}", reference.repository());
        Ok(Session {
            client: self.http.client(&request.tls)?,
            base,
            repository: reference.repository.clone(),
            login,
            scope: self.scopes.scope(&place, identity(request)),
        })
    }
}

fn identity(request: &ChartRequest) -> Identity<'_> {
    Identity {
        credentials: request.credentials.as_ref(),
        credential_scope: request.credential_scope,
        tls: &request.tls,
        transport: request.transport,
    }
}

/// Checks an archive that somebody gave us.
async fn inspect(bytes: Arc<[u8]>) -> Result<(Archive, ChartHead), FetchError> {
    let check = move || {
        let head = archive::inspect(&bytes, MAX_UNPACKED_BYTES)?;
        Ok((
            Archive {
                digest: Digest::of(&bytes),
                bytes,
            },
            head,
        ))
    };
    tokio::task::spawn_blocking(check)
        .await
        .unwrap_or_else(|error| Err(FetchError::Check(error.to_string())))
}

/// `host`, or `host:port` when the port is not the usual one.
fn host_and_port(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port()
        .map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}
