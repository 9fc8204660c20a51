//! Answers that need more than one field: names and times after all defaults.

use crate::{
    HelmRelease, HelmReleaseSpec, duration::Duration, spec::wait::WaitFor, status::operation::OperationAction,
};

impl HelmRelease {
    /// Name of the Helm release: `spec.releaseName`, else the name of the object. Empty for an
    /// object without a name, which no API server gives.
    pub fn release_name(&self) -> &str {
        self.spec
            .release_name
            .as_deref()
            .or(self.metadata.name.as_deref())
            .unwrap_or_default()
    }

    /// Namespace of the Helm release: `spec.targetNamespace`, else that of the object.
    pub fn target_namespace(&self) -> &str {
        self.spec
            .target_namespace
            .as_deref()
            .or(self.metadata.namespace.as_deref())
            .unwrap_or_default()
    }
}

impl HelmReleaseSpec {
    /// Longest time of one wait and of one hook of an action: its own timeout, else `spec.timeout`.
    pub fn timeout_of(&self, action: OperationAction) -> Duration {
        let own = match action {
            OperationAction::Install => self.install.timeout,
            OperationAction::Upgrade => self.upgrade.timeout,
            OperationAction::Rollback => self.rollback.timeout,
            OperationAction::Uninstall => Some(self.uninstall.timeout),
            OperationAction::Test => self.test.timeout,
            OperationAction::Heal
            | OperationAction::Unlock
            | OperationAction::Adopt
            | OperationAction::CorrectDrift => None,
        };
        own.unwrap_or(self.timeout)
    }

    /// What a rollback waits for: `rollback.wait`, else `wait.for`.
    pub fn rollback_wait(&self) -> WaitFor {
        self.rollback.wait.unwrap_or(self.wait.wait_for)
    }

    /// How often a version range is resolved again: `chart.interval`, else `interval`.
    pub fn chart_interval(&self) -> Duration {
        self.chart.interval.unwrap_or(self.interval)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn release(spec: &serde_json::Value) -> HelmRelease {
        serde_json::from_value(json!({
            "apiVersion": "pilothouse.dev/v1alpha1", "kind": "HelmRelease",
            "metadata": {"name": "web", "namespace": "apps"}, "spec": spec,
        }))
        .unwrap()
    }

    #[test]
    fn names_default_to_those_of_the_object() {
        let plain = release(&json!({"chart": {}}));
        assert_eq!((plain.release_name(), plain.target_namespace()), ("web", "apps"));
        let named = release(&json!({"chart": {}, "releaseName": "shop", "targetNamespace": "prod"}));
        assert_eq!((named.release_name(), named.target_namespace()), ("shop", "prod"));
    }

    #[test]
    fn an_action_has_its_own_timeout_or_the_common_one() {
        let spec = release(&json!({
            "chart": {}, "timeout": "7m", "upgrade": {"timeout": "9m"}, "test": {"timeout": "1m"},
        }))
        .spec;
        let of = |action| spec.timeout_of(action).to_string();
        assert_eq!(of(OperationAction::Install), "7m");
        assert_eq!(of(OperationAction::Upgrade), "9m");
        assert_eq!(of(OperationAction::Rollback), "7m");
        assert_eq!(of(OperationAction::Uninstall), "5m");
        assert_eq!(of(OperationAction::Test), "1m");
        assert_eq!(of(OperationAction::CorrectDrift), "7m");
    }

    #[test]
    fn rollback_wait_and_chart_interval_fall_back_to_the_common_fields() {
        let spec = release(&json!({"chart": {}, "wait": {"for": "HooksOnly"}, "interval": "3m"})).spec;
        assert_eq!(spec.rollback_wait(), WaitFor::HooksOnly);
        assert_eq!(spec.chart_interval().to_string(), "3m");
        let spec = release(&json!({"chart": {"interval": "1h"}, "rollback": {"wait": "Ready"}})).spec;
        assert_eq!(spec.rollback_wait(), WaitFor::Ready);
        assert_eq!(spec.chart_interval().to_string(), "1h");
    }
}
