//! Does a failing upgrade come back by itself, and is the cause told?

use anyhow::Result;
use integration_tests::{Stage, charts, release};
use serde_json::json;

#[tokio::test]
async fn a_bad_image_is_rolled_back_and_the_cause_is_named() -> Result<()> {
    let stage = Stage::new("rollback", &[charts::web("1.0.0")]).await?;
    let web = stage.release("web", "web", "1.0.0").set("/timeout", "6s");
    stage.apply(&web).await?;
    stage.until_ready("web").await?;
    stage
        .apply(&web.clone().values(json!({"image": charts::BAD_IMAGE})))
        .await?;
    let object = stage.until_stalled("web").await?;

    assert_eq!(release::state(&object, "Ready"), "False/RolledBack");
    assert_eq!(release::state(&object, "Remediated"), "True/RolledBack");
    assert_eq!(release::history(&object), "1:superseded 2:failed 3:deployed");
    assert_eq!(
        stage.helm_history("web").await?,
        "1:superseded 2:failed 3:deployed"
    );
    let failure = &object["status"]["failure"];
    assert_eq!(failure["revision"], 2, "{failure:#}");
    assert_eq!(failure["category"], "ImagePullFailed", "{failure:#}");
    let told = failure["objects"].to_string();
    assert!(
        told.contains("ImagePullBackOff") || told.contains("ErrImagePull"),
        "{failure:#}"
    );
    assert!(
        release::message(&object, "Ready").contains("fail-pull"),
        "{}",
        release::message(&object, "Ready")
    );
    // The cluster runs what it ran before.
    let deployment = stage.object("apps/v1", "Deployment", "web").await?;
    assert_eq!(
        deployment["spec"]["template"]["spec"]["containers"][0]["image"],
        "registry.example/web:1"
    );
    // The bad inputs are held: nothing tries them again.
    assert_eq!(object["status"]["held"]["revision"], 3);

    // A fix in Git ends it.
    stage
        .apply(&web.values(json!({"image": "registry.example/web:2"})))
        .await?;
    let object = stage.until_ready("web").await?;
    assert_eq!(
        release::history(&object),
        "1:superseded 2:failed 3:superseded 4:deployed"
    );
    assert!(object["status"]["held"].is_null());
    assert!(object["status"]["failure"].is_null());
    Ok(())
}

#[tokio::test]
async fn with_retain_the_failed_revision_stays_and_helm_sees_it() -> Result<()> {
    let stage = Stage::new("retain", &[charts::web("1.0.0")]).await?;
    let web = stage
        .release("web", "web", "1.0.0")
        .set("/timeout", "4s")
        .set("/upgrade/onFailure", "Retain");
    stage.apply(&web).await?;
    stage.until_ready("web").await?;
    stage
        .apply(&web.values(json!({"image": charts::CRASHING_IMAGE})))
        .await?;
    let object = stage.until_stalled("web").await?;
    assert_eq!(release::history(&object), "1:deployed 2:failed");
    assert_eq!(
        object["status"]["failure"]["category"], "CrashLoop",
        "{:#}",
        object["status"]["failure"]
    );
    assert_eq!(stage.helm_history("web").await?, "1:deployed 2:failed");
    Ok(())
}
