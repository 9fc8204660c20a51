//! What each step wants done.

use std::sync::Arc;
use std::time::Duration;

use helm::record::{ApplyMethod, Status};
use jiff::Timestamp;

use super::{Materials, Operation, Step, hooks, records};
use crate::actions::Phase;
use crate::policy::{CrdPolicy, Ownership, Policy, Replace, WaitFor, WaitPolicy};
use crate::{Action, Apply, Effect, MadeBy, RevisionFacts};

/// The effect of the present step; `None` when there is nothing to do in it.
pub(super) fn of(ctx: &Materials, operation: &Operation, now: Timestamp) -> Option<Effect> {
    let policy = &*ctx.desired.policy;
    let release = || ctx.target.clone();
    match operation.step {
        Step::Crds => (crd_policy(policy, operation) != CrdPolicy::Skip && !ctx.crds.is_empty()).then(|| {
            let replace = crd_policy(policy, operation) == CrdPolicy::CreateReplace;
            Effect::ApplyCrds {
                files: Arc::clone(&ctx.crds),
                replace,
            }
        }),
        Step::CrdsReady => {
            (crd_policy(policy, operation) != CrdPolicy::Skip && !ctx.crds.is_empty()).then(|| {
                let texts: Vec<&str> = ctx.crds.iter().map(|file| file.text.as_str()).collect();
                Effect::CheckReady {
                    release: release(),
                    manifest: texts.join("\n---\n").into(),
                    jobs: false,
                    optional: Arc::from([]),
                }
            })
        }
        Step::Preflight => preflight(ctx, operation).map(Effect::Preflight),
        Step::Namespace => {
            let namespace = ctx.target.namespace.clone();
            policy
                .create_namespace
                .then_some(Effect::CreateNamespace { name: namespace })
        }
        Step::Replace => replaced(ctx, operation),
        Step::Prune => {
            let revisions = ctx.prunable.clone();
            (!revisions.is_empty()).then_some(Effect::DeleteRevisions { revisions })
        }
        Step::Store => Some(Effect::CreateRelease {
            release: Arc::new(records::working(ctx, operation)),
            mark: ctx.mark.clone(),
        }),
        Step::Hooks { .. } | Step::SweepHooks { .. } => hooks::effect(ctx, operation),
        Step::Apply => (!ctx.record.manifest.is_empty() || ctx.base.is_some())
            .then(|| Effect::Apply(apply(ctx, operation))),
        Step::Remove => removed(ctx, operation),
        Step::Probe => Some(check_ready(ctx, operation)),
        Step::Wait => (wait_policy(ctx).target == WaitFor::Ready).then(|| check_ready(ctx, operation)),
        Step::Supersede => {
            let revisions = records::superseded(ctx, operation);
            (!revisions.is_empty()).then_some(Effect::Supersede {
                revisions,
                description: None,
            })
        }
        Step::Conclude => {
            let (record, mark) = records::concluded(ctx, operation);
            Some(Effect::UpdateRelease {
                release: Arc::new(record),
                mark: Some(mark),
            })
        }
        Step::Compare => Some(Effect::CompareLive {
            release: release(),
            manifest: ctx.record.manifest.as_str().into(),
            ignore: Arc::clone(&policy.drift_ignore),
        }),
        Step::RecordFailure => operation.data.failure.as_ref().map(|failure| {
            let (record, mark) = records::failed(ctx, operation, failure);
            Effect::UpdateRelease {
                release: Arc::new(record),
                mark: Some(mark),
            }
        }),
        Step::Cleanup => {
            let objects = operation.data.created.clone();
            (!objects.is_empty()).then_some(Effect::DeleteObjects { objects })
        }
        Step::MarkUninstalling => Some(Effect::UpdateRelease {
            release: Arc::new(records::working(ctx, operation)),
            mark: None,
        }),
        Step::Delete => Some(Effect::DeleteManifest {
            release: release(),
            manifest: ctx.record.manifest.as_str().into(),
            propagation: policy.uninstall.propagation,
        }),
        Step::WaitGone => (wait_policy(ctx).target == WaitFor::Ready).then(|| Effect::CheckGone {
            release: release(),
            manifest: ctx.record.manifest.as_str().into(),
        }),
        Step::MarkUninstalled => {
            let (record, mark) = records::uninstalled(ctx, operation);
            Some(Effect::UpdateRelease {
                release: Arc::new(record),
                mark: Some(mark),
            })
        }
        Step::Purge => Some(Effect::DeleteRevisions {
            revisions: ctx.revisions.iter().map(|facts| facts.revision).collect(),
        }),
        Step::Mark => Some(Effect::MarkRevision {
            revision: operation.revision,
            mark: records::adopted(ctx, operation),
        }),
        Step::Finish => Some(records::finish(ctx, operation, now)),
    }
}

/// The budget of one wait or one hook.
pub(super) fn timeout(ctx: &Materials, operation: &Operation) -> Duration {
    /// Helm's answer to a timeout of zero (`pkg/kube/statuswait.go`).
    const WHEN_ZERO: Duration = Duration::from_secs(30);
    /// How long Helm waits for custom resource definitions (`pkg/action/install.go`).
    const CRDS: Duration = Duration::from_mins(1);
    let policy = &ctx.desired.policy;
    let by_maker = match ctx.mark.made_by {
        MadeBy::Install => policy.install.timeout,
        MadeBy::Upgrade | MadeBy::External => policy.upgrade.timeout,
        MadeBy::Rollback => policy.rollback.timeout,
    };
    let timeout = match (&operation.action, operation.step.phase()) {
        (_, Phase::Crds) => CRDS,
        (Action::Uninstall { .. }, _) => policy.uninstall.timeout,
        (Action::Test { .. }, _) => policy.test.timeout,
        (
            Action::Install { .. }
            | Action::Upgrade
            | Action::Rollback { .. }
            | Action::Heal { .. }
            | Action::Unlock { .. }
            | Action::Adopt { .. }
            | Action::CorrectDrift { .. },
            _,
        ) => by_maker,
    };
    if timeout.is_zero() { WHEN_ZERO } else { timeout }
}

/// What counts as ready for the revision.
pub(super) fn wait_policy(ctx: &Materials) -> &WaitPolicy {
    match ctx.mark.made_by {
        MadeBy::Rollback => &ctx.desired.policy.rollback.wait,
        MadeBy::Install | MadeBy::Upgrade | MadeBy::External => &ctx.desired.policy.wait,
    }
}

fn check_ready(ctx: &Materials, _operation: &Operation) -> Effect {
    Effect::CheckReady {
        release: ctx.target.clone(),
        manifest: ctx.record.manifest.as_str().into(),
        jobs: wait_policy(ctx).jobs,
        optional: Arc::clone(&wait_policy(ctx).optional),
    }
}

/// What the record no longer wants. An uninstall wants nothing: what its manifest names goes in its own order.
fn removed(ctx: &Materials, operation: &Operation) -> Option<Effect> {
    let base = match operation.action {
        Action::Uninstall { .. } => (!ctx.leftovers.is_empty()).then_some(&ctx.record)?,
        Action::Install { .. }
        | Action::Upgrade
        | Action::Rollback { .. }
        | Action::Heal { .. }
        | Action::Unlock { .. }
        | Action::Adopt { .. }
        | Action::Test { .. }
        | Action::CorrectDrift { .. } => ctx.base.as_ref()?,
    };
    Some(Effect::DeleteRemoved {
        release: ctx.target.clone(),
        target: ctx.record.manifest.as_str().into(),
        base: base.manifest.as_str().into(),
        leftovers: ctx
            .leftovers
            .iter()
            .map(|record| record.manifest.as_str().into())
            .collect(),
    })
}

const fn crd_policy(policy: &Policy, operation: &Operation) -> CrdPolicy {
    match operation.action {
        Action::Install { .. } => policy.install.crds,
        Action::Upgrade => policy.upgrade.crds,
        Action::Heal { .. }
        | Action::Rollback { .. }
        | Action::Uninstall { .. }
        | Action::Unlock { .. }
        | Action::Adopt { .. }
        | Action::Test { .. }
        | Action::CorrectDrift { .. } => CrdPolicy::Skip,
    }
}

/// Whether objects created by a failed operation are deleted.
pub(super) fn cleans_up(policy: &Policy, action: &Action) -> bool {
    match action {
        Action::Upgrade => policy.upgrade.cleanup_on_fail,
        Action::Rollback { .. } => policy.rollback.cleanup_on_fail,
        Action::Install { .. }
        | Action::Heal { .. }
        | Action::Uninstall { .. }
        | Action::Unlock { .. }
        | Action::Adopt { .. }
        | Action::Test { .. }
        | Action::CorrectDrift { .. } => false,
    }
}

/// A rollback takes back objects whoever owns them, so it looks ahead only to learn what it will create.
fn preflight(ctx: &Materials, operation: &Operation) -> Option<Apply> {
    let apply = apply(ctx, operation);
    match operation.action {
        Action::Rollback { .. } => {
            let looks = ctx.desired.policy.rollback.cleanup_on_fail;
            looks.then_some(Apply {
                ownership: Ownership::Take,
                ..apply
            })
        }
        Action::Install { .. }
        | Action::Upgrade
        | Action::Heal { .. }
        | Action::Uninstall { .. }
        | Action::Unlock { .. }
        | Action::Adopt { .. }
        | Action::Test { .. }
        | Action::CorrectDrift { .. } => Some(apply),
    }
}

fn apply(ctx: &Materials, operation: &Operation) -> Apply {
    let policy = &ctx.desired.policy;
    let method = ctx.record.method();
    let target: Arc<str> = ctx.record.manifest.as_str().into();
    let (base, switches) = match operation.action {
        Action::Install { .. } => (None, true),
        Action::Upgrade => {
            let base = ctx.base.as_ref();
            (
                base.map(|base| Arc::from(base.manifest.as_str())),
                base.is_some_and(|base| base.method() == ApplyMethod::ClientSide),
            )
        }
        Action::Rollback { .. } => (
            ctx.base.as_ref().map(|base| Arc::from(base.manifest.as_str())),
            true,
        ),
        Action::Heal { .. }
        | Action::Uninstall { .. }
        | Action::Unlock { .. }
        | Action::Adopt { .. }
        | Action::Test { .. }
        | Action::CorrectDrift { .. } => (Some(Arc::clone(&target)), false),
    };
    Apply {
        release: ctx.target.clone(),
        target,
        base,
        method,
        conflicts: policy.apply.conflicts,
        // A rollback follows the method of its target, whatever the policy was made for.
        replace: if method == ApplyMethod::ServerSide {
            Replace::Never
        } else {
            policy.apply.replace
        },
        ownership: policy.apply.ownership,
        validation: policy.validation,
        migrate_managers: switches && method == ApplyMethod::ServerSide,
    }
}

/// An install that takes the place of an uninstalled release supersedes its last revision; a failed one is left as
/// it is.
fn replaced(ctx: &Materials, operation: &Operation) -> Option<Effect> {
    let Action::Install { replace: true } = operation.action else {
        return None;
    };
    let before = |facts: &&RevisionFacts| facts.revision < operation.revision;
    let last = ctx
        .revisions
        .iter()
        .rev()
        .find(before)
        .filter(|facts| facts.status == Status::Uninstalled)?;
    let description = Some("superseded by new release".to_owned());
    Some(Effect::Supersede {
        revisions: vec![last.revision],
        description,
    })
}
