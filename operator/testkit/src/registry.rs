//! The CNCF distribution registry, for charts in OCI registries.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result};
use serde_json::json;

use crate::programs;
use crate::supervisor::{Supervised, SweptFolder, free_ports, wait_for_port};
use crate::tls::Identity;
use crate::tool::{Helm, Output};

/// The only user of a registry with authentication.
pub const USER: &str = "pilot";
/// The password of [`USER`].
pub const PASSWORD: &str = "housekeeping";
/// bcrypt of [`PASSWORD`], the one format that the registry reads.
const HTPASSWD: &str = "pilot:$2a$04$tyJfSo5rWqdh6QRGE6o80uz67eNRE1PVvJkCUCXhs4XXhrNdGD2Le\n";

const START_TIMEOUT: Duration = Duration::from_secs(30);
/// As for the control plane: a free port can be taken before it is used.
const START_ATTEMPTS: usize = 3;

/// What a registry demands of its clients.
#[derive(Debug, Clone, Default)]
pub struct Demands {
    /// Basic authentication as [`USER`].
    pub authentication: bool,
    /// HTTPS with this certificate, which must be for `127.0.0.1`; else plain HTTP.
    pub tls: Option<Identity>,
}

/// A running registry. Dropping it ends the process and deletes its data.
#[derive(Debug)]
pub struct Registry {
    // Dropped in this order: the process first.
    _process: Supervised,
    folder: SweptFolder,
    port: u16,
    demands: Demands,
}

impl Registry {
    /// Starts an empty registry with plain HTTP, open to everybody.
    pub async fn start() -> Result<Self> {
        Self::start_with(Demands::default()).await
    }

    /// Starts an empty registry.
    pub async fn start_with(demands: Demands) -> Result<Self> {
        let mut attempt = 1;
        loop {
            match Self::try_start(demands.clone()).await {
                Ok(registry) => return Ok(registry),
                Err(_) if attempt < START_ATTEMPTS => attempt += 1,
                Err(error) => return Err(error),
            }
        }
    }

    /// `127.0.0.1:<port>`.
    pub fn host(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// `oci://127.0.0.1:<port>/<path>`, for `spec.chart.repository`.
    pub fn repository(&self, path: &str) -> String {
        format!("oci://{}/{path}", self.host())
    }

    /// Pushes an archive under `path` with the real `helm push`, so that it becomes
    /// `<path>/<chart name>:<version>`. Returns the digest of the manifest (`sha256:...`).
    pub async fn push(&self, archive: &Path, path: &str) -> Result<String> {
        let helm = Helm::without_cluster()?;
        let authority = if self.demands.tls.is_some() {
            "--insecure-skip-tls-verify"
        } else {
            "--plain-http"
        };
        let (archive, target) = (archive.display().to_string(), self.repository(path));
        let mut args = vec!["push", &archive, &target, authority];
        if self.demands.authentication {
            args.extend(["--username", USER, "--password", PASSWORD]);
        }
        let output = helm.run(args).await?;
        digest(output)
    }

    /// Where the blobs are, for tests that damage them.
    pub fn storage(&self) -> PathBuf {
        self.folder.path().join("storage")
    }

    async fn try_start(demands: Demands) -> Result<Self> {
        let folder = SweptFolder::create("pilothouse-registry-")?;
        let port = free_ports(1)?.first().copied().context("find a free port")?;
        let mut config = json!({
            "version": "0.1",
            "log": {"level": "warn"},
            "storage": {"filesystem": {"rootdirectory": folder.path().join("storage")}, "delete": {"enabled": true}},
            "http": {"addr": format!("127.0.0.1:{port}")},
        });
        if demands.authentication {
            let file = folder.path().join("htpasswd");
            fs::write(&file, HTPASSWD).context("write the users of the registry")?;
            config["auth"] = json!({"htpasswd": {"realm": "charts", "path": file}});
        }
        if let Some(identity) = &demands.tls {
            let (certificate, key) = (folder.path().join("server.crt"), folder.path().join("server.key"));
            fs::write(&certificate, &identity.certificate)
                .context("write the certificate of the registry")?;
            fs::write(&key, &identity.key).context("write the key of the registry")?;
            config["http"]["tls"] = json!({"certificate": certificate, "key": key});
        }
        let text = serde_yaml::to_string(&config).context("write the configuration of the registry")?;
        fs::write(folder.path().join("config.yaml"), text)
            .context("write the configuration of the registry")?;
        let program = programs::program("registry")?;
        let mut process = Supervised::start("registry", &program, ["serve", "config.yaml"], folder.path())?;
        wait_for_port(&mut process, port, START_TIMEOUT).await?;
        Ok(Self {
            _process: process,
            folder,
            port,
            demands,
        })
    }
}

/// `helm push` names the digest on standard error.
fn digest(output: Output) -> Result<String> {
    let said = format!("{}{}", output.stdout, output.stderr);
    output.success()?;
    said.lines()
        .find_map(|line| line.strip_prefix("Digest: "))
        .map(str::to_owned)
        .with_context(|| format!("find the digest in what helm said: {said}"))
}
