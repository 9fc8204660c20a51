//! OCI registries from the outside: the real registry with charts that the real `helm push` put there, and a registry
//! in this process for what the real one does not do. This file holds what the modules share; each asks one question.

mod fake_registry;
mod manifests;
mod pull;
mod tags;
mod tokens;

use std::path::Path;
use std::time::Duration;

use anyhow::Result;
use source::{ChartLocation, ChartRequest, Digest, RegistryTransport, Source, SourceError, SourceOptions};
use testkit::{ChartBuilder, Registry};

fn request(repository: &str, version: Option<&str>) -> ChartRequest {
    let mut request = ChartRequest::new(ChartLocation::in_repository(repository, "web"));
    request.version = version.map(str::to_owned);
    request.transport = RegistryTransport::PlainText;
    request
}

/// A source that asks the registry every time.
fn eager() -> Source {
    Source::new(&SourceOptions {
        fresh_for: Duration::ZERO,
        request_timeout: Duration::from_secs(20),
        ..SourceOptions::default()
    })
}

fn describe(error: &SourceError) -> String {
    format!("{:?} {}: {error}", error.class(), error.category())
}

async fn push(registry: &Registry, folder: &Path, version: &str) -> Result<Digest> {
    let chart = ChartBuilder::new("web", version)
        .values(&format!("version: {version:?}\n"))
        .package(folder)?;
    Ok(Digest::parse(&registry.push(&chart.path, "team/charts").await?)?)
}

fn archive(folder: &Path, version: &str) -> Result<Vec<u8>> {
    Ok(std::fs::read(folder.join(format!("web-{version}.tgz")))?)
}
