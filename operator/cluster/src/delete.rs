//! Deletes the objects of a manifest in Helm's uninstall order, and sees whether they are gone.
//!
//! Mirrors `deleteRelease` of `pkg/action/uninstall.go`: objects with the resource policy `keep` stay and are told,
//! objects with any other value of that annotation stay untold.

use futures::FutureExt;
use helm::manifest::{UNINSTALL_ORDER, kind_rank};
use kube::Client;
use kube::api::{DeleteParams, PropagationPolicy};
use plan::policy::Propagation;
use plan::readiness::ReadyStatus;
use plan::{EffectError, ObjectReadiness, ObjectRef, Outcome, Target};
use serde_json::Value;

use crate::discovery::Discovery;
use crate::error::{effect_error, is_not_found};
use crate::objects::{self, RESOURCE_POLICY, TargetObject};
use crate::parallel::in_order;

/// Deletes the objects of a manifest.
///
/// # Errors
/// All objects that could not be deleted, joined; the others are deleted all the same.
pub(crate) async fn manifest(
    client: &Client,
    discovery: &Discovery,
    release: &Target,
    manifest: &str,
    propagation: Propagation,
) -> Result<Outcome, EffectError> {
    let (gone, kept) = split(discovery, release, manifest).await?;
    let params = params(propagation);
    let mut errors = Vec::new();
    for batch in gone.chunk_by(|left, right| left.reference.kind == right.reference.kind) {
        let deletions = batch
            .iter()
            .map(|object| delete(client, object, &params).boxed())
            .collect();
        errors.extend(in_order(deletions).await.into_iter().filter_map(Result::err));
    }
    let mut errors = errors.into_iter();
    match errors.next() {
        None => Ok(Outcome::Deleted { kept }),
        Some(mut first) => {
            for error in errors {
                first.message = format!("{}; {}", first.message, error.message);
                first.objects.extend(error.objects);
            }
            first.message = format!("failed to delete release: {}: {}", release.name, first.message);
            Err(first)
        }
    }
}

/// Deletes single objects in the background; those that are gone, or whose kind is, are fine.
pub(crate) async fn objects(
    client: &Client,
    discovery: &Discovery,
    references: &[ObjectRef],
) -> Result<Outcome, EffectError> {
    for reference in references {
        let served = discovery
            .resolve(&reference.api_version, &reference.kind)
            .await
            .map_err(|error| {
                effect_error(
                    "unable to discover the kinds of the cluster",
                    Some(reference),
                    &error,
                )
            })?;
        let Some(served) = served else { continue };
        let object = TargetObject {
            reference: reference.clone(),
            served,
            body: Value::Null,
        };
        delete(client, &object, &params(Propagation::Background)).await?;
    }
    Ok(Outcome::Done)
}

/// The objects of a manifest that are still there; those that the resource policy keeps do not count.
pub(crate) async fn remaining(
    client: &Client,
    discovery: &Discovery,
    hub: &crate::hub::Hub,
    release: &Target,
    manifest: &str,
) -> Result<Outcome, EffectError> {
    let (gone, _kept) = split(discovery, release, manifest).await?;
    for object in &gone {
        hub.ensure(&object.served).await;
    }
    let looks = gone
        .iter()
        .map(|object| still_there(client, object).boxed())
        .collect();
    let mut remaining = Vec::new();
    for object in in_order(looks).await {
        remaining.extend(object?);
    }
    Ok(Outcome::Remaining(remaining))
}

async fn still_there(client: &Client, object: &TargetObject) -> Result<Option<ObjectReadiness>, EffectError> {
    if object.has_generated_name() {
        return Ok(None);
    }
    let live = object
        .api(client)
        .get_metadata_opt(&object.reference.name)
        .await
        .map_err(|error| {
            effect_error(
                "could not get information about the resource",
                Some(&object.reference),
                &error,
            )
        })?;
    Ok(live.map(|live| {
        let (status, message) = match live.metadata.deletion_timestamp {
            Some(_) => (ReadyStatus::Terminating, "Resource scheduled for deletion"),
            None => (ReadyStatus::Current, "Resource still exists"),
        };
        ObjectReadiness {
            object: object.reference.clone(),
            status,
            message: message.to_owned(),
        }
    }))
}

/// The objects to delete, in uninstall order, and those that are kept as `[Kind] name`.
async fn split(
    discovery: &Discovery,
    release: &Target,
    manifest: &str,
) -> Result<(Vec<TargetObject>, Vec<String>), EffectError> {
    let mut all = objects::build_known(discovery, release, manifest).await?;
    all.sort_by(|left, right| {
        let rank = |object: &TargetObject| {
            let (place, name) = kind_rank(&object.reference.kind, UNINSTALL_ORDER);
            (place, name.to_owned())
        };
        rank(left).cmp(&rank(right))
    });
    let mut kept = Vec::new();
    all.retain(|object| {
        let policy = object
            .body
            .pointer("/metadata/annotations")
            .and_then(|all| all.get(RESOURCE_POLICY));
        let Some(policy) = policy.and_then(Value::as_str) else {
            return true;
        };
        if policy.trim().eq_ignore_ascii_case("keep") {
            kept.push(format!("[{}] {}", object.reference.kind, object.reference.name));
        }
        false
    });
    Ok((all, kept))
}

async fn delete(client: &Client, object: &TargetObject, params: &DeleteParams) -> Result<(), EffectError> {
    match object.api(client).delete(&object.reference.name, params).await {
        Ok(_) => Ok(()),
        Err(error) if is_not_found(&error) => Ok(()),
        Err(error) => Err(effect_error("failed to delete", Some(&object.reference), &error)),
    }
}

fn params(propagation: Propagation) -> DeleteParams {
    let policy = match propagation {
        Propagation::Background => PropagationPolicy::Background,
        Propagation::Foreground => PropagationPolicy::Foreground,
        Propagation::Orphan => PropagationPolicy::Orphan,
    };
    DeleteParams {
        propagation_policy: Some(policy),
        ..DeleteParams::default()
    }
}
