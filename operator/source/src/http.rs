//! HTTP requests with bounds: one client for each set of TLS options, redirects followed by hand so that credentials
//! stay at home, every body limited, every answer within a deadline.
//!
//! It knows neither charts nor registries; [`crate::repository`] and [`crate::oci`] say what a status means to them.

use std::error::Error as _;
use std::future::Future;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use reqwest::header::{
    ACCEPT, ACCEPT_ENCODING, AUTHORIZATION, CONTENT_TYPE, ETAG, HeaderMap, HeaderName, HeaderValue,
    IF_MODIFIED_SINCE, IF_NONE_MATCH, LAST_MODIFIED, LOCATION, RETRY_AFTER,
};
use reqwest::{Certificate, Client, Identity, Response, StatusCode};
use tokio::sync::Semaphore;
use url::Url;

use crate::credentials::{CredentialScope, SecretText};
use crate::error::ErrorClass;
use crate::options::{MAX_REDIRECTS, SourceOptions};
use crate::request::{TlsOptions, TlsVerify};
use crate::scope::Hasher;

/// Servers that treat Helm specially see a Helm, and their logs tell who it really was.
const USER_AGENT: &str = concat!("Helm/4.2.4 Pilothouse/", env!("CARGO_PKG_VERSION"));

/// How many clients with different TLS options are kept. Each holds idle connections and parsed certificates.
const MAX_CLIENTS: usize = 64;

/// Bodies up to this size are read without asking for memory: nearly all charts are smaller.
const FREE: u64 = 1024 * 1024;

/// The unit of memory for bodies.
const UNIT: u64 = 1024 * 1024;

/// The longest pause that a server may ask for with `Retry-After`.
const MAX_RETRY_AFTER: Duration = Duration::from_hours(1);

/// Why there is no usable answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum HttpError {
    /// The TLS options cannot be used.
    #[error("can't create TLS config for client: {0}")]
    Tls(String),
    /// The URL is none.
    #[error("failed to parse {text} as URL: {cause}")]
    Url { text: String, cause: String },
    /// Neither `http` nor `https`.
    #[error("scheme {scheme:?} not supported ({url})")]
    Scheme { scheme: String, url: String },
    /// No connection, or it broke.
    #[error("failed to fetch {url} : {cause}")]
    Connection { url: String, cause: String },
    /// The deadline passed.
    #[error("failed to fetch {url} : no answer within {}s", after.as_secs_f32())]
    Timeout { url: String, after: Duration },
    /// Not 200.
    #[error("failed to fetch {url} : {}", status_text(*status))]
    Status {
        url: String,
        status: StatusCode,
        retry_after: Option<Duration>,
    },
    /// A circle, most likely.
    #[error("failed to fetch {url} : stopped after {MAX_REDIRECTS} redirects")]
    Redirects { url: String },
    /// The body exceeds its limit.
    #[error("failed to fetch {url} : larger than the maximum size {limit}")]
    TooLarge { url: String, limit: u64 },
}

impl HttpError {
    /// Whether the same request may succeed later.
    pub(crate) fn class(&self) -> ErrorClass {
        match self {
            Self::Connection { .. } | Self::Timeout { .. } => ErrorClass::Transient,
            Self::Status { status, .. } => {
                let overloaded = matches!(
                    *status,
                    StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_EARLY | StatusCode::TOO_MANY_REQUESTS
                );
                if overloaded || status.is_server_error() {
                    ErrorClass::Transient
                } else {
                    ErrorClass::Permanent
                }
            }
            Self::Tls(_)
            | Self::Url { .. }
            | Self::Scheme { .. }
            | Self::Redirects { .. }
            | Self::TooLarge { .. } => ErrorClass::Permanent,
        }
    }

    /// The status of the answer, when there was one.
    pub(crate) fn status(&self) -> Option<StatusCode> {
        match self {
            Self::Status { status, .. } => Some(*status),
            Self::Tls(_)
            | Self::Url { .. }
            | Self::Scheme { .. }
            | Self::Connection { .. }
            | Self::Timeout { .. }
            | Self::Redirects { .. }
            | Self::TooLarge { .. } => None,
        }
    }

    /// What `Retry-After` asked for.
    pub(crate) fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Status { retry_after, .. } => *retry_after,
            Self::Tls(_)
            | Self::Url { .. }
            | Self::Scheme { .. }
            | Self::Connection { .. }
            | Self::Timeout { .. }
            | Self::Redirects { .. }
            | Self::TooLarge { .. } => None,
        }
    }
}

/// What to ask for.
#[derive(Debug, Clone)]
pub(crate) struct Get {
    url: Url,
    accept: Option<String>,
    authorization: Option<SecretText>,
    /// The authorization goes to the first URL; it is dropped for good at the first redirect to another server.
    gzip: bool,
    validators: Validators,
}

/// What a server told us to recognise a version of a resource by.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Validators {
    etag: Option<HeaderValue>,
    last_modified: Option<HeaderValue>,
}

impl Validators {
    /// The validators of an answer.
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        Self {
            etag: headers.get(ETAG).cloned(),
            last_modified: headers.get(LAST_MODIFIED).cloned(),
        }
    }
}

impl Get {
    /// A plain request.
    pub(crate) fn new(url: Url) -> Self {
        Self {
            url,
            accept: None,
            authorization: None,
            gzip: false,
            validators: Validators::default(),
        }
    }

    /// Sets `Accept`.
    pub(crate) fn accept(mut self, media_types: &str) -> Self {
        self.accept = Some(media_types.to_owned());
        self
    }

    /// Sends this `Authorization` when the URL belongs to `home`, or when everybody may see it.
    pub(crate) fn authorization(
        mut self,
        value: Option<SecretText>,
        home: &Url,
        scope: CredentialScope,
    ) -> Self {
        let admitted = match scope {
            CredentialScope::SameHost => same_server(home, &self.url),
            CredentialScope::AllHosts => true,
        };
        self.authorization = value.filter(|_| admitted);
        self
    }

    /// Accepts a compressed body, which the caller has to unpack.
    pub(crate) fn gzip(mut self) -> Self {
        self.gzip = true;
        self
    }

    /// Asks for the resource only if it changed.
    pub(crate) fn unless(mut self, validators: Validators) -> Self {
        self.validators = validators;
        self
    }
}

/// The clients and the settings they share.
#[derive(Debug)]
pub(crate) struct Http {
    request_timeout: Duration,
    connect_timeout: Duration,
    /// Memory for bodies, in units of [`UNIT`].
    memory: Semaphore,
    /// The oldest first.
    clients: Mutex<Vec<([u8; 32], Client)>>,
}

impl Http {
    /// No connection is made before the first request.
    pub(crate) fn new(options: &SourceOptions) -> Self {
        Self {
            request_timeout: options.request_timeout,
            connect_timeout: options.connect_timeout,
            memory: Semaphore::new(units(
                options
                    .download_memory
                    .max(options.max_archive_bytes)
                    .max(options.max_index_bytes),
            )),
            clients: Mutex::default(),
        }
    }

    /// The client for these TLS options.
    pub(crate) fn client(&self, tls: &TlsOptions) -> Result<Client, HttpError> {
        let key = Hasher::plain().tls(tls).finish();
        let mut clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, client)) = clients.iter().find(|(known, _)| *known == key) {
            return Ok(client.clone());
        }
        let client = self.build(tls)?;
        if clients.len() >= MAX_CLIENTS {
            clients.remove(0);
        }
        clients.push((key, client.clone()));
        Ok(client)
    }

    fn build(&self, tls: &TlsOptions) -> Result<Client, HttpError> {
        let refused = |error: reqwest::Error| HttpError::Tls(causes(&error.without_url()));
        let mut builder = Client::builder()
            .user_agent(USER_AGENT)
            .connect_timeout(self.connect_timeout)
            .redirect(reqwest::redirect::Policy::none())
            // A `.tgz` that a server labels as `Content-Encoding: gzip` must stay as it is.
            .no_gzip();
        if let Some(ca) = &tls.ca {
            let authorities = Certificate::from_pem_bundle(ca).map_err(refused)?;
            if authorities.is_empty() {
                return Err(HttpError::Tls("the CA bundle has no certificate".to_owned()));
            }
            builder = builder.tls_certs_only(authorities);
        }
        if let Some(client) = &tls.client {
            let pem = [client.certificate.as_slice(), b"\n", client.key.as_slice()].concat();
            builder = builder.identity(Identity::from_pem(&pem).map_err(refused)?);
        }
        builder = builder.tls_danger_accept_invalid_certs(tls.verify == TlsVerify::Skip);
        builder.build().map_err(refused)
    }

    /// Runs a request and the reading of its answer within the deadline.
    pub(crate) async fn within<T, E: From<HttpError>>(
        &self,
        url: &Url,
        work: impl Future<Output = Result<T, E>>,
    ) -> Result<T, E> {
        match tokio::time::timeout(self.request_timeout, work).await {
            Ok(result) => result,
            Err(_) => Err(HttpError::Timeout {
                url: shown(url),
                after: self.request_timeout,
            }
            .into()),
        }
    }

    /// Sends a request and follows redirects. Any other status is an answer.
    pub(crate) async fn send(&self, client: &Client, get: &Get) -> Result<Response, HttpError> {
        let mut url = get.url.clone();
        let mut authorization = get.authorization.as_ref();
        for _ in 0..=MAX_REDIRECTS {
            if !matches!(url.scheme(), "http" | "https") {
                return Err(HttpError::Scheme {
                    scheme: url.scheme().to_owned(),
                    url: shown(&url),
                });
            }
            let mut request = client.get(url.clone()).headers(get.headers());
            if let Some(value) = authorization {
                request = request.header(AUTHORIZATION, sensitive(value, &url)?);
            }
            let response = request.send().await.map_err(|error| broken(&url, error))?;
            let Some(next) = redirect_target(&url, &response)? else {
                return Ok(response);
            };
            if !same_server(&url, &next) {
                authorization = None;
            }
            url = next;
        }
        Err(HttpError::Redirects { url: shown(&get.url) })
    }

    /// Reads a body that may have at most `limit` bytes.
    pub(crate) async fn read(&self, response: Response, limit: u64) -> Result<Vec<u8>, HttpError> {
        let mut body = Vec::new();
        self.read_with(response, limit, |chunk| body.extend_from_slice(chunk))
            .await?;
        Ok(body)
    }

    /// Passes a body that may have at most `limit` bytes on, piece by piece.
    ///
    /// Bodies beyond [`FREE`] wait until there is memory for the whole of them. It is reserved in one piece, so that
    /// downloads cannot wait for each other in a circle, and only when the body is there, so that servers which do not
    /// answer hold nothing back.
    pub(crate) async fn read_with(
        &self,
        mut response: Response,
        limit: u64,
        mut each: impl FnMut(&[u8]),
    ) -> Result<(), HttpError> {
        let url = response.url().clone();
        let too_large = || HttpError::TooLarge {
            url: shown(&url),
            limit,
        };
        let announced = response.content_length();
        if announced.is_some_and(|length| length > limit) {
            return Err(too_large());
        }
        let mut left = limit;
        let mut reserved = None;
        while let Some(chunk) = response.chunk().await.map_err(|error| broken(&url, error))? {
            left = left.checked_sub(chunk.len() as u64).ok_or_else(too_large)?;
            if reserved.is_none() && limit - left > FREE {
                let permits = u32::try_from(units(announced.unwrap_or(limit))).unwrap_or(u32::MAX);
                // The semaphore is never closed and has at least as many permits as a limit needs.
                reserved = self.memory.acquire_many(permits).await.ok();
            }
            each(&chunk);
        }
        Ok(())
    }

    /// Sends a form, without following redirects: it may hold a token.
    pub(crate) async fn post_form(
        &self,
        client: &Client,
        url: &Url,
        fields: &[(&str, &str)],
    ) -> Result<Response, HttpError> {
        let body = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields)
            .finish();
        client
            .post(url.clone())
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(body)
            .send()
            .await
            .map_err(|error| broken(url, error))
    }
}

impl Get {
    fn headers(&self) -> HeaderMap {
        let mut headers = HeaderMap::new();
        let mut set = |name: HeaderName, value: Option<HeaderValue>| {
            if let Some(value) = value {
                headers.insert(name, value);
            }
        };
        set(
            ACCEPT,
            self.accept
                .as_deref()
                .and_then(|text| HeaderValue::from_str(text).ok()),
        );
        set(
            ACCEPT_ENCODING,
            self.gzip.then(|| HeaderValue::from_static("gzip")),
        );
        set(IF_NONE_MATCH, self.validators.etag.clone());
        set(IF_MODIFIED_SINCE, self.validators.last_modified.clone());
        headers
    }
}

/// The answer, if it is a 200.
pub(crate) fn expect_ok(response: Response) -> Result<Response, HttpError> {
    if response.status() == StatusCode::OK {
        Ok(response)
    } else {
        Err(status_error(&response))
    }
}

/// The error for an answer that is not wanted.
pub(crate) fn status_error(response: &Response) -> HttpError {
    HttpError::Status {
        url: shown(response.url()),
        status: response.status(),
        retry_after: retry_after(response.headers()),
    }
}

/// Reads a URL of a request.
pub(crate) fn parse_url(text: &str) -> Result<Url, HttpError> {
    Url::parse(text).map_err(|error| HttpError::Url {
        text: text.split_once('@').map_or(text, |(_, rest)| rest).to_owned(),
        cause: error.to_string(),
    })
}

/// A URL as messages show it: without user information and query, which may hold secrets.
pub(crate) fn shown(url: &Url) -> String {
    let mut shown = url.clone();
    // These fail for URLs without a host, which have nothing to hide there.
    let _ = shown.set_username("");
    let _ = shown.set_password(None);
    shown.set_query(None);
    shown.set_fragment(None);
    shown.into()
}

/// Whether credentials for one URL may be sent to the other: same scheme, host and port, or the same host moved from
/// plain HTTP to HTTPS on the usual ports.
fn same_server(home: &Url, other: &Url) -> bool {
    let same_port = home.port_or_known_default() == other.port_or_known_default();
    let same = home.scheme() == other.scheme() && same_port;
    let upgraded = home.scheme() == "http"
        && other.scheme() == "https"
        && home.port_or_known_default() == Some(80)
        && other.port_or_known_default() == Some(443);
    home.host() == other.host() && (same || upgraded)
}

fn redirect_target(url: &Url, response: &Response) -> Result<Option<Url>, HttpError> {
    let moved = matches!(
        response.status(),
        StatusCode::MOVED_PERMANENTLY
            | StatusCode::FOUND
            | StatusCode::SEE_OTHER
            | StatusCode::TEMPORARY_REDIRECT
            | StatusCode::PERMANENT_REDIRECT
    );
    let Some(location) = response.headers().get(LOCATION).filter(|_| moved) else {
        return Ok(None);
    };
    let unusable = |cause: String| HttpError::Connection {
        url: shown(url),
        cause: format!("the Location of a redirect cannot be used: {cause}"),
    };
    let location = location.to_str().map_err(|error| unusable(error.to_string()))?;
    url.join(location)
        .map(Some)
        .map_err(|error| unusable(error.to_string()))
}

fn sensitive(value: &SecretText, url: &Url) -> Result<HeaderValue, HttpError> {
    let mut header = HeaderValue::from_str(value.reveal()).map_err(|_| HttpError::Connection {
        url: shown(url),
        cause: "the credentials have characters that cannot be sent".to_owned(),
    })?;
    header.set_sensitive(true);
    Ok(header)
}

fn broken(url: &Url, error: reqwest::Error) -> HttpError {
    HttpError::Connection {
        url: shown(url),
        cause: causes(&error.without_url()),
    }
}

/// An error with its causes. The outer layers of an HTTP library say nothing that the inner do not.
fn causes(error: &reqwest::Error) -> String {
    let mut causes = vec![error.to_string()];
    let mut source = error.source();
    while let Some(cause) = source {
        causes.push(cause.to_string());
        source = cause.source();
    }
    causes.dedup();
    let generic = |text: &String| matches!(text.as_str(), "error sending request" | "client error (Connect)");
    let telling: Vec<String> = causes.iter().filter(|text| !generic(text)).cloned().collect();
    if telling.is_empty() {
        causes.join(": ")
    } else {
        telling.join(": ")
    }
}

fn units(bytes: u64) -> usize {
    usize::try_from(bytes.div_ceil(UNIT))
        .unwrap_or(usize::MAX)
        .min(Semaphore::MAX_PERMITS)
}

fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let seconds = headers.get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds).min(MAX_RETRY_AFTER))
}

/// `404 Not Found`, as Go prints a status.
fn status_text(status: StatusCode) -> String {
    match status.canonical_reason() {
        Some(reason) => format!("{} {reason}", status.as_u16()),
        None => status.as_u16().to_string(),
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("https://a.example.com/x", "https://a.example.com/y", true)]
    #[case("https://a.example.com/x", "https://a.example.com:443/y", true)]
    #[case("https://a.example.com/x", "https://a.example.com:444/y", false)]
    #[case("https://a.example.com/x", "http://a.example.com/y", false)]
    #[case("http://a.example.com/x", "https://a.example.com/y", true)]
    #[case("http://a.example.com:8080/x", "https://a.example.com/y", false)]
    #[case("https://example.com/x", "https://a.example.com/y", false)]
    #[case("https://a.example.com/x", "https://A.EXAMPLE.com/y", true)]
    fn credentials_stay_at_one_server(#[case] home: &str, #[case] other: &str, #[case] expected: bool) {
        assert_eq!(
            same_server(&Url::parse(home).unwrap(), &Url::parse(other).unwrap()),
            expected
        );
    }

    #[test]
    fn urls_are_shown_without_secrets() {
        let url = Url::parse("https://me:hunter2@example.com/charts?token=hunter2#x").unwrap();
        assert_eq!(shown(&url), "https://example.com/charts");
        let error = parse_url("https://me:hunter2@exa mple.com")
            .unwrap_err()
            .to_string();
        assert!(!error.contains("hunter2"), "{error}");
    }

    #[test]
    fn a_server_cannot_ask_for_more_patience_than_there_is() {
        let asked = |value: &str| retry_after(&HeaderMap::from_iter([(RETRY_AFTER, value.parse().unwrap())]));
        assert_eq!(asked("7"), Some(Duration::from_secs(7)));
        assert_eq!(asked("99999999"), Some(MAX_RETRY_AFTER));
        assert_eq!(asked("soon"), None);
    }

    #[test]
    fn clients_are_shared_and_their_number_is_bounded() {
        let http = Http::new(&SourceOptions::default());
        for number in 0..MAX_CLIENTS + 5 {
            let pem = testkit::tls::Authority::generate(&number.to_string())
                .unwrap()
                .certificate();
            let tls = TlsOptions {
                ca: Some(pem.into_bytes()),
                ..TlsOptions::default()
            };
            http.client(&tls).unwrap();
            http.client(&tls).unwrap();
        }
        assert_eq!(http.clients.lock().unwrap().len(), MAX_CLIENTS);
    }

    #[test]
    fn certificates_that_are_none_are_refused() {
        let http = Http::new(&SourceOptions::default());
        let tls = TlsOptions {
            ca: Some(b"not a certificate".to_vec()),
            ..TlsOptions::default()
        };
        let error = http.client(&tls).unwrap_err();
        assert_eq!(
            error.to_string(),
            "can't create TLS config for client: the CA bundle has no certificate"
        );
        assert_eq!(error.class(), ErrorClass::Permanent);
    }
}
