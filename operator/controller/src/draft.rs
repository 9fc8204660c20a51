//! The status under construction during one pass: what was stored, what changed, and the moments at which it is
//! written.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use api::condition::ConditionStatus;
use api::status::{ReleaseInfo, ResolvedChart};
use api::{HelmRelease, HelmReleaseStatus};
use helm::record::Revision;
use jiff::Timestamp;
use kube::ResourceExt;
use plan::status::{Condition, ConditionKind, Snapshot, Truth};
use plan::{Category, Desired, EffectError, ErrorClass, Inputs, Operation, Plan, Requests, Why};

use crate::context::Context;
use crate::inputs::Gathered;
use crate::observe::Look;
use crate::reconcile::ReconcileError;
use crate::{report, status};

/// The first pause after an error that is not the release's fault.
const FIRST_PAUSE: Duration = Duration::from_secs(1);

/// The longest such pause.
const LONGEST_PAUSE: Duration = Duration::from_mins(2);

/// One pass's view of a release.
pub(crate) struct Draft {
    /// The object as it is stored now.
    pub release: Arc<HelmRelease>,
    /// What the machine folds.
    pub snapshot: Snapshot,
    /// The status to be written.
    pub status: HelmReleaseStatus,
    /// Whether this specification was never looked at before this pass.
    pub new_generation: bool,
    /// What the release is made from, once that is known.
    inputs: Option<Inputs>,
    /// The operation as it was last written.
    persisted: Option<Operation>,
    requests: Requests,
    unreadable: Vec<Why>,
}

impl Draft {
    /// Begins with what is stored.
    pub(crate) fn new(release: Arc<HelmRelease>) -> Self {
        let stored = release.status.clone().unwrap_or_default();
        let annotations: BTreeMap<String, String> = release.annotations().clone();
        let (requests, unreadable) = plan::requests::read(&annotations, &stored.handled_requests);
        let snapshot = status::snapshot(&stored);
        let mut draft = Self {
            new_generation: release.metadata.generation != Some(stored.observed_generation),
            inputs: None,
            persisted: snapshot.operation.clone(),
            snapshot,
            status: stored,
            requests,
            unreadable: Vec::new(),
            release,
        };
        for (kind, why) in unreadable {
            // It counts as handled once it was told.
            if let Some(text) = annotations.get(&format!("{}{}", plan::requests::PREFIX, kind.key())) {
                draft
                    .status
                    .handled_requests
                    .insert(kind.key().to_owned(), plan::requests::echo(text).into_owned());
            }
            draft.unreadable.push(why);
        }
        draft
    }

    /// Requests that are not handled yet.
    pub(crate) fn requests(&self) -> Requests {
        self.requests.clone()
    }

    fn generation(&self) -> i64 {
        self.release.metadata.generation.unwrap_or_default()
    }

    /// The first write for a new generation, before any request about the release itself: work has begun.
    pub(crate) async fn announce(&mut self, ctx: &Context) -> Result<(), ReconcileError> {
        let deleting = self.release.metadata.deletion_timestamp.is_some();
        if self.release.spec.suspend || !(self.new_generation || deleting) {
            return Ok(());
        }
        let ready = if deleting { Truth::False } else { Truth::Unknown };
        let message = if deleting {
            "deletion is under way"
        } else {
            "a new specification is being looked at"
        };
        let mut conditions = self.kept();
        conditions.extend([
            condition(ConditionKind::Ready, ready, Category::Progressing, message),
            condition(
                ConditionKind::Reconciling,
                Truth::True,
                Category::Progressing,
                message,
            ),
        ]);
        if deleting && !self.new_generation {
            // Told once: later passes of a deletion keep what the uninstall says.
            return Ok(());
        }
        let generation = self.generation();
        report::set_conditions(&mut self.status, &conditions, generation);
        self.write(ctx).await
    }

    /// The conditions about revisions, which a new specification does not make untrue.
    fn kept(&self) -> Vec<Condition> {
        use api::ConditionType as Type;
        let kinds = [
            (Type::Released, ConditionKind::Released),
            (Type::TestSuccess, ConditionKind::TestSuccess),
            (Type::Drifted, ConditionKind::Drifted),
        ];
        let kept = |(from, kind): (Type, ConditionKind)| {
            let found = api::condition::find_condition(&self.status.conditions, from)?;
            let reason = Category::ALL
                .iter()
                .copied()
                .find(|category| category.as_str() == found.reason)?;
            let truth = match found.status {
                ConditionStatus::True => Truth::True,
                ConditionStatus::False => Truth::False,
                ConditionStatus::Unknown => Truth::Unknown,
            };
            Some(condition(kind, truth, reason, &found.message))
        };
        kinds.into_iter().filter_map(kept).collect()
    }

    /// The chart was found.
    pub(crate) fn resolved(&mut self, gathered: &Gathered) {
        self.inputs = Some(gathered.inputs.clone());
        let Some(chart) = &gathered.chart else { return };
        let digest = chart.resolved.digest.map(|digest| digest.to_string());
        let version = chart.resolved.version.clone();
        let same = |old: &&ResolvedChart| old.version == version && old.digest == digest;
        let resolved_at = self
            .status
            .chart
            .as_ref()
            .filter(same)
            .map_or_else(|| Timestamp::now().into(), |old| old.resolved_at);
        let message = format!(
            "chart {} {version} from {}",
            chart.resolved.name, chart.resolved.url
        );
        self.status.chart = Some(ResolvedChart {
            version,
            digest,
            resolved_at,
        });
        let generation = self.generation();
        report::resolved(
            &mut self.status,
            ConditionStatus::True,
            Category::InSync,
            &message,
            generation,
        );
    }

    /// Storage was looked at.
    pub(crate) fn observed(&mut self, desired: &Desired, look: &mut Look) {
        self.snapshot = plan::status::synced(std::mem::take(&mut self.snapshot), desired, &mut look.observed);
        if let Some((revision, record)) = look.records.last_key_value() {
            self.status.release = Some(release_info(*revision, record));
        }
        if let Some(live) = &look.observed.live {
            self.status.inventory = Some(status::inventory(live.total, live.unready.len()));
        }
    }

    /// A decision was made: requests it took care of are echoed, refused ones told.
    pub(crate) async fn decided(&mut self, ctx: &Context, plan: &Plan) {
        for (kind, token) in &plan.handled {
            self.status
                .handled_requests
                .insert(kind.key().to_owned(), token.clone());
        }
        let unreadable = std::mem::take(&mut self.unreadable);
        for why in plan.refused.iter().chain(&unreadable) {
            ctx.reporter
                .event(&self.release, why.category, &why.message)
                .await;
        }
        self.requests = Requests::default();
    }

    /// Writes the operation if a crash after this point needs it: see [`worth_writing`].
    pub(crate) async fn persist(&mut self, ctx: &Context, plan: &Plan) -> Result<(), ReconcileError> {
        let due = match (&self.persisted, &self.snapshot.operation) {
            (Some(old), Some(new)) => worth_writing(old, new),
            (None, None) => false,
            (Some(_), None) | (None, Some(_)) => true,
        };
        if due {
            self.settle(ctx, plan, None).await
        } else {
            Ok(())
        }
    }

    /// Writes everything, with the conditions that belong to a decision.
    pub(crate) async fn settle(
        &mut self,
        ctx: &Context,
        plan: &Plan,
        parked: Option<&Why>,
    ) -> Result<(), ReconcileError> {
        let generation = self.generation();
        status::write(&mut self.status, &self.snapshot, self.inputs.as_ref());
        if let Some(conditions) = plan::status::conditions(plan, &self.snapshot, parked) {
            report::set_conditions(&mut self.status, &conditions, generation);
        }
        self.write(ctx).await
    }

    /// The object can't be followed as it is.
    pub(crate) async fn stall(&mut self, ctx: &Context, why: &Why) -> Result<(), ReconcileError> {
        let mut conditions = self.kept();
        conditions.push(condition(
            ConditionKind::Ready,
            Truth::False,
            why.category,
            &why.message,
        ));
        conditions.push(condition(
            ConditionKind::Stalled,
            Truth::True,
            why.category,
            &why.message,
        ));
        let generation = self.generation();
        report::set_conditions(&mut self.status, &conditions, generation);
        self.write(ctx).await
    }

    /// Chart or values could not be had. Gives the time to the next try.
    pub(crate) async fn not_gathered(
        &mut self,
        ctx: &Context,
        error: &EffectError,
        interval: Duration,
    ) -> Result<Duration, ReconcileError> {
        let generation = self.generation();
        let pause = match error.class {
            ErrorClass::Transient => ctx
                .pauses
                .next(&self.release, FIRST_PAUSE, LONGEST_PAUSE.min(interval)),
            ErrorClass::Permanent | ErrorClass::Unhealthy => interval,
        };
        report::resolved(
            &mut self.status,
            ConditionStatus::False,
            error.category,
            &error.message,
            generation,
        );
        let was_ready = api::condition::is_true(&self.status.conditions, api::ConditionType::Ready);
        if error.class == ErrorClass::Transient && was_ready && !self.new_generation {
            // What runs is still what was asked for; only whether there is something newer is not known.
            self.write(ctx).await?;
            return Ok(pause);
        }
        let mut conditions = self.kept();
        conditions.push(condition(
            ConditionKind::Ready,
            Truth::False,
            error.category,
            &error.message,
        ));
        let second = match error.class {
            ErrorClass::Transient => ConditionKind::Reconciling,
            ErrorClass::Permanent | ErrorClass::Unhealthy => ConditionKind::Stalled,
        };
        conditions.push(condition(second, Truth::True, error.category, &error.message));
        report::set_conditions(&mut self.status, &conditions, generation);
        for (kind, token) in [
            ("reconcile", &self.requests.reconcile),
            ("retry", &self.requests.retry),
        ] {
            if let Some(token) = token {
                self.status
                    .handled_requests
                    .insert(kind.to_owned(), token.clone());
            }
        }
        self.write(ctx).await?;
        Ok(pause)
    }

    /// The release could not be looked at. Gives the time to the next try.
    pub(crate) async fn unseen(
        &mut self,
        ctx: &Context,
        error: &EffectError,
    ) -> Result<Duration, ReconcileError> {
        match error.class {
            ErrorClass::Transient => Ok(ctx.pauses.next(&self.release, FIRST_PAUSE, LONGEST_PAUSE)),
            ErrorClass::Permanent | ErrorClass::Unhealthy => {
                let why = Why {
                    category: error.category,
                    message: error.message.clone(),
                };
                self.stall(ctx, &why).await?;
                Ok(LONGEST_PAUSE)
            }
        }
    }

    async fn write(&mut self, ctx: &Context) -> Result<(), ReconcileError> {
        self.release = ctx.reporter.status(&self.release, &self.status).await?;
        self.persisted.clone_from(&self.snapshot.operation);
        Ok(())
    }
}

/// Whether an operation must be written before its next effect. Effects may be performed twice, so most steps need no
/// write of their own; those that may happen once (hooks) or that were learned from outside (failures, what existed
/// before) do, and so does a change that people watch.
fn worth_writing(old: &Operation, new: &Operation) -> bool {
    use plan::Step;
    let once = match new.step {
        Step::Hooks { .. } | Step::SweepHooks { .. } => new.step != old.step,
        Step::MarkUninstalling | Step::Delete | Step::Purge | Step::RecordFailure | Step::Conclude => {
            new.step != old.step
        }
        Step::Crds
        | Step::CrdsReady
        | Step::Preflight
        | Step::Namespace
        | Step::Replace
        | Step::Prune
        | Step::Store
        | Step::Apply
        | Step::Remove
        | Step::Probe
        | Step::Wait
        | Step::Supersede
        | Step::Compare
        | Step::Cleanup
        | Step::WaitGone
        | Step::MarkUninstalled
        | Step::Mark
        | Step::Finish => false,
    };
    let learned = |operation: &Operation| {
        let data = &operation.data;
        (
            data.hooks.clone(),
            data.created.clone(),
            data.failure.clone(),
            data.kept.clone(),
            data.parked_at,
        )
    };
    once || old.id != new.id || learned(old) != learned(new)
}

fn condition(kind: ConditionKind, status: Truth, reason: Category, message: &str) -> Condition {
    Condition {
        kind,
        status,
        reason,
        message: message.to_owned(),
    }
}

fn release_info(revision: Revision, record: &helm::record::Release) -> ReleaseInfo {
    let facts = crate::observe::facts(record);
    ReleaseInfo {
        name: record.name.clone(),
        namespace: record.namespace.clone(),
        revision: i64::from(revision.0),
        chart: facts.chart,
        version: facts.version,
        app_version: Some(facts.app_version).filter(|version| !version.is_empty()),
        status: status::status_out(record.info.status),
        first_deployed: facts.first_deployed.map(Into::into),
        last_deployed: facts.last_deployed.map(Into::into),
    }
}
