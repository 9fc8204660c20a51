//! Charts that are wide rather than deep: many kinds, subcharts, files, the whole cluster.

use testkit::ChartBuilder;

/// One object of nearly every kind that charts hold.
pub(crate) fn every_kind(version: &str, _: &str) -> ChartBuilder {
    let pod = "metadata: {labels: {app: web}}\n    spec:\n      containers: [{name: web, image: {{ .Values.image | quote }}}]\n";
    let object = |api: &str, kind: &str, rest: &str| {
        format!("apiVersion: {api}\nkind: {kind}\nmetadata:\n  name: {{{{ .Release.Name }}}}\n{rest}")
    };
    [
        ("sa", object("v1", "ServiceAccount", "automountServiceAccountToken: false\n")),
        ("cm", object("v1", "ConfigMap", "data:\n  version: {{ .Chart.Version | quote }}\nbinaryData:\n  b: AAEC\n")),
        ("secret", object("v1", "Secret", "stringData:\n  password: {{ .Values.password | quote }}\ndata:\n  key: c2VjcmV0\n")),
        ("pvc", object("v1", "PersistentVolumeClaim", "spec:\n  accessModes: [ReadWriteOnce]\n  resources: {requests: {storage: 1Gi}}\n")),
        ("svc", object("v1", "Service", "spec:\n  type: {{ .Values.service }}\n  selector: {app: web}\n  ports: [{port: 80, name: http}]\n")),
        ("ds", object("apps/v1", "DaemonSet", &format!("spec:\n  selector: {{matchLabels: {{app: web}}}}\n  template:\n    {pod}"))),
        ("deploy", object("apps/v1", "Deployment", &format!("spec:\n  replicas: 2\n  selector: {{matchLabels: {{app: web}}}}\n  template:\n    {pod}"))),
        ("sts", object("apps/v1", "StatefulSet", &format!("spec:\n  serviceName: web\n  replicas: 1\n  selector: {{matchLabels: {{app: web}}}}\n  template:\n    {pod}"))),
        ("job", object("batch/v1", "Job", "spec:\n  template:\n    spec:\n      restartPolicy: Never\n      containers: [{name: job, image: \"registry.test/job:1\"}]\n")),
        ("cron", object("batch/v1", "CronJob", "spec:\n  schedule: \"0 0 1 1 *\"\n  jobTemplate:\n    spec:\n      template:\n        spec:\n          restartPolicy: Never\n          containers: [{name: job, image: \"registry.test/job:1\"}]\n")),
        ("pdb", object("policy/v1", "PodDisruptionBudget", "spec:\n  minAvailable: 1\n  selector: {matchLabels: {app: web}}\n")),
        ("np", object("networking.k8s.io/v1", "NetworkPolicy", "spec:\n  podSelector: {matchLabels: {app: web}}\n  policyTypes: [Ingress]\n")),
        ("ing", object("networking.k8s.io/v1", "Ingress", "spec:\n  rules:\n    - host: web.test\n      http:\n        paths:\n          - {path: /, pathType: Prefix, backend: {service: {name: {{ .Release.Name }}, port: {name: http}}}}\n")),
        ("role", object("rbac.authorization.k8s.io/v1", "Role", "rules:\n  - {apiGroups: [\"\"], resources: [configmaps], verbs: [get, list]}\n")),
        ("rb", object("rbac.authorization.k8s.io/v1", "RoleBinding", "roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: {{ .Release.Name }}}\nsubjects: [{kind: ServiceAccount, name: {{ .Release.Name }}}]\n")),
        ("hpa", object("autoscaling/v2", "HorizontalPodAutoscaler", "spec:\n  minReplicas: 2\n  maxReplicas: 2\n  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: {{ .Release.Name }}}\n")),
    ]
    .into_iter()
    .fold(
        ChartBuilder::new("everykind", version).values("image: registry.test/web:1\npassword: secret\nservice: ClusterIP\n"),
        |chart, (name, text)| chart.template(&format!("{name}.yaml"), &text),
    )
}

/// Objects of the cluster, named after the namespace so that the twins do not meet.
pub(crate) fn cluster(version: &str, _: &str) -> ChartBuilder {
    ChartBuilder::new("cluster", version)
        .values("priority: 1000\nverbs: [get]\n")
        .template(
            "all.yaml",
            "apiVersion: scheduling.k8s.io/v1
kind: PriorityClass
metadata: {name: {{ .Release.Namespace }}-class}
value: {{ .Values.priority | int }}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: {{ .Release.Namespace }}-role}
rules:
  - apiGroups: [\"\"]
    resources: [pods]
    verbs: {{ .Values.verbs | toJson }}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: {{ .Release.Namespace }}-binding}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: {{ .Release.Namespace }}-role}
subjects: [{kind: ServiceAccount, name: default, namespace: {{ .Release.Namespace }}}]
",
        )
}

/// A parent with two subcharts, one of them under an alias and behind a condition, with globals,
/// imported values, notes of their own and a hook.
pub(crate) fn family(version: &str, mark: &str) -> ChartBuilder {
    quiet_family(version, mark).template("NOTES.txt", "parent of revision {{ .Release.Revision }}\n")
}

/// As [`family`], but only the children have notes. Helm joins those of several charts in an order
/// that differs from run to run.
pub(crate) fn quiet_family(version: &str, _: &str) -> ChartBuilder {
    let child = |name: &str| {
        ChartBuilder::new(name, "0.1.0")
            .values("port: 80\nempty: null\nexports:\n  shared:\n    imported: from-child\n")
            .template(
                "cm.yaml",
                "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}-{{ .Chart.Name }}\ndata:\n  port: {{ .Values.port | quote }}\n  color: {{ .Values.global.color }}\n",
            )
            .template(
                "hook.yaml",
                "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}-{{ .Chart.Name }}-hook\n  annotations:\n    helm.sh/hook: post-install,post-upgrade\ndata: {}\n",
            )
            .template("NOTES.txt", "child {{ .Chart.Name }}\n")
    };
    ChartBuilder::new("family", version)
        .field(
            "dependencies",
            serde_json::json!([
                {"name": "db", "version": "0.1.0", "repository": "", "import-values": ["shared"]},
                {"name": "cache", "alias": "memory", "version": ">=0.1.0", "repository": "", "condition": "memory.enabled,cache.enabled"},
            ]),
        )
        .values("global: {color: green}\ndb: {port: 5432}\nmemory: {enabled: false}\n")
        .template(
            "cm.yaml",
            "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}\ndata:\n  imported: {{ .Values.imported }}\n  values: {{ .Values | toJson | quote }}\n",
        )
        .subchart(child("db"))
        .subchart(child("cache"))
}

/// Files, `tpl`, `lookup`, capabilities and the facts of the release.
pub(crate) fn facts(version: &str, _: &str) -> ChartBuilder {
    ChartBuilder::new("facts", version)
        .app_version("v9")
        .values("text: \"{{ .Release.Name }} of {{ .Chart.Name }}\"\nnumber: 3\n")
        .file("config/a.conf", "a = 1\n")
        .file("config/b.bin", vec![0_u8, 159, 146, 150])
        .file("README.md", "# facts\n")
        .template(
            "cm.yaml",
            r#"apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ .Release.Name }}
data:
  {{- (.Files.Glob "config/*.conf").AsConfig | nindent 2 }}
  tpl: {{ tpl .Values.text . | quote }}
  release: {{ printf "%s/%d install=%t upgrade=%t service=%s" .Release.Name .Release.Revision .Release.IsInstall .Release.IsUpgrade .Release.Service | quote }}
  chart: {{ printf "%s %s %s %s" .Chart.Name .Chart.Version .Chart.AppVersion .Chart.Type | quote }}
  kube: {{ .Capabilities.KubeVersion.Version | quote }}
  has: {{ printf "%t %t %t" (.Capabilities.APIVersions.Has "apps/v1/Deployment") (.Capabilities.APIVersions.Has "batch/v1") (.Capabilities.APIVersions.Has "nothing/v1") | quote }}
  before: {{ (lookup "v1" "ConfigMap" .Release.Namespace .Release.Name).data | default dict | keys | sortAlpha | join "," | quote }}
  template: {{ .Template.Name | quote }}
  number: {{ .Values.number | quote }}
binaryData:
  b: {{ .Files.Get "config/b.bin" | b64enc }}
"#,
        )
}

/// Shapes of manifests: a List, several documents in a file, an own namespace, a comment, an empty
/// document, a number as a label, and an object that is only there for even revisions.
pub(crate) fn shapes(version: &str, _: &str) -> ChartBuilder {
    ChartBuilder::new("shapes", version)
        .values("message: hello\n")
        .template(
            "list.yaml",
            "apiVersion: v1
kind: List
items:
  - apiVersion: v1
    kind: ConfigMap
    metadata: {name: one-of-a-list}
    data: {message: {{ .Values.message }}}
  - apiVersion: v1
    kind: Secret
    metadata: {name: two-of-a-list}
    stringData: {message: {{ .Values.message }}}
",
        )
        .template(
            "several.yaml",
            "# a comment before all\n---\n# Only a comment.\n---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: b\n  namespace: {{ .Release.Namespace }}\n  labels: {number: \"1\"}\n---\n\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n  text: |\n    line one\n\n    --- not a separator\n    line two\n",
        )
        .template(
            "even.yaml",
            "{{- if eq (mod .Release.Revision 2) 0 }}\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: even}\n{{- end }}\n",
        )
        .template("empty.yaml", "{{/* nothing */}}\n")
}

/// A chart without a template.
pub(crate) fn empty(version: &str, _: &str) -> ChartBuilder {
    ChartBuilder::new("empty", version).values("a: 1\n")
}
