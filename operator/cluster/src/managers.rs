//! Field ownership: what moves from client-side to server-side `helm`, and what stays with an autoscaler.
//!
//! Mirrors client-go's `csaupgrade` as Helm 4 uses it: fields that `helm` wrote client-side would otherwise stay for
//! ever when a chart drops them, because server-side apply removes only what its own Apply entry owns.

use kube::api::{Api, DynamicObject, Patch, PatchParams};
use plan::EffectError;
use serde_json::{Map, Value, json};

use crate::error::{effect_error, is_conflict, is_not_found};
use crate::objects::TargetObject;
use crate::storage::FIELD_MANAGER;

/// How often a migration is tried again when the object changed in between.
const CONFLICT_RETRIES: usize = 5;

/// Moves the fields that `helm` owns by client-side writes to its server-side entry. No-op when there are none.
pub(crate) async fn migrate(api: &Api<DynamicObject>, object: &TargetObject) -> Result<(), EffectError> {
    let name = &object.reference.name;
    let failed = |error: &kube::Error| {
        effect_error(
            "could not migrate the field managers",
            Some(&object.reference),
            error,
        )
    };
    for _ in 0..CONFLICT_RETRIES {
        let live = match api.get(name).await {
            Ok(live) => live,
            Err(error) if is_not_found(&error) => return Ok(()),
            Err(error) => return Err(failed(&error)),
        };
        let entries = serde_json::to_value(&live.metadata.managed_fields).unwrap_or_default();
        let Some(moved) = upgraded(entries.as_array().map_or(&[], Vec::as_slice)) else {
            return Ok(());
        };
        let patch = json!({"metadata": {
            "managedFields": moved,
            "resourceVersion": live.metadata.resource_version,
        }});
        match api
            .patch(name, &PatchParams::default(), &Patch::Merge(&patch))
            .await
        {
            Ok(_) => return Ok(()),
            Err(error) if is_conflict(&error) => {}
            Err(error) => return Err(failed(&error)),
        }
    }
    Ok(())
}

/// The managed fields with every client-side entry of `helm` merged into one Apply entry; `None` when there is none.
fn upgraded(entries: &[Value]) -> Option<Vec<Value>> {
    let ours = |entry: &Value, operation: &str| {
        entry["manager"] == FIELD_MANAGER
            && entry["operation"] == operation
            && entry["subresource"].as_str().unwrap_or_default().is_empty()
    };
    let client_side: Vec<&Value> = entries.iter().filter(|entry| ours(entry, "Update")).collect();
    let newest = *client_side.last()?;
    let mut apply = entries
        .iter()
        .find(|entry| ours(entry, "Apply"))
        .cloned()
        .unwrap_or_else(|| {
            let mut entry = newest.clone();
            entry["operation"] = "Apply".into();
            entry["fieldsV1"] = json!({});
            entry
        });
    for entry in client_side {
        union(&mut apply["fieldsV1"], &entry["fieldsV1"]);
    }
    let others = entries
        .iter()
        .filter(|entry| !ours(entry, "Update") && !ours(entry, "Apply"))
        .cloned();
    Some(std::iter::once(apply).chain(others).collect())
}

/// Adds the fields of one set to another.
fn union(into: &mut Value, from: &Value) {
    let Some(from) = from.as_object() else { return };
    if !into.is_object() {
        *into = Value::Object(Map::new());
    }
    for (key, value) in from {
        union(&mut into[key], value);
    }
}

/// Takes `spec.replicas` out of an object whose replicas are owned through the scale subresource.
pub(crate) fn leave_scaled_replicas(body: &mut Value, live: &DynamicObject) {
    let scaled = live.metadata.managed_fields.iter().flatten().any(|entry| {
        entry.subresource.as_deref() == Some("scale")
            && entry
                .fields_v1
                .as_ref()
                .is_some_and(|fields| fields.0.pointer("/f:spec/f:replicas").is_some())
    });
    if scaled && let Some(spec) = body.get_mut("spec").and_then(Value::as_object_mut) {
        spec.remove("replicas");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(manager: &str, operation: &str, subresource: &str, fields: &Value) -> Value {
        json!({"manager": manager, "operation": operation, "subresource": subresource, "apiVersion": "v1", "fieldsV1": fields})
    }

    #[test]
    fn client_side_fields_of_helm_join_its_apply_entry() {
        let entries = [
            entry("helm", "Update", "", &json!({"f:data": {"f:a": {}}})),
            entry("kubectl", "Update", "", &json!({"f:data": {"f:c": {}}})),
            entry("helm", "Apply", "", &json!({"f:data": {"f:b": {}}})),
        ];
        let moved = upgraded(&entries).unwrap();
        assert_eq!(moved.len(), 2);
        assert_eq!(moved[0]["fieldsV1"], json!({"f:data": {"f:a": {}, "f:b": {}}}));
        assert_eq!(moved[1]["manager"], "kubectl");
    }

    #[test]
    fn without_client_side_fields_nothing_moves() {
        assert_eq!(upgraded(&[entry("helm", "Apply", "", &json!({}))]), None);
        assert_eq!(upgraded(&[entry("helm", "Update", "status", &json!({}))]), None);
    }

    #[test]
    fn replicas_of_an_autoscaler_stay_with_it() {
        let mut live = DynamicObject::new(
            "web",
            &kube::api::ApiResource::erase::<k8s_openapi::api::apps::v1::Deployment>(&()),
        );
        let mut body = json!({"spec": {"replicas": 1, "paused": false}});
        leave_scaled_replicas(&mut body, &live);
        assert_eq!(body["spec"]["replicas"], 1);
        live.metadata.managed_fields = serde_json::from_value(json!([entry(
            "autoscaler",
            "Update",
            "scale",
            &json!({"f:spec": {"f:replicas": {}}})
        )]))
        .unwrap();
        leave_scaled_replicas(&mut body, &live);
        assert_eq!(body, json!({"spec": {"paused": false}}));
    }
}
