//! OCI registries from the outside: the real registry with charts that the real `helm push` put there, and a registry
//! in this process for what the real one does not do.

mod fake_registry;

use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result};
use fake_registry::{FakeRegistry, Login};
use rstest::rstest;
use source::{
    ChartLocation, ChartRequest, Credentials, Digest, DockerConfig, ErrorClass, MAX_INDEX_MANIFESTS,
    MAX_METADATA_BYTES, MAX_TAGS, RegistryTransport, Source, SourceError, SourceOptions, TlsOptions,
    TlsVerify,
};
use testkit::registry::{Demands, PASSWORD, USER};
use testkit::tls::Authority;
use testkit::{ChartBuilder, Helm, Registry};

fn request(repository: &str, version: Option<&str>) -> ChartRequest {
    let mut request = ChartRequest::new(ChartLocation::in_repository(repository, "web"));
    request.version = version.map(str::to_owned);
    request.transport = RegistryTransport::PlainText;
    request
}

/// A source that asks the registry every time.
fn eager() -> Source {
    Source::new(&SourceOptions {
        fresh_for: Duration::ZERO,
        request_timeout: Duration::from_secs(20),
        ..SourceOptions::default()
    })
}

fn describe(error: &SourceError) -> String {
    format!("{:?} {}: {error}", error.class(), error.category())
}

async fn push(registry: &Registry, folder: &Path, version: &str) -> Result<Digest> {
    let chart = ChartBuilder::new("web", version)
        .values(&format!("version: {version:?}\n"))
        .package(folder)?;
    Ok(Digest::parse(&registry.push(&chart.path, "team/charts").await?)?)
}

fn archive(folder: &Path, version: &str) -> Result<Vec<u8>> {
    Ok(std::fs::read(folder.join(format!("web-{version}.tgz")))?)
}

/// One registry for all cases, because `helm push` takes its time.
#[tokio::test]
async fn what_helm_pushed_is_what_helm_and_we_pull() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let registry = Registry::start().await?;
    let repository = registry.repository("team/charts");
    let mut digests = Vec::new();
    for version in ["1.0.0", "1.2.0", "1.10.0", "2.0.0+build.1", "2.1.0-rc.1"] {
        digests.push((version, push(&registry, folder.path(), version).await?));
    }
    let helm = Helm::without_cluster()?;
    let source = eager();
    for wanted in [
        None,
        Some("1.0.0"),
        Some("2.0.0+build.1"),
        Some("2.1.0-rc.1"),
        Some("^1"),
        Some("~1.2.0"),
        Some(">=1.0.0 <2"),
        Some(">0-0"),
        Some("*"),
        Some("^7"),
        Some("latest"),
        Some("3.0.0"),
    ] {
        let pulled = tempfile::tempdir()?;
        let (url, destination) = (format!("{repository}/web"), pulled.path().display().to_string());
        let mut args = vec!["pull", &url, "--plain-http", "--destination", &destination];
        args.extend(wanted.iter().flat_map(|version| ["--version", version]));
        let helm = helm.run(&args).await?;
        match source.fetch(&request(&repository, wanted)).await {
            Ok(fetched) => {
                helm.success()?;
                let file = std::fs::read_dir(pulled.path())?
                    .next()
                    .context("helm pulled a file")??;
                assert_eq!(
                    *fetched.archive,
                    std::fs::read(file.path())?,
                    "{wanted:?}: {:?}",
                    file.file_name()
                );
                let (version, digest) = digests
                    .iter()
                    .find(|(version, _)| *version == fetched.resolved.version)
                    .with_context(|| format!("{:?} was pushed", fetched.resolved.version))?;
                assert_eq!(*fetched.archive, archive(folder.path(), version)?);
                assert_eq!(fetched.resolved.digest, Some(*digest));
                assert_eq!(fetched.resolved.name, "web");
                assert!(fetched.resolved.created.is_some());
            }
            Err(error) => {
                let helm = helm.failure()?;
                assert_eq!(
                    (error.class(), error.category()),
                    (ErrorClass::Permanent, "ChartNotFound"),
                    "{error}"
                );
                if wanted != Some("3.0.0") {
                    // The words after "Error: ". For a missing tag Helm's are those of its library.
                    let helm = helm.trim().trim_start_matches("Error: ");
                    assert!(error.to_string().contains(helm), "helm: {helm}\nours: {error}");
                }
            }
        }
    }
    Ok(())
}

#[tokio::test]
async fn digests_pin_a_chart() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let registry = Registry::start().await?;
    let repository = registry.repository("team/charts");
    let (one, two) = (
        push(&registry, folder.path(), "1.0.0").await?,
        push(&registry, folder.path(), "2.0.0").await?,
    );
    let source = eager();

    let mut pinned = request(&repository, Some("1.0.0"));
    pinned.digest = Some(one);
    source.fetch(&pinned).await?;
    pinned.digest = Some(two);
    let error = source.fetch(&pinned).await.unwrap_err();
    assert_eq!(
        (error.class(), error.category()),
        (ErrorClass::Permanent, "DigestMismatch")
    );

    let by_name = |name: String, version: Option<&str>| {
        let mut request = request(&repository, version);
        request.location = ChartLocation::in_repository(&repository, &name);
        request
    };
    let fetched = source.fetch(&by_name(format!("web@{one}"), None)).await?;
    assert_eq!(*fetched.archive, archive(folder.path(), "1.0.0")?);
    assert_eq!(fetched.resolved.version, "1.0.0");
    source
        .fetch(&by_name(format!("web:1.0.0@{one}"), Some("1.0.0")))
        .await?;
    source
        .fetch(&by_name(format!("web@{one}"), Some("9.9.9")))
        .await?;
    let error = source
        .fetch(&by_name(format!("web@{one}"), Some("2.0.0")))
        .await
        .unwrap_err();
    assert_eq!(error.category(), "DigestMismatch");
    let error = source
        .fetch(&by_name("web:1.0.0".into(), Some("2.0.0")))
        .await
        .unwrap_err();
    assert_eq!(
        describe(&error),
        "Permanent InvalidRequest: chart \"web:1.0.0\" version \"2.0.0\": chart reference and version mismatch: 2.0.0 is \
         not 1.0.0"
    );
    Ok(())
}

#[tokio::test]
async fn a_registry_behind_tls_and_a_login_opens_for_those_who_have_both() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let authority = Authority::generate("test")?;
    let tls = Some(authority.server(&["127.0.0.1"])?);
    let registry = Registry::start_with(Demands {
        authentication: true,
        tls,
    })
    .await?;
    push(&registry, folder.path(), "1.0.0").await?;
    let repository = registry.repository("team/charts");
    let source = eager();
    let basic = |password: &str| Credentials::Basic {
        username: USER.into(),
        password: password.into(),
    };
    let docker = format!(
        r#"{{"auths": {{"{}": {{"username": "{USER}", "password": "{PASSWORD}"}}}}}}"#,
        registry.host()
    );
    let elsewhere = docker.replace("127.0.0.1", "127.0.0.2");

    let mut request = request(&repository, Some("1.0.0"));
    request.transport = RegistryTransport::Tls;
    request.tls = TlsOptions {
        ca: Some(authority.certificate().into_bytes()),
        ..TlsOptions::default()
    };
    for credentials in [
        basic(PASSWORD),
        Credentials::DockerConfig(DockerConfig::parse(docker.as_bytes())?),
    ] {
        request.credentials = Some(credentials);
        assert_eq!(
            *source.fetch(&request).await?.archive,
            archive(folder.path(), "1.0.0")?
        );
    }
    let refused = [
        None,
        Some(basic("wrong")),
        Some(Credentials::DockerConfig(DockerConfig::parse(
            elsewhere.as_bytes(),
        )?)),
    ];
    for credentials in refused {
        request.credentials = credentials;
        let error = source.fetch(&request).await.unwrap_err();
        assert_eq!(
            (error.class(), error.category()),
            (ErrorClass::Permanent, "Unauthorized"),
            "{error}"
        );
        assert!(
            error
                .to_string()
                .contains("401 Unauthorized: authentication required"),
            "{error}"
        );
        assert!(!error.to_string().contains("wrong"), "{error}");
    }
    request.credentials = Some(basic(PASSWORD));
    request.tls = TlsOptions {
        verify: TlsVerify::Skip,
        ..TlsOptions::default()
    };
    source.fetch(&request).await?;
    request.tls = TlsOptions::default();
    let error = source.fetch(&request).await.unwrap_err();
    assert!(error.to_string().contains("certificate"), "{error}");
    assert_eq!(
        (error.class(), error.category()),
        (ErrorClass::Transient, "DownloadFailed")
    );
    Ok(())
}

/// A layer that rotted in the storage of the registry.
#[tokio::test]
async fn a_damaged_layer_is_refused() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let registry = Registry::start().await?;
    push(&registry, folder.path(), "1.0.0").await?;
    let layer = Digest::of(&archive(folder.path(), "1.0.0")?).hex();
    let blob = registry.storage().join(format!(
        "docker/registry/v2/blobs/sha256/{}/{layer}/data",
        &layer[..2]
    ));
    let mut content = std::fs::read(&blob)?;
    let middle = content.len() / 2;
    content[middle] ^= 1;
    std::fs::write(&blob, content)?;
    let error = eager()
        .fetch(&request(&registry.repository("team/charts"), None))
        .await
        .unwrap_err();
    assert_eq!(
        (error.class(), error.category()),
        (ErrorClass::Permanent, "DigestMismatch"),
        "{error}"
    );
    assert!(
        error
            .to_string()
            .contains(&format!("the manifest says sha256:{layer}, got sha256:")),
        "{error}"
    );
    Ok(())
}

#[rstest]
#[case::anonymous(Login::Anonymous, None)]
#[case::basic(Login::Basic, Some(Credentials::Basic { username: "me".into(), password: "hunter2".into() }))]
#[case::refresh_token(Login::Refresh, None)]
#[tokio::test]
async fn tokens_come_from_the_token_server_and_are_used_again(
    #[case] login: Login,
    #[case] credentials: Option<Credentials>,
) -> Result<()> {
    let registry = FakeRegistry::start().await?;
    registry.chart("1.0.0");
    registry.demand_tokens(login);
    let mut request = request(&registry.repository(), Some("1.0.0"));
    request.credentials = credentials;
    if login == Login::Refresh {
        let config = format!(
            r#"{{"auths":{{"{}":{{"identitytoken":"r3fresh"}}}}}}"#,
            registry.host()
        );
        request.credentials = Some(Credentials::DockerConfig(DockerConfig::parse(config.as_bytes())?));
    }
    let source = eager();
    for _ in 0..3 {
        source.fetch(&request).await?;
    }
    assert_eq!(registry.count("/token"), 1);
    // The login goes to the token server alone.
    let seen = registry.authorizations();
    let (token_server, registry): (Vec<_>, Vec<_>) = seen.into_iter().partition(|(path, _)| path == "/token");
    assert!(
        registry
            .iter()
            .all(|(_, header)| header.as_deref().is_none_or(|header| header == "Bearer t0ken"))
    );
    let sent_login = token_server.iter().any(|(_, header)| header.is_some());
    assert_eq!(sent_login, login == Login::Basic);
    Ok(())
}

#[tokio::test]
async fn a_login_that_the_token_server_refuses_is_permanent() -> Result<()> {
    let registry = FakeRegistry::start().await?;
    registry.chart("1.0.0");
    registry.demand_tokens(Login::Basic);
    let mut request = request(&registry.repository(), Some("1.0.0"));
    request.credentials = Some(Credentials::Basic {
        username: "me".into(),
        password: "wr0ng".into(),
    });
    let error = eager().fetch(&request).await.unwrap_err();
    assert_eq!(
        (error.class(), error.category()),
        (ErrorClass::Permanent, "Unauthorized"),
        "{error}"
    );
    assert!(!error.to_string().contains("wr0ng"), "{error}");
    Ok(())
}

#[tokio::test]
async fn storage_behind_a_redirect_does_not_see_the_token() -> Result<()> {
    let storage = FakeRegistry::start().await?;
    let registry = FakeRegistry::start().await?;
    for server in [&storage, &registry] {
        server.chart("1.0.0");
    }
    registry.demand_tokens(Login::Anonymous);
    registry.redirect_blobs_to(&storage);
    eager()
        .fetch(&request(&registry.repository(), Some("1.0.0")))
        .await?;
    let seen = storage.authorizations();
    assert_eq!(seen.len(), 1);
    assert_eq!(seen[0].1, None);
    Ok(())
}

#[tokio::test]
async fn tags_are_read_page_by_page_and_only_strict_versions_count() -> Result<()> {
    let registry = FakeRegistry::start().await?;
    for version in ["0.1.0", "0.2.0_b.1", "0.10.0"] {
        registry.chart(version);
    }
    for tag in ["v9.0.0", "latest", "1.2", "sha256-abc.sig", "10.0.0-rc.1"] {
        registry.tag_like(tag, "0.1.0");
    }
    registry.page_size(2);
    let source = eager();
    assert_eq!(
        source
            .resolve(&request(&registry.repository(), None))
            .await?
            .version,
        "0.10.0"
    );
    assert_eq!(registry.count("/v2/team/charts/web/tags/list"), 4);
    assert_eq!(
        source
            .resolve(&request(&registry.repository(), Some("~0.2")))
            .await?
            .version,
        "0.2.0+b.1"
    );
    // An exact version is a tag, whatever the list says; and no list is asked for.
    let lists = registry.count("/v2/team/charts/web/tags/list");
    assert_eq!(
        source
            .resolve(&request(&registry.repository(), Some("v9.0.0")))
            .await?
            .version,
        "v9.0.0"
    );
    assert_eq!(
        source
            .resolve(&request(&registry.repository(), Some("1.2")))
            .await?
            .version,
        "1.2"
    );
    assert_eq!(registry.count("/v2/team/charts/web/tags/list"), lists);
    Ok(())
}

#[tokio::test]
async fn a_page_on_another_server_is_not_followed() -> Result<()> {
    let stranger = FakeRegistry::start().await?;
    let registry = FakeRegistry::start().await?;
    registry.chart("1.0.0");
    registry.next_page_at(&format!(
        "http://{}/v2/team/charts/web/tags/list",
        stranger.host()
    ));
    assert_eq!(
        eager()
            .resolve(&request(&registry.repository(), None))
            .await?
            .version,
        "1.0.0"
    );
    assert_eq!(stranger.count(""), 0);
    Ok(())
}

#[tokio::test]
async fn a_repository_without_versions_is_told_in_helms_words() -> Result<()> {
    let registry = FakeRegistry::start().await?;
    registry.chart("1.0.0");
    registry.forget("1.0.0");
    registry.tag_like("latest", "1.0.0");
    let error = eager()
        .resolve(&request(&registry.repository(), Some("^1")))
        .await
        .unwrap_err();
    let place = registry.repository();
    assert_eq!(
        describe(&error),
        format!(
            "Permanent ChartNotFound: chart \"web\" version \"^1\" not found in {place} repository: unable to locate any tags \
             in provided repository: {place}/web"
        )
    );
    Ok(())
}

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
async fn no_more_tags_are_read_than_the_limit() -> Result<()> {
    let registry = FakeRegistry::start().await?;
    registry.chart("1.0.0");
    let mut tags = vec!["latest"; MAX_TAGS];
    tags.push("1.0.0");
    registry.answer_with(
        "/tags/",
        serde_json::json!({ "tags": tags }).to_string().into_bytes(),
    );
    assert_eq!(
        eager()
            .resolve(&request(&registry.repository(), None))
            .await?
            .version,
        "1.0.0"
    );
    assert_eq!(registry.count("/v2/team/charts/web/tags"), 1);
    Ok(())
}

#[tokio::test]
async fn pages_of_tags_that_never_end_are_left() -> Result<()> {
    let registry = FakeRegistry::start().await?;
    registry.chart("1.0.0");
    registry.never_end_the_tags();
    assert_eq!(
        eager()
            .resolve(&request(&registry.repository(), None))
            .await?
            .version,
        "1.0.0"
    );
    assert_eq!(registry.count("/v2/team/charts/web/tags"), 1000);
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
