//! Chart.yaml: what a chart says of itself.
//!
//! The JSON names are those of Chart.yaml and of Helm's release records; order and omission of fields are Go's.
//! Mirrors `pkg/chart/v2/metadata.go` and `dependency.go`, with the error texts.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::Data;
use crate::text::{go_quote, is_print};
use crate::version::Version;

/// The API version of charts that Helm 2 could read.
pub const API_VERSION_V1: &str = "v1";
/// The API version of today's charts.
pub const API_VERSION_V2: &str = "v2";

/// Chart.yaml. Empty strings mean "not given", as in Go.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Metadata {
    /// The name. Required.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// Home page.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub home: String,
    /// Source code pages.
    #[serde(skip_serializing_if = "Vec::is_empty", deserialize_with = "null_is_default")]
    pub sources: Vec<String>,
    /// The version, semantic in Masterminds' loose sense. Required.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub version: String,
    /// One sentence.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// Search words.
    #[serde(skip_serializing_if = "Vec::is_empty", deserialize_with = "null_is_default")]
    pub keywords: Vec<String>,
    /// Who keeps it.
    #[serde(skip_serializing_if = "Vec::is_empty", deserialize_with = "null_is_default")]
    pub maintainers: Vec<Maintainer>,
    /// Address of an image.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub icon: String,
    /// `v1` or `v2`; an absent one was set to `v1` by the loader.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub api_version: String,
    /// Unused leftover of Helm 2.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub condition: String,
    /// Unused leftover of Helm 2.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub tags: String,
    /// Version of the application inside; any text.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub app_version: String,
    /// Nobody should use this chart any more.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub deprecated: bool,
    /// Free for other programs.
    #[serde(
        skip_serializing_if = "BTreeMap::is_empty",
        deserialize_with = "null_is_default"
    )]
    pub annotations: BTreeMap<String, String>,
    /// Range of Kubernetes versions.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub kube_version: String,
    /// Declared dependencies.
    #[serde(skip_serializing_if = "Vec::is_empty", deserialize_with = "null_is_default")]
    pub dependencies: Vec<Dependency>,
    /// Empty, `application` or `library`.
    #[serde(rename = "type", skip_serializing_if = "String::is_empty")]
    pub chart_type: String,
}

/// A person or group that keeps a chart.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Maintainer {
    /// Name.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// Address for mail.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub email: String,
    /// Page.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub url: String,
}

/// One entry of `dependencies`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Dependency {
    /// The name in the dependency's own Chart.yaml.
    pub name: String,
    /// A version, or a range of versions.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub version: String,
    /// Where it is fetched from.
    pub repository: String,
    /// Comma-separated paths of values; the first that is a boolean decides whether it is enabled.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub condition: String,
    /// Words that switch groups of dependencies.
    #[serde(skip_serializing_if = "Vec::is_empty", deserialize_with = "null_is_default")]
    pub tags: Vec<String>,
    /// Whether it takes part; set while the chart is processed.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub enabled: bool,
    /// What of its values the parent takes over: names, or `{child, parent}` maps.
    #[serde(
        rename = "import-values",
        skip_serializing_if = "Vec::is_empty",
        deserialize_with = "null_is_default"
    )]
    pub import_values: Vec<Data>,
    /// The name it goes by here.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub alias: String,
}

/// Why Chart.yaml was refused; Helm's texts.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("validation: {0}")]
pub struct ValidationError(pub(crate) String);

/// Metadata as decoded: lists may hold nulls, which validation refuses.
#[derive(Debug, Default)]
pub(crate) struct Draft {
    pub(crate) metadata: Metadata,
    pub(crate) maintainers: Vec<Option<Maintainer>>,
    pub(crate) dependencies: Vec<Option<Dependency>>,
    /// Whether `dependencies` is there and not null, be it empty: then subcharts are looked into.
    pub(crate) declares_dependencies: bool,
}

impl Draft {
    /// Sanitises, then checks, in Helm's order (`Metadata.Validate`).
    pub(crate) fn validate(self) -> Result<Metadata, ValidationError> {
        let Self {
            mut metadata,
            maintainers,
            dependencies,
            declares_dependencies: _,
        } = self;
        metadata.sanitize();
        metadata.check()?;
        for maintainer in maintainers {
            let Some(Maintainer { name, email, url }) = maintainer else {
                return refuse("maintainers must not contain empty or null nodes");
            };
            metadata.maintainers.push(Maintainer {
                name: sanitize(&name),
                email: sanitize(&email),
                url: sanitize(&url),
            });
        }
        let mut seen = BTreeSet::new();
        for dependency in dependencies {
            let Some(mut dependency) = dependency else {
                return refuse("dependencies must not contain empty or null nodes");
            };
            dependency.sanitize();
            if !dependency.alias.is_empty() && !is_alias(&dependency.alias) {
                let name = go_quote(&dependency.name);
                return refuse(format!(
                    "dependency {name} has disallowed characters in the alias"
                ));
            }
            let key = if dependency.alias.is_empty() {
                &dependency.name
            } else {
                &dependency.alias
            };
            if !seen.insert(key.clone()) {
                return refuse(format!(
                    "more than one dependency with name or alias {}",
                    go_quote(key)
                ));
            }
            metadata.dependencies.push(dependency);
        }
        Ok(metadata)
    }
}

impl Metadata {
    fn sanitize(&mut self) {
        for text in [
            &mut self.name,
            &mut self.description,
            &mut self.home,
            &mut self.icon,
            &mut self.condition,
            &mut self.tags,
            &mut self.app_version,
            &mut self.kube_version,
        ] {
            *text = sanitize(text);
        }
        for text in self.sources.iter_mut().chain(&mut self.keywords) {
            *text = sanitize(text);
        }
    }

    fn check(&self) -> Result<(), ValidationError> {
        if self.api_version.is_empty() {
            return refuse("chart.metadata.apiVersion is required");
        }
        if self.name.is_empty() {
            return refuse("chart.metadata.name is required");
        }
        if self.name == "." || self.name == ".." {
            return refuse(format!(
                "chart.metadata.name {} is not allowed",
                go_quote(&self.name)
            ));
        }
        // Upstream compares the name with its last path element, which lets a lone slash pass.
        if self.name.contains('/') && self.name != "/" {
            return refuse(format!("chart.metadata.name {} is invalid", go_quote(&self.name)));
        }
        if self.version.is_empty() {
            return refuse("chart.metadata.version is required");
        }
        if Version::parse(&self.version).is_err() {
            return refuse(format!(
                "chart.metadata.version {} is invalid",
                go_quote(&self.version)
            ));
        }
        if !matches!(self.chart_type.as_str(), "" | "application" | "library") {
            return refuse("chart.metadata.type must be application or library");
        }
        Ok(())
    }
}

impl Dependency {
    fn sanitize(&mut self) {
        for text in [
            &mut self.name,
            &mut self.version,
            &mut self.repository,
            &mut self.condition,
        ] {
            *text = sanitize(text);
        }
        for tag in &mut self.tags {
            *tag = sanitize(tag);
        }
    }
}

/// White space becomes a blank, what cannot be printed goes.
fn sanitize(text: &str) -> String {
    text.chars()
        .filter_map(|character| {
            if character.is_whitespace() {
                Some(' ')
            } else {
                is_print(character).then_some(character)
            }
        })
        .collect()
}

fn is_alias(text: &str) -> bool {
    text.bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
}

fn refuse<T>(message: impl Into<String>) -> Result<T, ValidationError> {
    Err(ValidationError(message.into()))
}

/// Go writes empty lists that were never set as null, and reads them back.
fn null_is_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: serde::Deserializer<'de>,
    T: Default + Deserialize<'de>,
{
    Option::<T>::deserialize(deserializer).map(Option::unwrap_or_default)
}
