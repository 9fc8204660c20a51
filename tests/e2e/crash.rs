//! Does an operation survive the death of the operator?

use anyhow::{Context, Result};
use integration_tests::{Stage, charts, release};
use serde_json::json;

#[tokio::test]
async fn an_operator_killed_in_the_middle_of_a_wait_finishes_the_same_revision_after_restart() -> Result<()> {
    let mut stage = Stage::new("crash", &[charts::web("1.0.0")]).await?;
    let slow = json!({"image": "registry.example/slow-ready:1"});
    let web = stage
        .release("web", "web", "1.0.0")
        .set("/timeout", "60s")
        .values(slow);
    stage.apply(&web).await?;
    let waiting = stage
        .until("web", "waiting for its pods", |object| {
            !object["status"]["operation"]["waitingFor"].is_null()
        })
        .await?;
    stage.operator.take().context("an operator runs")?.kill().await?;
    let operation = waiting["status"]["operation"]["id"].clone();
    stage.start_operator().await?;
    let object = stage.until_ready("web").await?;
    assert_eq!(
        release::history(&object),
        "1:deployed",
        "operation {operation} was not resumed"
    );
    assert_eq!(stage.helm_history("web").await?, "1:deployed");
    Ok(())
}

#[tokio::test]
async fn a_failed_upgrade_is_rolled_back_even_when_the_operator_was_killed_while_it_waited() -> Result<()> {
    let mut stage = Stage::new("crash-rollback", &[charts::web("1.0.0")]).await?;
    let web = stage.release("web", "web", "1.0.0").set("/timeout", "8s");
    stage.apply(&web).await?;
    stage.until_ready("web").await?;
    stage
        .apply(&web.values(json!({"image": charts::BAD_IMAGE})))
        .await?;
    stage
        .until("web", "waiting for revision 2", |object| {
            object["status"]["operation"]["revision"] == 2
                && !object["status"]["operation"]["waitingFor"].is_null()
        })
        .await?;
    stage.operator.take().context("an operator runs")?.kill().await?;
    stage.start_operator().await?;
    let object = stage.until_stalled("web").await?;
    assert_eq!(release::state(&object, "Ready"), "False/RolledBack");
    assert_eq!(
        stage.helm_history("web").await?,
        "1:superseded 2:failed 3:deployed"
    );
    Ok(())
}
