//! Writes the objects of a manifest by server-side apply.
//!
//! Mirrors `Create` and `Update` of Helm 4.2.4 (`pkg/kube/client.go`): an install creates batches of consecutive equal
//! kinds side by side, an update walks the objects one by one, collects patch errors and goes on. Which manifest is
//! written over which base is decided in `plan`.

use futures::FutureExt;
use helm::record::ApplyMethod;
use kube::Client;
use kube::api::{Api, DynamicObject, Patch, PatchParams, PostParams, ValidationDirective};
use plan::policy::{Conflicts, Ownership, Replace, Validation};
use plan::{Apply, Category, EffectError, ErrorClass, ObjectRef, Outcome};
use serde_json::Value;

use crate::discovery::Discovery;
use crate::error::{effect_error, is_conflict, permanent};
use crate::hub::Hub;
use crate::managers;
use crate::objects::{self, TargetObject};
use crate::parallel::in_order;
use crate::storage::FIELD_MANAGER;

/// Checks what [`apply`] would meet, without writing: kinds known, ownership of objects that exist.
///
/// # Errors
/// Helm's words for an unknown kind or an object of somebody else.
pub(crate) async fn preflight(
    client: &Client,
    discovery: &Discovery,
    apply: &Apply,
) -> Result<Outcome, EffectError> {
    refuse_client_side(apply)?;
    let (target, base) = both(discovery, apply).await?;
    let created: Vec<&TargetObject> = target
        .iter()
        .filter(|object| !base.iter().any(|known| known.same(object)))
        .collect();
    let looks = created
        .into_iter()
        .map(|object| look(client, apply, object).boxed())
        .collect();
    let mut missing = Vec::new();
    // In order, so that the first offender is the one that Helm would name.
    for found in in_order(looks).await {
        missing.extend(found?);
    }
    Ok(Outcome::Preflighted { missing })
}

/// Looks at an object that is about to be created: its reference when it is missing, an error when it is not ours.
async fn look(
    client: &Client,
    apply: &Apply,
    object: &TargetObject,
) -> Result<Option<ObjectRef>, EffectError> {
    if object.has_generated_name() {
        return Ok(None);
    }
    let live = match object.api(client).get_opt(&object.reference.name).await {
        Ok(Some(live)) => live,
        Ok(None) => return Ok(Some(object.reference.clone())),
        Err(error) => {
            return Err(effect_error(
                "could not get information about the resource",
                Some(&object.reference),
                &error,
            ));
        }
    };
    let problem = match apply.ownership {
        Ownership::Take => None,
        Ownership::Strict => objects::ownership_problem(&live, &apply.release),
    };
    let ObjectRef {
        kind,
        namespace,
        name,
        ..
    } = &object.reference;
    match problem {
        None => Ok(None),
        Some(problem) => Err(permanent(
            Category::OwnershipConflict,
            format!(
                "{kind} \"{name}\" in namespace \"{namespace}\" exists and cannot be imported into the current release: invalid ownership metadata; {problem}"
            ),
        )),
    }
}

/// Writes the objects of a manifest.
///
/// # Guarantees
/// Writing twice changes nothing the second time.
pub(crate) async fn apply(
    client: &Client,
    discovery: &Discovery,
    hub: &Hub,
    apply: &Apply,
) -> Result<Outcome, EffectError> {
    refuse_client_side(apply)?;
    let target = objects::build(discovery, &apply.release, &apply.target).await?;
    for object in &target {
        hub.ensure(&object.served).await;
    }
    if apply.base.is_none() {
        create_all(client, hub, apply, &target).await?;
    } else {
        update_all(client, hub, apply, &target).await?;
    }
    Ok(Outcome::Done)
}

/// Batches of consecutive equal kinds, each batch side by side; the first batch with errors ends it.
async fn create_all(
    client: &Client,
    hub: &Hub,
    apply: &Apply,
    target: &[TargetObject],
) -> Result<(), EffectError> {
    for batch in target.chunk_by(|left, right| left.reference.kind == right.reference.kind) {
        let writes = batch
            .iter()
            .map(|object| write(client, hub, apply, object).boxed())
            .collect();
        join(
            "\n",
            in_order(writes)
                .await
                .into_iter()
                .filter_map(Result::err)
                .collect(),
        )?;
    }
    Ok(())
}

/// One by one; errors are collected.
async fn update_all(
    client: &Client,
    hub: &Hub,
    apply: &Apply,
    target: &[TargetObject],
) -> Result<(), EffectError> {
    let mut errors = Vec::new();
    for object in target {
        if let Err(error) = write(client, hub, apply, object).await {
            errors.push(error);
        }
    }
    join(" && ", errors)
}

/// Joins errors as Helm joins their words. The gravest class and the first category stand for all.
fn join(separator: &str, errors: Vec<EffectError>) -> Result<(), EffectError> {
    let transient = errors.iter().any(|error| error.class == ErrorClass::Transient);
    let mut errors = errors.into_iter();
    let Some(mut all) = errors.next() else {
        return Ok(());
    };
    for error in errors {
        all.message = format!("{}{separator}{}", all.message, error.message);
        all.objects.extend(error.objects);
    }
    if transient {
        // One part may be tried again as it is: then all of it is.
        all.class = ErrorClass::Transient;
    }
    all.objects.truncate(plan::Failure::MAX_OBJECTS);
    Err(all)
}

/// Writes one object and tells the hub which version that made.
async fn write(client: &Client, hub: &Hub, apply: &Apply, object: &TargetObject) -> Result<(), EffectError> {
    let mut body = object.body.clone();
    objects::own(&mut body, &apply.release);
    let api = object.api(client);
    if object.has_generated_name() {
        let created: DynamicObject = serde_json::from_value(body).map_err(|error| {
            permanent(
                Category::ManifestInvalid,
                format!("failed to create resource: {error}"),
            )
        })?;
        let params = PostParams {
            field_manager: Some(FIELD_MANAGER.to_owned()),
            ..PostParams::default()
        };
        return api
            .create(&params, &created)
            .await
            .map(drop)
            .map_err(|error| effect_error("failed to create resource", Some(&object.reference), &error));
    }
    if apply.migrate_managers {
        managers::migrate(&api, object).await?;
    }
    let live = match server_side(client, apply, object, &body).await {
        Ok(live) => live,
        Err(error) => return Err(as_created(&api, apply, object, error).await),
    };
    hub.wrote(&object.served, &object.reference, &live);
    Ok(())
}

/// An upgrade calls the failure to write an object that is not there yet a failed creation.
async fn as_created(
    api: &Api<DynamicObject>,
    apply: &Apply,
    object: &TargetObject,
    error: EffectError,
) -> EffectError {
    let missing = apply.base.is_some() && matches!(api.get_opt(&object.reference.name).await, Ok(None));
    if !missing {
        return error;
    }
    EffectError {
        message: format!("failed to create resource: {}", error.message),
        ..error
    }
}

/// Server-side apply. The first try never takes a field of somebody else; only when one is in the way does the
/// conflict policy count, so that an autoscaler's replicas can be left to it.
async fn server_side(
    client: &Client,
    apply: &Apply,
    object: &TargetObject,
    body: &Value,
) -> Result<DynamicObject, EffectError> {
    let api = object.api(client);
    let name = &object.reference.name;
    let validation = match apply.validation {
        Validation::Enforce => ValidationDirective::Strict,
        Validation::Skip => ValidationDirective::Ignore,
    };
    let params = PatchParams {
        field_manager: Some(FIELD_MANAGER.to_owned()),
        field_validation: Some(validation),
        ..PatchParams::default()
    };
    let error = match api.patch(name, &params, &Patch::Apply(body)).await {
        Ok(live) => return Ok(live),
        Err(error) => error,
    };
    if !is_conflict(&error) {
        let doing = format!("server-side apply failed for object {}", described(object));
        return Err(effect_error(&doing, Some(&object.reference), &error));
    }
    match apply.conflicts {
        Conflicts::Fail => {
            let doing = format!("conflict occurred while applying object {}", described(object));
            let mut told = effect_error(&doing, Some(&object.reference), &error);
            told.category = Category::ApplyConflict;
            told.class = ErrorClass::Permanent;
            Err(told)
        }
        Conflicts::Force => {
            let mut forced = body.clone();
            if let Ok(live) = api.get(name).await {
                managers::leave_scaled_replicas(&mut forced, &live);
            }
            let params = params.force();
            api.patch(name, &params, &Patch::Apply(&forced))
                .await
                .map_err(|error| {
                    let doing = format!("server-side apply failed for object {}", described(object));
                    effect_error(&doing, Some(&object.reference), &error)
                })
        }
    }
}

/// `namespace/name group/version, Kind=K`, as Go prints an object and its kind.
pub(crate) fn described(object: &TargetObject) -> String {
    let ObjectRef {
        api_version,
        kind,
        namespace,
        name,
    } = &object.reference;
    // Go prints the empty name of the core group too.
    let slash = if api_version.contains('/') { "" } else { "/" };
    format!("{namespace}/{name} {slash}{api_version}, Kind={kind}")
}

/// Creates the CRDs of a chart; existing ones are updated only when asked.
pub(crate) async fn crds(
    client: &Client,
    discovery: &Discovery,
    release: &plan::Target,
    files: &[plan::CrdFile],
    replace: bool,
) -> Result<Outcome, EffectError> {
    for file in files {
        for object in objects::build(discovery, release, &file.text).await? {
            let api = object.api(client);
            let name = &object.reference.name;
            let failed = |error: &kube::Error| {
                effect_error(
                    &format!("failed to install CRD {}", file.name),
                    Some(&object.reference),
                    error,
                )
            };
            let exists = api.get_opt(name).await.map_err(|error| failed(&error))?.is_some();
            if exists && !replace {
                continue;
            }
            let params = PatchParams::apply(FIELD_MANAGER).force();
            api.patch(name, &params, &Patch::Apply(&object.body))
                .await
                .map_err(|error| failed(&error))?;
            let text = |pointer| {
                object
                    .body
                    .pointer(pointer)
                    .and_then(Value::as_str)
                    .unwrap_or_default()
            };
            discovery.expect(text("/spec/group"), text("/spec/names/kind"));
        }
    }
    discovery.invalidate().await;
    Ok(Outcome::Done)
}

async fn both(
    discovery: &Discovery,
    apply: &Apply,
) -> Result<(Vec<TargetObject>, Vec<TargetObject>), EffectError> {
    let target = objects::build(discovery, &apply.release, &apply.target).await?;
    let base = match &apply.base {
        Some(base) => objects::build_known(discovery, &apply.release, base).await?,
        None => Vec::new(),
    };
    Ok((target, base))
}

/// Client-side merges and replacements are not there yet: refused before anything is written.
fn refuse_client_side(apply: &Apply) -> Result<(), EffectError> {
    match (apply.method, apply.replace) {
        (ApplyMethod::ServerSide, Replace::Never) => Ok(()),
        (ApplyMethod::ClientSide, Replace::Never | Replace::Always) => Err(permanent(
            Category::NotSupported,
            "this release was written client-side, which is not supported yet\nhint: set spec.apply.method to ServerSide to move it over",
        )),
        (ApplyMethod::ServerSide, Replace::Always) => Err(permanent(
            Category::SpecInvalid,
            "invalid operation: cannot use server-side apply and force replace together",
        )),
    }
}
