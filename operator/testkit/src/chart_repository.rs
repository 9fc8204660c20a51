//! An HTTP chart repository that fails on demand and remembers who asked for what.
//!
//! It serves the files of a folder. Nothing of Helm is known here: `index.yaml` and the archives
//! come from [`index_yaml`] and [`ChartBuilder`](crate::ChartBuilder), or from
//! the real `helm`.

use std::fs;
use std::net::SocketAddr;
use std::path::{Component, Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyhow::{Context, Result};
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use futures::StreamExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use crate::chart_builder::{PackagedChart, index_yaml, sha256};
use crate::tls::Identity;

/// Longer than any client waits.
const FOREVER: Duration = Duration::from_hours(1);

/// How the repository misbehaves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// Answers with this status and a short text.
    Status(u16),
    /// Answers 200 with these bytes in place of the file.
    Body(Vec<u8>),
    /// Announces the whole file, sends half of it and drops the connection.
    Truncated,
    /// Answers after this pause.
    Slow(Duration),
    /// Accepts the request and never answers.
    Hang,
    /// Answers 302 to this URL with the path of the file appended.
    Redirect(String),
}

/// One request that reached the repository, answered or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordedRequest {
    /// Path of the URL, with the leading slash.
    pub path: String,
    /// The `Authorization` header.
    pub authorization: Option<String>,
    /// The `User-Agent` header.
    pub user_agent: Option<String>,
    /// The `If-None-Match` header.
    pub if_none_match: Option<String>,
    /// The status of the answer.
    pub status: u16,
}

/// A running repository. Dropping it stops it.
#[derive(Debug)]
pub struct ChartRepository {
    address: SocketAddr,
    tls: Option<Identity>,
    shared: Arc<Shared>,
    server: Mutex<Option<Server>>,
}

#[derive(Debug)]
struct Server {
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

#[derive(Debug)]
struct Shared {
    folder: PathBuf,
    state: Mutex<Settings>,
}

#[derive(Debug, Default)]
struct Settings {
    /// The first fault whose suffix ends the path counts.
    faults: Vec<(String, Fault)>,
    /// The one accepted `Authorization` header.
    authorization: Option<String>,
    requests: Vec<RecordedRequest>,
}

impl ChartRepository {
    /// Serves `folder` over HTTP on a free port, until dropped.
    pub async fn start(folder: &Path) -> Result<Self> {
        Self::start_with(folder, None).await
    }

    /// Serves `folder` over HTTPS with this certificate, which must be for `localhost` or `127.0.0.1`.
    pub async fn start_tls(folder: &Path, identity: Identity) -> Result<Self> {
        Self::start_with(folder, Some(identity)).await
    }

    /// The URL, without a slash at the end.
    pub fn url(&self) -> String {
        let scheme = if self.tls.is_some() { "https" } else { "http" };
        format!("{scheme}://127.0.0.1:{}", self.address.port())
    }

    /// Packages nothing, writes `index.yaml` for archives that are in the folder already.
    pub fn publish(&self, charts: &[PackagedChart]) -> Result<()> {
        fs::write(self.shared.folder.join("index.yaml"), index_yaml(charts)?).context("write index.yaml")
    }

    /// Every path that ends with `suffix` (`""` for all) fails from now on; a later fault for the
    /// same suffix replaces the earlier one.
    pub fn fail(&self, suffix: &str, fault: Fault) {
        let mut state = self.shared.lock();
        state.faults.retain(|(known, _)| known != suffix);
        state.faults.push((suffix.to_owned(), fault));
    }

    /// Ends all faults.
    pub fn heal(&self) {
        self.shared.lock().faults.clear();
    }

    /// Requires HTTP basic authentication; anything else is answered with 401.
    pub fn require_basic_auth(&self, user: &str, password: &str) {
        self.shared.lock().authorization =
            Some(format!("Basic {}", STANDARD.encode(format!("{user}:{password}"))));
    }

    /// Requires a bearer token; anything else is answered with 401.
    pub fn require_bearer_token(&self, token: &str) {
        self.shared.lock().authorization = Some(format!("Bearer {token}"));
    }

    /// Every request so far, oldest first.
    pub fn requests(&self) -> Vec<RecordedRequest> {
        self.shared.lock().requests.clone()
    }

    /// How many requests had a path that ends with `suffix`.
    pub fn count(&self, suffix: &str) -> usize {
        self.shared
            .lock()
            .requests
            .iter()
            .filter(|request| request.path.ends_with(suffix))
            .count()
    }

    /// Stops listening: connections are refused, open ones are closed.
    pub async fn go_down(&self) {
        let server = lock(&self.server).take();
        if let Some(Server { stop, task }) = server {
            let _ = stop.send(());
            // Requests that hang on purpose would hold a graceful end back.
            if tokio::time::timeout(Duration::from_millis(200), task)
                .await
                .is_err()
            {
                // The listener is closed already; the rest ends with the runtime.
            }
        }
    }

    /// Listens again on the same port.
    pub async fn come_up(&self) -> Result<()> {
        if lock(&self.server).is_none() {
            let listener = TcpListener::bind(self.address)
                .await
                .context("listen for chart requests")?;
            *lock(&self.server) = Some(serve(listener, self.tls.as_ref(), self.shared.clone())?);
        }
        Ok(())
    }

    async fn start_with(folder: &Path, tls: Option<Identity>) -> Result<Self> {
        let shared = Arc::new(Shared {
            folder: folder.to_owned(),
            state: Mutex::new(Settings::default()),
        });
        let listener = TcpListener::bind(("127.0.0.1", 0))
            .await
            .context("listen for chart requests")?;
        let address = listener.local_addr().context("listen for chart requests")?;
        let server = serve(listener, tls.as_ref(), shared.clone())?;
        Ok(Self {
            address,
            tls,
            shared,
            server: Mutex::new(Some(server)),
        })
    }
}

impl Drop for ChartRepository {
    fn drop(&mut self) {
        if let Some(server) = lock(&self.server).take() {
            server.task.abort();
        }
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Settings> {
        lock(&self.state)
    }

    fn fault(&self, path: &str) -> Option<Fault> {
        let state = self.lock();
        state
            .faults
            .iter()
            .find(|(suffix, _)| path.ends_with(suffix.as_str()))
            .map(|(_, fault)| fault.clone())
    }

    fn authorized(&self, headers: &HeaderMap) -> bool {
        match &self.lock().authorization {
            Some(expected) => text(headers, header::AUTHORIZATION).as_ref() == Some(expected),
            None => true,
        }
    }
}

fn serve(listener: TcpListener, tls: Option<&Identity>, shared: Arc<Shared>) -> Result<Server> {
    let app = Router::new().fallback(answer).with_state(shared);
    let (stop, stopped) = oneshot::channel::<()>();
    let stopped = async {
        let _ = stopped.await;
    };
    let task = match tls {
        None => tokio::spawn(async move {
            let _ = axum::serve(listener, app).with_graceful_shutdown(stopped).await;
        }),
        Some(identity) => {
            let listener = TlsListener {
                listener,
                acceptor: acceptor(identity)?,
            };
            tokio::spawn(async move {
                let _ = axum::serve(listener, app).with_graceful_shutdown(stopped).await;
            })
        }
    };
    Ok(Server { stop, task })
}

async fn answer(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let path = request.uri().path().to_owned();
    let headers = request.headers().clone();
    let mut recorded = RecordedRequest {
        path: path.clone(),
        authorization: text(&headers, header::AUTHORIZATION),
        user_agent: text(&headers, header::USER_AGENT),
        if_none_match: text(&headers, header::IF_NONE_MATCH),
        status: 0,
    };
    let fault = shared.fault(&path);
    let response = if shared.authorized(&headers) {
        file(&shared.folder, &path, &headers, fault.as_ref())
    } else {
        let challenge = [(header::WWW_AUTHENTICATE, "Basic realm=\"charts\"")];
        (StatusCode::UNAUTHORIZED, challenge, "who are you").into_response()
    };
    recorded.status = response.status().as_u16();
    shared.lock().requests.push(recorded);
    match fault {
        Some(Fault::Hang) => tokio::time::sleep(FOREVER).await,
        Some(Fault::Slow(pause)) => tokio::time::sleep(pause).await,
        Some(Fault::Status(_) | Fault::Body(_) | Fault::Truncated | Fault::Redirect(_)) | None => {}
    }
    response
}

fn file(folder: &Path, path: &str, headers: &HeaderMap, fault: Option<&Fault>) -> Response {
    match fault {
        Some(Fault::Status(status)) => {
            let status = StatusCode::from_u16(*status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            return (status, "this failure is wanted").into_response();
        }
        Some(Fault::Body(body)) => return body.clone().into_response(),
        Some(Fault::Redirect(target)) => {
            return (StatusCode::FOUND, [(header::LOCATION, format!("{target}{path}"))]).into_response();
        }
        Some(Fault::Truncated | Fault::Slow(_) | Fault::Hang) | None => {}
    }
    let relative = Path::new(path.trim_start_matches('/'));
    let inside = relative
        .components()
        .all(|component| matches!(component, Component::Normal(_)));
    let Some(content) = inside.then(|| fs::read(folder.join(relative)).ok()).flatten() else {
        return (StatusCode::NOT_FOUND, "404 page not found").into_response();
    };
    if fault == Some(&Fault::Truncated) {
        let half = Bytes::copy_from_slice(&content[..content.len() / 2]);
        let broken = futures::stream::iter([Ok(half), Err(std::io::Error::other("this failure is wanted"))]);
        // Without the pause both items could be one write, and the half would never arrive.
        let broken = broken.then(|item| async {
            tokio::time::sleep(Duration::from_millis(20)).await;
            item
        });
        let length = [(header::CONTENT_LENGTH, content.len())];
        return (length, Body::from_stream(broken)).into_response();
    }
    let tag = format!("\"{}\"", sha256(&content));
    if text(headers, header::IF_NONE_MATCH).as_ref() == Some(&tag) {
        return StatusCode::NOT_MODIFIED.into_response();
    }
    ([(header::ETAG, tag)], content).into_response()
}

fn text(headers: &HeaderMap, name: header::HeaderName) -> Option<String> {
    headers
        .get(name)
        .and_then(|value| value.to_str().ok())
        .map(str::to_owned)
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Accepts connections and does the handshake; those who fail it are dropped.
struct TlsListener {
    listener: TcpListener,
    acceptor: TlsAcceptor,
}

impl axum::serve::Listener for TlsListener {
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        loop {
            let Ok((stream, address)) = self.listener.accept().await else {
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            };
            if let Ok(stream) = self.acceptor.accept(stream).await {
                return (stream, address);
            }
        }
    }

    fn local_addr(&self) -> std::io::Result<Self::Addr> {
        self.listener.local_addr()
    }
}

fn acceptor(identity: &Identity) -> Result<TlsAcceptor> {
    use tokio_rustls::rustls::ServerConfig;
    use tokio_rustls::rustls::pki_types::pem::PemObject;
    use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
    let certificate =
        CertificateDer::from_pem_slice(identity.certificate.as_bytes()).context("read a certificate")?;
    let key = PrivateKeyDer::from_pem_slice(identity.key.as_bytes()).context("read a private key")?;
    let config = ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .context("use a server certificate")?;
    Ok(TlsAcceptor::from(Arc::new(config)))
}
