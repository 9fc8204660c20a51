//! A Kubernetes control plane for tests: etcd, kube-apiserver with RBAC, kube-controller-manager,
//! kube-scheduler, and KWOK in place of nodes.
//!
//! It listens on free ports of the loopback interface, keeps its data in a temporary folder, and
//! is gone with the process that started it, however that process ends (see
//! [`supervisor`](crate::supervisor)).

mod launch;

use std::env;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use k8s_openapi::api::authentication::v1::{TokenRequest, TokenRequestSpec};
use k8s_openapi::api::core::v1::{Node, ServiceAccount};
use kube::api::{Api, PostParams};
use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::{Client, Config};
use tokio::sync::OnceCell;

use crate::namespace::TestNamespace;
use crate::supervisor::SweptFolder;
use crate::wait::eventually;
use launch::{KUBECONFIG, Programs};

/// Names the kubeconfig of a running control plane that [`ControlPlane::shared`] uses.
pub const TEST_KUBECONFIG: &str = "PILOTHOUSE_TEST_KUBECONFIG";

/// Ports are free when they are chosen but can be taken a moment later, so a failed start is repeated.
const START_ATTEMPTS: usize = 3;
/// A start takes about eight seconds on two idle cores; a loaded machine needs patience.
const START_TIMEOUT: Duration = Duration::from_mins(2);

/// A control plane, started here or somewhere else.
///
/// # Guarantees
/// - RBAC is on; only [`client`](Self::client) and [`kubeconfig`](Self::kubeconfig) are allowed everything.
/// - When a value made by [`start`](Self::start) is dropped, every process has ended.
#[derive(Debug)]
pub struct ControlPlane {
    // Dropped in this order: programs first, then the folder they write to.
    programs: Option<Programs>,
    _folder: Option<SweptFolder>,
    path: PathBuf,
    kubeconfig: Kubeconfig,
    start_duration: Duration,
}

impl ControlPlane {
    /// Starts a control plane in a temporary folder and waits until pods can be scheduled.
    pub async fn start() -> Result<Self> {
        let mut attempt = 1;
        loop {
            let folder = SweptFolder::create("pilothouse-control-plane-")?;
            let path = folder.path().to_owned();
            match Self::start_programs(&path, Some(folder)).await {
                Ok(control_plane) => return Ok(control_plane),
                Err(_) if attempt < START_ATTEMPTS => attempt += 1,
                Err(error) => return Err(error),
            }
        }
    }

    /// Starts a control plane in `folder`, which must be empty or absent and is kept afterwards,
    /// logs included.
    pub async fn start_in(folder: &Path) -> Result<Self> {
        std::fs::create_dir_all(folder).with_context(|| format!("create `{}`", folder.display()))?;
        let folder = folder
            .canonicalize()
            .with_context(|| format!("find `{}`", folder.display()))?;
        let mut entries =
            std::fs::read_dir(&folder).with_context(|| format!("list `{}`", folder.display()))?;
        if entries.next().is_some() {
            bail!("start a control plane: `{}` is not empty", folder.display());
        }
        Self::start_programs(&folder, None).await
    }

    /// Uses the control plane of a kubeconfig, for example one that `control-plane up` started.
    pub fn attach(kubeconfig: &Path) -> Result<Self> {
        Ok(Self {
            programs: None,
            _folder: None,
            path: kubeconfig.to_owned(),
            kubeconfig: Kubeconfig::read_from(kubeconfig)
                .with_context(|| format!("read the kubeconfig `{}`", kubeconfig.display()))?,
            start_duration: Duration::ZERO,
        })
    }

    /// The one control plane of this test run: that of [`TEST_KUBECONFIG`] when it is set, else one
    /// started by the first caller in this process. Tests take a [`namespace`](Self::namespace) each.
    pub async fn shared() -> Result<&'static Self> {
        static SHARED: OnceCell<ControlPlane> = OnceCell::const_new();
        SHARED
            .get_or_try_init(|| async {
                match env::var_os(TEST_KUBECONFIG) {
                    Some(path) if !path.is_empty() => Self::attach(Path::new(&path)),
                    _ => Self::start().await,
                }
            })
            .await
    }

    /// The kubeconfig file of the administrator. It holds everything it needs, so it can be copied.
    pub fn kubeconfig(&self) -> &Path {
        &self.path
    }

    /// How long the start took; zero for an attached one.
    pub fn start_duration(&self) -> Duration {
        self.start_duration
    }

    /// A client of the administrator.
    ///
    /// Make one for each test: a client belongs to the async runtime it was made in, and every
    /// test has its own.
    pub async fn client(&self) -> Result<Client> {
        client(self.kubeconfig.clone()).await
    }

    /// A client that acts as somebody else (impersonation), with that user's rights only.
    pub async fn client_as(&self, user: &str, groups: &[&str]) -> Result<Client> {
        let mut kubeconfig = self.kubeconfig.clone();
        for named in &mut kubeconfig.auth_infos {
            if let Some(auth_info) = &mut named.auth_info {
                auth_info.impersonate = Some(user.to_owned());
                auth_info.impersonate_groups = Some(groups.iter().map(|&group| group.to_owned()).collect());
            }
        }
        client(kubeconfig).await
    }

    /// A client that holds a token of a service account, as a pod of that account would.
    pub async fn client_for_service_account(&self, namespace: &str, name: &str) -> Result<Client> {
        let text = self.service_account_kubeconfig(namespace, name).await?;
        client(Kubeconfig::from_yaml(&text).context("read the kubeconfig of a service account")?).await
    }

    /// The text of a kubeconfig with a token of a service account, valid for an hour.
    pub async fn service_account_kubeconfig(&self, namespace: &str, name: &str) -> Result<String> {
        let accounts: Api<ServiceAccount> = Api::namespaced(self.client().await?, namespace);
        let request = TokenRequest {
            spec: Some(TokenRequestSpec {
                expiration_seconds: Some(3600),
                ..TokenRequestSpec::default()
            }),
            ..TokenRequest::default()
        };
        let token = accounts
            .create_token_request(name, &PostParams::default(), &request)
            .await
            .with_context(|| format!("request a token of the service account {namespace}/{name}"))?
            .status
            .context("request a token: the answer has no status")?
            .token;
        let cluster = self
            .kubeconfig
            .clusters
            .first()
            .and_then(|named| named.cluster.as_ref());
        let server = cluster
            .and_then(|cluster| cluster.server.as_deref())
            .context("find the server")?;
        let authority = cluster
            .and_then(|cluster| cluster.certificate_authority_data.as_deref())
            .context("find the certificate authority")?;
        launch::kubeconfig_text(server, authority, &serde_json::json!({"token": token}))
    }

    /// A new namespace for one test, named after `purpose`.
    pub async fn namespace(&self, purpose: &str) -> Result<TestNamespace> {
        TestNamespace::create(config(self.kubeconfig.clone()).await?, purpose).await
    }

    /// Kills the API server, as an outage does. Never on the shared control plane.
    pub fn stop_api_server(&self) -> Result<()> {
        self.programs()?.stop_api_server();
        Ok(())
    }

    /// Starts the API server again on the same port and waits until it is ready.
    pub async fn start_api_server(&self) -> Result<()> {
        self.programs()?.start_api_server()?;
        self.wait_until_ready().await
    }

    fn programs(&self) -> Result<&Programs> {
        self.programs
            .as_ref()
            .context("reach the programs of the control plane: it was started elsewhere")
    }

    async fn start_programs(path: &Path, folder: Option<SweptFolder>) -> Result<Self> {
        let started = Instant::now();
        let programs = Programs::start_api(path)?;
        let path = path.join(KUBECONFIG);
        let kubeconfig = Kubeconfig::read_from(&path).context("read the kubeconfig that was just written")?;
        let mut control_plane = Self {
            programs: Some(programs),
            _folder: folder,
            path,
            kubeconfig,
            start_duration: Duration::ZERO,
        };
        control_plane.wait_until_ready().await?;
        let client = control_plane.client().await?;
        launch::create_objects(&client).await?;
        control_plane.programs()?.start_others()?;
        control_plane.wait_until_schedulable(&client).await?;
        control_plane.start_duration = started.elapsed();
        Ok(control_plane)
    }

    async fn wait_until_ready(&self) -> Result<()> {
        let client = self.client().await?;
        eventually("the API server", START_TIMEOUT, || async {
            self.programs()?.check()?;
            let request = http_get("/readyz")?;
            let answer = client
                .request_text(request)
                .await
                .context("ask the API server for /readyz")?;
            Ok((answer == "ok").then_some(()))
        })
        .await
        .map_err(|error| self.with_last_words(error))
    }

    /// Nodes are ready and untainted, and the service account that pods need exists.
    async fn wait_until_schedulable(&self, client: &Client) -> Result<()> {
        let nodes: Api<Node> = Api::all(client.clone());
        let accounts: Api<ServiceAccount> = Api::namespaced(client.clone(), "default");
        eventually("nodes that take pods", START_TIMEOUT, || async {
            self.programs()?.check()?;
            let nodes = nodes
                .list(&kube::api::ListParams::default())
                .await
                .context("list nodes")?;
            let untainted = nodes.items.iter().all(|node| {
                let ready = node
                    .status
                    .iter()
                    .flat_map(|status| status.conditions.iter().flatten());
                let ready = ready
                    .into_iter()
                    .any(|condition| condition.type_ == "Ready" && condition.status == "True");
                let tainted = node
                    .spec
                    .iter()
                    .any(|spec| spec.taints.iter().flatten().next().is_some());
                ready && !tainted
            });
            let account = accounts
                .get_opt("default")
                .await
                .context("get the default service account")?;
            Ok((untainted && account.is_some()).then_some(()))
        })
        .await
        .map_err(|error| self.with_last_words(error))
    }

    fn with_last_words(&self, error: anyhow::Error) -> anyhow::Error {
        match &self.programs {
            Some(programs) => error.context(programs.last_words()),
            None => error,
        }
    }
}

fn http_get(path: &str) -> Result<axum::http::Request<Vec<u8>>> {
    axum::http::Request::get(path)
        .body(Vec::new())
        .context("write a request")
}

async fn client(kubeconfig: Kubeconfig) -> Result<Client> {
    Client::try_from(config(kubeconfig).await?).context("make a client")
}

async fn config(kubeconfig: Kubeconfig) -> Result<Config> {
    Config::from_custom_kubeconfig(kubeconfig, &KubeConfigOptions::default())
        .await
        .context("read the kubeconfig")
}
