//! A manifest as objects that can be written: kinds resolved, namespaces filled in, ownership metadata set.
//!
//! Mirrors what Helm's `kube.Client.Build` and `setMetadataVisitor` do. Nothing is written here.

use kube::api::{Api, DynamicObject};
use kube::{Client, ResourceExt};
use plan::{Category, EffectError, ErrorClass, ObjectRef, Target};
use serde_json::{Map, Value};

use crate::discovery::{Discovery, Served};
use crate::error::{effect_error, permanent};

/// The label that Helm puts on every object of a manifest.
pub const MANAGED_BY_LABEL: &str = "app.kubernetes.io/managed-by";
/// Its value.
pub const MANAGED_BY: &str = "Helm";
/// The annotation with the name of the release.
pub const RELEASE_NAME: &str = "meta.helm.sh/release-name";
/// The annotation with the namespace of the release.
pub const RELEASE_NAMESPACE: &str = "meta.helm.sh/release-namespace";
/// The annotation that keeps an object from being deleted.
pub const RESOURCE_POLICY: &str = "helm.sh/resource-policy";

/// One object of a manifest and where it is served.
#[derive(Clone, Debug, PartialEq)]
pub struct TargetObject {
    /// Its identity.
    pub reference: ObjectRef,
    /// Its resource.
    pub served: Served,
    /// Its content as rendered, namespace filled in.
    pub body: Value,
}

impl TargetObject {
    /// The API of its kind, in its namespace where it has one.
    pub fn api(&self, client: &Client) -> Api<DynamicObject> {
        api(client, &self.served, &self.reference.namespace)
    }

    /// Whether two objects are the same one by Helm's rule: group, kind, namespace and name, not version.
    pub fn same(&self, other: &Self) -> bool {
        self.served.resource.group == other.served.resource.group
            && self.reference.kind == other.reference.kind
            && self.reference.namespace == other.reference.namespace
            && self.reference.name == other.reference.name
    }

    /// Whether a name is made by the API server, so that the object can't be looked up.
    pub fn has_generated_name(&self) -> bool {
        self.reference.name.is_empty()
    }
}

/// The API of a kind, in a namespace where it has one.
pub fn api(client: &Client, served: &Served, namespace: &str) -> Api<DynamicObject> {
    if served.namespaced {
        Api::namespaced_with(client.clone(), namespace, &served.resource)
    } else {
        Api::all_with(client.clone(), &served.resource)
    }
}

/// Reads a manifest, resolves every kind and fills in the release's namespace.
///
/// # Errors
/// The text is not a list of objects, or the API server does not serve a kind (Helm's words for both).
pub async fn build(
    discovery: &Discovery,
    release: &Target,
    manifest: &str,
) -> Result<Vec<TargetObject>, EffectError> {
    let mut found = Vec::new();
    for body in parse(manifest)? {
        found.push(resolve(discovery, release.namespace.as_str(), body).await?);
    }
    Ok(found)
}

/// Like [`build`], but objects whose kind is gone are left out: what can't exist need not be deleted or compared.
pub async fn build_known(
    discovery: &Discovery,
    release: &Target,
    manifest: &str,
) -> Result<Vec<TargetObject>, EffectError> {
    let mut found = Vec::new();
    for body in parse(manifest)? {
        match resolve(discovery, release.namespace.as_str(), body).await {
            Ok(object) => found.push(object),
            Err(error) if error.category == Category::KindUnknown && error.class == ErrorClass::Permanent => {
            }
            Err(error) => return Err(error),
        }
    }
    Ok(found)
}

/// Finds where one object is served.
///
/// # Errors
/// See [`build`].
pub async fn resolve(
    discovery: &Discovery,
    namespace: &str,
    mut body: Value,
) -> Result<TargetObject, EffectError> {
    let text = |pointer: &str| {
        body.pointer(pointer)
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    };
    let (api_version, kind) = (text("/apiVersion"), text("/kind"));
    let (name, own_namespace) = (text("/metadata/name"), text("/metadata/namespace"));
    let served = discovery
        .resolve(&api_version, &kind)
        .await
        .map_err(|error| effect_error("unable to discover the kinds of the cluster", None, &error))?;
    let Some(served) = served else {
        let late = discovery.is_expected(&api_version, &kind);
        return Err(EffectError {
            // Its CRD was created a moment ago: the next look will find it.
            class: if late {
                ErrorClass::Transient
            } else {
                ErrorClass::Permanent
            },
            ..permanent(
                Category::KindUnknown,
                kind_unknown(&name, &own_namespace, &api_version, &kind),
            )
        });
    };
    let namespace = match (served.namespaced, own_namespace.is_empty()) {
        (true, true) => namespace.to_owned(),
        (true, false) => own_namespace,
        (false, _) => String::new(),
    };
    if served.namespaced {
        metadata(&mut body).insert("namespace".to_owned(), Value::String(namespace.clone()));
    }
    Ok(TargetObject {
        reference: ObjectRef {
            api_version,
            kind,
            namespace,
            name,
        },
        served,
        body,
    })
}

/// Helm's words for a kind that the API server does not serve.
fn kind_unknown(name: &str, namespace: &str, api_version: &str, kind: &str) -> String {
    format!(
        "unable to build kubernetes objects from release manifest: resource mapping not found for name: \"{name}\" namespace: \"{namespace}\" from \"\": no matches for kind \"{kind}\" in version \"{api_version}\"\nensure CRDs are installed first"
    )
}

/// The objects of a manifest text in their order, `List` kinds flattened, empty documents dropped.
///
/// # Errors
/// A document is not YAML or not an object with a kind.
pub fn parse(manifest: &str) -> Result<Vec<Value>, EffectError> {
    let mut objects = Vec::new();
    for document in helm::manifest::split(manifest.as_bytes()) {
        let body = helm::yaml::parse(document).map_err(|error| {
            permanent(
                Category::ManifestInvalid,
                format!("error parsing the manifest: {error}"),
            )
        })?;
        flatten(with_integers(body), &mut objects)?;
    }
    Ok(objects)
}

fn flatten(body: Value, objects: &mut Vec<Value>) -> Result<(), EffectError> {
    match body {
        Value::Null => Ok(()),
        Value::Object(map) if is_list(&map) => {
            let items = map
                .get("items")
                .and_then(Value::as_array)
                .cloned()
                .unwrap_or_default();
            items.into_iter().try_for_each(|item| flatten(item, objects))
        }
        Value::Object(map) if map.get("kind").is_some_and(Value::is_string) => {
            objects.push(Value::Object(map));
            Ok(())
        }
        other => Err(permanent(
            Category::ManifestInvalid,
            format!(
                "error validating data: not an object with apiVersion and kind: {}",
                kind_of(&other)
            ),
        )),
    }
}

/// Numbers of charts are floating-point; the API wants whole ones without a fraction, as Go's JSON writes them.
fn with_integers(data: Value) -> Value {
    /// Beyond this, not every integer has a floating-point number of its own.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    match data {
        Value::Number(number) => match number.as_f64() {
            Some(float) if number.is_f64() && float.fract() == 0.0 && float.abs() <= EXACT => {
                (float as i64).into()
            }
            Some(_) | None => Value::Number(number),
        },
        Value::Array(items) => items.into_iter().map(with_integers).collect(),
        Value::Object(map) => map
            .into_iter()
            .map(|(key, value)| (key, with_integers(value)))
            .collect(),
        other => other,
    }
}

/// The API machinery's rule for lists: a kind that ends in `List` with `items`.
fn is_list(map: &Map<String, Value>) -> bool {
    map.get("kind")
        .and_then(Value::as_str)
        .is_some_and(|kind| kind.ends_with("List"))
        && map.get("items").is_some_and(Value::is_array)
}

fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "a map without a kind",
    }
}

/// Puts Helm's ownership metadata on an object, as `setMetadataVisitor` does.
pub fn own(body: &mut Value, release: &Target) {
    let metadata = metadata(body);
    entry(metadata, "labels").insert(MANAGED_BY_LABEL.to_owned(), MANAGED_BY.into());
    let annotations = entry(metadata, "annotations");
    annotations.insert(RELEASE_NAME.to_owned(), release.name.as_str().into());
    annotations.insert(RELEASE_NAMESPACE.to_owned(), release.namespace.as_str().into());
}

/// Why an existing object does not belong to a release, in Helm's words; `None` when it does
/// (`pkg/action/validate.go`).
pub fn ownership_problem(live: &DynamicObject, release: &Target) -> Option<String> {
    let mut problems = Vec::new();
    let check = |found: Option<&String>, what: &str, key: &str, wanted: &str| match found {
        Some(value) if value == wanted => None,
        Some(value) => Some(format!(
            "{what} validation error: key \"{key}\" must equal \"{wanted}\": current value is \"{value}\""
        )),
        None => Some(format!(
            "{what} validation error: missing key \"{key}\": must be set to \"{wanted}\""
        )),
    };
    problems.extend(check(
        live.labels().get(MANAGED_BY_LABEL),
        "label",
        MANAGED_BY_LABEL,
        MANAGED_BY,
    ));
    for (key, wanted) in [
        (RELEASE_NAME, release.name.as_str()),
        (RELEASE_NAMESPACE, release.namespace.as_str()),
    ] {
        problems.extend(check(live.annotations().get(key), "annotation", key, wanted));
    }
    (!problems.is_empty()).then(|| problems.join("; "))
}

/// The metadata of an object, made when it is missing or not a map.
pub fn metadata(body: &mut Value) -> &mut Map<String, Value> {
    if !body.is_object() {
        *body = Value::Object(Map::new());
    }
    match body {
        Value::Object(map) => entry(map, "metadata"),
        _ => unreachable!("it was made an object above"),
    }
}

/// A map under a key, made when it is missing or something else.
pub fn entry<'a>(map: &'a mut Map<String, Value>, key: &str) -> &'a mut Map<String, Value> {
    let slot = map
        .entry(key.to_owned())
        .or_insert_with(|| Value::Object(Map::new()));
    if !slot.is_object() {
        *slot = Value::Object(Map::new());
    }
    match slot {
        Value::Object(inner) => inner,
        _ => unreachable!("it was made an object above"),
    }
}
