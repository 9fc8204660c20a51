//! The data of templates: one map for each chart, shared by all its templates.
//!
//! Mirrors `recAllTpls` in `pkg/engine/engine.go`. `.Values` of a subchart is the very map that its parent sees under
//! the subchart's name, and `.Release` and `.Capabilities` are the same for all, so that what a template sets is seen
//! where Helm shows it.

use std::collections::BTreeMap;
use std::sync::Arc;

use gotemplate::{GoInt, List, Map, Str, Type, Value};

use super::options::{Action, ReleaseOptions, RenderOptions};
use crate::capabilities;
use crate::chart::{File, Metadata};
use crate::data;
use crate::dependencies::Node;
use crate::files;
use crate::text::{base_name, join_path};
use crate::values::live;

/// A template file and the data it sees.
pub(super) struct Template {
    /// The path with the charts it is in: `parent/charts/sub/templates/x.yaml`.
    pub(super) name: String,
    /// The template's text.
    pub(super) file: Arc<File>,
    /// The map of its chart.
    pub(super) context: Map,
    /// `.Template.BasePath`
    pub(super) base_path: String,
}

/// All templates of a chart and its subcharts, in Helm's order of parsing and execution: deepest path first, and within
/// a depth from the last name to the first.
pub(super) fn templates(node: &Node, values: &Map, options: &RenderOptions) -> Vec<Template> {
    let release = Value::Map(release(&options.release));
    let capabilities = capabilities::to_value(&options.capabilities);
    let mut collector = Collector {
        release,
        capabilities,
        templates: BTreeMap::new(),
    };
    collector.chart(node, node.name(), IsRoot::Yes, &live::named(values));
    let mut templates: Vec<Template> = collector.templates.into_values().collect();
    templates.sort_by_cached_key(|template| (template.name.matches('/').count(), template.name.clone()));
    templates.reverse();
    templates
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum IsRoot {
    Yes,
    No,
}

struct Collector {
    release: Value,
    capabilities: Value,
    /// By name: a later file of the same name replaces an earlier one.
    templates: BTreeMap<String, Template>,
}

impl Collector {
    fn chart(&mut self, node: &Node, path: &str, is_root: IsRoot, values: &Map) -> Map {
        let subcharts = Map::default();
        let metadata = chart(&node.metadata(), is_root);
        let context = Map::from_iter([
            ("Chart", Value::Map(metadata)),
            ("Files", files::to_value(&node.chart().files)),
            ("Release", self.release.clone()),
            ("Capabilities", self.capabilities.clone()),
            ("Values", Value::Map(values.clone())),
            ("Subcharts", Value::Map(subcharts.clone())),
        ]);
        for child in node.dependencies() {
            // A lookup by dotted path, as upstream: a chart with a dot in its name finds nothing.
            let child_values = match live::table(values, child.name()) {
                Ok(table) => live::named(&table),
                Err(_) => Map::named(&live::VALUES, gotemplate::value::Entries::new()),
            };
            let child_path = format!("{path}/charts/{}", child.name());
            let child_context = self.chart(child, &child_path, IsRoot::No, &child_values);
            live::set(&subcharts, child.name(), child_context);
        }
        let base_path = join_path(path, "templates");
        for file in &node.chart().templates {
            // A library chart only lends its partials.
            if node.chart().is_library() && !base_name(&file.name).starts_with('_') {
                continue;
            }
            let name = join_path(path, &file.name);
            let template = Template {
                name: name.clone(),
                file: Arc::clone(file),
                context: context.clone(),
                base_path: base_path.clone(),
            };
            self.templates.insert(name, template);
        }
        context
    }
}

fn release(release: &ReleaseOptions) -> Map {
    Map::from_iter([
        ("Name", Value::from(release.name.as_str())),
        ("Namespace", Value::from(release.namespace.as_str())),
        ("IsUpgrade", Value::Bool(release.action == Action::Upgrade)),
        ("IsInstall", Value::Bool(release.action == Action::Install)),
        ("Revision", Value::from(GoInt(release.revision))),
        ("Service", Value::from("Helm")),
    ])
}

/// `.Template`, which is set anew before each file.
pub(super) fn template(template: &Template) -> Map {
    let entries = [
        ("Name", Value::from(template.name.as_str())),
        ("BasePath", Value::from(template.base_path.as_str())),
    ];
    Map::named(
        &live::VALUES,
        entries
            .into_iter()
            .map(|(name, value)| (Str::from(name), value))
            .collect(),
    )
}

/// `.Chart`: Chart.yaml by the names of the Go fields (`structToMap` in `pkg/chart/common.go`).
fn chart(metadata: &Metadata, is_root: IsRoot) -> Map {
    let Metadata {
        name,
        home,
        sources,
        version,
        description,
        keywords,
        maintainers,
        icon,
        api_version,
        condition,
        tags,
        app_version,
        deprecated,
        annotations,
        kube_version,
        dependencies,
        chart_type,
    } = metadata;
    let text = |text: &String| Value::from(text.as_str());
    let texts = |texts: &[String]| Value::List(List::new(texts.iter().map(text).collect()));
    let annotations = if annotations.is_empty() {
        Map::nil(Type::Str)
    } else {
        let entries = annotations
            .iter()
            .map(|(key, value)| (Str::from(key.as_str()), text(value)));
        Map::typed(Type::Str, entries.collect())
    };
    let maintainers = maintainers.iter().map(|maintainer| {
        Value::Map(Map::from_iter([
            ("Name", text(&maintainer.name)),
            ("Email", text(&maintainer.email)),
            ("URL", text(&maintainer.url)),
        ]))
    });
    let dependencies = dependencies.iter().map(|dependency| {
        Value::Map(Map::from_iter([
            ("Name", text(&dependency.name)),
            ("Version", text(&dependency.version)),
            ("Repository", text(&dependency.repository)),
            ("Condition", text(&dependency.condition)),
            ("Tags", texts(&dependency.tags)),
            ("Enabled", Value::Bool(dependency.enabled)),
            (
                "ImportValues",
                Value::List(List::new(dependency.import_values.iter().map(import).collect())),
            ),
            ("Alias", text(&dependency.alias)),
        ]))
    });
    Map::from_iter([
        ("Name", text(name)),
        ("Home", text(home)),
        ("Sources", texts(sources)),
        ("Version", text(version)),
        ("Description", text(description)),
        ("Keywords", texts(keywords)),
        ("Maintainers", Value::List(List::new(maintainers.collect()))),
        ("Icon", text(icon)),
        ("APIVersion", text(api_version)),
        ("Condition", text(condition)),
        ("Tags", text(tags)),
        ("AppVersion", text(app_version)),
        ("Deprecated", Value::Bool(*deprecated)),
        ("Annotations", Value::Map(annotations)),
        ("KubeVersion", text(kube_version)),
        ("Dependencies", Value::List(List::new(dependencies.collect()))),
        ("Type", text(chart_type)),
        ("IsRoot", Value::Bool(is_root == IsRoot::Yes)),
    ])
}

/// An entry of an import list: processed ones are `map[string]string`.
fn import(entry: &crate::Data) -> Value {
    match data::to_value(entry) {
        Value::Map(map) if map.snapshot().values().all(|value| value.as_str().is_some()) => Value::Map(
            Map::typed(Type::Str, gotemplate::value::Entries::clone(&map.snapshot())),
        ),
        value => value,
    }
}
