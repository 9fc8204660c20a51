//! The chart inside a release record (`pkg/chart/v2/chart.go`).
//!
//! It is a photograph of the loaded chart after dependency processing, not a chart: subcharts are
//! not in it, so it cannot be rendered again.

use serde_json::{Map, Value};

use super::GoTime;

/// The stored form of a chart. Build it from a loaded chart with `ChartRecord::from(&chart)`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ChartRecord {
    /// `Chart.yaml` by its YAML names, after dependency processing. An object or null.
    pub metadata: Value,
    /// `Chart.lock`. An object or null.
    pub lock: Value,
    /// The templates of the root chart, in load order.
    pub templates: Vec<FileRecord>,
    /// The processed defaults. An object or null.
    pub values: Value,
    /// The bytes of `values.schema.json`.
    pub schema: Option<Vec<u8>>,
    /// When the schema file was last modified; Helm 4 always writes it, zero when unknown.
    pub schema_mod_time: Option<GoTime>,
    /// The other files of the root chart, in load order.
    pub files: Vec<FileRecord>,
    /// When the chart's metadata was last modified.
    pub mod_time: Option<GoTime>,
    /// Fields of the stored JSON that this version does not know.
    pub extra: Map<String, Value>,
}

/// A file of a chart.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FileRecord {
    /// Path relative to the chart's root, with `/`.
    pub name: String,
    /// Its bytes.
    pub data: Vec<u8>,
    /// When it was last modified.
    pub mod_time: Option<GoTime>,
    /// Fields of the stored JSON that this version does not know.
    pub extra: Map<String, Value>,
}

impl ChartRecord {
    /// `metadata.name`, empty when absent.
    pub fn name(&self) -> &str {
        self.text("name")
    }

    /// `metadata.version`, empty when absent.
    pub fn version(&self) -> &str {
        self.text("version")
    }

    /// `metadata.appVersion`, empty when absent.
    pub fn app_version(&self) -> &str {
        self.text("appVersion")
    }

    fn text(&self, key: &str) -> &str {
        self.metadata.get(key).and_then(Value::as_str).unwrap_or_default()
    }
}
