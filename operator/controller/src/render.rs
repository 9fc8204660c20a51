//! Renders a chart for an operation, on a blocking thread, with the cluster as its facts.

use std::rc::Rc;
use std::sync::Arc;

use cluster::{Cluster, Lookup};
use helm::capabilities::{ApiVersions, Capabilities, KubeVersion};
use helm::chart::Chart;
use helm::facts::Facts;
use helm::record::ChartRecord;
use helm::render::{
    self, Action, Dns, ReleaseOptions, RenderError, RenderOptions, Rendered, SchemaValidation, SubchartNotes,
};
use plan::{Category, CrdFile, EffectError, ErrorClass, Payload, RenderRequest, Target};
use serde_json::{Map, Value};

use cluster::error::effect_error;

/// Renders a chart.
///
/// # Errors
/// Helm's words for what is wrong with chart, values or templates, after the name and version of the chart.
pub(crate) async fn payload(
    cluster: &Cluster,
    target: &Target,
    chart: &Arc<Chart>,
    values: &Map<String, Value>,
    spec: &api::HelmReleaseSpec,
    request: &RenderRequest,
) -> Result<Payload, EffectError> {
    let snapshot = cluster
        .discovery
        .snapshot(cluster::discovery::CAPABILITIES_MAX_AGE)
        .await
        .map_err(|error| effect_error("unable to read the capabilities of the cluster", None, &error))?;
    let mut api_versions = snapshot.api_versions.clone();
    if request.crds {
        api_versions.extend(crd_versions(chart));
    }
    let options = RenderOptions {
        release: ReleaseOptions {
            name: target.name.as_str().to_owned(),
            namespace: target.namespace.as_str().to_owned(),
            // As Helm's install, also over a kept history.
            revision: if request.install {
                1
            } else {
                i64::from(request.revision.0)
            },
            action: if request.install {
                Action::Install
            } else {
                Action::Upgrade
            },
        },
        capabilities: Capabilities {
            kube_version: KubeVersion::from_cluster(&snapshot.git_version, &snapshot.major, &snapshot.minor),
            api_versions: ApiVersions(api_versions),
            ..Capabilities::default()
        },
        schema_validation: match spec.schema_validation {
            api::spec::apply::ValidationPolicy::Enforce => SchemaValidation::Enforce,
            api::spec::apply::ValidationPolicy::Skip => SchemaValidation::Skip,
        },
        subchart_notes: if spec.sub_notes {
            SubchartNotes::Include
        } else {
            SubchartNotes::Leave
        },
        dns: if spec.enable_dns { Dns::On } else { Dns::Off },
        ..RenderOptions::default()
    };
    let runtime = tokio::runtime::Handle::current();
    let (client, discovery) = (cluster.client.clone(), Arc::clone(&cluster.discovery));
    let (shared, config) = (Arc::clone(chart), values.clone());
    let rendered = tokio::task::spawn_blocking(move || {
        let facts = || -> Rc<dyn Facts> {
            Rc::new(Lookup::new(
                client.clone(),
                Arc::clone(&discovery),
                runtime.clone(),
            ))
        };
        let rendered = render::render(&shared, &config, &options, &facts);
        (rendered, config)
    })
    .await
    .map_err(|error| failed(chart, Category::TemplateError, &error.to_string()))?;
    match rendered {
        (Ok(rendered), config) => Ok(packed(chart, rendered, config)),
        (Err(error), _) => Err(failed(chart, category(&error), &error.to_string())),
    }
}

fn packed(chart: &Chart, rendered: Rendered, config: Map<String, Value>) -> Payload {
    let manifest = rendered.manifest();
    let Rendered {
        hooks,
        notes,
        crds,
        chart: processed,
        documents: _,
        remarks: _,
    } = rendered;
    Payload {
        chart: ChartRecord::new(chart, &processed),
        config,
        manifest,
        hooks,
        notes,
        crds: crds
            .into_iter()
            .map(|crd| CrdFile {
                name: crd.path,
                text: String::from_utf8_lossy(&crd.file.data).into_owned(),
            })
            .collect(),
    }
}

fn failed(chart: &Chart, category: Category, words: &str) -> EffectError {
    EffectError {
        category,
        class: ErrorClass::Permanent,
        message: format!(
            "chart \"{}\" version \"{}\": {words}",
            chart.name(),
            chart.metadata.version
        ),
        objects: Vec::new(),
    }
}

fn category(error: &RenderError) -> Category {
    if error.limit().is_some() {
        return Category::LimitExceeded;
    }
    match error {
        RenderError::Schema(_) => Category::SchemaViolation,
        RenderError::Values(_) | RenderError::Dependencies(_) => Category::InvalidValues,
        RenderError::Manifest(_) => Category::ManifestInvalid,
        RenderError::KubeVersion { .. } => Category::ChartInvalid,
        RenderError::Template(_) => Category::TemplateError,
    }
}

/// What the CRDs of a chart will make the API server serve: Helm creates them before it asks for capabilities.
fn crd_versions(chart: &Chart) -> Vec<String> {
    let mut found = Vec::new();
    for file in chart.files.iter().filter(|file| file.name.starts_with("crds/")) {
        for document in helm::manifest::split(&file.data) {
            let Ok(crd) = helm::yaml::parse(document) else {
                continue;
            };
            let text = |pointer: &str| crd.pointer(pointer).and_then(Value::as_str);
            let (Some(group), Some(kind)) = (text("/spec/group"), text("/spec/names/kind")) else {
                continue;
            };
            let versions = crd.pointer("/spec/versions").and_then(Value::as_array);
            for version in versions
                .into_iter()
                .flatten()
                .filter_map(|version| version["name"].as_str())
            {
                found.push(format!("{group}/{version}"));
                found.push(format!("{group}/{version}/{kind}"));
            }
        }
    }
    chart
        .subcharts
        .iter()
        .for_each(|subchart| found.extend(crd_versions(subchart)));
    found
}
