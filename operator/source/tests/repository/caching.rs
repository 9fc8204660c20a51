//! What was fetched once is not fetched again, unless it must be.

use std::sync::Arc;

use anyhow::{Context as _, Result};
use source::{ChartLocation, ChartRequest, Digest, DiskOptions, Freshness, Source, SourceOptions};
use testkit::{ChartBuilder, ChartRepository};

use super::{Fixture, chart, eager, options, package};

#[tokio::test]
async fn what_was_seen_before_serves_while_the_repository_is_down_and_says_so() -> Result<()> {
    let fixture = Fixture::new(&["1.0.0"]).await?;
    let source = eager();
    source.fetch(&fixture.request()).await?;
    fixture.server.go_down().await;
    let fetched = source.fetch(&fixture.request()).await?;
    assert_eq!(*fetched.archive, fixture.archive("1.0.0")?);
    let stale = fetched.resolved.stale.context("it says that it is stale")?;
    assert!(stale.contains("onnection refused"), "{stale}");
    fixture.server.come_up().await?;
    assert_eq!(source.fetch(&fixture.request()).await?.resolved.stale, None);
    Ok(())
}

#[tokio::test]
async fn an_unchanged_index_is_not_sent_again() -> Result<()> {
    let fixture = Fixture::new(&["1.0.0"]).await?;
    let source = eager();
    for _ in 0..3 {
        source.fetch(&fixture.request()).await?;
    }
    let statuses = |server: &ChartRepository| -> Vec<u16> {
        let requests = server
            .requests()
            .into_iter()
            .filter(|request| request.path == "/index.yaml");
        requests.map(|request| request.status).collect()
    };
    assert_eq!(statuses(&fixture.server), [200, 304, 304]);
    assert_eq!(fixture.server.count(".tgz"), 1);

    fixture
        .server
        .publish(&package(fixture.folder.path(), &["1.0.0", "1.0.1"])?)?;
    assert_eq!(source.fetch(&fixture.request()).await?.resolved.version, "1.0.1");
    assert_eq!(statuses(&fixture.server), [200, 304, 304, 200]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_releases_cost_one_index_and_one_archive() -> Result<()> {
    let fixture = Fixture::new(&["1.0.0"]).await?;
    let other = ChartBuilder::new("db", "3.0.0").package(fixture.folder.path())?;
    fixture.server.publish(&[fixture.charts[0].clone(), other])?;
    let source = Source::new(&SourceOptions::default());
    let fetches = (0..200).map(|number| {
        let (source, name) = (source.clone(), if number % 2 == 0 { "web" } else { "db" });
        let request = ChartRequest::new(ChartLocation::in_repository(&fixture.server.url(), name));
        tokio::spawn(async move { source.fetch(&request).await })
    });
    let mut archives = Vec::new();
    for fetched in futures::future::join_all(fetches).await {
        archives.push(fetched??.archive);
    }
    assert!(
        archives
            .iter()
            .step_by(2)
            .all(|archive| Arc::ptr_eq(archive, &archives[0]))
    );
    assert_eq!(fixture.server.count("index.yaml"), 1);
    assert_eq!(fixture.server.count("web-1.0.0.tgz"), 1);
    assert_eq!(fixture.server.count("db-3.0.0.tgz"), 1);
    Ok(())
}

#[tokio::test]
async fn a_recent_index_is_used_unless_somebody_wants_it_fresh() -> Result<()> {
    let fixture = Fixture::new(&["1.0.0"]).await?;
    let source = Source::new(&SourceOptions::default());
    source.fetch(&fixture.request()).await?;
    fixture
        .server
        .publish(&package(fixture.folder.path(), &["1.0.0", "1.0.1"])?)?;
    assert_eq!(source.fetch(&fixture.request()).await?.resolved.version, "1.0.0");
    let mut request = fixture.request();
    request.freshness = Freshness::Revalidate;
    assert_eq!(source.fetch(&request).await?.resolved.version, "1.0.1");
    Ok(())
}

#[tokio::test]
async fn a_version_that_was_published_anew_is_found_through_the_new_index() -> Result<()> {
    let fixture = Fixture::new(&["1.0.0"]).await?;
    let source = Source::new(&SourceOptions::default());
    source.resolve(&fixture.request()).await?;
    let anew = chart("1.0.0").file("extra", "x").package(fixture.folder.path())?;
    fixture.server.publish(std::slice::from_ref(&anew))?;
    let fetched = source.fetch(&fixture.request()).await?;
    assert_eq!(fetched.archive_digest, Digest::parse(&anew.digest)?);
    assert_eq!(fixture.server.count("index.yaml"), 2);
    Ok(())
}

#[tokio::test]
async fn the_disk_serves_after_a_restart() -> Result<()> {
    let fixture = Fixture::new(&["1.0.0"]).await?;
    let folder = tempfile::tempdir()?;
    let start = || {
        let disk = DiskOptions {
            folder: folder.path().to_owned(),
            bytes: 1 << 20,
        };
        Source::new(&SourceOptions {
            disk: Some(disk),
            ..options()
        })
    };
    start().fetch(&fixture.request()).await?;
    let fetched = start().fetch(&fixture.request()).await?;
    assert_eq!(*fetched.archive, fixture.archive("1.0.0")?);
    assert_eq!(fixture.server.count(".tgz"), 1);
    Ok(())
}
