//! Time and memory have limits that a server cannot move.

use std::time::{Duration, Instant};

use anyhow::Result;
use rstest::rstest;
use source::{ErrorClass, Source, SourceOptions};
use testkit::{Fault, PackagedChart};

use super::{Fixture, chart, failure, options};

#[rstest]
#[case("index.yaml", Fault::Hang)]
#[case(".tgz", Fault::Hang)]
#[case("index.yaml", Fault::Slow(Duration::from_secs(30)))]
#[tokio::test]
async fn a_slow_server_is_left_at_the_deadline(#[case] path: &str, #[case] fault: Fault) -> Result<()> {
    let fixture = Fixture::new(&["1.0.0"]).await?;
    fixture.server.fail(path, fault);
    let source = Source::new(&SourceOptions {
        request_timeout: Duration::from_millis(300),
        ..options()
    });
    let started = Instant::now();
    let error = source.fetch(&fixture.request()).await.unwrap_err();
    assert!(
        started.elapsed() < Duration::from_secs(10),
        "{:?}",
        started.elapsed()
    );
    assert_eq!(error.class(), ErrorClass::Transient);
    assert!(error.to_string().ends_with("no answer within 0.3s"), "{error}");
    Ok(())
}

#[tokio::test]
async fn huge_bodies_hit_the_limit() -> Result<()> {
    let fixture = Fixture::new(&["1.0.0"]).await?;
    let source = Source::new(&SourceOptions {
        max_archive_bytes: 5000,
        max_index_bytes: 6000,
        ..options()
    });
    fixture.server.fail(".tgz", Fault::Body(vec![0x1f; 5001]));
    assert_eq!(
        failure(&source, &fixture.request(), &fixture.server).await,
        "Permanent TooLarge: chart \"web\" from URL/web-1.0.0.tgz: larger than the maximum size 5000"
    );
    fixture.server.fail("index.yaml", Fault::Body(vec![b'#'; 6001]));
    assert_eq!(
        failure(&source, &fixture.request(), &fixture.server).await,
        "Permanent TooLarge: chart \"web\" from URL: larger than the maximum size 6000"
    );
    Ok(())
}

/// Archives of 3 MB with memory for one and a half of them.
#[tokio::test(flavor = "multi_thread")]
async fn large_downloads_take_turns() -> Result<()> {
    let fixture = Fixture::new(&[]).await?;
    let mut noise = 1u32;
    let mut random = || {
        noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        noise.to_be_bytes()[0]
    };
    let content: Vec<u8> = (0..3 << 20).map(|_| random()).collect();
    let versions = ["1.0.0", "1.0.1", "1.0.2", "1.0.3", "1.0.4", "1.0.5"];
    let charts: Result<Vec<PackagedChart>> = versions
        .iter()
        .map(|version| {
            chart(version)
                .file("noise", content.clone())
                .package(fixture.folder.path())
        })
        .collect();
    fixture.server.publish(&charts?)?;
    let limit = 4 << 20;
    let limits = SourceOptions {
        download_memory: limit,
        max_archive_bytes: limit,
        max_index_bytes: limit,
        ..options()
    };
    let source = Source::new(&limits);
    let fetches = versions.map(|version| {
        let (source, request) = (source.clone(), fixture.request().version(version));
        tokio::spawn(async move { source.fetch(&request).await })
    });
    for fetched in futures::future::join_all(fetches).await {
        assert!(fetched??.archive.len() > 3 << 20);
    }
    Ok(())
}
