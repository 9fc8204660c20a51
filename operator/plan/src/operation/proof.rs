//! Causes that waiting does not cure. Helm waits for the whole timeout whatever is behind an unready object; here a
//! wait ends as soon as it is proven that it cannot succeed.
//!
//! One look proves nothing but a failed job: registries blink, nodes are added, databases come up late. So the
//! operation keeps since when each suspect shows the same cause without a break, and a cause counts as proven after
//! its time of grace. A pod that crashes must have done so a few times besides: then the pauses between its restarts
//! have grown beyond what a slow dependency explains.

use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::OperationData;
use crate::{Category, Cause, ObjectRef, backoff};

/// How long an image may fail to come: the kubelet tries about four times in it.
const IMAGE: Duration = Duration::from_mins(2);

/// How long a pod may look for a node: autoscalers need minutes to bring one.
const NODE: Duration = Duration::from_mins(3);

/// How long a crash loop must be seen in this wait: pods of the revision before may crash while they are replaced.
const CRASH: Duration = Duration::from_mins(1);

/// How often a container must have been restarted. The kubelet's pauses add up to more than two minutes then.
const RESTARTS: u32 = 5;

/// When to look again at a crash loop that has not crashed often enough: nothing else tells of a restart.
const CRASH_LOOK: Duration = Duration::from_secs(30);

/// The most suspects that are kept; causes are told for a few objects only.
const MAX_SUSPECTS: usize = 20;

/// Something that may turn out to be proven.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suspect {
    /// The object to blame.
    pub object: ObjectRef,
    /// The reason.
    pub category: Category,
    /// Since when every look showed it.
    pub since: Timestamp,
}

/// What the causes of one look come to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Proof {
    /// Waiting longer is useless; the place of the cause that says so.
    Proven(usize),
    /// Nothing is proven yet. The time is when another look may prove something.
    Open(Option<Timestamp>),
}

/// Weighs the causes of one look and remembers them for the next.
pub(super) fn weigh(data: &mut OperationData, causes: &[Cause], now: Timestamp) -> Proof {
    let before = std::mem::take(&mut data.suspects);
    let mut proven = None;
    let mut again: Option<Timestamp> = None;
    for (place, cause) in causes.iter().enumerate() {
        let Some(grace) = grace(cause) else { continue };
        let known = before
            .iter()
            .find(|suspect| suspect.object == cause.object && suspect.category == cause.category);
        let since = known.map_or(now, |suspect| suspect.since);
        let ripe_at = backoff::later(since, grace);
        if now < ripe_at {
            again = Some(earliest(again, ripe_at));
        } else if is_beyond_hope(cause) {
            proven.get_or_insert(place);
        } else {
            again = Some(earliest(again, backoff::later(now, CRASH_LOOK)));
        }
        if data.suspects.len() < MAX_SUSPECTS {
            data.suspects.push(Suspect {
                object: cause.object.clone(),
                category: cause.category,
                since,
            });
        }
    }
    proven.map_or(Proof::Open(again), Proof::Proven)
}

/// How long a cause must be seen; `None` for causes that may go away at any time.
fn grace(cause: &Cause) -> Option<Duration> {
    match cause.category {
        Category::ImagePullFailed => Some(IMAGE),
        Category::Unschedulable => Some(NODE),
        Category::CrashLoop | Category::OutOfMemory => Some(CRASH),
        // A pod of a job may fail and be followed by another one; the job itself fails once.
        Category::JobFailed if cause.object.kind == "Job" => Some(Duration::ZERO),
        _ => None,
    }
}

/// Whether a cause that was seen long enough is proven.
fn is_beyond_hope(cause: &Cause) -> bool {
    match cause.category {
        Category::CrashLoop | Category::OutOfMemory => cause.restarts >= RESTARTS,
        _ => true,
    }
}

fn earliest(known: Option<Timestamp>, time: Timestamp) -> Timestamp {
    known.map_or(time, |known| known.min(time))
}

#[cfg(test)]
mod tests;
