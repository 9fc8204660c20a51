//! Who sees the credentials, and that there is no way around them.

use anyhow::Result;
use rstest::rstest;
use source::{CredentialScope, Credentials, DiskOptions, Source, SourceOptions};
use testkit::{Fault, index_yaml};

use super::{Fixture, basic, eager, failure};

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
