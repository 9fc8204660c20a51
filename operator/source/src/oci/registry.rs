//! The three requests to a registry: tags, manifests, blobs.

use helm::version::Version;
use reqwest::header::{CONTENT_TYPE, HeaderMap, LINK};
use reqwest::{Response, StatusCode};
use serde::Deserialize;
use url::Url;

use super::manifest::{ACCEPT, ChartManifest, Document};
use super::{OciError, Registries, Session};
use crate::credentials::CredentialScope;
use crate::digest::Digest;
use crate::error::DigestSource;
use crate::http::{self, Get, Http};
use crate::options::{MAX_INDEX_MANIFESTS, MAX_METADATA_BYTES, MAX_TAGS};

/// Most pages of tags that are read; a registry that gives one tag a page is not worth more.
const MAX_PAGES: usize = 1000;

/// How much of an error's body is looked at.
const MAX_ERROR_BYTES: u64 = 16 * 1024;

/// Every tag that is a version, newest first. Only strict versions count, as for Helm: `v1.2.3` does not.
pub(super) async fn tags(registries: &Registries, session: &Session) -> Result<Vec<Version>, OciError> {
    let mut next = Some(url(session, "tags/list"));
    let mut versions = Vec::new();
    let mut seen = 0;
    for _ in 0..MAX_PAGES {
        let Some(page) = next.take() else { break };
        let (headers, body) = get(registries, session, &page, "application/json", MAX_METADATA_BYTES).await?;
        let list: TagList = serde_json::from_slice(&body)
            .map_err(|error| OciError::Manifest(format!("decode the tags: {error}")))?;
        let tags = list.tags.unwrap_or_default();
        seen += tags.len();
        versions.extend(
            tags.iter()
                .filter_map(|tag| Version::parse_strict(&tag.replace('_', "+")).ok()),
        );
        if seen > MAX_TAGS {
            tracing::warn!(repository = %session.repository, "only the first {MAX_TAGS} tags are looked at");
            break;
        }
        next = next_page(&page, &headers);
    }
    versions.sort_by(|left, right| right.compare(left));
    Ok(versions)
}

/// The chart behind a tag or digest. An index is searched for it.
pub(super) async fn chart_manifest(
    registries: &Registries,
    session: &Session,
    wanted: &str,
) -> Result<ChartManifest, OciError> {
    let (digest, document) = document(registries, session, wanted).await?;
    let entries = match document {
        Document::Image(image) => return image.into_chart(digest),
        Document::Index(entries) => entries,
    };
    let mut last = None;
    for entry in entries.into_iter().take(MAX_INDEX_MANIFESTS) {
        let Document::Image(image) = self::document(registries, session, &entry.to_string()).await?.1 else {
            continue;
        };
        // The tag stands for the index.
        let is_chart = image.is_chart();
        let chart = image.into_chart(digest);
        if is_chart {
            return chart;
        }
        last = Some(chart);
    }
    let none = "manifest does not contain minimum number of descriptors (2), descriptors found: 1";
    last.unwrap_or_else(|| Err(OciError::Manifest(none.to_owned())))
}

/// The bytes of a blob. The caller verifies them.
pub(super) async fn blob(
    registries: &Registries,
    session: &Session,
    digest: Digest,
    limit: u64,
) -> Result<Vec<u8>, OciError> {
    let url = url(session, &format!("blobs/{digest}"));
    get(registries, session, &url, "*/*", limit)
        .await
        .map(|(_, body)| body)
}

#[derive(Deserialize)]
struct TagList {
    tags: Option<Vec<String>>,
}

/// A document and its digest, which is the one in `wanted` if that is a digest.
async fn document(
    registries: &Registries,
    session: &Session,
    wanted: &str,
) -> Result<(Digest, Document), OciError> {
    let url = url(session, &format!("manifests/{wanted}"));
    let (headers, body) = get(registries, session, &url, &ACCEPT.join(", "), MAX_METADATA_BYTES).await?;
    let actual = Digest::of(&body);
    let promised = [
        (
            DigestSource::Manifest,
            Digest::parse(wanted)
                .ok()
                .filter(|_| wanted.starts_with("sha256:")),
        ),
        (
            DigestSource::Registry,
            header(&headers, "docker-content-digest").and_then(|text| Digest::parse(text).ok()),
        ),
    ];
    for (promised_by, expected) in promised {
        if let Some(expected) = expected.filter(|expected| *expected != actual) {
            return Err(OciError::Digest {
                promised_by,
                expected,
                actual,
            });
        }
    }
    let content_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    Ok((actual, Document::parse(&body, content_type)?))
}

/// Gets something, logging in when the registry wants it.
async fn get(
    registries: &Registries,
    session: &Session,
    url: &Url,
    accept: &str,
    limit: u64,
) -> Result<(HeaderMap, Vec<u8>), OciError> {
    let Registries { http, tokens, .. } = registries;
    let request = |authorization| {
        Get::new(url.clone()).accept(accept).authorization(
            authorization,
            &session.base,
            CredentialScope::SameHost,
        )
    };
    let work = async {
        let mut response = http
            .send(&session.client, &request(tokens.get(session.scope)))
            .await?;
        if response.status() == StatusCode::UNAUTHORIZED
            && let Some(header) = tokens.answer(http, session, response.headers()).await?
        {
            response = http.send(&session.client, &request(Some(header))).await?;
        }
        if response.status() != StatusCode::OK {
            return Err(refused(http, response).await);
        }
        let headers = response.headers().clone();
        let body = http.read(response, limit).await?;
        Ok((headers, body))
    };
    http.within(url, work).await
}

/// What a status other than 200 means.
async fn refused(http: &Http, response: Response) -> OciError {
    let status = response.status();
    let shown = http::shown(response.url());
    let error = http::status_error(&response);
    match status {
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => match message(http, response).await {
            Some(message) => OciError::Unauthorized(format!("{error}: {message}")),
            None => OciError::Unauthorized(error.to_string()),
        },
        StatusCode::NOT_FOUND => OciError::NotFound(shown),
        _ => OciError::Http(error),
    }
}

/// What the registry says about an error.
async fn message(http: &Http, response: Response) -> Option<String> {
    #[derive(Deserialize)]
    struct Envelope {
        errors: Vec<Problem>,
    }
    #[derive(Deserialize)]
    struct Problem {
        #[serde(default)]
        message: String,
    }
    let body = http.read(response, MAX_ERROR_BYTES).await.ok()?;
    let envelope: Envelope = serde_json::from_slice(&body).ok()?;
    let message = envelope
        .errors
        .into_iter()
        .map(|problem| problem.message)
        .find(|text| !text.is_empty())?;
    Some(
        message
            .chars()
            .filter(|character| !character.is_control())
            .take(200)
            .collect(),
    )
}

/// The URL behind the last page: `Link: </v2/…>; rel="next"`. Only the same server may name it.
fn next_page(page: &Url, headers: &HeaderMap) -> Option<Url> {
    let link = headers.get(LINK)?.to_str().ok()?;
    let (target, parameters) = link.trim().strip_prefix('<')?.split_once('>')?;
    let is_next = parameters.split(';').any(|parameter| {
        let parameter = parameter
            .split_once('=')
            .map(|(name, value)| (name.trim(), value.trim().trim_matches('"')));
        parameter.is_some_and(|(name, value)| {
            name.eq_ignore_ascii_case("rel") && value.eq_ignore_ascii_case("next")
        })
    });
    let next = page.join(target).ok().filter(|_| is_next)?;
    (next.origin() == page.origin() && next != *page).then_some(next)
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

fn url(session: &Session, path: &str) -> Url {
    let mut url = session.base.clone();
    url.set_path(&format!("/v2/{}/{path}", session.repository));
    url
}
