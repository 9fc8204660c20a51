#!/usr/bin/env bash
# Records what the real Helm prints for the cases in `cases/`, into the case files.
#
# usage: HELM=/path/to/helm record.sh [WORD...]     only the cases whose name contains a WORD
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
: "${HELM:?HELM has to name the real helm}"

# A helm built by `go install` does not know its exact version; the build information does.
HELM_VERSION=$(go version -m "${HELM}" | awk '$2 == "helm.sh/helm/v4" { print $3; exit }')
pinned=$(awk '$1 == "helm.sh/helm/v4" { print $2; exit }' "${here}/../cluster/helm4/go.mod")
if [ "${HELM_VERSION}" != "${pinned}" ]; then
    printf 'record.sh: %s is helm %s, but the cases are of %s\n' "${HELM}" "${HELM_VERSION}" "${pinned}" >&2
    exit 1
fi
export HELM HELM_VERSION
exec "${CARGO:-cargo}" test --locked -q -p engine-tests --test conformance -- --record "$@"
