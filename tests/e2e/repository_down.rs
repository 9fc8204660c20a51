//! Is a repository that is down a passing trouble?

use anyhow::Result;
use integration_tests::{Stage, charts, release};
use serde_json::json;

#[tokio::test]
async fn a_release_recovers_by_itself_when_its_repository_comes_back() -> Result<()> {
    let stage = Stage::new("repo-down", &[charts::tiny("1.0.0")]).await?;
    stage.repository.go_down().await;
    stage.apply(&stage.release("tiny", "tiny", "1.0.0")).await?;
    let object = stage
        .until("tiny", "unreachable", |object| {
            release::state(object, "Ready") == "False/RepositoryUnreachable"
        })
        .await?;
    // Transient: it is still being tried, not given up.
    assert_eq!(release::state(&object, "Stalled"), "absent");
    assert!(release::state(&object, "Reconciling").starts_with("True/"));
    stage.repository.come_up().await?;
    stage.until_ready("tiny").await?;
    Ok(())
}

#[tokio::test]
async fn a_running_release_stays_ready_while_its_repository_is_down() -> Result<()> {
    let stage = Stage::new("repo-down-later", &[charts::tiny("1.0.0")]).await?;
    stage
        .apply(&stage.release("tiny", "tiny", "1.0.0").set("/interval", "1s"))
        .await?;
    stage.until_ready("tiny").await?;
    stage.repository.go_down().await;
    tokio::time::sleep(std::time::Duration::from_secs(4)).await;
    assert!(
        release::is_ready(&stage.get("tiny").await?),
        "an exact version needs no repository once it is known"
    );
    // Values can still change: the chart is in the cache.
    stage
        .patch("tiny", json!({"spec": {"values": {"message": "offline"}}}))
        .await?;
    let object = stage.until_ready("tiny").await?;
    assert_eq!(release::history(&object), "1:superseded 2:deployed");
    Ok(())
}
