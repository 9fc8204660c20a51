//! Charts in HTTP repositories: fetch the index, pick the version, find the archive.

use std::sync::Arc;
use std::time::Duration;

use reqwest::header::CONTENT_ENCODING;
use reqwest::{Client, StatusCode};
use url::Url;

use crate::answers::{Answer, Answers, Classified};
use crate::credentials::{CredentialScope, SecretText};
use crate::error::ErrorClass;
use crate::http::{self, Get, Http, HttpError};
use crate::index::{Index, IndexEntry, IndexError, IndexWriter, NotFound, select};
use crate::options::{MAX_INDEX_BYTES, SourceOptions};
use crate::scope::Scope;

/// What Helm accepts in place of an archive.
const ARCHIVE_TYPES: &str = "application/gzip,application/octet-stream";

/// A repository as somebody sees it.
#[derive(Debug, Clone)]
pub(crate) struct Repository {
    pub(crate) client: Client,
    pub(crate) url: Url,
    pub(crate) authorization: Option<SecretText>,
    pub(crate) credential_scope: CredentialScope,
    pub(crate) scope: Scope,
}

/// The indexes that are known.
#[derive(Debug)]
pub(crate) struct Repositories {
    http: Arc<Http>,
    indexes: Arc<Answers<Scope, Arc<Index>, IndexError>>,
    max_index_bytes: u64,
}

/// Why there is no entry for a chart.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum LookupError {
    /// There is no usable index.
    #[error(transparent)]
    Index(#[from] IndexError),
    /// The index does not have it.
    #[error(transparent)]
    NotFound(#[from] NotFound),
    /// The entry has no URL.
    #[error("{0} has no downloadable URLs")]
    NoUrl(String),
    /// The URL of the entry is none.
    #[error("failed to make chart URL absolute: {0}")]
    Url(HttpError),
}

/// An entry of an index and where its archive is.
#[derive(Debug, Clone)]
pub(crate) struct Found {
    pub(crate) entry: IndexEntry,
    /// `http`, `https` or `oci`.
    pub(crate) url: Url,
    /// The index was not fetched for this lookup.
    pub(crate) remembered: bool,
    pub(crate) stale: Option<String>,
}

impl Classified for IndexError {
    fn class(&self) -> ErrorClass {
        match self {
            Self::Http(error) => error.class(),
            Self::Empty | Self::NoApiVersion | Self::Syntax(_) | Self::TooLarge(_) => ErrorClass::Permanent,
        }
    }
}

impl Repositories {
    pub(crate) fn new(http: Arc<Http>, options: &SourceOptions) -> Arc<Self> {
        Arc::new(Self {
            http,
            indexes: Answers::new(options.index_memory),
            max_index_bytes: options.max_index_bytes.min(MAX_INDEX_BYTES),
        })
    }

    /// Finds a version of a chart by Helm's rules.
    pub(crate) async fn find(
        self: &Arc<Self>,
        repository: &Repository,
        chart: &str,
        wanted: Option<&str>,
        max_age: Duration,
    ) -> Result<Found, LookupError> {
        let Answer {
            value: index,
            remembered,
            stale,
        } = self.index(repository, max_age).await?;
        let versions = index.versions(chart).await?.ok_or(NotFound::Name)?;
        let entry = select(&versions, |entry| &entry.version, chart, wanted)?.clone();
        let Some(url) = &entry.url else {
            return Err(LookupError::NoUrl(format!(
                "chart {chart:?} version {:?}",
                entry.version.original()
            )));
        };
        let url = reference_url(&repository.url, url).map_err(LookupError::Url)?;
        Ok(Found {
            entry,
            url,
            remembered,
            stale,
        })
    }

    /// Downloads from a URL that the index named.
    pub(crate) async fn download(
        &self,
        repository: &Repository,
        url: &Url,
        limit: u64,
    ) -> Result<Vec<u8>, HttpError> {
        let get = Get::new(url.clone()).accept(ARCHIVE_TYPES).authorization(
            repository.authorization.clone(),
            &repository.url,
            repository.credential_scope,
        );
        let work = async {
            let response = self.http.send(&repository.client, &get).await?;
            self.http.read(http::expect_ok(response)?, limit).await
        };
        self.http.within(url, work).await
    }

    /// Bytes of indexes in memory.
    pub(crate) fn used(&self) -> u64 {
        self.indexes.used()
    }

    async fn index(
        self: &Arc<Self>,
        repository: &Repository,
        max_age: Duration,
    ) -> Result<Answer<Arc<Index>>, IndexError> {
        let (this, repository) = (Arc::clone(self), repository.clone());
        let scope = repository.scope;
        let ask = move |last| async move { this.fetch_index(&repository, last).await };
        self.indexes.get(scope, max_age, ask).await
    }

    async fn fetch_index(
        &self,
        repository: &Repository,
        last: Option<Arc<Index>>,
    ) -> Result<Arc<Index>, IndexError> {
        let url = reference_url(&repository.url, "index.yaml")?;
        let validators = last
            .as_ref()
            .map(|index| index.validators.clone())
            .unwrap_or_default();
        let get = Get::new(url.clone()).gzip().unless(validators).authorization(
            repository.authorization.clone(),
            &repository.url,
            repository.credential_scope,
        );
        let work = async {
            let response = self.http.send(&repository.client, &get).await?;
            if let (StatusCode::NOT_MODIFIED, Some(last)) = (response.status(), last) {
                return Ok(last);
            }
            let response = http::expect_ok(response)?;
            let validators = http::Validators::of(response.headers());
            let encoding = response
                .headers()
                .get(CONTENT_ENCODING)
                .and_then(|value| value.to_str().ok());
            let compressed = encoding.is_some_and(|encoding| {
                encoding.eq_ignore_ascii_case("gzip") || encoding.eq_ignore_ascii_case("x-gzip")
            });
            let mut writer = IndexWriter::new(compressed, self.max_index_bytes);
            self.http
                .read_with(response, self.max_index_bytes, |piece| writer.write(piece))
                .await?;
            writer.finish(validators)
        };
        self.http.within(&url, work).await
    }
}

/// Helm's `ResolveReferenceURL`: an absolute URL stays, a relative one is taken from the repository, whose query it gets.
fn reference_url(repository: &Url, reference: &str) -> Result<Url, HttpError> {
    match Url::parse(reference) {
        Ok(absolute) => Ok(absolute),
        Err(url::ParseError::RelativeUrlWithoutBase) => {
            let mut base = repository.clone();
            base.set_path(&format!("{}/", repository.path().trim_end_matches('/')));
            let mut url = base.join(reference).map_err(|error| HttpError::Url {
                text: reference.to_owned(),
                cause: error.to_string(),
            })?;
            url.set_query(repository.query());
            Ok(url)
        }
        Err(error) => Err(HttpError::Url {
            text: reference.to_owned(),
            cause: error.to_string(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("https://a.com/charts", "index.yaml", "https://a.com/charts/index.yaml")]
    #[case("https://a.com/charts/", "index.yaml", "https://a.com/charts/index.yaml")]
    #[case("https://a.com", "index.yaml", "https://a.com/index.yaml")]
    #[case(
        "https://a.com/charts?token=x",
        "web.tgz",
        "https://a.com/charts/web.tgz?token=x"
    )]
    #[case(
        "https://a.com/charts?token=x",
        "web.tgz?y=z",
        "https://a.com/charts/web.tgz?token=x"
    )]
    #[case("https://a.com/charts", "../web.tgz", "https://a.com/web.tgz")]
    #[case("https://a.com/charts", "/web.tgz", "https://a.com/web.tgz")]
    #[case("https://a.com/charts", "//b.com/web.tgz", "https://b.com/web.tgz")]
    #[case(
        "https://a.com/charts?x=y",
        "http://b.com/web.tgz?z",
        "http://b.com/web.tgz?z"
    )]
    #[case("https://a.com/a%2fb", "web%20x.tgz", "https://a.com/a%2fb/web%20x.tgz")]
    #[case("https://a.com/charts", "oci://b.com/web:1.0.0", "oci://b.com/web:1.0.0")]
    fn relative_urls_start_at_the_repository(
        #[case] repository: &str,
        #[case] reference: &str,
        #[case] expected: &str,
    ) {
        let url = reference_url(&Url::parse(repository).unwrap(), reference).unwrap();
        assert_eq!(url.as_str(), expected);
    }
}
