// Writes the goldens of records.rs with Helm 4's own types:
//
//	cd operator/helm/tests/record && go run -C ../../../../tests/cluster/helm4 "$PWD/helm4.go"
//
// With a file argument it prints what Helm reads from that payload instead.
package main

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"time"

	"helm.sh/helm/v4/pkg/chart/common"
	chart "helm.sh/helm/v4/pkg/chart/v2"
	rcommon "helm.sh/helm/v4/pkg/release/common"
	rel "helm.sh/helm/v4/pkg/release/v1"
)

func must(err error) {
	if err != nil {
		panic(err)
	}
}

func main() {
	t := func(s string) time.Time { v, err := time.Parse(time.RFC3339Nano, s); must(err); return v }
	r := &rel.Release{
		Name: "web", Namespace: "apps", Version: 12, ApplyMethod: "ssa",
		Info: &rel.Info{
			FirstDeployed: t("2026-01-02T03:04:05.123456789+02:00"),
			LastDeployed:  t("2026-01-03T03:04:05.1Z"),
			Description:   "Upgrade complete",
			Status:        rcommon.StatusDeployed,
			Notes:         "Visit <http://web> & \"enjoy\"\u2028\n",
		},
		Chart: &chart.Chart{
			Metadata: &chart.Metadata{
				Name: "web", Version: "1.2.3", AppVersion: "9", APIVersion: "v2", Type: "application",
				Description: "a <chart>", Keywords: []string{"k"}, Home: "https://example.com",
				Sources: []string{"https://example.com/src"}, Icon: "https://example.com/i.png", KubeVersion: ">=1.25", Deprecated: true,
				Condition: "c", Tags: "t",
				Maintainers:  []*chart.Maintainer{{Name: "N", URL: "https://n", Email: "n@example.com"}},
				Annotations:  map[string]string{"b": "2", "a": "1"},
				Dependencies: []*chart.Dependency{{Name: "db", Version: "1.0.0", Repository: "https://r", Condition: "db.enabled", Tags: []string{"x"}, Enabled: true, ImportValues: []any{"data", map[string]any{"parent": "p", "child": "c"}}, Alias: "store"}},
			},
			Lock:      &chart.Lock{Generated: t("2026-01-01T00:00:00.5Z"), Digest: "sha256:00", Dependencies: []*chart.Dependency{{Name: "db", Version: "1.0.0", Repository: "https://r"}}},
			Templates: []*common.File{{Name: "templates/a.yaml", Data: []byte("a: {{ .Values.a }}\n"), ModTime: t("2026-01-01T00:00:00Z")}, {Name: "templates/b.yaml", Data: []byte{}}},
			Values:    map[string]any{"a": float64(1), "f": 1.5, "big": 1e21, "tiny": 1e-7, "int": float64(12345678901), "n": nil, "l": []any{true, "x<y"}, "m": map[string]any{}},
			Schema:    []byte(`{"type":"object"}`),
			Files:     nil,
		},
		Config:   map[string]any{"z": float64(3), "a": map[string]any{"b": "c&d"}},
		Manifest: "---\n# Source: web/templates/a.yaml\na: 1\n",
		Hooks: []*rel.Hook{
			{Name: "h", Kind: "Job", Path: "web/templates/h.yaml", Manifest: "kind: Job\n", Events: []rel.HookEvent{rel.HookPreInstall, rel.HookTest}, Weight: -5,
				DeletePolicies: []rel.HookDeletePolicy{rel.HookBeforeHookCreation}, OutputLogPolicies: []rel.HookOutputLogPolicy{rel.HookOutputOnFailed},
				LastRun: rel.HookExecution{StartedAt: t("2026-01-03T03:04:06Z"), CompletedAt: t("2026-01-03T03:04:07.000001Z"), Phase: rel.HookPhaseSucceeded}},
			{Name: "never", Kind: "Pod", Path: "web/templates/n.yaml", Manifest: "kind: Pod\n", Events: []rel.HookEvent{rel.HookPostDelete}},
		},
		Labels: map[string]string{"team": "a", "createdAt": "7"},
	}
	if len(os.Args) > 1 {
		readBack(os.Args[1])
		return
	}
	write(r, "helm4.json")
	write(&rel.Release{Name: "e", Info: &rel.Info{Status: rcommon.StatusPendingInstall}, Chart: &chart.Chart{}}, "helm4-empty.json")
}

func write(r *rel.Release, file string) {
	text, err := json.Marshal(r)
	must(err)
	must(os.WriteFile(file, text, 0o644))
}

// readBack prints what Helm makes of a stored payload.
func readBack(file string) {
	stored, err := os.ReadFile(file)
	must(err)
	packed, err := base64.StdEncoding.DecodeString(string(stored))
	must(err)
	reader, err := gzip.NewReader(bytes.NewReader(packed))
	must(err)
	text, err := io.ReadAll(reader)
	must(err)
	var r rel.Release
	must(json.Unmarshal(text, &r))
	again, err := json.Marshal(&r)
	must(err)
	fmt.Print(string(again))
}
