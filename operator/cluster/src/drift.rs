//! One live object beside what the manifest says of it.

use kube::Client;
use plan::drift::{Ignore, ObjectDrift};
use plan::{EffectError, Target};

use crate::error::effect_error;
use crate::objects::{self, TargetObject};

/// How a live object differs from its manifest; `None` when it does not. What "differs" means is `plan`'s.
pub(crate) async fn of(
    client: &Client,
    release: &Target,
    object: &TargetObject,
    ignore: &[Ignore],
) -> Result<Option<ObjectDrift>, EffectError> {
    if object.has_generated_name() {
        return Ok(None);
    }
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
    let live = live.map(|live| serde_json::to_value(&live).unwrap_or_default());
    // The ownership metadata is not in the manifest, but it is wanted.
    let mut wanted = object.body.clone();
    objects::own(&mut wanted, release);
    Ok(plan::drift::compare(
        &object.reference,
        &wanted,
        live.as_ref(),
        ignore,
    ))
}
