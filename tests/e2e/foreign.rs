//! What happens when somebody runs helm on a release by hand?

use anyhow::Result;
use integration_tests::{Stage, charts, release};

/// A ready release, then `helm upgrade` by hand with another message.
async fn meddled(purpose: &str, policy: &str) -> Result<Stage> {
    let stage = Stage::new(purpose, &[charts::tiny("1.0.0")]).await?;
    let tiny = stage
        .release("tiny", "tiny", "1.0.0")
        .set("/foreignChanges", policy);
    stage.apply(&tiny).await?;
    stage.until_ready("tiny").await?;
    let chart = stage.chart_file("tiny", "1.0.0")?;
    stage
        .helm(&[
            "upgrade",
            "tiny",
            &chart,
            "--set",
            "message=by-hand",
            "--server-side=true",
        ])
        .await?;
    Ok(stage)
}

#[tokio::test]
async fn with_hold_the_release_says_so_and_a_new_spec_ends_the_hold() -> Result<()> {
    let stage = meddled("foreign-hold", "Hold").await?;
    let object = stage.until_stalled("tiny").await?;
    assert_eq!(release::state(&object, "Ready"), "False/ForeignRelease");
    assert!(
        release::message(&object, "Ready").contains("revision 2"),
        "{}",
        release::message(&object, "Ready")
    );
    assert_eq!(
        stage.object("v1", "ConfigMap", "tiny").await?["data"]["message"],
        "by-hand"
    );
    let tiny = stage.release("tiny", "tiny", "1.0.0");
    stage
        .apply(&tiny.values(serde_json::json!({"message": "from git"})))
        .await?;
    let object = stage.until_ready("tiny").await?;
    assert_eq!(release::history(&object), "1:superseded 2:superseded 3:deployed");
    assert_eq!(
        stage.object("v1", "ConfigMap", "tiny").await?["data"]["message"],
        "from git"
    );
    Ok(())
}

#[tokio::test]
async fn with_revert_the_wanted_inputs_come_back_as_a_new_revision() -> Result<()> {
    let stage = meddled("foreign-revert", "Revert").await?;
    stage
        .until("tiny", "revision 3", |object| {
            release::is_ready(object) && release::history(object) == "1:superseded 2:superseded 3:deployed"
        })
        .await?;
    assert_eq!(
        stage.object("v1", "ConfigMap", "tiny").await?["data"]["message"],
        "hello"
    );
    Ok(())
}

#[tokio::test]
async fn with_adopt_what_was_made_by_hand_stays() -> Result<()> {
    let stage = meddled("foreign-adopt", "Adopt").await?;
    stage
        .until("tiny", "revision 2", |object| {
            release::is_ready(object) && release::history(object) == "1:superseded 2:deployed"
        })
        .await?;
    assert_eq!(
        stage.object("v1", "ConfigMap", "tiny").await?["data"]["message"],
        "by-hand"
    );
    Ok(())
}

#[tokio::test]
async fn a_release_of_helm_is_adopted_without_a_new_revision_when_it_is_what_is_wanted() -> Result<()> {
    let stage = Stage::new("adopt", &[charts::tiny("1.0.0")]).await?;
    let chart = stage.chart_file("tiny", "1.0.0")?;
    stage.helm(&["install", "tiny", &chart]).await?;
    let before = stage.object("v1", "ConfigMap", "tiny").await?;
    stage.apply(&stage.release("tiny", "tiny", "1.0.0")).await?;
    let object = stage.until_ready("tiny").await?;
    assert_eq!(release::history(&object), "1:deployed");
    let after = stage.object("v1", "ConfigMap", "tiny").await?;
    assert_eq!(
        before["metadata"]["resourceVersion"],
        after["metadata"]["resourceVersion"]
    );
    assert_eq!(stage.helm_history("tiny").await?, "1:deployed");
    Ok(())
}
