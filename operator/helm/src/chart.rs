//! A chart as it was packaged: metadata, templates, default values, files, subcharts.
//!
//! A [`Chart`] is immutable, `Send + Sync`, and shared by `Arc`: a thousand releases of one chart hold it once, with
//! the parsed templates and schemas that it caches. What user values do to a chart (disabled subcharts, aliases,
//! imported values) is decided for each render by [`crate::dependencies`] and never changes the chart.
//!
//! Reading: [`archive::load_archive`] for `.tgz` bytes, [`directory::load_directory`] for the files of a directory.
//! Mirrors `pkg/chart/v2/chart.go`.

pub mod archive;
pub mod directory;
pub mod lock;
pub mod metadata;

mod decode;
mod load;

use std::sync::Arc;

use serde_json::Map;

pub use load::{ChartError, InputFile, load_files};
pub use lock::Lock;
pub use metadata::{Dependency, Maintainer, Metadata, ValidationError};

use crate::Data;
use crate::render::TemplateCache;
use crate::schema::SchemaCache;

/// One file of a chart. The name is relative to the chart, with `/` separators.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// `templates/deployment.yaml`, `README.md`, `crds/x.yaml`, ...
    pub name: String,
    /// The content, without a leading byte order mark.
    pub data: Arc<[u8]>,
    /// The file's time, if the source had one.
    pub modified: Option<jiff::Timestamp>,
}

/// A loaded chart.
#[derive(Debug, Default)]
pub struct Chart {
    /// Chart.yaml, validated and sanitised.
    pub metadata: Metadata,
    /// Chart.lock or requirements.lock.
    pub lock: Option<Lock>,
    /// Everything below `templates/`.
    pub templates: Vec<Arc<File>>,
    /// values.yaml; `None` when the chart has none.
    pub values: Option<Map<String, Data>>,
    /// values.schema.json.
    pub schema: Option<Arc<File>>,
    /// Every other file, what `.Files` shows.
    pub files: Vec<Arc<File>>,
    /// All files as they came, for packaging.
    pub raw: Vec<Arc<File>>,
    /// The charts in `charts/`, by file name.
    pub subcharts: Vec<Arc<Chart>>,
    /// Chart.yaml's time, if the source had one.
    pub modified: Option<jiff::Timestamp>,
    /// Whether Chart.yaml has a list of dependencies, be it empty. Only then are subcharts processed.
    pub declares_dependencies: bool,
    /// Remarks that Helm logs while loading, such as a requirements.yaml in a v2 chart.
    pub warnings: Vec<String>,
    pub(crate) template_cache: TemplateCache,
    pub(crate) schema_cache: SchemaCache,
}

impl Chart {
    /// The name in Chart.yaml.
    pub fn name(&self) -> &str {
        &self.metadata.name
    }

    /// Whether the chart is of type `library`: it has no manifests of its own.
    pub fn is_library(&self) -> bool {
        self.metadata.chart_type.eq_ignore_ascii_case("library")
    }

    /// What Helm logs while it loads this chart and those in it.
    pub fn all_warnings(&self) -> Vec<String> {
        let mut warnings = self.warnings.clone();
        for subchart in &self.subcharts {
            warnings.extend(subchart.all_warnings());
        }
        warnings
    }

    /// The name that `helm` gives to this chart in lists: `name-version`.
    pub fn full_name(&self) -> String {
        format!("{}-{}", self.metadata.name, self.metadata.version)
    }
}
