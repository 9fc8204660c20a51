//! The wire form of the spec: the minimal manifest of the design, defaults, names, clear errors.

use serde_json::{Value, json};

use super::*;
use crate::{
    HelmRelease,
    spec::{
        actions::{CrdPolicy, DeletePolicy, InstallFailurePolicy, Propagation, UpgradeFailurePolicy},
        apply::{ApplyMethod, Conflicts, Ownership, Replace},
        chart::{Credentials, TlsVerify},
        drift::DriftMode,
        test::{TestFailurePolicy, TestPolicy},
        wait::WaitFor,
    },
};

fn minimal() -> Value {
    json!({
        "apiVersion": "pilothouse.dev/v1alpha1",
        "kind": "HelmRelease",
        "metadata": {"name": "podinfo", "namespace": "apps"},
        "spec": {
            "chart": {
                "repository": "https://stefanprodan.github.io/podinfo",
                "name": "podinfo",
                "version": ">=6.5.0 <7",
            },
            "values": {"replicaCount": 2},
        },
    })
}

fn parse(spec: Value) -> Result<HelmReleaseSpec, String> {
    serde_json::from_value(spec).map_err(|error| error.to_string())
}

#[test]
fn the_minimal_manifest_parses_and_comes_back_the_same() {
    let release: HelmRelease = serde_json::from_value(minimal()).unwrap();
    assert_eq!(release.metadata.name.as_deref(), Some("podinfo"));
    assert_eq!(release.spec.chart.version.as_deref(), Some(">=6.5.0 <7"));
    assert_eq!(release.spec.values["replicaCount"], 2);
    assert_eq!(release.status, None);

    let written = serde_json::to_value(&release).unwrap();
    assert_eq!(written["apiVersion"], "pilothouse.dev/v1alpha1");
    assert_eq!(written["kind"], "HelmRelease");
    let again: HelmRelease = serde_json::from_value(written.clone()).unwrap();
    assert_eq!(again, release);
    assert_eq!(serde_json::to_value(&again).unwrap(), written);
}

#[test]
fn every_other_field_of_the_minimal_manifest_has_the_default_of_the_design() {
    let release: HelmRelease = serde_json::from_value(minimal()).unwrap();
    let spec = release.spec;
    assert!(!spec.chart.plain_http);
    assert_eq!(spec.chart.tls_verify, TlsVerify::Full);
    assert_eq!(spec.chart.credentials, Credentials::SameHost);
    assert_eq!(spec.release_name, None);
    assert!(!spec.create_namespace);
    assert_eq!(spec.on_target_change, TargetChangePolicy::Refuse);
    assert_eq!(spec.values_policy, ValuesPolicy::Reset);
    assert_eq!(spec.interval.to_string(), "10m");
    assert_eq!(spec.timeout.to_string(), "5m");
    assert_eq!(spec.deadline, None);
    assert!(!spec.suspend);
    assert_eq!((spec.wait.wait_for, spec.wait.jobs), (WaitFor::Ready, true));
    assert_eq!(
        (
            spec.apply.method,
            spec.apply.conflicts,
            spec.apply.replace,
            spec.apply.ownership
        ),
        (
            ApplyMethod::Auto,
            Conflicts::Force,
            Replace::Never,
            Ownership::Strict
        ),
    );
    assert_eq!(spec.hooks, HookPolicy::Run);
    assert_eq!(spec.schema_validation, ValidationPolicy::Enforce);
    assert_eq!(spec.openapi_validation, ValidationPolicy::Enforce);
    assert_eq!((spec.install.crds, spec.install.retries), (CrdPolicy::Create, 3));
    assert_eq!(spec.install.on_failure, InstallFailurePolicy::Retain);
    assert_eq!((spec.upgrade.crds, spec.upgrade.retries), (CrdPolicy::Skip, 0));
    assert!(!spec.upgrade.cleanup_on_fail);
    assert_eq!(spec.upgrade.on_failure, UpgradeFailurePolicy::Rollback);
    assert_eq!(spec.rollback, RollbackSpec::default());
    assert_eq!(spec.uninstall.timeout.to_string(), "5m");
    assert!(!spec.uninstall.keep_history);
    assert_eq!(spec.uninstall.propagation, Propagation::Background);
    assert_eq!(spec.uninstall.on_delete, DeletePolicy::Uninstall);
    assert_eq!(
        (spec.test.when, spec.test.on_failure),
        (TestPolicy::Never, TestFailurePolicy::Fail)
    );
    assert_eq!(spec.history.max, 10);
    assert_eq!(spec.drift.mode, DriftMode::Warn);
    assert_eq!(spec.foreign_changes, ForeignChanges::Hold);
    assert!(!spec.sub_notes && !spec.enable_dns);
}

#[test]
fn new_gives_the_same_defaults_as_parsing() {
    let spec = parse(json!({"chart": {"name": "web"}})).unwrap();
    assert_eq!(HelmReleaseSpec::new(spec.chart.clone()), spec);
}

#[test]
fn names_on_the_wire_are_those_of_the_design() {
    let spec = parse(json!({
        "chart": {
            "plainHTTP": true, "tlsVerify": "Skip", "credentials": "AllHosts", "interval": "1h",
            "configMapRef": {"name": "charts", "key": "web.tgz"}, "tlsSecretRef": {"name": "ca"},
            "verify": {"provider": "PGP", "secretRef": {"name": "keys"}},
        },
        "wait": {"for": "HooksOnly", "jobs": false},
        "openAPIValidation": "Skip",
        "enableDNS": true,
        "subNotes": true,
        "test": {"when": "AfterRelease", "filters": ["!name=slow"]},
        "dependsOn": [{"name": "database", "namespace": "data", "readyExpr": "true"}],
        "kubeConfig": {"secretRef": {"name": "remote"}},
        "valuesFrom": [{"kind": "Secret", "name": "db", "targetPath": "db.password"}],
    }))
    .unwrap();
    assert!(spec.chart.plain_http && spec.enable_dns && spec.sub_notes && !spec.wait.jobs);
    assert_eq!(spec.wait.wait_for, WaitFor::HooksOnly);
    assert_eq!(spec.openapi_validation, ValidationPolicy::Skip);
    assert_eq!(spec.kube_config.as_ref().unwrap().secret_ref.key, "value");
    assert_eq!(spec.values_from[0].key, "values.yaml");
    let written = serde_json::to_value(&spec).unwrap();
    assert_eq!(written["chart"]["verify"]["provider"], "PGP");
    assert_eq!(parse(written).unwrap(), spec);
}

#[test]
fn nulls_in_values_are_kept() {
    let spec = parse(json!({"chart": {}, "values": {"a": null, "b": {"c": [null, 1.5, "x"]}}})).unwrap();
    let written = serde_json::to_value(&spec).unwrap();
    assert_eq!(
        written["values"],
        json!({"a": null, "b": {"c": [null, 1.5, "x"]}})
    );
}

#[test]
fn an_unknown_enum_value_is_named_together_with_the_known_ones() {
    let error = parse(json!({"chart": {}, "hooks": "Maybe"})).unwrap_err();
    assert_eq!(error, "unknown variant `Maybe`, expected `Run` or `Skip`");
    let error = parse(json!({"chart": {}, "wait": {"for": "Everything"}})).unwrap_err();
    assert_eq!(
        error,
        "unknown variant `Everything`, expected one of `Ready`, `HooksOnly`, `Nothing`"
    );
}

#[test]
fn a_missing_chart_and_a_bad_duration_are_named() {
    assert_eq!(parse(json!({})).unwrap_err(), "missing field `chart`");
    let error = parse(json!({"chart": {}, "timeout": "5 minutes"})).unwrap_err();
    assert_eq!(
        error,
        r#"parse duration: "5 minutes" is not a duration such as 5m, 1h30m or 500ms"#
    );
}
