//! Judging waits: go on, come back later, or fail.

use helm::record::json_digest;
use jiff::Timestamp;
use serde_json::json;

use super::proof::{self, Proof};
use super::{Materials, Operation, ProgressMark, effects};
use crate::failure::cause_words;
use crate::readiness::ReadyStatus;
use crate::{Category, Cause, Digest, Effect, EffectError, ErrorClass, ObjectReadiness, backoff};

/// What an outcome means for an operation.
pub(super) enum Verdict {
    /// The step is done.
    Next,
    /// Come back later.
    Park { until: Timestamp, message: String },
    /// The operation fails.
    Fail(EffectError),
    /// The operation fails, after the hooks of the event are swept.
    FailHook(EffectError),
}

/// All that one look at the objects told.
pub(super) struct Look {
    pub(super) objects: Vec<ObjectReadiness>,
    pub(super) total: usize,
    pub(super) causes: Vec<Cause>,
    pub(super) recheck_at: Option<Timestamp>,
}

/// Judges the readiness of objects, as Helm's watcher does: failed objects are final, the others are waited for.
pub(super) fn ready(ctx: &Materials, operation: &mut Operation, look: Look, now: Timestamp) -> Verdict {
    let Look {
        objects,
        total,
        causes,
        recheck_at,
    } = look;
    let policy = effects::wait_policy(ctx);
    let unready: Vec<ObjectReadiness> = objects
        .into_iter()
        .filter(|object| object.status != ReadyStatus::Current)
        .collect();
    let until = limit(
        operation,
        backoff::later(operation.step_since, effects::timeout(ctx, operation)),
    );

    if unready.is_empty() {
        let since = *operation.data.ready_since.get_or_insert(now);
        operation.data.waiting_for.clear();
        operation.data.suspects.clear();
        return match policy.stable_for.map(|span| backoff::later(since, span)) {
            Some(stable_at) if now < stable_at => {
                let message = format!("all {total} objects are ready and must stay so until {stable_at}");
                Verdict::Park {
                    until: stable_at,
                    message,
                }
            }
            Some(_) | None => Verdict::Next,
        };
    }

    operation.data.ready_since = None;
    operation.data.waiting_for = unready.iter().take(Effect::MAX_WAITING).cloned().collect();
    if unready.iter().all(|object| object.status == ReadyStatus::Failed) {
        return Verdict::Fail(unhealthy(Category::ObjectFailed, lines(&unready), causes));
    }
    if now >= until {
        let message = format!("{}\ncontext deadline exceeded", lines(&unready));
        return Verdict::Fail(unhealthy(Category::Timeout, message, causes));
    }
    let look_at = match proof::weigh(&mut operation.data, &causes, now) {
        Proof::Proven(place) => return Verdict::Fail(hopeless(&lines(&unready), causes, place)),
        Proof::Open(look_at) => look_at,
    };
    let stuck_at = policy
        .no_progress
        .map(|span| backoff::later(progress(operation, &unready, now), span));
    if stuck_at.is_some_and(|stuck_at| now >= stuck_at) {
        let message = format!("{}\nno progress", lines(&unready));
        return Verdict::Fail(unhealthy(Category::NoProgress, message, causes));
    }
    let wake = [Some(until), stuck_at, recheck_at, look_at]
        .into_iter()
        .flatten()
        .min()
        .unwrap_or(until);
    let count = unready.len();
    let words = if causes.is_empty() {
        first_words(&unready)
    } else {
        cause_words(&causes)
    };
    Verdict::Park {
        until: wake,
        message: format!("{count} of {total} objects are not ready: {words}"),
    }
}

/// Judges whether objects are gone.
pub(super) fn gone(
    operation: &mut Operation,
    objects: &[ObjectReadiness],
    until: Timestamp,
    now: Timestamp,
) -> Verdict {
    let until = limit(operation, until);
    operation.data.waiting_for = objects.iter().take(Effect::MAX_WAITING).cloned().collect();
    if objects.is_empty() {
        return Verdict::Next;
    }
    if now < until {
        let words = first_words(objects);
        return Verdict::Park {
            until,
            message: format!("{} objects are still there: {words}", objects.len()),
        };
    }
    let line = |object: &ObjectReadiness| {
        let ObjectReadiness {
            object,
            status,
            message,
        } = object;
        format!("resource {object} still exists. status: {status}, message: {message}")
    };
    let lines: Vec<String> = objects.iter().map(line).collect();
    let message = format!("{}\ncontext deadline exceeded", lines.join("\n"));
    Verdict::Fail(unhealthy(Category::Timeout, message, Vec::new()))
}

/// A wait never outlives the whole operation.
fn limit(operation: &Operation, until: Timestamp) -> Timestamp {
    operation.deadline.map_or(until, |deadline| deadline.min(until))
}

/// A failure to become healthy. The first cause is the reason, when one was found.
fn unhealthy(category: Category, message: String, causes: Vec<Cause>) -> EffectError {
    let category = causes.first().map_or(category, |cause| cause.category);
    EffectError {
        category,
        class: ErrorClass::Unhealthy,
        message,
        objects: causes,
    }
}

/// A failure before the timeout: one cause is proven, and comes first.
pub(super) fn hopeless(lines: &str, mut causes: Vec<Cause>, place: usize) -> EffectError {
    causes[..=place].rotate_right(1);
    let proven = causes.first().map_or_else(String::new, |cause| {
        format!("\nwaiting does not cure {} of {}", cause.reason, cause.object)
    });
    let message = format!("{lines}{proven}");
    unhealthy(Category::ObjectFailed, message, causes)
}

/// Helm's lines about objects that are not ready (`pkg/kube/statuswait.go`).
fn lines(unready: &[ObjectReadiness]) -> String {
    let line = |object: &ObjectReadiness| {
        let ObjectReadiness {
            object,
            status,
            message,
        } = object;
        format!("resource {object} not ready. status: {status}, message: {message}")
    };
    unready.iter().map(line).collect::<Vec<_>>().join("\n")
}

fn first_words(objects: &[ObjectReadiness]) -> String {
    let word = |object: &ObjectReadiness| format!("{}: {}", object.object, object.message);
    match objects {
        [] => String::new(),
        [only] => word(only),
        [first, rest @ ..] => format!("{} (and {} more)", word(first), rest.len()),
    }
}

/// Since when the objects say what they say.
fn progress(operation: &mut Operation, unready: &[ObjectReadiness], now: Timestamp) -> Timestamp {
    let seen = Digest(json_digest(&json!(unready)));
    match &operation.data.progress {
        Some(mark) if mark.seen == seen => mark.since,
        Some(_) | None => {
            operation.data.progress = Some(ProgressMark { seen, since: now });
            now
        }
    }
}
