# Everything a person or CI runs. `make help` lists it.
# Caches live outside the work tree: PILOTHOUSE_CACHE (control plane, Rust target folder).

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

export PILOTHOUSE_CACHE ?= $(HOME)/.cache/pilothouse
export CARGO_TARGET_DIR ?= $(PILOTHOUSE_CACHE)/target
export CARGO_TERM_COLOR ?= auto

CARGO ?= cargo
CLUSTER_BIN = $$(tests/cluster/build.sh --bin-dir)

include tests/cluster/cluster.mk

.PHONY: help
help: ## list the targets
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | sort | awk -F ':.*## ' '{printf "  %-14s %s\n", $$1, $$2}'

.PHONY: prerequisites
prerequisites: ## check that Rust, Go, a C compiler and git are here
	@deploy/prerequisites.sh

.PHONY: build
build: prerequisites ## build the `pilothouse` binary (debug)
	$(CARGO) build --locked -p cli

.PHONY: release
release: prerequisites ## build the `pilothouse` binary (release)
	$(CARGO) build --locked --release -p cli

.PHONY: test
test: prerequisites cluster build ## every test, end to end and the corpus (where it is) included
	$(CARGO) build --locked -p testkit --bins
	PILOTHOUSE_BIN=$(CARGO_TARGET_DIR)/debug/pilothouse PILOTHOUSE_CLUSTER_BIN=$(CLUSTER_BIN) RUST_TEST_THREADS=6 \
		$(CARGO_TARGET_DIR)/debug/control-plane run -- $(CARGO) test --locked --no-fail-fast --workspace

.PHONY: unit
unit: prerequisites ## the tests that need no control plane
	$(CARGO) test --locked -p gotemplate -p helm -p plan -p api -p xtask -p engine-tests

.PHONY: e2e
e2e: prerequisites cluster build ## the end-to-end tests only
	PILOTHOUSE_BIN=$(CARGO_TARGET_DIR)/debug/pilothouse PILOTHOUSE_CLUSTER_BIN=$(CLUSTER_BIN) \
		$(CARGO) test --locked -p integration-tests

.PHONY: twins
twins: prerequisites cluster build ## the twin stories alone, those that still differ included
	PILOTHOUSE_BIN=$(CARGO_TARGET_DIR)/debug/pilothouse PILOTHOUSE_CLUSTER_BIN=$(CLUSTER_BIN) \
		$(CARGO) test --locked -p integration-tests --test twin -- --include-ignored --nocapture

.PHONY: corpus
corpus: prerequisites ## real public charts against the recorded output of Helm
	$(CARGO) test --locked -p engine-tests --test corpus

.PHONY: demo
demo: prerequisites cluster ## the whole story on a throwaway control plane (DEMO_CONTEXT=name: on yours)
	$(CARGO) build --locked -p cli -p testkit -p integration-tests --bins
	PILOTHOUSE_BIN=$(CARGO_TARGET_DIR)/debug/pilothouse PILOTHOUSE_CLUSTER_BIN=$(CLUSTER_BIN) \
		$(CARGO_TARGET_DIR)/debug/demo

.PHONY: measure
measure: prerequisites cluster release ## what releases cost: time to Ready and memory (RELEASES=200, IDLE=60)
	$(CARGO) build --locked -p integration-tests --bins
	PILOTHOUSE_BIN=$(CARGO_TARGET_DIR)/release/pilothouse PILOTHOUSE_CLUSTER_BIN=$(CLUSTER_BIN) \
		$(CARGO_TARGET_DIR)/debug/measure $(or $(RELEASES),200) $(or $(IDLE),60)

.PHONY: crds
crds: ## write the CRD and its reference page from the types
	$(CARGO) run --locked -q -p xtask -- crds
	$(CARGO) run --locked -q -p xtask -- reference

.PHONY: docs
docs: ## API documentation of all crates
	$(CARGO) doc --locked --workspace --no-deps

.PHONY: golden
golden: prerequisites helm4 ## record the conformance cases again from the real Helm
	HELM=$$(tests/cluster/build.sh --print-dir helm4)/helm tests/conformance/record.sh

.PHONY: fmt
fmt: ## format
	$(CARGO) fmt --all

.PHONY: lint
lint: ## formatting and clippy, warnings are errors
	$(CARGO) fmt --all --check
	$(CARGO) clippy --locked --workspace --all-targets -- -D warnings
