# The control plane for tests. The root Makefile includes this file; the programs go to a cache
# outside the work tree and are built once for each set of pinned versions.

.PHONY: cluster helm4

cluster: ## build etcd, Kubernetes, KWOK, an OCI registry and both helms for the tests (15 minutes the first time)
	@tests/cluster/build.sh

helm4: ## build only helm 4, the referee of the conformance tests (3 minutes the first time)
	@tests/cluster/build.sh helm4
