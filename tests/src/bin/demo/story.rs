//! The story: what is done, what must be true after it, and what is shown.
//!
//! Every change is a change of the manifest, as it would come out of Git; nothing is done to the
//! cluster by hand.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use integration_tests::{Operator, release};
use serde_json::Value;

use crate::ground::{Ground, NAMESPACE};
use crate::scene::Scene;
use crate::sources::{CHART, FIRST, NEXT, Sources};
use crate::terminal::{Teller, table};

/// The release from the HTTP repository.
const APP: &str = "demo-app";
/// The release from the OCI registry.
const FROM_OCI: &str = "from-oci";

const GOOD_IMAGE: &str = "registry.k8s.io/pause:3.9";
const FIXED_IMAGE: &str = "registry.k8s.io/pause:3.10";
/// No registry answers at a name below `example`; the simulated kubelet fails by the name as well.
const BAD_IMAGE: &str = "registry.example/fail-pull:3.10";

/// What Git says about the release of the story. A chapter changes one field.
#[derive(Clone, Debug)]
struct Wanted<'a> {
    repository: String,
    timeout: &'a str,
    version: &'a str,
    replicas: u32,
    image: &'a str,
}

impl Wanted<'_> {
    fn manifest(&self) -> String {
        let Self {
            repository,
            timeout,
            version,
            replicas,
            image,
        } = self;
        format!(
            "apiVersion: pilothouse.dev/v1alpha1\n\
             kind: HelmRelease\n\
             metadata:\n  name: {APP}\n\
             spec:\n  \
               chart:\n    repository: {repository}\n    name: {CHART}\n    version: {version}\n  \
               timeout: {timeout}\n  \
               values:\n    replicas: {replicas}\n    image: {image}\n"
        )
    }
}

/// Tells it.
pub(crate) async fn tell(teller: &Teller, ground: &Ground, folder: &Path) -> Result<()> {
    let start = Sources::start(folder);
    let sources = teller
        .step("start a chart repository (HTTP) and a registry (OCI)", start)
        .await?;
    let operator = async {
        ground.prepare().await?;
        Operator::start(ground.control_plane.kubeconfig(), &[NAMESPACE], folder).await
    };
    let operator = teller
        .step("install the custom resource and start the operator", operator)
        .await?;
    let scene = Scene::on(ground).await?;
    let outcome = acts(teller, ground, &sources, &scene).await;
    if outcome.is_err() {
        Teller::show("The operator's last words", &operator.log_end());
    }
    outcome?;
    teller.step("stop the operator", operator.terminate()).await
}

async fn acts(teller: &Teller, ground: &Ground, sources: &Sources, scene: &Scene) -> Result<()> {
    let mut wanted = Wanted {
        repository: sources.repository.url(),
        timeout: ground.timeout(),
        version: FIRST,
        replicas: 1,
        image: GOOD_IMAGE,
    };
    install(teller, scene, &wanted).await?;
    install_from_registry(teller, sources, scene).await?;

    wanted.replicas = 3;
    teller
        .step("change values, replicas 1 to 3: Ready as revision 2", async {
            scene.apply(&wanted.manifest()).await?;
            deployed(scene, "1:superseded 2:deployed", &wanted).await
        })
        .await?;

    wanted.version = NEXT;
    teller
        .step(
            &format!("publish {CHART} {NEXT} and ask for it: Ready as revision 3"),
            async {
                sources.publish(NEXT).await?;
                scene.apply(&wanted.manifest()).await?;
                deployed(scene, "1:superseded 2:superseded 3:deployed", &wanted).await?;
                scene
                    .object("poddisruptionbudget", APP)
                    .await
                    .context("find the object that is new in this version")
            },
        )
        .await?;

    failure(teller, scene, &wanted).await?;

    wanted.image = FIXED_IMAGE;
    let fixed = "1:superseded 2:superseded 3:superseded 4:failed 5:superseded 6:deployed";
    teller
        .step(
            "fix it as Git would, with an image that exists: Ready as revision 6",
            async {
                scene.apply(&wanted.manifest()).await?;
                deployed(scene, fixed, &wanted).await
            },
        )
        .await?;

    histories(teller, scene).await?;
    delete(teller, scene).await
}

async fn install(teller: &Teller, scene: &Scene, wanted: &Wanted<'_>) -> Result<()> {
    let what = format!("apply {CHART} {FIRST} from the repository: Ready as revision 1");
    teller
        .step(&what, async {
            scene.apply(&wanted.manifest()).await?;
            deployed(scene, "1:deployed", wanted).await
        })
        .await?;
    Teller::detail(&wanted.manifest());
    Ok(())
}

async fn install_from_registry(teller: &Teller, sources: &Sources, scene: &Scene) -> Result<()> {
    let (name, version) = (&sources.pushed.name, &sources.pushed.version);
    let repository = sources.registry.repository("charts");
    let manifest = format!(
        "apiVersion: pilothouse.dev/v1alpha1\n\
         kind: HelmRelease\n\
         metadata:\n  name: {FROM_OCI}\n\
         spec:\n  \
           chart:\n    repository: {repository}\n    name: {name}\n    version: {version}\n    plainHTTP: true\n"
    );
    teller
        .step(
            &format!("apply {name} {version} from the registry: Ready as revision 1"),
            async {
                scene.apply(&manifest).await?;
                let object = scene.until_ready(FROM_OCI).await?;
                ensure!(
                    release::history(&object) == "1:deployed",
                    "its history is {}",
                    release::history(&object)
                );
                ensure!(
                    object["status"]["release"]["version"] == version.as_str(),
                    "{}",
                    object["status"]["release"]
                );
                Ok(())
            },
        )
        .await
}

/// A bad image: failed, told, rolled back.
async fn failure(teller: &Teller, scene: &Scene, good: &Wanted<'_>) -> Result<()> {
    let bad = Wanted {
        image: BAD_IMAGE,
        ..good.clone()
    };
    let object = teller
        .step(
            "a bad image: revision 4 fails, and the custom resource says why",
            async {
                scene.apply(&bad.manifest()).await?;
                let failed = |object: &Value| release::history(object).contains("4:failed");
                let object = scene.until(APP, "failed as revision 4", failed).await?;
                let failure = &object["status"]["failure"];
                ensure!(
                    failure["category"] == "ImagePullFailed",
                    "status.failure is {failure:#}"
                );
                ensure!(
                    failure["objects"].to_string().contains(BAD_IMAGE),
                    "the image is not named: {failure:#}"
                );
                Ok(object)
            },
        )
        .await?;
    Teller::detail(&cause(&object["status"]["failure"]));
    let spec = object["spec"].clone();

    let object = teller
        .step(
            "nobody does anything: rolled back to revision 3, as revision 5",
            async {
                let object = scene.until(APP, "rolled back", release::is_stalled).await?;
                let state = release::state(&object, "Ready");
                ensure!(
                    state == "False/RolledBack",
                    "Ready is {state}: {}",
                    release::message(&object, "Ready")
                );
                let history = release::history(&object);
                ensure!(
                    history == "1:superseded 2:superseded 3:superseded 4:failed 5:deployed",
                    "its history is {history}"
                );
                ensure!(
                    object["spec"] == spec,
                    "the operator changed the spec, which belongs to Git"
                );
                runs(scene, good).await?;
                Ok(object)
            },
        )
        .await?;
    Teller::detail(&format!(
        "Ready {}: {}",
        release::state(&object, "Ready"),
        release::message(&object, "Ready")
    ));
    Ok(())
}

/// What a person wants to see at the end, and whether all of it agrees.
async fn histories(teller: &Teller, scene: &Scene) -> Result<()> {
    let object = teller
        .step(
            "helm 4 and helm 3 read the same history as the custom resource",
            async {
                let object = scene.until_ready(APP).await?;
                let ours = release::history(&object);
                let (four, three) = scene.helm_histories(APP).await?;
                ensure!(four == ours, "status.history is {ours}, helm 4 says {four}");
                ensure!(three == ours, "status.history is {ours}, helm 3 says {three}");
                Ok(object)
            },
        )
        .await?;
    let heading = format!("$ kubectl get helmreleases -n {NAMESPACE}");
    Teller::show(&heading, &scene.kubectl(&["get", "helmreleases"]).await?);
    Teller::show(&format!("status.history of {APP}"), &history_table(&object));
    let heading = format!("$ helm history {APP} -n {NAMESPACE}");
    Teller::show(&heading, &scene.helm(&["history", APP]).await?);
    Teller::detail("");
    Ok(())
}

async fn delete(teller: &Teller, scene: &Scene) -> Result<()> {
    teller
        .step(
            "delete both: objects and history are gone, `helm list` is empty",
            async {
                scene
                    .kubectl(&["delete", "helmrelease", APP, FROM_OCI, "--timeout=120s"])
                    .await?;
                let list = scene.helm(&["list", "--short"]).await?;
                ensure!(list.trim().is_empty(), "`helm list` still says {list}");
                let left = scene
                    .kubectl(&["get", "deployments,services,poddisruptionbudgets", "-o", "name"])
                    .await?;
                ensure!(left.trim().is_empty(), "these objects are left: {left}");
                Ok(())
            },
        )
        .await
}

/// The release is Ready with this history, and what runs is what is wanted.
async fn deployed(scene: &Scene, history: &str, wanted: &Wanted<'_>) -> Result<()> {
    let object = scene.until_ready(APP).await?;
    let told = release::history(&object);
    ensure!(told == history, "its history is {told}, not {history}");
    let running = &object["status"]["release"];
    ensure!(
        running["version"] == wanted.version,
        "status.release is {running:#}"
    );
    runs(scene, wanted).await
}

/// The cluster runs what is wanted: not what status says, but what the Deployment is.
async fn runs(scene: &Scene, wanted: &Wanted<'_>) -> Result<()> {
    let deployment = scene.object("deployment", APP).await?;
    let image = &deployment["spec"]["template"]["spec"]["containers"][0]["image"];
    ensure!(*image == wanted.image, "the Deployment runs {image}");
    let ready = &deployment["status"]["readyReplicas"];
    ensure!(
        *ready == wanted.replicas,
        "{ready} of {} pods are ready",
        wanted.replicas
    );
    let chart = &deployment["metadata"]["labels"]["helm.sh/chart"];
    ensure!(
        *chart == format!("{CHART}-{}", wanted.version),
        "the Deployment is of chart {chart}"
    );
    Ok(())
}

/// The cause of a failure, as status tells it.
fn cause(failure: &Value) -> String {
    let text = |value: &Value| value.as_str().unwrap_or("?").to_owned();
    let mut told = format!("{}: {}", text(&failure["category"]), text(&failure["message"]));
    for object in failure["objects"].as_array().into_iter().flatten().take(1) {
        let (kind, name) = (text(&object["ref"]["kind"]), text(&object["ref"]["name"]));
        let (reason, message) = (text(&object["reason"]), text(&object["message"]));
        told = format!("{told}\n{kind} {name}: {reason}: {message}");
    }
    told
}

/// `status.history` as a table, oldest first as `helm history` prints it.
fn history_table(object: &Value) -> String {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let mut rows = vec![
        ["REVISION", "STATUS", "ACTION", "CHART", "DESCRIPTION"]
            .map(str::to_owned)
            .to_vec(),
    ];
    for entry in object["status"]["history"].as_array().into_iter().flatten().rev() {
        rows.push(vec![
            text(&entry["revision"]),
            text(&entry["status"]),
            text(&entry["action"]),
            format!("{} {}", text(&entry["chart"]), text(&entry["version"])),
            text(&entry["description"]),
        ]);
    }
    table(&rows)
}
