//! Logging in to a registry: the challenge of a 401, the token server behind it, and the tokens that came back.
//!
//! The flow is that of the distribution specification: a request is sent as it is; a 401 names a scheme; `Basic` is
//! answered with the login, `Bearer` with a token from the realm, which gets the login instead of the registry.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use http_auth::parser::ChallengeParser;
use reqwest::StatusCode;
use reqwest::header::{HeaderMap, WWW_AUTHENTICATE};
use serde::Deserialize;

use super::{OciError, Session};
use crate::credentials::{CredentialScope, RegistryLogin, SecretText};
use crate::http::{self, Get, Http, HttpError};
use crate::lru::{Lru, Weight};
use crate::options::MAX_METADATA_BYTES;
use crate::scope::Scope;

/// Validity of a token that does not tell its own, by the specification.
const DEFAULT_VALIDITY: Duration = Duration::from_mins(1);

/// The longest that a token is used, whatever it says.
const MAX_VALIDITY: Duration = Duration::from_hours(1);

/// A token must be good for the request that it is taken for.
const MARGIN: Duration = Duration::from_secs(5);

/// Memory for tokens: some thousands of them.
const BUDGET: u64 = 8 * 1024 * 1024;

/// `Authorization` headers that worked, by who uses them where.
#[derive(Debug)]
pub(super) struct Tokens(Mutex<Lru<Scope, Token>>);

#[derive(Debug, Clone)]
struct Token {
    header: SecretText,
    until: Instant,
}

impl Weight for Token {
    fn weight(&self) -> u64 {
        self.header.reveal().len() as u64
    }
}

impl Default for Tokens {
    fn default() -> Self {
        Self(Mutex::new(Lru::new(BUDGET)))
    }
}

impl Tokens {
    /// The header to send at once, when one is known.
    pub(super) fn get(&self, scope: Scope) -> Option<SecretText> {
        let mut tokens = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        tokens
            .get(&scope)
            .filter(|token| token.until > Instant::now())
            .map(|token| token.header.clone())
    }

    fn keep(&self, scope: Scope, token: Token) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(scope, token);
    }

    /// Answers the challenges of a 401. `None`: there is nothing to answer with.
    pub(super) async fn answer(
        &self,
        http: &Http,
        session: &Session,
        headers: &HeaderMap,
    ) -> Result<Option<SecretText>, OciError> {
        let challenges: Vec<Challenge> = headers
            .get_all(WWW_AUTHENTICATE)
            .iter()
            .filter_map(|header| header.to_str().ok())
            .flat_map(challenges)
            .collect();
        let token = match (&session.login, pick(&challenges)) {
            (Some(RegistryLogin::Bearer(token)), _) => {
                let header = SecretText::from(format!("Bearer {}", token.reveal()));
                Some(Token {
                    header,
                    until: Instant::now() + MAX_VALIDITY,
                })
            }
            (
                login,
                Some(Challenge::Bearer {
                    realm,
                    service,
                    scope,
                }),
            ) => {
                let scope = scope
                    .clone()
                    .unwrap_or_else(|| format!("repository:{}:pull", session.repository));
                Some(request_token(http, session, login.as_ref(), realm, service.as_deref(), &scope).await?)
            }
            (Some(login @ RegistryLogin::Basic { .. }), Some(Challenge::Basic)) => {
                login.header().map(|header| Token {
                    header,
                    until: Instant::now() + MAX_VALIDITY,
                })
            }
            (Some(RegistryLogin::IdentityToken(_)) | None, Some(Challenge::Basic)) | (_, None) => None,
        };
        let header = token.as_ref().map(|token| token.header.clone());
        if let Some(token) = token {
            self.keep(session.scope, token);
        }
        Ok(header)
    }
}

/// What a registry wants.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Challenge {
    Basic,
    Bearer {
        realm: String,
        service: Option<String>,
        scope: Option<String>,
    },
}

/// The challenges of one header; schemes that we do not know are left out.
fn challenges(header: &str) -> Vec<Challenge> {
    let parsed = ChallengeParser::new(header).map_while(Result::ok);
    parsed
        .filter_map(|challenge| {
            let parameter = |name: &str| {
                let mut parameters = challenge.params.iter();
                let found = parameters.find(|(key, _)| key.eq_ignore_ascii_case(name));
                found
                    .map(|(_, value)| value.to_unescaped())
                    .filter(|text| !text.is_empty())
            };
            if challenge.scheme.eq_ignore_ascii_case("basic") {
                Some(Challenge::Basic)
            } else if challenge.scheme.eq_ignore_ascii_case("bearer") {
                let realm = parameter("realm")?;
                Some(Challenge::Bearer {
                    realm,
                    service: parameter("service"),
                    scope: parameter("scope"),
                })
            } else {
                None
            }
        })
        .collect()
}

/// A token does not reveal the login to the registry, and works without one.
fn pick(challenges: &[Challenge]) -> Option<&Challenge> {
    challenges
        .iter()
        .find(|challenge| **challenge != Challenge::Basic)
        .or_else(|| challenges.first())
}

#[derive(Deserialize)]
struct TokenAnswer {
    token: Option<String>,
    access_token: Option<String>,
    expires_in: Option<u64>,
}

async fn request_token(
    http: &Http,
    session: &Session,
    login: Option<&RegistryLogin>,
    realm: &str,
    service: Option<&str>,
    scope: &str,
) -> Result<Token, OciError> {
    let mut url = http::parse_url(realm)?;
    if login.is_some() && url.scheme() == "http" && session.base.scheme() == "https" {
        return Err(OciError::Unauthorized(format!(
            "the registry wants the credentials sent to {} without encryption",
            http::shown(&url)
        )));
    }
    let asked = Instant::now();
    let deadline = url.clone();
    let work = async {
        let response = match login {
            Some(RegistryLogin::IdentityToken(token)) => {
                let fields = [
                    ("grant_type", "refresh_token"),
                    ("service", service.unwrap_or_default()),
                    ("scope", scope),
                    ("client_id", "pilothouse"),
                    ("refresh_token", token.reveal()),
                ];
                http.post_form(&session.client, &url, &fields).await?
            }
            Some(RegistryLogin::Basic { .. } | RegistryLogin::Bearer(_)) | None => {
                url.query_pairs_mut().append_pair("scope", scope);
                if let Some(service) = service {
                    url.query_pairs_mut().append_pair("service", service);
                }
                let header = login.and_then(RegistryLogin::header);
                let get = Get::new(url.clone()).authorization(header, &url, CredentialScope::SameHost);
                http.send(&session.client, &get).await?
            }
        };
        let response = http::expect_ok(response)?;
        http.read(response, MAX_METADATA_BYTES).await
    };
    let body = http.within(&deadline, work).await.map_err(refused)?;
    let unreadable = || OciError::Unauthorized(format!("{} gave no token", http::shown(&deadline)));
    let answer: TokenAnswer = serde_json::from_slice(&body).map_err(|_| unreadable())?;
    let given = |token: Option<String>| token.filter(|token| !token.is_empty());
    let token = given(answer.token)
        .or_else(|| given(answer.access_token))
        .ok_or_else(unreadable)?;
    let validity = answer
        .expires_in
        .map_or(DEFAULT_VALIDITY, Duration::from_secs)
        .min(MAX_VALIDITY);
    Ok(Token {
        header: format!("Bearer {token}").into(),
        until: asked + validity.saturating_sub(MARGIN),
    })
}

fn refused(error: HttpError) -> OciError {
    match error.status() {
        Some(StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN | StatusCode::BAD_REQUEST) => {
            OciError::Unauthorized(error.to_string())
        }
        Some(_) | None => OciError::Http(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn challenges_are_read() {
        let header = r#"Bearer realm="https://auth.example.com/token",service="registry",scope="repository:a/b:pull,push""#;
        let bearer = Challenge::Bearer {
            realm: "https://auth.example.com/token".into(),
            service: Some("registry".into()),
            scope: Some("repository:a/b:pull,push".into()),
        };
        assert_eq!(challenges(header), std::slice::from_ref(&bearer));
        assert_eq!(challenges(r#"basic realm="x""#), [Challenge::Basic]);
        assert_eq!(
            challenges(&format!(r#"Basic realm="x", {header}"#)),
            [Challenge::Basic, bearer.clone()]
        );
        assert_eq!(pick(&[Challenge::Basic, bearer.clone()]), Some(&bearer));
        assert_eq!(challenges("Negotiate"), []);
        assert_eq!(challenges("Bearer service=x"), []);
        assert_eq!(challenges("\"\""), []);
    }
}
