//! Small charts written in the test that needs them, packaged as `helm package` does.
//!
//! Archives are the same bytes for the same chart on every machine, so that digests are stable.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use flate2::{Compression, GzBuilder};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

/// Seconds since the epoch that every entry of an archive carries: 2020-01-01.
const MODIFIED: u64 = 1_577_836_800;

/// A chart in the making.
#[derive(Debug, Clone)]
pub struct ChartBuilder {
    metadata: Map<String, Value>,
    /// Files by their path inside the chart. `Chart.yaml` is made from `metadata` unless given.
    files: BTreeMap<String, Vec<u8>>,
    subcharts: Vec<ChartBuilder>,
}

/// A chart archive on disk.
#[derive(Debug, Clone)]
pub struct PackagedChart {
    /// Name of the chart.
    pub name: String,
    /// Version of the chart.
    pub version: String,
    /// `<name>-<version>.tgz` in the folder it was packaged to.
    pub path: PathBuf,
    /// SHA-256 of the archive, lower-case hexadecimal without a prefix, as an index holds it.
    pub digest: String,
    /// What `Chart.yaml` says.
    metadata: Map<String, Value>,
}

impl ChartBuilder {
    /// A chart of API version v2 without any file but `Chart.yaml`.
    pub fn new(name: &str, version: &str) -> Self {
        let mut metadata = Map::new();
        metadata.insert("apiVersion".into(), "v2".into());
        metadata.insert("name".into(), name.into());
        metadata.insert("version".into(), version.into());
        Self {
            metadata,
            files: BTreeMap::new(),
            subcharts: Vec::new(),
        }
    }

    /// Sets one field of `Chart.yaml`, for example `appVersion` or `kubeVersion`.
    #[must_use]
    pub fn field(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.metadata.insert(name.to_owned(), value.into());
        self
    }

    /// Sets `appVersion`.
    #[must_use]
    pub fn app_version(self, version: &str) -> Self {
        self.field("appVersion", version)
    }

    /// Adds a file by its path inside the chart. A `Chart.yaml` given here wins over the fields.
    #[must_use]
    pub fn file(mut self, path: &str, content: impl Into<Vec<u8>>) -> Self {
        self.files.insert(path.to_owned(), content.into());
        self
    }

    /// Sets `values.yaml`.
    #[must_use]
    pub fn values(self, yaml: &str) -> Self {
        self.file("values.yaml", yaml)
    }

    /// Adds `templates/<name>`.
    #[must_use]
    pub fn template(self, name: &str, content: &str) -> Self {
        self.file(&format!("templates/{name}"), content)
    }

    /// Adds `templates/<name>.yaml` with a Deployment of one container, labelled as Helm's own
    /// starter chart does it. Replicas and image come from `.Values.replicas` and `.Values.image`
    /// when set, else from the arguments.
    #[must_use]
    pub fn deployment(self, name: &str, replicas: u32, image: &str) -> Self {
        let template = DEPLOYMENT
            .replace("NAME", name)
            .replace("REPLICAS", &replicas.to_string())
            .replace("IMAGE", image);
        self.template(&format!("{name}.yaml"), &template)
    }

    /// Adds a chart to `charts/` and, when it is not there yet, to `dependencies` of `Chart.yaml`.
    #[must_use]
    pub fn subchart(mut self, chart: ChartBuilder) -> Self {
        let dependency =
            json!({"name": chart.text("name"), "version": chart.text("version"), "repository": ""});
        if let Value::Array(dependencies) = self.metadata.entry("dependencies").or_insert_with(|| json!([])) {
            let known = dependencies
                .iter()
                .any(|known| known["name"] == dependency["name"]);
            if !known {
                dependencies.push(dependency);
            }
        }
        self.subcharts.push(chart);
        self
    }

    /// Writes the chart as a folder `<folder>/<name>` and returns that path.
    pub fn write(&self, folder: &Path) -> Result<PathBuf> {
        for (path, content) in self.all_files("")? {
            let path = folder.join(path);
            if let Some(parent) = path.parent() {
                fs::create_dir_all(parent).with_context(|| format!("create `{}`", parent.display()))?;
            }
            fs::write(&path, content).with_context(|| format!("write `{}`", path.display()))?;
        }
        Ok(folder.join(self.text("name")))
    }

    /// Writes the archive `<folder>/<name>-<version>.tgz`.
    pub fn package(&self, folder: &Path) -> Result<PackagedChart> {
        let bytes = self.archive()?;
        let (name, version) = (self.text("name"), self.text("version"));
        fs::create_dir_all(folder).with_context(|| format!("create `{}`", folder.display()))?;
        let path = folder.join(format!("{name}-{version}.tgz"));
        fs::write(&path, &bytes).with_context(|| format!("write `{}`", path.display()))?;
        Ok(PackagedChart {
            name,
            version,
            path,
            digest: sha256(&bytes),
            metadata: self.metadata.clone(),
        })
    }

    /// The bytes of the archive.
    pub fn archive(&self) -> Result<Vec<u8>> {
        // Helm marks its archives with this comment, and nothing reads it.
        let gzip = GzBuilder::new()
            .comment("Helm")
            .write(Vec::new(), Compression::default());
        let mut archive = tar::Builder::new(gzip);
        for (path, content) in self.all_files("")? {
            let mut header = tar::Header::new_gnu();
            header.set_size(content.len() as u64);
            header.set_mode(0o644);
            header.set_mtime(MODIFIED);
            header.set_entry_type(tar::EntryType::Regular);
            archive
                .append_data(&mut header, &path, content.as_slice())
                .with_context(|| format!("add `{path}` to the archive"))?;
        }
        let mut gzip = archive.into_inner().context("finish the archive")?;
        gzip.flush().context("finish the archive")?;
        gzip.finish().context("compress the archive")
    }

    /// Files with the chart's name in front, in the order of `helm package`: `Chart.yaml` first,
    /// then values, templates and the rest, subcharts last.
    fn all_files(&self, prefix: &str) -> Result<Vec<(String, Vec<u8>)>> {
        let root = format!("{prefix}{}/", self.text("name"));
        let mut files = vec![];
        if !self.files.contains_key("Chart.yaml") {
            let yaml = serde_yaml::to_string(&self.metadata).context("write Chart.yaml")?;
            files.push((format!("{root}Chart.yaml"), yaml.into_bytes()));
        }
        let rank = |path: &str| match path {
            "Chart.yaml" => 0,
            "Chart.lock" => 1,
            "values.yaml" => 2,
            "values.schema.json" => 3,
            path if path.starts_with("templates/") => 4,
            _ => 5,
        };
        let mut own: Vec<_> = self.files.iter().collect();
        own.sort_by_key(|(path, _)| rank(path));
        files.extend(
            own.into_iter()
                .map(|(path, content)| (format!("{root}{path}"), content.clone())),
        );
        for subchart in &self.subcharts {
            files.extend(subchart.all_files(&format!("{root}charts/"))?);
        }
        Ok(files)
    }

    fn text(&self, field: &str) -> String {
        self.metadata
            .get(field)
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    }
}

/// The `index.yaml` of a chart repository that serves the archives beside it.
///
/// Entries keep the given order within one name; `helm repo index` writes the newest first.
pub fn index_yaml(charts: &[PackagedChart]) -> Result<String> {
    let mut entries: BTreeMap<&str, Vec<Value>> = BTreeMap::new();
    for chart in charts {
        let mut entry = chart.metadata.clone();
        let file = chart
            .path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        entry.insert("created".into(), "2020-01-01T00:00:00Z".into());
        entry.insert("digest".into(), chart.digest.clone().into());
        entry.insert("urls".into(), json!([file]));
        entries.entry(&chart.name).or_default().push(Value::Object(entry));
    }
    let index = json!({"apiVersion": "v1", "entries": entries, "generated": "2020-01-01T00:00:00Z"});
    serde_yaml::to_string(&index).context("write index.yaml")
}

/// SHA-256 in lower-case hexadecimal.
pub fn sha256(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    Sha256::digest(bytes)
        .iter()
        .fold(String::with_capacity(64), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
}

const DEPLOYMENT: &str = r#"apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ .Release.Name }}-NAME
  labels:
    app.kubernetes.io/name: NAME
    app.kubernetes.io/instance: {{ .Release.Name }}
spec:
  replicas: {{ .Values.replicas | default REPLICAS }}
  selector:
    matchLabels:
      app.kubernetes.io/name: NAME
      app.kubernetes.io/instance: {{ .Release.Name }}
  template:
    metadata:
      labels:
        app.kubernetes.io/name: NAME
        app.kubernetes.io/instance: {{ .Release.Name }}
    spec:
      containers:
        - name: NAME
          image: {{ .Values.image | default "IMAGE" }}
"#;

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;

    fn entries(archive: &[u8]) -> Vec<(String, String)> {
        let mut archive = tar::Archive::new(flate2::read::GzDecoder::new(archive));
        archive
            .entries()
            .unwrap()
            .map(|entry| {
                let mut entry = entry.unwrap();
                let path = entry.path().unwrap().display().to_string();
                let mut content = String::new();
                entry.read_to_string(&mut content).unwrap();
                (path, content)
            })
            .collect()
    }

    #[test]
    fn an_archive_holds_the_files_under_the_name_of_the_chart() {
        let chart = ChartBuilder::new("web", "1.2.3")
            .app_version("9")
            .file("README.md", "hello")
            .template("b.yaml", "b")
            .values("a: 1\n")
            .subchart(ChartBuilder::new("db", "0.1.0").template("c.yaml", "c"));
        let entries = entries(&chart.archive().unwrap());
        let paths: Vec<&str> = entries.iter().map(|(path, _)| path.as_str()).collect();
        assert_eq!(
            paths,
            [
                "web/Chart.yaml",
                "web/values.yaml",
                "web/templates/b.yaml",
                "web/README.md",
                "web/charts/db/Chart.yaml",
                "web/charts/db/templates/c.yaml"
            ]
        );
        assert_eq!(
            entries[0].1,
            "apiVersion: v2\nappVersion: '9'\ndependencies:\n- name: db\n  repository: ''\n  version: 0.1.0\nname: web\nversion: 1.2.3\n"
        );
    }

    #[test]
    fn the_same_chart_is_the_same_archive() {
        let chart = ChartBuilder::new("web", "1.2.3").deployment("web", 2, "demo/web:1");
        assert_eq!(chart.archive().unwrap(), chart.clone().archive().unwrap());
        assert_eq!(
            sha256(b"abc"),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }

    #[test]
    fn an_index_names_archive_and_digest() {
        let folder = tempfile::tempdir().unwrap();
        let chart = ChartBuilder::new("web", "1.2.3").package(folder.path()).unwrap();
        let index: Value = serde_yaml::from_str(&index_yaml(std::slice::from_ref(&chart)).unwrap()).unwrap();
        let entry = &index["entries"]["web"][0];
        assert_eq!(entry["urls"][0], "web-1.2.3.tgz");
        assert_eq!(entry["digest"], sha256(&fs::read(&chart.path).unwrap()));
        assert_eq!(entry["version"], "1.2.3");
    }
}
