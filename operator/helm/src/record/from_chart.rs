//! From a loaded chart to what a release record keeps of it.

use serde_json::{Map, Value};

use super::{ChartRecord, FileRecord, GoTime};
use crate::chart::{Chart, Dependency, File, Lock, Maintainer, Metadata};
use crate::render::ProcessedChart;

impl ChartRecord {
    /// The photograph of a chart after its dependencies were processed, as Helm 4 stores it.
    pub fn new(chart: &Chart, processed: &ProcessedChart) -> Self {
        Self {
            metadata: metadata(&processed.metadata),
            lock: chart.lock.as_ref().map_or(Value::Null, lock),
            templates: chart.templates.iter().map(|file| record(file)).collect(),
            values: processed.values.clone().map_or(Value::Null, Value::Object),
            schema: chart.schema.as_ref().map(|file| file.data.to_vec()),
            schema_mod_time: chart.schema.as_ref().and_then(|file| file.modified).map(utc),
            files: chart.files.iter().map(|file| record(file)).collect(),
            mod_time: chart.modified.map(utc),
            extra: Map::new(),
        }
    }
}

fn record(file: &File) -> FileRecord {
    FileRecord {
        name: file.name.clone(),
        data: file.data.to_vec(),
        mod_time: file.modified.map(utc),
        extra: Map::new(),
    }
}

fn utc(at: jiff::Timestamp) -> GoTime {
    GoTime {
        at,
        offset: jiff::tz::Offset::UTC,
    }
}

/// An object of the fields that are not empty, as Go's `omitempty` leaves it.
#[derive(Default)]
struct Fields(Map<String, Value>);

impl Fields {
    fn text(mut self, key: &str, text: &str) -> Self {
        if !text.is_empty() {
            self.0.insert(key.to_owned(), text.into());
        }
        self
    }

    fn list(mut self, key: &str, items: Vec<Value>) -> Self {
        if !items.is_empty() {
            self.0.insert(key.to_owned(), Value::Array(items));
        }
        self
    }

    fn flag(mut self, key: &str, flag: bool) -> Self {
        if flag {
            self.0.insert(key.to_owned(), true.into());
        }
        self
    }

    fn done(self) -> Value {
        Value::Object(self.0)
    }
}

fn texts(items: &[String]) -> Vec<Value> {
    items.iter().map(|item| Value::String(item.clone())).collect()
}

fn metadata(metadata: &Metadata) -> Value {
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
    let mut fields = Fields::default()
        .text("name", name)
        .text("home", home)
        .list("sources", texts(sources))
        .text("version", version)
        .text("description", description)
        .list("keywords", texts(keywords))
        .list("maintainers", maintainers.iter().map(maintainer).collect())
        .text("icon", icon)
        .text("apiVersion", api_version)
        .text("condition", condition)
        .text("tags", tags)
        .text("appVersion", app_version)
        .flag("deprecated", *deprecated)
        .text("kubeVersion", kube_version)
        .list("dependencies", dependencies.iter().map(dependency).collect())
        .text("type", chart_type);
    if !annotations.is_empty() {
        let annotations = annotations
            .iter()
            .map(|(key, value)| (key.clone(), value.as_str().into()))
            .collect();
        fields
            .0
            .insert("annotations".to_owned(), Value::Object(annotations));
    }
    fields.done()
}

fn maintainer(maintainer: &Maintainer) -> Value {
    let Maintainer { name, email, url } = maintainer;
    Fields::default()
        .text("name", name)
        .text("email", email)
        .text("url", url)
        .done()
}

fn dependency(dependency: &Dependency) -> Value {
    let Dependency {
        name,
        version,
        repository,
        condition,
        tags,
        enabled,
        import_values,
        alias,
    } = dependency;
    let mut fields = Fields::default()
        .text("version", version)
        .text("condition", condition)
        .list("tags", texts(tags))
        .flag("enabled", *enabled)
        .list("import-values", import_values.clone())
        .text("alias", alias);
    // These two are written even when they are empty (`pkg/chart/v2/dependency.go`).
    fields.0.insert("name".to_owned(), name.as_str().into());
    fields
        .0
        .insert("repository".to_owned(), repository.as_str().into());
    fields.done()
}

fn lock(lock: &Lock) -> Value {
    let Lock {
        generated,
        digest,
        dependencies,
    } = lock;
    let mut fields = Map::new();
    fields.insert("generated".to_owned(), generated.as_str().into());
    fields.insert("digest".to_owned(), digest.as_str().into());
    let dependencies = dependencies
        .as_ref()
        .map(|list| list.iter().map(dependency).collect());
    fields.insert(
        "dependencies".to_owned(),
        dependencies.map_or(Value::Null, Value::Array),
    );
    Value::Object(fields)
}
