//! Where the demo runs: on a control plane of its own, or in a namespace of somebody else's cluster.
//!
//! # Guarantees
//! In a cluster that is not ours ([`CONTEXT`]) nothing is written before it is known that no other
//! Pilothouse works there, and what was written is deleted at the end.

use std::fmt::Write;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use integration_tests::stage;
use testkit::{ControlPlane, Kubectl, eventually, programs};
use tokio::process::Command;

use crate::terminal::Teller;

/// Names the kubeconfig context to use instead of a throwaway control plane.
pub(crate) const CONTEXT: &str = "DEMO_CONTEXT";
/// Everything of the demo is in this namespace.
pub(crate) const NAMESPACE: &str = "pilothouse-demo";
/// How long a namespace may take to come or go.
const PATIENCE: Duration = Duration::from_mins(2);

/// The cluster of the demo.
#[derive(Debug)]
pub(crate) struct Ground {
    /// Ours, or that of the context.
    pub(crate) control_plane: ControlPlane,
    borrowed: Option<Borrowed>,
}

/// What is known about a cluster that is not ours.
#[derive(Debug)]
struct Borrowed {
    had_crd: bool,
}

impl Ground {
    /// Starts a control plane, or looks at the cluster of [`CONTEXT`] without writing to it.
    pub(crate) async fn choose(teller: &Teller, folder: &Path) -> Result<Self> {
        match std::env::var(CONTEXT) {
            Ok(context) if !context.is_empty() => {
                let what = format!("look at the cluster of context `{context}`");
                teller.step(&what, borrow(&context, folder)).await
            }
            _ => {
                let start = ControlPlane::start();
                let what = "start a throwaway control plane: etcd, API server, controllers, scheduler, nodes";
                Ok(Self {
                    control_plane: teller.step(what, start).await?,
                    borrowed: None,
                })
            }
        }
    }

    /// The timeout of a release: short where pods are simulated and images are not pulled.
    pub(crate) fn timeout(&self) -> &'static str {
        if self.borrowed.is_some() { "60s" } else { "15s" }
    }

    /// Installs the custom resource and makes the namespace.
    pub(crate) async fn prepare(&self) -> Result<()> {
        stage::install_crds(&self.control_plane).await?;
        let kubectl = self.kubectl()?;
        kubectl.run(["create", "namespace", NAMESPACE]).await?.success()?;
        // Pods are refused until the controller manager has made this account.
        eventually("the default service account", PATIENCE, || async {
            kubectl
                .run(["get", "serviceaccount", "default", "-n", NAMESPACE])
                .await?
                .success()
                .map(Some)
        })
        .await?;
        Ok(())
    }

    /// Takes everything out of a cluster that is not ours.
    pub(crate) async fn leave(&self, teller: &Teller) -> Result<()> {
        let Some(borrowed) = &self.borrowed else {
            return Ok(());
        };
        teller
            .step("clean up the cluster", self.clean(borrowed))
            .await
            .with_context(|| {
                let mut hint = format!("clean up\nhint: `kubectl delete namespace {NAMESPACE}`");
                if !borrowed.had_crd {
                    let _ = write!(hint, " and `kubectl delete crd {CRD}`");
                }
                hint
            })
    }

    /// `kubectl` as this demo uses it.
    pub(crate) fn kubectl(&self) -> Result<Kubectl> {
        Kubectl::new(&self.control_plane)
    }

    async fn clean(&self, borrowed: &Borrowed) -> Result<()> {
        let kubectl = self.kubectl()?;
        let get = [
            "get",
            "helmreleases",
            "-n",
            NAMESPACE,
            "-o",
            "name",
            "--ignore-not-found",
        ];
        // The story deletes its releases. After a failure the operator is gone, and nobody else removes the
        // finalizers; all objects of the charts are in the namespace and go with it.
        let left = kubectl.run(get).await?;
        for name in left.stdout.lines().filter(|_| left.status.success()) {
            let patch = r#"{"metadata":{"finalizers":null}}"#;
            kubectl
                .run(["patch", name, "-n", NAMESPACE, "--type=merge", "-p", patch])
                .await?
                .success()?;
        }
        let timeout = format!("--timeout={}s", PATIENCE.as_secs());
        kubectl
            .run([
                "delete",
                "namespace",
                NAMESPACE,
                "--ignore-not-found",
                "--wait",
                &timeout,
            ])
            .await?
            .success()?;
        if !borrowed.had_crd {
            kubectl
                .run(["delete", "crd", CRD, "--ignore-not-found", "--wait", &timeout])
                .await?
                .success()?;
        }
        Ok(())
    }
}

const CRD: &str = "helmreleases.pilothouse.dev";

/// Attaches to the cluster of a context and refuses one that the demo could disturb.
async fn borrow(context: &str, folder: &Path) -> Result<Ground> {
    let kubeconfig = folder.join("kubeconfig");
    let output = Command::new(programs::program("kubectl")?)
        .args([
            "config",
            "view",
            "--raw",
            "--minify",
            "--flatten",
            "--context",
            context,
        ])
        .output()
        .await
        .context("read the kubeconfig")?;
    if !output.status.success() {
        bail!(
            "read the context `{context}`: {}\nhint: `kubectl config get-contexts` lists the contexts",
            String::from_utf8_lossy(&output.stderr).trim()
        );
    }
    std::fs::write(&kubeconfig, output.stdout).context("write the kubeconfig of the demo")?;
    let mut ground = Ground {
        control_plane: ControlPlane::attach(&kubeconfig)?,
        borrowed: Some(Borrowed { had_crd: false }),
    };
    let kubectl = ground.kubectl()?;
    let ask = async |args: &[&str]| -> Result<String> {
        let quiet = ["--ignore-not-found", "-o", "name", "--request-timeout=20s"];
        kubectl
            .run(["get"].iter().chain(args).chain(&quiet))
            .await?
            .success()
    };
    if !ask(&["namespace", NAMESPACE]).await?.is_empty() {
        bail!(
            "look at the cluster: the namespace `{NAMESPACE}` exists\nhint: \
             `kubectl --context {context} delete namespace {NAMESPACE}` if a demo left it behind"
        );
    }
    let operators = ask(&[
        "deployments",
        "--all-namespaces",
        "-l",
        "app.kubernetes.io/name=pilothouse",
    ])
    .await?;
    if !operators.is_empty() {
        bail!(
            "look at the cluster: a Pilothouse operator is installed, and two must not work on one release\nhint: \
             apply a HelmRelease of your own instead, or run `make demo` without {CONTEXT}"
        );
    }
    let had_crd = !ask(&["crd", CRD]).await?.is_empty();
    if had_crd
        && !ask(&["helmreleases.pilothouse.dev", "--all-namespaces"])
            .await?
            .is_empty()
    {
        bail!(
            "look at the cluster: it has HelmReleases, and the demo would change their CRD\nhint: \
             use another context, or run `make demo` without {CONTEXT}"
        );
    }
    ground.borrowed = Some(Borrowed { had_crd });
    Ok(ground)
}
