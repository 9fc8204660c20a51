//! The scene of an end-to-end test: a namespace, an operator that looks only at it, a chart
//! repository, and the real `helm` as referee.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use kube::api::{Api, ApiResource, DynamicObject, GroupVersionKind, ListParams, Patch, PatchParams};
use serde_json::{Value, json};
use testkit::{ChartBuilder, ChartRepository, ControlPlane, Helm, Kubectl, TestNamespace};
use tokio::sync::OnceCell;

use crate::operator::Operator;
use crate::release::{self, Release};

/// How long a release may take in these tests before the test fails: generous, for a busy machine.
pub const PATIENCE: Duration = Duration::from_secs(90);

static CRDS: OnceCell<()> = OnceCell::const_new();

/// A namespace, an operator, a chart repository.
pub struct Stage {
    /// The control plane that all tests share.
    pub control_plane: &'static ControlPlane,
    /// The namespace of this test.
    pub namespace: TestNamespace,
    /// The chart repository of this test.
    pub repository: ChartRepository,
    /// The running operator; tests may take it and put another in place.
    pub operator: Option<Operator>,
    /// Charts and logs.
    pub folder: tempfile::TempDir,
    packaged: Vec<testkit::PackagedChart>,
}

impl Stage {
    /// Sets the scene with the given charts in the repository.
    ///
    /// # Errors
    /// The control plane, the repository or the operator did not start.
    pub async fn new(purpose: &str, charts: &[ChartBuilder]) -> Result<Self> {
        let control_plane = ControlPlane::shared().await?;
        install_crds(control_plane).await?;
        let namespace = control_plane.namespace(purpose).await?;
        let folder = tempfile::Builder::new().prefix("pilothouse-e2e-").tempdir()?;
        let repository = ChartRepository::start(folder.path()).await?;
        let mut stage = Self {
            control_plane,
            namespace,
            repository,
            operator: None,
            folder,
            packaged: Vec::new(),
        };
        for chart in charts {
            stage.publish(chart)?;
        }
        stage.start_operator().await?;
        Ok(stage)
    }

    /// Starts the operator (again).
    ///
    /// # Errors
    /// It did not become ready.
    pub async fn start_operator(&mut self) -> Result<()> {
        let operator = Operator::start(
            self.control_plane.kubeconfig(),
            &[self.namespace.name()],
            self.folder.path(),
        )
        .await?;
        self.operator = Some(operator);
        Ok(())
    }

    /// Adds a chart to the repository.
    ///
    /// # Errors
    /// The chart could not be packaged.
    pub fn publish(&mut self, chart: &ChartBuilder) -> Result<PathBuf> {
        let packaged = chart.package(self.folder.path())?;
        let path = packaged.path.clone();
        self.packaged.push(packaged);
        self.repository.publish(&self.packaged)?;
        Ok(path)
    }

    /// Puts an archive that exists already into the repository, beside what `helm repo index` finds there.
    ///
    /// # Errors
    /// The archive can't be copied or indexed.
    pub async fn publish_archive(&self, archive: &std::path::Path, name: &str) -> Result<()> {
        std::fs::copy(archive, self.folder.path().join(name)).context("copy the archive")?;
        let folder = self.folder.path().display().to_string();
        self.helm(&["repo", "index", &folder]).await.map(drop)
    }

    /// The packaged file of a published chart, for helm.
    ///
    /// # Errors
    /// It was not published, or its path is not text.
    pub fn chart_file(&self, name: &str, version: &str) -> Result<String> {
        let path = self.folder.path().join(format!("{name}-{version}.tgz"));
        anyhow::ensure!(path.is_file(), "{name} {version} was not published");
        path.into_os_string()
            .into_string()
            .map_err(|_| anyhow::anyhow!("the path is not text"))
    }

    /// A release of a chart of the repository, with a wait that suits tests.
    pub fn release(&self, name: &str, chart: &str, version: &str) -> Release {
        Release::new(name, &self.repository.url(), chart, version).set("/timeout", "20s")
    }

    /// The API of `HelmRelease` in the test's namespace, untyped.
    pub fn releases(&self) -> Api<DynamicObject> {
        Api::namespaced_with(
            self.namespace.client(),
            self.namespace.name(),
            &release_resource(),
        )
    }

    /// Applies a manifest as `kubectl apply --server-side` does.
    ///
    /// # Errors
    /// The API server refused it.
    pub async fn apply(&self, release: &Release) -> Result<()> {
        self.releases()
            .patch(
                release.name(),
                &PatchParams::apply("gitops").force(),
                &Patch::Apply(&release.manifest),
            )
            .await
            .context("apply the release")?;
        Ok(())
    }

    /// The release as it is stored now.
    ///
    /// # Errors
    /// It does not exist.
    pub async fn get(&self, name: &str) -> Result<Value> {
        Ok(serde_json::to_value(self.releases().get(name).await?)?)
    }

    /// Waits until the release is as asked and returns it.
    ///
    /// # Errors
    /// Time ran out: the message holds the status, the events and the end of the operator's log.
    pub async fn until(&self, name: &str, what: &str, ready: impl Fn(&Value) -> bool) -> Result<Value> {
        let deadline = tokio::time::Instant::now() + PATIENCE;
        loop {
            let object = match self.releases().get_opt(name).await? {
                Some(object) => serde_json::to_value(object)?,
                None => Value::Null,
            };
            if ready(&object) {
                return Ok(object);
            }
            if tokio::time::Instant::now() > deadline {
                bail!(
                    "waited for {name} to be {what}\nstatus: {:#}\nevents: {:#?}\noperator: {}",
                    object["status"],
                    self.events(name).await.unwrap_or_default(),
                    self.operator.as_ref().map(Operator::log_end).unwrap_or_default(),
                );
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// Waits until the release is Ready for its newest spec.
    ///
    /// # Errors
    /// See [`Stage::until`].
    pub async fn until_ready(&self, name: &str) -> Result<Value> {
        self.until(name, "Ready", release::is_ready).await
    }

    /// Waits until the operator gave up on the newest spec.
    ///
    /// # Errors
    /// See [`Stage::until`].
    pub async fn until_stalled(&self, name: &str) -> Result<Value> {
        self.until(name, "Stalled", release::is_stalled).await
    }

    /// `reason: note` of the events about a release.
    ///
    /// # Errors
    /// The API server did not answer.
    pub async fn events(&self, name: &str) -> Result<Vec<String>> {
        let api: Api<k8s_openapi::api::events::v1::Event> = self.namespace.api();
        let events = api.list(&ListParams::default()).await?;
        Ok(events
            .items
            .into_iter()
            .filter(|event| event.regarding.as_ref().and_then(|about| about.name.as_deref()) == Some(name))
            .map(|event| {
                format!(
                    "{}: {}",
                    event.reason.unwrap_or_default(),
                    event.note.unwrap_or_default()
                )
            })
            .collect())
    }

    /// Runs helm 4 in the test's namespace; it must succeed.
    ///
    /// # Errors
    /// It failed.
    pub async fn helm(&self, args: &[&str]) -> Result<String> {
        let helm = Helm::v4(self.control_plane)?;
        helm.run(args.iter().copied().chain(["--namespace", self.namespace.name()]))
            .await?
            .success()
    }

    /// Runs helm 3 in the test's namespace; it must succeed.
    ///
    /// # Errors
    /// It failed.
    pub async fn helm3(&self, args: &[&str]) -> Result<String> {
        let helm = Helm::v3(self.control_plane)?;
        helm.run(args.iter().copied().chain(["--namespace", self.namespace.name()]))
            .await?
            .success()
    }

    /// `revision:status` of `helm history`, oldest first, joined by blanks.
    ///
    /// # Errors
    /// helm failed or printed something else than JSON.
    pub async fn helm_history(&self, name: &str) -> Result<String> {
        let text = self.helm(&["history", name, "--output", "json"]).await?;
        let entries: Value = serde_json::from_str(&text)?;
        Ok(entries
            .as_array()
            .into_iter()
            .flatten()
            .map(|entry| {
                format!(
                    "{}:{}",
                    entry["revision"],
                    entry["status"].as_str().unwrap_or("?")
                )
            })
            .collect::<Vec<_>>()
            .join(" "))
    }

    /// Runs kubectl in the test's namespace; it must succeed.
    ///
    /// # Errors
    /// It failed.
    pub async fn kubectl(&self, args: &[&str]) -> Result<String> {
        let kubectl = Kubectl::new(self.control_plane)?;
        kubectl
            .run(args.iter().copied().chain(["--namespace", self.namespace.name()]))
            .await?
            .success()
    }

    /// Reads an object of a built-in kind as JSON; null when it does not exist.
    ///
    /// # Errors
    /// The API server did not answer.
    pub async fn object(&self, api_version: &str, kind: &str, name: &str) -> Result<Value> {
        let (group, version) = api_version.split_once('/').unwrap_or(("", api_version));
        let resource = ApiResource::from_gvk(&GroupVersionKind::gvk(group, version, kind));
        let api: Api<DynamicObject> =
            Api::namespaced_with(self.namespace.client(), self.namespace.name(), &resource);
        Ok(match api.get_opt(name).await? {
            Some(object) => serde_json::to_value(object)?,
            None => Value::Null,
        })
    }

    /// Deletes a release without waiting for the end.
    ///
    /// # Errors
    /// The API server refused it.
    pub async fn delete(&self, name: &str) -> Result<()> {
        self.releases()
            .delete(name, &kube::api::DeleteParams::default())
            .await?;
        Ok(())
    }

    /// Merges a patch into a release.
    ///
    /// # Errors
    /// The API server refused it.
    pub async fn patch(&self, name: &str, patch: Value) -> Result<()> {
        self.releases()
            .patch(name, &PatchParams::default(), &Patch::Merge(&patch))
            .await?;
        Ok(())
    }
}

/// The resource of our custom resource.
pub fn release_resource() -> ApiResource {
    ApiResource::from_gvk(&GroupVersionKind::gvk(
        "pilothouse.dev",
        "v1alpha1",
        "HelmRelease",
    ))
}

/// Applies `crds/` once per control plane and waits until the API server serves them.
///
/// # Errors
/// The API server refused the CRD or did not establish it in time.
pub async fn install_crds(control_plane: &ControlPlane) -> Result<()> {
    CRDS.get_or_try_init(|| async {
        let kubectl = Kubectl::new(control_plane)?;
        let crds = concat!(env!("CARGO_MANIFEST_DIR"), "/../crds");
        kubectl
            .run(["apply", "--server-side", "-k", crds])
            .await?
            .success()?;
        kubectl
            .run([
                "wait",
                "--for=condition=Established",
                "crd/helmreleases.pilothouse.dev",
                "--timeout=30s",
            ])
            .await?
            .success()?;
        anyhow::Ok(())
    })
    .await?;
    Ok(())
}

/// Shorthand for values of a release.
pub fn image(image: &str) -> Value {
    json!({"image": image})
}
