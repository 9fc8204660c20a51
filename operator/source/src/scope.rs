//! Who may share what: a name for everything that decides what a server would let somebody see.
//!
//! Caches and running downloads are keyed by a [`Scope`], so that nobody gets a private chart from the cache with
//! other credentials than those that fetched it, and nobody who verifies certificates gets what somebody fetched
//! without.

use sha2::{Digest as _, Sha256};

use crate::credentials::{CredentialScope, Credentials, RegistryLogin};
use crate::request::{RegistryTransport, TlsOptions, TlsVerify};

/// A place together with the identity that looks at it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Scope([u8; 32]);

/// What a scope is made of.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Identity<'a> {
    pub(crate) credentials: Option<&'a Credentials>,
    pub(crate) credential_scope: CredentialScope,
    pub(crate) tls: &'a TlsOptions,
    pub(crate) transport: RegistryTransport,
}

/// Names scopes. The key makes the names of scopes with credentials useless to whoever sees them, on disk for example:
/// passwords cannot be guessed from them.
#[derive(Debug, Clone)]
pub(crate) struct Scopes {
    key: [u8; 32],
}

impl Scopes {
    /// With a new key, so that names with credentials are good for this process only.
    pub(crate) fn new() -> Self {
        let mut key = [0; 32];
        if getrandom::fill(&mut key).is_err() {
            // Names stay distinct without it. An operating system without randomness cannot do TLS either.
            tracing::warn!("no random key for the names of cache entries");
        }
        Self { key }
    }

    /// The scope of a place (a repository URL or `oci://host/path`).
    pub(crate) fn scope(&self, place: &str, identity: Identity<'_>) -> Scope {
        // What everybody can see is named alike in every process, so that it is found again on disk.
        let public = identity.credentials.is_none() && identity.tls.client.is_none();
        let key: &[u8] = if public { b"public" } else { &self.key };
        let scope: &[u8] = match identity.credential_scope {
            CredentialScope::SameHost => b"same-host",
            CredentialScope::AllHosts => b"all-hosts",
        };
        let transport: &[u8] = match identity.transport {
            RegistryTransport::Tls => b"tls",
            RegistryTransport::PlainText => b"plain",
        };
        Scope(
            Hasher::plain()
                .field(key)
                .field(place.as_bytes())
                .tls(identity.tls)
                .credentials(identity.credentials)
                .field(scope)
                .field(transport)
                .finish(),
        )
    }
}

impl Scope {
    /// A name for a folder.
    pub(crate) fn hex(&self) -> String {
        crate::digest::Digest::from(self.0).hex()
    }
}

/// SHA-256 over fields with their lengths, so that no two lists of fields are alike.
pub(crate) struct Hasher(Sha256);

impl Hasher {
    pub(crate) fn plain() -> Self {
        Self(Sha256::new())
    }

    pub(crate) fn field(mut self, bytes: &[u8]) -> Self {
        self.0.update((bytes.len() as u64).to_be_bytes());
        self.0.update(bytes);
        self
    }

    pub(crate) fn tls(self, tls: &TlsOptions) -> Self {
        let TlsOptions { ca, client, verify } = tls;
        let hasher = match ca {
            Some(ca) => self.field(b"ca").field(ca),
            None => self.field(b"system"),
        };
        let hasher = match client {
            Some(client) => hasher
                .field(b"client")
                .field(&client.certificate)
                .field(&client.key),
            None => hasher.field(b"anonymous"),
        };
        hasher.field(match verify {
            TlsVerify::Full => b"full",
            TlsVerify::Skip => b"skip",
        })
    }

    fn credentials(self, credentials: Option<&Credentials>) -> Self {
        match credentials {
            None => self.field(b"none"),
            Some(Credentials::Basic { username, password }) => self
                .field(b"basic")
                .field(username.as_bytes())
                .field(password.reveal().as_bytes()),
            Some(Credentials::Bearer(token)) => self.field(b"bearer").field(token.reveal().as_bytes()),
            Some(Credentials::DockerConfig(config)) => {
                config
                    .logins()
                    .fold(self.field(b"docker"), |hasher, (key, login)| {
                        let hasher = hasher.field(key.as_bytes());
                        match login {
                            RegistryLogin::Basic { username, password } => hasher
                                .field(b"basic")
                                .field(username.as_bytes())
                                .field(password.reveal().as_bytes()),
                            RegistryLogin::Bearer(token) => {
                                hasher.field(b"bearer").field(token.reveal().as_bytes())
                            }
                            RegistryLogin::IdentityToken(token) => {
                                hasher.field(b"identity").field(token.reveal().as_bytes())
                            }
                        }
                    })
            }
        }
    }

    pub(crate) fn finish(self) -> [u8; 32] {
        self.0.finalize().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn identity<'a>(credentials: Option<&'a Credentials>, tls: &'a TlsOptions) -> Identity<'a> {
        Identity {
            credentials,
            credential_scope: CredentialScope::SameHost,
            tls,
            transport: RegistryTransport::Tls,
        }
    }

    fn basic(username: &str, password: &str) -> Credentials {
        Credentials::Basic {
            username: username.into(),
            password: password.into(),
        }
    }

    #[test]
    fn everything_that_matters_is_in_the_name() {
        let scopes = Scopes::new();
        let full = TlsOptions::default();
        let skip = TlsOptions {
            verify: TlsVerify::Skip,
            ..TlsOptions::default()
        };
        let ca = TlsOptions {
            ca: Some(b"x".to_vec()),
            ..TlsOptions::default()
        };
        let (ab_c, a_bc) = (basic("ab", "c"), basic("a", "bc"));
        let bearer = Credentials::Bearer("ab".into());
        let all_hosts = Identity {
            credential_scope: CredentialScope::AllHosts,
            ..identity(Some(&ab_c), &full)
        };
        let plain = Identity {
            transport: RegistryTransport::PlainText,
            ..identity(None, &full)
        };
        let names = [
            scopes.scope("https://a", identity(None, &full)),
            scopes.scope("https://b", identity(None, &full)),
            scopes.scope("https://a", identity(None, &skip)),
            scopes.scope("https://a", identity(None, &ca)),
            scopes.scope("https://a", identity(Some(&ab_c), &full)),
            scopes.scope("https://a", identity(Some(&a_bc), &full)),
            scopes.scope("https://a", identity(Some(&bearer), &full)),
            scopes.scope("https://a", all_hosts),
            scopes.scope("https://a", plain),
        ];
        let distinct: std::collections::BTreeSet<_> = names.iter().collect();
        assert_eq!(distinct.len(), names.len());
    }

    #[test]
    fn only_public_names_are_the_same_in_another_process() {
        let (one, other) = (Scopes::new(), Scopes::new());
        let tls = TlsOptions::default();
        let credentials = basic("me", "pw");
        assert_eq!(
            one.scope("x", identity(None, &tls)),
            other.scope("x", identity(None, &tls))
        );
        let private = identity(Some(&credentials), &tls);
        assert_eq!(one.scope("x", private), one.scope("x", private));
        assert_ne!(one.scope("x", private), other.scope("x", private));
    }
}
