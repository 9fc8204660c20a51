//! Does a real API server admit what the schema promises, refuse the rest with our words, and fill in the defaults?

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use integration_tests::stage::{install_crds, release_resource};
use kube::api::{Api, DynamicObject, PostParams};
use testkit::ControlPlane;

/// The first line of an invalid case: what the API server must say.
const ERROR: &str = "# error: ";

fn cases(kind: &str) -> Result<Vec<(PathBuf, String)>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("crd").join(kind);
    let mut paths: Vec<PathBuf> = std::fs::read_dir(&folder)?
        .map(|entry| Ok(entry?.path()))
        .collect::<Result<_>>()?;
    paths.sort();
    anyhow::ensure!(!paths.is_empty(), "no cases in {}", folder.display());
    paths
        .into_iter()
        .map(|path| Ok((path.clone(), std::fs::read_to_string(path)?)))
        .collect()
}

/// Shows a manifest to the API server without storing it.
async fn create(releases: &Api<DynamicObject>, text: &str) -> Result<Result<DynamicObject, kube::Error>> {
    let mut object: DynamicObject = serde_yaml::from_str(text)?;
    object.metadata.namespace = None;
    let dry = PostParams {
        dry_run: true,
        ..PostParams::default()
    };
    Ok(releases.create(&dry, &object).await)
}

#[tokio::test]
async fn the_api_server_decides_about_every_manifest_as_the_schema_says() -> Result<()> {
    let control_plane = ControlPlane::shared().await?;
    install_crds(control_plane).await?;
    let namespace = control_plane.namespace("schema").await?;
    let releases: Api<DynamicObject> = Api::namespaced_with(
        control_plane.client().await?,
        namespace.name(),
        &release_resource(),
    );
    let mut wrong = Vec::new();
    for (path, text) in cases("valid")? {
        if let Err(error) = create(&releases, &text).await? {
            wrong.push(format!("{}: refused: {error}", path.display()));
        }
    }
    for (path, text) in cases("invalid")? {
        let expected = text
            .lines()
            .next()
            .and_then(|line| line.strip_prefix(ERROR))
            .context("no error line")?;
        match create(&releases, &text).await? {
            Ok(_) => wrong.push(format!("{}: admitted", path.display())),
            Err(error) if error.to_string().contains(expected) => {}
            Err(error) => wrong.push(format!("{}: wanted {expected:?}, got {error}", path.display())),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    Ok(())
}

#[tokio::test]
async fn a_minimal_object_gets_the_documented_defaults() -> Result<()> {
    let control_plane = ControlPlane::shared().await?;
    install_crds(control_plane).await?;
    let namespace = control_plane.namespace("defaults").await?;
    let releases: Api<DynamicObject> = Api::namespaced_with(
        control_plane.client().await?,
        namespace.name(),
        &release_resource(),
    );
    let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("crd/valid/minimal.yaml"))?;
    let object = create(&releases, &text).await??;
    let defaults = [
        ("/spec/interval", "10m"),
        ("/spec/timeout", "5m"),
        ("/spec/wait/for", "Ready"),
        ("/spec/upgrade/onFailure", "Rollback"),
        ("/spec/install/onFailure", "Retain"),
        ("/spec/drift/mode", "Warn"),
        ("/spec/valuesPolicy", "Reset"),
        ("/spec/foreignChanges", "Hold"),
    ];
    for (place, value) in defaults {
        assert_eq!(
            object.data.pointer(place).and_then(|found| found.as_str()),
            Some(value),
            "{place}"
        );
    }
    assert_eq!(object.data["status"]["observedGeneration"], -1);
    Ok(())
}
