//! What a server does wrong is named, classified as permanent or transient, and leaves nothing behind.

use anyhow::Result;
use rstest::rstest;
use source::{ChartLocation, ChartRequest, ClientCertificate};
use testkit::Fault;

use super::{Fixture, describe, eager, failure};

#[rstest]
#[case::missing_index(
    "index.yaml",
    Fault::Status(404),
    "Permanent RepositoryUnreachable: chart \"web\": looks like \"URL\" is not a valid chart repository or cannot be \
     reached: failed to fetch URL/index.yaml : 404 Not Found"
)]
#[case::broken_server(
    "index.yaml",
    Fault::Status(503),
    "Transient RepositoryUnreachable: chart \"web\": looks like \"URL\" is not a valid chart repository or cannot be \
     reached: failed to fetch URL/index.yaml : 503 Service Unavailable"
)]
#[case::rate_limit(
    "index.yaml",
    Fault::Status(429),
    "Transient RepositoryUnreachable: chart \"web\": looks like \"URL\" is not a valid chart repository or cannot be \
     reached: failed to fetch URL/index.yaml : 429 Too Many Requests"
)]
#[case::forbidden_index(
    "index.yaml",
    Fault::Status(403),
    "Permanent Unauthorized: chart \"web\": failed to fetch URL/index.yaml : 403 Forbidden"
)]
#[case::no_content(
    "index.yaml",
    Fault::Status(204),
    "Permanent RepositoryUnreachable: chart \"web\": looks like \"URL\" is not a valid chart repository or cannot be \
     reached: failed to fetch URL/index.yaml : 204 No Content"
)]
#[case::empty_index(
    "index.yaml",
    Fault::Body(Vec::new()),
    "Permanent IndexInvalid: chart \"web\": looks like \"URL\" is not a valid chart repository or cannot be reached: \
     empty index.yaml file"
)]
#[case::no_index(
    "index.yaml",
    Fault::Body(b"entries: {}".to_vec()),
    "Permanent IndexInvalid: chart \"web\": looks like \"URL\" is not a valid chart repository or cannot be reached: \
     no API version specified"
)]
#[case::other_charts_only(
    "index.yaml",
    Fault::Body(b"apiVersion: v1\nentries:\n  db: []\n".to_vec()),
    "Permanent ChartNotFound: chart \"web\" not found in URL repository: no chart name found"
)]
#[case::no_version(
    "index.yaml",
    Fault::Body(b"apiVersion: v1\nentries:\n  web: []\n".to_vec()),
    "Permanent ChartNotFound: chart \"web\" not found in URL repository: no chart version found"
)]
#[case::no_url(
    "index.yaml",
    Fault::Body(b"apiVersion: v1\nentries:\n  web:\n  - {name: web, version: 1.0.0}\n".to_vec()),
    "Permanent IndexInvalid: chart \"web\": looks like \"URL\" is not a valid chart repository or cannot be reached: \
     chart \"web\" version \"1.0.0\" has no downloadable URLs"
)]
#[case::strange_digest(
    "index.yaml",
    Fault::Body(b"apiVersion: v1\nentries:\n  web:\n  - {name: web, version: 1.0.0, urls: [a], digest: zz}\n".to_vec()),
    "Permanent IndexInvalid: chart \"web\": looks like \"URL\" is not a valid chart repository or cannot be reached: \
     digest of version 1.0.0: `zz` is not a sha256 digest"
)]
#[case::strange_url(
    "index.yaml",
    Fault::Body(b"apiVersion: v1\nentries:\n  web:\n  - {name: web, version: 1.0.0, urls: ['file:///etc/passwd']}\n".to_vec()),
    "Permanent InvalidRequest: chart \"web\": scheme \"file\" not supported (file:///etc/passwd)"
)]
#[case::missing_archive(
    ".tgz",
    Fault::Status(404),
    "Permanent DownloadFailed: chart \"web\": failed to fetch URL/web-1.0.0.tgz : 404 Not Found"
)]
#[case::broken_archive_server(
    ".tgz",
    Fault::Status(500),
    "Transient DownloadFailed: chart \"web\": failed to fetch URL/web-1.0.0.tgz : 500 Internal Server Error"
)]
#[tokio::test]
async fn what_a_server_does_wrong_is_named_and_classified(
    #[case] path: &str,
    #[case] fault: Fault,
    #[case] expected: &str,
) -> Result<()> {
    let fixture = Fixture::new(&["1.0.0"]).await?;
    fixture.server.fail(path, fault);
    assert_eq!(
        failure(&eager(), &fixture.request(), &fixture.server).await,
        expected
    );
    Ok(())
}

#[tokio::test]
async fn a_malformed_index_is_permanent_and_healed_by_a_good_one() -> Result<()> {
    let fixture = Fixture::new(&["1.0.0"]).await?;
    let source = eager();
    fixture.server.fail(
        "index.yaml",
        Fault::Body(b"apiVersion: v1\nentries:\n  web: [}\n".to_vec()),
    );
    let error = failure(&source, &fixture.request(), &fixture.server).await;
    let expected = "Permanent IndexInvalid: chart \"web\": looks like \"URL\" is not a valid chart repository or cannot \
                    be reached: error converting YAML to JSON: ";
    assert!(error.starts_with(expected), "{error}");
    fixture.server.heal();
    source.fetch(&fixture.request()).await?;
    Ok(())
}

#[rstest]
#[case("index.yaml", "Transient RepositoryUnreachable")]
#[case(".tgz", "Transient DownloadFailed")]
#[tokio::test]
async fn a_broken_connection_is_transient_and_nothing_of_it_is_kept(
    #[case] path: &str,
    #[case] expected: &str,
) -> Result<()> {
    let fixture = Fixture::new(&["1.0.0"]).await?;
    let source = eager();
    fixture.server.fail(path, Fault::Truncated);
    let error = failure(&source, &fixture.request(), &fixture.server).await;
    assert!(error.starts_with(expected), "{error}");
    fixture.server.heal();
    assert_eq!(
        *source.fetch(&fixture.request()).await?.archive,
        fixture.archive("1.0.0")?
    );
    Ok(())
}

#[tokio::test]
async fn a_repository_that_is_down_is_transient_until_it_is_up() -> Result<()> {
    let fixture = Fixture::new(&["1.0.0"]).await?;
    let source = eager();
    fixture.server.go_down().await;
    let error = failure(&source, &fixture.request(), &fixture.server).await;
    assert!(error.starts_with("Transient RepositoryUnreachable: "), "{error}");
    assert!(error.contains("onnection refused"), "{error}");
    fixture.server.come_up().await?;
    source.fetch(&fixture.request()).await?;
    Ok(())
}

#[tokio::test]
async fn redirects_in_a_circle_end() -> Result<()> {
    let fixture = Fixture::new(&["1.0.0"]).await?;
    fixture
        .server
        .fail("index.yaml", Fault::Redirect(fixture.server.url()));
    let error = failure(&eager(), &fixture.request(), &fixture.server).await;
    assert!(error.starts_with("Permanent RepositoryUnreachable"), "{error}");
    assert!(error.ends_with("stopped after 10 redirects"), "{error}");
    Ok(())
}

#[tokio::test]
async fn unusable_requests_are_permanent() -> Result<()> {
    let source = eager();
    let at = |url: &str| ChartRequest::new(ChartLocation::in_repository(url, "web"));
    let mut bad_ca = at("https://127.0.0.1:1");
    bad_ca.tls.ca = Some(b"no certificate".to_vec());
    let mut bad_client = at("https://127.0.0.1:1");
    bad_client.tls.client = Some(ClientCertificate {
        certificate: b"none".to_vec(),
        key: b"none".to_vec(),
    });
    let with_credentials = at("https://me:hunter2@127.0.0.1:1");
    for request in [
        at("ftp://a/b"),
        at("https://"),
        at("oci://"),
        bad_ca,
        bad_client,
        with_credentials,
    ] {
        let error = source.fetch(&request).await.unwrap_err();
        let text = describe(&error);
        assert!(
            text.starts_with("Permanent InvalidRequest: chart \"web\": "),
            "{text}"
        );
        assert!(!text.contains("hunter2"), "{text}");
    }
    Ok(())
}
