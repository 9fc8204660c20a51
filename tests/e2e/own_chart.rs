//! Does our own chart install what `deploy/` installs?

use anyhow::{Context, Result};
use integration_tests::{Stage, charts};
use serde_json::Value;

const CHART: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../charts/pilothouse");

/// The pod that a Deployment makes, without its name tags, image and pull policy.
fn pod(deployment: &Value) -> Value {
    let mut pod = deployment["spec"]["template"]["spec"].clone();
    for key in ["image", "imagePullPolicy"] {
        if let Some(container) = pod["containers"][0].as_object_mut() {
            container.remove(key);
        }
    }
    pod
}

#[tokio::test]
async fn helm_installs_it_and_its_pod_is_that_of_the_manifests() -> Result<()> {
    let stage = Stage::new("own-chart", &[charts::tiny("1.0.0")]).await?;
    let namespace = stage.namespace.name();
    // Another name than that of `deploy/`, whose cluster roles another test installs.
    stage
        .helm(&[
            "install",
            "own",
            CHART,
            "--skip-crds",
            "--set",
            "rbac.clusterAdmin=false,serviceAccount.name=pilothouse",
        ])
        .await?;
    let installed = stage.object("apps/v1", "Deployment", "own-pilothouse").await?;
    let text = std::fs::read_to_string(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../deploy/base/deployment.yaml"
    ))?;
    let mut wanted: Value = serde_yaml::from_str(&text)?;
    wanted["metadata"]["namespace"] = namespace.into();
    wanted["metadata"]["name"] = "plain".into();
    let file = stage.folder.path().join("plain.json");
    std::fs::write(&file, wanted.to_string())?;
    stage
        .kubectl(&["apply", "-f", file.to_str().context("path")?])
        .await?;
    let plain = stage.object("apps/v1", "Deployment", "plain").await?;
    assert_eq!(pod(&installed), pod(&plain));
    stage.helm(&["uninstall", "own"]).await?;
    Ok(())
}
