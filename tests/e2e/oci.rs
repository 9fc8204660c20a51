//! Does a chart come from an OCI registry?

use anyhow::Result;
use integration_tests::{Release, Stage, charts, release};
use testkit::Registry;

#[tokio::test]
async fn a_chart_that_helm_pushed_is_installed_by_range() -> Result<()> {
    let mut stage = Stage::new("oci", &[]).await?;
    let registry = Registry::start().await?;
    for version in ["1.0.0", "1.1.0", "2.0.0"] {
        let archive = stage.publish(&charts::tiny(version))?;
        registry.push(&archive, "charts").await?;
    }
    let tiny = Release::new("tiny", &registry.repository("charts"), "tiny", "^1.0.0")
        .set("/chart/plainHTTP", true)
        .set("/timeout", "20s");
    stage.apply(&tiny).await?;
    let object = stage.until_ready("tiny").await?;
    assert_eq!(object["status"]["release"]["version"], "1.1.0");
    stage.apply(&tiny.version("2.0.0")).await?;
    let object = stage.until_ready("tiny").await?;
    assert_eq!(release::history(&object), "1:superseded 2:deployed");
    Ok(())
}
