//! A world: one custom resource, its status, the cluster, and the loop that reconciles them.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use helm::hooks::{Hook, HookDeletePolicy, HookEvent};
use helm::name::ReleaseName;
use helm::record::{ChartRecord, Namespace, Revision, Status, json_digest};
use jiff::Timestamp;
use plan::policy::Policy;
use plan::requests::RequestKind;
use plan::status::{ConditionKind, Snapshot, Truth, conditions};
use plan::{
    Action, Category, CrdFile, Decision, Desired, Digest, Effect, ErrorClass, Inputs, Live, Loaded,
    Materials, Needs, Observed, Operation, OperationId, Payload, Plan, PreviousTarget, Progress, RecordFacts,
    ReleaseState, Requests, RevisionFacts, StartError, Target, Why,
};
use serde_json::{Map, json};

use crate::cluster::{Cluster, Fault, Script};

/// The operator died.
#[derive(Debug)]
pub(crate) struct Crash;

/// Where the loop came to rest.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Turn {
    /// An operation waits for an event or for this time.
    Parked(Timestamp, Why),
    /// An operation ended; there may be more to do.
    Ended,
    /// A decision that starts nothing.
    Rest(Decision),
}

/// What a look leads to.
pub(crate) enum Look {
    /// An operation is to be begun or resumed.
    Work(Box<Operation>, Box<Materials>),
    /// An operation could not start; status says why.
    Refused,
    /// A decision that starts nothing.
    Rest(Decision),
}

#[derive(Clone)]
pub(crate) struct World {
    pub(crate) cluster: Cluster,
    pub(crate) status: Snapshot,
    pub(crate) policy: Policy,
    pub(crate) name: String,
    pub(crate) chart: String,
    pub(crate) version: String,
    pub(crate) values: String,
    pub(crate) manifest: String,
    pub(crate) hooks: Vec<Hook>,
    pub(crate) crds: Vec<CrdFile>,
    pub(crate) suspended: bool,
    pub(crate) deleting: bool,
    pub(crate) requests: Requests,
    pub(crate) handled: BTreeMap<RequestKind, String>,
    pub(crate) refused: Vec<Why>,
    pub(crate) previous: Option<PreviousTarget>,
    /// The decision of the last look, and the words of the last pause.
    pub(crate) plan: Option<Plan>,
    pub(crate) parked: Option<Why>,
    /// The writes so far, and the one after which the operator dies.
    pub(crate) writes: usize,
    pub(crate) crash_at: Option<usize>,
    ids: u32,
}

impl World {
    /// A resource that wants chart `web` 1.0.0, which has one object.
    pub(crate) fn new() -> Self {
        let now: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
        Self {
            cluster: Cluster {
                now,
                ..Cluster::default()
            },
            status: Snapshot::default(),
            policy: Policy::default(),
            name: "web".to_owned(),
            chart: "web".to_owned(),
            version: "1.0.0".to_owned(),
            values: "a".to_owned(),
            manifest: "web=1".to_owned(),
            hooks: Vec::new(),
            crds: Vec::new(),
            suspended: false,
            deleting: false,
            requests: Requests::default(),
            handled: BTreeMap::new(),
            refused: Vec::new(),
            previous: None,
            plan: None,
            parked: None,
            writes: 0,
            crash_at: None,
            ids: 0,
        }
    }

    /// A world whose release is installed and at rest.
    pub(crate) fn installed() -> Self {
        let mut world = Self::new();
        world.settle();
        world
    }

    /// Sets new values; their manifest follows.
    pub(crate) fn change(&mut self, values: &str, manifest: &str) {
        values.clone_into(&mut self.values);
        manifest.clone_into(&mut self.manifest);
    }

    pub(crate) fn hook(
        &mut self,
        name: &str,
        events: &[HookEvent],
        weight: i64,
        policies: &[HookDeletePolicy],
    ) {
        self.hooks.push(Hook {
            name: name.to_owned(),
            kind: "Job".to_owned(),
            path: format!("web/templates/{name}.yaml"),
            manifest: format!("kind: Job # {name}"),
            events: events.to_vec(),
            weight,
            delete_policies: policies.to_vec(),
            output_log_policies: Vec::new(),
        });
    }

    pub(crate) fn script(&mut self, what: &str, script: Script) {
        self.cluster.scripts.insert(what.to_owned(), script);
    }

    pub(crate) fn fault(&mut self, effect: &'static str, class: ErrorClass, category: Category, times: u32) {
        let message = format!("{effect} met {category}");
        let error = plan::EffectError {
            category,
            class,
            message,
            objects: Vec::new(),
        };
        self.cluster.faults.push(Fault { effect, error, times });
    }

    pub(crate) fn later(&mut self, pause: Duration) {
        self.cluster.now = self.cluster.now.checked_add(pause).unwrap();
    }

    /// Reconciles until nothing more happens by itself. Pauses pass at once.
    pub(crate) fn settle(&mut self) -> Decision {
        for _ in 0..200 {
            if let Some(decision) = self.pass() {
                return decision;
            }
        }
        panic!("no rest after 200 turns: {}", self.tell());
    }

    /// Reconciles once and lets a pause pass; the decision, when nothing more happens by itself.
    pub(crate) fn pass(&mut self) -> Option<Decision> {
        match self.reconcile() {
            Ok(
                Turn::Parked(until, _)
                | Turn::Rest(Decision::Wait {
                    until: Some(until), ..
                }),
            ) => {
                self.cluster.now = until.max(self.cluster.now);
                None
            }
            Ok(Turn::Rest(decision)) => Some(decision),
            Ok(Turn::Ended) | Err(Crash) => None,
        }
    }

    /// Reconciles until an operation waits or nothing is left to start.
    pub(crate) fn run(&mut self) -> Turn {
        for _ in 0..50 {
            match self.reconcile() {
                Ok(Turn::Ended) | Err(Crash) => {}
                Ok(turn) => return turn,
            }
        }
        panic!("no rest after 50 turns: {}", self.tell());
    }

    /// One pass of the controller.
    pub(crate) fn reconcile(&mut self) -> Result<Turn, Crash> {
        match self.look() {
            Look::Work(operation, ctx) => self.drive(*operation, &ctx),
            Look::Refused => Ok(Turn::Ended),
            Look::Rest(decision) => Ok(Turn::Rest(decision)),
        }
    }

    /// Observes and decides, and gets an operation ready. Nothing is written yet.
    pub(crate) fn look(&mut self) -> Look {
        let desired = Arc::new(self.desired());
        let mut observed = self.observe();
        self.status = plan::status::synced(self.status.clone(), &desired, &mut observed);
        self.parked = None;
        let plan = plan::plan(&desired, &observed);
        self.plan = Some(plan.clone());
        self.refused.extend(plan.refused.clone());
        match plan.decision {
            Decision::Run(action) => {
                self.ids += 1;
                let id = OperationId(format!("op{}", self.ids));
                let loaded = self.load(&action.needs(&desired, &observed));
                match plan::start(action, &desired, &observed, loaded, id) {
                    Ok((operation, ctx)) => {
                        self.status = plan::status::started(self.status.clone(), &operation, &plan.handled);
                        self.handle(&plan.handled);
                        Look::Work(Box::new(operation), Box::new(ctx))
                    }
                    Err(error) => {
                        self.refuse(&desired, &error);
                        Look::Refused
                    }
                }
            }
            Decision::Resume(operation) => {
                self.handle(&plan.handled);
                let loaded = self.load(&operation.needs());
                match plan::resume(&operation, &desired, &observed, loaded) {
                    Ok(ctx) => Look::Work(operation, Box::new(ctx)),
                    Err(_gone) => {
                        self.status.operation = None;
                        Look::Refused
                    }
                }
            }
            decision => {
                self.handle(&plan.handled);
                if self.suspended {
                    self.status.operation = self.status.operation.take().map(|op| op.parked(observed.now));
                }
                Look::Rest(decision)
            }
        }
    }

    fn drive(&mut self, operation: Operation, ctx: &Materials) -> Result<Turn, Crash> {
        let mut progress = plan::begin(ctx, operation, self.cluster.now);
        loop {
            let Progress { operation, effect } = progress;
            // Status is text: what does not survive it is lost.
            let text = serde_json::to_string(&operation).unwrap();
            let operation: Operation = serde_json::from_str(&text).unwrap();
            match effect {
                Effect::Park {
                    until,
                    why,
                    waiting_for: _,
                } => {
                    self.status.operation = Some(operation);
                    self.parked = Some(why.clone());
                    self.write()?;
                    return Ok(Turn::Parked(until, why));
                }
                Effect::Finish(report) => {
                    self.status = plan::status::finished(self.status.clone(), &report, &self.policy);
                    self.write()?;
                    return Ok(Turn::Ended);
                }
                effect => {
                    self.status.operation = Some(operation.clone());
                    self.write()?;
                    let outcome = self.cluster.perform(&effect);
                    self.write()?;
                    progress = plan::step(ctx, operation, outcome, self.cluster.now);
                }
            }
        }
    }

    /// A write happened; the operator may die after it.
    fn write(&mut self) -> Result<(), Crash> {
        self.writes += 1;
        if self.crash_at == Some(self.writes) {
            Err(Crash)
        } else {
            Ok(())
        }
    }

    fn refuse(&mut self, desired: &Desired, error: &StartError) {
        let (category, class) = error.category();
        let failure = plan::Failure {
            category,
            class,
            stage: plan::Stage::Prepare,
            message: error.to_string(),
            objects: Vec::new(),
            revision: None,
            at: self.cluster.now,
        };
        self.status = plan::status::refused(self.status.clone(), &desired.inputs.digest(), failure);
    }

    fn handle(&mut self, handled: &[(RequestKind, String)]) {
        self.handled.extend(handled.iter().cloned());
        for (kind, _) in handled {
            match kind {
                RequestKind::Reconcile => self.requests.reconcile = None,
                RequestKind::Retry => self.requests.retry = None,
                RequestKind::Rollback => self.requests.rollback = None,
                RequestKind::Test => self.requests.test = None,
            }
        }
    }

    pub(crate) fn desired(&self) -> Desired {
        let name = ReleaseName::parse(&self.name).unwrap();
        Desired {
            owner: "apps/web".to_owned(),
            target: Target {
                name,
                namespace: Namespace::new("apps").unwrap(),
            },
            inputs: Inputs {
                chart: self.chart.clone(),
                version: self.version.clone(),
                chart_digest: None,
                values: Digest(json_digest(&json!({"v": self.values}))),
                shape: Digest("none".to_owned()),
            },
            policy: Arc::new(self.policy.clone()),
            suspended: self.suspended,
            deleting: self.deleting,
            new_generation: false,
        }
    }

    pub(crate) fn payload(&self) -> Payload {
        Payload {
            chart: ChartRecord {
                metadata: json!({"name": self.chart, "version": self.version}),
                ..ChartRecord::default()
            },
            config: Map::from_iter([("v".to_owned(), json!(self.values))]),
            manifest: self.manifest.clone(),
            hooks: self.hooks.clone(),
            notes: String::new(),
            crds: self.crds.clone(),
        }
    }

    fn load(&self, needs: &Needs) -> Loaded {
        let records = needs
            .records
            .iter()
            .filter(|revision| self.cluster.secrets.contains_key(revision));
        Loaded {
            payload: needs.render.map(|_| self.payload()),
            records: records
                .map(|revision| (*revision, Arc::new(self.cluster.release(*revision))))
                .collect(),
        }
    }

    fn observe(&self) -> Observed {
        let facts = |revision: &Revision| {
            let release = self.cluster.release(*revision);
            let secret = &self.cluster.secrets[revision];
            let chart = release.chart.clone().unwrap_or_default();
            // Annotations are text as well.
            let mark = secret
                .mark
                .as_ref()
                .map(|mark| plan::Mark::read(&mark.annotations()).unwrap());
            RevisionFacts {
                revision: *revision,
                status: release.info.status,
                mark,
                created_at: secret.created_at,
                updated_at: secret.updated_at,
                record: Some(Arc::new(RecordFacts {
                    chart: chart.name().to_owned(),
                    version: chart.version().to_owned(),
                    app_version: chart.app_version().to_owned(),
                    apply_method: release.apply_method,
                    values: plan::values_digest(&release),
                    manifest: plan::manifest_digest(&release),
                    description: release.info.description.clone(),
                    last_deployed: release.info.last_deployed.map(|time| time.at),
                    first_deployed: release.info.first_deployed.map(|time| time.at),
                    has_tests: release
                        .hooks
                        .iter()
                        .any(|hook| hook.hook.events.contains(&HookEvent::Test)),
                })),
            }
        };
        let live = self.cluster.secrets.keys().last().map(|revision| {
            let manifest = self.cluster.release(*revision).manifest;
            Live {
                revision: *revision,
                total: manifest.lines().count(),
                unready: self.cluster.unready(&manifest, &self.policy.wait.optional),
                drift: Some(self.cluster.drift(&manifest, &self.policy.drift_ignore)),
            }
        });
        Observed {
            previous: self.previous.clone(),
            live,
            requests: self.requests.clone(),
            ..Observed::new(self.cluster.now, self.cluster.secrets.keys().map(facts).collect())
        }
    }

    // What scenarios check.

    /// Helm's view: `1 superseded: Install complete`, one line a revision, oldest first.
    pub(crate) fn history(&self) -> Vec<String> {
        let line = |revision: &Revision| {
            let release = self.cluster.release(*revision);
            format!("{revision} {}: {}", release.info.status, release.info.description)
        };
        self.cluster.secrets.keys().map(line).collect()
    }

    /// Revisions and states: `1 superseded, 2 deployed`.
    pub(crate) fn states(&self) -> String {
        let word =
            |revision: &Revision| format!("{revision} {}", self.cluster.release(*revision).info.status);
        self.cluster
            .secrets
            .keys()
            .map(word)
            .collect::<Vec<_>>()
            .join(", ")
    }

    /// Objects that are there: `config=1 web=2`. Hooks are named alone.
    pub(crate) fn objects(&self) -> String {
        let word = |(name, object): (&String, &crate::cluster::Object)| match object.run {
            Some(_) => name.clone(),
            None => format!("{name}={}", object.spec),
        };
        self.cluster
            .objects
            .iter()
            .map(word)
            .collect::<Vec<_>>()
            .join(" ")
    }

    /// The conditions: `Ready=True/InstallSucceeded Released=True/InstallSucceeded`.
    pub(crate) fn conditions(&self) -> String {
        let plan = self.plan.as_ref().unwrap();
        let Some(list) = conditions(plan, &self.status, self.parked.as_ref()) else {
            return "kept".to_owned();
        };
        let word = |condition: &plan::status::Condition| {
            format!("{:?}={:?}/{}", condition.kind, condition.status, condition.reason)
        };
        list.iter().map(word).collect::<Vec<_>>().join(" ")
    }

    /// The message of a condition.
    pub(crate) fn message(&self, kind: ConditionKind) -> String {
        let list = conditions(self.plan.as_ref().unwrap(), &self.status, self.parked.as_ref()).unwrap();
        list.into_iter()
            .find(|condition| condition.kind == kind)
            .unwrap()
            .message
    }

    pub(crate) fn is_ready(&self) -> bool {
        let list = conditions(self.plan.as_ref().unwrap(), &self.status, None).unwrap();
        list.iter()
            .any(|condition| condition.kind == ConditionKind::Ready && condition.status == Truth::True)
    }

    pub(crate) fn state(&self) -> &ReleaseState {
        &self.plan.as_ref().unwrap().state
    }

    pub(crate) fn status_of(&self, revision: u32) -> Status {
        self.cluster.release(Revision(revision)).info.status
    }

    /// Everything, for the message of a failed check.
    pub(crate) fn tell(&self) -> String {
        let mut text = String::new();
        for line in self.history() {
            writeln!(text, "{line}").unwrap();
        }
        writeln!(text, "objects: {}", self.objects()).unwrap();
        writeln!(text, "plan: {:#?}", self.plan).unwrap();
        writeln!(text, "status: {:#?}", self.status).unwrap();
        text
    }
}

/// The decision to stall for a reason.
#[track_caller]
pub(crate) fn check_stalled(decision: &Decision, category: Category) {
    match decision {
        Decision::Stall { why } => assert_eq!(why.category, category, "{}", why.message),
        other => panic!("not stalled: {other:?}"),
    }
}

/// The decision that nothing is to be done.
#[track_caller]
pub(crate) fn check_in_sync(decision: &Decision) {
    assert!(
        matches!(
            decision,
            Decision::Done(plan::Rest::InSync { drifted: false, .. })
        ),
        "{decision:?}"
    );
}

pub(crate) fn minutes(count: u64) -> Duration {
    Duration::from_mins(count)
}

/// The action that is under way.
pub(crate) fn under_way(world: &World) -> Option<&Action> {
    world.status.operation.as_ref().map(|operation| &operation.action)
}
