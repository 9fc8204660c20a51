//! `spec.apply` and the switches of rendering and hooks: how objects reach the API server.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How objects are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
#[schemars(extend("x-kubernetes-validations" = [
    {
        "rule": "self.replace != 'Always' || self.method == 'ClientSide'",
        "message": "replace: Always needs method: ClientSide; server-side apply and force replace cannot be used together",
    },
]))]
pub struct ApplySpec {
    /// Who merges. (`--server-side`)
    pub method: ApplyMethod,
    /// What happens to a field that another manager owns; has a meaning for server-side apply
    /// only. (`--force-conflicts`)
    pub conflicts: Conflicts,
    /// Whether objects are replaced (PUT) instead of patched. (`--force-replace`)
    pub replace: Replace,
    /// What happens to a live object that belongs to no release or to another one.
    /// (`--take-ownership`)
    pub ownership: Ownership,
}

/// Who merges the new object into the live one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum ApplyMethod {
    /// Server-side for a new release; later the method of the last revision, as Helm 4 does.
    #[default]
    Auto,
    /// Server-side apply; field managers of older releases are migrated.
    ServerSide,
    /// Three-way merge patches, as Helm 3 makes them.
    ClientSide,
}

/// What happens to a field that another field manager owns.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Conflicts {
    /// The action fails and names the field and its owner.
    Fail,
    /// The field is taken, except replicas that are owned through the scale subresource (an
    /// autoscaler): these are left to their owner.
    #[default]
    Force,
}

/// Whether objects are replaced instead of patched.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Replace {
    /// Objects are patched.
    #[default]
    Never,
    /// Objects are replaced; fields set by others are lost.
    Always,
}

/// What happens to a live object without the ownership metadata of this release.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Ownership {
    /// The action fails, as Helm does.
    #[default]
    Strict,
    /// The object becomes part of this release.
    Take,
}

/// Whether the hooks of the chart run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum HookPolicy {
    /// Hooks run.
    #[default]
    Run,
    /// Hooks are stored with the revision but not run.
    Skip,
}

/// Whether a check is made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum ValidationPolicy {
    /// A violation is a failure.
    #[default]
    Enforce,
    /// No check is made.
    Skip,
}
