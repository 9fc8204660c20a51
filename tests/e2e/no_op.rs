//! Does an idle release stay untouched?

use std::time::Duration;

use anyhow::Result;
use integration_tests::{Stage, charts};
use serde_json::json;

#[tokio::test]
async fn reconciling_again_writes_nothing() -> Result<()> {
    let stage = Stage::new("no-op", &[charts::web("1.0.0")]).await?;
    stage
        .apply(&stage.release("web", "web", "1.0.0").set("/interval", "1s"))
        .await?;
    stage.until_ready("web").await?;
    // A Deployment's status may still settle; the release itself is done.
    tokio::time::sleep(Duration::from_secs(2)).await;
    let versions = async || -> Result<Vec<String>> {
        let mut seen = vec![stage.get("web").await?["metadata"]["resourceVersion"].to_string()];
        for (api_version, kind, name) in [
            ("v1", "ConfigMap", "web"),
            ("v1", "Service", "web"),
            ("apps/v1", "Deployment", "web"),
            ("v1", "Secret", "sh.helm.release.v1.web.v1"),
        ] {
            let object = stage.object(api_version, kind, name).await?;
            assert_ne!(object, json!(null), "{kind} {name} is missing");
            seen.push(object["metadata"]["resourceVersion"].to_string());
        }
        Ok(seen)
    };
    let before = versions().await?;
    tokio::time::sleep(Duration::from_secs(6)).await;
    assert_eq!(
        before,
        versions().await?,
        "something was written during six idle intervals"
    );
    assert_eq!(stage.helm_history("web").await?, "1:deployed");
    let metrics = match &stage.operator {
        Some(operator) => operator.get("/metrics").await?,
        None => String::new(),
    };
    assert!(metrics.contains("pilothouse_reconcile"), "{metrics}");
    Ok(())
}

#[tokio::test]
async fn a_restarted_operator_writes_nothing_to_a_release_that_is_in_sync() -> Result<()> {
    let mut stage = Stage::new("restart-no-op", &[charts::tiny("1.0.0")]).await?;
    stage.apply(&stage.release("tiny", "tiny", "1.0.0")).await?;
    stage.until_ready("tiny").await?;
    if let Some(operator) = stage.operator.take() {
        operator.terminate().await?;
    }
    let before = stage.get("tiny").await?["metadata"]["resourceVersion"].clone();
    stage.start_operator().await?;
    tokio::time::sleep(Duration::from_secs(4)).await;
    assert_eq!(before, stage.get("tiny").await?["metadata"]["resourceVersion"]);
    assert_eq!(stage.helm_history("tiny").await?, "1:deployed");
    Ok(())
}
