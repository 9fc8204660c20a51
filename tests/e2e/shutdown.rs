//! Is a running operation parked on SIGTERM and resumed by the next operator?

use anyhow::{Context, Result};
use integration_tests::{Stage, charts, release};
use serde_json::json;

#[tokio::test]
async fn sigterm_parks_a_wait_and_the_next_operator_goes_on() -> Result<()> {
    let mut stage = Stage::new("sigterm", &[charts::web("1.0.0")]).await?;
    let web = stage
        .release("web", "web", "1.0.0")
        .set("/timeout", "60s")
        .values(json!({"image": "registry.example/slow-ready:1"}));
    stage.apply(&web).await?;
    stage
        .until("web", "waiting for its pods", |object| {
            !object["status"]["operation"]["waitingFor"].is_null()
        })
        .await?;
    stage
        .operator
        .take()
        .context("an operator runs")?
        .terminate()
        .await?;
    let parked = stage.get("web").await?;
    assert!(
        !parked["status"]["operation"].is_null(),
        "the operation was lost: {:#}",
        parked["status"]
    );
    stage.start_operator().await?;
    let object = stage.until_ready("web").await?;
    assert_eq!(release::history(&object), "1:deployed");
    Ok(())
}
