//! The charts of the stories. Each is made from its version and the mark of the twin.

mod broken;
mod wide;

use testkit::ChartBuilder;

pub(crate) use broken::{broken, growing};
pub(crate) use wide::{cluster, empty, every_kind, facts, family, quiet_family, shapes};

/// ServiceAccount, ConfigMap, Service and Deployment with a schema: the chart of the other tests.
pub(crate) fn web(version: &str, _: &str) -> ChartBuilder {
    integration_tests::charts::web(version)
}

/// One ConfigMap.
pub(crate) fn tiny(version: &str, _: &str) -> ChartBuilder {
    integration_tests::charts::tiny(version)
}

/// Objects named by `.Values.names`, so that a change of values adds and removes objects; those
/// of `.Values.keep` carry the resource policy.
pub(crate) fn many(version: &str, _: &str) -> ChartBuilder {
    ChartBuilder::new("many", version)
        .values("names: [one, two]\nkeep: []\ndata: {a: \"1\", b: \"2\"}\n")
        .template(
            "configmaps.yaml",
            "{{- range .Values.names }}
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ $.Release.Name }}-{{ . }}
  {{- if has . $.Values.keep }}
  annotations:
    helm.sh/resource-policy: keep
  {{- end }}
data:
  {{- toYaml $.Values.data | nindent 2 }}
{{- end }}
",
        )
        .template(
            "NOTES.txt",
            "{{ len .Values.names }} objects of revision {{ .Release.Revision }}.\n",
        )
}

/// A hook of every event, each a Job of its own name that writes nothing, with weights that differ
/// from the order of names; plus one object that is no hook.
///
/// `.Values.fail` names the event whose hook fails, `.Values.policy` is the delete policy of all.
pub(crate) fn hooks(version: &str, _: &str) -> ChartBuilder {
    let chart = ChartBuilder::new("hooks", version)
        .values("fail: none\npolicy: before-hook-creation\nmessage: hello\n")
        .template(
            "configmap.yaml",
            "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}\ndata:\n  message: {{ .Values.message | quote }}\n",
        );
    let events = [
        "pre-install",
        "post-install",
        "pre-upgrade",
        "post-upgrade",
        "pre-rollback",
        "post-rollback",
        "pre-delete",
        "post-delete",
    ];
    events.iter().fold(chart, |chart, event| {
        chart.template(&format!("{event}.yaml"), &HOOK.replace("EVENT", event))
    })
}

/// Two tests, one of which fails when `.Values.fail` says so, and one object that is no hook.
pub(crate) fn tested(version: &str, _: &str) -> ChartBuilder {
    let test = |name: &str| {
        format!(
            "apiVersion: v1\nkind: Pod\nmetadata:\n  name: {{{{ .Release.Name }}}}-{name}\n  annotations:\n    helm.sh/hook: test\n    helm.sh/hook-delete-policy: {{{{ .Values.policy | quote }}}}\nspec:\n  restartPolicy: Never\n  containers:\n    - name: test\n      image: {{{{ eq .Values.fail \"{name}\" | ternary \"registry.test/fail-job:1\" \"registry.test/job:1\" }}}}\n"
        )
    };
    ChartBuilder::new("tested", version)
        .values("fail: none\npolicy: before-hook-creation\n")
        .template(
            "configmap.yaml",
            "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}\ndata:\n  fail: {{ .Values.fail }}\n",
        )
        .template("tests/one.yaml", &test("one"))
        .template("tests/two.yaml", &test("two"))
}

const HOOK: &str = r#"{{- $image := eq .Values.fail "EVENT" | ternary "registry.test/fail-job:1" "registry.test/job:1" -}}
apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ .Release.Name }}-a-EVENT
  annotations:
    helm.sh/hook: EVENT
    helm.sh/hook-weight: "5"
    helm.sh/hook-delete-policy: {{ .Values.policy | quote }}
data:
  event: EVENT
---
apiVersion: batch/v1
kind: Job
metadata:
  name: {{ .Release.Name }}-z-EVENT
  annotations:
    helm.sh/hook: EVENT
    helm.sh/hook-weight: "-5"
    helm.sh/hook-delete-policy: {{ .Values.policy | quote }}
spec:
  backoffLimit: 0
  template:
    spec:
      restartPolicy: Never
      containers:
        - name: hook
          image: {{ $image }}
---
apiVersion: v1
kind: Pod
metadata:
  name: {{ .Release.Name }}-m-EVENT
  annotations:
    helm.sh/hook: EVENT
    helm.sh/hook-weight: "7"
    helm.sh/hook-delete-policy: {{ .Values.policy | quote }}
spec:
  restartPolicy: Never
  containers:
    - name: hook
      image: registry.test/job:1
"#;

/// A CRD in `crds/`, and an object of its kind in the templates. Version `2…` has another schema.
pub(crate) fn crds(version: &str, mark: &str) -> ChartBuilder {
    let newer = if version.starts_with('2') {
        "\n                size: {type: integer}"
    } else {
        ""
    };
    ChartBuilder::new("crds", version)
        .values("color: red\n")
        .file(
            "crds/widgets.yaml",
            CRD.replace("GROUP", &format!("{mark}.twin.test"))
                .replace("NEWER", newer),
        )
        .template(
            "widget.yaml",
            &format!(
                "apiVersion: {mark}.twin.test/v1\nkind: Widget\nmetadata:\n  name: {{{{ .Release.Name }}}}\nspec:\n  color: {{{{ .Values.color }}}}\n"
            ),
        )
        .template(
            "configmap.yaml",
            "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}\ndata:\n  color: {{ .Values.color }}\n",
        )
}

/// As [`crds`], without an object of the kind.
pub(crate) fn only_crds(version: &str, mark: &str) -> ChartBuilder {
    crds(version, mark)
        .field("name", "onlycrds")
        .template("widget.yaml", "")
}

const CRD: &str = "apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: widgets.GROUP
spec:
  group: GROUP
  names: {kind: Widget, plural: widgets, singular: widget, listKind: WidgetList}
  scope: Namespaced
  versions:
    - name: v1
      served: true
      storage: true
      schema:
        openAPIV3Schema:
          type: object
          properties:
            spec:
              type: object
              properties:
                color: {type: string}NEWER
";
