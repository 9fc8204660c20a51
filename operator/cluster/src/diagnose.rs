//! Gathers what is behind an object that is not ready: its pods and the warnings about it. The interpretation is
//! `plan`'s; a look that fails only makes the story shorter.

use k8s_openapi::api::core::v1::{Event, Pod};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;
use kube::Client;
use kube::api::{Api, ListParams};
use kube::core::Selector;
use plan::Cause;
use serde::Serialize;
use serde_json::Value;

use crate::objects::TargetObject;

/// How many pods of an object are looked at: the pods of one template fail alike.
const PODS: u32 = 20;

/// How many events of a namespace are searched.
const EVENTS: u32 = 200;

/// The causes behind an object, looked up first.
pub(crate) async fn of(client: &Client, object: &TargetObject) -> Vec<Cause> {
    match object.api(client).get_opt(&object.reference.name).await {
        Ok(Some(live)) => behind(client, object, &serde_json::to_value(&live).unwrap_or_default()).await,
        Ok(None) | Err(_) => Vec::new(),
    }
}

/// The causes behind a live object.
pub(crate) async fn behind(client: &Client, object: &TargetObject, live: &Value) -> Vec<Cause> {
    let namespace = object.reference.namespace.as_str();
    if namespace.is_empty() {
        return plan::diagnose(live, &[], &[]);
    }
    let pods = pods(client, object, live).await;
    let events = warnings(client, namespace, object, &pods).await;
    plan::diagnose(live, &pods, &events)
}

/// The pods of a workload by its selector; a pod is its own.
async fn pods(client: &Client, object: &TargetObject, live: &Value) -> Vec<Value> {
    if object.reference.kind == "Pod" {
        return vec![live.clone()];
    }
    let Some(selector) = live.pointer("/spec/selector") else {
        return Vec::new();
    };
    // Services and replication controllers select by plain labels; their pods belong to somebody else.
    let Ok(selector) = serde_json::from_value::<LabelSelector>(selector.clone()) else {
        return Vec::new();
    };
    let Ok(selector) = Selector::try_from(selector) else {
        return Vec::new();
    };
    if selector.selects_all() {
        return Vec::new();
    }
    let api: Api<Pod> = Api::namespaced(client.clone(), &object.reference.namespace);
    let params = ListParams::default().labels_from(&selector).limit(PODS);
    api.list(&params)
        .await
        .map(|list| values(list.items))
        .unwrap_or_default()
}

/// The warnings about an object, about what it owns (its replica sets carry its name) and about its pods.
async fn warnings(client: &Client, namespace: &str, object: &TargetObject, pods: &[Value]) -> Vec<Value> {
    let api: Api<Event> = Api::namespaced(client.clone(), namespace);
    let params = ListParams::default().fields("type=Warning").limit(EVENTS);
    let Ok(list) = api.list(&params).await else {
        return Vec::new();
    };
    let about = |event: &Event| {
        let name = event.involved_object.name.as_deref().unwrap_or_default();
        name == object.reference.name
            || name
                .strip_prefix(&object.reference.name)
                .is_some_and(|rest| rest.starts_with('-'))
            || pods
                .iter()
                .any(|pod| pod.pointer("/metadata/name").and_then(Value::as_str) == Some(name))
    };
    let mut events: Vec<Event> = list.items.into_iter().filter(about).collect();
    events.sort_by_key(kube::ResourceExt::creation_timestamp);
    values(events)
}

fn values(items: Vec<impl Serialize>) -> Vec<Value> {
    items
        .into_iter()
        .filter_map(|item| serde_json::to_value(item).ok())
        .collect()
}
