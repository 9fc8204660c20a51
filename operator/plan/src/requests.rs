//! Requests by annotation. Each carries a token; the token of a handled request is echoed in status, so that a
//! request works once and Git never has to take it back.

use std::borrow::Cow;
use std::collections::BTreeMap;

use helm::record::{Revision, json_digest};
use serde_json::Value;

use crate::{Category, Requests, RollbackRequest, RollbackTo, Why};

/// The annotations, which are also the keys of `status.handledRequests` without their prefix.
pub const PREFIX: &str = "pilothouse.dev/";

/// The longest token, in bytes, that is echoed as it is. Annotations may be large, and status must not double them: of a
/// longer one the digest is echoed.
pub const MAX_TOKEN: usize = 256;

/// How much of a request that cannot be read is told, in characters.
const MAX_TOLD: usize = 40;

/// A kind of request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RequestKind {
    /// Look again now.
    Reconcile,
    /// Forget failures and holds, and try again.
    Retry,
    /// Go back to a revision.
    Rollback,
    /// Run the tests.
    Test,
}

impl RequestKind {
    /// Every kind.
    pub const ALL: [Self; 4] = [Self::Reconcile, Self::Retry, Self::Rollback, Self::Test];

    /// The key in `status.handledRequests`; with [`PREFIX`] the annotation.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Reconcile => "reconcile",
            Self::Retry => "retry",
            Self::Rollback => "rollback",
            Self::Test => "test",
        }
    }
}

/// What is echoed in `status.handledRequests` for an annotation: its text, or the digest of one that is too long.
pub fn echo(text: &str) -> Cow<'_, str> {
    if text.len() <= MAX_TOKEN {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(json_digest(&Value::from(text)))
    }
}

/// The requests among annotations that are not handled yet, and what is wrong with those that cannot be read. A
/// request that cannot be read counts as handled once it was told.
pub fn read(
    annotations: &BTreeMap<String, String>,
    handled: &BTreeMap<String, String>,
) -> (Requests, Vec<(RequestKind, Why)>) {
    let unhandled = |kind: RequestKind| {
        let text = annotations.get(&format!("{PREFIX}{}", kind.key()))?;
        let echoed = handled
            .get(kind.key())
            .is_some_and(|echoed| *echoed == echo(text));
        (!text.is_empty() && !echoed).then_some(text)
    };
    let open = |kind: RequestKind| unhandled(kind).map(|text| echo(text).into_owned());
    let mut refused = Vec::new();
    let rollback = unhandled(RequestKind::Rollback).and_then(|text| {
        let Some(to) = parse_rollback(text) else {
            let told: String = text.chars().take(MAX_TOLD).collect();
            let message =
                format!("read rollback request {told:?}: must be `REVISION@TOKEN` or `previous@TOKEN`");
            refused.push((
                RequestKind::Rollback,
                Why {
                    category: Category::SpecInvalid,
                    message,
                },
            ));
            return None;
        };
        let token = echo(text).into_owned();
        Some(RollbackRequest { token, to })
    });
    let requests = Requests {
        reconcile: open(RequestKind::Reconcile),
        retry: open(RequestKind::Retry),
        rollback,
        test: open(RequestKind::Test),
    };
    (requests, refused)
}

/// `<revision or "previous">@<token>`.
fn parse_rollback(text: &str) -> Option<RollbackTo> {
    let (to, token) = text.split_once('@')?;
    match to {
        _ if token.is_empty() => None,
        "previous" => Some(RollbackTo::Previous),
        number => number
            .parse()
            .ok()
            .filter(|number| *number > 0)
            .map(|number| RollbackTo::Revision(Revision(number))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
            .collect()
    }

    #[test]
    fn a_request_is_open_until_its_token_is_echoed() {
        let annotations = map(&[("pilothouse.dev/retry", "a"), ("pilothouse.dev/test", "b")]);
        let (requests, refused) = read(&annotations, &map(&[("retry", "a"), ("test", "older")]));
        assert_eq!(
            requests,
            Requests {
                test: Some("b".to_owned()),
                ..Requests::default()
            }
        );
        assert_eq!(refused, []);
    }

    #[test]
    fn a_token_that_is_too_long_is_echoed_as_its_digest_and_works_once() {
        let long = "x".repeat(MAX_TOKEN + 1);
        let rollback = format!("3@{long}");
        let annotations = map(&[
            ("pilothouse.dev/retry", &long),
            ("pilothouse.dev/rollback", &rollback),
        ]);
        let (requests, refused) = read(&annotations, &BTreeMap::new());
        let token = requests.retry.unwrap();
        assert!(token.starts_with("sha256:") && token.len() < MAX_TOKEN, "{token}");
        let request = requests.rollback.unwrap();
        assert_eq!(request.to, RollbackTo::Revision(Revision(3)));
        assert!(request.token.starts_with("sha256:"), "{}", request.token);
        assert_eq!(refused, []);

        let handled = map(&[("retry", &token), ("rollback", &request.token)]);
        assert_eq!(read(&annotations, &handled).0, Requests::default());
        let other = map(&[("pilothouse.dev/retry", &format!("{long}y"))]);
        assert!(read(&other, &handled).0.retry.is_some());

        let longest = "x".repeat(MAX_TOKEN);
        assert_eq!(echo(&longest), longest);
    }

    #[test]
    fn a_long_request_that_cannot_be_read_is_told_in_short() {
        let annotations = map(&[("pilothouse.dev/rollback", &"x".repeat(10_000))]);
        let (_, refused) = read(&annotations, &BTreeMap::new());
        assert!(refused[0].1.message.len() < 200, "{}", refused[0].1.message);
    }

    #[test]
    fn a_rollback_names_a_revision_or_the_previous_one() {
        for (text, to) in [
            ("3@x", Some(RollbackTo::Revision(Revision(3)))),
            ("previous@1", Some(RollbackTo::Previous)),
        ] {
            assert_eq!(parse_rollback(text), to, "{text}");
        }
        for text in ["3", "@x", "3@", "0@x", "-1@x", "last@x"] {
            let (requests, refused) = read(&map(&[("pilothouse.dev/rollback", text)]), &BTreeMap::new());
            assert_eq!((requests.rollback, refused.len()), (None, 1), "{text}");
        }
    }
}
