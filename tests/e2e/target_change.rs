//! Is a release that would be lost by a change of its name or namespace protected, and moved when that is wanted?

use anyhow::Result;
use integration_tests::{Stage, charts, release};

#[tokio::test]
async fn another_release_name_is_refused_unless_replacing_is_asked_for() -> Result<()> {
    let stage = Stage::new("moved", &[charts::tiny("1.0.0")]).await?;
    let tiny = stage.release("tiny", "tiny", "1.0.0");
    stage.apply(&tiny).await?;
    stage.until_ready("tiny").await?;
    let renamed = tiny.set("/releaseName", "other");
    stage.apply(&renamed).await?;
    let object = stage.until_stalled("tiny").await?;
    assert_eq!(release::state(&object, "Ready"), "False/TargetChanged");
    assert_eq!(stage.helm_history("tiny").await?, "1:deployed");

    stage.apply(&renamed.set("/onTargetChange", "Replace")).await?;
    let object = stage.until_ready("tiny").await?;
    assert_eq!(object["status"]["release"]["name"], "other");
    assert_eq!(release::history(&object), "1:deployed");
    assert_eq!(stage.helm_history("other").await?, "1:deployed");
    assert!(stage.object("v1", "ConfigMap", "tiny").await?.is_null());
    assert!(
        stage
            .helm(&["list", "-aq"])
            .await
            .map_or(true, |list| !list.contains("tiny"))
    );
    Ok(())
}
