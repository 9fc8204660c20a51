//! Is everything gone when the object is deleted?

use anyhow::Result;
use integration_tests::{Stage, charts, stage::PATIENCE};

#[tokio::test]
async fn deleting_the_object_uninstalls_the_release_and_its_history() -> Result<()> {
    let stage = Stage::new("delete", &[charts::web("1.0.0")]).await?;
    stage.apply(&stage.release("web", "web", "1.0.0")).await?;
    stage.until_ready("web").await?;
    stage.delete("web").await?;
    stage.until("web", "gone", serde_json::Value::is_null).await?;
    for (api_version, kind) in [("apps/v1", "Deployment"), ("v1", "Service"), ("v1", "ConfigMap")] {
        testkit::eventually("the objects to go", PATIENCE, || async {
            Ok(stage
                .object(api_version, kind, "web")
                .await?
                .is_null()
                .then_some(()))
        })
        .await?;
    }
    assert_eq!(stage.helm(&["list", "-q"]).await?.trim(), "");
    Ok(())
}

#[tokio::test]
async fn with_orphan_the_release_stays_for_helm() -> Result<()> {
    let stage = Stage::new("orphan", &[charts::tiny("1.0.0")]).await?;
    stage
        .apply(
            &stage
                .release("tiny", "tiny", "1.0.0")
                .set("/uninstall/onDelete", "Orphan"),
        )
        .await?;
    stage.until_ready("tiny").await?;
    stage.delete("tiny").await?;
    stage.until("tiny", "gone", serde_json::Value::is_null).await?;
    assert_eq!(stage.helm_history("tiny").await?, "1:deployed");
    stage.helm(&["uninstall", "tiny"]).await?;
    Ok(())
}

#[tokio::test]
async fn with_keep_history_helm_still_tells_the_story() -> Result<()> {
    let stage = Stage::new("keep-history", &[charts::tiny("1.0.0")]).await?;
    stage
        .apply(
            &stage
                .release("tiny", "tiny", "1.0.0")
                .set("/uninstall/keepHistory", true),
        )
        .await?;
    stage.until_ready("tiny").await?;
    stage.delete("tiny").await?;
    stage.until("tiny", "gone", serde_json::Value::is_null).await?;
    assert_eq!(stage.helm_history("tiny").await?, "1:uninstalled");
    assert!(stage.object("v1", "ConfigMap", "tiny").await?.is_null());
    Ok(())
}
