//! Rendering a chart: values and templates in, manifests, hooks and notes out.
//!
//! The steps are those of `helm install` before it touches a cluster (`RunWithContext` in `pkg/action/install.go`,
//! `renderResources` in `pkg/action/action.go`, `pkg/engine/engine.go`): process dependencies, coalesce values, check
//! schemas, check the Kubernetes version, execute templates, take out the notes, sort the rest.
//!
//! A render runs on a thread of its own with a deep stack and is bounded by [`Limits`]. The parsed templates are kept
//! with the chart, so that the next render of the same chart does not parse again.

mod cache;
mod context;
mod error;
mod execute;
mod options;

use std::rc::Rc;
use std::sync::Arc;

use gotemplate::CycleGuard;
use gotemplate::stack::{DEEP_STACK, with_stack};
use serde_json::Map;

pub(crate) use cache::TemplateCache;
pub use error::{RenderError, TemplateError};
pub use options::{
    Action, Dns, MissingValues, ReleaseOptions, RenderOptions, SchemaValidation, SubchartNotes,
};

use crate::Data;
use crate::chart::{Chart, File, Metadata};
use crate::data;
use crate::dependencies::{self, Node};
use crate::facts::Facts;
use crate::hooks::Hook;
use crate::manifest::{Document, sort_manifests, stored_manifest};
use crate::remark::Remark;
use crate::schema;
use crate::text::{extension, join_path};
use crate::values::coalesce::{Mode, coalesce};
use crate::values::live;

/// The name of files whose output is not a manifest but a message.
const NOTES_SUFFIX: &str = "NOTES.txt";

/// What a chart renders to.
#[derive(Debug, Clone, Default)]
pub struct Rendered {
    /// The documents of the release, in the order of installation.
    pub documents: Vec<Document>,
    /// The hooks, by kind; those of one event still have to be ordered by weight.
    pub hooks: Vec<Hook>,
    /// NOTES.txt, as rendered.
    pub notes: String,
    /// The files in `crds/`, of the chart and then of its subcharts, never templated.
    pub crds: Vec<CrdFile>,
    /// The chart as Helm stores it with the release: with what values made of it.
    pub chart: ProcessedChart,
    /// What Helm would have logged.
    pub remarks: Vec<Remark>,
}

impl Rendered {
    /// The manifest text that is stored with a release: no hooks, no CRD files.
    pub fn manifest(&self) -> String {
        stored_manifest(&self.documents)
    }
}

/// A file of `crds/`.
#[derive(Debug, Clone)]
pub struct CrdFile {
    /// The path with the charts it is in: `parent/charts/sub/crds/x.yaml`.
    pub path: String,
    /// The file; its name is relative to its chart.
    pub file: Arc<File>,
}

/// What processing changes in a chart, for the release record.
#[derive(Debug, Clone, Default)]
pub struct ProcessedChart {
    /// Chart.yaml without the disabled dependencies, with aliases as names and import lists rewritten.
    pub metadata: Metadata,
    /// The default values with what was imported; with dependencies they hold the defaults of subcharts too. `None`
    /// when the chart has neither values nor dependencies.
    pub values: Option<Map<String, Data>>,
}

/// Renders a chart with user values.
///
/// `facts` gives the outside world; it is called on the thread of the render.
///
/// # Guarantees
/// The same chart, values, options and facts give the same result. Nothing outside is touched but the facts.
///
/// # Errors
/// [`RenderError`], whose text is Helm's. Nothing of a failed render is kept.
pub fn render(
    chart: &Arc<Chart>,
    values: &Map<String, Data>,
    options: &RenderOptions,
    facts: &(dyn Fn() -> Rc<dyn Facts> + Sync),
) -> Result<Rendered, RenderError> {
    let mut remarks = Vec::new();
    let mut rendered = render_with_remarks(chart, values, options, facts, &mut remarks)?;
    rendered.remarks = remarks;
    Ok(rendered)
}

/// As [`render`], but what Helm would have logged goes to `remarks`, where it is also after an error.
pub fn render_with_remarks(
    chart: &Arc<Chart>,
    values: &Map<String, Data>,
    options: &RenderOptions,
    facts: &(dyn Fn() -> Rc<dyn Facts> + Sync),
    remarks: &mut Vec<Remark>,
) -> Result<Rendered, RenderError> {
    let (rendered, made) = with_stack(DEEP_STACK, || {
        let mut made = Vec::new();
        (render_here(chart, values, options, facts(), &mut made), made)
    });
    remarks.extend(made);
    rendered
}

fn render_here(
    chart: &Arc<Chart>,
    values: &Map<String, Data>,
    options: &RenderOptions,
    facts: Rc<dyn Facts>,
    remarks: &mut Vec<Remark>,
) -> Result<Rendered, RenderError> {
    // Dropped last: templates may put a map into itself.
    let _cycles = CycleGuard::new();
    let values = live::from_data(values);
    let node = dependencies::process(chart, &values, remarks).map_err(RenderError::Dependencies)?;
    let coalesced = coalesce(&node, &values, Mode::Coalesce, remarks).map_err(RenderError::Values)?;
    if options.schema_validation == SchemaValidation::Enforce {
        schema::validate_chart(&node, &coalesced, remarks).map_err(RenderError::Schema)?;
    }
    check_kube_version(chart, options)?;
    let output = execute::execute(&node, &coalesced, options, facts)?;
    remarks.extend(output.warnings.into_iter().map(Remark::warn));

    let mut notes = String::new();
    let root_notes = join_path(&join_path(node.name(), "templates"), NOTES_SUFFIX);
    let mut files = Vec::with_capacity(output.files.len());
    for (path, text) in output.files {
        if !path.ends_with(NOTES_SUFFIX) {
            files.push((path, text));
        } else if options.subchart_notes == SubchartNotes::Include || path == root_notes {
            if !notes.is_empty() {
                notes.push('\n');
            }
            notes.push_str(&text.to_str_lossy());
        }
    }
    let pairs = files.iter().map(|(path, text)| (path.as_str(), text.as_bytes()));
    let sorted = sort_manifests(pairs, remarks).map_err(|mut error| {
        let text = |text: &gotemplate::Str| text.to_str_lossy().into_owned();
        let rendered = files.iter().map(|(path, content)| (path.clone(), text(content)));
        error.rendered = rendered
            .filter(|(_, content)| !content.trim().is_empty())
            .collect();
        error.rendered.sort();
        RenderError::Manifest(error)
    })?;
    let mut crds = Vec::new();
    collect_crds(&node, node.name(), &mut crds);
    Ok(Rendered {
        documents: sorted.documents,
        hooks: sorted.hooks,
        notes,
        crds,
        chart: processed(&node),
        remarks: Vec::new(),
    })
}

/// Chart.yaml's `kubeVersion` against the cluster's.
fn check_kube_version(chart: &Chart, options: &RenderOptions) -> Result<(), RenderError> {
    let constraint = &chart.metadata.kube_version;
    let version = &options.capabilities.kube_version;
    if !constraint.is_empty() && !dependencies::is_compatible(constraint, version.as_str()) {
        return Err(RenderError::KubeVersion {
            constraint: constraint.clone(),
            version: version.version.clone(),
        });
    }
    Ok(())
}

fn collect_crds(node: &Node, path: &str, crds: &mut Vec<CrdFile>) {
    for file in &node.chart().files {
        let kind = extension(&file.name).to_ascii_lowercase();
        if file.name.starts_with("crds/") && matches!(kind.as_str(), ".yaml" | ".yml" | ".json") {
            crds.push(CrdFile {
                path: join_path(path, &file.name),
                file: Arc::clone(file),
            });
        }
    }
    for child in node.dependencies() {
        collect_crds(child, &format!("{path}/charts/{}", child.name()), crds);
    }
}

fn processed(node: &Node) -> ProcessedChart {
    let values = match data::to_data(&gotemplate::Value::Map(node.values().clone())) {
        Data::Object(values) if !values.is_empty() || node.chart().values.is_some() => Some(values),
        _ => None,
    };
    ProcessedChart {
        metadata: node.metadata(),
        values,
    }
}
