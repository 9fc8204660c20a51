//! `pilothouse run`: the operator itself. Parses and wires; the work is `controller`'s.

use std::net::SocketAddr;
use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::{Args, ValueEnum};
use controller::{RunOptions, run};
use source::{DiskOptions, SourceOptions};
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;
use tracing_subscriber::EnvFilter;

/// Bytes of chart archives kept on disk when a folder is given.
const DISK_BYTES: u64 = 1024 * 1024 * 1024;

/// Run the operator.
#[derive(Debug, Args)]
pub(crate) struct RunArgs {
    /// Address of /metrics, /healthz and /readyz.
    #[arg(long, env = "PILOTHOUSE_LISTEN", default_value = "0.0.0.0:8080")]
    listen: SocketAddr,
    /// Reconcile `HelmReleases` of this namespace only; may be repeated. Default: all namespaces.
    #[arg(
        long = "watch-namespace",
        env = "PILOTHOUSE_WATCH_NAMESPACE",
        value_delimiter = ','
    )]
    namespaces: Vec<String>,
    /// How many releases are worked on at once. Releases that wait do not count.
    #[arg(long, default_value_t = 16)]
    concurrency: u16,
    /// Folder to keep downloaded charts in. Default: memory only.
    #[arg(long, env = "PILOTHOUSE_CACHE_DIR")]
    cache_dir: Option<PathBuf>,
    /// How log lines look.
    #[arg(long, value_enum, env = "PILOTHOUSE_LOG_FORMAT", default_value_t = LogFormat::Human)]
    log_format: LogFormat,
}

/// How log lines look.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum LogFormat {
    /// For a person at a terminal.
    Human,
    /// One JSON object a line.
    Json,
}

/// Runs the operator until SIGTERM or Ctrl-C.
///
/// # Errors
/// There is no cluster to talk to, or the operator could not start.
pub(crate) fn main(args: RunArgs) -> Result<()> {
    start_logs(args.log_format);
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("start the runtime")?
        .block_on(operate(args))
}

async fn operate(args: RunArgs) -> Result<()> {
    let stop = CancellationToken::new();
    tokio::spawn(stop_on_signal(stop.clone()));
    let client = kube::Client::try_default()
        .await
        .context("find the cluster: no kubeconfig and no service account")?;
    let disk = args.cache_dir.map(|folder| DiskOptions {
        folder,
        bytes: DISK_BYTES,
    });
    let source = SourceOptions {
        disk,
        ..SourceOptions::default()
    };
    let options = RunOptions {
        listen: args.listen,
        namespaces: args.namespaces,
        concurrency: args.concurrency,
        source,
    };
    run(client, options, stop).await.context("run the operator")
}

async fn stop_on_signal(stop: CancellationToken) {
    let terminated = async {
        match signal(SignalKind::terminate()) {
            Ok(mut signals) => signals.recv().await,
            // Without the signal handler only Ctrl-C ends us.
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        _ = terminated => tracing::info!("SIGTERM: parking operations"),
        _ = tokio::signal::ctrl_c() => tracing::info!("Ctrl-C: parking operations"),
    }
    stop.cancel();
}

fn start_logs(format: LogFormat) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    let logs = tracing_subscriber::fmt().with_env_filter(filter);
    match format {
        LogFormat::Human => logs.init(),
        LogFormat::Json => logs.json().init(),
    }
}
