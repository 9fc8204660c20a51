//! HTTP repositories from the outside: a real server that misbehaves on demand, and the real `helm` as referee.
//! This file holds what the modules share; each asks one question.

mod archives;
mod caching;
mod credentials;
mod faults;
mod limits;
mod tls;
mod versions;

use std::path::Path;
use std::time::Duration;

use anyhow::Result;
use source::{ChartLocation, ChartRequest, Credentials, Source, SourceError, SourceOptions};
use tempfile::TempDir;
use testkit::{ChartBuilder, ChartRepository, PackagedChart};

/// A repository with some versions of `web`.
struct Fixture {
    folder: TempDir,
    charts: Vec<PackagedChart>,
    server: ChartRepository,
}

impl Fixture {
    async fn new(versions: &[&str]) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let charts = package(folder.path(), versions)?;
        let server = ChartRepository::start(folder.path()).await?;
        server.publish(&charts)?;
        Ok(Self {
            folder,
            charts,
            server,
        })
    }

    fn request(&self) -> ChartRequest {
        ChartRequest::new(ChartLocation::in_repository(&self.server.url(), "web"))
    }

    fn archive(&self, version: &str) -> Result<Vec<u8>> {
        Ok(std::fs::read(
            self.folder.path().join(format!("web-{version}.tgz")),
        )?)
    }
}

fn package(folder: &Path, versions: &[&str]) -> Result<Vec<PackagedChart>> {
    versions
        .iter()
        .map(|version| chart(version).package(folder))
        .collect()
}

fn chart(version: &str) -> ChartBuilder {
    ChartBuilder::new("web", version).values(&format!("version: {version:?}\n"))
}

/// A source that asks the server every time and does not wait long.
fn eager() -> Source {
    Source::new(&options())
}

fn options() -> SourceOptions {
    SourceOptions {
        fresh_for: Duration::ZERO,
        request_timeout: Duration::from_secs(20),
        ..SourceOptions::default()
    }
}

fn basic(username: &str, password: &str) -> Credentials {
    Credentials::Basic {
        username: username.into(),
        password: password.into(),
    }
}

/// Class, category and message of a failure; the port is not shown.
async fn failure(source: &Source, request: &ChartRequest, server: &ChartRepository) -> String {
    match source.fetch(request).await {
        Ok(_) => "no failure".to_owned(),
        Err(error) => describe(&error).replace(&server.url(), "URL"),
    }
}

fn describe(error: &SourceError) -> String {
    format!("{:?} {}: {error}", error.class(), error.category())
}
