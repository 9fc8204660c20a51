//! `spec.postRender`: changes to the rendered objects, in the words of kustomize.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::reference::{ObjectSelector, StringMap};
use crate::schema::SHA256_DIGEST;

/// Changes to rendered objects before they are stored and applied: labels, annotations, patches,
/// images, in this order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct PostRender {
    /// Labels put on every object.
    #[serde(skip_serializing_if = "StringMap::is_empty")]
    #[schemars(extend("maxProperties" = 64))]
    pub labels: StringMap,
    /// Annotations put on every object.
    #[serde(skip_serializing_if = "StringMap::is_empty")]
    #[schemars(extend("maxProperties" = 64))]
    pub annotations: StringMap,
    /// Patches, in order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 64))]
    pub patches: Vec<Patch>,
    /// Container images to change.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 64))]
    pub images: Vec<ImageChange>,
}

impl PostRender {
    /// Whether nothing is changed.
    pub fn is_empty(&self) -> bool {
        let Self {
            labels,
            annotations,
            patches,
            images,
        } = self;
        labels.is_empty() && annotations.is_empty() && patches.is_empty() && images.is_empty()
    }
}

/// One patch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("x-kubernetes-validations" = [
    {
        "rule": "has(self.target) || !(self.patch.startsWith('-') || self.patch.startsWith('['))",
        "message": "target is required by a JSON 6902 patch",
    },
]))]
pub struct Patch {
    /// YAML text: a strategic merge patch (an object) or a JSON 6902 patch (a list of operations).
    #[schemars(length(min = 1, max = 65536))]
    pub patch: String,
    /// Objects to patch. Default: the object that a strategic merge patch names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<ObjectSelector>,
}

/// One change of container images.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("x-kubernetes-validations" = [
    {
        "rule": "has(self.newName) || has(self.newTag) || has(self.digest)",
        "message": "one of newName, newTag and digest must be set",
    },
    {
        "rule": "!(has(self.newTag) && has(self.digest))",
        "message": "newTag and digest exclude each other",
    },
]))]
pub struct ImageChange {
    /// Image to change, without tag and digest.
    #[schemars(length(min = 1, max = 512))]
    pub name: String,
    /// Name to put in its place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 512))]
    pub new_name: Option<String>,
    /// Tag to put in place of tag or digest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 128))]
    pub new_tag: Option<String>,
    /// Digest to put in place of tag or digest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = SHA256_DIGEST), length(max = 71))]
    pub digest: Option<String>,
}
