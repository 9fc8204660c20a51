//! The cluster of a world: Secrets, objects and hooks in memory, and what each effect does to them.
//!
//! A manifest is one line an object, `name=specification`. An object is ready unless its line is scripted otherwise.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use helm::hooks::Hook;
use helm::record::{Release, Revision, Status};
use jiff::Timestamp;
use plan::drift::{Ignore, ObjectDrift};
use plan::readiness::ReadyStatus;
use plan::{
    Apply, Category, Cause, Effect, EffectError, ErrorClass, HookRun, HookState, Mark, ObjectReadiness,
    ObjectRef, Outcome, Selector,
};
use serde_json::{Value, json};

/// A stored revision.
#[derive(Clone)]
pub(crate) struct Secret {
    pub(crate) release: Arc<Release>,
    pub(crate) mark: Option<Mark>,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
}

/// A live object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Object {
    pub(crate) spec: String,
    /// The release it belongs to; hooks and objects of others belong to none.
    pub(crate) owned: bool,
    /// The run of the hook it was created for.
    pub(crate) run: Option<String>,
}

/// How a scripted object or hook behaves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Script {
    /// Not ready, or not ended, for ever.
    Stuck,
    /// The same, for this reason.
    Pending(Category),
    /// Failed, for this reason.
    Fails(Category),
}

/// An error that an effect meets.
#[derive(Clone)]
pub(crate) struct Fault {
    pub(crate) effect: &'static str,
    pub(crate) error: EffectError,
    pub(crate) times: u32,
}

#[derive(Clone, Default)]
pub(crate) struct Cluster {
    pub(crate) secrets: BTreeMap<Revision, Secret>,
    pub(crate) objects: BTreeMap<String, Object>,
    /// By `name=specification` of objects and by name of hooks.
    pub(crate) scripts: BTreeMap<String, Script>,
    /// Every creation of a hook object: event and name.
    pub(crate) ran: Vec<String>,
    /// The same: run and name.
    pub(crate) runs: BTreeSet<String>,
    pub(crate) faults: Vec<Fault>,
    pub(crate) namespaces: BTreeSet<String>,
    pub(crate) definitions: BTreeSet<String>,
    pub(crate) now: Timestamp,
    /// Objects that the API server keeps changing: drift after every write.
    pub(crate) meddled: BTreeSet<String>,
    /// Objects that do not go away when they are deleted.
    pub(crate) clinging: BTreeSet<String>,
}

impl Cluster {
    pub(crate) fn release(&self, revision: Revision) -> Release {
        Release::clone(&self.secrets[&revision].release)
    }

    pub(crate) fn store(&mut self, release: &Release, mark: Option<Mark>) {
        let created_at = self
            .secrets
            .get(&release.version)
            .map_or(self.now, |secret| secret.created_at);
        let secret = Secret {
            release: Arc::new(release.clone()),
            mark,
            created_at,
            updated_at: self.now,
        };
        self.secrets.insert(release.version, secret);
    }

    pub(crate) fn set_status(&mut self, revision: Revision, status: Status, words: Option<&str>) {
        let mut release = self.release(revision);
        release.info.status = status;
        if let Some(words) = words {
            words.clone_into(&mut release.info.description);
        }
        let mark = self.secrets[&revision].mark.clone();
        self.store(&release, mark);
    }

    /// Performs an effect as `cluster` does: twice is as good as once.
    pub(crate) fn perform(&mut self, effect: &Effect) -> Outcome {
        if let Some(error) = self.fault(effect) {
            return Outcome::Failed(error);
        }
        match effect {
            Effect::CreateNamespace { name } => {
                self.namespaces.insert(name.to_string());
            }
            Effect::ApplyCrds { files, replace: _ } => {
                self.definitions
                    .extend(files.iter().map(|file| file.name.clone()));
            }
            Effect::Preflight(apply) => return self.preflight(apply),
            Effect::DeleteRevisions { revisions } => {
                for revision in revisions {
                    self.secrets.remove(revision);
                }
            }
            Effect::CreateRelease { release, mark } => match self.secrets.get(&release.version) {
                Some(secret) if secret.mark.as_ref().map(|mark| &mark.operation) != Some(&mark.operation) => {
                    return Outcome::AlreadyExists;
                }
                Some(_) => {}
                None => self.store(release, Some(mark.clone())),
            },
            Effect::UpdateRelease { release, mark } => {
                let Some(secret) = self.secrets.get(&release.version) else {
                    let words = "update: failed to update: release: not found";
                    return refused(Category::ForeignRelease, words);
                };
                let kept = secret.mark.clone();
                self.store(release, mark.clone().or(kept));
            }
            Effect::Supersede {
                revisions,
                description,
            } => {
                for revision in revisions
                    .iter()
                    .filter(|revision| self.secrets.contains_key(revision))
                    .copied()
                    .collect::<Vec<_>>()
                {
                    self.set_status(revision, Status::Superseded, description.as_deref());
                }
            }
            Effect::MarkRevision { revision, mark } => {
                let Some(secret) = self.secrets.get_mut(revision) else {
                    return refused(Category::ApplyRefused, "update: failed to update: not found");
                };
                secret.mark = Some(mark.clone());
            }
            Effect::ClearHook { hook, run } => {
                if self
                    .objects
                    .get(&hook.name)
                    .is_some_and(|object| object.run.as_deref() != Some(&run.to_string()))
                {
                    self.objects.remove(&hook.name);
                }
                return Outcome::Remaining(Vec::new());
            }
            Effect::StartHook { hook, run, method: _ } => self.start_hook(hook, run),
            Effect::CheckHook { hook, run } => return Outcome::Hook(self.hook_state(hook, run)),
            Effect::DeleteHook { hook } => {
                self.objects.remove(&hook.name);
                return Outcome::Remaining(Vec::new());
            }
            Effect::Apply(apply) => {
                for (name, spec) in lines(&apply.target) {
                    let object = Object {
                        spec: spec.to_owned(),
                        owned: true,
                        run: None,
                    };
                    self.objects.insert(name.to_owned(), object);
                }
            }
            Effect::DeleteRemoved {
                release: _,
                target,
                base,
                leftovers,
            } => {
                for (name, _) in lines(base) {
                    if !lines(target).any(|(wanted, _)| wanted == name) {
                        self.objects.remove(name);
                    }
                }
                for (name, _) in leftovers.iter().flat_map(|manifest| lines(manifest)) {
                    let owned = self.objects.get(name).is_some_and(|object| object.owned);
                    if owned && !lines(target).any(|(wanted, _)| wanted == name) {
                        self.objects.remove(name);
                    }
                }
            }
            Effect::CheckReady {
                release: _,
                manifest,
                jobs: _,
                optional,
            } => return self.readiness(manifest, optional),
            Effect::DeleteManifest {
                release: _,
                manifest,
                propagation: _,
            } => {
                let kept = lines(manifest)
                    .filter(|(_, spec)| *spec == "keep")
                    .map(|(name, _)| format!("[Thing] {name}"));
                let kept = kept.collect();
                for (name, _) in
                    lines(manifest).filter(|(name, spec)| *spec != "keep" && !self.clinging.contains(*name))
                {
                    self.objects.remove(name);
                }
                return Outcome::Deleted { kept };
            }
            Effect::DeleteObjects { objects } => {
                for object in objects {
                    self.objects.remove(&object.name);
                }
            }
            Effect::CheckGone { release: _, manifest } => {
                let left = lines(manifest)
                    .filter(|(name, spec)| *spec != "keep" && self.objects.contains_key(*name));
                let left = left.map(|(name, _)| {
                    readiness(name, ReadyStatus::Terminating, "Resource scheduled for deletion")
                });
                return Outcome::Remaining(left.collect());
            }
            Effect::CompareLive {
                release: _,
                manifest,
                ignore,
            } => return Outcome::Compared(self.drift(manifest, ignore)),
            Effect::Park { .. } | Effect::Finish(_) => panic!("not to be performed: {effect:?}"),
        }
        Outcome::Done
    }

    /// What differs between a manifest and what is there.
    pub(crate) fn drift(&self, manifest: &str, ignore: &[Ignore]) -> Vec<ObjectDrift> {
        let live = |name: &str| {
            let live = self.objects.get(name)?;
            let meddled = self.meddled.contains(name);
            Some(json!({"spec": if meddled { "meddled with" } else { &live.spec }}))
        };
        lines(manifest)
            .filter_map(|(name, spec)| {
                plan::drift::compare(&object(name), &json!({"spec": spec}), live(name).as_ref(), ignore)
            })
            .collect()
    }

    /// The objects of a manifest that are not ready and must be.
    pub(crate) fn unready(&self, manifest: &str, optional: &[Selector]) -> Vec<ObjectReadiness> {
        required(manifest, optional)
            .filter_map(|(name, spec)| match self.scripts.get(&format!("{name}={spec}")) {
                Some(Script::Stuck | Script::Pending(_)) => {
                    Some(readiness(name, ReadyStatus::InProgress, "Ready: 0/1"))
                }
                Some(Script::Fails(_)) => Some(readiness(name, ReadyStatus::Failed, "broken")),
                None if self.objects.contains_key(name) => None,
                None => Some(readiness(name, ReadyStatus::NotFound, "Resource not found")),
            })
            .collect()
    }

    fn readiness(&self, manifest: &str, optional: &[Selector]) -> Outcome {
        let causes = required(manifest, optional).filter_map(|(name, spec)| {
            match self.scripts.get(&format!("{name}={spec}")) {
                Some(Script::Fails(category) | Script::Pending(category)) => Some(cause(name, *category)),
                Some(Script::Stuck) | None => None,
            }
        });
        Outcome::Readiness {
            objects: self.unready(manifest, optional),
            total: lines(manifest).count(),
            causes: causes.collect(),
            recheck_at: None,
        }
    }

    fn preflight(&self, apply: &Apply) -> Outcome {
        let based = |name: &str| {
            apply
                .base
                .as_deref()
                .is_some_and(|base| lines(base).any(|(known, _)| known == name))
        };
        for (name, _) in lines(&apply.target) {
            if !based(name) && self.objects.get(name).is_some_and(|object| !object.owned) {
                return Outcome::Failed(EffectError {
                    category: Category::OwnershipConflict,
                    class: ErrorClass::Permanent,
                    message: format!(
                        "Thing \"{name}\" exists and cannot be imported into the current release"
                    ),
                    objects: Vec::new(),
                });
            }
        }
        let missing = lines(&apply.target).filter(|(name, _)| !self.objects.contains_key(*name));
        Outcome::Preflighted {
            missing: missing.map(|(name, _)| object(name)).collect(),
        }
    }

    fn start_hook(&mut self, hook: &Hook, run: &HookRun) {
        let run_text = run.to_string();
        if self
            .objects
            .get(&hook.name)
            .is_some_and(|object| object.run.as_deref() == Some(&run_text))
        {
            return;
        }
        self.ran.push(format!("{} {}", run.event.as_str(), hook.name));
        self.runs.insert(format!("{run} {}", hook.name));
        let object = Object {
            spec: hook.manifest.clone(),
            owned: false,
            run: Some(run_text),
        };
        self.objects.insert(hook.name.clone(), object);
    }

    fn hook_state(&self, hook: &Hook, run: &HookRun) -> HookState {
        if self
            .objects
            .get(&hook.name)
            .is_none_or(|object| object.run.as_deref() != Some(&run.to_string()))
        {
            return HookState::Missing;
        }
        let name = &hook.name;
        match self.scripts.get(name) {
            None => HookState::Succeeded,
            Some(script @ (Script::Stuck | Script::Pending(_))) => HookState::Running {
                message: format!(
                    "resource Job/apps/{name} not ready. status: InProgress, message: Job in progress"
                ),
                causes: match script {
                    Script::Pending(category) => vec![cause(name, *category)],
                    Script::Stuck | Script::Fails(_) => Vec::new(),
                },
            },
            Some(Script::Fails(category)) => HookState::Failed {
                message: format!(
                    "resource Job/apps/{name} not ready. status: Failed, message: Job Failed. failed: 1/1"
                ),
                causes: vec![cause(name, *category)],
            },
        }
    }

    fn fault(&mut self, effect: &Effect) -> Option<EffectError> {
        if self.faults.is_empty() {
            return None;
        }
        let name = name(effect);
        let fault = self
            .faults
            .iter_mut()
            .find(|fault| fault.effect == name && fault.times > 0)?;
        fault.times -= 1;
        Some(fault.error.clone())
    }
}

/// The objects of a manifest.
pub(crate) fn lines(manifest: &str) -> impl Iterator<Item = (&str, &str)> {
    manifest.lines().filter_map(|line| line.split_once('='))
}

/// The objects of a manifest that are waited for.
fn required<'a>(manifest: &'a str, optional: &'a [Selector]) -> impl Iterator<Item = (&'a str, &'a str)> {
    lines(manifest).filter(|(name, _)| !Selector::any(optional, &object(name), &Value::Null))
}

pub(crate) fn object(name: &str) -> ObjectRef {
    ObjectRef {
        api_version: "v1".to_owned(),
        kind: "Thing".to_owned(),
        namespace: "apps".to_owned(),
        name: name.to_owned(),
    }
}

/// What the API server answers when there is nothing to write to.
fn refused(category: Category, words: &str) -> Outcome {
    Outcome::Failed(EffectError {
        category,
        class: ErrorClass::Permanent,
        message: words.to_owned(),
        objects: Vec::new(),
    })
}

fn readiness(name: &str, status: ReadyStatus, message: &str) -> ObjectReadiness {
    ObjectReadiness {
        object: object(name),
        status,
        message: message.to_owned(),
    }
}

fn cause(name: &str, category: Category) -> Cause {
    let object = ObjectRef {
        kind: "Pod".to_owned(),
        ..object(&format!("{name}-0"))
    };
    Cause {
        object,
        category,
        reason: format!("{category}"),
        message: "scripted".to_owned(),
        restarts: 9,
    }
}

/// The name of an effect, its variant.
pub(crate) fn name(effect: &Effect) -> String {
    let text = format!("{effect:?}");
    text.split([' ', '(', '{']).next().unwrap_or_default().to_owned()
}
