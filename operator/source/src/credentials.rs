//! Credentials of a repository, as the Secret of a HelmRelease gives them, and who may see them.
//!
//! Values are never printed: every type here has a `Debug` without them.

mod docker_config;

use std::fmt;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

pub(crate) use docker_config::RegistryLogin;
pub use docker_config::{DockerConfig, DockerConfigError};

/// A text that must not be seen: a password or a token.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretText(Arc<str>);

impl SecretText {
    /// The text itself, for the one place that sends it.
    pub(crate) fn reveal(&self) -> &str {
        &self.0
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl From<&str> for SecretText {
    fn from(text: &str) -> Self {
        Self(text.into())
    }
}

impl From<String> for SecretText {
    fn from(text: String) -> Self {
        Self(text.into())
    }
}

impl fmt::Debug for SecretText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<hidden>")
    }
}

/// How to log in to a repository or registry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Credentials {
    /// User name and password. As with Helm, both must be given, else nothing is sent.
    Basic {
        /// The user name.
        username: String,
        /// The password.
        password: SecretText,
    },
    /// A token that is sent as it is.
    Bearer(SecretText),
    /// Logins by registry, as `docker login` and `helm registry login` write them.
    DockerConfig(DockerConfig),
}

/// Which servers see the credentials.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CredentialScope {
    /// Only the scheme, host and port of the repository URL.
    #[default]
    SameHost,
    /// Also other hosts that the index names (`--pass-credentials`). Hosts that are reached by a redirect never see
    /// them, as with Helm.
    AllHosts,
}

impl Credentials {
    /// The login for one server and path, or `None` when nothing is to be sent there.
    pub(crate) fn login(&self, host: &str, path: &str) -> Option<RegistryLogin> {
        match self {
            Self::Basic { username, password } => {
                (!username.is_empty() && !password.is_empty()).then(|| RegistryLogin::Basic {
                    username: username.clone(),
                    password: password.clone(),
                })
            }
            Self::Bearer(token) => (!token.is_empty()).then(|| RegistryLogin::Bearer(token.clone())),
            Self::DockerConfig(config) => config.login(host, path).cloned(),
        }
    }
}

impl RegistryLogin {
    /// The value of the `Authorization` header for a server that takes it without asking first.
    pub(crate) fn header(&self) -> Option<SecretText> {
        match self {
            Self::Basic { username, password } => Some(basic(username, password)),
            Self::Bearer(token) => Some(format!("Bearer {}", token.reveal()).into()),
            // It can only be exchanged for a token at the registry's token server.
            Self::IdentityToken(_) => None,
        }
    }
}

/// The `Authorization` header of basic authentication.
pub(crate) fn basic(username: &str, password: &SecretText) -> SecretText {
    format!(
        "Basic {}",
        STANDARD.encode(format!("{username}:{}", password.reveal()))
    )
    .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_secret_is_printed() {
        let config = br#"{"auths":{"ghcr.io":{"auth":"bWU6aHVudGVyMg=="}}}"#;
        let all = [
            Credentials::Basic {
                username: "me".into(),
                password: "hunter2".into(),
            },
            Credentials::Bearer("hunter2".into()),
            Credentials::DockerConfig(DockerConfig::parse(config).unwrap()),
        ];
        for credentials in all {
            let text = format!("{credentials:?}");
            assert!(!text.contains("hunter2") && !text.contains("bWU6"), "{text}");
        }
    }

    #[test]
    fn basic_needs_user_and_password() {
        let login = |username: &str, password: &str| {
            Credentials::Basic {
                username: username.into(),
                password: password.into(),
            }
            .login("host", "/")
        };
        assert_eq!(login("me", "").map(|_| ()), None);
        assert_eq!(login("", "pw").map(|_| ()), None);
        let header = login("Aladdin", "open sesame").unwrap().header().unwrap();
        assert_eq!(header.reveal(), "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
    }
}
