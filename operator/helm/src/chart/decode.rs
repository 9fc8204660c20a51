//! Chart.yaml, requirements.yaml and the lock files, decoded as Go decodes them.

use serde::de::DeserializeOwned;
use serde_json::Map;

use super::metadata::Draft;
use super::{Dependency, Lock, Maintainer};
use crate::Data;
use crate::go_struct::{Shape, Struct, decode};
use crate::yaml::YamlError;

/// What Chart.yaml's `apiVersion` asks for.
pub(super) enum ApiVersion {
    /// Nothing, `v1` or `v2`.
    Stable,
    /// `v3`.
    Experimental,
    /// Anything else.
    Unknown,
}

const TEXTS: Shape = Shape::List(&Shape::Text, "[]string");

/// `chartBase` of `pkg/chart/loader/load.go`.
const BASE: Shape = Shape::Struct(&Struct {
    name: "chartBase",
    go_type: "loader.chartBase",
    fields: &[("apiVersion", Shape::Text)],
});

const DEPENDENCY: Struct = Struct {
    name: "Dependency",
    go_type: "v2.Dependency",
    fields: &[
        ("name", Shape::Text),
        ("version", Shape::Text),
        ("repository", Shape::Text),
        ("condition", Shape::Text),
        ("tags", TEXTS),
        ("enabled", Shape::Bool),
        ("import-values", Shape::List(&Shape::Any, "[]interface {}")),
        ("alias", Shape::Text),
    ],
};

const MAINTAINER: Struct = Struct {
    name: "Maintainer",
    go_type: "v2.Maintainer",
    fields: &[
        ("name", Shape::Text),
        ("email", Shape::Text),
        ("url", Shape::Text),
    ],
};

const METADATA: Shape = Shape::Struct(&Struct {
    name: "Metadata",
    go_type: "v2.Metadata",
    fields: &[
        ("name", Shape::Text),
        ("home", Shape::Text),
        ("sources", TEXTS),
        ("version", Shape::Text),
        ("description", Shape::Text),
        ("keywords", TEXTS),
        (
            "maintainers",
            Shape::List(&Shape::Struct(&MAINTAINER), "[]*v2.Maintainer"),
        ),
        ("icon", Shape::Text),
        ("apiVersion", Shape::Text),
        ("condition", Shape::Text),
        ("tags", Shape::Text),
        ("appVersion", Shape::Text),
        ("deprecated", Shape::Bool),
        ("annotations", Shape::TextMap),
        ("kubeVersion", Shape::Text),
        (
            "dependencies",
            Shape::List(&Shape::Struct(&DEPENDENCY), "[]*v2.Dependency"),
        ),
        ("type", Shape::Text),
    ],
});

const LOCK: Shape = Shape::Struct(&Struct {
    name: "Lock",
    go_type: "v2.Lock",
    fields: &[
        ("generated", Shape::Time),
        ("digest", Shape::Text),
        (
            "dependencies",
            Shape::List(&Shape::Struct(&DEPENDENCY), "[]*v2.Dependency"),
        ),
    ],
});

/// Looks only at the API version.
pub(super) fn api_version(text: &[u8]) -> Result<ApiVersion, YamlError> {
    let base = decode(text, &BASE)?;
    Ok(match base.get("apiVersion").and_then(Data::as_str) {
        None | Some("" | "v1" | "v2") => ApiVersion::Stable,
        Some("v3") => ApiVersion::Experimental,
        Some(_) => ApiVersion::Unknown,
    })
}

/// Decodes Chart.yaml or requirements.yaml over what is there already: absent fields stay.
pub(super) fn metadata(text: &[u8], draft: &mut Draft) -> Result<(), YamlError> {
    let Data::Object(mut fields) = decode(text, &METADATA)? else {
        return Ok(());
    };
    let metadata = &mut draft.metadata;
    for (name, target) in [
        ("name", &mut metadata.name),
        ("home", &mut metadata.home),
        ("version", &mut metadata.version),
        ("description", &mut metadata.description),
        ("icon", &mut metadata.icon),
        ("apiVersion", &mut metadata.api_version),
        ("condition", &mut metadata.condition),
        ("tags", &mut metadata.tags),
        ("appVersion", &mut metadata.app_version),
        ("kubeVersion", &mut metadata.kube_version),
        ("type", &mut metadata.chart_type),
    ] {
        if let Some(Data::String(text)) = fields.remove(name) {
            *target = text;
        }
    }
    take(&mut fields, "sources", &mut metadata.sources);
    take(&mut fields, "keywords", &mut metadata.keywords);
    take(&mut fields, "deprecated", &mut metadata.deprecated);
    match fields.remove("annotations") {
        Some(Data::Object(entries)) => {
            metadata
                .annotations
                .extend(entries.into_iter().filter_map(|(key, value)| match value {
                    Data::String(value) => Some((key, value)),
                    _ => None,
                }));
        }
        Some(_) => metadata.annotations.clear(),
        None => {}
    }
    take_list::<Maintainer>(&mut fields, "maintainers", &mut draft.maintainers);
    if let Some(dependencies) = fields.get("dependencies") {
        draft.declares_dependencies = !dependencies.is_null();
    }
    take_list::<Dependency>(&mut fields, "dependencies", &mut draft.dependencies);
    Ok(())
}

/// Decodes a lock file; `None` for an empty one.
pub(super) fn lock(text: &[u8]) -> Result<Option<Lock>, YamlError> {
    match decode(text, &LOCK)? {
        Data::Null => Ok(None),
        data => Ok(Some(from_checked(data))),
    }
}

/// Replaces a field that is present; null clears it.
fn take<T: DeserializeOwned + Default>(fields: &mut Map<String, Data>, name: &str, target: &mut T) {
    match fields.remove(name) {
        Some(Data::Null) => *target = T::default(),
        Some(data) => *target = from_checked(data),
        None => {}
    }
}

/// Replaces a list item by item: Go decodes into the structs that are there already, so fields which an item leaves out
/// keep their value.
fn take_list<T>(fields: &mut Map<String, Data>, name: &str, target: &mut Vec<Option<T>>)
where
    T: DeserializeOwned + Default + serde::Serialize + Clone,
{
    let items = match fields.remove(name) {
        Some(Data::Array(items)) => items,
        Some(_) => Vec::new(),
        None => return,
    };
    let old = std::mem::take(target);
    let mut old = old.into_iter();
    *target = items
        .into_iter()
        .map(|item| {
            let before = old.next().flatten();
            let Data::Object(item) = item else { return None };
            let mut merged = match before.and_then(|before| serde_json::to_value(before).ok()) {
                Some(Data::Object(before)) => before,
                _ => Map::new(),
            };
            merged.extend(item);
            Some(from_checked(Data::Object(merged)))
        })
        .collect();
}

/// The shape is checked, so this cannot fail; a default stands for the impossible.
fn from_checked<T: DeserializeOwned + Default>(data: Data) -> T {
    serde_json::from_value(data).unwrap_or_default()
}
