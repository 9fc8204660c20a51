//! An archive is what was promised, or it is refused: digests, damage, packaged charts, provenance.

use std::io::Write as _;
use std::sync::Arc;

use anyhow::Result;
use source::{ChartLocation, ChartRequest, Digest, ErrorClass, MAX_PROVENANCE_BYTES};
use testkit::{Fault, index_yaml};

use super::{Fixture, chart, describe, eager, failure, package};

#[tokio::test]
async fn an_archive_that_is_not_the_promised_one_is_refused() -> Result<()> {
    let fixture = Fixture::new(&["1.0.0"]).await?;
    let other = chart("1.0.0").file("extra", "x").archive()?;
    let got = Digest::of(&other);
    fixture.server.fail(".tgz", Fault::Body(other));
    let error = failure(&eager(), &fixture.request(), &fixture.server).await;
    assert_eq!(
        error,
        format!(
            "Permanent DigestMismatch: chart \"web\" from URL/web-1.0.0.tgz: digest mismatch: the index says \
             sha256:{}, got {got}",
            fixture.charts[0].digest
        )
    );
    Ok(())
}

#[tokio::test]
async fn an_archive_without_a_promise_must_still_be_whole() -> Result<()> {
    let fixture = Fixture::new(&["1.0.0"]).await?;
    let index = "apiVersion: v1\nentries:\n  web:\n  - {name: web, version: 1.0.0, urls: [web-1.0.0.tgz]}\n";
    fixture.server.fail("index.yaml", Fault::Body(index.into()));
    let source = eager();
    let whole = fixture.archive("1.0.0")?;
    fixture
        .server
        .fail(".tgz", Fault::Body(whole[..whole.len() - 20].to_vec()));
    let error = failure(&source, &fixture.request(), &fixture.server).await;
    let expected =
        "Permanent ArchiveCorrupt: chart \"web\" from URL/web-1.0.0.tgz: chart archive is corrupt: ";
    assert!(error.starts_with(expected), "{error}");
    fixture
        .server
        .fail(".tgz", Fault::Body(b"<html>Please sign in</html>".to_vec()));
    assert_eq!(
        failure(&source, &fixture.request(), &fixture.server).await,
        "Permanent ArchiveCorrupt: chart \"web\" from URL/web-1.0.0.tgz: file does not appear to be a gzipped archive; \
         got 'text/html; charset=utf-8'"
    );
    fixture.server.fail(".tgz", Fault::Body(whole.clone()));
    let fetched = source.fetch(&fixture.request()).await?;
    assert_eq!(fetched.resolved.digest, Some(Digest::of(&whole)));
    Ok(())
}

#[tokio::test]
async fn the_digest_of_the_request_must_hold() -> Result<()> {
    let fixture = Fixture::new(&["1.0.0"]).await?;
    let mut request = fixture.request();
    request.digest = Some(Digest::parse(&fixture.charts[0].digest)?);
    eager().fetch(&request).await?;
    request.digest = Some(Digest::of(b"something else"));
    let error = eager().fetch(&request).await.unwrap_err();
    assert_eq!(
        (error.class(), error.category()),
        (ErrorClass::Permanent, "DigestMismatch")
    );
    assert!(error.to_string().contains("the requested digest says"), "{error}");
    Ok(())
}

#[tokio::test]
async fn the_provenance_file_is_found_beside_the_archive() -> Result<()> {
    let fixture = Fixture::new(&["1.0.0"]).await?;
    let error = eager().provenance(&fixture.request()).await.unwrap_err();
    assert_eq!(
        (error.class(), error.category()),
        (ErrorClass::Permanent, "ChartNotFound")
    );
    std::fs::write(fixture.folder.path().join("web-1.0.0.tgz.prov"), "signed")?;
    assert_eq!(eager().provenance(&fixture.request()).await?, b"signed");
    fixture.server.fail(
        ".prov",
        Fault::Body(vec![b'x'; usize::try_from(MAX_PROVENANCE_BYTES)? + 1]),
    );
    assert_eq!(
        eager()
            .provenance(&fixture.request())
            .await
            .unwrap_err()
            .category(),
        "TooLarge"
    );
    Ok(())
}

#[tokio::test]
async fn a_packaged_chart_is_checked_like_any_other() -> Result<()> {
    let source = eager();
    let archive: Arc<[u8]> = chart("1.0.0").archive()?.into();
    let request = |archive: &Arc<[u8]>, name: Option<&str>| {
        ChartRequest::new(ChartLocation::Packaged {
            place: "ConfigMap apps/charts, key web.tgz".into(),
            archive: Arc::clone(archive),
            name: name.map(str::to_owned),
        })
    };
    let fetched = source.fetch(&request(&archive, Some("web"))).await?;
    assert_eq!(
        (fetched.resolved.name.as_str(), fetched.resolved.version.as_str()),
        ("web", "1.0.0")
    );
    assert_eq!(fetched.resolved.digest, Some(Digest::of(&archive)));
    assert!(Arc::ptr_eq(&fetched.archive, &archive));

    let error = source.fetch(&request(&archive, Some("db"))).await.unwrap_err();
    assert_eq!(
        describe(&error),
        "Permanent ChartNotFound: chart \"db\" not found in ConfigMap apps/charts, key web.tgz repository: the archive has \
         chart \"web\""
    );
    let half: Arc<[u8]> = archive[..archive.len() / 2].into();
    assert_eq!(
        source.fetch(&request(&half, None)).await.unwrap_err().category(),
        "ArchiveCorrupt"
    );
    let mut pinned = request(&archive, None);
    pinned.digest = Some(Digest::of(b"other"));
    assert_eq!(
        source.fetch(&pinned).await.unwrap_err().category(),
        "DigestMismatch"
    );
    Ok(())
}

/// A server that compresses what it sends, the archive (which is compressed already) by name only.
#[tokio::test]
async fn an_index_may_be_compressed_and_an_archive_stays_as_it_is() -> Result<()> {
    use axum::http::header::{ACCEPT, ACCEPT_ENCODING, CONTENT_ENCODING};
    use axum::routing::get;

    let folder = tempfile::tempdir()?;
    let charts = package(folder.path(), &["1.0.0"])?;
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(index_yaml(&charts)?.as_bytes())?;
    let index = encoder.finish()?;
    let archive = std::fs::read(&charts[0].path)?;
    let served = archive.clone();
    let app = axum::Router::new()
        .route(
            "/index.yaml",
            get(|headers: axum::http::HeaderMap| async move {
                assert_eq!(headers[ACCEPT_ENCODING], "gzip");
                ([(CONTENT_ENCODING, "gzip")], index)
            }),
        )
        .route(
            "/web-1.0.0.tgz",
            get(|headers: axum::http::HeaderMap| async move {
                assert!(!headers.contains_key(ACCEPT_ENCODING));
                assert_eq!(headers[ACCEPT], "application/gzip,application/octet-stream");
                ([(CONTENT_ENCODING, "gzip")], served)
            }),
        );
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await?;
    let url = format!("http://{}", listener.local_addr()?);
    tokio::spawn(async move { axum::serve(listener, app).await });
    let fetched = eager()
        .fetch(&ChartRequest::new(ChartLocation::in_repository(&url, "web")))
        .await?;
    assert_eq!(*fetched.archive, archive);
    Ok(())
}
