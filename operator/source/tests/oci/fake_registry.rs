//! A registry in this process that speaks the pull side of the distribution specification and misbehaves on demand:
//! token server, pages of tags, image indexes, redirects to storage.

#![expect(clippy::unwrap_used, reason = "a mistake in a test may panic")]

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

use anyhow::Result;
use axum::Router;
use axum::body::Bytes;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use source::Digest;
use testkit::ChartBuilder;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

const PATH: &str = "team/charts";
const CONFIG: &str = "application/vnd.cncf.helm.config.v1+json";
const CHART: &str = "application/vnd.cncf.helm.chart.content.v1.tar+gzip";
const PROVENANCE: &str = "application/vnd.cncf.helm.chart.provenance.v1.prov";
const IMAGE: &str = "application/vnd.oci.image.manifest.v1+json";
const INDEX: &str = "application/vnd.oci.image.index.v1+json";

/// What the token server demands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Login {
    /// Nothing.
    Anonymous,
    /// `me` and `hunter2`.
    Basic,
    /// The refresh token `r3fresh`.
    Refresh,
}

/// A running registry.
pub(crate) struct FakeRegistry {
    host: String,
    shared: Arc<Mutex<Shared>>,
    server: JoinHandle<()>,
}

#[derive(Default)]
struct Shared {
    host: String,
    tags: BTreeMap<String, Digest>,
    manifests: BTreeMap<Digest, (&'static str, Vec<u8>)>,
    blobs: BTreeMap<Digest, Vec<u8>>,
    login: Option<Login>,
    page_size: Option<usize>,
    next_page: Option<String>,
    redirect: Option<String>,
    failure: Option<(String, u16)>,
    body: Option<(String, Vec<u8>)>,
    endless: bool,
    lies: bool,
    requests: Vec<(String, Option<String>)>,
}

impl FakeRegistry {
    pub(crate) async fn start() -> Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let host = listener.local_addr()?.to_string();
        let shared = Arc::new(Mutex::new(Shared {
            host: host.clone(),
            ..Shared::default()
        }));
        let app = Router::new().fallback(answer).with_state(Arc::clone(&shared));
        let server = tokio::spawn(async move {
            let _ = axum::serve(listener, app).await;
        });
        Ok(Self { host, shared, server })
    }

    pub(crate) fn host(&self) -> &str {
        &self.host
    }

    pub(crate) fn repository(&self) -> String {
        format!("oci://{}/{PATH}", self.host)
    }

    /// Adds a chart under a tag and returns its archive.
    pub(crate) fn chart(&self, tag: &str) -> Vec<u8> {
        self.add_chart(tag, None)
    }

    pub(crate) fn chart_with_provenance(&self, tag: &str, provenance: &[u8]) -> Vec<u8> {
        self.add_chart(tag, Some(provenance))
    }

    fn add_chart(&self, tag: &str, provenance: Option<&[u8]>) -> Vec<u8> {
        let archive = ChartBuilder::new("web", &tag.replace('_', "+"))
            .archive()
            .unwrap();
        let mut shared = self.lock();
        let config = shared.blob(CONFIG, b"{}");
        let mut layers = vec![shared.blob(CHART, &archive)];
        layers.extend(provenance.map(|provenance| shared.blob(PROVENANCE, provenance)));
        shared.manifest(
            tag,
            IMAGE,
            &json!({"schemaVersion": 2, "config": config, "layers": layers}),
        );
        archive
    }

    /// Adds something that is no chart.
    pub(crate) fn image(&self, tag: &str) {
        let mut shared = self.lock();
        let config = shared.blob("application/vnd.oci.image.config.v1+json", b"{}");
        let layer = shared.blob("application/vnd.oci.image.layer.v1.tar+gzip", b"layer");
        shared.manifest(
            tag,
            IMAGE,
            &json!({"schemaVersion": 2, "config": config, "layers": [layer]}),
        );
    }

    /// Adds an index of an image and of the chart with another tag.
    pub(crate) fn index(&self, tag: &str, chart: &str) -> Digest {
        self.image("image");
        let mut shared = self.lock();
        let entries: Vec<Value> = ["image", chart]
            .iter()
            .map(|tag| json!({"mediaType": IMAGE, "digest": shared.tags[*tag].to_string(), "size": 1}))
            .collect();
        shared.manifest(
            tag,
            INDEX,
            &json!({"schemaVersion": 2, "mediaType": INDEX, "manifests": entries}),
        )
    }

    pub(crate) fn tag_like(&self, tag: &str, other: &str) {
        let mut shared = self.lock();
        let digest = shared.tags.get(other).copied().unwrap_or_else(|| Digest::of(b""));
        shared.tags.insert(tag.to_owned(), digest);
    }

    pub(crate) fn forget(&self, tag: &str) {
        self.lock().tags.remove(tag);
    }

    pub(crate) fn demand_tokens(&self, login: Login) {
        self.lock().login = Some(login);
    }

    pub(crate) fn page_size(&self, size: usize) {
        self.lock().page_size = Some(size);
    }

    pub(crate) fn next_page_at(&self, url: &str) {
        self.lock().next_page = Some(url.to_owned());
    }

    pub(crate) fn redirect_blobs_to(&self, storage: &Self) {
        self.lock().redirect = Some(format!("http://{}", storage.host));
    }

    pub(crate) fn fail(&self, path: &str, status: u16) {
        self.lock().failure = Some((path.to_owned(), status));
    }

    /// Answers with this body wherever the path contains `path`.
    pub(crate) fn answer_with(&self, path: &str, body: Vec<u8>) {
        self.lock().body = Some((path.to_owned(), body));
    }

    /// Names another page of tags on every page.
    pub(crate) fn never_end_the_tags(&self) {
        self.lock().endless = true;
    }

    /// Adds an index of `images` images that are no charts, and the chart with another tag behind them.
    pub(crate) fn long_index(&self, tag: &str, images: usize, chart: &str) {
        let mut shared = self.lock();
        let mut entries = Vec::new();
        for number in 0..images {
            let config = shared.blob(
                "application/vnd.oci.image.config.v1+json",
                number.to_string().as_bytes(),
            );
            let image = json!({"schemaVersion": 2, "config": config, "layers": []});
            let digest = shared.manifest("image", IMAGE, &image);
            entries.push(json!({"mediaType": IMAGE, "digest": digest.to_string(), "size": 1}));
        }
        let digest = shared.tags[chart].to_string();
        entries.push(json!({"mediaType": IMAGE, "digest": digest, "size": 1}));
        shared.manifest(
            tag,
            INDEX,
            &json!({"schemaVersion": 2, "mediaType": INDEX, "manifests": entries}),
        );
    }

    pub(crate) fn lie_about_digests(&self) {
        self.lock().lies = true;
    }

    /// How many requests had a path that begins so.
    pub(crate) fn count(&self, path: &str) -> usize {
        self.lock()
            .requests
            .iter()
            .filter(|(seen, _)| seen.starts_with(path))
            .count()
    }

    /// Path and `Authorization` header of every request.
    pub(crate) fn authorizations(&self) -> Vec<(String, Option<String>)> {
        self.lock().requests.clone()
    }

    fn lock(&self) -> MutexGuard<'_, Shared> {
        self.shared.lock().unwrap()
    }
}

impl Drop for FakeRegistry {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl Shared {
    fn blob(&mut self, media_type: &str, content: &[u8]) -> Value {
        let digest = Digest::of(content);
        self.blobs.insert(digest, content.to_vec());
        json!({"mediaType": media_type, "digest": digest.to_string(), "size": content.len()})
    }

    fn manifest(&mut self, tag: &str, media_type: &'static str, content: &Value) -> Digest {
        let content = content.to_string().into_bytes();
        let digest = Digest::of(&content);
        self.manifests.insert(digest, (media_type, content));
        self.tags.insert(tag.to_owned(), digest);
        digest
    }
}

async fn answer(State(shared): State<Arc<Mutex<Shared>>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, 1 << 20).await.unwrap_or_default();
    let mut shared = shared.lock().unwrap();
    let authorization = parts
        .headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .map(str::to_owned);
    shared
        .requests
        .push((parts.uri.path().to_owned(), authorization.clone()));
    if parts.uri.path() == "/token" {
        return token(&shared, &parts.uri, authorization.as_deref(), &body);
    }
    if shared.login.is_some() && authorization.as_deref() != Some("Bearer t0ken") {
        let challenge = format!(r#"Bearer realm="http://{}/token",service="fake""#, shared.host);
        let problem = json!({"errors": [{"code": "UNAUTHORIZED", "message": "log in first"}]});
        return (
            StatusCode::UNAUTHORIZED,
            [(header::WWW_AUTHENTICATE, challenge)],
            problem.to_string(),
        )
            .into_response();
    }
    registry(&shared, &parts.uri)
}

fn token(shared: &Shared, uri: &Uri, authorization: Option<&str>, body: &Bytes) -> Response {
    let form = String::from_utf8_lossy(body).into_owned();
    let query = uri.query().unwrap_or_default();
    let scope = "repository%3Ateam%2Fcharts%2Fweb%3Apull";
    let granted = match shared.login {
        Some(Login::Anonymous) => {
            authorization.is_none() && query.contains(scope) && query.contains("service=fake")
        }
        // me:hunter2
        Some(Login::Basic) => authorization == Some("Basic bWU6aHVudGVyMg==") && query.contains(scope),
        Some(Login::Refresh) => {
            form.contains("refresh_token=r3fresh")
                && form.contains("grant_type=refresh_token")
                && form.contains(scope)
        }
        None => false,
    };
    if granted {
        json!({"access_token": "t0ken", "expires_in": 300})
            .to_string()
            .into_response()
    } else {
        (StatusCode::UNAUTHORIZED, "no").into_response()
    }
}

fn registry(shared: &Shared, uri: &Uri) -> Response {
    let not_found = || (StatusCode::NOT_FOUND, r#"{"errors":[{"code":"NAME_UNKNOWN"}]}"#).into_response();
    if let Some((path, status)) = &shared.failure
        && uri.path().contains(path)
    {
        let status = StatusCode::from_u16(*status).unwrap();
        return (status, [(header::RETRY_AFTER, "7")], "this failure is wanted").into_response();
    }
    if let Some((path, body)) = &shared.body
        && uri.path().contains(path)
    {
        return (
            [(
                header::LINK,
                "</v2/team/charts/web/tags/list?last=x>; rel=\"next\"",
            )],
            body.clone(),
        )
            .into_response();
    }
    let Some(rest) = uri.path().strip_prefix("/v2/team/charts/web/") else {
        return not_found();
    };
    match rest.split_once('/') {
        Some(("tags", "list")) => tags(shared, uri),
        Some(("manifests", wanted)) => {
            let digest = Digest::parse(wanted)
                .ok()
                .or_else(|| shared.tags.get(wanted).copied());
            let Some(digest) = digest else { return not_found() };
            let Some((media_type, content)) = shared.manifests.get(&digest) else {
                return not_found();
            };
            let told = if shared.lies { Digest::of(b"lie") } else { digest };
            let headers = [
                ("content-type", (*media_type).to_owned()),
                ("docker-content-digest", told.to_string()),
            ];
            (headers, content.clone()).into_response()
        }
        Some(("blobs", wanted)) => {
            if let Some(storage) = &shared.redirect {
                let location = [(header::LOCATION, format!("{storage}{}", uri.path()))];
                return (StatusCode::TEMPORARY_REDIRECT, location).into_response();
            }
            let blob = Digest::parse(wanted)
                .ok()
                .and_then(|digest| shared.blobs.get(&digest).cloned());
            blob.map_or_else(not_found, IntoResponse::into_response)
        }
        Some(_) | None => not_found(),
    }
}

/// Pages as the specification wants them, with a relative link.
fn tags(shared: &Shared, uri: &Uri) -> Response {
    let last = uri
        .query()
        .and_then(|query| query.split('&').find_map(|pair| pair.strip_prefix("last=")));
    let all: Vec<&String> = shared
        .tags
        .keys()
        .filter(|tag| last.is_none_or(|last| tag.as_str() > last))
        .collect();
    let size = shared.page_size.unwrap_or(usize::MAX);
    let page: Vec<&String> = all.iter().take(size).copied().collect();
    let mut headers = HeaderMap::new();
    let next = match &shared.next_page {
        Some(url) => Some(url.clone()),
        None if shared.endless => Some(format!(
            "/v2/team/charts/web/tags/list?page={}",
            shared.requests.len()
        )),
        None if page.len() < all.len() => Some(format!(
            "/v2/team/charts/web/tags/list?n={size}&last={}",
            page[page.len() - 1]
        )),
        None => None,
    };
    if let Some(next) = next {
        headers.insert(header::LINK, format!("<{next}>; rel=\"next\"").parse().unwrap());
    }
    (
        headers,
        json!({"name": "team/charts/web", "tags": page}).to_string(),
    )
        .into_response()
}
