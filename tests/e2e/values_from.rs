//! Do values come from `ConfigMaps` and Secrets, and is a missing one told?

use anyhow::Result;
use integration_tests::{Stage, charts, release};
use serde_json::json;

#[tokio::test]
async fn values_are_merged_in_order_and_a_change_of_the_source_acts() -> Result<()> {
    let stage = Stage::new("values-from", &[charts::web("1.0.0")]).await?;
    stage
        .kubectl(&[
            "create",
            "configmap",
            "base",
            "--from-literal=values.yaml=message: base\nreplicas: 2",
        ])
        .await?;
    stage
        .kubectl(&[
            "create",
            "secret",
            "generic",
            "secret",
            "--from-literal=word=hidden word",
        ])
        .await?;
    let web = stage
        .release("web", "web", "1.0.0")
        .set(
            "/valuesFrom",
            json!([
                {"kind": "ConfigMap", "name": "base"},
                {"kind": "Secret", "name": "secret", "key": "word", "targetPath": "message"},
                {"kind": "ConfigMap", "name": "absent", "optional": true},
            ]),
        )
        .values(json!({"replicas": 1}));
    stage.apply(&web).await?;
    stage.until_ready("web").await?;
    let map = stage.object("v1", "ConfigMap", "web").await?;
    assert_eq!(
        stage.object("apps/v1", "Deployment", "web").await?["spec"]["replicas"],
        1
    );
    assert_eq!(map["data"]["message"], "hidden word");
    // The interval is ten minutes: only a watch can bring this about.
    stage
        .kubectl(&[
            "patch",
            "secret",
            "secret",
            "-p",
            r#"{"stringData":{"word":"new word"}}"#,
        ])
        .await?;
    stage
        .until("web", "revision 2", |object| {
            release::is_ready(object) && release::history(object) == "1:superseded 2:deployed"
        })
        .await?;
    let map = stage.object("v1", "ConfigMap", "web").await?;
    assert_eq!(map["data"]["message"], "new word");
    // The secret value stays out of the status.
    assert!(!stage.get("web").await?["status"].to_string().contains("hidden"));
    Ok(())
}

#[tokio::test]
async fn a_missing_source_is_named_and_its_arrival_heals() -> Result<()> {
    let stage = Stage::new("values-missing", &[charts::tiny("1.0.0")]).await?;
    let tiny = stage
        .release("tiny", "tiny", "1.0.0")
        .set("/interval", "1s")
        .set("/valuesFrom", json!([{"kind": "ConfigMap", "name": "late"}]));
    stage.apply(&tiny).await?;
    let object = stage
        .until("tiny", "without its values", |object| {
            release::state(object, "Ready") == "False/ValuesFromMissing"
        })
        .await?;
    assert!(
        release::message(&object, "Ready").contains("late"),
        "{}",
        release::message(&object, "Ready")
    );
    stage
        .kubectl(&[
            "create",
            "configmap",
            "late",
            "--from-literal=values.yaml=message: arrived",
        ])
        .await?;
    stage.until_ready("tiny").await?;
    assert_eq!(
        stage.object("v1", "ConfigMap", "tiny").await?["data"]["message"],
        "arrived"
    );
    Ok(())
}
