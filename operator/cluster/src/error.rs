//! What the API server answered, in the words of `plan`: category, class and message.
//!
//! The one place where HTTP codes and status reasons are interpreted. It does not decide whether to try again; the
//! class says what the failure calls for and `plan` decides.

use kube::core::Status;
use plan::{Category, Cause, EffectError, ErrorClass, ObjectRef};

/// Turns a client error into an effect error. `doing` begins the message, as Helm's words for the step do, for example
/// `failed to create resource`; `about` is the object to blame.
pub fn effect_error(doing: &str, about: Option<&ObjectRef>, error: &kube::Error) -> EffectError {
    let (category, class) = categorize(error);
    let message = words(error);
    let objects = about
        .map(|object| blame(object, category, error))
        .into_iter()
        .collect();
    EffectError {
        category,
        class,
        message: format!("{doing}: {message}"),
        objects,
    }
}

/// An error that is not the API server's: what we were given makes no sense.
pub fn permanent(category: Category, message: impl Into<String>) -> EffectError {
    EffectError {
        category,
        class: ErrorClass::Permanent,
        message: message.into(),
        objects: Vec::new(),
    }
}

/// The text of an error without the client library's decoration.
pub fn words(error: &kube::Error) -> String {
    match error {
        kube::Error::Api(status) if !status.message.is_empty() => status.message.clone(),
        kube::Error::Api(status) => format!("{} {}", status.code, status.reason).trim().to_owned(),
        kube::Error::Service(source) => chain(source.as_ref()),
        other => chain(other),
    }
}

/// Whether the API server said that the object is not there.
pub fn is_not_found(error: &kube::Error) -> bool {
    matches!(error, kube::Error::Api(status) if status.code == 404)
}

/// Whether the API server said that the object is there already.
pub fn is_already_exists(error: &kube::Error) -> bool {
    matches!(error, kube::Error::Api(status) if status.code == 409 && status.reason == "AlreadyExists")
}

/// Whether somebody else wrote the object in between, or owns a field of it.
pub fn is_conflict(error: &kube::Error) -> bool {
    matches!(error, kube::Error::Api(status) if status.code == 409 && status.reason != "AlreadyExists")
}

/// How long the API server asks to wait before the next try.
pub fn retry_after(error: &kube::Error) -> Option<std::time::Duration> {
    let kube::Error::Api(status) = error else {
        return None;
    };
    let seconds = status.details.as_ref()?.retry_after_seconds;
    (seconds > 0).then(|| std::time::Duration::from_secs(u64::from(seconds)))
}

fn blame(object: &ObjectRef, category: Category, error: &kube::Error) -> Cause {
    let reason = match error {
        kube::Error::Api(status) if !status.reason.is_empty() => status.reason.clone(),
        _ => category.as_str().to_owned(),
    };
    Cause {
        object: object.clone(),
        category,
        reason,
        message: words(error),
        restarts: 0,
    }
}

fn categorize(error: &kube::Error) -> (Category, ErrorClass) {
    let kube::Error::Api(status) = error else {
        return (Category::ClusterUnreachable, ErrorClass::Transient);
    };
    let category = category_of(status);
    let class = match category {
        // A quota may be raised or freed at any time, but nothing of the cluster is broken.
        Category::QuotaExceeded => ErrorClass::Unhealthy,
        other => other.default_class(),
    };
    (category, class)
}

fn category_of(status: &Status) -> Category {
    let message = status.message.as_str();
    if message.contains("failed calling webhook") {
        return Category::WebhookUnavailable;
    }
    match status.code {
        403 if message.contains("exceeded quota") => Category::QuotaExceeded,
        403 if message.contains("denied the request") => Category::ApplyRefused,
        403 if message.contains("is being terminated") => Category::ApplyRefused,
        403 if message.contains("violates PodSecurity") => Category::ApplyRefused,
        401 | 403 => Category::Forbidden,
        409 if message.contains("conflict with") || message.contains("Apply failed with") => {
            Category::ApplyConflict
        }
        // Written by somebody else in between: the next look sees the new state.
        409 | 410 | 429 => Category::ClusterUnreachable,
        400..=499 => Category::ApplyRefused,
        // The object does not fit its kind's schema; the API server calls that its own failure.
        500 if message.contains("failed to create typed") => Category::ApplyRefused,
        _ => Category::ClusterUnreachable,
    }
}

/// An error and its sources, joined as Go joins wrapped errors.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(source) = next {
        let words = source.to_string();
        if !text.contains(&words) {
            text = format!("{text}: {words}");
        }
        next = source.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn api(code: u16, reason: &str, message: &str) -> kube::Error {
        kube::Error::Api(Box::new(Status {
            code,
            reason: reason.to_owned(),
            message: message.to_owned(),
            ..Status::default()
        }))
    }

    fn check(error: &kube::Error, category: Category, class: ErrorClass) {
        let told = effect_error("failed to create resource", None, error);
        assert_eq!((told.category, told.class), (category, class), "{error}");
    }

    #[test]
    fn answers_are_told_apart() {
        check(
            &api(
                403,
                "Forbidden",
                "configmaps is forbidden: User \"x\" cannot create",
            ),
            Category::Forbidden,
            ErrorClass::Permanent,
        );
        check(
            &api(403, "Forbidden", "pods \"a\" is forbidden: exceeded quota: q"),
            Category::QuotaExceeded,
            ErrorClass::Unhealthy,
        );
        check(
            &api(422, "Invalid", "ConfigMap \"A\" is invalid"),
            Category::ApplyRefused,
            ErrorClass::Permanent,
        );
        check(
            &api(
                500,
                "InternalError",
                "Internal error occurred: failed calling webhook \"w\"",
            ),
            Category::WebhookUnavailable,
            ErrorClass::Transient,
        );
        check(
            &api(403, "Forbidden", "admission webhook \"w\" denied the request: no"),
            Category::ApplyRefused,
            ErrorClass::Permanent,
        );
        check(
            &api(
                409,
                "Conflict",
                "Apply failed with 1 conflict: conflict with \"hpa\": .spec.replicas",
            ),
            Category::ApplyConflict,
            ErrorClass::Permanent,
        );
        check(
            &api(409, "Conflict", "the object has been modified"),
            Category::ClusterUnreachable,
            ErrorClass::Transient,
        );
        check(
            &api(503, "ServiceUnavailable", ""),
            Category::ClusterUnreachable,
            ErrorClass::Transient,
        );
        check(
            &api(429, "TooManyRequests", "slow down"),
            Category::ClusterUnreachable,
            ErrorClass::Transient,
        );
    }

    #[test]
    fn the_message_begins_with_the_step_and_has_the_servers_words() {
        let error = api(422, "Invalid", "ConfigMap \"A\" is invalid");
        assert_eq!(
            effect_error("failed to create resource", None, &error).message,
            "failed to create resource: ConfigMap \"A\" is invalid"
        );
    }
}
