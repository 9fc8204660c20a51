//! What the story can do and see: apply a manifest as Git would, look at a release and at what runs,
//! and ask the real `helm`.

use std::time::Duration;

use anyhow::{Context, Result, bail};
use integration_tests::{release, stage};
use kube::api::{Api, DynamicObject};
use serde_json::Value;
use testkit::{Helm, Kubectl};

use crate::ground::{Ground, NAMESPACE};

/// How long one step may take: generous, for a busy machine and for images that are really pulled.
const PATIENCE: Duration = Duration::from_mins(5);

/// The cluster as the story sees it.
pub(crate) struct Scene {
    kubectl: Kubectl,
    helm: Helm,
    helm3: Helm,
    releases: Api<DynamicObject>,
}

impl Scene {
    /// A scene on this ground.
    pub(crate) async fn on(ground: &Ground) -> Result<Self> {
        let client = ground.control_plane.client().await?;
        Ok(Self {
            kubectl: ground.kubectl()?,
            helm: Helm::v4(&ground.control_plane)?,
            helm3: Helm::v3(&ground.control_plane)?,
            releases: Api::namespaced_with(client, NAMESPACE, &stage::release_resource()),
        })
    }

    /// Applies a manifest, as Argo CD, Flux or a person does.
    pub(crate) async fn apply(&self, manifest: &str) -> Result<()> {
        let args = [
            "apply",
            "--server-side",
            "--field-manager=gitops",
            "-n",
            NAMESPACE,
            "-f",
            "-",
        ];
        self.kubectl.run_with_input(args, manifest).await?.success()?;
        Ok(())
    }

    /// What `kubectl` prints.
    pub(crate) async fn kubectl(&self, args: &[&str]) -> Result<String> {
        self.kubectl
            .run(args.iter().copied().chain(["-n", NAMESPACE]))
            .await?
            .success()
    }

    /// An object as the API server has it.
    pub(crate) async fn object(&self, kind: &str, name: &str) -> Result<Value> {
        let text = self.kubectl(&["get", kind, name, "-o", "json"]).await?;
        serde_json::from_str(&text).with_context(|| format!("read {kind} {name}"))
    }

    /// What helm 4 prints.
    pub(crate) async fn helm(&self, args: &[&str]) -> Result<String> {
        self.helm
            .run(args.iter().copied().chain(["-n", NAMESPACE]))
            .await?
            .success()
    }

    /// `revision:status` of `helm history`, oldest first: helm 4 and helm 3.
    pub(crate) async fn helm_histories(&self, name: &str) -> Result<(String, String)> {
        let args = ["history", name, "-o", "json", "-n", NAMESPACE];
        let four = self.helm.run(args).await?.success()?;
        let three = self.helm3.run(args).await?.success()?;
        Ok((line(&four)?, line(&three)?))
    }

    /// Waits until a release is Ready for its newest spec. One that gave up before is an error at once.
    pub(crate) async fn until_ready(&self, name: &str) -> Result<Value> {
        let over = |object: &Value| release::is_ready(object) || release::is_stalled(object);
        let object = self.until(name, "Ready", over).await?;
        if release::is_ready(&object) {
            Ok(object)
        } else {
            bail!(unlike(name, "Ready", &object))
        }
    }

    /// Waits until a release is as told.
    pub(crate) async fn until(&self, name: &str, what: &str, is: impl Fn(&Value) -> bool) -> Result<Value> {
        let deadline = tokio::time::Instant::now() + PATIENCE;
        loop {
            let object = match self.releases.get_opt(name).await.context("get the release")? {
                Some(object) => serde_json::to_value(object).context("read the release")?,
                None => Value::Null,
            };
            if is(&object) {
                return Ok(object);
            }
            if tokio::time::Instant::now() > deadline {
                bail!(unlike(name, what, &object));
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
}

/// Says in one sentence what a release is instead of what it should be.
fn unlike(name: &str, what: &str, object: &Value) -> String {
    format!(
        "wait for {name} to be {what}: Ready is {}: {}\nhistory: {}",
        release::state(object, "Ready"),
        release::message(object, "Ready"),
        release::history(object),
    )
}

/// `helm history -o json` as `release::history` tells it.
fn line(json: &str) -> Result<String> {
    let entries: Value = serde_json::from_str(json).context("read what `helm history` printed")?;
    let entries = entries.as_array().context("read what `helm history` printed")?;
    let word = |entry: &Value| {
        format!(
            "{}:{}",
            entry["revision"],
            entry["status"].as_str().unwrap_or("?")
        )
    };
    Ok(entries.iter().map(word).collect::<Vec<_>>().join(" "))
}
