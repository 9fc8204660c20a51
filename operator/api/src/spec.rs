//! `spec` of a HelmRelease: everything a user may ask for. One file a concern; this one holds the
//! whole and the fields that stand alone.
//!
//! Descriptions here are the descriptions of the CRD and of the reference page. A field that
//! answers a flag of `helm` names it.

#![expect(
    clippy::duplicated_attributes,
    reason = "printer columns repeat their keys, each in its own column"
)]

use kube::CustomResource;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    duration::Duration,
    schema::{DNS_LABEL, DNS_SUBDOMAIN},
    status::HelmReleaseStatus,
};

pub mod actions;
pub mod apply;
pub mod chart;
pub mod drift;
pub mod history;
pub mod post_render;
pub mod reference;
pub mod test;
pub mod values;
pub mod wait;

use actions::{InstallSpec, RollbackSpec, UninstallSpec, UpgradeSpec};
use apply::{ApplySpec, HookPolicy, ValidationPolicy};
use chart::ChartSpec;
use drift::{DriftSpec, ForeignChanges, TargetChangePolicy};
use history::HistorySpec;
use post_render::PostRender;
use reference::{Dependency, KubeConfig, StringMap};
use test::TestSpec;
use values::{Values, ValuesPolicy, ValuesReference};
use wait::WaitSpec;

/// The wanted release: chart, version, values, and how to get there. Only `chart` is required.
#[derive(CustomResource, Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[kube(
    group = "pilothouse.dev",
    version = "v1alpha1",
    kind = "HelmRelease",
    namespaced,
    shortname = "phr",
    category = "pilothouse",
    status = "HelmReleaseStatus",
    schema = "manual",
    derive = "PartialEq",
    printcolumn(
        name = "Ready",
        type_ = "string",
        json_path = r#".status.conditions[?(@.type=="Ready")].status"#
    ),
    printcolumn(name = "Chart", type_ = "string", json_path = ".status.release.chart"),
    printcolumn(name = "Version", type_ = "string", json_path = ".status.release.version"),
    printcolumn(name = "Revision", type_ = "integer", json_path = ".status.release.revision"),
    printcolumn(
        name = "Status",
        type_ = "string",
        json_path = r#".status.conditions[?(@.type=="Ready")].message"#
    ),
    printcolumn(name = "Age", type_ = "date", json_path = ".metadata.creationTimestamp"),
    printcolumn(
        name = "Drift",
        type_ = "string",
        json_path = r#".status.conditions[?(@.type=="Drifted")].status"#,
        priority = 1
    ),
    printcolumn(
        name = "Suspended",
        type_ = "boolean",
        json_path = ".spec.suspend",
        priority = 1
    ),
    printcolumn(
        name = "Target",
        type_ = "string",
        json_path = ".status.release.namespace",
        priority = 1
    ),
    printcolumn(
        name = "Operation",
        type_ = "string",
        json_path = ".status.operation.action",
        priority = 1
    )
)]
#[serde(rename_all = "camelCase")]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each bool is a flag of helm, and the wire form of one"
)]
pub struct HelmReleaseSpec {
    /// The chart to run: from a repository (HTTP or OCI) or from a ConfigMap.
    pub chart: ChartSpec,

    /// Name of the Helm release. Default: the name of this object. A change after the first
    /// release follows `onTargetChange`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = DNS_SUBDOMAIN), length(min = 1, max = 53))]
    pub release_name: Option<String>,
    /// Namespace of the release: of its records and of objects that name none. Default: the
    /// namespace of this object. A change after the first release follows `onTargetChange`.
    /// (`--namespace`)
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = DNS_LABEL), length(min = 1, max = 63))]
    pub target_namespace: Option<String>,
    /// Whether a missing target namespace is created. It is never deleted. (`--create-namespace`)
    #[serde(default)]
    pub create_namespace: bool,
    /// What happens when `releaseName`, `targetNamespace` or the name of the chart changes after
    /// the first release.
    #[serde(default)]
    pub on_target_change: TargetChangePolicy,

    /// Values of the chart. A null removes a default of the chart; `kubectl apply` keeps nulls only
    /// with `--server-side`. (`--values`)
    #[serde(
        default,
        skip_serializing_if = "Values::is_empty",
        deserialize_with = "values::values_or_null"
    )]
    #[schemars(schema_with = "values::values_schema")]
    pub values: Values,
    /// Values from ConfigMaps and Secrets. Order, later wins: entries without `targetPath` as
    /// listed, then `values`, then entries with `targetPath`. (`--values`, `--set`)
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 64))]
    pub values_from: Vec<ValuesReference>,
    /// Which values an upgrade starts from.
    #[serde(default)]
    pub values_policy: ValuesPolicy,

    /// How often the release is looked at when nothing happens. Changes are seen at once by
    /// watches; this is the safety net.
    #[serde(default = "HelmReleaseSpec::default_interval")]
    pub interval: Duration,
    /// Longest time of one wait and of one hook, as Helm means it. (`--timeout`)
    #[serde(default = "HelmReleaseSpec::default_timeout")]
    pub timeout: Duration,
    /// Longest time of a whole operation, hooks and waits together. Default: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deadline: Option<Duration>,
    /// Start nothing new; a running operation stops at its next safe point and goes on when this is
    /// false again.
    #[serde(default)]
    pub suspend: bool,

    /// What is waited for after applying.
    #[serde(default)]
    pub wait: WaitSpec,
    /// How objects are written.
    #[serde(default)]
    pub apply: ApplySpec,
    /// Whether the hooks of the chart run. (`--no-hooks`)
    #[serde(default)]
    pub hooks: HookPolicy,
    /// Whether values are checked against the schema of the chart. (`--skip-schema-validation`)
    #[serde(default)]
    pub schema_validation: ValidationPolicy,
    /// Whether rendered objects are checked for unknown fields. (`--disable-openapi-validation`)
    #[serde(default, rename = "openAPIValidation")]
    pub openapi_validation: ValidationPolicy,

    /// How the first revision is made. (`helm install`)
    #[serde(default)]
    pub install: InstallSpec,
    /// How later revisions are made. (`helm upgrade`)
    #[serde(default)]
    pub upgrade: UpgradeSpec,
    /// How an automatic or requested rollback is made. (`helm rollback`)
    #[serde(default)]
    pub rollback: RollbackSpec,
    /// How the release is removed. (`helm uninstall`)
    #[serde(default)]
    pub uninstall: UninstallSpec,
    /// When the test hooks of the chart run, and what their failure means. (`helm test`)
    #[serde(default)]
    pub test: TestSpec,
    /// How many revisions are kept in storage.
    #[serde(default)]
    pub history: HistorySpec,

    /// What is done when live objects differ from the manifest.
    #[serde(default)]
    pub drift: DriftSpec,
    /// Changes to rendered objects before they are stored and applied: labels, annotations,
    /// patches, images, in this order. (`--post-renderer`)
    #[serde(default, skip_serializing_if = "PostRender::is_empty")]
    pub post_render: PostRender,
    /// What is done when somebody changes this release with `helm`.
    #[serde(default)]
    pub foreign_changes: ForeignChanges,

    /// Description stored with each revision. Default: Helm's own words. (`--description`)
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 1024))]
    pub description: Option<String>,
    /// Labels of the revision's Secret, beside Helm's own. (`--labels`)
    #[serde(default, skip_serializing_if = "StringMap::is_empty")]
    #[schemars(
        schema_with = "crate::schema::label_map",
        extend("x-kubernetes-validations" = [{
            "rule": "self.all(key, !(key in ['name', 'owner', 'status', 'version', 'createdAt', 'modifiedAt']))",
            "message": "labels must not contain a label of Helm itself: name, owner, status, version, createdAt, modifiedAt",
        }])
    )]
    pub labels: StringMap,
    /// Whether the notes of subcharts are rendered too. (`--render-subchart-notes`)
    #[serde(default)]
    pub sub_notes: bool,
    /// Whether the template function `getHostByName` asks DNS. (`--enable-dns`)
    #[serde(default, rename = "enableDNS")]
    pub enable_dns: bool,

    /// Other HelmReleases that must be Ready before this one is released. They are watched; a
    /// cycle is refused.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 64))]
    pub depends_on: Vec<Dependency>,
    /// Service account in the namespace of this object that the operator impersonates for
    /// everything the release does in the cluster. (`--kube-as-user`)
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = DNS_SUBDOMAIN), length(min = 1, max = 253))]
    pub service_account_name: Option<String>,
    /// Release into another cluster. (`--kubeconfig`)
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kube_config: Option<KubeConfig>,
}

impl HelmReleaseSpec {
    /// The spec that has only a chart: every other field has its default.
    pub fn new(chart: ChartSpec) -> Self {
        Self {
            chart,
            release_name: None,
            target_namespace: None,
            create_namespace: false,
            on_target_change: TargetChangePolicy::default(),
            values: Values::new(),
            values_from: Vec::new(),
            values_policy: ValuesPolicy::default(),
            interval: Self::default_interval(),
            timeout: Self::default_timeout(),
            deadline: None,
            suspend: false,
            wait: WaitSpec::default(),
            apply: ApplySpec::default(),
            hooks: HookPolicy::default(),
            schema_validation: ValidationPolicy::default(),
            openapi_validation: ValidationPolicy::default(),
            install: InstallSpec::default(),
            upgrade: UpgradeSpec::default(),
            rollback: RollbackSpec::default(),
            uninstall: UninstallSpec::default(),
            test: TestSpec::default(),
            history: HistorySpec::default(),
            drift: DriftSpec::default(),
            post_render: PostRender::default(),
            foreign_changes: ForeignChanges::default(),
            description: None,
            labels: StringMap::new(),
            sub_notes: false,
            enable_dns: false,
            depends_on: Vec::new(),
            service_account_name: None,
            kube_config: None,
        }
    }

    const fn default_interval() -> Duration {
        Duration::from_mins(10)
    }

    const fn default_timeout() -> Duration {
        Duration::from_mins(5)
    }
}

#[cfg(test)]
mod tests;
