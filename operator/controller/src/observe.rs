//! Gathers the facts of one look at a release: stored revisions, live objects where they matter, what status
//! remembers. Reads only.

use std::collections::BTreeMap;
use std::sync::Arc;

use api::HelmRelease;
use cluster::Cluster;
use helm::hooks::HookEvent;
use helm::record::{Release, Revision, Status};
use jiff::Timestamp;
use plan::policy::DriftPolicy;
use plan::readiness::ReadyStatus;
use plan::status::Snapshot;
use plan::{
    Desired, Effect, EffectError, Live, Observed, Outcome, PreviousTarget, RecordFacts, Requests, Target,
};

/// Facts, and the records that were decoded on the way.
pub(crate) struct Look {
    /// What `plan` decides from.
    pub observed: Observed,
    /// Decoded records by revision.
    pub records: BTreeMap<Revision, Arc<Release>>,
}

/// Looks at a release.
///
/// # Errors
/// The API server did not answer, or the newest record can't be read.
pub(crate) async fn observe(
    cluster: &Cluster,
    desired: &Desired,
    release: &HelmRelease,
    snapshot: &Snapshot,
    requests: Requests,
) -> Result<Look, EffectError> {
    let previous = previous(cluster, desired, release).await?;
    // While the old release is there, it is the one to decide about.
    let target = previous
        .as_ref()
        .map_or(&desired.target, |previous| &previous.target);
    let storage = cluster.storage(target);
    let mut revisions = storage.revisions().await?;
    let mut records = BTreeMap::new();
    if let Some(newest) = revisions.last_mut()
        && let Some(record) = storage.record(newest.revision).await?
    {
        newest.record = Some(Arc::new(facts(&record)));
        records.insert(newest.revision, Arc::new(record));
    }
    let live = match records.values().next_back() {
        // Live objects decide only about a revision that is at rest.
        Some(record) if matters(record.info.status) && snapshot.operation.is_none() => {
            live(cluster, target, desired, record).await?
        }
        Some(_) | None => None,
    };
    let observed = Observed {
        now: Timestamp::now(),
        operation: snapshot.operation.clone(),
        attempts: snapshot.attempts.clone(),
        held: snapshot.held.clone(),
        failure: snapshot.failure.clone(),
        remembered: snapshot.remembered(),
        previous: previous.clone(),
        live,
        corrected_at: snapshot.corrected_at,
        requests,
        revisions,
    };
    Ok(Look { observed, records })
}

fn matters(status: Status) -> bool {
    match status {
        Status::Deployed | Status::Failed => true,
        Status::Unknown
        | Status::Uninstalled
        | Status::Superseded
        | Status::Uninstalling
        | Status::PendingInstall
        | Status::PendingUpgrade
        | Status::PendingRollback => false,
    }
}

/// Looks at the live objects of a revision. Comparing them costs a request for each, so it is left out when nobody
/// wants to know.
async fn live(
    cluster: &Cluster,
    target: &Target,
    desired: &Desired,
    record: &Release,
) -> Result<Option<Live>, EffectError> {
    let release = target.clone();
    let manifest: Arc<str> = record.manifest.as_str().into();
    let check = Effect::CheckReady {
        release: release.clone(),
        manifest: Arc::clone(&manifest),
        jobs: desired.policy.wait.jobs,
        optional: Arc::clone(&desired.policy.wait.optional),
    };
    let (objects, total) = match cluster.perform(target, &check).await {
        Outcome::Readiness { objects, total, .. } => (objects, total),
        // A manifest whose kinds are gone has no live objects to look at.
        Outcome::Failed(error) if error.category == plan::Category::KindUnknown => return Ok(None),
        Outcome::Failed(error) => return Err(error),
        _ => return Ok(None),
    };
    // A failed revision heals only when the objects are what it says.
    let compared = record.info.status == Status::Failed || desired.policy.drift != DriftPolicy::Ignore;
    let drift = if compared {
        match cluster
            .perform(
                target,
                &Effect::CompareLive {
                    release,
                    manifest,
                    ignore: Arc::clone(&desired.policy.drift_ignore),
                },
            )
            .await
        {
            Outcome::Compared(drift) => Some(drift),
            Outcome::Failed(error) => return Err(error),
            _ => None,
        }
    } else {
        None
    };
    let unready = objects
        .into_iter()
        .filter(|object| object.status != ReadyStatus::Current)
        .collect();
    Ok(Some(Live {
        revision: record.version,
        total,
        unready,
        drift,
    }))
}

/// The release that status speaks of, when it is not the wanted one.
async fn previous(
    cluster: &Cluster,
    desired: &Desired,
    release: &HelmRelease,
) -> Result<Option<PreviousTarget>, EffectError> {
    let Some(info) = release.status.as_ref().and_then(|status| status.release.as_ref()) else {
        return Ok(None);
    };
    let same = info.name == desired.target.name.as_str()
        && info.namespace == desired.target.namespace.as_str()
        && info.chart == desired.inputs.chart;
    let name = helm::name::ReleaseName::parse(&info.name);
    let namespace = helm::record::Namespace::new(&info.namespace);
    let (false, Ok(name), Ok(namespace)) = (same, name, namespace) else {
        return Ok(None);
    };
    let target = Target { name, namespace };
    let newest = cluster
        .storage(&target)
        .revisions()
        .await?
        .last()
        .map(|facts| facts.revision);
    // Nothing of it is left: nothing would be destroyed.
    Ok(newest.map(|newest| PreviousTarget {
        target,
        chart: info.chart.clone(),
        newest,
    }))
}

/// What the payload of a record tells.
pub(crate) fn facts(record: &Release) -> RecordFacts {
    let chart = record.chart.as_ref();
    RecordFacts {
        chart: chart.map(|chart| chart.name().to_owned()).unwrap_or_default(),
        version: chart.map(|chart| chart.version().to_owned()).unwrap_or_default(),
        app_version: chart
            .map(|chart| chart.app_version().to_owned())
            .unwrap_or_default(),
        apply_method: record.apply_method,
        values: plan::values_digest(record),
        manifest: plan::manifest_digest(record),
        description: record.info.description.clone(),
        last_deployed: record.info.last_deployed.map(|time| time.at),
        first_deployed: record.info.first_deployed.map(|time| time.at),
        has_tests: record
            .hooks
            .iter()
            .any(|hook| hook.hook.events.contains(&HookEvent::Test)),
    }
}
