//! The real `helm` (4 and 3) and `kubectl`, run as a person runs them.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};

use anyhow::{Context, Result, bail};
use tokio::io::AsyncWriteExt;
use tokio::process::Command;

use crate::control_plane::ControlPlane;
use crate::programs;

/// What a program printed, and how it ended.
#[derive(Debug, Clone)]
pub struct Output {
    /// The command line, for messages.
    pub command: String,
    /// How it ended.
    pub status: ExitStatus,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

impl Output {
    /// The standard output of a command that must succeed.
    ///
    /// # Errors
    /// The command failed; the message holds what it printed.
    pub fn success(self) -> Result<String> {
        if !self.status.success() {
            bail!(
                "run `{}`: {}\n{}{}",
                self.command,
                self.status,
                self.stdout,
                self.stderr
            );
        }
        Ok(self.stdout)
    }

    /// The standard error of a command that must fail.
    ///
    /// # Errors
    /// The command succeeded.
    pub fn failure(self) -> Result<String> {
        if self.status.success() {
            bail!(
                "run `{}`: it succeeded, but a failure was expected\n{}",
                self.command,
                self.stdout
            );
        }
        Ok(self.stderr)
    }
}

/// A `helm` with its own configuration and cache, so that nothing of the user's helm is seen or changed.
#[derive(Debug)]
pub struct Helm {
    program: PathBuf,
    kubeconfig: Option<PathBuf>,
    home: tempfile::TempDir,
}

impl Helm {
    /// Helm 4 for a control plane.
    pub fn v4(control_plane: &ControlPlane) -> Result<Self> {
        Self::new(programs::helm4()?, Some(control_plane.kubeconfig()))
    }

    /// Helm 3 for a control plane.
    pub fn v3(control_plane: &ControlPlane) -> Result<Self> {
        Self::new(programs::program("helm3")?, Some(control_plane.kubeconfig()))
    }

    /// Helm 4 without a cluster: `template`, `package`, `push`, `lint`.
    pub fn without_cluster() -> Result<Self> {
        Self::new(programs::helm4()?, None)
    }

    /// The same helm with the kubeconfig of somebody else.
    #[must_use]
    pub fn with_kubeconfig(mut self, kubeconfig: &Path) -> Self {
        self.kubeconfig = Some(kubeconfig.to_owned());
        self
    }

    /// Runs `helm` with these arguments.
    ///
    /// # Errors
    /// The program could not be started. A failing command is not an error here: see
    /// [`Output::success`] and [`Output::failure`].
    pub async fn run<I, S>(&self, args: I) -> Result<Output>
    where
        I: IntoIterator<Item = S>,
        S: AsRef<OsStr>,
    {
        let mut command = Command::new(&self.program);
        command.args(args);
        for (variable, folder) in [
            ("HELM_CACHE_HOME", "cache"),
            ("HELM_CONFIG_HOME", "config"),
            ("HELM_DATA_HOME", "data"),
        ] {
            command.env(variable, self.home.path().join(folder));
        }
        for variable in [
            "HELM_NAMESPACE",
            "HELM_DRIVER",
            "HELM_KUBECONTEXT",
            "HELM_PLUGINS",
            "HELM_DEBUG",
        ] {
            command.env_remove(variable);
        }
        // Without a cluster helm must not find the user's.
        command.env(
            "KUBECONFIG",
            self.kubeconfig.as_deref().unwrap_or(Path::new("/dev/null")),
        );
        run(command, None).await
    }

    fn new(program: PathBuf, kubeconfig: Option<&Path>) -> Result<Self> {
        let home = tempfile::Builder::new()
            .prefix("testkit-helm-")
            .tempdir()
            .context("create a home for helm")?;
        Ok(Self {
            program,
            kubeconfig: kubeconfig.map(Path::to_owned),
            home,
        })
    }
}

/// `kubectl` for a control plane.
#[derive(Debug)]
pub struct Kubectl {
    program: PathBuf,
    kubeconfig: PathBuf,
}

impl Kubectl {
    /// `kubectl` as the administrator of a control plane.
    pub fn new(control_plane: &ControlPlane) -> Result<Self> {
        Ok(Self {
            program: programs::program("kubectl")?,
            kubeconfig: control_plane.kubeconfig().to_owned(),
        })
    }

    /// Runs `kubectl` with these arguments.
    pub async fn run<I, S>(&self, args: I) -> Result<Output>
    where
        I: IntoIterator<Item = S>,
        S: AsRef<OsStr>,
    {
        run(self.command(args), None).await
    }

    /// Runs `kubectl` with these arguments and `input` as standard input, for example `apply -f -`.
    pub async fn run_with_input<I, S>(&self, args: I, input: &str) -> Result<Output>
    where
        I: IntoIterator<Item = S>,
        S: AsRef<OsStr>,
    {
        run(self.command(args), Some(input)).await
    }

    fn command<I, S>(&self, args: I) -> Command
    where
        I: IntoIterator<Item = S>,
        S: AsRef<OsStr>,
    {
        let mut command = Command::new(&self.program);
        command.args(args).env("KUBECONFIG", &self.kubeconfig);
        command
    }
}

async fn run(mut command: Command, input: Option<&str>) -> Result<Output> {
    let arguments = command.as_std().get_args().map(OsStr::to_string_lossy);
    let program = Path::new(command.as_std().get_program())
        .file_name()
        .unwrap_or_default()
        .to_string_lossy();
    let line = std::iter::once(program)
        .chain(arguments)
        .collect::<Vec<_>>()
        .join(" ");
    command
        .stdin(if input.is_some() {
            Stdio::piped()
        } else {
            Stdio::null()
        })
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    let mut child = command.spawn().with_context(|| format!("run `{line}`"))?;
    if let (Some(input), Some(mut stdin)) = (input, child.stdin.take()) {
        stdin
            .write_all(input.as_bytes())
            .await
            .with_context(|| format!("give `{line}` its input"))?;
    }
    let output = child
        .wait_with_output()
        .await
        .with_context(|| format!("run `{line}`"))?;
    Ok(Output {
        command: line,
        status: output.status,
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    })
}
