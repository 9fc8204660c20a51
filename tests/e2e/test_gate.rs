//! Are a chart's tests a gate of its releases?

use anyhow::Result;
use integration_tests::{Stage, charts, release};
use serde_json::json;

#[tokio::test]
async fn tests_that_pass_prove_a_release() -> Result<()> {
    let stage = Stage::new("gate", &[charts::tested("1.0.0")]).await?;
    let tested = stage
        .release("tested", "tested", "1.0.0")
        .set("/test", json!({"when": "AfterRelease"}));
    stage.apply(&tested).await?;
    let object = stage.until_ready("tested").await?;
    assert_eq!(release::state(&object, "TestSuccess"), "True/TestsPassed");
    Ok(())
}

#[tokio::test]
async fn filters_choose_tests_by_name() -> Result<()> {
    let stage = Stage::new("gate-filter", &[charts::tested("1.0.0")]).await?;
    let tested = stage
        .release("tested", "tested", "1.0.0")
        .set(
            "/test",
            json!({"when": "AfterRelease", "filters": ["!name=tested-check"]}),
        )
        .values(json!({"testImage": charts::CRASHING_IMAGE}));
    stage.apply(&tested).await?;
    stage.until_ready("tested").await?;
    // The failing test was left out; by its name it runs, and fails.
    stage
        .apply(&tested.set(
            "/test",
            json!({"when": "AfterRelease", "filters": ["name=tested-check"]}),
        ))
        .await?;
    stage.until_ready("tested").await?;
    stage
        .patch(
            "tested",
            json!({"metadata": {"annotations": {"pilothouse.dev/test": "now"}}}),
        )
        .await?;
    stage
        .until("tested", "a failed test", |object| {
            release::state(object, "TestSuccess").starts_with("False/")
        })
        .await?;
    Ok(())
}

#[tokio::test]
async fn an_upgrade_whose_tests_fail_is_rolled_back() -> Result<()> {
    let stage = Stage::new("gate-fails", &[charts::tested("1.0.0")]).await?;
    let tested = stage
        .release("tested", "tested", "1.0.0")
        .set("/timeout", "10s")
        .set("/test", json!({"when": "AfterRelease"}));
    stage.apply(&tested).await?;
    stage.until_ready("tested").await?;
    stage
        .apply(&tested.values(json!({"testImage": charts::CRASHING_IMAGE})))
        .await?;
    let object = stage.until_stalled("tested").await?;
    assert_eq!(release::state(&object, "Ready"), "False/RolledBack");
    assert_eq!(
        object["status"]["failure"]["category"], "TestFailed",
        "{:#}",
        object["status"]["failure"]
    );
    // Helm's test leaves the revision deployed; the rollback away from it is ours.
    assert_eq!(release::history(&object), "1:superseded 2:superseded 3:deployed");
    Ok(())
}
