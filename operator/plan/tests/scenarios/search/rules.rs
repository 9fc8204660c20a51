//! What must hold whatever happens.
//!
//! 1. At most one revision is deployed.
//! 2. Never two writers: a pending revision of ours is the newest when objects are written for it; nothing is written
//!    while somebody else's revision is pending and young; of our revisions at most one is pending; no hook object is
//!    created twice for one run.
//! 3. Always progress or a stated reason: no look follows look for ever without a pause, every pause and every stall
//!    says why, and at rest nothing of ours is pending and no operation is left in status.
//! 4. The last good revision is never pruned, as long as its mark or status still tells that it is good.

use std::collections::BTreeSet;

use helm::record::{Revision, Status};
use plan::status::{ConditionKind, Truth, conditions};
use plan::{Action, Decision, Effect, MadeBy, Rest, Step, Why};

use super::model::{Idle, Model, Running};
use crate::world::World;

/// What a rule remembers and the machine does not know.
#[derive(Clone)]
pub(super) struct Ghost {
    /// Revisions that carried our word that they are good, of the present life.
    pub(super) good: BTreeSet<Revision>,
    /// Whether anybody else was at work.
    pub(super) meddled: bool,
    /// The revisions that were there at the last look.
    seen: BTreeSet<Revision>,
    /// The last good one of them.
    good_seen: Option<Revision>,
}

impl Ghost {
    pub(super) fn of(world: &World) -> Self {
        let mut ghost = Self {
            good: BTreeSet::new(),
            meddled: false,
            seen: BTreeSet::new(),
            good_seen: None,
        };
        ghost.see(world);
        ghost
    }

    /// Something changed.
    pub(super) fn see(&mut self, world: &World) {
        let secrets = &world.cluster.secrets;
        let settled = |revision: &Revision| {
            let status = secrets.get(revision).map(|secret| secret.release.info.status);
            matches!(status, Some(Status::Deployed | Status::Superseded))
        };
        self.good.retain(settled);
        for (revision, secret) in secrets {
            let Some(mark) = &secret.mark else { continue };
            if mark.made_by == MadeBy::Install && self.good.iter().next_back() < Some(revision) {
                // A new life: what was good before it is not what a rollback goes to.
                self.good.retain(|good| good >= revision);
            }
            if mark.proven && settled(revision) {
                self.good.insert(*revision);
            }
        }
    }

    /// The operator looks.
    pub(super) fn looked(&mut self, world: &World) {
        self.seen = world.cluster.secrets.keys().copied().collect();
        // A revision whose mark somebody's helm wiped off and that status forgot is known to be good by nobody.
        let remembered = world.status.remembered();
        let told = |revision: &&Revision| {
            let mark = world
                .cluster
                .secrets
                .get(revision)
                .and_then(|secret| secret.mark.as_ref());
            mark.is_some_and(|mark| mark.proven)
                || remembered
                    .iter()
                    .any(|memory| memory.revision == **revision && memory.proven)
        };
        self.good_seen = self.good.iter().rev().find(told).copied();
    }
}

/// Whether an effect may be performed in this state.
pub(super) fn allowed(model: &Model, running: &Running) -> Result<(), String> {
    let Running {
        ctx: _,
        operation,
        effect,
    } = running;
    let secrets = &model.world.cluster.secrets;
    let writes_objects = match effect {
        Effect::Apply(_)
        | Effect::DeleteRemoved { .. }
        | Effect::DeleteManifest { .. }
        | Effect::StartHook { .. } => true,
        Effect::CreateNamespace { .. }
        | Effect::ApplyCrds { .. }
        | Effect::Preflight(_)
        | Effect::DeleteRevisions { .. }
        | Effect::CreateRelease { .. }
        | Effect::UpdateRelease { .. }
        | Effect::Supersede { .. }
        | Effect::MarkRevision { .. }
        | Effect::ClearHook { .. }
        | Effect::CheckHook { .. }
        | Effect::DeleteHook { .. }
        | Effect::CheckReady { .. }
        | Effect::DeleteObjects { .. }
        | Effect::CheckGone { .. }
        | Effect::CompareLive { .. }
        | Effect::Park { .. }
        | Effect::Finish(_) => false,
    };
    if writes_objects {
        // Somebody may have come since the last look; then the next one finds out.
        let newest = model.ghost.seen.iter().next_back();
        if newest.is_some_and(|newest| *newest > operation.revision) {
            return Err(format!(
                "objects are written for revision {} although {newest:?} was seen",
                operation.revision
            ));
        }
        let stored = secrets
            .get(&operation.revision)
            .map(|secret| secret.release.info.status);
        let makes = matches!(
            operation.action,
            Action::Install { .. } | Action::Upgrade | Action::Rollback { .. }
        );
        if makes && !model.ghost.meddled && !stored.is_some_and(Status::is_pending) {
            return Err(format!(
                "objects are written for revision {}, which is {stored:?}",
                operation.revision
            ));
        }
    }
    if let (Effect::DeleteRevisions { revisions }, Step::Prune) = (effect, operation.step)
        && let Some(good) = model.ghost.good_seen
        && revisions.contains(&good)
    {
        return Err(format!("revision {good} is pruned, the last good one"));
    }
    if let Effect::StartHook { hook, run, .. } = effect {
        let word = format!("{} {}", run.event.as_str(), hook.name);
        let object = model.world.cluster.objects.get(&hook.name);
        let adopted = object.is_some_and(|object| object.run.as_deref() == Some(&run.to_string()));
        let run = format!("{run} {}", hook.name);
        if !adopted && model.world.cluster.runs.contains(&run) {
            return Err(format!("hook {word} runs twice"));
        }
    }
    Ok(())
}

/// Whether a reason is one.
pub(super) fn stated(why: &Why) -> Result<(), String> {
    if why.message.is_empty() {
        return Err(format!("{} without a word", why.category));
    }
    Ok(())
}

/// The rule that a state breaks.
pub(super) fn broken(model: &Model) -> Option<String> {
    let secrets = &model.world.cluster.secrets;
    let with = |wanted: fn(Status) -> bool| -> Vec<Revision> {
        let has = |revision: &&Revision| wanted(secrets[*revision].release.info.status);
        secrets.keys().filter(has).copied().collect()
    };
    let deployed = with(|status| status == Status::Deployed);
    if deployed.len() > 1
        && (!model.ghost.meddled || matches!(model.idle, Idle::Quiet(_)) && model.running.is_none())
    {
        return Some(format!("several revisions are deployed: {deployed:?}"));
    }
    let pending: Vec<Revision> = with(Status::is_pending)
        .into_iter()
        .filter(|revision| secrets[revision].mark.is_some())
        .collect();
    if pending.len() > 1 {
        return Some(format!("several revisions of ours are pending: {pending:?}"));
    }
    let Idle::Quiet(decision) = &model.idle else {
        return None;
    };
    if model.running.is_some() {
        return None;
    }
    if let Some(operation) = &model.world.status.operation {
        return Some(format!("at rest with an operation in status: {operation:?}"));
    }
    if !pending.is_empty() && **decision != Decision::Done(Rest::Released) {
        return Some(format!("at rest with a pending revision of ours: {pending:?}"));
    }
    if let Decision::Stall { why } = &**decision
        && let Err(broken) = stated(why)
    {
        return Some(broken);
    }
    readiness(model, decision)
}

/// What `Ready=True` promises, and that something is said whenever it is not.
fn readiness(model: &Model, decision: &Decision) -> Option<String> {
    let world = &model.world;
    let plan = world.plan.as_ref()?;
    let list = conditions(plan, &world.status, None)?;
    let ready = list
        .iter()
        .find(|condition| condition.kind == ConditionKind::Ready)?;
    let newest = world.cluster.secrets.values().next_back();
    let status = newest.map(|secret| secret.release.info.status);
    if ready.status == Truth::True && status != Some(Status::Deployed) {
        return Some(format!("Ready although the newest revision is {status:?}"));
    }
    if ready.status != Truth::True && ready.message.is_empty() {
        return Some("not Ready, and nobody says why".to_owned());
    }
    let in_sync = matches!(decision, Decision::Done(Rest::InSync { drifted: false, .. }));
    let manifest = newest.map_or("", |secret| secret.release.manifest.as_str());
    let drift = world.cluster.drift(manifest, &world.policy.drift_ignore);
    if in_sync && !drift.is_empty() && world.policy.drift != plan::policy::DriftPolicy::Ignore {
        return Some(format!("in sync although objects differ: {drift:?}"));
    }
    if *decision == Decision::Done(Rest::Released) && !model.ghost.meddled {
        let left: Vec<&String> = world
            .cluster
            .objects
            .iter()
            .filter(|(_, object)| object.owned)
            .map(|(name, _)| name)
            .collect();
        let kept = world.policy.uninstall.keep_history;
        let histories = if kept { 0 } else { world.cluster.secrets.len() };
        if world.deleting && (histories > 0 || !left.is_empty()) {
            return Some(format!(
                "released, but {histories} revisions and objects {left:?} are left"
            ));
        }
    }
    None
}
