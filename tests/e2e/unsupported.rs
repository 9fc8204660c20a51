//! Is a field that does nothing yet refused instead of ignored?

use anyhow::Result;
use integration_tests::{Stage, charts, release};
use serde_json::json;

#[tokio::test]
async fn a_field_whose_behaviour_is_missing_stalls_the_release_and_is_named() -> Result<()> {
    let stage = Stage::new("unsupported", &[charts::tiny("1.0.0")]).await?;
    let tiny = stage.release("tiny", "tiny", "1.0.0");
    stage
        .apply(&tiny.clone().set("/postRender", json!({"labels": {"team": "a"}})))
        .await?;
    let object = stage.until_stalled("tiny").await?;
    assert_eq!(release::state(&object, "Stalled"), "True/NotSupported");
    assert!(
        release::message(&object, "Ready").contains("spec.postRender"),
        "{:#}",
        object["status"]
    );
    stage.patch("tiny", json!({"spec": {"postRender": null}})).await?;
    stage.until_ready("tiny").await?;
    Ok(())
}
