#!/usr/bin/env bash
# Says what is missing before anything is built, each with the way to get it.
set -euo pipefail
missing=0
need() { # command, how to get it
    if ! command -v "$1" >/dev/null 2>&1; then
        printf 'error: `%s` is missing\nhint: %s\n' "$1" "$2" >&2
        missing=1
    fi
}
need cargo "install Rust with rustup (the toolchain file picks the version)"
need go "install Go 1.26 or newer; it builds the test control plane and the real helm"
need git "install git from your distribution"
need cc "install a C compiler (Debian: build-essential); it links Rust programs"
need cmp "install diffutils from your distribution"
exit "$missing"
