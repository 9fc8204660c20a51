//! Charts that go wrong on demand.

use testkit::ChartBuilder;

/// `.Values.how` says what is wrong: `nothing`, `fail`, `yaml`, `kind`, `field`, `selector`, `invalid`.
pub(crate) fn broken(version: &str, _: &str) -> ChartBuilder {
    ChartBuilder::new("broken", version)
        .values("how: nothing\n")
        .template(
            "a.yaml",
            "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}-a\ndata:\n  how: {{ .Values.how }}\n",
        )
        .template(
            "b.yaml",
            r#"{{- if eq .Values.how "fail" }}{{ fail "as the values say" }}{{ end }}
{{- if eq .Values.how "yaml" }}
kind: [
{{- else if eq .Values.how "kind" }}
apiVersion: nothing.test/v1
kind: Nothing
metadata: {name: b}
{{- else if eq .Values.how "field" }}
apiVersion: v1
kind: Service
metadata: {name: b}
spec: {portz: [{port: 80}], ports: [{port: 80}]}
{{- else if eq .Values.how "invalid" }}
apiVersion: v1
kind: Service
metadata: {name: b}
spec: {ports: [{port: 99999}]}
{{- else }}
apiVersion: apps/v1
kind: Deployment
metadata: {name: {{ .Release.Name }}}
spec:
  selector: {matchLabels: {app: {{ .Values.how }}}}
  template:
    metadata: {labels: {app: {{ .Values.how }}}}
    spec:
      containers: [{name: web, image: "registry.test/web:1"}]
{{- end }}
"#,
        )
        .template(
            "z.yaml",
            "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}-z\ndata:\n  how: {{ .Values.how }}\n",
        )
}

/// As `many`, with a Deployment whose image decides how a wait ends.
pub(crate) fn growing(version: &str, _: &str) -> ChartBuilder {
    ChartBuilder::new("growing", version)
        .values("names: [one]\nimage: registry.test/web:1\n")
        .deployment("app", 1, "registry.test/web:1")
        .template(
            "configmaps.yaml",
            "{{- range .Values.names }}\n---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ $.Release.Name }}-{{ . }}\n{{- end }}\n",
        )
}
