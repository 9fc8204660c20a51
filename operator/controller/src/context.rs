//! What every reconcile shares.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use api::HelmRelease;
use cluster::Cluster;
use kube::{Client, ResourceExt};
use source::Source;
use tokio_util::sync::CancellationToken;

use crate::chart::Charts;
use crate::metrics::Metrics;
use crate::report::Reporter;
use crate::watch::Releases;

/// What every reconcile shares.
pub(crate) struct Context {
    /// The client, for the custom resource and what it refers to.
    pub client: Client,
    /// Performs effects.
    pub cluster: Cluster,
    /// Fetches charts.
    pub source: Source,
    /// Parsed charts.
    pub charts: Charts,
    /// The only writer of status and events.
    pub reporter: Reporter,
    /// Growing pauses between tries that failed for reasons outside the release.
    pub pauses: Pauses,
    /// The custom resources that are followed.
    pub releases: Releases,
    /// What is counted.
    pub metrics: Metrics,
    /// Cancelled when the operator is to end: operations stop at their next safe point.
    pub stop: CancellationToken,
}

/// Growing pauses between tries, one series a release.
#[derive(Default)]
pub(crate) struct Pauses {
    counts: Mutex<HashMap<String, u32>>,
}

impl Pauses {
    /// The pause after one more failed try: doubled each time, from `first` to `longest`.
    pub(crate) fn next(&self, release: &HelmRelease, first: Duration, longest: Duration) -> Duration {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.entry(release.uid().unwrap_or_default()).or_default();
        let pause = first.saturating_mul(1_u32.checked_shl(*count).unwrap_or(u32::MAX));
        *count = count.saturating_add(1);
        pause.min(longest).max(Duration::from_millis(100))
    }

    /// A try succeeded.
    pub(crate) fn forget(&self, release: &HelmRelease) {
        self.counts
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(&release.uid().unwrap_or_default());
    }
}
