//! Starts everything and keeps it running: client, watches, controller, admin server; ends it in order on SIGTERM.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use api::HelmRelease;
use cluster::Cluster;
use futures::stream::select_all;
use futures::{Stream, StreamExt};
use kube::runtime::controller::Controller;
use kube::{Api, Client};
use source::{Source, SourceOptions};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::admin::Admin;
use crate::chart::Charts;
use crate::context::{Context, Pauses};
use crate::metrics::Metrics;
use crate::reconcile;
use crate::report::Reporter;
use crate::watch::{self, Releases, Wake};

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
    let (changed, changes) = mpsc::unbounded_channel();
    let scopes = scopes(&options.namespaces);
    let (stores, objects): (Vec<_>, Vec<_>) = scopes
        .iter()
        .map(|scope| watch::releases(&client, scope, changed.clone()))
        .unzip();
    let releases = Releases::new(scopes.iter().cloned().zip(stores.iter().cloned()).collect());
    let mut wakes = vec![
        watch::of_objects(woken, releases.clone()).boxed(),
        watch::of_dependencies(changes, releases.clone()).boxed(),
    ];
    for scope in &scopes {
        wakes.push(watch::of_secrets(&client, scope, releases.clone(), Arc::clone(&cluster.own)).boxed());
        wakes.push(watch::of_config_maps(&client, scope, releases.clone()).boxed());
    }
    let context = Arc::new(Context {
        reporter: Reporter::new(client.clone(), metrics.clone()),
        client,
        cluster,
        source: Source::new(&options.source),
        charts: Charts::default(),
        pauses: Pauses::default(),
        releases,
        metrics,
        stop: stop.clone(),
    });
    let config = kube::runtime::controller::Config::default()
        .debounce(DEBOUNCE)
        .concurrency(options.concurrency);
    let controllers = objects
        .into_iter()
        .zip(&stores)
        .zip(distribute(select_all(wakes), scopes))
        .map(|((objects, store), wakes)| {
            Controller::for_stream(objects, store.clone())
                .with_config(config.clone())
                .graceful_shutdown_on(stop.clone().cancelled_owned())
                .reconcile_on(wakes)
        });
    let running = select_all(controllers.map(|controller| {
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
    for scope in scopes(namespaces) {
        let api: Api<HelmRelease> = match scope {
            Some(namespace) => Api::namespaced(client.clone(), &namespace),
            None => Api::all(client.clone()),
        };
        let params = kube::api::ListParams::default().limit(1);
        api.list_metadata(&params)
            .await
            .map_err(|error| RunError::NoResource(cluster::error::words(&error)))?;
    }
    Ok(())
}

/// The namespaces of each watch: one watch of all, or one for each that is named.
fn scopes(namespaces: &[String]) -> Vec<Option<String>> {
    if namespaces.is_empty() {
        return vec![None];
    }
    namespaces.iter().cloned().map(Some).collect()
}

/// Hands each wake to the controller whose watch covers it.
fn distribute(
    wakes: impl Stream<Item = Wake> + Send + 'static,
    scopes: Vec<Option<String>>,
) -> Vec<impl Stream<Item = Wake> + Send + 'static> {
    let (senders, receivers): (Vec<_>, Vec<_>) = scopes
        .iter()
        .map(|_| futures::channel::mpsc::unbounded::<Wake>())
        .unzip();
    tokio::spawn(async move {
        let mut wakes = std::pin::pin!(wakes);
        while let Some(wake) = wakes.next().await {
            for (scope, sender) in scopes.iter().zip(&senders) {
                if scope.is_none() || *scope == wake.namespace {
                    // The controller ended: so does this task with the watches.
                    let _ended = sender.unbounded_send(wake.clone());
                }
            }
        }
    });
    receivers
}
