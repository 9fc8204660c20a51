//! What wakes a release: its own object, the live objects of its release, its stored revisions, what its specification
//! refers to, and the releases it depends on.
//!
//! Status writes of our own wake nobody. Secrets and `ConfigMaps` are watched by their metadata alone and nothing of
//! them is kept; who may not watch them still has the interval.

use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use api::HelmRelease;
use api::spec::reference::Dependency;
use api::spec::values::ValuesKind;
use cluster::{OwnWrites, ReleaseKey};
use futures::{Stream, StreamExt, future, stream};
use k8s_openapi::api::core::v1::{ConfigMap, Secret};
use kube::core::{DeserializeGuard, PartialObjectMeta};
use kube::runtime::WatchStreamExt;
use kube::runtime::reflector::{self, ObjectRef, Store};
use kube::runtime::watcher::{self, Event, watcher};
use kube::{Api, Client, Resource, ResourceExt};
use tokio::sync::mpsc;

/// A release to look at.
pub(crate) type Wake = ObjectRef<HelmRelease>;

/// All custom resources that are followed, newest as the watch has them.
#[derive(Clone)]
pub(crate) struct Releases {
    stores: Arc<[(Scope, Store<HelmRelease>)]>,
}

/// The namespaces that one watch covers: all, or one.
type Scope = Option<String>;

impl Releases {
    /// Of these watches.
    pub(crate) fn new(stores: Vec<(Scope, Store<HelmRelease>)>) -> Self {
        Self {
            stores: stores.into(),
        }
    }

    /// The object of this name. The outer `None` says that its namespace is not followed.
    pub(crate) fn find(&self, namespace: &str, name: &str) -> Option<Option<Arc<HelmRelease>>> {
        let covers = |scope: &Scope| scope.as_deref().is_none_or(|scope| scope == namespace);
        let (_, store) = self.stores.iter().find(|(scope, _)| covers(scope))?;
        Some(store.get(&ObjectRef::new(name).within(namespace)))
    }

    /// Those that a predicate selects.
    fn select(&self, wanted: impl Fn(&HelmRelease) -> bool) -> Vec<Wake> {
        let chosen = |store: &Store<HelmRelease>| store.state_filter(&wanted);
        let found = self.stores.iter().flat_map(|(_, store)| chosen(store));
        found
            .map(|release| ObjectRef::from_obj(release.as_ref()))
            .collect()
    }

    /// Those that speak of a release.
    fn owners(&self, key: &ReleaseKey) -> Vec<Wake> {
        // The common case first: the object has the name and namespace of its release.
        let speaks = |release: &HelmRelease| {
            release.release_name() == key.name && release.target_namespace() == key.namespace
        };
        match self.find(&key.namespace, &key.name).flatten() {
            Some(direct) if speaks(&direct) => vec![ObjectRef::from_obj(direct.as_ref())],
            Some(_) | None => self.select(speaks),
        }
    }
}

/// A watch of custom resources: the store it keeps, and the objects whose change is worth a look.
///
/// An object that this version can't read is told and left out; the others are not held up by it.
pub(crate) fn releases(
    client: &Client,
    scope: &Scope,
    changed: mpsc::UnboundedSender<ReleaseChange>,
) -> (
    Store<HelmRelease>,
    impl Stream<Item = watcher::Result<HelmRelease>> + Send + 'static,
) {
    let (reader, writer) = reflector::store();
    let events = watcher(
        api::<DeserializeGuard<HelmRelease>>(client, scope),
        watcher::Config::default(),
    )
    .default_backoff()
    .filter_map(|event| future::ready(readable(event)));
    let objects = reflector::reflector(writer, events)
        .applied_objects()
        .inspect(move |object| {
            if let Ok(object) = object {
                // Nobody listens only when the process ends.
                let _ended = changed.send(ReleaseChange::of(object));
            }
        })
        .predicate_filter(worth_a_look, kube::runtime::PredicateConfig::default());
    (reader, objects)
}

/// A change of a custom resource that others may depend on.
pub(crate) struct ReleaseChange {
    namespace: String,
    name: String,
}

impl ReleaseChange {
    fn of(release: &HelmRelease) -> Self {
        Self {
            namespace: release.namespace().unwrap_or_default(),
            name: release.name_any(),
        }
    }
}

/// Takes the guard off an event; an unreadable object becomes no event.
fn readable(
    event: watcher::Result<Event<DeserializeGuard<HelmRelease>>>,
) -> Option<watcher::Result<Event<HelmRelease>>> {
    let read = |guard: DeserializeGuard<HelmRelease>| match guard.0 {
        Ok(release) => Some(release),
        Err(problem) => {
            let name = problem.metadata.name.as_deref().unwrap_or_default();
            let namespace = problem.metadata.namespace.as_deref().unwrap_or_default();
            tracing::error!(namespace, name, error = %problem.error, "a HelmRelease can't be read and is left alone");
            None
        }
    };
    match event {
        Ok(Event::Init) => Some(Ok(Event::Init)),
        Ok(Event::InitDone) => Some(Ok(Event::InitDone)),
        Ok(Event::InitApply(guard)) => read(guard).map(|release| Ok(Event::InitApply(release))),
        Ok(Event::Apply(guard)) => read(guard).map(|release| Ok(Event::Apply(release))),
        Ok(Event::Delete(guard)) => read(guard).map(|release| Ok(Event::Delete(release))),
        Err(error) => Some(Err(error)),
    }
}

/// Everything but status: specification, requests, deletion, our finalizer.
fn worth_a_look(release: &HelmRelease) -> Option<u64> {
    let meta = release.meta();
    let mut hasher = DefaultHasher::new();
    meta.generation.hash(&mut hasher);
    meta.annotations.hash(&mut hasher);
    meta.finalizers.hash(&mut hasher);
    meta.deletion_timestamp.is_some().hash(&mut hasher);
    Some(hasher.finish())
}

/// Releases woken by the watch hub.
pub(crate) fn of_objects(
    woken: mpsc::UnboundedReceiver<ReleaseKey>,
    releases: Releases,
) -> impl Stream<Item = Wake> + Send + 'static {
    received(woken).flat_map(move |key| stream::iter(releases.owners(&key)))
}

/// Releases woken by a change of one that they depend on.
pub(crate) fn of_dependencies(
    changes: mpsc::UnboundedReceiver<ReleaseChange>,
    releases: Releases,
) -> impl Stream<Item = Wake> + Send + 'static {
    received(changes).flat_map(move |change| {
        let waits = |release: &HelmRelease| {
            let own = release.metadata.namespace.as_deref().unwrap_or_default();
            let named = |dependency: &Dependency| {
                dependency.name == change.name
                    && dependency.namespace.as_deref().unwrap_or(own) == change.namespace
            };
            release.spec.depends_on.iter().any(named)
        };
        stream::iter(releases.select(waits))
    })
}

/// Releases woken by Secrets: stored revisions that somebody else wrote, and Secrets that specifications refer to.
pub(crate) fn of_secrets(
    client: &Client,
    scope: &Scope,
    releases: Releases,
    own: Arc<OwnWrites>,
) -> impl Stream<Item = Wake> + Send + 'static {
    metadata(api::<PartialObjectMeta<Secret>>(client, scope)).flat_map(move |change| {
        let Change { meta, deleted } = change;
        let labels = meta.labels();
        let stored = labels.get("owner").is_some_and(|owner| owner == "helm");
        let woken = match labels.get("name") {
            Some(_) if stored && own.made(&meta, deleted) => Vec::new(),
            Some(name) if stored => releases.owners(&ReleaseKey {
                namespace: meta.namespace().unwrap_or_default(),
                name: name.clone(),
            }),
            Some(_) | None => referring(&releases, ValuesKind::Secret, &meta),
        };
        stream::iter(woken)
    })
}

/// Releases woken by `ConfigMaps` that specifications refer to.
pub(crate) fn of_config_maps(
    client: &Client,
    scope: &Scope,
    releases: Releases,
) -> impl Stream<Item = Wake> + Send + 'static {
    metadata(api::<PartialObjectMeta<ConfigMap>>(client, scope))
        .flat_map(move |change| stream::iter(referring(&releases, ValuesKind::ConfigMap, &change.meta)))
}

fn referring<K>(releases: &Releases, kind: ValuesKind, meta: &PartialObjectMeta<K>) -> Vec<Wake> {
    let namespace = meta.metadata.namespace.as_deref();
    let name = meta.metadata.name.as_deref().unwrap_or_default();
    releases.select(|release| {
        release.metadata.namespace.as_deref() == namespace && references(release, kind).contains(name)
    })
}

/// The names of the objects of a kind that a specification refers to.
fn references(release: &HelmRelease, kind: ValuesKind) -> BTreeSet<&str> {
    let spec = &release.spec;
    let values = spec.values_from.iter().filter(|reference| reference.kind == kind);
    let mut names: BTreeSet<&str> = values.map(|reference| reference.name.as_str()).collect();
    match kind {
        ValuesKind::ConfigMap => {
            names.extend(
                spec.chart
                    .config_map_ref
                    .iter()
                    .map(|reference| reference.name.as_str()),
            );
        }
        ValuesKind::Secret => {
            names.extend(
                spec.chart
                    .secret_ref
                    .iter()
                    .map(|reference| reference.name.as_str()),
            );
            names.extend(
                spec.chart
                    .tls_secret_ref
                    .iter()
                    .map(|reference| reference.name.as_str()),
            );
        }
    }
    names
}

/// A change of an object of which only the metadata is known.
struct Change<K> {
    meta: PartialObjectMeta<K>,
    deleted: bool,
}

/// Changes after the first list; errors are tried again and end nothing.
fn metadata<K>(api: Api<PartialObjectMeta<K>>) -> impl Stream<Item = Change<K>> + Send + 'static
where
    K: Resource<DynamicType = ()> + Clone + serde::de::DeserializeOwned + std::fmt::Debug + Send + 'static,
{
    watcher(api, watcher::Config::default())
        .default_backoff()
        .filter_map(|event| {
            future::ready(match event {
                Ok(Event::Apply(meta)) => Some(Change { meta, deleted: false }),
                Ok(Event::Delete(meta)) => Some(Change { meta, deleted: true }),
                // A list after a cut watch may hide changes; it is rare, and waking too often is harmless.
                Ok(Event::InitApply(meta)) => Some(Change { meta, deleted: false }),
                Ok(Event::Init | Event::InitDone) => None,
                Err(error) => {
                    tracing::debug!(kind = %K::kind(&()), %error, "watch interrupted");
                    None
                }
            })
        })
}

fn received<T: Send + 'static>(
    receiver: mpsc::UnboundedReceiver<T>,
) -> impl Stream<Item = T> + Send + 'static {
    stream::unfold(receiver, |mut receiver| async move {
        let next = receiver.recv().await?;
        Some((next, receiver))
    })
}

fn api<K>(client: &Client, scope: &Scope) -> Api<K>
where
    K: Resource<DynamicType = (), Scope = kube::core::NamespaceResourceScope>,
{
    match scope {
        Some(namespace) => Api::namespaced(client.clone(), namespace),
        None => Api::all(client.clone()),
    }
}
