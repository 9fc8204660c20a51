//! Does a change of values become a new revision?

use anyhow::Result;
use integration_tests::{Stage, charts, release};
use serde_json::json;

#[tokio::test]
async fn new_values_are_upgraded_to_and_the_old_revision_is_superseded() -> Result<()> {
    let stage = Stage::new("values", &[charts::web("1.0.0")]).await?;
    let web = stage.release("web", "web", "1.0.0");
    stage.apply(&web).await?;
    stage.until_ready("web").await?;
    stage
        .apply(&web.clone().values(json!({"replicas": 3, "message": "changed"})))
        .await?;
    let object = stage.until_ready("web").await?;
    assert_eq!(release::history(&object), "1:superseded 2:deployed");
    assert_eq!(release::state(&object, "Released"), "True/UpgradeSucceeded");
    assert_eq!(stage.helm_history("web").await?, "1:superseded 2:deployed");
    let map = stage.object("v1", "ConfigMap", "web").await?;
    assert_eq!(map["data"]["message"], "changed");
    assert_eq!(map["data"]["revision"], "2");
    assert_eq!(
        stage.object("apps/v1", "Deployment", "web").await?["spec"]["replicas"],
        3
    );
    Ok(())
}

#[tokio::test]
async fn values_that_mean_the_same_make_no_new_revision() -> Result<()> {
    let stage = Stage::new("same-values", &[charts::tiny("1.0.0")]).await?;
    let tiny = stage.release("tiny", "tiny", "1.0.0");
    stage.apply(&tiny.clone().values(json!({"message": "a"}))).await?;
    stage.until_ready("tiny").await?;
    // The spec changes (a new generation), the inputs of the release do not.
    stage
        .apply(&tiny.values(json!({"message": "a"})).set("/interval", "7m"))
        .await?;
    let object = stage.until("tiny", "observed again", |object| {
        object["metadata"]["generation"] == 2 && release::is_ready(object)
    });
    assert_eq!(release::history(&object.await?), "1:deployed");
    Ok(())
}

#[tokio::test]
async fn the_history_is_capped_as_helm_caps_it() -> Result<()> {
    let stage = Stage::new("history", &[charts::tiny("1.0.0")]).await?;
    let tiny = stage.release("tiny", "tiny", "1.0.0").set("/history/max", 3);
    for step in 1..=5 {
        stage
            .apply(&tiny.clone().values(json!({"message": format!("step {step}")})))
            .await?;
        stage
            .until("tiny", "at the next revision", |object| {
                release::is_ready(object) && object["status"]["release"]["revision"] == step
            })
            .await?;
    }
    assert_eq!(
        stage.helm_history("tiny").await?,
        "3:superseded 4:superseded 5:deployed"
    );
    Ok(())
}
