//! Requests: annotations with a token, for what must happen once and not stand in Git.
//!
//! Only the names, which are part of the user's API; they are read and judged by `plan`. A request is
//! new while its value differs from the one in `status.handledRequests`. The operator never removes or
//! changes the annotations; they belong to the user.

use std::collections::BTreeMap;

/// What the name of every annotation and finalizer begins with.
pub const PREFIX: &str = "pilothouse.dev/";
/// Look at the release now: `<token>`.
pub const RECONCILE_ANNOTATION: &str = "pilothouse.dev/reconcile";
/// Roll back: `<revision>@<token>` or `previous@<token>`.
pub const ROLLBACK_ANNOTATION: &str = "pilothouse.dev/rollback";
/// Try failed or held inputs again, with fresh retries: `<token>`.
pub const RETRY_ANNOTATION: &str = "pilothouse.dev/retry";
/// Run the tests of the current revision: `<token>`.
pub const TEST_ANNOTATION: &str = "pilothouse.dev/test";

/// Whether an annotation asks for something that was not handled yet.
pub fn is_pending(
    annotation: &str,
    annotations: &BTreeMap<String, String>,
    handled: &BTreeMap<String, String>,
) -> bool {
    let key = annotation.strip_prefix(PREFIX).unwrap_or(annotation);
    annotations
        .get(annotation)
        .is_some_and(|value| !value.is_empty() && handled.get(key) != Some(value))
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
    fn a_request_is_pending_until_its_value_is_echoed() {
        let annotations = map(&[(RETRY_ANNOTATION, "b"), (TEST_ANNOTATION, "")]);
        assert!(is_pending(RETRY_ANNOTATION, &annotations, &map(&[])));
        assert!(is_pending(
            RETRY_ANNOTATION,
            &annotations,
            &map(&[("retry", "a"), ("test", "b")])
        ));
        assert!(!is_pending(
            RETRY_ANNOTATION,
            &annotations,
            &map(&[("retry", "b")])
        ));
        assert!(!is_pending(TEST_ANNOTATION, &annotations, &map(&[])));
        assert!(!is_pending(RECONCILE_ANNOTATION, &annotations, &map(&[])));
    }

    #[test]
    fn every_name_has_the_prefix() {
        for name in [
            RECONCILE_ANNOTATION,
            ROLLBACK_ANNOTATION,
            RETRY_ANNOTATION,
            TEST_ANNOTATION,
        ] {
            assert!(name.starts_with(PREFIX), "{name}");
        }
    }
}
