//! From a list of files to a chart: which file is what, subcharts, checks.
//!
//! Mirrors `LoadFiles` in `pkg/chart/v2/loader/load.go` and the version dispatch in `pkg/chart/loader/load.go`. Where
//! upstream walks a Go map (the subcharts), this walks by name, so that a chart loads the same way every time.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::archive::{ArchiveError, Budget, read_archive_within};
use super::decode::{self, ApiVersion};
use super::metadata::{API_VERSION_V1, Draft, ValidationError};
use super::{Chart, File};
use crate::text::extension;
use crate::values::{ValuesError, parse_values};
use crate::yaml::YamlError;

/// The file that makes a folder a chart.
pub(super) const CHART_YAML: &str = "Chart.yaml";

/// Deepest nesting of charts within charts. Real umbrella charts have three levels.
pub(super) const MAX_CHART_DEPTH: usize = 32;

/// A file as it comes from an archive or a directory; the name is relative to the chart.
#[derive(Debug, Clone)]
pub struct InputFile {
    /// Slash-separated name.
    pub name: String,
    /// The content.
    pub data: Arc<[u8]>,
    /// The file's time.
    pub modified: Option<jiff::Timestamp>,
}

/// Why a chart could not be loaded. The texts are Helm's where Helm has one.
#[derive(Debug, thiserror::Error)]
pub enum ChartError {
    /// The archive cannot be read.
    #[error("unable to load chart archive: {0}")]
    Archive(ArchiveError),
    /// There is no Chart.yaml, so that not even the kind of chart is known.
    #[error("unable to detect chart version, no Chart.yaml found")]
    NoChartYaml,
    /// Chart.yaml names an API version that this Helm does not know.
    #[error("unsupported chart version")]
    UnsupportedVersion,
    /// A `v3` chart: experimental upstream, and refused for installation.
    #[error("invalid chart apiVersion")]
    ExperimentalVersion,
    /// There is no Chart.yaml in a subchart.
    #[error("Chart.yaml file is missing")]
    MissingChartYaml,
    /// One of the YAML files of the chart is malformed.
    #[error("cannot load {file}: {error}")]
    Yaml {
        /// Chart.yaml, Chart.lock, requirements.yaml or requirements.lock.
        file: &'static str,
        /// What is wrong with it.
        error: YamlError,
    },
    /// values.yaml is malformed.
    #[error("cannot load values.yaml: {0}")]
    Values(ValuesError),
    /// Chart.yaml has a wrong value.
    #[error(transparent)]
    Invalid(#[from] ValidationError),
    /// `.helmignore` is malformed.
    #[error(transparent)]
    Ignore(crate::ignore::IgnoreError),
    /// A `.tgz` in `charts/` that is a directory.
    #[error("error unpacking subchart tar in {parent}: expected {expected}, got {found}")]
    SubchartTar {
        /// The chart whose subchart it is.
        parent: String,
        /// The file that was expected.
        expected: String,
        /// The file that is there.
        found: String,
    },
    /// A subchart cannot be loaded.
    #[error("error unpacking subchart {name} in {parent}: {error}")]
    Subchart {
        /// The name in `charts/`.
        name: String,
        /// The chart whose subchart it is.
        parent: String,
        /// Why.
        error: Box<ChartError>,
    },
    /// The archive of a subchart cannot be read.
    #[error("{0}")]
    SubchartArchive(ArchiveError),
    /// Any of these, after Helm would have logged something.
    #[error("{error}")]
    Warned {
        /// What it would have logged.
        warnings: Vec<String>,
        /// What is wrong.
        error: Box<ChartError>,
    },
    /// Charts are nested deeper than [`MAX_CHART_DEPTH`].
    #[error("charts are nested deeper than {MAX_CHART_DEPTH} levels")]
    TooDeep,
    /// A file of a directory is larger than [`super::archive::MAX_FILE_BYTES`].
    #[error("chart file {} is larger than the maximum file size {}", crate::text::go_quote(.0), super::archive::MAX_FILE_BYTES)]
    FileTooLarge(String),
}

impl ChartError {
    /// What Helm would have logged before it failed.
    pub fn warnings(&self) -> Vec<String> {
        match self {
            Self::Warned { warnings, error } => {
                let mut warnings = warnings.clone();
                warnings.extend(error.warnings());
                warnings
            }
            Self::Subchart { error, .. } => error.warnings(),
            _ => Vec::new(),
        }
    }
}

/// Loads a chart from its files, after looking which kind of chart it is (`pkg/chart/loader/load.go`).
pub fn load_files(files: Vec<InputFile>) -> Result<Chart, ChartError> {
    load_detected(files, &mut Budget::default())
}

pub(super) fn load_detected(files: Vec<InputFile>, budget: &mut Budget) -> Result<Chart, ChartError> {
    let Some(file) = files.iter().find(|file| file.name == "Chart.yaml") else {
        return Err(ChartError::NoChartYaml);
    };
    match decode::api_version(&file.data).map_err(|error| ChartError::Yaml {
        file: "Chart.yaml",
        error,
    })? {
        ApiVersion::Stable => load(files, budget, 0),
        ApiVersion::Experimental => Err(ChartError::ExperimentalVersion),
        ApiVersion::Unknown => Err(ChartError::UnsupportedVersion),
    }
}

/// Loads a chart or a subchart; subcharts are not asked for their API version.
pub(super) fn load(files: Vec<InputFile>, budget: &mut Budget, depth: usize) -> Result<Chart, ChartError> {
    if depth > MAX_CHART_DEPTH {
        return Err(ChartError::TooDeep);
    }
    let mut chart = Chart::default();
    match fill(&mut chart, files, budget, depth) {
        Ok(()) => Ok(chart),
        Err(error) if chart.warnings.is_empty() => Err(error),
        Err(error) => Err(ChartError::Warned {
            warnings: chart.warnings,
            error: Box::new(error),
        }),
    }
}

/// Puts files into a chart that is still empty. What Helm logs on the way is in the chart also after an error.
fn fill(
    chart: &mut Chart,
    files: Vec<InputFile>,
    budget: &mut Budget,
    depth: usize,
) -> Result<(), ChartError> {
    let mut draft = None;
    let files: Vec<Arc<File>> = files
        .into_iter()
        .map(|InputFile { name, data, modified }| Arc::new(File { name, data, modified }))
        .collect();
    // Chart.yaml first, wherever it stands.
    for file in files.iter().filter(|file| file.name == "Chart.yaml") {
        let draft = draft.get_or_insert_with(Draft::default);
        decode::metadata(&file.data, draft).map_err(|error| ChartError::Yaml {
            file: "Chart.yaml",
            error,
        })?;
        if draft.metadata.api_version.is_empty() {
            API_VERSION_V1.clone_into(&mut draft.metadata.api_version);
        }
        chart.modified = file.modified;
    }
    let mut subcharts: BTreeMap<String, Vec<InputFile>> = BTreeMap::new();
    for file in files {
        chart.raw.push(Arc::clone(&file));
        sort_file(chart, &mut draft, &mut subcharts, file)?;
    }
    let Some(draft) = draft else {
        return Err(ChartError::MissingChartYaml);
    };
    chart.declares_dependencies = draft.declares_dependencies;
    chart.metadata = draft.validate()?;
    for (name, files) in subcharts {
        if name.starts_with(['_', '.']) {
            continue;
        }
        let subchart = load_subchart(&name, files, chart.name(), budget, depth)?;
        chart.subcharts.push(Arc::new(subchart));
    }
    Ok(())
}

/// Puts one file where it belongs.
fn sort_file(
    chart: &mut Chart,
    draft: &mut Option<Draft>,
    subcharts: &mut BTreeMap<String, Vec<InputFile>>,
    file: Arc<File>,
) -> Result<(), ChartError> {
    let is_v1 = |draft: &Option<Draft>| {
        draft
            .as_ref()
            .is_some_and(|draft| draft.metadata.api_version == API_VERSION_V1)
    };
    match file.name.as_str() {
        "Chart.yaml" => {}
        "Chart.lock" => {
            let lock = decode::lock(&file.data);
            chart.lock = lock.map_err(|error| ChartError::Yaml {
                file: "Chart.lock",
                error,
            })?;
        }
        "values.yaml" => chart.values = Some(parse_values(&file.data).map_err(ChartError::Values)?),
        "values.schema.json" => chart.schema = Some(file),
        "requirements.yaml" => {
            if !is_v1(draft) {
                chart.warnings.push(
                    "Warning: Dependencies are handled in Chart.yaml since apiVersion \"v2\". We recommend migrating \
                     dependencies to Chart.yaml."
                        .to_owned(),
                );
            }
            decode::metadata(&file.data, draft.get_or_insert_with(Draft::default)).map_err(|error| {
                ChartError::Yaml {
                    file: "requirements.yaml",
                    error,
                }
            })?;
            if is_v1(draft) {
                chart.files.push(file);
            }
        }
        "requirements.lock" => {
            let lock = decode::lock(&file.data);
            chart.lock = lock.map_err(|error| ChartError::Yaml {
                file: "requirements.lock",
                error,
            })?;
            draft.get_or_insert_with(Draft::default);
            if is_v1(draft) {
                chart.files.push(file);
            } else {
                chart.warnings.push(
                    "Warning: Dependency locking is handled in Chart.lock since apiVersion \"v2\". We recommend \
                     migrating to Chart.lock."
                        .to_owned(),
                );
            }
        }
        name if name.starts_with("templates/") => chart.templates.push(file),
        name => match name.strip_prefix("charts/") {
            Some(below) if extension(name) != ".prov" => {
                let group = below.split('/').next().unwrap_or(below).to_owned();
                let name = below.to_owned();
                let file = InputFile {
                    name,
                    data: Arc::clone(&file.data),
                    modified: file.modified,
                };
                subcharts.entry(group).or_default().push(file);
            }
            _ => chart.files.push(file),
        },
    }
    Ok(())
}

fn load_subchart(
    name: &str,
    files: Vec<InputFile>,
    parent: &str,
    budget: &mut Budget,
    depth: usize,
) -> Result<Chart, ChartError> {
    let outcome = if extension(name) == ".tgz" {
        match files.first() {
            Some(file) if file.name == name => read_archive_within(&file.data, budget)
                .map_err(ChartError::SubchartArchive)
                .and_then(|files| load(files, budget, depth + 1)),
            first => {
                return Err(ChartError::SubchartTar {
                    parent: parent.to_owned(),
                    expected: name.to_owned(),
                    found: first.map(|file| file.name.clone()).unwrap_or_default(),
                });
            }
        }
    } else {
        // Files directly in `charts/` belong to no chart.
        let files = files
            .into_iter()
            .filter_map(|file| {
                let (_, name) = file.name.split_once('/')?;
                Some(InputFile {
                    name: name.to_owned(),
                    ..file
                })
            })
            .collect();
        load(files, budget, depth + 1)
    };
    outcome.map_err(|error| ChartError::Subchart {
        name: name.to_owned(),
        parent: parent.to_owned(),
        error: Box::new(error),
    })
}
