//! References to other objects, and the selector of rendered objects that several fields share.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::schema::{CONFIG_KEY, DNS_LABEL, DNS_SUBDOMAIN};

/// An object of a fixed kind in the namespace of the HelmRelease.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct LocalRef {
    /// Name of the object.
    #[schemars(regex(pattern = DNS_SUBDOMAIN), length(min = 1, max = 253))]
    pub name: String,
}

/// One key of a ConfigMap or Secret in the namespace of the HelmRelease.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct KeyRef {
    /// Name of the object.
    #[schemars(regex(pattern = DNS_SUBDOMAIN), length(min = 1, max = 253))]
    pub name: String,
    /// Key inside the object.
    #[schemars(regex(pattern = CONFIG_KEY), length(min = 1, max = 253))]
    pub key: String,
}

/// Chooses objects among those of the release. Fields that are set must all match; a field that is
/// not set matches everything.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
#[schemars(extend("minProperties" = 1))]
pub struct ObjectSelector {
    /// API group. An empty string is the core group.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 253))]
    pub group: Option<String>,
    /// API version without the group, such as `v1`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 63))]
    pub version: Option<String>,
    /// Kind, such as `Deployment`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 63))]
    pub kind: Option<String>,
    /// Regular expression that must match the whole name.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 253))]
    pub name: Option<String>,
    /// Regular expression that must match the whole namespace.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 253))]
    pub namespace: Option<String>,
    /// Label selector, in the syntax of `kubectl -l`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 1024))]
    pub label_selector: Option<String>,
    /// The same syntax over annotations.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 1024))]
    pub annotation_selector: Option<String>,
}

/// Another HelmRelease that must be Ready first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Dependency {
    /// Name of the HelmRelease.
    #[schemars(regex(pattern = DNS_SUBDOMAIN), length(min = 1, max = 253))]
    pub name: String,
    /// Its namespace. Default: the namespace of this HelmRelease.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = DNS_LABEL), length(min = 1, max = 63))]
    pub namespace: Option<String>,
    /// CEL expression that decides instead of the Ready condition. `dep` is the other HelmRelease,
    /// `self` is this one; it must give a boolean.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 2048))]
    pub ready_expr: Option<String>,
}

/// A cluster other than the one the operator runs in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct KubeConfig {
    /// Secret that holds the kubeconfig.
    pub secret_ref: KubeConfigRef,
}

/// The Secret of a kubeconfig.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct KubeConfigRef {
    /// Name of the Secret, in the namespace of the HelmRelease.
    #[schemars(regex(pattern = DNS_SUBDOMAIN), length(min = 1, max = 253))]
    pub name: String,
    /// Key of the kubeconfig. The default is what Cluster API writes.
    #[serde(default = "KubeConfigRef::default_key")]
    #[schemars(regex(pattern = CONFIG_KEY), length(min = 1, max = 253))]
    pub key: String,
}

impl KubeConfigRef {
    fn default_key() -> String {
        "value".to_owned()
    }
}

/// Labels or annotations, sorted.
pub type StringMap = BTreeMap<String, String>;
