//! The admin server: `/metrics`, `/healthz`, `/readyz`. It changes nothing.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use tokio::net::TcpListener;

use crate::metrics::Metrics;

/// What the pages show.
#[derive(Clone)]
pub(crate) struct Admin {
    metrics: Metrics,
    ready: Arc<AtomicBool>,
}

impl Admin {
    /// An admin server that is not ready yet.
    pub(crate) fn new(metrics: Metrics) -> Self {
        Self {
            metrics,
            ready: Arc::default(),
        }
    }

    /// From now on `/readyz` says yes: the watches are current.
    pub(crate) fn set_ready(&self) {
        self.ready.store(true, Ordering::Release);
    }

    /// Serves until `stop` ends.
    ///
    /// # Errors
    /// The listener broke.
    pub(crate) async fn serve(
        self,
        listener: TcpListener,
        stop: impl Future<Output = ()> + Send + 'static,
    ) -> std::io::Result<()> {
        let pages = Router::new()
            .route("/metrics", get(metrics))
            .route("/healthz", get(async || "ok\n"))
            .route("/readyz", get(ready))
            .with_state(self);
        axum::serve(listener, pages).with_graceful_shutdown(stop).await
    }
}

async fn metrics(State(admin): State<Admin>) -> Result<String, StatusCode> {
    admin
        .metrics
        .text()
        .map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)
}

async fn ready(State(admin): State<Admin>) -> (StatusCode, &'static str) {
    if admin.ready.load(Ordering::Acquire) {
        (StatusCode::OK, "ok\n")
    } else {
        (
            StatusCode::SERVICE_UNAVAILABLE,
            "the watches are not current yet\n",
        )
    }
}
