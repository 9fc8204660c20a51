//! Do the request annotations do what they ask for, once, without touching the specification?

use anyhow::Result;
use integration_tests::{Stage, charts, release};
use serde_json::json;

fn request(kind: &str, token: &str) -> serde_json::Value {
    json!({"metadata": {"annotations": {format!("pilothouse.dev/{kind}"): token}}})
}

#[tokio::test]
async fn a_requested_rollback_holds_the_inputs_until_they_change_or_a_retry_is_asked_for() -> Result<()> {
    let stage = Stage::new("rollback-request", &[charts::tiny("1.0.0")]).await?;
    let tiny = stage.release("tiny", "tiny", "1.0.0");
    stage.apply(&tiny).await?;
    stage.until_ready("tiny").await?;
    stage
        .apply(&tiny.clone().values(json!({"message": "two"})))
        .await?;
    stage.until_ready("tiny").await?;

    stage.patch("tiny", request("rollback", "1@first")).await?;
    let object = stage.until_stalled("tiny").await?;
    assert_eq!(release::state(&object, "Ready"), "False/RolledBack");
    assert_eq!(object["status"]["handledRequests"]["rollback"], "1@first");
    assert_eq!(release::history(&object), "1:superseded 2:superseded 3:deployed");
    assert_eq!(
        stage.object("v1", "ConfigMap", "tiny").await?["data"]["message"],
        "hello"
    );
    let history = stage.helm(&["history", "tiny", "-o", "json"]).await?;
    assert!(history.contains("Rollback to 1"), "{history}");

    stage.patch("tiny", request("retry", "again")).await?;
    let object = stage
        .until("tiny", "ready after the retry", |object| {
            release::is_ready(object) && object["status"]["handledRequests"]["retry"] == "again"
        })
        .await?;
    assert_eq!(
        release::history(&object),
        "1:superseded 2:superseded 3:superseded 4:deployed"
    );
    assert_eq!(
        stage.object("v1", "ConfigMap", "tiny").await?["data"]["message"],
        "two"
    );
    Ok(())
}

#[tokio::test]
async fn a_rollback_to_a_revision_that_is_not_there_is_refused_and_changes_nothing() -> Result<()> {
    let stage = Stage::new("rollback-nowhere", &[charts::tiny("1.0.0")]).await?;
    stage.apply(&stage.release("tiny", "tiny", "1.0.0")).await?;
    stage.until_ready("tiny").await?;
    stage.patch("tiny", request("rollback", "7@x")).await?;
    let object = stage
        .until("tiny", "the request answered", |object| {
            object["status"]["handledRequests"]["rollback"] == "7@x" && release::is_ready(object)
        })
        .await?;
    assert_eq!(release::history(&object), "1:deployed");
    let events = stage.events("tiny").await?.join("\n");
    assert!(events.contains("release has no 7 version"), "{events}");
    Ok(())
}

#[tokio::test]
async fn a_requested_test_runs_the_hooks_of_the_deployed_revision() -> Result<()> {
    let stage = Stage::new("test-request", &[charts::tested("1.0.0")]).await?;
    stage.apply(&stage.release("tested", "tested", "1.0.0")).await?;
    stage.until_ready("tested").await?;
    stage.patch("tested", request("test", "now")).await?;
    let object = stage
        .until("tested", "tested", |object| {
            object["status"]["handledRequests"]["test"] == "now" && release::is_ready(object)
        })
        .await?;
    assert_eq!(release::state(&object, "TestSuccess"), "True/TestsPassed");
    assert_eq!(release::history(&object), "1:deployed");
    let status = stage.helm(&["status", "tested", "-o", "json"]).await?;
    assert!(status.contains("\"phase\":\"Succeeded\""), "{status}");
    Ok(())
}
