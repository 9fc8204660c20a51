//! Is a fix applied while the broken attempt still waits?

use std::time::{Duration, Instant};

use anyhow::Result;
use integration_tests::{Stage, charts, release};
use serde_json::json;

#[tokio::test]
async fn a_new_spec_ends_the_wait_of_the_old_one_at_once() -> Result<()> {
    let stage = Stage::new("supersede", &[charts::web("1.0.0")]).await?;
    let web = stage.release("web", "web", "1.0.0").set("/timeout", "5m");
    stage.apply(&web).await?;
    stage.until_ready("web").await?;
    stage
        .apply(&web.clone().values(json!({"image": charts::NEVER_READY_IMAGE})))
        .await?;
    stage
        .until("web", "waiting for revision 2", |object| {
            object["status"]["operation"]["revision"] == 2
                && !object["status"]["operation"]["waitingFor"].is_null()
        })
        .await?;
    let fixed = Instant::now();
    stage
        .apply(&web.values(json!({"image": "registry.example/web:2"})))
        .await?;
    let object = stage.until_ready("web").await?;
    let took = fixed.elapsed();
    assert!(
        took < Duration::from_mins(1),
        "the fix waited for the old attempt: {took:?}"
    );
    assert_eq!(release::history(&object), "1:superseded 2:failed 3:deployed");
    assert_eq!(
        stage.helm_history("web").await?,
        "1:superseded 2:failed 3:deployed"
    );
    let history: serde_json::Value =
        serde_json::from_str(&stage.helm(&["history", "web", "-o", "json"]).await?)?;
    assert!(
        history[1]["description"].to_string().contains("superseded"),
        "{history:#}"
    );
    Ok(())
}
