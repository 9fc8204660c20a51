//! What is to be seen of a twin: its release Secrets, its live objects, and what `helm` says.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use kube::Client;
use kube::api::{Api, ApiResource, DynamicObject, GroupVersionKind, ListParams};
use serde_json::Value;

use crate::normal;
use crate::play::Twin;

/// Names of things and their text, made comparable.
pub(crate) type Sight = BTreeMap<String, String>;

/// Kinds that are looked at in the namespace: those that charts of these tests hold.
const NAMESPACED: &[(&str, &str, &str)] = &[
    ("", "v1", "ConfigMap"),
    ("", "v1", "Secret"),
    ("", "v1", "Service"),
    ("", "v1", "ServiceAccount"),
    ("", "v1", "PersistentVolumeClaim"),
    ("", "v1", "Pod"),
    ("apps", "v1", "Deployment"),
    ("apps", "v1", "StatefulSet"),
    ("apps", "v1", "DaemonSet"),
    ("batch", "v1", "Job"),
    ("batch", "v1", "CronJob"),
    ("policy", "v1", "PodDisruptionBudget"),
    ("networking.k8s.io", "v1", "NetworkPolicy"),
    ("networking.k8s.io", "v1", "Ingress"),
    ("rbac.authorization.k8s.io", "v1", "Role"),
    ("rbac.authorization.k8s.io", "v1", "RoleBinding"),
    ("autoscaling", "v2", "HorizontalPodAutoscaler"),
];

/// Kinds of the cluster that are looked at: objects with the mark or the namespace in their name.
const CLUSTER: &[(&str, &str, &str)] = &[
    ("", "v1", "Namespace"),
    ("scheduling.k8s.io", "v1", "PriorityClass"),
    ("rbac.authorization.k8s.io", "v1", "ClusterRole"),
    ("rbac.authorization.k8s.io", "v1", "ClusterRoleBinding"),
    ("apiextensions.k8s.io", "v1", "CustomResourceDefinition"),
];

/// How often a question is asked again when a busy machine did not answer helm in time.
const UNREACHABLE_RETRIES: usize = 3;

/// Release Secrets and live objects.
///
/// # Errors
/// The API server did not answer, or a release Secret cannot be read.
pub(crate) async fn around(twin: &Twin) -> Result<Sight> {
    let client = twin.namespace.client();
    let mut sight = Sight::new();
    let mut records = vec![];
    for kind in NAMESPACED {
        let api: Api<DynamicObject> =
            Api::namespaced_with(client.clone(), twin.namespace.name(), &resource(kind));
        for object in list(&api, kind).await? {
            if object["type"] == "helm.sh/release.v1" {
                records.push(object);
            } else if normal::is_ours_to_compare(&object) {
                see(&mut sight, twin, kind.2, &normal::object(object, twin.referee))?;
            }
        }
    }
    for (api, name) in cluster_objects(twin).await? {
        if name == twin.namespace.name() {
            continue;
        }
        let object = serde_json::to_value(api.get(&name).await?)?;
        let kind = object["kind"].as_str().unwrap_or_default().to_owned();
        let cluster_kind = format!("{kind} of the cluster");
        see(
            &mut sight,
            twin,
            &cluster_kind,
            &normal::object(object, twin.referee),
        )?;
    }
    for instance in custom_objects(twin).await? {
        let kind = instance["kind"].as_str().unwrap_or_default().to_owned();
        see(&mut sight, twin, &kind, &normal::object(instance, twin.referee))?;
    }
    for (name, record) in normal::records(records, twin.referee)? {
        see_named(&mut sight, twin, &format!("release Secret {name}"), &record)?;
    }
    Ok(sight)
}

/// Objects of the cluster that belong to a twin: API and name.
///
/// # Errors
/// The API server did not answer.
pub(crate) async fn cluster_objects(twin: &Twin) -> Result<Vec<(Api<DynamicObject>, String)>> {
    let client: Client = twin.namespace.client();
    let mut found = vec![];
    for kind in CLUSTER {
        let api: Api<DynamicObject> = Api::all_with(client.clone(), &resource(kind));
        for object in list(&api, kind).await? {
            let name = object["metadata"]["name"].as_str().unwrap_or_default();
            if (name.contains(&twin.mark) || name.contains(twin.namespace.name()))
                && name != twin.namespace.name()
            {
                found.push((api.clone(), name.to_owned()));
            }
        }
    }
    Ok(found)
}

/// Objects of the kinds that this twin's own CRDs define.
async fn custom_objects(twin: &Twin) -> Result<Vec<Value>> {
    let client: Client = twin.namespace.client();
    let crds: Api<DynamicObject> = Api::all_with(
        client.clone(),
        &resource(&("apiextensions.k8s.io", "v1", "CustomResourceDefinition")),
    );
    let mut found = vec![];
    for crd in crds.list(&ListParams::default()).await? {
        let crd = serde_json::to_value(crd)?;
        let group = crd["spec"]["group"].as_str().unwrap_or_default();
        if !group.contains(&twin.mark) {
            continue;
        }
        let kind = crd["spec"]["names"]["kind"].as_str().unwrap_or_default();
        let resource = ApiResource {
            group: group.to_owned(),
            version: "v1".to_owned(),
            api_version: format!("{group}/v1"),
            kind: kind.to_owned(),
            plural: crd["spec"]["names"]["plural"]
                .as_str()
                .unwrap_or_default()
                .to_owned(),
        };
        let api: Api<DynamicObject> = Api::namespaced_with(client.clone(), twin.namespace.name(), &resource);
        // A CRD that goes at this moment has no instances.
        let Ok(instances) = api.list(&ListParams::default()).await else {
            continue;
        };
        for instance in instances {
            let mut instance = serde_json::to_value(instance)?;
            instance["kind"] = kind.into();
            found.push(instance);
        }
    }
    Ok(found)
}

/// Everything that `helm` says about the release.
///
/// # Errors
/// `helm` could not be started.
pub(crate) async fn questions(twin: &Twin) -> Result<Sight> {
    let mut sight = Sight::new();
    for question in [
        &["history", "web", "--output", "json"][..],
        &["status", "web", "--output", "json"],
        &["get", "metadata", "web", "--output", "json"],
        &["get", "all", "web"],
        &["get", "values", "web", "--all"],
        &["list", "--output", "json"],
    ] {
        let arguments: Vec<String> = question.iter().map(|&word| word.to_owned()).collect();
        let mut output = twin.helm(&arguments).await?;
        for _ in 0..UNREACHABLE_RETRIES {
            if !output.stderr.contains("cluster unreachable") {
                break;
            }
            output = twin.helm(&arguments).await?;
        }
        let answer = format!("{}{}{}", output.stdout, output.stderr, output.status);
        sight.insert(
            format!("helm {}", question.join(" ")),
            normal::answer(&answer, twin),
        );
    }
    Ok(sight)
}

fn see(sight: &mut Sight, twin: &Twin, kind: &str, object: &Value) -> Result<()> {
    let name = object["metadata"]["name"].as_str().unwrap_or_default().to_owned();
    see_named(sight, twin, &format!("{kind} {name}"), object)
}

fn see_named(sight: &mut Sight, twin: &Twin, name: &str, object: &Value) -> Result<()> {
    let text = serde_json::to_string_pretty(object)?;
    let (name, text) = (normal::text(name, twin), normal::text(&text, twin));
    // Long strings are easier to compare as lines.
    sight.insert(name, text.replace("\\n", "\n    "));
    Ok(())
}

async fn list(api: &Api<DynamicObject>, kind: &(&str, &str, &str)) -> Result<Vec<Value>> {
    let objects = api
        .list(&ListParams::default())
        .await
        .with_context(|| format!("list {}", kind.2))?;
    objects
        .into_iter()
        .map(|object| {
            let mut object = serde_json::to_value(object)?;
            object["kind"] = kind.2.into();
            Ok(object)
        })
        .collect()
}

fn resource(kind: &(&str, &str, &str)) -> ApiResource {
    ApiResource::from_gvk(&GroupVersionKind::gvk(kind.0, kind.1, kind.2))
}
