//! `.dockerconfigjson`: logins by registry, and which of them is meant for a given registry and path.
//!
//! Keys are matched as the kubelet matches image pull secrets: scheme and `/v1`, `/v2` are ignored, each label of the
//! host may be a glob, ports must be equal, the path is a prefix, and the most specific key wins. Credential helpers
//! are programs and therefore not supported.

use std::collections::BTreeMap;
use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;

use super::SecretText;

/// Logins by registry.
#[derive(Clone, PartialEq, Eq)]
pub struct DockerConfig {
    /// The most specific first.
    entries: Vec<Entry>,
}

/// Why a `.dockerconfigjson` cannot be read. The content is not shown.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DockerConfigError {
    /// Not the JSON of a docker configuration.
    #[error("read .dockerconfigjson: not a docker configuration (line {line}, column {column})")]
    Json {
        /// Line of the problem.
        line: usize,
        /// Column of the problem.
        column: usize,
    },
    /// `auth` is not the base64 of `user:password`.
    #[error("read .dockerconfigjson: `auth` of {host:?} is not the base64 of user:password")]
    Auth {
        /// The key of the entry.
        host: String,
    },
}

/// What to present to one registry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum RegistryLogin {
    /// User name and password.
    Basic { username: String, password: SecretText },
    /// A token that the registry takes as it is (`registrytoken`).
    Bearer(SecretText),
    /// A refresh token for the registry's token server (`identitytoken`).
    IdentityToken(SecretText),
}

#[derive(Clone, PartialEq, Eq)]
struct Entry {
    host: String,
    path: String,
    login: RegistryLogin,
    key: String,
}

#[derive(Deserialize)]
struct File {
    #[serde(default)]
    auths: BTreeMap<String, FileEntry>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct FileEntry {
    username: Option<String>,
    password: Option<String>,
    auth: Option<String>,
    identitytoken: Option<String>,
    registrytoken: Option<String>,
}

impl DockerConfig {
    /// Reads the content of `.dockerconfigjson`. Entries without a login are skipped.
    pub fn parse(json: &[u8]) -> Result<Self, DockerConfigError> {
        let file: File = serde_json::from_slice(json).map_err(|error| DockerConfigError::Json {
            line: error.line(),
            column: error.column(),
        })?;
        let mut entries = Vec::new();
        for (key, entry) in file.auths {
            if let Some(login) = entry.login(&key)? {
                let (host, path) = split_key(&key);
                entries.push(Entry {
                    host,
                    path,
                    login,
                    key,
                });
            }
        }
        entries.sort_by(|left, right| right.key.cmp(&left.key));
        Ok(Self { entries })
    }

    /// All logins with their keys, for telling configurations apart.
    pub(crate) fn logins(&self) -> impl Iterator<Item = (&str, &RegistryLogin)> {
        self.entries
            .iter()
            .map(|entry| (entry.key.as_str(), &entry.login))
    }

    /// The login for a registry (`host` or `host:port`) and a path on it.
    pub(super) fn login(&self, host: &str, path: &str) -> Option<&RegistryLogin> {
        let host = canonical_host(host);
        let path = path.trim_matches('/');
        self.entries
            .iter()
            .find(|entry| host_matches(&entry.host, &host) && path_matches(&entry.path, path))
            .map(|entry| &entry.login)
    }
}

impl fmt::Debug for DockerConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let keys: Vec<&str> = self.entries.iter().map(|entry| entry.key.as_str()).collect();
        f.debug_struct("DockerConfig")
            .field("keys", &keys)
            .finish_non_exhaustive()
    }
}

impl FileEntry {
    fn login(self, key: &str) -> Result<Option<RegistryLogin>, DockerConfigError> {
        let given = |text: Option<String>| text.filter(|text| !text.is_empty());
        if let Some(token) = given(self.registrytoken) {
            return Ok(Some(RegistryLogin::Bearer(token.into())));
        }
        if let Some(token) = given(self.identitytoken) {
            return Ok(Some(RegistryLogin::IdentityToken(token.into())));
        }
        if let (Some(username), Some(password)) = (given(self.username), given(self.password)) {
            return Ok(Some(RegistryLogin::Basic {
                username,
                password: password.into(),
            }));
        }
        let Some(auth) = given(self.auth) else {
            return Ok(None);
        };
        let refused = || DockerConfigError::Auth { host: key.to_owned() };
        let decoded = STANDARD.decode(auth.trim()).map_err(|_| refused())?;
        let decoded = String::from_utf8(decoded).map_err(|_| refused())?;
        let (username, password) = decoded.split_once(':').ok_or_else(refused)?;
        let password = password.trim_matches('\0');
        Ok(Some(RegistryLogin::Basic {
            username: username.to_owned(),
            password: password.into(),
        }))
    }
}

/// Host and path of a key such as `https://index.docker.io/v1/` or `ghcr.io/team`.
fn split_key(key: &str) -> (String, String) {
    let rest = key.split_once("://").map_or(key, |(_, rest)| rest);
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let path = path.trim_matches('/');
    let path = match path.split_once('/') {
        Some(("v1" | "v2", rest)) => rest,
        None if matches!(path, "v1" | "v2") => "",
        Some(_) | None => path,
    };
    (canonical_host(host), path.to_owned())
}

/// Docker Hub goes by several names.
fn canonical_host(host: &str) -> String {
    let host = host.to_ascii_lowercase();
    match host.as_str() {
        "index.docker.io" | "registry-1.docker.io" | "registry.hub.docker.com" => "docker.io".to_owned(),
        _ => host,
    }
}

fn host_matches(pattern: &str, host: &str) -> bool {
    let port_of = |text: &str| {
        text.rsplit_once(':')
            .map(|(name, port)| (name.to_owned(), port.to_owned()))
    };
    let (pattern, pattern_port) =
        port_of(pattern).map_or((pattern.to_owned(), None), |(name, port)| (name, Some(port)));
    let (host, host_port) = port_of(host).map_or((host.to_owned(), None), |(name, port)| (name, Some(port)));
    let pattern: Vec<&str> = pattern.split('.').collect();
    let host: Vec<&str> = host.split('.').collect();
    pattern_port == host_port
        && pattern.len() == host.len()
        && pattern
            .iter()
            .zip(host)
            .all(|(pattern, label)| label_matches(pattern, label))
}

/// A glob with `*` over one label of a host name.
fn label_matches(pattern: &str, label: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == label,
        Some((before, after)) => label.strip_prefix(before).is_some_and(|rest| {
            rest.char_indices()
                .map(|(index, _)| index)
                .chain([rest.len()])
                .any(|index| rest.get(index..).is_some_and(|rest| label_matches(after, rest)))
        }),
    }
}

fn path_matches(prefix: &str, path: &str) -> bool {
    prefix.is_empty()
        || path
            .strip_prefix(prefix)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn user(config: &str, host: &str, path: &str) -> Option<String> {
        match DockerConfig::parse(config.as_bytes())
            .unwrap()
            .login(host, path)?
        {
            RegistryLogin::Basic { username, password } => Some(format!("{username}:{}", password.reveal())),
            RegistryLogin::Bearer(token) => Some(format!("bearer {}", token.reveal())),
            RegistryLogin::IdentityToken(token) => Some(format!("identity {}", token.reveal())),
        }
    }

    const CONFIG: &str = r#"{
        "credsStore": "desktop",
        "auths": {
            "https://index.docker.io/v1/": {"auth": "aHViOnNlY3JldA=="},
            "ghcr.io": {"username": "all", "password": "pw"},
            "ghcr.io/team": {"username": "team", "password": "pw"},
            "*.azurecr.io": {"username": "azure", "password": "pw"},
            "localhost:5000": {"registrytoken": "ready"},
            "https://oauth.example.com/v2/": {"identitytoken": "refresh", "auth": "OnBhc3M="},
            "empty.example.com": {}
        }
    }"#;

    #[rstest]
    #[case("docker.io", "library/nginx", Some("hub:secret"))]
    #[case("registry-1.docker.io", "x", Some("hub:secret"))]
    #[case("ghcr.io", "team/charts/web", Some("team:pw"))]
    #[case("ghcr.io", "teams/charts/web", Some("all:pw"))]
    #[case("ghcr.io:443", "team", None)]
    #[case("mine.azurecr.io", "x", Some("azure:pw"))]
    #[case("a.b.azurecr.io", "x", None)]
    #[case("localhost:5000", "x", Some("bearer ready"))]
    #[case("localhost:5001", "x", None)]
    #[case("oauth.example.com", "x", Some("identity refresh"))]
    #[case("empty.example.com", "x", None)]
    #[case("unknown.example.com", "x", None)]
    fn the_most_specific_login_is_found(
        #[case] host: &str,
        #[case] path: &str,
        #[case] expected: Option<&str>,
    ) {
        assert_eq!(user(CONFIG, host, path).as_deref(), expected);
    }

    #[test]
    fn broken_configurations_are_errors_that_do_not_show_them() {
        let error = DockerConfig::parse(b"{\"auths\": {\"a\": {\"password\": hunter2").unwrap_err();
        assert!(!error.to_string().contains("hunter2"), "{error}");
        let error = DockerConfig::parse(br#"{"auths": {"a.b": {"auth": "hunter2!"}}}"#).unwrap_err();
        assert_eq!(error, DockerConfigError::Auth { host: "a.b".into() });
        assert!(!error.to_string().contains("hunter2"), "{error}");
    }

    #[test]
    fn a_configuration_without_logins_is_fine() {
        assert_eq!(user("{}", "ghcr.io", "x"), None);
    }
}
