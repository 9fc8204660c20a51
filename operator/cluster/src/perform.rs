//! Performs one effect of a plan: the single door through which a release changes the cluster.

use std::sync::Arc;

use kube::Client;
use plan::{Effect, EffectError, Outcome, Target};

use crate::discovery::Discovery;
use crate::hooks::Hooks;
use crate::hub::{Hub, ReleaseKey};
use crate::own::OwnWrites;
use crate::storage::Storage;
use crate::{apply, delete, error, ready, removed};

/// A cluster, as effects see it.
#[derive(Clone)]
pub struct Cluster {
    /// The client; its identity is the one whose rights count.
    pub client: Client,
    /// Kinds and versions.
    pub discovery: Arc<Discovery>,
    /// Readiness of objects.
    pub hub: Hub,
    /// Which writes of release Secrets were made through this.
    pub own: Arc<OwnWrites>,
}

impl Cluster {
    /// A cluster behind a client, and the stream of releases whose objects changed.
    pub fn new(client: Client) -> (Self, tokio::sync::mpsc::UnboundedReceiver<ReleaseKey>) {
        let (hub, woken) = Hub::new(client.clone());
        let discovery = Arc::new(Discovery::new(client.clone()));
        (
            Self {
                client,
                discovery,
                hub,
                own: Arc::default(),
            },
            woken,
        )
    }

    /// The stored revisions of a release.
    pub fn storage(&self, release: &Target) -> Storage {
        Storage::new(&self.client, release, Arc::clone(&self.own))
    }

    /// Performs an effect on behalf of a release. Performing it twice changes nothing the second time.
    pub async fn perform(&self, release: &Target, effect: &Effect) -> Outcome {
        self.run(release, effect).await.unwrap_or_else(Outcome::Failed)
    }

    async fn run(&self, release: &Target, effect: &Effect) -> Result<Outcome, EffectError> {
        let Self {
            client,
            discovery,
            hub,
            own: _,
        } = self;
        let storage = self.storage(release);
        let hooks = Hooks {
            client,
            discovery,
            hub,
            release,
        };
        let done = |()| Outcome::Done;
        match effect {
            Effect::CreateNamespace { name } => self.create_namespace(name.as_str()).await.map(done),
            Effect::ApplyCrds { files, replace } => {
                apply::crds(client, discovery, release, files, *replace).await
            }
            Effect::Preflight(wanted) => apply::preflight(client, discovery, wanted).await,
            Effect::DeleteRevisions { revisions } => storage.delete(revisions).await.map(done),
            Effect::CreateRelease { release, mark } => storage.create(release, mark).await,
            Effect::UpdateRelease { release, mark } => storage.update(release, mark.as_ref()).await.map(done),
            Effect::Supersede {
                revisions,
                description,
            } => storage
                .supersede(revisions, description.as_deref())
                .await
                .map(done),
            Effect::MarkRevision { revision, mark } => storage.mark(*revision, mark).await.map(done),
            Effect::ClearHook { hook, run } => hooks.clear(hook, run).await,
            Effect::StartHook { hook, run, method } => hooks.start(hook, run, *method).await,
            Effect::CheckHook { hook, run } => hooks.check(hook, run).await,
            Effect::DeleteHook { hook } => hooks.delete(hook).await,
            Effect::Apply(wanted) => apply::apply(client, discovery, hub, wanted).await,
            Effect::DeleteRemoved {
                release,
                target,
                base,
                leftovers,
            } => removed::delete(client, discovery, release, target, base, leftovers).await,
            Effect::CheckReady {
                release,
                manifest,
                jobs,
                optional,
            } => ready::check(client, discovery, hub, release, manifest, *jobs, optional).await,
            Effect::DeleteManifest {
                release,
                manifest,
                propagation,
            } => delete::manifest(client, discovery, release, manifest, *propagation).await,
            Effect::DeleteObjects { objects } => delete::objects(client, discovery, objects).await,
            Effect::CheckGone { release, manifest } => {
                delete::remaining(client, discovery, hub, release, manifest).await
            }
            Effect::CompareLive {
                release,
                manifest,
                ignore,
            } => ready::compare(client, discovery, release, manifest, ignore).await,
            // These two end a walk and are the caller's.
            Effect::Park { .. } | Effect::Finish(_) => Ok(Outcome::Done),
        }
    }

    /// Creates a namespace as `helm install --create-namespace` does; one that exists is fine.
    async fn create_namespace(&self, name: &str) -> Result<(), EffectError> {
        use k8s_openapi::api::core::v1::Namespace;
        use kube::api::{Api, ObjectMeta, PostParams};
        let namespace = Namespace {
            metadata: ObjectMeta {
                name: Some(name.to_owned()),
                labels: Some([("name".to_owned(), name.to_owned())].into()),
                ..ObjectMeta::default()
            },
            ..Namespace::default()
        };
        let params = PostParams {
            field_manager: Some(crate::storage::FIELD_MANAGER.to_owned()),
            ..PostParams::default()
        };
        match Api::<Namespace>::all(self.client.clone())
            .create(&params, &namespace)
            .await
        {
            Ok(_) => Ok(()),
            Err(failure) if error::is_already_exists(&failure) => Ok(()),
            Err(failure) => Err(error::effect_error("failed to create namespace", None, &failure)),
        }
    }
}
