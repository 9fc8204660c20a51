//! Manifests, image indexes and layers: what is taken from them, what is refused, and how failures are classified.

use std::time::Duration;

use anyhow::Result;
use rstest::rstest;
use source::{
    Credentials, Digest, ErrorClass, MAX_INDEX_MANIFESTS, MAX_METADATA_BYTES, Source, SourceOptions,
};

use super::fake_registry::FakeRegistry;
use super::{describe, eager, request};

#[tokio::test]
async fn an_image_index_is_searched_for_the_chart() -> Result<()> {
    let registry = FakeRegistry::start().await?;
    let archive = registry.chart("1.0.0");
    let index = registry.index("2.0.0", "1.0.0");
    let fetched = eager()
        .fetch(&request(&registry.repository(), Some("2.0.0")))
        .await?;
    assert_eq!(*fetched.archive, archive);
    assert_eq!(fetched.resolved.digest, Some(index));
    Ok(())
}

#[tokio::test]
async fn the_provenance_layer_is_found() -> Result<()> {
    let registry = FakeRegistry::start().await?;
    registry.chart("1.0.0");
    registry.chart_with_provenance("2.0.0", b"signed");
    let source = eager();
    assert_eq!(
        source
            .provenance(&request(&registry.repository(), Some("2.0.0")))
            .await?,
        b"signed"
    );
    let error = source
        .provenance(&request(&registry.repository(), Some("1.0.0")))
        .await
        .unwrap_err();
    assert_eq!(error.category(), "ChartNotFound");
    Ok(())
}

#[tokio::test]
async fn an_image_that_is_no_chart_is_told_in_helms_words() -> Result<()> {
    let registry = FakeRegistry::start().await?;
    registry.image("1.0.0");
    let error = eager()
        .fetch(&request(&registry.repository(), Some("1.0.0")))
        .await
        .unwrap_err();
    assert_eq!(
        describe(&error),
        format!(
            "Permanent ManifestInvalid: chart \"web\" version \"1.0.0\" in {}: manifest does not contain minimum number of \
             descriptors (2), descriptors found: 1",
            registry.repository()
        )
    );
    Ok(())
}

#[rstest]
#[case("/manifests/", 503, ErrorClass::Transient, "DownloadFailed")]
#[case("/manifests/", 429, ErrorClass::Transient, "DownloadFailed")]
#[case("/manifests/", 404, ErrorClass::Permanent, "ChartNotFound")]
#[case("/manifests/", 403, ErrorClass::Permanent, "Unauthorized")]
#[case("/tags/", 500, ErrorClass::Transient, "DownloadFailed")]
#[case("/tags/", 404, ErrorClass::Permanent, "ChartNotFound")]
#[case("/blobs/", 502, ErrorClass::Transient, "DownloadFailed")]
#[case("/blobs/", 404, ErrorClass::Permanent, "ChartNotFound")]
#[tokio::test]
async fn statuses_are_classified(
    #[case] path: &str,
    #[case] status: u16,
    #[case] class: ErrorClass,
    #[case] category: &str,
) -> Result<()> {
    let registry = FakeRegistry::start().await?;
    registry.chart("1.0.0");
    registry.fail(path, status);
    let error = eager()
        .fetch(&request(&registry.repository(), None))
        .await
        .unwrap_err();
    assert_eq!((error.class(), error.category()), (class, category), "{error}");
    assert_eq!(
        error.retry_after(),
        (class == ErrorClass::Transient).then_some(Duration::from_secs(7))
    );
    Ok(())
}

#[tokio::test]
async fn a_layer_beyond_the_limit_is_not_even_asked_for() -> Result<()> {
    let registry = FakeRegistry::start().await?;
    registry.chart("1.0.0");
    let source = Source::new(&SourceOptions {
        max_archive_bytes: 100,
        ..SourceOptions::default()
    });
    let error = source
        .fetch(&request(&registry.repository(), None))
        .await
        .unwrap_err();
    assert_eq!(
        (error.class(), error.category()),
        (ErrorClass::Permanent, "TooLarge"),
        "{error}"
    );
    assert_eq!(registry.count("/v2/team/charts/web/blobs"), 0);
    Ok(())
}

#[rstest]
#[case("/manifests/")]
#[case("/tags/")]
#[tokio::test]
async fn huge_answers_hit_the_limit(#[case] path: &str) -> Result<()> {
    let registry = FakeRegistry::start().await?;
    registry.chart("1.0.0");
    registry.answer_with(path, vec![b' '; usize::try_from(MAX_METADATA_BYTES)? + 1]);
    let error = eager()
        .fetch(&request(&registry.repository(), None))
        .await
        .unwrap_err();
    assert_eq!(
        (error.class(), error.category()),
        (ErrorClass::Permanent, "TooLarge"),
        "{error}"
    );
    Ok(())
}

#[tokio::test]
async fn a_long_image_index_is_not_searched_to_its_end() -> Result<()> {
    let registry = FakeRegistry::start().await?;
    registry.chart("1.0.0");
    registry.long_index("2.0.0", MAX_INDEX_MANIFESTS - 1, "1.0.0");
    registry.long_index("3.0.0", MAX_INDEX_MANIFESTS, "1.0.0");
    let source = eager();
    source
        .fetch(&request(&registry.repository(), Some("2.0.0")))
        .await?;
    let error = source
        .fetch(&request(&registry.repository(), Some("3.0.0")))
        .await
        .unwrap_err();
    assert_eq!(
        (error.class(), error.category()),
        (ErrorClass::Permanent, "ManifestInvalid"),
        "{error}"
    );
    Ok(())
}

#[tokio::test]
async fn a_registry_that_lies_about_a_digest_is_not_believed() -> Result<()> {
    let registry = FakeRegistry::start().await?;
    registry.chart("1.0.0");
    registry.lie_about_digests();
    let error = eager()
        .fetch(&request(&registry.repository(), None))
        .await
        .unwrap_err();
    assert_eq!(
        (error.class(), error.category()),
        (ErrorClass::Permanent, "DigestMismatch"),
        "{error}"
    );
    assert!(error.to_string().contains("the registry says"), "{error}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_releases_cost_one_list_one_manifest_and_one_layer() -> Result<()> {
    let registry = FakeRegistry::start().await?;
    registry.chart("1.0.0");
    let source = Source::new(&SourceOptions::default());
    let fetches = (0..200).map(|_| {
        let (source, request) = (source.clone(), request(&registry.repository(), Some("^1")));
        tokio::spawn(async move { source.fetch(&request).await })
    });
    for fetched in futures::future::join_all(fetches).await {
        fetched??;
    }
    assert_eq!(registry.count("/v2/team/charts/web/tags"), 1);
    assert_eq!(registry.count("/v2/team/charts/web/manifests"), 1);
    assert_eq!(registry.count("/v2/team/charts/web/blobs"), 1);
    Ok(())
}

/// Some index files name archives in a registry.
#[tokio::test]
async fn an_http_index_may_point_to_a_registry() -> Result<()> {
    let registry = FakeRegistry::start().await?;
    let archive = registry.chart("1.0.0");
    let folder = tempfile::tempdir()?;
    let server = testkit::ChartRepository::start(folder.path()).await?;
    let index = format!(
        "apiVersion: v1\nentries:\n  web:\n  - name: web\n    version: 1.0.0\n    digest: {}\n    urls: ['{}/web:1.0.0']\n",
        Digest::of(&archive).hex(),
        registry.repository()
    );
    std::fs::write(folder.path().join("index.yaml"), index)?;
    server.require_basic_auth("me", "hunter2");
    let mut request = request(&server.url(), None);
    request.credentials = Some(Credentials::Basic {
        username: "me".into(),
        password: "hunter2".into(),
    });
    let fetched = eager().fetch(&request).await?;
    assert_eq!(*fetched.archive, archive);
    assert_eq!(fetched.resolved.digest, Some(Digest::of(&archive)));
    // The credentials are for the repository, not for the registry.
    assert!(
        registry
            .authorizations()
            .iter()
            .all(|(_, header)| header.is_none())
    );
    Ok(())
}
