//! Is a change by hand of a live object seen, told and, where wanted, undone?

use anyhow::Result;
use integration_tests::{Stage, charts, release};
use serde_json::json;

#[tokio::test]
async fn drift_is_told_and_the_release_stays_ready() -> Result<()> {
    let stage = Stage::new("drift", &[charts::tiny("1.0.0")]).await?;
    stage.apply(&stage.release("tiny", "tiny", "1.0.0")).await?;
    stage.until_ready("tiny").await?;
    stage
        .kubectl(&[
            "patch",
            "configmap",
            "tiny",
            "--type=merge",
            "-p",
            r#"{"data":{"message":"by hand"}}"#,
        ])
        .await?;
    let object = stage
        .until("tiny", "Drifted", |object| {
            release::state(object, "Drifted").starts_with("True/")
        })
        .await?;
    assert!(release::is_ready(&object));
    assert!(
        release::message(&object, "Drifted").contains("ConfigMap"),
        "{}",
        release::message(&object, "Drifted")
    );
    assert_eq!(
        stage.object("v1", "ConfigMap", "tiny").await?["data"]["message"],
        "by hand"
    );
    Ok(())
}

#[tokio::test]
async fn with_correct_drift_is_undone_without_a_revision() -> Result<()> {
    let stage = Stage::new("drift-correct", &[charts::tiny("1.0.0")]).await?;
    let tiny = stage
        .release("tiny", "tiny", "1.0.0")
        .set("/drift", json!({"mode": "Correct"}));
    stage.apply(&tiny).await?;
    stage.until_ready("tiny").await?;
    stage.kubectl(&["delete", "configmap", "tiny"]).await?;
    let began = std::time::Instant::now();
    while stage.object("v1", "ConfigMap", "tiny").await?.is_null() {
        assert!(
            began.elapsed() < integration_tests::stage::PATIENCE,
            "the object did not come back"
        );
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    let object = stage.until_ready("tiny").await?;
    assert_eq!(release::history(&object), "1:deployed");
    Ok(())
}
