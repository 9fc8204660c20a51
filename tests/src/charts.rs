//! The charts that the end-to-end tests install: small, real in shape, and the project's own.

use std::path::PathBuf;

use testkit::ChartBuilder;

/// Real public charts, beside the repository where they are.
const CORPUS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/corpus/charts");
/// How archives of podinfo are named there.
const PODINFO: &str = "stefanprodan__podinfo-";

/// A web application: ServiceAccount, ConfigMap, Service and Deployment, with a schema for its values.
///
/// `image` tells the simulated kubelet how the pods behave (see `testkit::simulation`).
pub fn web(version: &str) -> ChartBuilder {
    ChartBuilder::new("web", version)
        .app_version(version)
        .values("replicas: 1\nimage: registry.example/web:1\nmessage: hello\n")
        .file(
            "values.schema.json",
            r#"{"$schema": "https://json-schema.org/draft/2020-12/schema", "type": "object",
                "properties": {"replicas": {"type": "integer", "minimum": 0}, "image": {"type": "string"}}}"#,
        )
        .template("_helpers.tpl", "{{- define \"web.name\" -}}{{ .Release.Name }}{{- end -}}\n")
        .template(
            "configmap.yaml",
            "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ include \"web.name\" . }}\ndata:\n  message: {{ .Values.message | quote }}\n  version: {{ .Chart.Version | quote }}\n  revision: {{ .Release.Revision | quote }}\n",
        )
        .template(
            "service.yaml",
            "apiVersion: v1\nkind: Service\nmetadata:\n  name: {{ include \"web.name\" . }}\nspec:\n  selector:\n    app: {{ include \"web.name\" . }}\n  ports:\n    - port: 80\n",
        )
        .template(
            "deployment.yaml",
            "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: {{ include \"web.name\" . }}\nspec:\n  replicas: {{ .Values.replicas }}\n  selector:\n    matchLabels:\n      app: {{ include \"web.name\" . }}\n  template:\n    metadata:\n      labels:\n        app: {{ include \"web.name\" . }}\n    spec:\n      containers:\n        - name: web\n          image: {{ .Values.image | quote }}\n",
        )
        .template("NOTES.txt", "Visit {{ include \"web.name\" . }}.\n")
}

/// A chart with one ConfigMap: the smallest thing that can be released.
pub fn tiny(version: &str) -> ChartBuilder {
    ChartBuilder::new("tiny", version)
        .values("message: hello\n")
        .template(
            "configmap.yaml",
            "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}\ndata:\n  message: {{ .Values.message | quote }}\n  version: {{ .Chart.Version | quote }}\n",
        )
}

/// A chart with a test: a pod of the image `testImage`.
pub fn tested(version: &str) -> ChartBuilder {
    ChartBuilder::new("tested", version)
        .values("message: hello\ntestImage: registry.example/check:1\n")
        .template(
            "configmap.yaml",
            "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}\ndata:\n  message: {{ .Values.message | quote }}\n",
        )
        .template(
            "tests/check.yaml",
            "apiVersion: v1\nkind: Pod\nmetadata:\n  name: {{ .Release.Name }}-check\n  annotations:\n    helm.sh/hook: test\nspec:\n  restartPolicy: Never\n  containers:\n    - name: check\n      image: {{ .Values.testImage | quote }}\n",
        )
}

/// An image whose pull fails.
pub const BAD_IMAGE: &str = "registry.example/fail-pull:1";
/// An image whose container crashes.
pub const CRASHING_IMAGE: &str = "registry.example/crash:1";
/// An image that never becomes ready.
pub const NEVER_READY_IMAGE: &str = "registry.example/never-ready:1";

/// The newest podinfo of the corpus by name, with its version; `None` where there is no corpus.
pub fn podinfo() -> Option<(PathBuf, String)> {
    let entries = std::fs::read_dir(CORPUS).ok()?;
    let found = entries.filter_map(|entry| {
        let path = entry.ok()?.path();
        let version = path
            .file_name()?
            .to_str()?
            .strip_prefix(PODINFO)?
            .strip_suffix(".tgz")?
            .to_owned();
        Some((path, version))
    });
    found.max()
}
