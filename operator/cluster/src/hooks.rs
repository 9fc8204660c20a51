//! The objects of hooks: cleared, created, looked at, deleted. One object at a time; the order of hooks, their
//! policies and the record of their runs are `plan`'s.
//!
//! Mirrors `execHookEvent` of `pkg/action/hooks.go`. A hook object carries the run that created it
//! ([`plan::HookRun::ANNOTATION`]), so that a restarted operator finds its own object and does not run it twice.

use helm::hooks::Hook;
use helm::record::ApplyMethod;
use jiff::Timestamp;
use kube::api::{DeleteParams, DynamicObject, Patch, PatchParams, PostParams};
use kube::{Client, ResourceExt};
use plan::readiness::{Purpose, ReadyStatus, readiness};
use plan::{Category, EffectError, HookRun, HookState, ObjectReadiness, Outcome, Target};

use crate::apply::described;
use crate::diagnose;
use crate::discovery::Discovery;
use crate::error::{effect_error, is_not_found, permanent};
use crate::hub::{Hub, ReleaseKey};
use crate::objects::{self, TargetObject};
use crate::storage::FIELD_MANAGER;

/// What every hook effect needs.
#[derive(Clone, Copy)]
pub(crate) struct Hooks<'a> {
    /// The client.
    pub client: &'a Client,
    /// Kinds of the cluster.
    pub discovery: &'a Discovery,
    /// Wakes the release when a hook object changes.
    pub hub: &'a Hub,
    /// The release.
    pub release: &'a Target,
}

impl Hooks<'_> {
    /// Deletes what is in the way of a hook, unless it is this run's own object.
    pub(crate) async fn clear(&self, hook: &Hook, run: &HookRun) -> Result<Outcome, EffectError> {
        let object = self.object(hook).await?;
        match self.live(&object).await? {
            Some(live) if !carries(&live, run) => self.remove(&object, &live).await,
            Some(_) | None => Ok(Outcome::Remaining(Vec::new())),
        }
    }

    /// Creates the object of a hook with the annotation of its run.
    pub(crate) async fn start(
        &self,
        hook: &Hook,
        run: &HookRun,
        method: ApplyMethod,
    ) -> Result<Outcome, EffectError> {
        let object = self.object(hook).await?;
        if self.live(&object).await?.is_some_and(|live| carries(&live, run)) {
            self.follow(&object);
            return Ok(Outcome::Done);
        }
        let mut body = object.body.clone();
        objects::entry(objects::metadata(&mut body), "annotations")
            .insert(HookRun::ANNOTATION.to_owned(), run.to_string().into());
        let api = object.api(self.client);
        // The watch begins before the object: a hook that ends at once is not missed.
        self.follow(&object);
        let written = match method {
            ApplyMethod::ServerSide => {
                let params = PatchParams::apply(FIELD_MANAGER).force();
                api.patch(&object.reference.name, &params, &Patch::Apply(&body))
                    .await
                    .map(drop)
            }
            ApplyMethod::ClientSide => {
                let created: DynamicObject = serde_json::from_value(body)
                    .map_err(|error| permanent(Category::HookFailed, error.to_string()))?;
                let params = PostParams {
                    field_manager: Some(FIELD_MANAGER.to_owned()),
                    ..PostParams::default()
                };
                api.create(&params, &created).await.map(drop)
            }
        };
        written.map(|()| Outcome::Done).map_err(|error| {
            // Which hook it was is told by `plan`.
            let doing = match method {
                ApplyMethod::ServerSide => {
                    format!("server-side apply failed for object {}", described(&object))
                }
                ApplyMethod::ClientSide => "failed to create resource".to_owned(),
            };
            effect_error(&doing, Some(&object.reference), &error)
        })
    }

    /// Looks how far a hook got.
    pub(crate) async fn check(&self, hook: &Hook, run: &HookRun) -> Result<Outcome, EffectError> {
        let object = self.object(hook).await?;
        self.follow(&object);
        let Some(live) = self.live(&object).await?.filter(|live| carries(live, run)) else {
            return Ok(Outcome::Hook(HookState::Missing));
        };
        let value = serde_json::to_value(&live).unwrap_or_default();
        let seen = readiness(&value, Purpose::Hook, Timestamp::now());
        // Helm's words (`pkg/kube/statuswait.go`).
        let message = format!(
            "resource {} not ready. status: {}, message: {}",
            object.reference, seen.status, seen.message
        );
        let state = match seen.status {
            ReadyStatus::Current => HookState::Succeeded,
            ReadyStatus::Failed => {
                let causes = diagnose::behind(self.client, &object, &value).await;
                HookState::Failed { message, causes }
            }
            ReadyStatus::InProgress
            | ReadyStatus::Terminating
            | ReadyStatus::NotFound
            | ReadyStatus::Unknown => {
                let causes = diagnose::behind(self.client, &object, &value).await;
                HookState::Running { message, causes }
            }
        };
        Ok(Outcome::Hook(state))
    }

    /// Deletes the object of a hook that ended.
    pub(crate) async fn delete(&self, hook: &Hook) -> Result<Outcome, EffectError> {
        let object = self.object(hook).await?;
        match self.live(&object).await? {
            Some(live) => self.remove(&object, &live).await,
            None => Ok(Outcome::Remaining(Vec::new())),
        }
    }

    async fn remove(&self, object: &TargetObject, live: &DynamicObject) -> Result<Outcome, EffectError> {
        // Helm never deletes CRDs, not even those that are hooks: all their objects would go with them.
        if object.reference.kind == "CustomResourceDefinition" {
            return Ok(Outcome::Remaining(Vec::new()));
        }
        self.follow(object);
        if live.metadata.deletion_timestamp.is_none() {
            match object
                .api(self.client)
                .delete(&object.reference.name, &DeleteParams::background())
                .await
            {
                Ok(_) => {}
                Err(error) if is_not_found(&error) => {}
                Err(error) => {
                    return Err(effect_error(
                        "unable to delete the hook",
                        Some(&object.reference),
                        &error,
                    ));
                }
            }
        }
        let remaining = self.live(object).await?.map(|_| ObjectReadiness {
            object: object.reference.clone(),
            status: ReadyStatus::Terminating,
            message: "Resource scheduled for deletion".to_owned(),
        });
        Ok(Outcome::Remaining(remaining.into_iter().collect()))
    }

    async fn object(&self, hook: &Hook) -> Result<TargetObject, EffectError> {
        let body = objects::parse(&hook.manifest)?
            .into_iter()
            .next()
            .ok_or_else(|| {
                permanent(
                    Category::ManifestInvalid,
                    format!("the hook {} has no object", hook.path),
                )
            })?;
        objects::resolve(self.discovery, self.release.namespace.as_str(), body).await
    }

    async fn live(&self, object: &TargetObject) -> Result<Option<DynamicObject>, EffectError> {
        object
            .api(self.client)
            .get_opt(&object.reference.name)
            .await
            .map_err(|error| {
                effect_error(
                    "could not get information about the hook",
                    Some(&object.reference),
                    &error,
                )
            })
    }

    fn follow(&self, object: &TargetObject) {
        let release = ReleaseKey {
            namespace: self.release.namespace.as_str().to_owned(),
            name: self.release.name.as_str().to_owned(),
        };
        self.hub.follow(&object.served, &object.reference, &release);
    }
}

fn carries(live: &DynamicObject, run: &HookRun) -> bool {
    live.annotations()
        .get(HookRun::ANNOTATION)
        .is_some_and(|value| *value == run.to_string())
}
