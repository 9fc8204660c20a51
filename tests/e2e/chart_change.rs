//! Does a new chart version become a new revision, and does a range follow the repository?

use anyhow::Result;
use integration_tests::{Stage, charts, release};

#[tokio::test]
async fn a_new_chart_version_is_upgraded_to() -> Result<()> {
    let stage = Stage::new("chart", &[charts::web("1.0.0"), charts::web("1.1.0")]).await?;
    let web = stage.release("web", "web", "1.0.0");
    stage.apply(&web).await?;
    stage.until_ready("web").await?;
    stage.apply(&web.version("1.1.0")).await?;
    let object = stage.until_ready("web").await?;
    assert_eq!(release::history(&object), "1:superseded 2:deployed");
    assert_eq!(object["status"]["release"]["version"], "1.1.0");
    assert_eq!(
        stage.object("v1", "ConfigMap", "web").await?["data"]["version"],
        "1.1.0"
    );
    Ok(())
}

#[tokio::test]
async fn a_version_published_after_the_index_was_read_is_found() -> Result<()> {
    let mut stage = Stage::new("published", &[charts::tiny("1.0.0")]).await?;
    let tiny = stage.release("tiny", "tiny", "1.0.0");
    stage.apply(&tiny).await?;
    stage.until_ready("tiny").await?;
    // A missing version is looked for again only when the index is a second old.
    tokio::time::sleep(std::time::Duration::from_millis(1_100)).await;
    stage.publish(&charts::tiny("1.1.0"))?;
    stage.apply(&tiny.version("1.1.0")).await?;
    let object = stage.until_ready("tiny").await?;
    assert_eq!(object["status"]["release"]["version"], "1.1.0");
    Ok(())
}

#[tokio::test]
async fn objects_that_left_the_chart_are_deleted() -> Result<()> {
    let smaller = testkit::ChartBuilder::new("web", "2.0.0").template(
        "configmap.yaml",
        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}\ndata: {}\n",
    );
    let stage = Stage::new("removed", &[charts::web("1.0.0"), smaller]).await?;
    let web = stage.release("web", "web", "1.0.0");
    stage.apply(&web).await?;
    stage.until_ready("web").await?;
    stage.apply(&web.version("2.0.0")).await?;
    stage.until_ready("web").await?;
    assert!(stage.object("v1", "Service", "web").await?.is_null());
    assert!(stage.object("v1", "ConfigMap", "web").await?["data"].is_null());
    Ok(())
}

#[tokio::test]
async fn a_range_takes_the_newest_version_and_follows_the_repository() -> Result<()> {
    let mut stage = Stage::new("range", &[charts::tiny("1.0.0"), charts::tiny("2.0.0")]).await?;
    let range = stage.release("tiny", "tiny", ">=1.0.0 <2").set("/interval", "1s");
    stage.apply(&range).await?;
    let object = stage.until_ready("tiny").await?;
    assert_eq!(object["status"]["release"]["version"], "1.0.0");
    stage.publish(&charts::tiny("1.4.0"))?;
    let object = stage
        .until("tiny", "at 1.4.0", |object| {
            release::is_ready(object) && object["status"]["release"]["version"] == "1.4.0"
        })
        .await?;
    assert_eq!(release::history(&object), "1:superseded 2:deployed");
    Ok(())
}
