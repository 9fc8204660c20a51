//! Deletes objects that are no longer wanted: those that left the manifest, and those that failed revisions left.
//!
//! Mirrors the end of `Update` of Helm 4.2.4 (`pkg/kube/client.go`) for the first kind; the second is our own, because
//! Helm leaves the objects of a failed upgrade behind.

use std::sync::Arc;

use kube::Client;
use kube::api::{DeleteParams, DynamicObject};
use plan::{EffectError, Outcome, Target};

use crate::discovery::Discovery;
use crate::error::{effect_error, is_not_found};
use crate::objects::{self, RESOURCE_POLICY, TargetObject};

/// Deletes, in the background, the objects of the base and of the leftovers that the target does not have. Those
/// whose live object says `keep` stay; of the leftovers only those go that carry the release's ownership metadata.
///
/// # Errors
/// The first object that can't be deleted, in Helm's words.
pub(crate) async fn delete(
    client: &Client,
    discovery: &Discovery,
    release: &Target,
    target: &str,
    base: &str,
    leftovers: &[Arc<str>],
) -> Result<Outcome, EffectError> {
    let target = objects::build_known(discovery, release, target).await?;
    let wanted = |object: &TargetObject| target.iter().any(|wanted| wanted.same(object));
    for object in objects::build_known(discovery, release, base).await? {
        if !wanted(&object) {
            remove(client, &object, |_| true).await?;
        }
    }
    for manifest in leftovers {
        for object in objects::build_known(discovery, release, manifest).await? {
            if !wanted(&object) {
                remove(client, &object, |live| {
                    objects::ownership_problem(live, release).is_none()
                })
                .await?;
            }
        }
    }
    Ok(Outcome::Done)
}

async fn remove(
    client: &Client,
    object: &TargetObject,
    ours: impl Fn(&DynamicObject) -> bool,
) -> Result<(), EffectError> {
    if object.has_generated_name() {
        return Ok(());
    }
    let api = object.api(client);
    let reference = &object.reference;
    // An object that can't be read is skipped, as Helm skips it.
    let Ok(Some(live)) = api.get_opt(&reference.name).await else {
        return Ok(());
    };
    let policy = live
        .metadata
        .annotations
        .as_ref()
        .and_then(|all| all.get(RESOURCE_POLICY));
    if policy.is_some_and(|policy| policy == "keep") || !ours(&live) {
        return Ok(());
    }
    match api.delete(&reference.name, &DeleteParams::background()).await {
        Ok(_) => Ok(()),
        Err(error) if is_not_found(&error) => Ok(()),
        Err(error) => {
            let doing = format!(
                "failed to delete resource namespace={}, name={}, kind={}",
                reference.namespace, reference.name, reference.kind
            );
            Err(effect_error(&doing, Some(reference), &error))
        }
    }
}
