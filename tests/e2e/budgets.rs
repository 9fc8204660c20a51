//! Are the budgets of an operation kept: deadline, stability, progress?

use anyhow::Result;
use integration_tests::{Stage, charts, release};
use serde_json::json;

#[tokio::test]
async fn a_deadline_ends_an_operation_before_its_timeout() -> Result<()> {
    let stage = Stage::new("deadline", &[charts::web("1.0.0")]).await?;
    let web = stage
        .release("web", "web", "1.0.0")
        .set("/timeout", "60s")
        .set("/deadline", "3s")
        .set("/install", json!({"retries": 0}))
        .values(json!({"image": charts::NEVER_READY_IMAGE}));
    let began = std::time::Instant::now();
    stage.apply(&web).await?;
    let object = stage.until_stalled("web").await?;
    assert!(
        began.elapsed() < std::time::Duration::from_secs(30),
        "{:?}",
        began.elapsed()
    );
    assert_eq!(release::history(&object), "1:failed");
    Ok(())
}

#[tokio::test]
async fn readiness_must_last_as_long_as_asked_for() -> Result<()> {
    let stage = Stage::new("stable", &[charts::web("1.0.0")]).await?;
    let web = stage
        .release("web", "web", "1.0.0")
        .set("/timeout", "30s")
        .set("/install", json!({"retries": 0}))
        .set("/wait", json!({"stableFor": "15s"}))
        .values(json!({"image": "registry.example/crash-later:1"}));
    stage.apply(&web).await?;
    let object = stage.until_stalled("web").await?;
    assert_eq!(release::history(&object), "1:failed", "{:#}", object["status"]);
    Ok(())
}

#[tokio::test]
async fn a_release_that_comes_no_nearer_fails_early() -> Result<()> {
    let stage = Stage::new("progress", &[charts::web("1.0.0")]).await?;
    let web = stage
        .release("web", "web", "1.0.0")
        .set("/timeout", "60s")
        .set("/install", json!({"retries": 0}))
        .set("/wait", json!({"noProgress": "3s"}))
        .values(json!({"image": charts::NEVER_READY_IMAGE}));
    let began = std::time::Instant::now();
    stage.apply(&web).await?;
    let object = stage.until_stalled("web").await?;
    assert!(
        began.elapsed() < std::time::Duration::from_secs(30),
        "{:?}",
        began.elapsed()
    );
    assert!(
        object["status"]["failure"]["message"]
            .as_str()
            .unwrap_or_default()
            .contains("no progress"),
        "{:#}",
        object["status"]["failure"]
    );
    Ok(())
}
