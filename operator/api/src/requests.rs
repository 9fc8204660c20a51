//! Requests: annotations with a token, for what must happen once and not stand in Git.
//!
//! A request is new while its token differs from the one in `status.handledRequests`. The operator
//! never removes or changes the annotations; they belong to the user.

use std::{collections::BTreeMap, num::NonZeroU32};

use crate::status::HandledRequests;

/// Look at the release now: `<token>`.
pub const RECONCILE_ANNOTATION: &str = "pilothouse.dev/reconcile";
/// Roll back: `<revision>@<token>` or `previous@<token>`.
pub const ROLLBACK_ANNOTATION: &str = "pilothouse.dev/rollback";
/// Try failed or held inputs again, with fresh retries: `<token>`.
pub const RETRY_ANNOTATION: &str = "pilothouse.dev/retry";
/// Run the tests of the current revision: `<token>`.
pub const TEST_ANNOTATION: &str = "pilothouse.dev/test";

/// Longest token, in bytes: a timestamp, UUID or commit fits, and status stays small.
pub const TOKEN_MAX: usize = 128;

/// The word in place of a revision that means the one before the current one.
const PREVIOUS: &str = "previous";

/// Requests that wait to be handled.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Requests {
    /// Look at the release now.
    pub reconcile: Option<String>,
    /// Roll back.
    pub rollback: Option<RollbackRequest>,
    /// Try again with fresh retries.
    pub retry: Option<String>,
    /// Run the tests.
    pub test: Option<String>,
}

/// A rollback that somebody asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RollbackRequest {
    /// Where to.
    pub to: RollbackTo,
    /// Makes the request unique.
    pub token: String,
}

/// Where a requested rollback goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RollbackTo {
    /// The last good revision before the current one.
    Previous,
    /// This revision.
    Revision(NonZeroU32),
}

/// Why an annotation is no request.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RequestError {
    /// The token is missing.
    #[error("read annotation {annotation}: the token is empty")]
    EmptyToken {
        /// Name of the annotation.
        annotation: &'static str,
    },
    /// The token is longer than [`TOKEN_MAX`].
    #[error("read annotation {annotation}: the token is longer than {TOKEN_MAX} bytes")]
    LongToken {
        /// Name of the annotation.
        annotation: &'static str,
    },
    /// Not of the form `<revision>@<token>`.
    #[error("read annotation {ROLLBACK_ANNOTATION}: {value:?} is not <revision>@<token> or previous@<token>")]
    RollbackForm {
        /// What stands there.
        value: String,
    },
}

impl Requests {
    /// Reads the annotations of an object and leaves out what `handled` has already.
    ///
    /// # Errors
    /// Every annotation that can't be read gives one error; the others count nevertheless.
    pub fn pending(
        annotations: &BTreeMap<String, String>,
        handled: &HandledRequests,
    ) -> (Self, Vec<RequestError>) {
        let mut errors = Vec::new();
        let mut read = |annotation: &'static str, done: &Option<String>| {
            let token = annotations.get(annotation)?.trim();
            match check_token(annotation, token) {
                Ok(()) => Some(token.to_owned()).filter(|token| Some(token) != done.as_ref()),
                Err(error) => {
                    errors.push(error);
                    None
                }
            }
        };
        let reconcile = read(RECONCILE_ANNOTATION, &handled.reconcile);
        let retry = read(RETRY_ANNOTATION, &handled.retry);
        let test = read(TEST_ANNOTATION, &handled.test);
        let rollback = match annotations
            .get(ROLLBACK_ANNOTATION)
            .map(|value| parse_rollback(value))
        {
            None => None,
            Some(Ok(request)) => {
                Some(request).filter(|request| Some(&request.token) != handled.rollback.as_ref())
            }
            Some(Err(error)) => {
                errors.push(error);
                None
            }
        };
        (
            Self {
                reconcile,
                rollback,
                retry,
                test,
            },
            errors,
        )
    }

    /// Whether nothing waits.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// Reads `<revision>@<token>` or `previous@<token>`.
fn parse_rollback(value: &str) -> Result<RollbackRequest, RequestError> {
    let form = || RequestError::RollbackForm {
        value: value.chars().take(TOKEN_MAX).collect(),
    };
    let (target, token) = value.trim().split_once('@').ok_or_else(form)?;
    check_token(ROLLBACK_ANNOTATION, token)?;
    let to = if target == PREVIOUS {
        RollbackTo::Previous
    } else {
        RollbackTo::Revision(target.parse().map_err(|_| form())?)
    };
    Ok(RollbackRequest {
        to,
        token: token.to_owned(),
    })
}

fn check_token(annotation: &'static str, token: &str) -> Result<(), RequestError> {
    if token.is_empty() {
        return Err(RequestError::EmptyToken { annotation });
    }
    if token.len() > TOKEN_MAX {
        return Err(RequestError::LongToken { annotation });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pending(annotations: &[(&str, &str)], handled: &HandledRequests) -> (Requests, Vec<String>) {
        let annotations = annotations
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
            .collect();
        let (requests, errors) = Requests::pending(&annotations, handled);
        (requests, errors.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn no_annotation_is_no_request() {
        let (requests, errors) = pending(&[("example.com/other", "x")], &HandledRequests::default());
        assert!(requests.is_empty() && errors.is_empty());
    }

    #[test]
    fn each_annotation_is_read() {
        let (requests, errors) = pending(
            &[
                (RECONCILE_ANNOTATION, "a"),
                (ROLLBACK_ANNOTATION, "3@b"),
                (RETRY_ANNOTATION, " c "),
                (TEST_ANNOTATION, "d"),
            ],
            &HandledRequests::default(),
        );
        assert_eq!(errors, Vec::<String>::new());
        assert_eq!(requests.reconcile.as_deref(), Some("a"));
        assert_eq!(requests.retry.as_deref(), Some("c"));
        assert_eq!(requests.test.as_deref(), Some("d"));
        let rollback = requests.rollback.unwrap();
        assert_eq!(rollback.to, RollbackTo::Revision(NonZeroU32::new(3).unwrap()));
        assert_eq!(rollback.token, "b");
    }

    #[test]
    fn a_handled_token_is_not_pending_and_a_new_one_is() {
        let handled = HandledRequests {
            retry: Some("one".into()),
            rollback: Some("two".into()),
            ..HandledRequests::default()
        };
        let (requests, _) = pending(
            &[(RETRY_ANNOTATION, "one"), (ROLLBACK_ANNOTATION, "previous@two")],
            &handled,
        );
        assert!(requests.is_empty());
        let (requests, _) = pending(
            &[(RETRY_ANNOTATION, "1"), (ROLLBACK_ANNOTATION, "previous@2")],
            &handled,
        );
        assert_eq!(requests.retry.as_deref(), Some("1"));
        assert_eq!(requests.rollback.unwrap().to, RollbackTo::Previous);
    }

    #[test]
    fn a_token_may_hold_an_at_sign() {
        let (requests, _) = pending(
            &[(ROLLBACK_ANNOTATION, "2@me@example.com")],
            &HandledRequests::default(),
        );
        assert_eq!(requests.rollback.unwrap().token, "me@example.com");
    }

    #[test]
    fn unreadable_annotations_are_named_and_do_not_hide_the_others() {
        for value in ["3", "0@a", "-1@a", "latest@a", "@a", "3@", "99999999999@a"] {
            let (requests, errors) = pending(
                &[(ROLLBACK_ANNOTATION, value), (RETRY_ANNOTATION, "a")],
                &HandledRequests::default(),
            );
            assert_eq!(requests.rollback, None, "{value}");
            assert_eq!(requests.retry.as_deref(), Some("a"));
            assert_eq!(errors.len(), 1, "{value}");
            assert!(errors[0].contains(ROLLBACK_ANNOTATION), "{errors:?}");
        }
        let long = "x".repeat(TOKEN_MAX + 1);
        let (requests, errors) = pending(
            &[(RECONCILE_ANNOTATION, ""), (TEST_ANNOTATION, &long)],
            &HandledRequests::default(),
        );
        assert!(requests.is_empty());
        assert_eq!(
            errors,
            [
                "read annotation pilothouse.dev/reconcile: the token is empty",
                "read annotation pilothouse.dev/test: the token is longer than 128 bytes",
            ],
        );
    }
}
