# Quotewire: `make run` starts it, `make test` tests it. Both set everything up by themselves.
SHELL := /bin/sh
.DEFAULT_GOAL := help
VENV := .venv
BIN := $(VENV)/bin
EVAL_DIR ?= ../shared/eval
SOAK_S ?= 1800

# The newest suitable Python whose venv module works; `make PYTHON=/path/to/python run` overrides.
PYTHON ?= $(shell for v in 3.13 3.12 3.11; do for p in python$$v python3 python; do \
	if [ "$$($$p -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null)" = $$v ] \
	&& $$p -c 'import ensurepip, venv' 2>/dev/null; then command -v $$p; exit; fi; done; done)

PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet install

.PHONY: help
help: ## Show what there is
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' Makefile

$(BIN)/python:
	@[ -n "$(PYTHON)" ] || { echo "Quotewire needs Python 3.11, 3.12 or 3.13 with its venv module: install python3 and, on Debian or Ubuntu, python3-venv (apt install python3-venv)." >&2; exit 2; }
	@"$(PYTHON)" -m venv $(VENV) || { rm -rf $(VENV); echo "Could not make $(VENV) with $(PYTHON): see the line above." >&2; exit 2; }

$(VENV)/.run: requirements.lock pyproject.toml | $(BIN)/python
	@echo "Installing the run-time packages (about 180 MB, once) ..." >&2
	@$(PIP) --require-hashes -r requirements.lock
	@$(PIP) --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.test: requirements-test.lock $(VENV)/.run
	@echo "Installing the test packages ..." >&2
	@$(PIP) --require-hashes -r requirements-test.lock
	@touch $@

$(VENV)/.bench: requirements-bench.lock $(VENV)/.test
	@echo "Installing the engines to compare with ..." >&2
	@$(PIP) --require-hashes -r requirements-bench.lock
	@touch $@

.PHONY: run test check bench eval soak lock
run: $(VENV)/.run ## Set up, load the articles, and start: the Telegram bot with a token, else a terminal chat
	@exec $(BIN)/quotewire run

test: $(VENV)/.test ## Run the whole test suite
	@$(BIN)/python -m pytest

check: $(VENV)/.test ## Lint, format, types, layering
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/python -m pytest -q tests/test_layers.py

bench: $(VENV)/.bench ## Measure speed, beside other engines
	@$(BIN)/python -m benchmarks.bench
	@$(BIN)/python -m benchmarks.delivery matching

eval: $(VENV)/.test ## Measure quality on EVAL_DIR (default ../shared/eval)
	@EVAL_DIR="$(EVAL_DIR)" $(BIN)/python -m benchmarks.quality

soak: $(VENV)/.test ## Run the bot for SOAK_S seconds (1800) under load and faults; nothing may be lost, doubled or leak
	@SOAK_S="$(SOAK_S)" $(BIN)/python -m benchmarks.soak

lock: ## Pin the packages anew (needs uv)
	uv pip compile -q --universal --generate-hashes --no-annotate --no-header --python-version 3.11 --extra build -o requirements.lock pyproject.toml
	uv pip compile -q --universal --generate-hashes --no-annotate --no-header --python-version 3.11 --extra build --extra test -c requirements.lock -o requirements-test.lock pyproject.toml
	uv pip compile -q --universal --generate-hashes --no-annotate --no-header --python-version 3.11 --extra build --extra test --extra bench -c requirements-test.lock -o requirements-bench.lock pyproject.toml
