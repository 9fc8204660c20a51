//! What the API server serves: kinds, their scope and paths, and the server version.
//!
//! One snapshot per cluster, taken by aggregated discovery (two requests) and shared by every
//! release. A kind that is not in the snapshot makes it stale: it is taken again, at most once in
//! [`REFRESH_FLOOR`], so that a chart whose CRDs were just created finds its kinds at once while a
//! chart with a typo can't turn every reconcile into a discovery. This is not a REST mapper with
//! preferred versions: a manifest names its version, as Helm requires.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

use kube::Client;
use kube::core::gvk::GroupVersionKind;
use kube::discovery::{ApiResource, Scope};
use tokio::sync::Mutex;

/// A snapshot older than this is taken again before a kind is called unknown.
pub const REFRESH_FLOOR: Duration = Duration::from_secs(2);

/// A snapshot older than this is taken again before a chart is rendered, because templates ask for
/// API versions (`.Capabilities.APIVersions.Has`) and CRDs come and go.
pub const CAPABILITIES_MAX_AGE: Duration = Duration::from_mins(5);

/// How often, and how long apart, a kind whose CRD was just created is looked for before the caller is told to come back.
const LAG_LOOKS: usize = 5;
const LAG: Duration = Duration::from_millis(200);

/// How long discovery may lag behind a CRD before its kind counts as unknown.
const LONGEST_LAG: Duration = Duration::from_secs(30);

/// One kind of object that the API server serves.
#[derive(Clone, Debug, PartialEq)]
pub struct Served {
    /// Group, version, kind and plural of the resource.
    pub resource: ApiResource,
    /// Whether its objects live in a namespace.
    pub namespaced: bool,
}

/// What the API server served at one moment.
pub struct Snapshot {
    groups: kube::discovery::Discovery,
    taken: Instant,
    /// `v1.37.2`, in full, as `.Capabilities.KubeVersion` shows it.
    pub git_version: String,
    /// Major part as discovery tells it.
    pub major: String,
    /// Minor part as discovery tells it, which may end in `+`.
    pub minor: String,
    /// Every `group/version` and `group/version/Kind`, sorted.
    pub api_versions: Vec<String>,
}

impl std::fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Snapshot")
            .field("git_version", &self.git_version)
            .finish_non_exhaustive()
    }
}

/// The discovery cache of one cluster.
pub struct Discovery {
    client: Client,
    snapshot: Mutex<Option<Arc<Snapshot>>>,
    /// Group and kind of CRDs that were created here a moment ago, and until when they may be missing.
    expected: std::sync::Mutex<HashMap<(String, String), Instant>>,
}

impl Discovery {
    /// An empty cache; the first use fills it.
    pub fn new(client: Client) -> Self {
        Self {
            client,
            snapshot: Mutex::new(None),
            expected: std::sync::Mutex::default(),
        }
    }

    /// A snapshot that is not older than `max_age`.
    ///
    /// Errors: whatever the API server or the network answers to the discovery requests.
    pub async fn snapshot(&self, max_age: Duration) -> Result<Arc<Snapshot>, kube::Error> {
        // The lock is held over the requests: two hundred releases that start together cost one discovery.
        let mut slot = self.snapshot.lock().await;
        if let Some(snapshot) = slot.as_ref()
            && snapshot.taken.elapsed() <= max_age
        {
            return Ok(Arc::clone(snapshot));
        }
        let fresh = Arc::new(take(&self.client).await?);
        *slot = Some(Arc::clone(&fresh));
        Ok(fresh)
    }

    /// The resource behind an `apiVersion` and `kind`, or `None` when the API server has no such kind.
    ///
    /// Errors: see [`Discovery::snapshot`].
    pub async fn resolve(&self, api_version: &str, kind: &str) -> Result<Option<Served>, kube::Error> {
        let snapshot = self.snapshot(Duration::MAX).await?;
        if let Some(served) = snapshot.resolve(api_version, kind) {
            return Ok(Some(served));
        }
        let mut floor = REFRESH_FLOOR;
        for _ in 0..LAG_LOOKS {
            if let Some(served) = self.snapshot(floor).await?.resolve(api_version, kind) {
                return Ok(Some(served));
            }
            if !self.is_expected(api_version, kind) {
                return Ok(None);
            }
            tokio::time::sleep(LAG).await;
            floor = Duration::ZERO;
        }
        Ok(None)
    }

    /// Remembers that the CRD of a kind was created or changed a moment ago: discovery lags behind it, also behind its
    /// condition `Established`.
    pub fn expect(&self, group: &str, kind: &str) {
        let mut expected = self.expected.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        expected.retain(|_, until| *until > now);
        expected.insert((group.to_owned(), kind.to_owned()), now + LONGEST_LAG);
    }

    /// Whether a kind that is not served may only be late.
    pub fn is_expected(&self, api_version: &str, kind: &str) -> bool {
        let group = api_version.split_once('/').map_or("", |(group, _)| group);
        let expected = self.expected.lock().unwrap_or_else(PoisonError::into_inner);
        let until = expected.get(&(group.to_owned(), kind.to_owned()));
        until.is_some_and(|until| *until > Instant::now())
    }

    /// Forgets the snapshot: CRDs were created or deleted by us.
    pub async fn invalidate(&self) {
        *self.snapshot.lock().await = None;
    }
}

impl Snapshot {
    /// The resource behind an `apiVersion` and `kind` in this snapshot.
    pub fn resolve(&self, api_version: &str, kind: &str) -> Option<Served> {
        let (group, version) = match api_version.split_once('/') {
            Some((group, version)) => (group, version),
            None => ("", api_version),
        };
        let (resource, capabilities) = self
            .groups
            .resolve_gvk(&GroupVersionKind::gvk(group, version, kind))?;
        Some(Served {
            resource,
            namespaced: capabilities.scope == Scope::Namespaced,
        })
    }
}

/// Takes a snapshot. Servers before 1.26 have no aggregated discovery and are asked group by group.
async fn take(client: &Client) -> Result<Snapshot, kube::Error> {
    let version = client.apiserver_version().await?;
    let groups = match kube::discovery::Discovery::new(client.clone())
        .run_aggregated()
        .await
    {
        Ok(groups) => groups,
        Err(error) => {
            tracing::debug!(%error, "aggregated discovery failed, asking group by group");
            kube::discovery::Discovery::new(client.clone()).run().await?
        }
    };
    let api_versions = api_versions(&groups);
    Ok(Snapshot {
        groups,
        taken: Instant::now(),
        git_version: version.git_version,
        major: version.major,
        minor: version.minor,
        api_versions,
    })
}

/// Every `group/version` and `group/version/Kind`, as Helm's `GetVersionSet` builds it.
fn api_versions(groups: &kube::discovery::Discovery) -> Vec<String> {
    let mut set = BTreeSet::new();
    for group in groups.groups() {
        for version in group.versions() {
            for (resource, _) in group.versioned_resources(version) {
                set.insert(resource.api_version.clone());
                set.insert(format!("{}/{}", resource.api_version, resource.kind));
            }
        }
    }
    set.into_iter().collect()
}
