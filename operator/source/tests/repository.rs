//! HTTP repositories from the outside: a real server that misbehaves on demand, and the real `helm` as referee.

use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use rstest::rstest;
use source::{
    ChartLocation, ChartRequest, ClientCertificate, CredentialScope, Credentials, Digest, DiskOptions,
    ErrorClass, FetchedChart, Freshness, MAX_PROVENANCE_BYTES, Source, SourceError, SourceOptions,
    TlsOptions, TlsVerify,
};
use tempfile::TempDir;
use testkit::tls::Authority;
use testkit::{ChartBuilder, ChartRepository, Fault, Helm, PackagedChart, index_yaml};

/// A repository with some versions of `web`.
struct Fixture {
    folder: TempDir,
    charts: Vec<PackagedChart>,
    server: ChartRepository,
}

impl Fixture {
    async fn new(versions: &[&str]) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let charts = package(folder.path(), versions)?;
        let server = ChartRepository::start(folder.path()).await?;
        server.publish(&charts)?;
        Ok(Self {
            folder,
            charts,
            server,
        })
    }

    fn request(&self) -> ChartRequest {
        ChartRequest::new(ChartLocation::in_repository(&self.server.url(), "web"))
    }

    fn archive(&self, version: &str) -> Result<Vec<u8>> {
        Ok(std::fs::read(
            self.folder.path().join(format!("web-{version}.tgz")),
        )?)
    }
}

fn package(folder: &Path, versions: &[&str]) -> Result<Vec<PackagedChart>> {
    versions
        .iter()
        .map(|version| chart(version).package(folder))
        .collect()
}

fn chart(version: &str) -> ChartBuilder {
    ChartBuilder::new("web", version).values(&format!("version: {version:?}\n"))
}

/// A source that asks the server every time and does not wait long.
fn eager() -> Source {
    Source::new(&options())
}

fn options() -> SourceOptions {
    SourceOptions {
        fresh_for: Duration::ZERO,
        request_timeout: Duration::from_secs(20),
        ..SourceOptions::default()
    }
}

fn basic(username: &str, password: &str) -> Credentials {
    Credentials::Basic {
        username: username.into(),
        password: password.into(),
    }
}

/// Class, category and message of a failure; the port is not shown.
async fn failure(source: &Source, request: &ChartRequest, server: &ChartRepository) -> String {
    match source.fetch(request).await {
        Ok(_) => "no failure".to_owned(),
        Err(error) => describe(&error).replace(&server.url(), "URL"),
    }
}

fn describe(error: &SourceError) -> String {
    format!("{:?} {}: {error}", error.class(), error.category())
}

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
async fn credentials_open_a_private_repository() -> Result<()> {
    let fixture = Fixture::new(&["1.0.0"]).await?;
    fixture.server.require_basic_auth("me", "hunter2");
    let mut request = fixture.request();
    assert_eq!(
        failure(&eager(), &request, &fixture.server).await,
        "Permanent Unauthorized: chart \"web\": failed to fetch URL/index.yaml : 401 Unauthorized"
    );
    request.credentials = Some(basic("me", "wrong"));
    let error = failure(&eager(), &request, &fixture.server).await;
    assert!(
        error.starts_with("Permanent Unauthorized") && !error.contains("wrong"),
        "{error}"
    );
    request.credentials = Some(basic("me", "hunter2"));
    eager().fetch(&request).await?;
    fixture.server.require_bearer_token("t0ken");
    request.credentials = Some(Credentials::Bearer("t0ken".into()));
    eager().fetch(&request).await?;
    Ok(())
}

#[tokio::test]
async fn the_cache_is_no_way_around_missing_credentials() -> Result<()> {
    let fixture = Fixture::new(&["1.0.0"]).await?;
    fixture.server.require_basic_auth("me", "hunter2");
    let disk = tempfile::tempdir()?;
    let disk = DiskOptions {
        folder: disk.path().to_owned(),
        bytes: 1 << 20,
    };
    let source = Source::new(&SourceOptions {
        disk: Some(disk),
        ..SourceOptions::default()
    });
    let mut request = fixture.request();
    request.credentials = Some(basic("me", "hunter2"));
    source.fetch(&request).await?;
    for credentials in [None, Some(basic("me", "guess"))] {
        request.credentials = credentials;
        assert_eq!(
            source.fetch(&request).await.unwrap_err().category(),
            "Unauthorized"
        );
    }
    // Somebody who knows the digest cannot have it through a repository of his own either.
    let other = Fixture::new(&[]).await?;
    other.server.publish(&fixture.charts)?;
    let error = source.fetch(&other.request()).await.unwrap_err();
    assert_eq!(error.category(), "DownloadFailed");
    assert_eq!(other.server.count(".tgz"), 1);
    Ok(())
}

/// A repository whose charts are on another server, by URL or by redirect.
async fn two_servers(by_redirect: bool) -> Result<(Fixture, Fixture)> {
    let home = Fixture::new(&["1.0.0"]).await?;
    let away = Fixture::new(&["1.0.0"]).await?;
    if by_redirect {
        home.server.fail(".tgz", Fault::Redirect(away.server.url()));
    } else {
        let index = index_yaml(&home.charts)?.replace(
            "- web-1.0.0.tgz",
            &format!("- {}/web-1.0.0.tgz", away.server.url()),
        );
        std::fs::write(home.folder.path().join("index.yaml"), index)?;
    }
    Ok((home, away))
}

#[rstest]
#[case::url(false, CredentialScope::SameHost, false)]
#[case::url_for_all(false, CredentialScope::AllHosts, true)]
#[case::redirect(true, CredentialScope::SameHost, false)]
#[case::redirect_for_all(true, CredentialScope::AllHosts, false)]
#[tokio::test]
async fn credentials_reach_another_server_only_when_the_index_names_it_and_all_hosts_may_see_them(
    #[case] by_redirect: bool,
    #[case] scope: CredentialScope,
    #[case] expected: bool,
) -> Result<()> {
    let (home, away) = two_servers(by_redirect).await?;
    let mut request = home.request();
    request.credentials = Some(basic("me", "hunter2"));
    request.credential_scope = scope;
    let fetched = eager().fetch(&request).await?;
    assert_eq!(*fetched.archive, home.archive("1.0.0")?);
    assert!(
        home.server
            .requests()
            .iter()
            .all(|request| request.authorization.is_some())
    );
    let seen: Vec<bool> = away
        .server
        .requests()
        .iter()
        .map(|request| request.authorization.is_some())
        .collect();
    assert_eq!(seen, [expected]);
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

#[tokio::test]
async fn certificates_are_checked_by_the_given_authority() -> Result<()> {
    let authority = Authority::generate("test")?;
    let folder = tempfile::tempdir()?;
    let charts = package(folder.path(), &["1.0.0"])?;
    let server = ChartRepository::start_tls(folder.path(), authority.server(&["127.0.0.1"])?).await?;
    server.publish(&charts)?;
    let source = eager();
    let mut request = ChartRequest::new(ChartLocation::in_repository(&server.url(), "web"));

    let error = failure(&source, &request, &server).await;
    assert!(
        error.starts_with("Transient RepositoryUnreachable") && error.contains("certificate"),
        "{error}"
    );
    let stranger = Authority::generate("stranger")?.certificate();
    request.tls = TlsOptions {
        ca: Some(stranger.into_bytes()),
        ..TlsOptions::default()
    };
    let error = failure(&source, &request, &server).await;
    assert!(
        error.starts_with("Transient RepositoryUnreachable") && error.contains("certificate"),
        "{error}"
    );

    request.tls = TlsOptions {
        ca: Some(authority.certificate().into_bytes()),
        ..TlsOptions::default()
    };
    source.fetch(&request).await?;
    request.tls = TlsOptions {
        verify: TlsVerify::Skip,
        ..TlsOptions::default()
    };
    source.fetch(&request).await?;
    // What was fetched without checking is not given to somebody who checks.
    assert_eq!(server.count(".tgz"), 2);
    Ok(())
}

#[tokio::test]
async fn a_client_certificate_opens_a_server_that_wants_one() -> Result<()> {
    let authority = Authority::generate("test")?;
    let folder = tempfile::tempdir()?;
    package(folder.path(), &["1.0.0"])?;
    let index = index_yaml(&package(folder.path(), &["1.0.0"])?)?;
    let url = mutual_tls_server(&authority, index).await?;
    let source = eager();
    let mut request = ChartRequest::new(ChartLocation::in_repository(&url, "web"));
    request.tls.ca = Some(authority.certificate().into_bytes());
    let error = source.resolve(&request).await.unwrap_err();
    assert_eq!(
        (error.class(), error.category()),
        (ErrorClass::Transient, "RepositoryUnreachable"),
        "{error}"
    );

    let client = authority.client("pilothouse", None)?;
    let client = ClientCertificate {
        certificate: client.certificate.into(),
        key: client.key.into(),
    };
    request.tls.client = Some(client);
    assert_eq!(source.resolve(&request).await?.version, "1.0.0");
    Ok(())
}

/// Answers everything with `body`, to clients that have a certificate of the authority.
async fn mutual_tls_server(authority: &Authority, body: String) -> Result<String> {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio_rustls::TlsAcceptor;
    use tokio_rustls::rustls::pki_types::pem::PemObject as _;
    use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
    use tokio_rustls::rustls::server::WebPkiClientVerifier;
    use tokio_rustls::rustls::{RootCertStore, ServerConfig};

    let identity = authority.server(&["127.0.0.1"])?;
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(
        authority.certificate().as_bytes(),
    )?)?;
    let config = ServerConfig::builder()
        .with_client_cert_verifier(WebPkiClientVerifier::builder(Arc::new(roots)).build()?)
        .with_single_cert(
            vec![CertificateDer::from_pem_slice(identity.certificate.as_bytes())?],
            PrivateKeyDer::from_pem_slice(identity.key.as_bytes())?,
        )?;
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await?;
    let url = format!("https://{}", listener.local_addr()?);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let Ok(mut stream) = acceptor.accept(stream).await else {
                continue;
            };
            let mut request = [0; 4096];
            let _ = stream.read(&mut request).await;
            let head = format!(
                "HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
                body.len()
            );
            let _ = stream.write_all(format!("{head}{body}").as_bytes()).await;
            let _ = stream.shutdown().await;
        }
    });
    Ok(url)
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
