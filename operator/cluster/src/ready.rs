//! How ready the objects of a manifest are, from the watch hub where it can see and from the API server where not.

use std::collections::BTreeSet;

use futures::FutureExt;
use jiff::Timestamp;
use kube::Client;
use plan::drift::Ignore;
use plan::readiness::{Purpose, Readiness, ReadyStatus, readiness};
use plan::{EffectError, ObjectReadiness, Outcome, Selector, Target};

use crate::diagnose;
use crate::discovery::Discovery;
use crate::drift;
use crate::error::effect_error;
use crate::hub::{Hub, Sight};
use crate::objects::{self, TargetObject};
use crate::parallel::in_order;

/// How many objects that are not ready are looked behind: the first ones tell the story.
const DIAGNOSED: usize = 5;

/// When to look again at an object that the watch shows older than we wrote it.
const LAG: std::time::Duration = std::time::Duration::from_millis(500);

/// When to look again at an object that no watch sees.
const UNWATCHED: std::time::Duration = std::time::Duration::from_secs(2);

/// The readiness of every object of a manifest.
pub(crate) async fn check(
    client: &Client,
    discovery: &Discovery,
    hub: &Hub,
    release: &Target,
    manifest: &str,
    jobs: bool,
    optional: &[Selector],
) -> Result<Outcome, EffectError> {
    let targets = objects::build(discovery, release, manifest).await?;
    for object in &targets {
        hub.ensure(&object.served).await;
    }
    let looks = targets
        .iter()
        .map(|object| {
            if Selector::any(optional, &object.reference, &object.body) {
                futures::future::ok((is_optional(object), None)).boxed()
            } else {
                look(client, hub, object, jobs).boxed()
            }
        })
        .collect();
    let mut seen = Vec::with_capacity(targets.len());
    let mut recheck_at: Option<Timestamp> = None;
    for result in in_order(looks).await {
        let (object, again) = result?;
        recheck_at = match (recheck_at, again) {
            (Some(known), Some(again)) => Some(known.min(again)),
            (known, again) => known.or(again),
        };
        seen.push(object);
    }
    let unready: Vec<&TargetObject> = targets
        .iter()
        .zip(&seen)
        .filter(|(_, readiness)| readiness.status != ReadyStatus::Current)
        .map(|(object, _)| object)
        .take(DIAGNOSED)
        .collect();
    let mut causes = BTreeSet::new();
    for object in unready {
        causes.extend(diagnose::of(client, object).await);
    }
    Ok(Outcome::Readiness {
        total: seen.len(),
        objects: seen,
        causes: causes.into_iter().collect(),
        recheck_at,
    })
}

/// What is said of an object that nobody waits for.
fn is_optional(object: &TargetObject) -> ObjectReadiness {
    ObjectReadiness {
        object: object.reference.clone(),
        status: ReadyStatus::Current,
        message: "Resource is optional".to_owned(),
    }
}

async fn look(
    client: &Client,
    hub: &Hub,
    object: &TargetObject,
    jobs: bool,
) -> Result<(ObjectReadiness, Option<Timestamp>), EffectError> {
    let told = |status, message: &str| ObjectReadiness {
        object: object.reference.clone(),
        status,
        message: message.to_owned(),
    };
    if object.has_generated_name() {
        return Ok((
            told(
                ReadyStatus::Current,
                "Resource has a generated name and is not followed",
            ),
            None,
        ));
    }
    match hub.look(&object.served, &object.reference) {
        Sight::Seen(seen) => Ok((seen.readiness(&object.reference, jobs), seen.recheck_at)),
        Sight::Behind => {
            let soon = Timestamp::now().checked_add(LAG).ok();
            Ok((
                told(ReadyStatus::InProgress, "Resource was written a moment ago"),
                soon,
            ))
        }
        // Without the label, or without the right to watch, only a look tells.
        Sight::Absent | Sight::Blind => {
            let live = object
                .api(client)
                .get_opt(&object.reference.name)
                .await
                .map_err(|error| {
                    effect_error(
                        "could not get information about the resource",
                        Some(&object.reference),
                        &error,
                    )
                })?;
            let purpose = if jobs {
                Purpose::ObjectAndJobs
            } else {
                Purpose::Object
            };
            let Readiness {
                status,
                message,
                recheck_at,
            } = match live {
                Some(live) => readiness(
                    &serde_json::to_value(&live).unwrap_or_default(),
                    purpose,
                    Timestamp::now(),
                ),
                None => Readiness::not_found(),
            };
            // Nothing will wake us for an object that no watch sees.
            let soon = Timestamp::now().checked_add(UNWATCHED).ok();
            let again = recheck_at.or(if status == ReadyStatus::Current {
                None
            } else {
                soon
            });
            Ok((
                ObjectReadiness {
                    object: object.reference.clone(),
                    status,
                    message,
                },
                again,
            ))
        }
    }
}

/// Compares live objects with a manifest.
pub(crate) async fn compare(
    client: &Client,
    discovery: &Discovery,
    release: &Target,
    manifest: &str,
    ignore: &[Ignore],
) -> Result<Outcome, EffectError> {
    let targets = objects::build_known(discovery, release, manifest).await?;
    let looks = targets
        .iter()
        .map(|object| drift::of(client, release, object, ignore).boxed())
        .collect();
    let mut found = Vec::new();
    for result in in_order(looks).await {
        found.extend(result?);
    }
    Ok(Outcome::Compared(found))
}
