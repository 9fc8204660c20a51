//! The watch hub: how ready the objects of all releases are, kept current by watches.
//!
//! One watch a kind, filtered by Helm's label, started when the first release needs that kind and shared by all. Its
//! store keeps a compact record for each object and not the object. A record that changes in a way that matters
//! wakes the release it belongs to; nothing polls. Objects without the label (hooks, CRDs) are followed one by one
//! while an operation runs. The hub interprets nothing: readiness is judged by `plan`.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures::StreamExt;
use jiff::Timestamp;
use kube::api::{Api, DynamicObject, TypeMeta};
use kube::runtime::watcher::{self, Event};
use kube::runtime::{WatchStreamExt, watcher as watch};
use kube::{Client, ResourceExt};
use plan::readiness::{Purpose, ReadyStatus, readiness};
use plan::{ObjectReadiness, ObjectRef};
use tokio::sync::mpsc;
use tokio::task::AbortHandle;

use crate::discovery::Served;
use crate::objects::{MANAGED_BY, MANAGED_BY_LABEL, RELEASE_NAME, RELEASE_NAMESPACE, api};

/// How long the first list of a kind may take before the caller goes on without it.
const SYNC_PATIENCE: Duration = Duration::from_secs(10);

/// A release that has to be looked at again.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ReleaseKey {
    /// Namespace of the release.
    pub namespace: String,
    /// Name of the release.
    pub name: String,
}

/// What the hub knows of an object.
#[derive(Clone, Debug, PartialEq)]
pub struct Seen {
    /// Its readiness, jobs judged as started.
    pub status: ReadyStatus,
    /// What kstatus says.
    pub message: Box<str>,
    /// Its readiness with jobs judged as completed, when that differs.
    pub completed: Option<(ReadyStatus, Box<str>)>,
    /// When the answer changes although the object does not.
    pub recheck_at: Option<Timestamp>,
    generation: Option<i64>,
    version: u64,
    release: Option<ReleaseKey>,
}

/// An object by group, kind, namespace and name.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Key {
    group: String,
    kind: String,
    namespace: String,
    name: String,
}

/// What the hub says about an object.
#[derive(Clone, Debug, PartialEq)]
pub enum Sight {
    /// Seen, at least as new as our last write.
    Seen(Seen),
    /// The watch has not caught up with our last write yet.
    Behind,
    /// Not seen, although the watch is current.
    Absent,
    /// The watch of its kind is not current: nothing is known.
    Blind,
}

/// The hub of one cluster.
#[derive(Clone)]
pub struct Hub {
    inner: Arc<Inner>,
}

struct Inner {
    client: Client,
    wake: mpsc::UnboundedSender<ReleaseKey>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    objects: HashMap<Key, Seen>,
    /// The version of our last write of an object; what the watch shows must not be older.
    floors: HashMap<Key, u64>,
    kinds: HashMap<(String, String), Kind>,
    followed: HashMap<Key, Follow>,
}

struct Kind {
    synced: tokio::sync::watch::Receiver<bool>,
    _task: Guard,
}

struct Follow {
    release: ReleaseKey,
    _task: Guard,
}

/// A kind that is watched: group and kind as the key, and what its objects say of themselves.
struct Followed {
    key: (String, String),
    types: TypeMeta,
}

/// Ends a watch when it is no longer needed.
struct Guard(AbortHandle);

impl Drop for Guard {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Hub {
    /// A hub without watches, and the stream of releases to wake.
    pub fn new(client: Client) -> (Self, mpsc::UnboundedReceiver<ReleaseKey>) {
        let (wake, woken) = mpsc::unbounded_channel();
        (
            Self {
                inner: Arc::new(Inner {
                    client,
                    wake,
                    state: Mutex::default(),
                }),
            },
            woken,
        )
    }

    /// Makes sure a kind is watched and its first list has arrived, as far as that takes reasonable time.
    pub async fn ensure(&self, served: &Served) {
        let mut synced = self.kind(served);
        // A kind that may not be listed stays blind; callers then look at the objects themselves.
        let _late = tokio::time::timeout(SYNC_PATIENCE, synced.wait_for(|&done| done)).await;
    }

    fn kind(&self, served: &Served) -> tokio::sync::watch::Receiver<bool> {
        let key = (served.resource.group.clone(), served.resource.kind.clone());
        let mut state = self.inner.lock();
        if let Some(kind) = state.kinds.get(&key) {
            return kind.synced.clone();
        }
        let (sender, synced) = tokio::sync::watch::channel(false);
        let api: Api<DynamicObject> = Api::all_with(self.inner.client.clone(), &served.resource);
        let config = watcher::Config::default().labels(&format!("{MANAGED_BY_LABEL}={MANAGED_BY}"));
        let types = TypeMeta {
            api_version: served.resource.api_version.clone(),
            kind: served.resource.kind.clone(),
        };
        let kind = Followed {
            key: key.clone(),
            types,
        };
        let task = tokio::spawn(follow_kind(Arc::clone(&self.inner), kind, api, config, sender));
        state.kinds.insert(
            key,
            Kind {
                synced: synced.clone(),
                _task: Guard(task.abort_handle()),
            },
        );
        synced
    }

    /// Follows one object that has no label of ours, for a release, until [`Hub::unfollow`].
    pub fn follow(&self, served: &Served, object: &ObjectRef, release: &ReleaseKey) {
        let key = key_of(served, object);
        let mut state = self.inner.lock();
        if state.followed.contains_key(&key) {
            return;
        }
        let api = api(&self.inner.client, served, &object.namespace);
        let config = watcher::Config::default().fields(&format!("metadata.name={}", object.name));
        let task = tokio::spawn(follow_object(
            Arc::clone(&self.inner),
            release.clone(),
            api,
            config,
        ));
        let follow = Follow {
            release: release.clone(),
            _task: Guard(task.abort_handle()),
        };
        state.followed.insert(key, follow);
    }

    /// Stops following the unlabelled objects of a release: its operation ended.
    pub fn unfollow(&self, release: &ReleaseKey) {
        self.inner
            .lock()
            .followed
            .retain(|_, follow| follow.release != *release);
    }

    /// Remembers that we wrote an object: what the watch shows of it counts from this version on.
    pub fn wrote(&self, served: &Served, object: &ObjectRef, live: &DynamicObject) {
        if let Some(version) = version_of(live) {
            self.inner.lock().floors.insert(key_of(served, object), version);
        }
    }

    /// What is known of an object.
    pub fn look(&self, served: &Served, object: &ObjectRef) -> Sight {
        let key = key_of(served, object);
        let state = self.inner.lock();
        let current = state
            .kinds
            .get(&(served.resource.group.clone(), served.resource.kind.clone()))
            .is_some_and(|kind| *kind.synced.borrow());
        let floor = state.floors.get(&key).copied().unwrap_or_default();
        match state.objects.get(&key) {
            // Time alone changes the answer: the caller has to look at the object.
            Some(seen) if seen.recheck_at.is_some_and(|at| at <= Timestamp::now()) => Sight::Blind,
            Some(seen) if seen.version >= floor => Sight::Seen(seen.clone()),
            Some(_) => Sight::Behind,
            None if !current => Sight::Blind,
            None => Sight::Absent,
        }
    }
}

impl Seen {
    /// The readiness under a job policy.
    pub fn readiness(&self, object: &ObjectRef, jobs: bool) -> ObjectReadiness {
        let (status, message) = match &self.completed {
            Some((status, message)) if jobs => (*status, message),
            Some(_) | None => (self.status, &self.message),
        };
        ObjectReadiness {
            object: object.clone(),
            status,
            message: message.to_string(),
        }
    }

    fn of(object: &DynamicObject, release: Option<ReleaseKey>) -> Self {
        let value = serde_json::to_value(object).unwrap_or_default();
        let now = Timestamp::now();
        let started = readiness(&value, Purpose::Object, now);
        let completed = readiness(&value, Purpose::ObjectAndJobs, now);
        let completed = (completed != started).then(|| (completed.status, completed.message.into()));
        Self {
            status: started.status,
            message: started.message.into(),
            completed,
            recheck_at: started.recheck_at,
            generation: object.metadata.generation,
            version: version_of(object).unwrap_or_default(),
            release,
        }
    }

    /// Whether the difference to an earlier record is worth a look: readiness or content, not mere status noise.
    fn matters_after(&self, before: &Self) -> bool {
        let content = match (self.generation, before.generation) {
            (Some(now), Some(then)) => now != then,
            (None, _) | (_, None) => self.version != before.version,
        };
        content
            || (self.status, &self.message, &self.completed)
                != (before.status, &before.message, &before.completed)
    }
}

impl Inner {
    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        // The state is valid after any panic: every change of it is one insert or remove.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wake(&self, release: Option<&ReleaseKey>) {
        if let Some(release) = release {
            // Nobody listens only when the process ends.
            let _ended = self.wake.send(release.clone());
        }
    }

    fn saw(&self, kind: &Followed, mut object: DynamicObject) {
        // The items of a list do not say what they are, and readiness is judged by kind.
        object.types = Some(kind.types.clone());
        let object = &object;
        let seen = Seen::of(object, owner(object));
        let key = key_of_live(&kind.key, object);
        tracing::trace!(?key, version = seen.version, status = ?seen.status, message = %seen.message, "seen");
        let before = self.lock().objects.insert(key, seen.clone());
        if before.is_none_or(|before| seen.matters_after(&before)) {
            self.wake(seen.release.as_ref());
        }
    }

    fn lost(&self, key: &Key) {
        let mut state = self.lock();
        state.floors.remove(key);
        let before = state.objects.remove(key);
        drop(state);
        self.wake(before.and_then(|seen| seen.release).as_ref());
    }
}

/// Keeps the records of a kind current for ever.
async fn follow_kind(
    inner: Arc<Inner>,
    kind: Followed,
    api: Api<DynamicObject>,
    config: watcher::Config,
    synced: tokio::sync::watch::Sender<bool>,
) {
    let mut events = std::pin::pin!(watch(api, config).default_backoff());
    let mut listed: Vec<Key> = Vec::new();
    while let Some(event) = events.next().await {
        match event {
            Ok(Event::Init) => listed.clear(),
            Ok(Event::InitApply(object)) => {
                listed.push(key_of_live(&kind.key, &object));
                inner.saw(&kind, object);
            }
            Ok(Event::InitDone) => {
                let listed: std::collections::HashSet<Key> = listed.drain(..).collect();
                let gone: Vec<Key> = inner
                    .lock()
                    .objects
                    .keys()
                    .filter(|key| key.group == kind.key.0 && key.kind == kind.key.1 && !listed.contains(key))
                    .cloned()
                    .collect();
                for key in &gone {
                    inner.lost(key);
                }
                synced.send_replace(true);
            }
            Ok(Event::Apply(object)) => inner.saw(&kind, object),
            Ok(Event::Delete(object)) => inner.lost(&key_of_live(&kind.key, &object)),
            Err(error) => tracing::debug!(kind = %kind.key.1, %error, "watch interrupted"),
        }
    }
}

/// Wakes a release at every change of one object.
async fn follow_object(
    inner: Arc<Inner>,
    release: ReleaseKey,
    api: Api<DynamicObject>,
    config: watcher::Config,
) {
    let mut events = std::pin::pin!(watch(api, config).default_backoff());
    while let Some(event) = events.next().await {
        match event {
            Ok(Event::InitApply(_) | Event::Apply(_) | Event::Delete(_) | Event::InitDone) => {
                inner.wake(Some(&release));
            }
            Ok(Event::Init) => {}
            Err(error) => tracing::debug!(release = %release.name, %error, "watch interrupted"),
        }
    }
}

/// The release that Helm's annotations on an object name.
fn owner(object: &DynamicObject) -> Option<ReleaseKey> {
    let annotations = object.annotations();
    Some(ReleaseKey {
        namespace: annotations.get(RELEASE_NAMESPACE)?.clone(),
        name: annotations.get(RELEASE_NAME)?.clone(),
    })
}

fn key_of(served: &Served, object: &ObjectRef) -> Key {
    Key {
        group: served.resource.group.clone(),
        kind: served.resource.kind.clone(),
        namespace: object.namespace.clone(),
        name: object.name.clone(),
    }
}

fn key_of_live(kind: &(String, String), object: &DynamicObject) -> Key {
    Key {
        group: kind.0.clone(),
        kind: kind.1.clone(),
        namespace: object.namespace().unwrap_or_default(),
        name: object.name_any(),
    }
}

/// Resource versions are compared as numbers, which the API promises since Kubernetes 1.35 and etcd made true before.
fn version_of(object: &DynamicObject) -> Option<u64> {
    object.metadata.resource_version.as_ref()?.parse().ok()
}
