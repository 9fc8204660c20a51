//! The chart repository and the registry of the demo, filled by the real `helm`.
//!
//! The repository has the project's own chart; the registry has podinfo when the corpus of public
//! charts lies beside the project, else the project's own chart again.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use testkit::{ChartRepository, Helm, Registry};

/// The chart of the story.
pub(crate) const CHART: &str = "demo-app";
/// Its first version.
pub(crate) const FIRST: &str = "1.0.0";
/// Its next version, published in the middle of the story.
pub(crate) const NEXT: &str = "1.1.0";

const CHARTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/charts");

/// Where charts come from.
#[derive(Debug)]
pub(crate) struct Sources {
    /// HTTP, with [`CHART`].
    pub(crate) repository: ChartRepository,
    /// OCI, with [`Self::pushed`].
    pub(crate) registry: Registry,
    /// The chart in the registry.
    pub(crate) pushed: Pushed,
    folder: PathBuf,
    helm: Helm,
}

/// A chart in the registry.
#[derive(Debug)]
pub(crate) struct Pushed {
    /// Its name.
    pub(crate) name: String,
    /// Its version.
    pub(crate) version: String,
}

impl Sources {
    /// Starts both and publishes the first version.
    pub(crate) async fn start(folder: &Path) -> Result<Self> {
        let folder = folder.join("charts");
        std::fs::create_dir(&folder).context("create the folder of the chart repository")?;
        let repository = ChartRepository::start(&folder).await?;
        let registry = Registry::start().await?;
        let helm = Helm::without_cluster()?;
        let own = Pushed {
            name: CHART.into(),
            version: FIRST.into(),
        };
        let mut sources = Self {
            repository,
            registry,
            pushed: own,
            folder,
            helm,
        };
        let archive = sources.publish(FIRST).await?;
        let podinfo = integration_tests::charts::podinfo();
        if let Some((_, version)) = &podinfo {
            sources.pushed = Pushed {
                name: "podinfo".into(),
                version: version.clone(),
            };
        }
        let archive = podinfo.map_or(archive, |(archive, _)| archive);
        sources.registry.push(&archive, "charts").await?;
        Ok(sources)
    }

    /// Packages a version of [`CHART`] into the repository, as a release pipeline does.
    pub(crate) async fn publish(&self, version: &str) -> Result<PathBuf> {
        let (chart, folder) = (
            format!("{CHARTS}/{CHART}-{version}"),
            self.folder.display().to_string(),
        );
        self.helm
            .run(["package", &chart, "--destination", &folder])
            .await?
            .success()?;
        self.helm.run(["repo", "index", &folder]).await?.success()?;
        Ok(self.folder.join(format!("{CHART}-{version}.tgz")))
    }
}
