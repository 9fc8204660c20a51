//! Are the CRDs of a chart created, and replaced only where that is asked for?

use anyhow::Result;
use integration_tests::{Stage, release};
use serde_json::json;
use testkit::ChartBuilder;

fn crd(group: &str, description: &str) -> String {
    format!(
        "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata:\n  name: things.{group}\nspec:\n  group: {group}\n  scope: Namespaced\n  names: {{plural: things, singular: thing, kind: Thing}}\n  versions:\n    - name: v1\n      served: true\n      storage: true\n      schema:\n        openAPIV3Schema:\n          type: object\n          description: {description}\n"
    )
}

fn chart(version: &str, group: &str, description: &str) -> ChartBuilder {
    ChartBuilder::new("crds", version)
        .file("crds/things.yaml", crd(group, description))
        .template(
            "thing.yaml",
            &format!("apiVersion: {group}/v1\nkind: Thing\nmetadata:\n  name: {{{{ .Release.Name }}}}\n"),
        )
}

#[tokio::test]
async fn crds_come_before_what_needs_them_and_are_updated_on_request() -> Result<()> {
    let group = "upgrade.crds.pilothouse.test";
    let stage = Stage::new(
        "crds",
        &[
            chart("1.0.0", group, "first"),
            chart("1.1.0", group, "second"),
            chart("1.2.0", group, "third"),
        ],
    )
    .await?;
    let things = stage.release("things", "crds", "1.0.0");
    let described = async || -> Result<String> {
        let crd = stage
            .kubectl(&[
                "get",
                "crd",
                &format!("things.{group}"),
                "-o",
                "jsonpath={.spec.versions[0].schema.openAPIV3Schema.description}",
            ])
            .await?;
        Ok(crd)
    };
    stage.apply(&things).await?;
    stage.until_ready("things").await?;
    assert_eq!(described().await?, "first");

    // As in Helm, an upgrade leaves CRDs alone by default.
    stage.apply(&things.clone().version("1.1.0")).await?;
    stage.until_ready("things").await?;
    assert_eq!(described().await?, "first");

    stage
        .apply(
            &things
                .version("1.2.0")
                .set("/upgrade", json!({"crds": "CreateReplace"})),
        )
        .await?;
    let object = stage.until_ready("things").await?;
    assert_eq!(described().await?, "third");
    assert_eq!(release::history(&object), "1:superseded 2:superseded 3:deployed");
    // CRDs are never deleted, and an install leaves those that exist alone.
    stage.delete("things").await?;
    stage.until("things", "gone", serde_json::Value::is_null).await?;
    assert_eq!(described().await?, "third");
    stage.apply(&stage.release("again", "crds", "1.0.0")).await?;
    stage.until_ready("again").await?;
    assert_eq!(described().await?, "third");
    stage.delete("again").await?;
    stage.until("again", "gone", serde_json::Value::is_null).await?;
    stage
        .kubectl(&["delete", "crd", &format!("things.{group}")])
        .await?;
    Ok(())
}
