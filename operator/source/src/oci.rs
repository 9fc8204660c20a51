//! Charts in OCI registries, by Helm's conventions (`pkg/registry` of Helm, the OCI distribution specification).
//!
//! A registry is asked three things: which tags a repository has, what a tag or digest stands for, and for the bytes of
//! a layer. The protocol is spoken here and not by a client library, because none of those at hand can present client
//! certificates, bounds what it reads, or follows pages by their `Link`.

mod auth;
mod manifest;
mod reference;
mod registry;

use std::sync::Arc;
use std::time::Duration;

use helm::version::Version;
use reqwest::Client;
use url::Url;

use crate::answers::{Answers, Classified};
use crate::credentials::RegistryLogin;
use crate::digest::Digest;
use crate::error::{DigestSource, ErrorClass};
use crate::http::{Http, HttpError};
use crate::index::{NotFound, select};
use crate::lru::Weight;
use crate::scope::Scope;

use auth::Tokens;
pub(crate) use manifest::{ChartManifest, Descriptor};
pub(crate) use reference::Reference;

/// Why a registry did not give what was asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum OciError {
    /// No usable answer.
    #[error(transparent)]
    Http(#[from] HttpError),
    /// The reference is none.
    #[error("invalid reference: {0}")]
    Reference(String),
    /// The version of the request is not the tag of the URL.
    #[error("chart reference and version mismatch: {version} is not {tag}")]
    VersionMismatch { version: String, tag: String },
    /// The tag does not stand for the digest of the URL.
    #[error("chart reference digest mismatch: {actual} is not {expected}")]
    ReferenceDigestMismatch { actual: Digest, expected: Digest },
    /// The registry does not let us.
    #[error("{0}")]
    Unauthorized(String),
    /// The registry does not have it.
    #[error("{0}: not found")]
    NotFound(String),
    /// There is nothing to choose from.
    #[error("unable to locate any tags in provided repository: {0}")]
    NoTags(String),
    /// The version is no constraint.
    #[error("{0}")]
    Version(String),
    /// No tag is in the range.
    #[error("could not locate a version matching provided version string {version}, the newest is {newest}")]
    NoMatch { version: String, newest: String },
    /// It is there, but no chart.
    #[error("{0}")]
    Manifest(String),
    /// The content is not what it was asked by.
    #[error("{promised_by} says {expected}, got {actual}")]
    Digest {
        promised_by: DigestSource,
        expected: Digest,
        actual: Digest,
    },
    /// The manifest announces too much.
    #[error("larger than the maximum size {0}")]
    TooLarge(u64),
}

impl Classified for OciError {
    fn class(&self) -> ErrorClass {
        match self {
            Self::Http(error) => error.class(),
            Self::Reference(_)
            | Self::VersionMismatch { .. }
            | Self::ReferenceDigestMismatch { .. }
            | Self::Unauthorized(_)
            | Self::NotFound(_)
            | Self::NoTags(_)
            | Self::Version(_)
            | Self::NoMatch { .. }
            | Self::Manifest(_)
            | Self::Digest { .. }
            | Self::TooLarge(_) => ErrorClass::Permanent,
        }
    }
}

/// One repository of a registry, as somebody sees it.
#[derive(Debug, Clone)]
pub(crate) struct Session {
    pub(crate) client: Client,
    /// `https://host/v2/`
    pub(crate) base: Url,
    /// The path of the repository.
    pub(crate) repository: String,
    pub(crate) login: Option<RegistryLogin>,
    pub(crate) scope: Scope,
}

/// Everything that is known of registries.
#[derive(Debug)]
pub(crate) struct Registries {
    http: Arc<Http>,
    tokens: Tokens,
    tags: Arc<Answers<Scope, Arc<Vec<Version>>, OciError>>,
    manifests: Arc<Answers<(Scope, String), Arc<ChartManifest>, OciError>>,
}

/// What a reference means right now.
#[derive(Debug, Clone)]
pub(crate) struct ResolvedReference {
    /// The version as Helm writes it, with `+`.
    pub(crate) version: String,
    /// `host/repository:tag` or `host/repository@digest`.
    pub(crate) reference: String,
    pub(crate) manifest: Arc<ChartManifest>,
    pub(crate) stale: Option<String>,
}

/// How long the meaning of a digest is good for.
const FOREVER: Duration = Duration::from_hours(365 * 24);

impl Weight for Arc<Vec<Version>> {
    fn weight(&self) -> u64 {
        // Three numbers and three short texts.
        self.len() as u64 * 128
    }
}

impl Weight for Arc<ChartManifest> {
    fn weight(&self) -> u64 {
        512
    }
}

impl Registries {
    /// Remembers at most `budget` bytes of tags and of manifests.
    pub(crate) fn new(http: Arc<Http>, budget: u64) -> Arc<Self> {
        Arc::new(Self {
            http,
            tokens: Tokens::default(),
            tags: Answers::new(budget),
            manifests: Answers::new(budget),
        })
    }

    /// Finds out what a reference and a version mean, as Helm's `ValidateReference` does: an exact version is a tag
    /// without looking at the list of tags, anything else is searched for in the list.
    pub(crate) async fn resolve(
        self: &Arc<Self>,
        session: &Session,
        reference: &Reference,
        wanted: Option<&str>,
        max_age: Duration,
    ) -> Result<ResolvedReference, OciError> {
        if let (Some(wanted), Some(tag)) = (wanted, &reference.tag)
            && as_tag(wanted) != *tag
        {
            return Err(OciError::VersionMismatch {
                version: wanted.to_owned(),
                tag: tag.clone(),
            });
        }
        let wanted = wanted.or(reference.tag.as_deref());
        if let Some(digest) = reference.digest {
            return self
                .resolve_digest(session, reference, digest, wanted, max_age)
                .await;
        }
        let mut stale = None;
        let version = match wanted {
            Some(version) if Version::parse(version).is_ok() => version.to_owned(),
            Some(_) | None => {
                let tags = self.tags(session, max_age).await?;
                stale = tags.stale;
                newest_match(&tags.value, reference, wanted)?
            }
        };
        let tag = as_tag(&version);
        reference::check_tag(&tag)?;
        let manifest = self.manifest(session, &tag, max_age).await?;
        Ok(ResolvedReference {
            version: version.replace('_', "+"),
            reference: format!("{}:{tag}", reference.repository()),
            manifest: manifest.value,
            stale: stale.or(manifest.stale),
        })
    }

    /// A digest says what is wanted; a version beside it must not say something else, but need not exist as a tag.
    async fn resolve_digest(
        self: &Arc<Self>,
        session: &Session,
        reference: &Reference,
        digest: Digest,
        wanted: Option<&str>,
        max_age: Duration,
    ) -> Result<ResolvedReference, OciError> {
        if let Some(wanted) = wanted
            && let Ok(tagged) = self.manifest(session, &as_tag(wanted), max_age).await
            && tagged.value.digest != digest
        {
            return Err(OciError::ReferenceDigestMismatch {
                actual: tagged.value.digest,
                expected: digest,
            });
        }
        let manifest = self.manifest(session, &digest.to_string(), FOREVER).await?;
        let annotated = manifest.value.version.clone();
        Ok(ResolvedReference {
            version: wanted.map_or_else(
                || annotated.unwrap_or_default(),
                |wanted| wanted.replace('_', "+"),
            ),
            reference: format!("{}@{digest}", reference.repository()),
            manifest: manifest.value,
            stale: manifest.stale,
        })
    }

    /// The bytes of a layer, which have its digest.
    pub(crate) async fn layer(
        &self,
        session: &Session,
        layer: &Descriptor,
        limit: u64,
    ) -> Result<Vec<u8>, OciError> {
        if layer.size > limit {
            return Err(OciError::TooLarge(limit));
        }
        let bytes = registry::blob(self, session, layer.digest, limit).await?;
        let actual = Digest::of(&bytes);
        if actual == layer.digest {
            Ok(bytes)
        } else {
            Err(OciError::Digest {
                promised_by: DigestSource::Manifest,
                expected: layer.digest,
                actual,
            })
        }
    }

    async fn tags(
        self: &Arc<Self>,
        session: &Session,
        max_age: Duration,
    ) -> Result<crate::answers::Answer<Arc<Vec<Version>>>, OciError> {
        let (this, session_copy) = (Arc::clone(self), session.clone());
        let ask = move |_| async move { registry::tags(&this, &session_copy).await.map(Arc::new) };
        self.tags.get(session.scope, max_age, ask).await
    }

    async fn manifest(
        self: &Arc<Self>,
        session: &Session,
        tag_or_digest: &str,
        max_age: Duration,
    ) -> Result<crate::answers::Answer<Arc<ChartManifest>>, OciError> {
        let (this, session_copy, wanted) = (Arc::clone(self), session.clone(), tag_or_digest.to_owned());
        let ask = move |_| async move {
            registry::chart_manifest(&this, &session_copy, &wanted)
                .await
                .map(Arc::new)
        };
        self.manifests
            .get((session.scope, tag_or_digest.to_owned()), max_age, ask)
            .await
    }
}

/// The version that is wanted among all, as Helm's `GetTagMatchingVersionOrConstraint`.
fn newest_match(tags: &[Version], reference: &Reference, wanted: Option<&str>) -> Result<String, OciError> {
    match select(tags, |tag| tag, &reference.repository, wanted) {
        Ok(version) => Ok(version.to_string()),
        Err(NotFound::NoVersions | NotFound::Name) => {
            Err(OciError::NoTags(format!("oci://{}", reference.repository())))
        }
        Err(NotFound::Constraint(error)) => Err(OciError::Version(error.to_string())),
        Err(NotFound::Version { version, newest, .. }) => Err(OciError::NoMatch { version, newest }),
    }
}

/// Tags cannot hold a plus sign; Helm writes an underscore.
fn as_tag(version: &str) -> String {
    version.replace('+', "_")
}
