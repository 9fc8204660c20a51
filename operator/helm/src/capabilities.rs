//! What a cluster can do, as templates see it: `.Capabilities`.
//!
//! The caller fills it from discovery, or takes [`Capabilities::default`], which is what `helm template` assumes.
//! Mirrors `pkg/chart/common/capabilities.go`; how the objects print and what they answer is Go's.

use std::borrow::Cow;
use std::rc::Rc;

use gotemplate::value::JsonForm;
use gotemplate::{List, Method, Object, Shape, Str, Value};

/// The Kubernetes version and API versions of a cluster, and the Helm version that templates are told.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Capabilities {
    /// The cluster's version.
    pub kube_version: KubeVersion,
    /// Groups and versions (`apps/v1`) and, with a live cluster, kinds (`apps/v1/Deployment`).
    pub api_versions: ApiVersions,
    /// What `.Capabilities.HelmVersion` shows.
    pub helm_version: HelmVersion,
}

/// API versions, in the order in which templates see them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiVersions(pub Vec<String>);

/// A Kubernetes version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KubeVersion {
    /// The whole version: `v1.33.4-gke.1245000`.
    pub version: String,
    /// The version without what follows the numbers, when it came from a flag; empty when it came from a cluster.
    normalized: String,
    /// `1`.
    pub major: String,
    /// `33`, or with a suffix as some clusters say it.
    pub minor: String,
}

/// The Helm version that templates see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HelmVersion {
    /// `v4.2.4`.
    pub version: String,
    /// Commit of the build.
    pub git_commit: String,
    /// `clean` or `dirty`.
    pub git_tree_state: String,
    /// The compiler.
    pub go_version: String,
    /// The Kubernetes client library.
    pub kube_client_version: String,
}

/// `--kube-version` is no version. The texts are those of `k8s.io/apimachinery`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KubeVersionError {
    /// It does not begin like a version.
    #[error("could not parse {} as version", crate::text::go_quote(.0))]
    NoVersion(String),
    /// It has fewer than two numbers.
    #[error("illegal version string {}", crate::text::go_quote(.0))]
    Illegal(String),
    /// The first number has a leading zero.
    #[error(
        "illegal zero-prefixed version component {} in {}",
        crate::text::go_quote(component),
        crate::text::go_quote(text)
    )]
    LeadingZero {
        /// The number.
        component: String,
        /// The whole text.
        text: String,
    },
    /// A number is too large.
    #[error(
        "illegal non-numeric version component {} in {}: strconv.ParseUint: parsing {}: value out of range",
        crate::text::go_quote(component),
        crate::text::go_quote(text),
        crate::text::go_quote(component)
    )]
    TooLarge {
        /// The number.
        component: String,
        /// The whole text.
        text: String,
    },
}

impl Default for HelmVersion {
    /// The Helm this engine is compatible with.
    fn default() -> Self {
        Self {
            version: "v4.2.4".to_owned(),
            git_commit: String::new(),
            git_tree_state: "clean".to_owned(),
            go_version: "go1.26".to_owned(),
            kube_client_version: "v1.36".to_owned(),
        }
    }
}

impl Default for KubeVersion {
    /// The version of the client library of Helm 4.2.4.
    fn default() -> Self {
        let version = "v1.36.0".to_owned();
        Self {
            normalized: version.clone(),
            version,
            major: "1".to_owned(),
            minor: "36".to_owned(),
        }
    }
}

impl KubeVersion {
    /// What a cluster says of itself; all three texts are taken as they are.
    pub fn from_cluster(git_version: &str, major: &str, minor: &str) -> Self {
        Self {
            version: git_version.to_owned(),
            normalized: String::new(),
            major: major.to_owned(),
            minor: minor.to_owned(),
        }
    }

    /// Reads `--kube-version` (`ParseKubeVersion`, and `ParseGeneric` of `k8s.io/apimachinery/pkg/util/version`).
    pub fn parse(text: &str) -> Result<Self, KubeVersionError> {
        let no_version = || KubeVersionError::NoVersion(text.to_owned());
        let trimmed = text.trim_start_matches([' ', '\t', '\n', '\u{c}', '\r']);
        let digits = trimmed.strip_prefix('v').unwrap_or(trimmed);
        let end = digits
            .find(|character: char| !character.is_ascii_digit() && character != '.')
            .unwrap_or(digits.len());
        let numbers = &digits[..end];
        // Numbers end at the first dot that no digit follows; what stands behind may be anything but a new line.
        let numbers = numbers
            .find("..")
            .map_or(numbers, |at| &numbers[..at])
            .trim_end_matches('.');
        if numbers.is_empty() || numbers.starts_with('.') || digits.contains('\n') {
            return Err(no_version());
        }
        let parts: Vec<&str> = numbers.split('.').collect();
        if parts.len() < 2 {
            return Err(KubeVersionError::Illegal(text.to_owned()));
        }
        if parts[0].len() > 1 && parts[0].starts_with('0') {
            return Err(KubeVersionError::LeadingZero {
                component: parts[0].to_owned(),
                text: text.to_owned(),
            });
        }
        let mut components = Vec::with_capacity(parts.len());
        for part in parts {
            let number = part.parse::<u64>().map_err(|_| KubeVersionError::TooLarge {
                component: part.to_owned(),
                text: text.to_owned(),
            })?;
            components.push(number);
        }
        let (major, minor) = (components[0], components[1]);
        let version = if text.starts_with('v') {
            text.to_owned()
        } else {
            format!("v{text}")
        };
        let normalized = components
            .iter()
            .map(u64::to_string)
            .collect::<Vec<_>>()
            .join(".");
        Ok(Self {
            version,
            normalized: format!("v{normalized}"),
            major: major.to_string(),
            minor: minor.to_string(),
        })
    }

    /// The version that constraints are checked against, which is also what it prints as.
    pub fn as_str(&self) -> &str {
        if self.normalized.is_empty() {
            &self.version
        } else {
            &self.normalized
        }
    }
}

impl Default for ApiVersions {
    /// What the client library of Helm 4.2.4 knows without a cluster, in its order.
    fn default() -> Self {
        Self(
            DEFAULT_API_VERSIONS
                .iter()
                .map(|version| (*version).to_owned())
                .collect(),
        )
    }
}

impl ApiVersions {
    /// Whether a version, or a version with a kind, is there.
    pub fn has(&self, version: &str) -> bool {
        self.0.iter().any(|known| known == version)
    }
}

/// `common.DefaultVersionSet` of Helm 4.2.4.
const DEFAULT_API_VERSIONS: &[&str] = &[
    "v1",
    "admissionregistration.k8s.io/v1",
    "admissionregistration.k8s.io/v1alpha1",
    "admissionregistration.k8s.io/v1beta1",
    "internal.apiserver.k8s.io/v1alpha1",
    "apps/v1",
    "apps/v1beta1",
    "apps/v1beta2",
    "authentication.k8s.io/v1",
    "authentication.k8s.io/v1alpha1",
    "authentication.k8s.io/v1beta1",
    "authorization.k8s.io/v1",
    "authorization.k8s.io/v1beta1",
    "autoscaling/v1",
    "autoscaling/v2",
    "batch/v1",
    "batch/v1beta1",
    "certificates.k8s.io/v1",
    "certificates.k8s.io/v1beta1",
    "certificates.k8s.io/v1alpha1",
    "coordination.k8s.io/v1alpha2",
    "coordination.k8s.io/v1beta1",
    "coordination.k8s.io/v1",
    "discovery.k8s.io/v1",
    "discovery.k8s.io/v1beta1",
    "events.k8s.io/v1",
    "events.k8s.io/v1beta1",
    "extensions/v1beta1",
    "flowcontrol.apiserver.k8s.io/v1",
    "flowcontrol.apiserver.k8s.io/v1beta1",
    "flowcontrol.apiserver.k8s.io/v1beta2",
    "flowcontrol.apiserver.k8s.io/v1beta3",
    "networking.k8s.io/v1",
    "networking.k8s.io/v1beta1",
    "node.k8s.io/v1",
    "node.k8s.io/v1alpha1",
    "node.k8s.io/v1beta1",
    "policy/v1",
    "policy/v1beta1",
    "rbac.authorization.k8s.io/v1",
    "rbac.authorization.k8s.io/v1beta1",
    "rbac.authorization.k8s.io/v1alpha1",
    "resource.k8s.io/v1",
    "resource.k8s.io/v1beta2",
    "resource.k8s.io/v1beta1",
    "resource.k8s.io/v1alpha3",
    "scheduling.k8s.io/v1alpha2",
    "scheduling.k8s.io/v1beta1",
    "scheduling.k8s.io/v1",
    "storage.k8s.io/v1beta1",
    "storage.k8s.io/v1",
    "storage.k8s.io/v1alpha1",
    "storagemigration.k8s.io/v1beta1",
    "apiextensions.k8s.io/v1beta1",
    "apiextensions.k8s.io/v1",
];

/// The object templates see as `.Capabilities`.
pub(crate) fn to_value(capabilities: &Capabilities) -> Value {
    let versions = capabilities.api_versions.0.iter().map(String::as_str);
    Value::object(CapabilitiesObject {
        kube_version: Value::object(KubeVersionObject(capabilities.kube_version.clone())),
        api_versions: Value::object(VersionSetObject(List::strings(versions))),
        helm_version: Value::object(HelmVersionObject(capabilities.helm_version.clone())),
    })
}

/// `*common.Capabilities`
#[derive(Debug)]
struct CapabilitiesObject {
    kube_version: Value,
    api_versions: Value,
    helm_version: Value,
}

impl Object for CapabilitiesObject {
    fn type_name(&self) -> Cow<'static, str> {
        Cow::Borrowed("*common.Capabilities")
    }

    fn shape(&self) -> Shape {
        Shape::Pointer
    }

    fn field(&self, name: &str) -> Option<Value> {
        field(self.fields(), name)
    }

    fn method(self: Rc<Self>, name: &str) -> Option<Method> {
        (name == "Copy").then(|| {
            Method::new(move || {
                Value::object(Self {
                    kube_version: self.kube_version.clone(),
                    api_versions: self.api_versions.clone(),
                    helm_version: self.helm_version.clone(),
                })
            })
        })
    }

    fn fields(&self) -> Vec<(&'static str, Value)> {
        vec![
            ("KubeVersion", self.kube_version.clone()),
            ("APIVersions", self.api_versions.clone()),
            ("HelmVersion", self.helm_version.clone()),
        ]
    }
}

/// `common.KubeVersion`; its methods belong to the pointer, so a copy of it prints as a struct.
#[derive(Debug)]
struct KubeVersionObject(KubeVersion);

impl Object for KubeVersionObject {
    fn type_name(&self) -> Cow<'static, str> {
        Cow::Borrowed("common.KubeVersion")
    }

    fn field(&self, name: &str) -> Option<Value> {
        // Not exported.
        if name == "normalizedVersion" {
            None
        } else {
            field(self.fields(), name)
        }
    }

    fn method(self: Rc<Self>, name: &str) -> Option<Method> {
        match name {
            "String" => Some(Method::new(move || Str::from(self.0.as_str()))),
            "GitVersion" => Some(Method::new(move || Str::from(self.0.version.as_str()))),
            _ => None,
        }
    }

    fn addressed_stringer(&self) -> Option<Str> {
        Some(Str::from(self.0.as_str()))
    }

    fn fields(&self) -> Vec<(&'static str, Value)> {
        vec![
            ("Version", Value::from(self.0.version.as_str())),
            ("normalizedVersion", Value::from(self.0.normalized.as_str())),
            ("Major", Value::from(self.0.major.as_str())),
            ("Minor", Value::from(self.0.minor.as_str())),
        ]
    }

    fn json(&self) -> JsonForm {
        let exported = self
            .fields()
            .into_iter()
            .filter(|(name, _)| *name != "normalizedVersion");
        JsonForm::Struct(exported.map(|(name, value)| (Str::from(name), value)).collect())
    }
}

/// `common.VersionSet`
#[derive(Debug)]
struct VersionSetObject(List);

impl Object for VersionSetObject {
    fn type_name(&self) -> Cow<'static, str> {
        Cow::Borrowed("common.VersionSet")
    }

    fn shape(&self) -> Shape {
        Shape::Named(Value::List(self.0.clone()))
    }

    fn method(self: Rc<Self>, name: &str) -> Option<Method> {
        (name == "Has").then(|| {
            Method::new(move |version: Str| {
                self.0
                    .items()
                    .iter()
                    .any(|known| known.as_str().is_some_and(|known| *known == version))
            })
        })
    }
}

/// `version.BuildInfo`
#[derive(Debug)]
struct HelmVersionObject(HelmVersion);

impl Object for HelmVersionObject {
    fn type_name(&self) -> Cow<'static, str> {
        Cow::Borrowed("version.BuildInfo")
    }

    fn field(&self, name: &str) -> Option<Value> {
        field(self.fields(), name)
    }

    fn fields(&self) -> Vec<(&'static str, Value)> {
        let HelmVersion {
            version,
            git_commit,
            git_tree_state,
            go_version,
            kube_client_version,
        } = &self.0;
        vec![
            ("Version", Value::from(version.as_str())),
            ("GitCommit", Value::from(git_commit.as_str())),
            ("GitTreeState", Value::from(git_tree_state.as_str())),
            ("GoVersion", Value::from(go_version.as_str())),
            ("KubeClientVersion", Value::from(kube_client_version.as_str())),
        ]
    }

    fn json(&self) -> JsonForm {
        let HelmVersion {
            version,
            git_commit,
            git_tree_state,
            go_version,
            kube_client_version,
        } = &self.0;
        let all = [
            ("version", version),
            ("git_commit", git_commit),
            ("git_tree_state", git_tree_state),
            ("go_version", go_version),
        ];
        let given = all.into_iter().filter(|(_, text)| !text.is_empty());
        // Only the last one is written when it is empty.
        let fields = given.chain([("kube_client_version", kube_client_version)]);
        JsonForm::Struct(
            fields
                .map(|(name, text)| (Str::from(name), Value::from(text.as_str())))
                .collect(),
        )
    }
}

fn field(fields: Vec<(&'static str, Value)>, name: &str) -> Option<Value> {
    fields
        .into_iter()
        .find(|(known, _)| *known == name)
        .map(|(_, value)| value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kube_versions_of_flags() {
        for (text, version, normalized, minor) in [
            ("1.29", "v1.29", "v1.29", "29"),
            ("v1.31.4", "v1.31.4", "v1.31.4", "31"),
            ("v1.33.4-gke.1245000", "v1.33.4-gke.1245000", "v1.33.4", "33"),
            ("1.029", "v1.029", "v1.29", "29"),
            ("1.29.3+k3s1", "v1.29.3+k3s1", "v1.29.3", "29"),
        ] {
            let parsed = KubeVersion::parse(text).unwrap();
            assert_eq!(
                (parsed.version.as_str(), parsed.as_str(), parsed.minor.as_str()),
                (version, normalized, minor)
            );
        }
        assert_eq!(
            KubeVersion::parse("x").unwrap_err().to_string(),
            "could not parse \"x\" as version"
        );
        assert_eq!(
            KubeVersion::parse("1").unwrap_err().to_string(),
            "illegal version string \"1\""
        );
        assert_eq!(
            KubeVersion::parse("01.2").unwrap_err().to_string(),
            "illegal zero-prefixed version component \"01\" in \"01.2\""
        );
    }
}
