//! Metrics: what an operator of operators asks of Pilothouse. Written here, read by the admin server.

use prometheus::{
    Encoder, HistogramOpts, HistogramVec, IntCounterVec, IntGauge, IntGaugeVec, Opts, Registry, TextEncoder,
};

/// Bounds of durations in seconds: reconciles take milliseconds, operations minutes.
const RECONCILE_BUCKETS: &[f64] = &[0.005, 0.02, 0.1, 0.5, 2.0, 10.0, 60.0];
const OPERATION_BUCKETS: &[f64] = &[0.5, 1.0, 5.0, 15.0, 60.0, 300.0, 900.0, 3600.0];

/// Every metric of the operator.
#[derive(Clone, Debug)]
pub(crate) struct Metrics {
    registry: Registry,
    /// Duration of reconciles in seconds, by result (`ok`, `error`).
    pub reconcile_seconds: HistogramVec,
    /// Duration of finished operations in seconds, by action and result (`succeeded`, `failed`).
    pub operation_seconds: HistogramVec,
    /// Failures by category.
    pub failures: IntCounterVec,
    /// Releases by namespace, name and condition `Ready` (1 for the one that holds).
    pub ready: IntGaugeVec,
    /// Writes of status to the API server.
    pub status_writes: prometheus::IntCounter,
    /// Reconciles under way.
    pub reconciling: IntGauge,
}

impl Metrics {
    /// Registers every metric.
    ///
    /// # Errors
    /// A name is used twice, which is a defect of this file.
    pub(crate) fn new() -> prometheus::Result<Self> {
        let registry = Registry::new();
        let histogram = |name: &str, help: &str, buckets: &[f64], labels: &[&str]| {
            let opts = HistogramOpts::new(name, help).buckets(buckets.to_vec());
            HistogramVec::new(opts, labels)
        };
        let metrics = Self {
            reconcile_seconds: histogram(
                "pilothouse_reconcile_duration_seconds",
                "Duration of reconciles",
                RECONCILE_BUCKETS,
                &["result"],
            )?,
            operation_seconds: histogram(
                "pilothouse_operation_duration_seconds",
                "Duration of operations from start to end, waits included",
                OPERATION_BUCKETS,
                &["action", "result"],
            )?,
            failures: IntCounterVec::new(
                Opts::new(
                    "pilothouse_failures_total",
                    "Failures by category, which is also the condition reason",
                ),
                &["category"],
            )?,
            ready: IntGaugeVec::new(
                Opts::new(
                    "pilothouse_release_ready",
                    "Condition Ready of each HelmRelease: 1, 0, or -1 for Unknown",
                ),
                &["namespace", "name"],
            )?,
            status_writes: prometheus::IntCounter::new(
                "pilothouse_status_writes_total",
                "Writes of HelmRelease status",
            )?,
            reconciling: IntGauge::new("pilothouse_reconciles_running", "Reconciles under way")?,
            registry,
        };
        let Self {
            registry,
            reconcile_seconds,
            operation_seconds,
            failures,
            ready,
            status_writes,
            reconciling,
        } = &metrics;
        registry.register(Box::new(reconcile_seconds.clone()))?;
        registry.register(Box::new(operation_seconds.clone()))?;
        registry.register(Box::new(failures.clone()))?;
        registry.register(Box::new(ready.clone()))?;
        registry.register(Box::new(status_writes.clone()))?;
        registry.register(Box::new(reconciling.clone()))?;
        // A metric nobody has counted yet should still be there to be scraped.
        for result in ["ok", "error"] {
            reconcile_seconds.with_label_values(&[result]);
        }
        Ok(metrics)
    }

    /// The text form that Prometheus scrapes.
    ///
    /// # Errors
    /// A metric can't be written, which is a defect of the library.
    pub(crate) fn text(&self) -> prometheus::Result<String> {
        let mut buffer = Vec::new();
        TextEncoder::new().encode(&self.registry.gather(), &mut buffer)?;
        Ok(String::from_utf8_lossy(&buffer).into_owned())
    }

    /// Forgets a release that is gone.
    pub(crate) fn forget(&self, namespace: &str, name: &str) {
        // It is fine if it was never counted.
        let _absent = self.ready.remove_label_values(&[namespace, name]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_metric_can_be_scraped_before_anything_happened() {
        let text = Metrics::new().unwrap().text().unwrap();
        assert!(
            text.contains("pilothouse_reconcile_duration_seconds_count{result=\"ok\"} 0"),
            "{text}"
        );
        assert!(text.contains("pilothouse_status_writes_total 0"), "{text}");
    }

    #[test]
    fn a_release_that_is_gone_leaves_no_metric() {
        let metrics = Metrics::new().unwrap();
        metrics.ready.with_label_values(&["apps", "web"]).set(1);
        metrics.forget("apps", "web");
        metrics.forget("apps", "web");
        assert!(!metrics.text().unwrap().contains("web"));
    }
}
