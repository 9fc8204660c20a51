#!/usr/bin/env bash
# Builds the control plane that the tests talk to: etcd, the Kubernetes control plane, KWOK, an OCI
# registry and both helms, each from the versions pinned in the go.mod beside this file.
#
# Everything lands in a cache outside the work tree, one folder a group, named by the digest of all
# that decides its content. A folder appears only when it is complete, so an interrupted build
# leaves nothing behind and two builds at once do not disturb each other.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cache="${PILOTHOUSE_CACHE:-${HOME}/.cache/pilothouse}/cluster"

# The order is the order of need: helm alone is the referee of the conformance tests.
all_groups="helm4 etcd kubernetes kwok registry helm3"
usage() {
    cat <<'TEXT'
usage: build.sh [GROUP...]        build the groups (default: all, and the folder with every program)
       build.sh --bin-dir         print the folder with every program, whether or not it is built
       build.sh --print-dir GROUP print the folder of one group, whether or not it is built
       build.sh --list            list the groups with their programs
       build.sh --prune           delete what was built for versions that are no longer pinned

groups: helm4 etcd kubernetes kwok registry helm3
The cache is ${PILOTHOUSE_CACHE:-$HOME/.cache/pilothouse}/cluster; its `current` link names the newest complete folder.
TEXT
}

say() { printf '%s\n' "$*" >&2; }
die() {
    printf 'build.sh: %s\n' "$1" >&2
    shift
    for line in "$@"; do printf 'hint: %s\n' "${line}" >&2; done
    exit 1
}

# Lines `program package` of one group.
programs_of() {
    case "$1" in
    helm4) echo "helm helm.sh/helm/v4/cmd/helm" ;;
    etcd) echo "etcd go.etcd.io/etcd/server/v3" ;;
    kubernetes)
        echo "kube-apiserver k8s.io/kubernetes/cmd/kube-apiserver"
        echo "kube-controller-manager k8s.io/kubernetes/cmd/kube-controller-manager"
        echo "kube-scheduler k8s.io/kubernetes/cmd/kube-scheduler"
        echo "kubectl k8s.io/kubernetes/cmd/kubectl"
        ;;
    kwok) echo "kwok sigs.k8s.io/kwok/cmd/kwok" ;;
    registry) echo "registry github.com/distribution/distribution/v3/cmd/registry" ;;
    helm3) echo "helm3 helm.sh/helm/v3/cmd/helm" ;;
    *) die "no group named \`$1\`" "the groups are: ${all_groups}" ;;
    esac
}

# The version of a module as the group's go.mod pins it, for example v1.37.2.
pinned() {
    awk -v module="$2" '$1 == module && $2 ~ /^v/ { print $2; found = 1; exit } END { exit !found }' "${here}/$1/go.mod" ||
        die "find the version of $2 in $1/go.mod"
}

# Flags for the linker. Kubernetes and helm 3 learn their own version only from here; helm 4 reads
# it from its build information and must not be told, so that it answers as a plain build does.
ldflags_of() {
    local flags="-s -w" version major minor
    case "$1" in
    kubernetes)
        version=$(pinned kubernetes k8s.io/kubernetes)
        IFS=. read -r major minor _ <<<"${version#v}"
        flags="${flags} -X k8s.io/component-base/version.gitVersion=${version}"
        flags="${flags} -X k8s.io/component-base/version.gitMajor=${major}"
        flags="${flags} -X k8s.io/component-base/version.gitMinor=${minor}"
        ;;
    helm3)
        # client-go v0.N belongs to Kubernetes v1.N; helm's own Makefile derives the same.
        version=$(pinned helm3 k8s.io/client-go)
        IFS=. read -r major minor _ <<<"${version#v}"
        flags="${flags} -X helm.sh/helm/v3/pkg/chartutil.k8sVersionMajor=$((major + 1))"
        flags="${flags} -X helm.sh/helm/v3/pkg/chartutil.k8sVersionMinor=${minor}"
        flags="${flags} -X helm.sh/helm/v3/pkg/lint/rules.k8sVersionMajor=$((major + 1))"
        flags="${flags} -X helm.sh/helm/v3/pkg/lint/rules.k8sVersionMinor=${minor}"
        ;;
    esac
    echo "${flags}"
}

# Raise a number when the folder of that group changes in a way that go.mod does not show.
layout_of() {
    case "$1" in
    kwok) echo 3 ;;
    *) echo 1 ;;
    esac
}

digest() {
    if command -v sha256sum >/dev/null; then sha256sum; else shasum -a 256; fi | cut -c1-16
}

dir_of() {
    local key
    programs_of "$1" >/dev/null
    key=$({
        cat "${here}/$1/go.mod" "${here}/$1/go.sum"
        programs_of "$1"
        ldflags_of "$1"
        echo "layout $(layout_of "$1") $(uname -sm)"
    } | digest)
    echo "${cache}/$1-${key}"
}

bin_dir() {
    local group key
    key=$(for group in ${all_groups}; do dir_of "${group}"; done | sed 's|.*/||' | digest)
    echo "${cache}/bin-${key}"
}

elapsed() {
    local seconds=$((SECONDS - $1))
    if ((seconds >= 60)); then echo "$((seconds / 60))m$((seconds % 60))s"; else echo "${seconds}s"; fi
}

# Go switches to the toolchain that go.mod asks for when it is allowed to; what counts is whether it
# can work inside the group's module.
check_go() {
    local wanted have
    wanted=$(awk '$1 == "go" { print $2; exit }' "${here}/$1/go.mod")
    command -v go >/dev/null || die "go is not installed (go ${wanted} or newer is needed)" \
        "install it from https://go.dev/dl or with your package manager, then run this again"
    if ! have=$(cd "${here}/$1" && go env GOVERSION 2>&1); then
        die "go is too old: ${have}" "go ${wanted} or newer is needed"
    fi
    have=${have#go}
    if [ "$(printf '%s\n%s\n' "${wanted}" "${have}" | sort -V | head -n 1)" != "${wanted}" ]; then
        die "go ${have} is too old" "go ${wanted} or newer is needed"
    fi
}

# The module of KWOK ships the stages that make nodes ready; all others are ours, in testkit.
copy_stages() {
    local module folder
    module=$(cd "${here}/kwok" && go list -m -f '{{.Dir}}' sigs.k8s.io/kwok)
    for folder in node/fast node/heartbeat; do
        mkdir -p "$1/stages/${folder}"
        find "${module}/kustomize/stage/${folder}" -maxdepth 1 -name '*.yaml' -exec grep -l '^kind: Stage$' {} + |
            while read -r file; do cp "${file}" "$1/stages/${folder}/"; done
    done
    chmod -R u+w "$1/stages"
}

scratch=""
trap '[ -z "${scratch}" ] || rm -rf "${scratch}"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# build_group GROUP FIRST TOTAL: FIRST is the number of its first program, for the progress lines.
build_group() {
    local group=$1 number=$2 total=$3 target program package started flags
    target=$(dir_of "${group}")
    flags=$(ldflags_of "${group}")
    if [ -d "${target}" ]; then
        while read -r program _; do
            say "[${number}/${total}] ${program} ... already built"
            number=$((number + 1))
        done < <(programs_of "${group}")
        return
    fi
    check_go "${group}"
    mkdir -p "${cache}"
    # The lock only saves work: without flock two builds race and the slower one is thrown away.
    if command -v flock >/dev/null; then
        exec 9>"${cache}/.${group}.lock"
        if ! flock -n 9; then
            say "waiting for another build of ${group}"
            flock 9
        fi
    fi
    if [ ! -d "${target}" ]; then
        scratch=$(mktemp -d "${cache}/.${group}.XXXXXX")
        chmod 755 "${scratch}"
        while read -r program package; do
            started=${SECONDS}
            printf '[%s/%s] %s ... ' "${number}" "${total}" "${program}" >&2
            # No cgo: no C compiler is needed, and the result is the same on every machine.
            if ! (cd "${here}/${group}" && CGO_ENABLED=0 GOWORK=off GOFLAGS=-mod=readonly \
                go build -trimpath -buildvcs=false -ldflags "${flags}" \
                -o "${scratch}/${program}" "${package}") >"${scratch}/.log" 2>&1; then
                say "failed after $(elapsed "${started}")"
                cat "${scratch}/.log" >&2
                die "build ${program} from ${package}"
            fi
            say "$(elapsed "${started}")"
            number=$((number + 1))
        done < <(programs_of "${group}")
        rm -f "${scratch}/.log"
        if [ "${group}" = kwok ]; then copy_stages "${scratch}"; fi
        if [ -d "${target}" ]; then rm -rf "${scratch}"; else mv "${scratch}" "${target}"; fi
        scratch=""
    fi
    exec 9>&-
}

# One folder that holds every program, by relative links, and the stages of KWOK.
link_all() {
    local target group folder program
    target=$(bin_dir)
    if [ ! -d "${target}" ]; then
        scratch=$(mktemp -d "${cache}/.bin.XXXXXX")
        chmod 755 "${scratch}"
        for group in ${all_groups}; do
            folder=$(basename "$(dir_of "${group}")")
            while read -r program _; do
                ln -s "../${folder}/${program}" "${scratch}/${program}"
            done < <(programs_of "${group}")
            if [ "${group}" = kwok ]; then ln -s "../${folder}/stages" "${scratch}/stages"; fi
        done
        if [ -d "${target}" ]; then rm -rf "${scratch}"; else mv "${scratch}" "${target}"; fi
        scratch=""
    fi
    ln -sfn "$(basename "${target}")" "${cache}/current"
}

build() {
    local groups=$1 group number=1 total=0
    for group in ${groups}; do
        total=$((total + $(programs_of "${group}" | wc -l)))
    done
    for group in ${groups}; do
        build_group "${group}" "${number}" "${total}"
        number=$((number + $(programs_of "${group}" | wc -l)))
    done
}

prune() {
    local keep folder group
    keep=" $(basename "$(bin_dir)") $(for group in ${all_groups}; do basename "$(dir_of "${group}")"; done | paste -sd' ' -) "
    for folder in "${cache}"/*-????????????????; do
        if [ -d "${folder}" ] && [[ "${keep}" != *" $(basename "${folder}") "* ]]; then
            say "delete ${folder}"
            rm -rf "${folder}"
        fi
    done
}

case "${1:-}" in
-h | --help) usage ;;
--bin-dir) bin_dir ;;
--print-dir)
    [ $# -eq 2 ] || die "--print-dir takes one group" "the groups are: ${all_groups}"
    dir_of "$2"
    ;;
--list) for group in ${all_groups}; do echo "${group}: $(programs_of "${group}" | cut -d' ' -f1 | paste -sd' ' -)"; done ;;
--prune) prune ;;
-*) die "no option named \`$1\`" "see build.sh --help" ;;
"")
    build "${all_groups}"
    link_all
    bin_dir
    ;;
*)
    for group in "$@"; do programs_of "${group}" >/dev/null; done
    build "$*"
    for group in "$@"; do dir_of "${group}"; done
    ;;
esac
