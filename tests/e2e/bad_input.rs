//! Does bad input give its category, a message with chart, version and place, an event, and
//! recovery without a restart?

use anyhow::Result;
use integration_tests::{Release, Stage, charts, release};
use serde_json::json;
use testkit::{ChartBuilder, Fault};

/// Waits until the release failed with `reason` and a message that holds every word.
async fn fails(stage: &Stage, name: &str, reason: &str, words: &[&str]) -> Result<()> {
    let object = stage
        .until(name, &format!("not Ready because of {reason}"), |object| {
            release::observed(object) && release::state(object, "Ready") == format!("False/{reason}")
        })
        .await?;
    let message = release::message(&object, "Ready");
    for word in words {
        assert!(
            message.contains(word),
            "`{word}` is missing in the message: {message}"
        );
    }
    testkit::eventually("the event", integration_tests::stage::PATIENCE, || async {
        let events = stage.events(name).await?;
        Ok(events
            .iter()
            .any(|event| event.starts_with(&format!("{reason}:")))
            .then_some(()))
    })
    .await
}

/// Applies a bad release, expects the failure, applies the cure, expects Ready.
async fn fails_then_heals(
    stage: &Stage,
    bad: &Release,
    reason: &str,
    words: &[&str],
    cure: &Release,
) -> Result<()> {
    stage.apply(bad).await?;
    fails(stage, bad.name(), reason, words).await?;
    stage.apply(cure).await?;
    stage.until_ready(bad.name()).await?;
    Ok(())
}

#[tokio::test]
async fn an_unknown_chart_and_an_unknown_version_are_named() -> Result<()> {
    let stage = Stage::new("not-found", &[charts::tiny("1.0.0")]).await?;
    let good = stage.release("tiny", "tiny", "1.0.0");
    let unknown_version = good.clone().version("9.9.9");
    fails_then_heals(
        &stage,
        &unknown_version,
        "ChartNotFound",
        &["tiny", "9.9.9", &stage.repository.url()],
        &good,
    )
    .await?;
    stage.apply(&stage.release("other", "nothing", "1.0.0")).await?;
    fails(&stage, "other", "ChartNotFound", &["nothing", "1.0.0"]).await
}

#[tokio::test]
async fn values_against_the_schema_are_refused_with_the_place() -> Result<()> {
    let stage = Stage::new("schema", &[charts::web("1.0.0")]).await?;
    let good = stage.release("web", "web", "1.0.0");
    let bad = good.clone().values(json!({"replicas": "two"}));
    fails_then_heals(
        &stage,
        &bad,
        "SchemaViolation",
        &["web", "1.0.0", "at '/replicas'"],
        &good,
    )
    .await
}

#[tokio::test]
async fn a_template_error_is_told_as_helm_tells_it() -> Result<()> {
    let broken = ChartBuilder::new("broken", "0.1.0").template(
        "configmap.yaml",
        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ required \"a name is needed\" .Values.name }}\n",
    );
    let stage = Stage::new("template", &[broken]).await?;
    let bad = stage.release("broken", "broken", "0.1.0");
    let good = bad.clone().values(json!({"name": "fine"}));
    let words = ["broken/templates/configmap.yaml:4:11", "a name is needed"];
    fails_then_heals(&stage, &bad, "TemplateError", &words, &good).await
}

#[tokio::test]
async fn an_object_that_the_api_server_refuses_is_named() -> Result<()> {
    let refused = ChartBuilder::new("refused", "0.1.0").template(
        "configmap.yaml",
        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Values.name | default \"Not_Valid\" }}\n",
    );
    let stage = Stage::new("refused", &[refused]).await?;
    let bad = stage.release("refused", "refused", "0.1.0");
    let good = bad.clone().values(json!({"name": "valid"}));
    fails_then_heals(&stage, &bad, "ApplyRefused", &["Not_Valid"], &good).await
}

#[tokio::test]
async fn an_unknown_kind_is_named() -> Result<()> {
    let unknown = ChartBuilder::new("unknown", "0.1.0").template(
        "thing.yaml",
        "apiVersion: example.dev/v1\nkind: Thing\nmetadata:\n  name: thing\n",
    );
    let stage = Stage::new("unknown-kind", &[unknown]).await?;
    stage.apply(&stage.release("unknown", "unknown", "0.1.0")).await?;
    fails(&stage, "unknown", "KindUnknown", &["Thing", "example.dev/v1"]).await
}

#[tokio::test]
async fn a_corrupt_archive_a_wrong_digest_and_a_malformed_index_are_told_apart() -> Result<()> {
    let stage = Stage::new("corrupt", &[charts::tiny("1.0.0")]).await?;
    let tiny = stage.release("tiny", "tiny", "1.0.0").set("/interval", "1s");
    stage
        .repository
        .fail("index.yaml", Fault::Body(b"entries: [not, an, index".to_vec()));
    stage.apply(&tiny).await?;
    fails(
        &stage,
        "tiny",
        "IndexInvalid",
        &["tiny", "1.0.0", &stage.repository.url()],
    )
    .await?;
    stage.repository.heal();
    stage
        .repository
        .fail(".tgz", Fault::Body(b"not an archive".to_vec()));
    stage
        .patch(
            "tiny",
            json!({"metadata": {"annotations": {"pilothouse.dev/reconcile": "1"}}}),
        )
        .await?;
    let object = stage
        .until("tiny", "failed by its archive", |object| {
            ["False/DigestMismatch", "False/ChartInvalid"].contains(&release::state(object, "Ready").as_str())
        })
        .await?;
    assert!(release::message(&object, "Ready").contains("1.0.0"));
    stage.repository.heal();
    stage
        .patch(
            "tiny",
            json!({"metadata": {"annotations": {"pilothouse.dev/reconcile": "2"}}}),
        )
        .await?;
    // It may heal by its interval before it sees the request.
    stage
        .until("tiny", "ready, the request answered", |object| {
            release::is_ready(object) && object["status"]["handledRequests"]["reconcile"] == "2"
        })
        .await?;
    Ok(())
}

#[tokio::test]
async fn an_object_of_somebody_else_is_not_taken_over() -> Result<()> {
    let stage = Stage::new("ownership", &[charts::tiny("1.0.0")]).await?;
    stage
        .kubectl(&["create", "configmap", "tiny", "--from-literal=mine=yes"])
        .await?;
    stage.apply(&stage.release("tiny", "tiny", "1.0.0")).await?;
    fails(
        &stage,
        "tiny",
        "OwnershipConflict",
        &["ConfigMap \"tiny\"", "invalid ownership metadata"],
    )
    .await?;
    assert_eq!(
        stage.object("v1", "ConfigMap", "tiny").await?["data"]["mine"],
        "yes"
    );
    Ok(())
}
