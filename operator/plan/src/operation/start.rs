//! From a decision to an operation, and from a stored operation back to a running one.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use helm::record::{ApplyMethod, LabelError, Release, Revision, Status, check_user_labels};
use jiff::Timestamp;

use super::{Materials, Operation, OperationData};
use crate::actions::{self, Phase, install, rollback, unlock, upgrade};
use crate::policy::{CrdPolicy, Replace};
use crate::{
    Action, Category, CrdFile, Desired, ErrorClass, Failure, MadeBy, Mark, Observed, OperationId, Payload,
    RevisionFacts, Stage, Step, Target, UnlockWhy, backoff, history,
};

/// What the caller gets ready before it starts or resumes an operation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Needs {
    /// The chart, rendered so.
    pub render: Option<RenderRequest>,
    /// Stored records, decoded, with their user labels.
    pub records: Vec<Revision>,
}

/// How a chart is rendered for an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RenderRequest {
    /// `.Release.Revision`.
    pub revision: Revision,
    /// `.Release.IsInstall`; `.Release.IsUpgrade` is the opposite.
    pub install: bool,
    /// The revision whose values a values policy reuses.
    pub reuse_from: Option<Revision>,
    /// Whether `crds/` will be created first. Then their kinds count as served, as they do for Helm, which creates
    /// them before it renders.
    pub crds: bool,
}

/// What the caller got ready.
#[derive(Clone, Debug, Default)]
pub struct Loaded {
    /// The rendered chart.
    pub payload: Option<Payload>,
    /// The stored records.
    pub records: BTreeMap<Revision, Arc<Release>>,
}

/// Why an operation cannot start. Nothing has happened yet.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StartError {
    /// A record is gone that the decision was built on: look again.
    #[error("start operation: revision {0} is gone")]
    RevisionGone(Revision),
    /// The caller did not render although it was asked to.
    #[error("start operation: the chart was not rendered")]
    NotRendered,
    /// A user label that would hide one of Helm's.
    #[error(transparent)]
    Labels(#[from] LabelError),
    /// Helm's words for a combination it refuses.
    #[error("invalid operation: cannot use server-side apply and force replace together")]
    ReplaceServerSide,
}

impl StartError {
    /// The reason and what it calls for.
    pub const fn category(&self) -> (Category, ErrorClass) {
        match self {
            Self::RevisionGone(_) | Self::NotRendered => (Category::Progressing, ErrorClass::Transient),
            Self::Labels(_) | Self::ReplaceServerSide => (Category::SpecInvalid, ErrorClass::Permanent),
        }
    }
}

impl Action {
    /// What starting this action takes.
    pub fn needs(&self, desired: &Desired, observed: &Observed) -> Needs {
        let revisions = &observed.revisions;
        let newest = history::newest(revisions).map(|facts| facts.revision);
        let current = history::current(revisions).map(|facts| facts.revision);
        let only = |revision: Option<Revision>| Needs {
            render: None,
            records: revision.into_iter().collect(),
        };
        let crds = |policy: CrdPolicy| policy != CrdPolicy::Skip;
        match self {
            Self::Install { .. } => Needs {
                render: Some(RenderRequest {
                    revision: newest.unwrap_or_default().next(),
                    install: true,
                    reuse_from: None,
                    crds: crds(desired.policy.install.crds),
                }),
                records: Vec::new(),
            },
            Self::Upgrade => Needs {
                render: Some(RenderRequest {
                    revision: newest.unwrap_or_default().next(),
                    install: false,
                    reuse_from: current.or(newest),
                    crds: crds(desired.policy.upgrade.crds),
                }),
                records: distinct(
                    [current, newest]
                        .into_iter()
                        .flatten()
                        .chain(history::unfinished(revisions)),
                ),
            },
            Self::Rollback { to, by: _, held: _ } => Needs {
                render: None,
                records: distinct(
                    [Some(*to), newest]
                        .into_iter()
                        .flatten()
                        .chain(history::unfinished(revisions)),
                ),
            },
            Self::Uninstall { .. } => Needs {
                render: None,
                records: distinct(newest.into_iter().chain(history::unfinished(revisions))),
            },
            Self::Heal { revision }
            | Self::Unlock { revision, why: _ }
            | Self::Adopt { revision }
            | Self::Test { revision }
            | Self::CorrectDrift { revision } => only(Some(*revision)),
        }
    }
}

impl Operation {
    /// What resuming this operation takes.
    pub fn needs(&self) -> Needs {
        let records = [self.revision]
            .into_iter()
            .chain(self.base)
            .chain(self.leftovers.iter().copied());
        Needs {
            render: None,
            records: distinct(records),
        }
    }
}

/// Starts an action. The operation is to be persisted, then [`super::begin`] gives its first effect.
///
/// # Assumptions
/// - `loaded` holds what [`Action::needs`] asked for, and `observed` is what the decision was made from.
/// - `id` was never used before.
///
/// # Errors
/// See [`StartError`]; nothing has happened then.
pub fn start(
    action: Action,
    desired: &Arc<Desired>,
    observed: &Observed,
    loaded: Loaded,
    id: OperationId,
) -> Result<(Operation, Materials), StartError> {
    let now = observed.now;
    let Loaded { payload, records } = loaded;
    let stored = |revision: Revision| {
        records
            .get(&revision)
            .cloned()
            .ok_or(StartError::RevisionGone(revision))
    };
    let newest = history::newest(&observed.revisions).map(|facts| facts.revision);
    let next = newest.unwrap_or_default().next();
    let mut crds: Arc<[CrdFile]> = Arc::from([]);
    let mut mark = unmarked(desired, id.clone());
    let (record, base) = match &action {
        Action::Install { replace: _ } => {
            let mut payload = payload.ok_or(StartError::NotRendered)?;
            check(desired, install::method(desired.policy.apply.method))?;
            crds = std::mem::take(&mut payload.crds).into();
            mark = Mark {
                made_by: MadeBy::Install,
                inputs: Some(desired.inputs.digest()),
                ..mark
            };
            (Arc::new(install::record(desired, payload, next, now)), None)
        }
        Action::Upgrade => {
            let mut payload = payload.ok_or(StartError::NotRendered)?;
            let last = stored(newest.unwrap_or_default())?;
            let current = history::current(&observed.revisions).map_or(last.version, |facts| facts.revision);
            let base = stored(current)?;
            check(desired, upgrade::method(desired.policy.apply.method, &last))?;
            crds = std::mem::take(&mut payload.crds).into();
            mark = Mark {
                made_by: MadeBy::Upgrade,
                inputs: Some(desired.inputs.digest()),
                ..mark
            };
            (
                Arc::new(upgrade::record(desired, payload, &base, &last, next, now)),
                Some(base),
            )
        }
        Action::Rollback { to, by: _, held } => {
            let target = stored(*to)?;
            let last = stored(newest.unwrap_or_default())?;
            let facts = observed.revisions.iter().find(|facts| facts.revision == *to);
            mark = Mark {
                made_by: MadeBy::Rollback,
                inputs: facts.and_then(|facts| observed.inputs_of(facts)).cloned(),
                held: held.clone(),
                copied: Some(*to),
                ..mark
            };
            let method = desired.policy.apply.method;
            (
                Arc::new(rollback::record(method, &last, &target, next, now)),
                Some(last),
            )
        }
        Action::Uninstall { .. } => {
            let record = stored(newest.unwrap_or_default())?;
            (record, None)
        }
        Action::Heal { revision }
        | Action::Unlock { revision, why: _ }
        | Action::Adopt { revision }
        | Action::Test { revision }
        | Action::CorrectDrift { revision } => (stored(*revision)?, None),
    };
    let leftovers = leftovers(&action, observed, base.as_deref().unwrap_or(&record));
    let leftovers = leftovers.into_iter().map(stored).collect::<Result<Vec<_>, _>>()?;
    if !makes_a_revision(&action) {
        mark = kept_mark(&action, observed, record.version, mark, desired);
    }
    let prunable = prunable(&action, desired, observed, base.as_deref());
    let materials = Materials {
        desired: Arc::clone(desired),
        target: target(desired, observed),
        revisions: observed.revisions.clone().into(),
        record,
        base,
        leftovers,
        mark,
        crds,
        prunable,
    };
    let mut operation = Operation {
        id,
        inputs: desired.inputs.digest(),
        revision: materials.record.version,
        base: materials.base.as_ref().map(|base| base.version),
        leftovers: materials.leftovers.iter().map(|record| record.version).collect(),
        step: Step::Finish,
        started_at: now,
        step_since: now,
        deadline: desired.policy.deadline.map(|budget| backoff::later(now, budget)),
        data: OperationData {
            failure: closed(&action, now),
            ..OperationData::default()
        },
        action,
    };
    operation.step = actions::trail(&materials, &operation)
        .first()
        .map_or(Step::Finish, |phase| phase.first_step());
    Ok((operation, materials))
}

/// Takes up an operation after a crash or a pause. [`super::begin`] gives the effect of its present step.
///
/// # Errors
/// [`StartError::RevisionGone`] when a record was not loaded; look again then.
pub fn resume(
    operation: &Operation,
    desired: &Arc<Desired>,
    observed: &Observed,
    loaded: Loaded,
) -> Result<Materials, StartError> {
    let Loaded { payload: _, records } = loaded;
    let stored = |revision: Revision| {
        records
            .get(&revision)
            .cloned()
            .ok_or(StartError::RevisionGone(revision))
    };
    let fresh = unmarked(desired, operation.id.clone());
    Ok(Materials {
        desired: Arc::clone(desired),
        target: target(desired, observed),
        revisions: observed.revisions.clone().into(),
        record: stored(operation.revision)?,
        base: operation.base.map(stored).transpose()?,
        // The operation may have pruned them itself.
        leftovers: operation
            .leftovers
            .iter()
            .filter_map(|revision| stored(*revision).ok())
            .collect(),
        mark: kept_mark(&operation.action, observed, operation.revision, fresh, desired),
        crds: Arc::from([]),
        prunable: Vec::new(),
    })
}

/// The release worked on. As long as something is left of the one that status speaks of, it is that one.
fn target(desired: &Desired, observed: &Observed) -> Target {
    observed
        .previous
        .as_ref()
        .map_or_else(|| desired.target.clone(), |previous| previous.target.clone())
}

/// A mark that says no more than whose it is.
fn unmarked(desired: &Desired, operation: OperationId) -> Mark {
    Mark {
        owner: desired.owner.clone(),
        operation,
        made_by: MadeBy::External,
        inputs: None,
        held: None,
        copied: None,
        proven: false,
        tests: None,
        failed: None,
    }
}

/// The mark of a stored revision: its own, or what status remembers of it, or none of ours.
fn kept_mark(
    action: &Action,
    observed: &Observed,
    revision: Revision,
    fresh: Mark,
    desired: &Desired,
) -> Mark {
    let facts = facts(observed, revision);
    let own = facts
        .and_then(|facts| facts.mark.clone())
        .filter(|mark| mark.owner == fresh.owner);
    let mark = own.unwrap_or_else(|| match facts {
        Some(facts) => Mark {
            inputs: observed.inputs_of(facts).cloned(),
            proven: observed.is_proven(facts),
            made_by: made_by(facts.status),
            ..fresh
        },
        None => fresh,
    });
    match action {
        Action::Adopt { .. } => Mark {
            inputs: Some(desired.inputs.digest()),
            made_by: MadeBy::External,
            ..mark
        },
        Action::Install { .. }
        | Action::Upgrade
        | Action::Rollback { .. }
        | Action::Heal { .. }
        | Action::Uninstall { .. }
        | Action::Unlock { .. }
        | Action::Test { .. }
        | Action::CorrectDrift { .. } => mark,
    }
}

fn makes_a_revision(action: &Action) -> bool {
    match action {
        Action::Install { .. } | Action::Upgrade | Action::Rollback { .. } => true,
        Action::Heal { .. }
        | Action::Uninstall { .. }
        | Action::Unlock { .. }
        | Action::Adopt { .. }
        | Action::Test { .. }
        | Action::CorrectDrift { .. } => false,
    }
}

/// What a pending revision of somebody else was going to be, for the words that close it.
const fn made_by(status: Status) -> MadeBy {
    match status {
        Status::PendingInstall => MadeBy::Install,
        Status::PendingUpgrade => MadeBy::Upgrade,
        Status::PendingRollback => MadeBy::Rollback,
        Status::Unknown
        | Status::Deployed
        | Status::Uninstalled
        | Status::Superseded
        | Status::Failed
        | Status::Uninstalling => MadeBy::External,
    }
}

/// The failure that closing a revision records.
fn closed(action: &Action, now: Timestamp) -> Option<Failure> {
    let Action::Unlock { revision, why } = action else {
        return None;
    };
    let (category, class) = match why {
        UnlockWhy::Overtaken => return None,
        UnlockWhy::Superseded => (Category::Superseded, ErrorClass::Transient),
        UnlockWhy::Lost => (Category::Abandoned, ErrorClass::Transient),
        UnlockWhy::Abandoned => (Category::Abandoned, ErrorClass::Unhealthy),
    };
    Some(Failure {
        category,
        class,
        stage: Stage::Closed,
        message: unlock::error(*why).to_owned(),
        objects: Vec::new(),
        revision: Some(*revision),
        at: now,
    })
}

/// The failed revisions whose objects may still lie around, other than the one the patches start from.
fn leftovers(action: &Action, observed: &Observed, base: &Release) -> Vec<Revision> {
    match action {
        Action::Upgrade | Action::Rollback { .. } | Action::Uninstall { .. } => {
            history::unfinished(&observed.revisions)
                .into_iter()
                .filter(|revision| base.version != *revision)
                .collect()
        }
        Action::Install { .. }
        | Action::Heal { .. }
        | Action::Unlock { .. }
        | Action::Adopt { .. }
        | Action::Test { .. }
        | Action::CorrectDrift { .. } => Vec::new(),
    }
}

fn prunable(
    action: &Action,
    desired: &Desired,
    observed: &Observed,
    base: Option<&Release>,
) -> Vec<Revision> {
    let base = base.map(|base| base.version);
    match action {
        Action::Upgrade | Action::Rollback { .. } => {
            history::prunable(observed, base, desired.policy.history_max)
        }
        // Helm does not prune on install.
        Action::Install { .. }
        | Action::Heal { .. }
        | Action::Uninstall { .. }
        | Action::Unlock { .. }
        | Action::Adopt { .. }
        | Action::Test { .. }
        | Action::CorrectDrift { .. } => Vec::new(),
    }
}

fn check(desired: &Desired, method: ApplyMethod) -> Result<(), StartError> {
    check_user_labels(&desired.policy.labels)?;
    if desired.policy.apply.replace == Replace::Always && method == ApplyMethod::ServerSide {
        return Err(StartError::ReplaceServerSide);
    }
    Ok(())
}

fn facts(observed: &Observed, revision: Revision) -> Option<&RevisionFacts> {
    observed.revisions.iter().find(|facts| facts.revision == revision)
}

fn distinct(revisions: impl Iterator<Item = Revision>) -> Vec<Revision> {
    revisions.collect::<BTreeSet<_>>().into_iter().collect()
}

impl Operation {
    /// The name of the present phase, as status shows it.
    pub fn step_name(&self) -> String {
        match self.step.phase() {
            Phase::Hooks(event) => format!("Hooks({})", event.as_str()),
            phase => format!("{phase:?}"),
        }
    }
}
