//! Who sees the login and the tokens, and who does not.

use anyhow::Result;
use rstest::rstest;
use source::{Credentials, DockerConfig, ErrorClass};

use super::fake_registry::{FakeRegistry, Login};
use super::{eager, request};

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
