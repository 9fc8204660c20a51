//! When two states are the same: identities of operations are numbered by where they appear, times count from now, and
//! what is long past is past.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use jiff::Timestamp;
use plan::{Failure, HookTimes, Mark, Operation, OperationId};

use super::model::{Idle, Model};

/// Beyond every timeout, pause and time of grace of the machine.
const LONG: i64 = 20 * 60;

struct Key {
    hasher: DefaultHasher,
    now: Timestamp,
    operations: BTreeMap<String, usize>,
}

impl Model {
    /// The state as a number.
    pub(super) fn key(&self) -> u64 {
        let mut key = Key {
            hasher: DefaultHasher::new(),
            now: self.world.cluster.now,
            operations: BTreeMap::new(),
        };
        key.model(self);
        key.hasher.finish()
    }
}

impl Key {
    fn put(&mut self, value: impl Hash) {
        value.hash(&mut self.hasher);
    }

    fn time(&mut self, time: Option<Timestamp>) {
        let since = time.map(|time| time.duration_since(self.now).as_secs().clamp(-LONG, LONG));
        self.put(since);
    }

    fn operation_id(&mut self, id: &str) {
        let next = self.operations.len();
        let number = *self.operations.entry(id.to_owned()).or_insert(next);
        self.put(number);
    }

    fn model(&mut self, model: &Model) {
        let Model {
            world,
            running,
            idle,
            ghost,
            looks,
            ..
        } = model;
        let cluster = &world.cluster;
        for (revision, secret) in &cluster.secrets {
            let release = &secret.release;
            self.put((
                revision,
                release.info.status as u8,
                &release.manifest,
                release.config["v"].as_str(),
            ));
            self.time(release.info.last_deployed.map(|time| time.at));
            self.time(Some(secret.created_at));
            self.time(Some(secret.updated_at));
            self.mark(secret.mark.as_ref());
        }
        for (name, object) in &cluster.objects {
            self.put((name, &object.spec, object.owned));
            if let Some((operation, event)) = object.run.as_deref().and_then(|run| run.split_once('/')) {
                self.operation_id(operation);
                self.put(event);
            }
        }
        self.put((cluster.scripts.len(), &world.values, world.deleting));
        self.put((world.requests.rollback.is_some(), world.requests.retry.is_some()));
        self.put((&ghost.good, ghost.meddled, looks));
        match idle {
            Idle::Busy => self.put(0_u8),
            Idle::Until(until) => self.time(Some(*until)),
            Idle::Quiet(_) => self.put(1_u8),
        }
        self.put(running.is_some());
        if let Some(running) = running {
            let ctx = &running.ctx;
            self.put((&ctx.desired.inputs.values.0, ctx.desired.deleting, &ctx.prunable));
            for facts in ctx.revisions.iter() {
                self.put((facts.revision, facts.status as u8));
            }
        }
        let status = &world.status;
        self.operation(status.operation.as_ref());
        for entry in &status.history {
            self.put((
                entry.revision,
                entry.status as u8,
                entry.made_by,
                entry.proven,
                entry.tests,
            ));
            self.put(entry.inputs.as_ref().map(|digest| &digest.0));
        }
        self.failure(status.failure.as_ref());
        if let Some(attempts) = &status.attempts {
            self.put((
                &attempts.inputs,
                attempts.failures,
                attempts.retreats,
                attempts.uninstalled,
            ));
            self.time(attempts.next_retry_at);
        }
        self.put(
            status
                .held
                .as_ref()
                .map(|held| (&held.inputs, held.revision, held.requested, held.incomplete.len())),
        );
        self.time(status.corrected_at);
    }

    fn mark(&mut self, mark: Option<&Mark>) {
        let Some(Mark {
            owner: _,
            operation,
            made_by,
            inputs,
            held,
            copied,
            proven,
            tests,
            failed,
        }) = mark
        else {
            return self.put(false);
        };
        self.operation_id(&operation.0);
        self.put((made_by, inputs, held, copied, proven, tests, failed));
    }

    fn operation(&mut self, operation: Option<&Operation>) {
        let Some(Operation {
            id: OperationId(id),
            action,
            revision,
            base,
            leftovers,
            inputs,
            step,
            started_at: _,
            step_since,
            deadline,
            data,
        }) = operation
        else {
            return self.put(false);
        };
        self.operation_id(id);
        self.put((format!("{action:?}"), revision, base, leftovers, inputs, step));
        self.time(Some(*step_since));
        self.time(*deadline);
        for (place, times) in &data.hooks {
            let HookTimes {
                started_at,
                completed_at,
                succeeded,
                limit_from,
            } = times;
            self.put((place, completed_at.is_some(), succeeded));
            self.time(Some(*started_at));
            self.time(*limit_from);
        }
        for suspect in &data.suspects {
            self.put((&suspect.object, suspect.category));
            self.time(Some(suspect.since));
        }
        self.failure(data.failure.as_ref());
        self.time(data.ready_since);
        self.time(data.progress.as_ref().map(|progress| progress.since));
        self.time(data.parked_at);
        self.put((
            &data.created,
            data.incomplete.len(),
            data.ready,
            data.transient.min(10),
        ));
    }

    fn failure(&mut self, failure: Option<&Failure>) {
        self.put(failure.map(|failure| (failure.category, failure.class, failure.stage, failure.revision)));
        self.time(failure.map(|failure| failure.at));
    }
}
