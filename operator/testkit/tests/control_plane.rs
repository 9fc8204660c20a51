//! The control plane that all other tests stand on does what they rely on.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "helpers of tests may fail loudly"
)]

use std::time::Duration;

use anyhow::{Context, Result};
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::batch::v1::Job;
use k8s_openapi::api::core::v1::{
    ConfigMap, ContainerStatus, Event, Namespace, PersistentVolume, PersistentVolumeClaim, Pod, Service,
    ServiceAccount,
};
use kube::api::{DeleteParams, ListParams, LogParams, PostParams};
use kube::{Api, ResourceExt};
use serde_json::{Value, json};
use testkit::simulation::{AFTER, LABEL, LAST_LOG_LINE};
use testkit::{ControlPlane, TestNamespace, eventually};

/// Far above what an idle machine needs, because tests run beside compilers.
const LONG: Duration = Duration::from_mins(1);

async fn namespace(purpose: &str) -> TestNamespace {
    ControlPlane::shared()
        .await
        .unwrap()
        .namespace(purpose)
        .await
        .unwrap()
}

fn pod(name: &str, image: &str, restart_policy: &str) -> Value {
    json!({
        "metadata": {"name": name},
        "spec": {"restartPolicy": restart_policy, "containers": [{"name": "main", "image": image}]},
    })
}

async fn create_pod(namespace: &TestNamespace, pod: Value) -> Result<String> {
    let pod: Pod = serde_json::from_value(pod)?;
    let pod = namespace
        .api::<Pod>()
        .create(&PostParams::default(), &pod)
        .await?;
    Ok(pod.name_any())
}

async fn create_deployment(namespace: &TestNamespace, image: &str) -> Result<()> {
    let deployment = json!({
        "metadata": {"name": "web"},
        "spec": {
            "replicas": 2,
            "selector": {"matchLabels": {"app": "web"}},
            "template": {
                "metadata": {"labels": {"app": "web"}},
                "spec": {"containers": [{"name": "web", "image": image}]},
            },
        },
    });
    namespace
        .api::<Deployment>()
        .create(&PostParams::default(), &serde_json::from_value(deployment)?)
        .await?;
    Ok(())
}

async fn create_job(namespace: &TestNamespace, image: &str) -> Result<()> {
    let job = json!({
        "metadata": {"name": "migrate"},
        "spec": {
            "backoffLimit": 0,
            "template": {"spec": {"restartPolicy": "Never", "containers": [{"name": "main", "image": image}]}},
        },
    });
    namespace
        .api::<Job>()
        .create(&PostParams::default(), &serde_json::from_value(job)?)
        .await?;
    Ok(())
}

async fn wait_for_pod<T>(
    namespace: &TestNamespace,
    name: &str,
    what: &str,
    look: impl Fn(&Pod) -> Option<T>,
) -> T {
    let pods = namespace.api::<Pod>();
    eventually(what, LONG, || async {
        let pod = pods.get(name).await?;
        look(&pod).map(Some).with_context(|| format!("{:?}", pod.status))
    })
    .await
    .unwrap()
}

fn container(pod: &Pod) -> Option<&ContainerStatus> {
    pod.status.as_ref()?.container_statuses.as_ref()?.first()
}

fn waits_for(pod: &Pod, reason: &str) -> Option<ContainerStatus> {
    let status = container(pod)?;
    let waiting = status.state.as_ref()?.waiting.as_ref()?;
    (waiting.reason.as_deref() == Some(reason)).then(|| status.clone())
}

fn phase(pod: &Pod) -> &str {
    pod.status
        .as_ref()
        .and_then(|status| status.phase.as_deref())
        .unwrap_or_default()
}

fn condition(pod: &Pod, type_: &str) -> Option<String> {
    let conditions = pod.status.as_ref()?.conditions.as_ref()?;
    conditions
        .iter()
        .find(|condition| condition.type_ == type_)
        .map(|condition| condition.status.clone())
}

async fn job_condition(namespace: &TestNamespace, type_: &str) {
    let jobs = namespace.api::<Job>();
    eventually(&format!("the job to be {type_}"), LONG, || async {
        let job = jobs.get("migrate").await?;
        let conditions = job
            .status
            .clone()
            .unwrap_or_default()
            .conditions
            .unwrap_or_default();
        let met = conditions
            .iter()
            .any(|condition| condition.type_ == type_ && condition.status == "True");
        met.then_some(Some(()))
            .with_context(|| format!("{:?}", job.status))
    })
    .await
    .unwrap();
}

#[tokio::test]
async fn an_unprivileged_service_account_is_refused() {
    let control_plane = ControlPlane::shared().await.unwrap();
    let namespace = namespace("rbac").await;
    let account = serde_json::from_value(json!({"metadata": {"name": "nobody"}})).unwrap();
    namespace
        .api::<ServiceAccount>()
        .create(&PostParams::default(), &account)
        .await
        .unwrap();

    let token = control_plane
        .client_for_service_account(namespace.name(), "nobody")
        .await
        .unwrap();
    let user = format!("system:serviceaccount:{}:nobody", namespace.name());
    let impersonated = control_plane.client_as(&user, &[]).await.unwrap();
    for client in [token, impersonated] {
        let config_maps: Api<ConfigMap> = Api::namespaced(client, namespace.name());
        let error = config_maps.list(&ListParams::default()).await.unwrap_err();
        let kube::Error::Api(status) = error else {
            panic!("not an answer of the API: {error}")
        };
        assert_eq!(status.code, 403, "{status:?}");
        assert!(status.message.contains(&user), "{status:?}");
    }
}

#[tokio::test]
async fn a_deployment_becomes_available() {
    let namespace = namespace("deployment").await;
    create_deployment(&namespace, "registry.test/web:1.0")
        .await
        .unwrap();
    let deployments = namespace.api::<Deployment>();
    eventually("two ready replicas", LONG, || async {
        let status = deployments.get("web").await?.status.unwrap_or_default();
        let available = status.available_replicas == Some(2) && status.ready_replicas == Some(2);
        available
            .then_some(Some(()))
            .with_context(|| format!("{status:?}"))
    })
    .await
    .unwrap();
    let pods = namespace.api::<Pod>().list(&ListParams::default()).await.unwrap();
    for pod in pods {
        assert_eq!(phase(&pod), "Running");
        assert_eq!(
            condition(&pod, "PodScheduled").as_deref(),
            Some("True"),
            "the scheduler's condition stays"
        );
        assert!(pod.status.as_ref().unwrap().pod_ip.is_some());
    }
}

#[tokio::test]
async fn an_image_that_cannot_be_pulled_backs_off() {
    let namespace = namespace("pull").await;
    let name = create_pod(&namespace, pod("web", "registry.test/fail-pull:1.0", "Always"))
        .await
        .unwrap();
    let status = wait_for_pod(&namespace, &name, "ImagePullBackOff", |pod| {
        waits_for(pod, "ImagePullBackOff")
    })
    .await;
    assert!(!status.ready);
    assert!(
        format!("{status:?}").contains("registry.test/fail-pull:1.0: not found"),
        "{status:?}"
    );
    let pods = namespace.api::<Pod>();
    assert_eq!(phase(&pods.get(&name).await.unwrap()), "Pending");
    let events = namespace.api::<Event>();
    eventually("the event of the kubelet", LONG, || async {
        let events = events.list(&ListParams::default()).await?;
        Ok(events
            .iter()
            .any(|event| event.reason.as_deref() == Some("Failed"))
            .then_some(()))
    })
    .await
    .unwrap();
}

#[tokio::test]
async fn a_crash_loop_shows_exit_code_and_growing_restarts() {
    let namespace = namespace("crash").await;
    let name = create_pod(&namespace, pod("web", "registry.test/crash-42:1.0", "Always"))
        .await
        .unwrap();
    let restarts_at_least = |count: i32| {
        move |pod: &Pod| waits_for(pod, "CrashLoopBackOff").filter(|status| status.restart_count >= count)
    };
    let status = wait_for_pod(&namespace, &name, "CrashLoopBackOff", restarts_at_least(1)).await;
    let terminated = status.last_state.unwrap().terminated.unwrap();
    assert_eq!(
        (terminated.exit_code, terminated.reason.as_deref()),
        (42, Some("Error"))
    );
    wait_for_pod(&namespace, &name, "two more restarts", restarts_at_least(3)).await;
    let pod = namespace.api::<Pod>().get(&name).await.unwrap();
    assert_eq!(
        (phase(&pod), condition(&pod, "Ready").as_deref()),
        ("Running", Some("False"))
    );
}

#[tokio::test]
async fn a_container_is_killed_for_its_memory() {
    let namespace = namespace("oom").await;
    let name = create_pod(&namespace, pod("web", "registry.test/oom", "Always"))
        .await
        .unwrap();
    let status = wait_for_pod(&namespace, &name, "CrashLoopBackOff", |pod| {
        waits_for(pod, "CrashLoopBackOff")
    })
    .await;
    let terminated = status.last_state.unwrap().terminated.unwrap();
    assert_eq!(
        (terminated.exit_code, terminated.reason.as_deref()),
        (137, Some("OOMKilled"))
    );
}

#[tokio::test]
async fn a_label_says_what_an_image_does_not() {
    let namespace = namespace("label").await;
    let mut labelled = pod("web", "registry.test/web@sha256:0123", "Always");
    labelled["metadata"]["labels"] = json!({LABEL: "crash-7"});
    let name = create_pod(&namespace, labelled).await.unwrap();
    let status = wait_for_pod(&namespace, &name, "CrashLoopBackOff", |pod| {
        waits_for(pod, "CrashLoopBackOff")
    })
    .await;
    assert_eq!(status.last_state.unwrap().terminated.unwrap().exit_code, 7);
}

#[tokio::test]
async fn readiness_comes_late_or_never() {
    let namespace = namespace("ready").await;
    let mut slow = pod("slow", "registry.test/slow-ready:1.0", "Always");
    slow["metadata"]["annotations"] = json!({AFTER: "2s"});
    let slow = create_pod(&namespace, slow).await.unwrap();
    let never = create_pod(
        &namespace,
        pod("never", "registry.test/never-ready:1.0", "Always"),
    )
    .await
    .unwrap();
    let unready = |pod: &Pod| (phase(pod) == "Running" && condition(pod, "Ready")? == "False").then_some(());
    wait_for_pod(&namespace, &slow, "running but unready", unready).await;
    wait_for_pod(&namespace, &never, "running but unready", unready).await;
    wait_for_pod(&namespace, &slow, "ready", |pod| {
        (condition(pod, "Ready")? == "True").then_some(())
    })
    .await;
    let never = namespace.api::<Pod>().get(&never).await.unwrap();
    assert_eq!(condition(&never, "Ready").as_deref(), Some("False"));
}

#[tokio::test]
async fn a_ready_pod_can_crash_later() {
    let namespace = namespace("later").await;
    let mut later = pod("web", "registry.test/crash-later:1.0", "Always");
    later["metadata"]["annotations"] = json!({AFTER: "2s"});
    let name = create_pod(&namespace, later).await.unwrap();
    wait_for_pod(&namespace, &name, "ready", |pod| {
        (condition(pod, "Ready")? == "True").then_some(())
    })
    .await;
    wait_for_pod(&namespace, &name, "CrashLoopBackOff", |pod| {
        waits_for(pod, "CrashLoopBackOff")
    })
    .await;
}

#[tokio::test]
async fn hook_pods_end_and_other_bare_pods_run_on() {
    let namespace = namespace("hook").await;
    let hook = |name: &str, image: &str| {
        let mut hook = pod(name, image, "Never");
        hook["metadata"]["annotations"] = json!({"helm.sh/hook": "test"});
        hook
    };
    let good = create_pod(&namespace, hook("good", "registry.test/test:1.0"))
        .await
        .unwrap();
    let bad = create_pod(&namespace, hook("bad", "registry.test/crash-3:1.0"))
        .await
        .unwrap();
    let hangs = create_pod(&namespace, hook("hangs", "registry.test/hang:1.0"))
        .await
        .unwrap();
    let bare = create_pod(&namespace, pod("bare", "registry.test/web:1.0", "Never"))
        .await
        .unwrap();
    wait_for_pod(&namespace, &good, "success", |pod| {
        (phase(pod) == "Succeeded").then_some(())
    })
    .await;
    let status = wait_for_pod(&namespace, &bad, "failure", |pod| {
        if phase(pod) == "Failed" {
            container(pod).cloned()
        } else {
            None
        }
    })
    .await;
    assert_eq!(status.state.unwrap().terminated.unwrap().exit_code, 3);
    for running in [hangs, bare] {
        wait_for_pod(&namespace, &running, "running", |pod| {
            (phase(pod) == "Running").then_some(())
        })
        .await;
    }
}

#[tokio::test]
async fn a_job_completes() {
    let namespace = namespace("job").await;
    create_job(&namespace, "registry.test/migrate:1.0").await.unwrap();
    job_condition(&namespace, "Complete").await;
}

#[tokio::test]
async fn a_job_fails() {
    let namespace = namespace("job").await;
    create_job(&namespace, "registry.test/fail-job:1.0")
        .await
        .unwrap();
    job_condition(&namespace, "Failed").await;
}

#[tokio::test]
async fn an_init_container_blocks_its_pod() {
    let namespace = namespace("init").await;
    let mut with_init = pod("web", "registry.test/web:1.0", "Always");
    with_init["spec"]["initContainers"] = json!([
        {"name": "first", "image": "registry.test/setup:1.0"},
        {"name": "second", "image": "registry.test/crash-9:1.0"},
    ]);
    let name = create_pod(&namespace, with_init).await.unwrap();
    wait_for_pod(&namespace, &name, "PodInitializing", |pod| {
        waits_for(pod, "PodInitializing")
    })
    .await;
    let pod = namespace.api::<Pod>().get(&name).await.unwrap();
    assert_eq!(
        (phase(&pod), condition(&pod, "Initialized").as_deref()),
        ("Pending", Some("False"))
    );
    let inits = pod.status.unwrap().init_container_statuses.unwrap();
    assert_eq!(
        inits[0]
            .state
            .as_ref()
            .unwrap()
            .terminated
            .as_ref()
            .unwrap()
            .exit_code,
        0
    );
    assert_eq!(
        inits[1]
            .last_state
            .as_ref()
            .unwrap()
            .terminated
            .as_ref()
            .unwrap()
            .exit_code,
        9
    );
    assert_eq!(
        inits[1]
            .state
            .as_ref()
            .unwrap()
            .waiting
            .as_ref()
            .unwrap()
            .reason
            .as_deref(),
        Some("CrashLoopBackOff")
    );
}

#[tokio::test]
async fn a_pod_that_stops_slowly_stays_for_a_while() {
    let namespace = namespace("stop").await;
    let mut slow = pod("slow", "registry.test/slow-stop:1.0", "Always");
    slow["metadata"]["annotations"] = json!({AFTER: "3s"});
    let slow = create_pod(&namespace, slow).await.unwrap();
    let fast = create_pod(&namespace, pod("fast", "registry.test/web:1.0", "Always"))
        .await
        .unwrap();
    let pods = namespace.api::<Pod>();
    for name in [&slow, &fast] {
        wait_for_pod(&namespace, name, "running", |pod| {
            (phase(pod) == "Running").then_some(())
        })
        .await;
        pods.delete(name, &DeleteParams::default()).await.unwrap();
    }
    let gone = async |name: &str| {
        eventually("the pod to go", LONG, || async {
            Ok(pods.get_opt(name).await?.is_none().then_some(()))
        })
        .await
    };
    gone(&fast).await.unwrap();
    assert!(
        pods.get_opt(&slow).await.unwrap().is_some(),
        "the slow one went as fast as the other"
    );
    gone(&slow).await.unwrap();
}

#[tokio::test]
async fn a_dropped_namespace_goes_away() {
    let control_plane = ControlPlane::shared().await.unwrap();
    let namespace = namespace("gone").await;
    create_pod(&namespace, pod("web", "registry.test/web:1.0", "Always"))
        .await
        .unwrap();
    let name = namespace.name().to_owned();
    drop(namespace);
    let namespaces: Api<Namespace> = Api::all(control_plane.client().await.unwrap());
    eventually("the namespace to go", LONG, || async {
        Ok(namespaces.get_opt(&name).await?.is_none().then_some(()))
    })
    .await
    .unwrap();
}

#[tokio::test]
async fn logs_can_be_read() {
    let namespace = namespace("logs").await;
    let name = create_pod(&namespace, pod("web", "registry.test/web:1.0", "Always"))
        .await
        .unwrap();
    wait_for_pod(&namespace, &name, "running", |pod| {
        (phase(pod) == "Running").then_some(())
    })
    .await;
    let pods = namespace.api::<Pod>();
    let log = pods
        .logs(
            &name,
            &LogParams {
                tail_lines: Some(1),
                ..LogParams::default()
            },
        )
        .await
        .unwrap();
    assert_eq!(log.trim_end(), LAST_LOG_LINE);
}

#[tokio::test]
async fn claims_are_bound_and_load_balancers_get_addresses() {
    let namespace = namespace("storage").await;
    let claim = json!({
        "metadata": {"name": "data"},
        "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}},
    });
    let claims = namespace.api::<PersistentVolumeClaim>();
    claims
        .create(&PostParams::default(), &serde_json::from_value(claim).unwrap())
        .await
        .unwrap();
    let service = |name: &str, label: &str| {
        serde_json::from_value(json!({
            "metadata": {"name": name, "labels": {LABEL: label}},
            "spec": {"type": "LoadBalancer", "ports": [{"port": 80}]},
        }))
        .unwrap()
    };
    let services = namespace.api::<Service>();
    services
        .create(&PostParams::default(), &service("without", "no-address"))
        .await
        .unwrap();
    services
        .create(&PostParams::default(), &service("with", ""))
        .await
        .unwrap();
    let has_address = |service: Service| {
        service
            .status
            .and_then(|status| status.load_balancer)
            .is_some_and(|balancer| balancer.ingress.is_some())
    };
    eventually("a bound claim", LONG, || async {
        let status = claims.get("data").await?.status;
        Ok((status.and_then(|status| status.phase).as_deref() == Some("Bound")).then_some(()))
    })
    .await
    .unwrap();
    eventually("an address", LONG, || async {
        Ok(has_address(services.get("with").await?).then_some(()))
    })
    .await
    .unwrap();
    assert!(!has_address(services.get("without").await.unwrap()));

    let volume = claims
        .get("data")
        .await
        .unwrap()
        .spec
        .unwrap()
        .volume_name
        .unwrap();
    claims.delete("data", &DeleteParams::default()).await.unwrap();
    let volumes: Api<PersistentVolume> = Api::all(namespace.client());
    eventually("the volume to go with its claim", LONG, || async {
        Ok(volumes.get_opt(&volume).await?.is_none().then_some(()))
    })
    .await
    .unwrap();
}
