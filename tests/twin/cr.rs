//! The twin of the custom resource: a step as a change of a `HelmRelease`.

use anyhow::{Result, bail, ensure};
use integration_tests::{Release, release};
use kube::api::{
    Api, ApiResource, DeleteParams, DynamicObject, GroupVersionKind, Patch, PatchParams, PostParams,
};
use serde_json::{Value, json};

use crate::flags::Action;
use crate::play::Twin;
use crate::story::{Deed, Source, Step, as_helm_does};

/// How long a step may take: more than any timeout of a story, on a busy machine.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(150);

/// Beginning of the names of objects that hold values.
pub(crate) const SOURCE: &str = "values-from-";

/// How a step must end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Ready,
    Stalled,
    Either,
}

/// Plays one step by the operator. `current` is the object as it was applied last.
///
/// # Errors
/// The object did not come to the end that the step must have.
pub(crate) async fn play(twin: &Twin, step: &Step, current: &mut Option<Release>) -> Result<()> {
    match step {
        Step::Install(deed) | Step::Upgrade(deed) | Step::Apply(deed) => {
            let action = if matches!(step, Step::Install(_)) {
                Action::Install
            } else {
                Action::Other
            };
            let release = wanted(twin, deed, action)?;
            offer(twin, &deed.sources).await?;
            apply(twin, &release).await?;
            *current = Some(release);
            settled(twin, if deed.fails { End::Stalled } else { End::Ready }, |_| true).await
        }
        Step::Rollback(rollback) => {
            let token = format!("{}@{}", rollback.to, twin.token());
            let release = rollback
                .flags
                .iter()
                .fold(now(current.as_ref())?, |release, flag| {
                    flag.set(release, Action::Other)
                })
                .annotate("pilothouse.dev/rollback", &token);
            apply(twin, &release).await?;
            *current = Some(release);
            // Held afterwards, so stalled even when all went well: history tells how it went.
            settled(twin, End::Either, |object| {
                object["status"]["handledRequests"]["rollback"] == token.as_str()
            })
            .await
        }
        Step::Test(trial) => {
            let token = twin.token();
            let release = trial
                .flags
                .iter()
                .fold(now(current.as_ref())?, |release, flag| {
                    flag.set(release, Action::Other)
                })
                .annotate("pilothouse.dev/test", &token);
            apply(twin, &release).await?;
            *current = Some(release);
            let end = if trial.fails { End::Either } else { End::Ready };
            settled(twin, end, |object| {
                object["status"]["handledRequests"]["test"] == token.as_str()
            })
            .await
        }
        Step::Uninstall(farewell) => {
            let release = farewell
                .flags
                .iter()
                .fold(now(current.as_ref())?, |release, flag| {
                    flag.set(release, Action::Other)
                });
            leave(twin, &release, farewell.fails).await?;
            if farewell.fails {
                *current = Some(release);
            } else {
                *current = None;
            }
            Ok(())
        }
        Step::HandBack => {
            let release = now(current.as_ref())?.set("/uninstall/onDelete", "Orphan");
            *current = None;
            leave(twin, &release, false).await
        }
        Step::TakeOver => bail!("a release is taken over with the chart that helm released last"),
        Step::ByHand(arguments) => twin.by_hand(arguments).await,
    }
}

/// Takes over what `helm` released from `deed`: the same chart and the same values.
///
/// # Errors
/// The object did not become Ready.
pub(crate) async fn take_over(twin: &Twin, deed: &Deed, current: &mut Option<Release>) -> Result<()> {
    let release = wanted(twin, deed, Action::Other)?;
    apply(twin, &release).await?;
    *current = Some(release);
    settled(twin, End::Ready, |_| true).await
}

fn wanted(twin: &Twin, deed: &Deed, action: Action) -> Result<Release> {
    let chart = twin.chart_name(deed)?;
    let release = as_helm_does(twin.release, &twin.repository_url(), &chart, deed.version);
    let references: Vec<Value> = deed
        .sources
        .iter()
        .enumerate()
        .map(|(number, source)| {
            let (kind, name) = place(number);
            match source {
                Source::File(_) => json!({"kind": kind, "name": name, "key": "values"}),
                Source::Set(path, _) => {
                    json!({"kind": kind, "name": name, "key": "values", "targetPath": path})
                }
            }
        })
        .collect();
    Ok(deed
        .flags
        .iter()
        .fold(release, |release, flag| flag.set(release, action))
        .set("/valuesFrom", references)
        .values(deed.values.clone()))
}

/// Where the values with this number are kept.
fn place(number: usize) -> (&'static str, String) {
    let kind = if number.is_multiple_of(2) {
        "ConfigMap"
    } else {
        "Secret"
    };
    (kind, format!("{SOURCE}{number}"))
}

/// Writes the objects that `valuesFrom` points to.
async fn offer(twin: &Twin, sources: &[Source]) -> Result<()> {
    for (number, source) in sources.iter().enumerate() {
        let (Source::File(content) | Source::Set(_, content)) = source;
        let (kind, name) = place(number);
        let field = if kind == "Secret" { "stringData" } else { "data" };
        let object =
            json!({"apiVersion": "v1", "kind": kind, "metadata": {"name": name}, field: {"values": content}});
        let resource = ApiResource::from_gvk(&GroupVersionKind::gvk("", "v1", kind));
        Api::<DynamicObject>::namespaced_with(twin.namespace.client(), twin.namespace.name(), &resource)
            .patch(
                &name,
                &PatchParams::apply("gitops").force(),
                &Patch::Apply(&object),
            )
            .await?;
    }
    Ok(())
}

fn now(current: Option<&Release>) -> Result<Release> {
    match current {
        Some(release) => Ok(release.clone()),
        None => bail!("there is no HelmRelease at this point of the story"),
    }
}

/// Replaces the object, as `kubectl replace` does. Server-side apply would do as well, but it makes
/// `null` of a map that loses its last field.
async fn apply(twin: &Twin, release: &Release) -> Result<()> {
    let wanted = &release.manifest;
    loop {
        let done = match twin.releases().get_opt(twin.release).await? {
            None => {
                let object = serde_json::from_value(wanted.clone())?;
                twin.releases().create(&PostParams::default(), &object).await
            }
            Some(mut object) => {
                object.data["spec"] = wanted["spec"].clone();
                object.metadata.annotations =
                    serde_json::from_value(wanted["metadata"]["annotations"].clone())?;
                let name = release.name();
                twin.releases()
                    .replace(name, &PostParams::default(), &object)
                    .await
            }
        };
        match done {
            Ok(_) => return Ok(()),
            // The operator wrote a finalizer or the status in between.
            Err(kube::Error::Api(status)) if status.is_conflict() => {}
            Err(error) => return Err(error.into()),
        }
    }
}

/// Deletes the object and waits until it is gone, or, when that must fail, until the failure is told.
async fn leave(twin: &Twin, release: &Release, fails: bool) -> Result<()> {
    apply(twin, release).await?;
    twin.releases()
        .delete(release.name(), &DeleteParams::default())
        .await?;
    let deadline = tokio::time::Instant::now() + PATIENCE;
    loop {
        let Some(object) = twin.releases().get_opt(twin.release).await? else {
            ensure!(!fails, "the HelmRelease went, although its uninstall must fail");
            return Ok(());
        };
        let status = serde_json::to_value(object)?["status"].clone();
        if fails && !status["failure"].is_null() && status["operation"].is_null() {
            return Ok(());
        }
        ensure!(
            tokio::time::Instant::now() < deadline,
            "waited for the HelmRelease to go: {status:#}"
        );
        pause().await;
    }
}

/// Takes away what would keep the object in a namespace that goes without an operator.
///
/// # Errors
/// The API server refused it.
pub(crate) async fn let_go(twin: &Twin) -> Result<()> {
    let free = json!({"metadata": {"finalizers": null}, "spec": {"suspend": true}});
    let free = Patch::Merge(&free);
    let name = twin.release;
    // Twice, because the operator may put its finalizer back before it sees that it is suspended.
    for _ in 0..2 {
        gone_is_fine(twin.releases().patch(name, &PatchParams::default(), &free).await)?;
        gone_is_fine(twin.releases().delete(name, &DeleteParams::default()).await)?;
    }
    gone_is_fine(twin.releases().patch(name, &PatchParams::default(), &free).await)
}

fn gone_is_fine<T>(answer: kube::Result<T>) -> Result<()> {
    match answer {
        Err(kube::Error::Api(status)) if status.is_not_found() => Ok(()),
        answer => Ok(answer.map(drop)?),
    }
}

/// Waits until the operator has nothing more to do for this object, and checks how it ended.
async fn settled(twin: &Twin, end: End, handled: impl Fn(&Value) -> bool) -> Result<()> {
    let deadline = tokio::time::Instant::now() + PATIENCE;
    loop {
        let object = match twin.releases().get_opt(twin.release).await? {
            Some(object) => serde_json::to_value(object)?,
            None => json!({}),
        };
        let (ready, stalled) = (release::is_ready(&object), release::is_stalled(&object));
        let working = !object["status"]["operation"].is_null()
            || release::state(&object, "Reconciling").starts_with("True/");
        if (ready || stalled) && !working && handled(&object) {
            match end {
                End::Ready if stalled => bail!("it must become Ready, but: {:#}", object["status"]),
                End::Stalled if ready => bail!("it must fail, but: {:#}", object["status"]),
                End::Ready | End::Stalled | End::Either => return Ok(()),
            }
        }
        ensure!(
            tokio::time::Instant::now() < deadline,
            "waited for it to be {end:?}: {:#}",
            object["status"]
        );
        pause().await;
    }
}

async fn pause() {
    tokio::time::sleep(std::time::Duration::from_millis(100)).await;
}
