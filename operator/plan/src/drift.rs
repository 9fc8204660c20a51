//! How a live object differs from what the manifest says.
//!
//! The manifest is the smaller one: the API server adds defaults, controllers add fields, webhooks add containers.
//! Only what the manifest says is compared, and values that the API server writes in another form (quantities) or
//! drops (empty ones) count as equal. Paths are told, values never: they may be secret.

mod ignore;
mod quantity;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::ObjectRef;
use crate::readiness::fields::Fields;

use ignore::Ignored;
pub use ignore::{Ignore, Pointer, PointerError};

/// An object that differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObjectDrift {
    /// The object.
    pub object: ObjectRef,
    /// Paths of fields that differ, `spec.containers[web].image`; empty when the object is missing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<String>,
}

/// Lists of built-in kinds that admission and controllers add to as a matter of course. More items in any other list
/// of theirs are a difference.
const ADDED_TO: [&str; 10] = [
    "containers",
    "initContainers",
    "volumes",
    "volumeMounts",
    "env",
    "envFrom",
    "imagePullSecrets",
    "tolerations",
    "finalizers",
    "ownerReferences",
];

/// Fields that tell the items of a list apart, the most telling first.
const ITEM_KEYS: [&str; 7] = [
    "mountPath",
    "devicePath",
    "name",
    "containerPort",
    "port",
    "ip",
    "topologyKey",
];

impl ObjectDrift {
    /// The most fields that are named.
    pub const MAX_FIELDS: usize = 10;
}

/// Compares a live object with its manifest; `None` when nothing that the manifest says differs.
///
/// Replicas that somebody set through the scale subresource belong to them, usually an autoscaler, and are not
/// compared; nor is what a rule of `ignore` names. An object that is missing is a difference unless a rule names all
/// of it.
pub fn compare(
    reference: &ObjectRef,
    manifest: &Value,
    live: Option<&Value>,
    ignore: &[Ignore],
) -> Option<ObjectDrift> {
    let object = reference.clone();
    let ignored = Ignored::of(ignore, reference, manifest);
    if ignored.all() {
        return None;
    }
    let Some(live) = live else {
        return Some(ObjectDrift {
            object,
            fields: Vec::new(),
        });
    };
    let Value::Object(wanted) = manifest else {
        return None;
    };
    let mut look = Look {
        built_in: is_built_in(&reference.api_version),
        ignored: &ignored,
        at: Vec::new(),
        fields: Vec::new(),
    };
    for (key, value) in wanted {
        match key.as_str() {
            // Status belongs to controllers; the kind may be served under another version.
            "status" | "apiVersion" | "kind" => {}
            "metadata" => {
                for part in ["labels", "annotations"] {
                    look.inside(&["metadata", part], |look| {
                        look.value(&value[part], &live["metadata"][part], &format!("metadata.{part}"));
                    });
                }
            }
            // The API server moves these into `data`, encoded.
            "stringData" if reference.kind == "Secret" => look.plain_secret(value, &live["data"]),
            _ => look.inside(&[key], |look| look.value(value, &live[key], key)),
        }
    }
    let mut fields = look.fields;
    if is_scaled(Fields(live)) {
        fields.retain(|field| field != "spec.replicas");
    }
    fields.truncate(ObjectDrift::MAX_FIELDS);
    (!fields.is_empty()).then_some(ObjectDrift { object, fields })
}

/// One comparison under way.
struct Look<'a> {
    /// Whether the kind is one of Kubernetes' own, whose lists are known.
    built_in: bool,
    /// What is not compared.
    ignored: &'a Ignored<'a>,
    /// Where the look is, in the manifest.
    at: Vec<String>,
    /// Paths that differ.
    fields: Vec<String>,
}

impl Look<'_> {
    /// Looks below a place, unless it is ignored.
    fn inside(&mut self, keys: &[&str], look: impl FnOnce(&mut Self)) {
        if self.ignored.is_empty() {
            return look(self);
        }
        let depth = self.at.len();
        self.at.extend(keys.iter().map(|key| (*key).to_owned()));
        if !self.ignored.covers(&self.at) {
            look(self);
        }
        self.at.truncate(depth);
    }

    fn value(&mut self, wanted: &Value, live: &Value, path: &str) {
        match (wanted, live) {
            (Value::Object(wanted), Value::Object(live)) => {
                for (key, value) in wanted {
                    let live = live.get(key).unwrap_or(&Value::Null);
                    self.inside(&[key], |look| look.value(value, live, &format!("{path}.{key}")));
                }
            }
            (Value::Array(wanted), Value::Array(live)) => self.list(wanted, live, path),
            (wanted, Value::Null) if self.is_empty(wanted) => {}
            (wanted, live) if wanted == live || quantity::are_equal(wanted, live, path) => {}
            (_, _) => self.fields.push(path.to_owned()),
        }
    }

    /// Values that the API server may leave out, those that are ignored among them.
    fn is_empty(&mut self, value: &Value) -> bool {
        let mut empty = true;
        let mut part = |look: &mut Self, key: &str, value: &Value| {
            look.inside(&[key], |look| empty = empty && look.is_empty(value));
        };
        match value {
            Value::Null => true,
            Value::Bool(flag) => !flag,
            Value::Number(number) => number.as_f64() == Some(0.0),
            Value::String(text) => text.is_empty(),
            Value::Array(items) => {
                for (place, item) in items.iter().enumerate() {
                    part(self, &place.to_string(), item);
                }
                empty
            }
            Value::Object(map) => {
                for (key, value) in map {
                    part(self, key, value);
                }
                empty
            }
        }
    }

    /// Items are matched by what tells them apart, else by place.
    fn list(&mut self, wanted: &[Value], live: &[Value], path: &str) {
        let key = item_key(wanted);
        for (place, item) in wanted.iter().enumerate() {
            let (found, at) = match key {
                Some(key) => {
                    let same = |other: &&Value| other[key] == item[key] && same_protocol(other, item);
                    (live.iter().find(same), format!("{path}[{}]", plain(&item[key])))
                }
                None => (live.get(place), format!("{path}[{place}]")),
            };
            let found = found.unwrap_or(&Value::Null);
            self.inside(&[&place.to_string()], |look| look.value(item, found, &at));
        }
        let name = path.rsplit('.').next().unwrap_or(path);
        let may_grow = ADDED_TO.contains(&name) || (!self.built_in && key.is_some());
        let more = (wanted.len()..live.len()).any(|place| !self.ignored.covers_item(&self.at, place));
        if more && !may_grow {
            self.fields.push(path.to_owned());
        }
    }

    fn plain_secret(&mut self, wanted: &Value, live: &Value) {
        let none = Map::new();
        for (key, text) in wanted.as_object().unwrap_or(&none) {
            let encoded = text.as_str().map(|text| STANDARD.encode(text));
            let place = |part: &str| [part.to_owned(), key.clone()];
            // Who looks at the live Secret sees the key in `data`.
            let ignored = ["stringData", "data"]
                .iter()
                .any(|part| self.ignored.covers(&place(part)));
            if !ignored && live[key].as_str() != encoded.as_deref() {
                self.fields.push(format!("stringData.{key}"));
            }
        }
    }
}

/// The field that tells the items of a list apart, if there is one.
fn item_key(items: &[Value]) -> Option<&'static str> {
    let tells = |key: &&str| {
        let value = |item: &Value| (plain(&item[*key]), plain(&item["protocol"]));
        let distinct = items
            .iter()
            .enumerate()
            .all(|(place, item)| items[..place].iter().all(|other| value(other) != value(item)));
        distinct
            && items
                .iter()
                .all(|item| item[*key].is_string() || item[*key].is_number())
    };
    if items.is_empty() {
        return None;
    }
    ITEM_KEYS.into_iter().find(tells)
}

/// Ports of one number may differ in protocol; TCP is what is meant when none is said.
fn same_protocol(a: &Value, b: &Value) -> bool {
    let protocol = |item: &Value| item["protocol"].as_str().unwrap_or("TCP").to_owned();
    protocol(a) == protocol(b)
}

fn plain(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), ToOwned::to_owned)
}

/// Whether somebody owns the replicas through the scale subresource.
fn is_scaled(live: Fields<'_>) -> bool {
    live.list(&["metadata", "managedFields"])
        .any(|entry| entry.text(&["subresource"]) == "scale")
}

/// Whether a kind is one of Kubernetes' own.
fn is_built_in(api_version: &str) -> bool {
    match api_version.split_once('/') {
        None => true,
        Some((group, _)) => !group.contains('.') || group.ends_with(".k8s.io"),
    }
}

#[cfg(test)]
mod tests;
