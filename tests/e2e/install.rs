//! Does a `HelmRelease` become a release that Helm 4 and Helm 3 can read?

use anyhow::Result;
use integration_tests::{Stage, charts, release};
use serde_json::{Value, json};

#[tokio::test]
async fn a_release_is_installed_and_both_helms_read_every_part_of_it() -> Result<()> {
    let stage = Stage::new("install", &[charts::web("1.0.0")]).await?;
    stage
        .apply(
            &stage
                .release("web", "web", "1.0.0")
                .values(json!({"replicas": 2, "message": "hi"})),
        )
        .await?;
    let object = stage.until_ready("web").await?;

    assert_eq!(release::state(&object, "Released"), "True/InstallSucceeded");
    assert_eq!(release::state(&object, "Stalled"), "absent");
    assert_eq!(release::state(&object, "Reconciling"), "absent");
    assert_eq!(release::history(&object), "1:deployed");
    let status = &object["status"];
    assert_eq!(status["release"]["chart"], "web");
    assert_eq!(status["release"]["version"], "1.0.0");
    assert_eq!(status["release"]["revision"], 1);
    assert_eq!(status["chart"]["version"], "1.0.0");
    assert!(
        status["chart"]["digest"]
            .as_str()
            .unwrap_or_default()
            .starts_with("sha256:"),
        "{status:#}"
    );
    assert_eq!(status["operation"], Value::Null);

    // Objects carry the ownership that helm writes.
    let deployment = stage.object("apps/v1", "Deployment", "web").await?;
    assert_eq!(
        deployment["metadata"]["labels"]["app.kubernetes.io/managed-by"],
        "Helm"
    );
    assert_eq!(
        deployment["metadata"]["annotations"]["meta.helm.sh/release-name"],
        "web"
    );
    assert_eq!(
        deployment["metadata"]["annotations"]["meta.helm.sh/release-namespace"],
        stage.namespace.name()
    );
    assert_eq!(deployment["status"]["availableReplicas"], 2);

    // The referees.
    assert_eq!(stage.helm_history("web").await?, "1:deployed");
    let values: Value = serde_json::from_str(&stage.helm(&["get", "values", "web", "-o", "json"]).await?)?;
    assert_eq!(values, json!({"replicas": 2, "message": "hi"}));
    let manifest = stage.helm(&["get", "manifest", "web"]).await?;
    assert!(
        manifest.contains("# Source: web/templates/deployment.yaml"),
        "{manifest}"
    );
    assert!(stage.helm(&["get", "notes", "web"]).await?.contains("Visit web."));
    let list: Value = serde_json::from_str(&stage.helm(&["list", "-o", "json"]).await?)?;
    assert_eq!(list[0]["chart"], "web-1.0.0");
    assert_eq!(list[0]["status"], "deployed");
    let list: Value = serde_json::from_str(&stage.helm3(&["list", "-o", "json"]).await?)?;
    assert_eq!(list[0]["chart"], "web-1.0.0");
    let status: Value = serde_json::from_str(&stage.helm3(&["status", "web", "-o", "json"]).await?)?;
    assert_eq!(status["info"]["status"], "deployed");
    assert_eq!(status["info"]["description"], "Install complete");
    Ok(())
}

#[tokio::test]
async fn the_manifest_is_the_one_that_helm_would_have_stored() -> Result<()> {
    let mut stage = Stage::new("same-manifest", &[]).await?;
    let archive = stage.publish(&charts::web("1.0.0"))?;
    stage.apply(&stage.release("web", "web", "1.0.0")).await?;
    stage.until_ready("web").await?;
    let ours = stage.helm(&["get", "manifest", "web"]).await?;
    let ours_hooks = stage.helm(&["get", "hooks", "web"]).await?;
    // The same chart under the same name by helm itself, in another namespace.
    let other = stage.control_plane.namespace("same-manifest-helm").await?;
    let helm = testkit::Helm::v4(stage.control_plane)?;
    let archive = archive.display().to_string();
    helm.run(["install", "web", &archive, "-n", other.name()])
        .await?
        .success()?;
    assert_eq!(
        ours,
        helm.run(["get", "manifest", "web", "-n", other.name()])
            .await?
            .success()?
    );
    assert_eq!(
        ours_hooks,
        helm.run(["get", "hooks", "web", "-n", other.name()])
            .await?
            .success()?
    );
    Ok(())
}

#[tokio::test]
async fn kubectl_get_tells_the_story_in_its_columns() -> Result<()> {
    let stage = Stage::new("columns", &[charts::tiny("1.2.3")]).await?;
    stage.apply(&stage.release("tiny", "tiny", "1.2.3")).await?;
    stage.until_ready("tiny").await?;
    let table = stage.kubectl(&["get", "helmreleases"]).await?;
    let mut lines = table.lines();
    let header: Vec<&str> = lines.next().unwrap_or_default().split_whitespace().collect();
    assert_eq!(
        header,
        ["NAME", "READY", "CHART", "VERSION", "REVISION", "STATUS", "AGE"]
    );
    let row: Vec<&str> = lines.next().unwrap_or_default().split_whitespace().collect();
    assert_eq!(&row[..5], ["tiny", "True", "tiny", "1.2.3", "1"], "{table}");
    stage
        .kubectl(&["wait", "--for=condition=Ready", "phr/tiny", "--timeout=5s"])
        .await?;
    Ok(())
}
