//! What happens when the very first revision fails?

use anyhow::Result;
use integration_tests::{Stage, charts, release};
use serde_json::json;

#[tokio::test]
async fn a_failing_install_is_retried_in_place_and_then_given_up_with_its_cause() -> Result<()> {
    let stage = Stage::new("bad-install", &[charts::web("1.0.0")]).await?;
    let web = stage
        .release("web", "web", "1.0.0")
        .set("/timeout", "3s")
        .set("/install/retries", 1)
        .values(json!({"image": charts::BAD_IMAGE}));
    stage.apply(&web).await?;
    let object = stage.until_stalled("web").await?;
    assert!(
        release::state(&object, "Ready").starts_with("False/"),
        "{:#}",
        object["status"]
    );
    assert_eq!(release::history(&object), "1:failed 2:failed");
    assert_eq!(stage.helm_history("web").await?, "1:failed 2:failed");
    assert_eq!(object["status"]["failure"]["category"], "ImagePullFailed");

    // A new spec heals it.
    stage
        // With time enough, also on a busy machine.
        .apply(
            &web.set("/timeout", "60s")
                .values(json!({"image": "registry.example/web:2"})),
        )
        .await?;
    let object = stage.until_ready("web").await?;
    assert_eq!(release::history(&object), "1:failed 2:superseded 3:deployed");
    Ok(())
}

#[tokio::test]
async fn with_uninstall_nothing_of_a_failed_install_stays() -> Result<()> {
    let stage = Stage::new("atomic-install", &[charts::web("1.0.0")]).await?;
    let web = stage
        .release("web", "web", "1.0.0")
        .set("/timeout", "3s")
        .set("/install/retries", 0)
        .set("/install/onFailure", "Uninstall")
        .values(json!({"image": charts::NEVER_READY_IMAGE}));
    stage.apply(&web).await?;
    let object = stage.until_stalled("web").await?;
    assert!(
        release::state(&object, "Remediated").starts_with("True/"),
        "{:#}",
        object["status"]
    );
    let gone = testkit::eventually(
        "the Deployment to go",
        integration_tests::stage::PATIENCE,
        || async {
            Ok(stage
                .object("apps/v1", "Deployment", "web")
                .await?
                .is_null()
                .then_some(()))
        },
    );
    gone.await?;
    assert_eq!(stage.helm(&["list", "-q"]).await?.trim(), "");
    Ok(())
}
