//! Do releases wait for those that they depend on?

use anyhow::Result;
use integration_tests::{Stage, charts, release};
use serde_json::json;

#[tokio::test]
async fn a_release_starts_when_what_it_depends_on_is_ready() -> Result<()> {
    let stage = Stage::new("depends", &[charts::tiny("1.0.0")]).await?;
    let first = stage.release("first", "tiny", "1.0.0");
    let second = stage
        .release("second", "tiny", "1.0.0")
        .set("/dependsOn", json!([{"name": "first"}]));
    stage.apply(&second).await?;
    let object = stage
        .until("second", "waiting", |object| {
            release::state(object, "Ready") == "False/DependencyNotReady"
        })
        .await?;
    assert!(
        release::message(&object, "Ready").contains("first"),
        "{}",
        release::message(&object, "Ready")
    );
    assert_eq!(release::state(&object, "Reconciling"), "True/DependencyNotReady");
    stage.apply(&first).await?;
    stage.until_ready("second").await?;
    Ok(())
}

#[tokio::test]
async fn an_expression_decides_in_place_of_ready() -> Result<()> {
    let stage = Stage::new("depends-expression", &[charts::tiny("1.0.0")]).await?;
    stage.apply(&stage.release("first", "tiny", "1.0.0")).await?;
    stage.until_ready("first").await?;
    let expression = "dep.metadata.labels['stage'] == self.spec.values.message";
    let second = stage
        .release("second", "tiny", "1.0.0")
        .set("/dependsOn", json!([{"name": "first", "readyExpr": expression}]))
        .values(json!({"message": "green"}));
    stage.apply(&second).await?;
    stage
        .until("second", "waiting", |object| {
            release::state(object, "Ready") == "False/DependencyNotReady"
        })
        .await?;
    stage
        .patch("first", json!({"metadata": {"labels": {"stage": "green"}}}))
        .await?;
    stage.until_ready("second").await?;
    Ok(())
}

#[tokio::test]
async fn a_cycle_is_refused_and_shown() -> Result<()> {
    let stage = Stage::new("depends-cycle", &[charts::tiny("1.0.0")]).await?;
    for (name, on) in [("a", "b"), ("b", "a")] {
        stage
            .apply(
                &stage
                    .release(name, "tiny", "1.0.0")
                    .set("/dependsOn", json!([{"name": on}])),
            )
            .await?;
    }
    for name in ["a", "b"] {
        let object = stage
            .until(name, "Stalled by the cycle", |object| {
                release::state(object, "Stalled") == "True/DependencyCycle"
            })
            .await?;
        assert!(
            release::message(&object, "Ready").contains("->"),
            "{}",
            release::message(&object, "Ready")
        );
    }
    Ok(())
}
