//! The operator as a process: started, killed and restarted by tests as a kubelet would.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use tokio::process::{Child, Command};

/// How long an operator may take from start to ready.
const START_TIMEOUT: Duration = Duration::from_secs(30);

/// A running `pilothouse run`. It is killed when this value is dropped.
#[derive(Debug)]
pub struct Operator {
    child: Child,
    /// Its log, for the message of a failed test.
    pub log: PathBuf,
    /// Base URL of the admin server.
    pub admin: String,
}

impl Operator {
    /// Starts an operator that looks at `namespaces` only (all of them when empty) and waits until it is ready.
    ///
    /// # Errors
    /// The binary is missing, or the operator did not become ready in time; the message ends with its log.
    pub async fn start(kubeconfig: &Path, namespaces: &[&str], folder: &Path) -> Result<Self> {
        let port = testkit::supervisor::free_ports(1)?[0];
        let log = folder.join(format!("operator-{port}.log"));
        let file = std::fs::File::create(&log).context("create the operator's log")?;
        let mut command = Command::new(binary()?);
        command
            .arg("run")
            .args(["--listen", &format!("127.0.0.1:{port}"), "--log-format", "human"])
            .args(
                namespaces
                    .iter()
                    .flat_map(|namespace| ["--watch-namespace", namespace]),
            )
            .env("KUBECONFIG", kubeconfig)
            .env(
                "RUST_LOG",
                std::env::var("RUST_LOG").unwrap_or_else(|_| "info,controller=debug,cluster=debug".into()),
            )
            .stdin(Stdio::null())
            .stdout(file.try_clone()?)
            .stderr(file)
            .kill_on_drop(true);
        let child = command.spawn().context("start the operator")?;
        let mut operator = Self {
            child,
            log,
            admin: format!("http://127.0.0.1:{port}"),
        };
        operator.ready().await?;
        Ok(operator)
    }

    /// Waits until `/readyz` says yes.
    async fn ready(&mut self) -> Result<()> {
        let deadline = tokio::time::Instant::now() + START_TIMEOUT;
        loop {
            if let Some(status) = self.child.try_wait()? {
                bail!("the operator ended at start: {status}\n{}", self.log_end());
            }
            if self.get("/readyz").await.is_ok() {
                return Ok(());
            }
            if tokio::time::Instant::now() > deadline {
                bail!("the operator did not become ready\n{}", self.log_end());
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// The body of an admin page.
    ///
    /// # Errors
    /// The connection failed or the answer was not 200.
    pub async fn get(&self, path: &str) -> Result<String> {
        use tokio::io::{AsyncReadExt, AsyncWriteExt};
        let address = self.admin.trim_start_matches("http://");
        let mut stream = tokio::net::TcpStream::connect(address).await?;
        stream
            .write_all(
                format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n").as_bytes(),
            )
            .await?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await?;
        let (head, body) = answer
            .split_once("\r\n\r\n")
            .context("read an answer of the admin server")?;
        if !head.starts_with("HTTP/1.1 200") {
            bail!("GET {path}: {head}");
        }
        Ok(body.to_owned())
    }

    /// SIGKILL: no goodbye, as a node that loses power.
    ///
    /// # Errors
    /// The process was gone already.
    pub async fn kill(mut self) -> Result<()> {
        self.child.kill().await.context("kill the operator")
    }

    /// SIGTERM, as a kubelet sends it, and waits for the end.
    ///
    /// # Errors
    /// The operator did not end within 20 seconds or ended with a failure.
    pub async fn terminate(mut self) -> Result<()> {
        let pid = self.child.id().context("the operator ended already")?;
        let status = Command::new("kill")
            .args(["-TERM", &pid.to_string()])
            .status()
            .await?;
        anyhow::ensure!(status.success(), "send SIGTERM to the operator");
        let ended = tokio::time::timeout(Duration::from_secs(20), self.child.wait())
            .await
            .context("the operator ignored SIGTERM")??;
        anyhow::ensure!(
            ended.success(),
            "the operator ended with {ended}\n{}",
            self.log_end()
        );
        Ok(())
    }

    /// Resident memory in bytes.
    ///
    /// # Errors
    /// The process is gone.
    pub fn resident_bytes(&self) -> Result<u64> {
        let pid = self.child.id().context("the operator ended")?;
        let status = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
        let line = status
            .lines()
            .find(|line| line.starts_with("VmRSS:"))
            .context("read VmRSS")?;
        let kib: u64 = line.split_whitespace().nth(1).context("read VmRSS")?.parse()?;
        Ok(kib * 1024)
    }

    /// The last lines of the log.
    pub fn log_end(&self) -> String {
        testkit::supervisor::log_end(&self.log)
    }
}

/// The binary under test: `PILOTHOUSE_BIN`, or the one beside the test's own executable.
fn binary() -> Result<PathBuf> {
    if let Ok(path) = std::env::var("PILOTHOUSE_BIN") {
        return Ok(path.into());
    }
    let own = std::env::current_exe()?;
    own.ancestors()
        .map(|folder| folder.join("pilothouse"))
        .find(|path| path.is_file())
        .context("find the operator's binary\nhint: `make e2e` builds it and says where it is")
}
