//! Starts everything and keeps it running: client, watches, controller, admin server; ends it in order on SIGTERM.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use api::HelmRelease;
use cluster::{Cluster, ReleaseKey};
use futures::stream::select_all;
use futures::{Stream, StreamExt};
use kube::runtime::controller::Controller;
use kube::runtime::reflector::{ObjectRef, Store};
use kube::runtime::watcher;
use kube::{Api, Client, ResourceExt};
use source::{Source, SourceOptions};
use tokio_util::sync::CancellationToken;

use crate::admin::Admin;
use crate::chart::Charts;
use crate::context::{Context, Pauses};
use crate::metrics::Metrics;
use crate::reconcile;
use crate::report::Reporter;

/// Events that come within this time are one reconcile.
const DEBOUNCE: Duration = Duration::from_millis(50);

/// How long a SIGTERM waits for reconciles that are under way. Each ends at its next status write.
const SHUTDOWN_PATIENCE: Duration = Duration::from_secs(15);

/// How long one question whether a store is ready may wait.
const READY_POLL: Duration = Duration::from_millis(100);

/// What an operator is started with.
#[derive(Clone, Debug)]
pub struct RunOptions {
    /// Where the admin server listens.
    pub listen: SocketAddr,
    /// Namespaces whose `HelmReleases` are reconciled; none means all.
    pub namespaces: Vec<String>,
    /// How many releases are worked on at once.
    pub concurrency: u16,
    /// How charts are fetched and kept.
    pub source: SourceOptions,
}

/// Why an operator could not start or go on.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The metrics are defined wrongly.
    #[error("register the metrics")]
    Metrics(#[from] prometheus::Error),
    /// The admin server could not listen.
    #[error("listen on {address}")]
    Listen {
        /// Where.
        address: SocketAddr,
        /// Why not.
        source: std::io::Error,
    },
    /// The custom resource definition is missing, or may not be read.
    #[error("list HelmReleases: {0}\nhint: install the custom resource with `kubectl apply -k crds`")]
    NoResource(String),
}

/// Runs the operator until `stop` is cancelled; then parks what is under way and returns.
///
/// # Errors
/// It could not start.
pub async fn run(client: Client, options: RunOptions, stop: CancellationToken) -> Result<(), RunError> {
    let metrics = Metrics::new()?;
    let admin = Admin::new(metrics.clone());
    let listener = tokio::net::TcpListener::bind(options.listen)
        .await
        .map_err(|source| RunError::Listen {
            address: options.listen,
            source,
        })?;
    let serving = tokio::spawn(admin.clone().serve(listener, stop.clone().cancelled_owned()));
    check_resource(&client, &options.namespaces).await?;

    let (cluster, woken) = Cluster::new(client.clone());
    let source = Source::new(&options.source);
    let context = Arc::new(Context {
        reporter: Reporter::new(client.clone(), metrics.clone()),
        client: client.clone(),
        cluster,
        source,
        charts: Charts::default(),
        pauses: Pauses::default(),
        metrics,
        stop: stop.clone(),
    });
    let controllers = apis(&client, &options.namespaces).into_iter().map(|api| {
        Controller::new(api, watcher::Config::default())
            .with_config(
                kube::runtime::controller::Config::default()
                    .debounce(DEBOUNCE)
                    .concurrency(options.concurrency),
            )
            .graceful_shutdown_on(stop.clone().cancelled_owned())
    });
    let mut controllers: Vec<_> = controllers.collect();
    let stores: Vec<Store<HelmRelease>> = controllers.iter().map(Controller::store).collect();
    let wakes = distribute(woken, stores.clone());
    for (controller, wakes) in std::mem::take(&mut controllers).into_iter().zip(wakes) {
        controllers.push(controller.reconcile_on(wakes));
    }
    let running = select_all(controllers.into_iter().map(|controller| {
        controller
            .run(reconcile::reconcile, reconcile::after_error, Arc::clone(&context))
            .boxed()
    }));
    let ready = tokio::spawn(async move {
        for store in stores {
            // Asked again and again: of several tasks that wait for one store, only one is woken.
            while tokio::time::timeout(READY_POLL, store.wait_until_ready())
                .await
                .is_err()
            {}
        }
        admin.set_ready();
        tracing::info!("ready");
    });
    let drained = running.for_each(|result| async move {
        if let Err(error) = result {
            tracing::debug!(%error, "reconcile ended with an error");
        }
    });
    let forced = async {
        stop.cancelled().await;
        tokio::time::sleep(SHUTDOWN_PATIENCE).await;
    };
    tokio::select! {
        () = drained => tracing::info!("all operations are parked"),
        () = forced => tracing::warn!("some operations did not come to a safe point in time; they will be resumed"),
    }
    ready.abort();
    serving.abort();
    Ok(())
}

/// Fails early and clearly when the custom resource is not installed.
async fn check_resource(client: &Client, namespaces: &[String]) -> Result<(), RunError> {
    for api in apis(client, namespaces) {
        let params = kube::api::ListParams::default().limit(1);
        api.list_metadata(&params)
            .await
            .map_err(|error| RunError::NoResource(cluster::error::words(&error)))?;
    }
    Ok(())
}

fn apis(client: &Client, namespaces: &[String]) -> Vec<Api<HelmRelease>> {
    if namespaces.is_empty() {
        return vec![Api::all(client.clone())];
    }
    namespaces
        .iter()
        .map(|namespace| Api::namespaced(client.clone(), namespace))
        .collect()
}

/// Turns woken releases into reconciles of the custom resources that speak of them.
fn distribute(
    mut woken: tokio::sync::mpsc::UnboundedReceiver<ReleaseKey>,
    stores: Vec<Store<HelmRelease>>,
) -> Vec<impl Stream<Item = ObjectRef<HelmRelease>> + Send + 'static> {
    let (senders, receivers): (Vec<_>, Vec<_>) = stores
        .iter()
        .map(|_| futures::channel::mpsc::unbounded::<ObjectRef<HelmRelease>>())
        .unzip();
    tokio::spawn(async move {
        while let Some(key) = woken.recv().await {
            for (store, sender) in stores.iter().zip(&senders) {
                for object in owners(store, &key) {
                    // The controller ended: so does this task with the hub.
                    let _ended = sender.unbounded_send(object);
                }
            }
        }
    });
    receivers
}

/// The custom resources that speak of a release.
fn owners(store: &Store<HelmRelease>, key: &ReleaseKey) -> Vec<ObjectRef<HelmRelease>> {
    // The common case first: the object has the name and namespace of its release.
    let direct = ObjectRef::new(&key.name).within(&key.namespace);
    if let Some(found) = store.get(&direct)
        && found.release_name() == key.name
        && found.target_namespace() == key.namespace
    {
        return vec![direct];
    }
    let speaks = |release: &HelmRelease| {
        release.release_name() == key.name && release.target_namespace() == key.namespace
    };
    store
        .state_filter(speaks)
        .iter()
        .map(|release| ObjectRef::new(&release.name_any()).within(&release.namespace().unwrap_or_default()))
        .collect()
}
