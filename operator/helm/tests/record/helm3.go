// Writes helm3.json with Helm 3's own types:
//
//	cd operator/helm/tests/record && go run -C ../../../../tests/cluster/helm3 "$PWD/helm3.go"
package main

import (
	"encoding/json"
	"os"
	stdtime "time"

	"helm.sh/helm/v3/pkg/chart"
	rel "helm.sh/helm/v3/pkg/release"
	"helm.sh/helm/v3/pkg/time"
)

func must(err error) {
	if err != nil {
		panic(err)
	}
}

func at(s string) time.Time {
	t, err := time.Parse(stdtime.RFC3339Nano, s)
	must(err)
	return t
}

func main() {
	r := &rel.Release{
		Name: "web", Namespace: "apps", Version: 2,
		Info: &rel.Info{
			FirstDeployed: at("2026-01-02T03:04:05.123456789+02:00"),
			LastDeployed:  at("2026-01-03T03:04:05Z"),
			Description:   "Upgrade complete",
			Status:        rel.StatusSuperseded,
		},
		Chart: &chart.Chart{
			Metadata:  &chart.Metadata{Name: "web", Version: "1.2.3", APIVersion: "v2"},
			Templates: []*chart.File{{Name: "templates/a.yaml", Data: []byte("a: 1\n")}},
			Values:    map[string]interface{}{"a": float64(1)},
		},
		Manifest: "---\n# Source: web/templates/a.yaml\na: 1\n",
		Hooks: []*rel.Hook{{
			Name: "h", Kind: "Job", Path: "web/templates/h.yaml", Manifest: "kind: Job\n",
			Events: []rel.HookEvent{rel.HookPreInstall},
		}},
	}
	text, err := json.Marshal(r)
	must(err)
	must(os.WriteFile("helm3.json", text, 0o644))
}
