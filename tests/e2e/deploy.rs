//! Is what `kubectl apply -k deploy` installs admitted, and are its rights enough?

use anyhow::{Context, Result};
use integration_tests::{Operator, Stage, charts};

#[tokio::test]
async fn the_deployed_service_account_can_run_a_release_from_install_to_deletion() -> Result<()> {
    let mut stage = Stage::new("deploy", &[charts::web("1.0.0")]).await?;
    stage
        .operator
        .take()
        .context("an operator runs")?
        .terminate()
        .await?;
    let deploy = concat!(env!("CARGO_MANIFEST_DIR"), "/../deploy");
    let kubectl = testkit::Kubectl::new(stage.control_plane)?;
    kubectl
        .run(["apply", "--server-side", "-k", deploy])
        .await?
        .success()?;
    // The Deployment is admitted under the namespace's restricted pod security and its pod runs on the simulated node.
    kubectl
        .run([
            "-n",
            "pilothouse-system",
            "wait",
            "--for=condition=Available",
            "deploy/pilothouse",
            "--timeout=60s",
        ])
        .await?
        .success()?;

    // The image can't run here; the binary runs outside with the token of the deployed service account.
    let kubeconfig = stage.folder.path().join("deployed.kubeconfig");
    let text = stage
        .control_plane
        .service_account_kubeconfig("pilothouse-system", "pilothouse")
        .await?;
    std::fs::write(&kubeconfig, text)?;
    stage.operator =
        Some(Operator::start(&kubeconfig, &[stage.namespace.name()], stage.folder.path()).await?);
    stage.apply(&stage.release("web", "web", "1.0.0")).await?;
    stage.until_ready("web").await?;
    stage.delete("web").await?;
    stage.until("web", "gone", serde_json::Value::is_null).await?;
    Ok(())
}
