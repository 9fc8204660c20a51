//! Which version is taken from an index, by us and by the real `helm`.

use anyhow::{Context as _, Result};
use rstest::rstest;
use source::{ChartLocation, ChartRequest, Digest, ErrorClass, FetchedChart};
use testkit::{ChartRepository, Helm};

use super::{Fixture, eager, package};

#[tokio::test]
async fn the_archive_and_what_it_is_come_back() -> Result<()> {
    let fixture = Fixture::new(&["1.0.0", "1.1.0"]).await?;
    let source = eager();
    let fetched = source.fetch(&fixture.request()).await?;
    assert_eq!(*fetched.archive, fixture.archive("1.1.0")?);
    let digest = Digest::parse(&fixture.charts[1].digest)?;
    assert_eq!(fetched.archive_digest, digest);
    let resolved = fetched.resolved;
    assert_eq!(resolved.version, "1.1.0");
    assert_eq!(resolved.digest, Some(digest));
    assert_eq!(resolved.url, format!("{}/web-1.1.0.tgz", fixture.server.url()));
    assert_eq!(resolved.created.as_deref(), Some("2020-01-01T00:00:00Z"));
    assert_eq!(resolved.stale, None);
    assert_eq!(source.resolve(&fixture.request()).await?, resolved);
    let agent = fixture.server.requests()[0]
        .user_agent
        .clone()
        .context("a user agent")?;
    assert!(agent.starts_with("Helm/4.2.4 Pilothouse/"), "{agent}");
    Ok(())
}

/// What `helm pull` takes from an index that the real `helm repo index` wrote is what we take.
#[rstest]
#[case(None)]
#[case(Some("1.0.0"))]
#[case(Some("v1.0.0"))]
#[case(Some("1.2"))]
#[case(Some("~1.2.0"))]
#[case(Some(">=1.0.0 <1.3.0"))]
#[case(Some("^2"))]
#[case(Some("*"))]
#[case(Some(">0-0"))]
#[case(Some("2.1.0-rc.1"))]
#[case(Some("2.0.0+b"))]
#[case(Some("2.0.0+c"))]
#[case(Some("^9"))]
#[case(Some("latest"))]
#[tokio::test]
async fn the_version_is_the_one_that_helm_takes(#[case] wanted: Option<&str>) -> Result<()> {
    let folder = tempfile::tempdir()?;
    package(
        folder.path(),
        &[
            "1.0.0",
            "1.2.0",
            "1.2.9",
            "1.10.0",
            "2.0.0+b",
            "2.0.0+a",
            "2.1.0-rc.1",
        ],
    )?;
    let helm = Helm::without_cluster()?;
    let shown = folder.path().display().to_string();
    helm.run(["repo", "index", &shown]).await?.success()?;
    let server = ChartRepository::start(folder.path()).await?;

    let pulled = tempfile::tempdir()?;
    let destination = pulled.path().display().to_string();
    let mut args = vec!["pull", "web", "--repo"];
    let url = server.url();
    args.extend([url.as_str(), "--destination", &destination]);
    args.extend(wanted.iter().flat_map(|version| ["--version", version]));
    let helm = helm.run(&args).await?;

    let mut request = ChartRequest::new(ChartLocation::in_repository(&url, "web"));
    request.version = wanted.map(str::to_owned);
    match eager().fetch(&request).await {
        Ok(FetchedChart { archive, .. }) => {
            helm.success()?;
            let file = std::fs::read_dir(pulled.path())?
                .next()
                .context("helm pulled a file")??;
            assert_eq!(
                *archive,
                std::fs::read(file.path())?,
                "helm took {:?}",
                file.file_name()
            );
        }
        Err(error) => {
            // Helm's words come first; what exactly is missing is told behind them.
            let stderr = helm.failure()?;
            let helm = stderr.trim().trim_start_matches("Error: ");
            assert!(error.to_string().starts_with(helm), "helm: {helm}\nours: {error}");
            assert_eq!(
                (error.class(), error.category()),
                (ErrorClass::Permanent, "ChartNotFound")
            );
        }
    }
    Ok(())
}

/// Helm refuses a whole index for a field that it does not know, if the index is YAML; it does not if it is JSON.
#[tokio::test]
async fn fields_that_nobody_knows_do_not_spoil_an_index() -> Result<()> {
    let fixture = Fixture::new(&["1.0.0"]).await?;
    let place = fixture.folder.path().join("index.yaml");
    let index = std::fs::read_to_string(&place)?;
    std::fs::write(&place, format!("{index}\nnewField: {{a: 1}}\n"))?;
    assert_eq!(eager().resolve(&fixture.request()).await?.version, "1.0.0");
    let url = fixture.server.url();
    let folder = tempfile::tempdir()?;
    let destination = folder.path().display().to_string();
    let helm = Helm::without_cluster()?;
    let pulled = helm
        .run(["pull", "web", "--repo", &url, "--destination", &destination])
        .await?;
    let told = pulled.failure()?;
    assert!(told.contains("unknown field \"newField\""), "{told}");
    Ok(())
}
