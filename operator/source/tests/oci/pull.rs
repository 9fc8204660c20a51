//! What the real `helm push` put into the real registry is what comes out, to those who may have it.

use anyhow::{Context as _, Result};
use source::{
    ChartLocation, Credentials, Digest, DockerConfig, ErrorClass, RegistryTransport, TlsOptions, TlsVerify,
};
use testkit::registry::{Demands, PASSWORD, USER};
use testkit::tls::Authority;
use testkit::{Helm, Registry};

use super::{archive, describe, eager, push, request};

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
