SHELL := /usr/bin/env bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-builtin-rules

BIN := .venv/bin
CARGO := cargo
MANIFEST := --manifest-path native/Cargo.toml
PYTEST_WORKERS ?= 2
# The extension module links against a running Python only, so it has no Rust test binary; pytest covers it.
NATIVE_TESTS := --workspace --exclude proofbook-python
# A build of its own, without forge-std and its warnings (see foundry.toml).
SOURCES_ONLY := --skip test --skip script --out .build/contracts/sources --cache-path .build/contracts/sources-cache
# A fuzzed call's gas depends on its random input.
SNAPSHOT := .gas-snapshot --no-match-test '^(testFuzz|invariant)'

.PHONY: help setup demo test bench soundness chaos check check-python check-native check-contracts
.PHONY: test-native test-contracts test-python format snapshot clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## build the environments from the lock files (skips what is up to date)
	@tools/setup

demo: setup ## replay three minutes of 2020-03-12: trade, prove, settle on a local chain
	$(BIN)/proofbook replay data/btcusdt-1m-2020-03-12.csv --minutes 3

bench: setup ## measure the figures of bench/RESULTS.md on this machine
	$(BIN)/python -m bench

soundness: setup ## try to make the circuits lie; docs/spec/soundness.md tells how to run all of it
	$(BIN)/python -m soundness claims
	$(BIN)/python -m soundness static
	$(BIN)/python -m soundness constraints
	$(BIN)/python -m soundness wires
	$(BIN)/python -m soundness hints --per-kind 1
	$(BIN)/python -m soundness attacks
	$(BIN)/python -m soundness fuzz --sequences 200
	$(BIN)/python -m soundness mutants --sample 40

chaos: setup ## kill, tear and starve the node and the settler, hundreds of times
	$(BIN)/python -m pytest -n $(PYTEST_WORKERS) --dist loadfile --kills 300 tests/chaos tests/node/test_killed.py tests/settler/test_killed.py

test: setup check test-native test-contracts test-python ## everything that a change must pass

check: check-python check-native check-contracts ## format, lint, types, import directions

check-python: setup
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/interrogate sequencer prover proofbook

check-native: setup
	$(CARGO) fmt $(MANIFEST) --all --check
	$(CARGO) clippy $(MANIFEST) --locked --workspace --all-targets -- -D warnings

check-contracts: setup
	tools/forge fmt --check
	tools/forge build $(SOURCES_ONLY)
	tools/forge lint
	$(BIN)/python -m soundness static contracts

test-native: setup ## Rust tests
	$(CARGO) test $(MANIFEST) --locked --release $(NATIVE_TESTS)

test-contracts: setup ## Solidity unit, fuzz and invariant tests, symbolic checks, and the gas snapshot
	tools/forge test
	tools/halmos
	tools/forge snapshot --check $(SNAPSHOT)

test-python: setup ## Python, circuit and end-to-end tests
	$(BIN)/python -m pytest -n $(PYTEST_WORKERS) --dist loadfile

format: setup ## rewrite the sources in the agreed format
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .
	$(CARGO) fmt $(MANIFEST) --all
	tools/forge fmt

snapshot: setup ## rewrite the gas snapshot after an intended change
	tools/forge snapshot --snap $(SNAPSHOT)

clean: ## remove what was built, keep the environments
	rm -rf .build native/target sequencer/_core*.so
