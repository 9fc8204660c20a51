//! Requests by annotation. Each carries a token; the token of a handled request is echoed in status, so that a
//! request works once and Git never has to take it back.

use std::collections::BTreeMap;

use helm::record::Revision;

use crate::{Category, Requests, RollbackRequest, RollbackTo, Why};

/// The annotations, which are also the keys of `status.handledRequests` without their prefix.
pub const PREFIX: &str = "pilothouse.dev/";

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

/// The requests among annotations that are not handled yet, and what is wrong with those that cannot be read. A
/// request that cannot be read counts as handled once it was told.
pub fn read(
    annotations: &BTreeMap<String, String>,
    handled: &BTreeMap<String, String>,
) -> (Requests, Vec<(RequestKind, Why)>) {
    let open = |kind: RequestKind| {
        let token = annotations.get(&format!("{PREFIX}{}", kind.key()))?;
        (!token.is_empty() && handled.get(kind.key()) != Some(token)).then(|| token.clone())
    };
    let mut refused = Vec::new();
    let rollback = open(RequestKind::Rollback).and_then(|token| {
        let Some(to) = parse_rollback(&token) else {
            let message =
                format!("read rollback request {token:?}: must be `REVISION@TOKEN` or `previous@TOKEN`");
            refused.push((
                RequestKind::Rollback,
                Why {
                    category: Category::SpecInvalid,
                    message,
                },
            ));
            return None;
        };
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
