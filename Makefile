# Everything here needs make, git and Python 3.11 to 3.13 with venv; the rest is installed into .venv by the first target that needs it.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

# The newest interpreter that fits and can make a virtual environment; name another with `make PYTHON=...`.
FITS := import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))
PYTHON ?= $(shell for name in python3.13 python3.12 python3.11 python3 python; do \
	if $$name -c '$(FITS)' >/dev/null 2>&1; then echo $$name; break; fi; done)

BIN := .venv/bin
# The stamp carries the folder's name: a copied or moved checkout must not run the other one's code.
STAMP := .venv/installed-$(shell printf '%s' "$(CURDIR)" | cksum | cut -d ' ' -f 1)
ARGS ?=
PYTEST_WORKERS ?= 2
# One more has the tests that share servers: it mostly waits, and ends with them (tests/conftest.py).
ALL_WORKERS = $(shell expr $(PYTEST_WORKERS) + 1)

.PHONY: help nightly serve test quick faults scale check audit format lock bench vendor clean

help: ## this list
	@echo "capex-signals: start with 'make nightly'; it sets up everything and answers every claim"
	@echo
	@sed -nE 's/^([a-z]+):.*## (.*)$$/  make \1|\2/p' $(MAKEFILE_LIST) | awk -F '|' '{ printf "%-16s %s\n", $$1, $$2 }'
	@echo
	@echo "Options go into ARGS: make nightly ARGS='--help'. All other commands: $(BIN)/capex-signals --help"

nightly: $(STAMP) ## set up if needed, fetch what is new, judge every claim, publish and report
	@$(BIN)/capex-signals nightly $(ARGS)

serve: $(STAMP) ## Prefect server, worker and deployments on this machine, until Ctrl-C
	@$(BIN)/capex-signals serve $(ARGS)

# Each worker has a processor: a second thread of Polars would only take turns with the other worker (an eighth of its tests' time).
# The night that the published file comes from has all threads (tests/support/published_file.py), and so has make faults.
test quick: export POLARS_MAX_THREADS = 1
# Compiled once, whatever this machine has set: a night or a server in a process of its own would compile all modules again.
test quick: export PYTHONDONTWRITEBYTECODE =

test: $(STAMP) ## every test; those that need a binary this machine lacks are skipped with a reason
	@$(BIN)/python -m pytest -n $(ALL_WORKERS) -ra $(ARGS)

quick: $(STAMP) ## the tests that start no server, no browser and no whole night (a minute and a half)
	@$(BIN)/python -m pytest -n $(PYTEST_WORKERS) -m 'not slow and not server and not browser and not faults and not scale' $(ARGS)

faults: $(STAMP) ## the whole fault matrix: killed, starved and blocked processes (some minutes)
	@$(BIN)/python -m pytest -m faults -ra $(ARGS)

scale: $(STAMP) ## a million facts of every filer, killed on the way, gone on with and answered (two minutes)
	@$(BIN)/python -m pytest -m scale -ra $(ARGS)

check: $(STAMP) ## format, lint, types, import rules, generated files
	@$(BIN)/ruff format --quiet --check . || { echo "Remedy: make format" >&2; exit 1; }
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy --no-error-summary
	@$(BIN)/lint-imports --no-logo >.venv/imports.log 2>&1 || { cat .venv/imports.log >&2; exit 1; }
	@$(if $(wildcard flows/cli.py),$(BIN)/capex-signals check)
	@echo "check: passed"

audit: $(STAMP) ## known vulnerabilities of the locked versions (asks the OSV advisories)
	@$(BIN)/uv tool run --from pip-audit==2.10.1 pip-audit --vulnerability-service osv --disable-pip -r requirements.lock

format: $(STAMP) ## put the code into the one format, with the lint fixes that are safe
	@$(BIN)/ruff check --quiet --fix-only .
	@$(BIN)/ruff format --quiet .

bench: $(STAMP) ## every measurement into docs/benchmarks.md (hours; ARGS="boards judge" for some)
	@$(BIN)/python bench/run.py $(ARGS)

lock: $(STAMP) ## choose versions anew into requirements.lock (with hashes, without any index address)
	@env -u UV_INDEX_URL -u UV_FIND_LINKS $(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 \
		--generate-hashes --no-emit-index-url --extra dev --custom-compile-command "make lock" \
		pyproject.toml --output-file requirements.lock

VENDOR := transforms/site/assets/vendor
# npm package@version, the file in it, and where it goes: what the report's pages and their tests need, unchanged.
VENDORED := datatables.net@3.1.5:js/dataTables.min.js:$(VENDOR)/dataTables.min.js \
	datatables.net-dt@3.1.2:css/dataTables.dataTables.min.css:$(VENDOR)/dataTables.min.css \
	axe-core@4.14.1:axe.min.js:tests/browser/axe.min.js

# The chart engine in one script, as the locked vl-convert bundles it.
ENGINE := import sys, vl_convert; \
	sys.stdout.write(vl_convert.javascript_bundle("window.vega = vega; window.vegaLite = vegaLite; window.vegaEmbed = vegaEmbed;"))

vendor: $(STAMP) ## fetch the scripts that are kept in this repository anew from npm; versions stand in the Makefile
	@folder=$$(mktemp -d); trap 'rm -rf "$$folder"' EXIT; \
	for item in $(VENDORED); do IFS=: read -r package file target <<<"$$item"; \
		archive=$$(npm pack --silent --pack-destination "$$folder" "$$package"); \
		tar -xzOf "$$folder/$$archive" "package/$$file" >"$$folder/out"; mv "$$folder/out" "$$target"; \
		echo "$$target: $$package"; done
	@$(BIN)/python -c '$(ENGINE)' >$(VENDOR)/vega.js; echo "$(VENDOR)/vega.js: vl-convert-python"

clean: ## remove what is built (.venv, caches); your data stay
	@rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache dist
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

# uv is in the lock too, so nothing unpinned is ever downloaded; where it does not install, pip reads the same lock
# (whole as it is: without --no-deps pip takes `sqlalchemy[asyncio]` for something the lock does not pin).
# Compiled at once: a Prefect server takes twice as long to start on modules that are not.
define INSTALL
	sed -n '/^uv==/,/# via/p' requirements.lock >.venv/uv.txt
	if $(BIN)/python -m pip install --quiet --no-deps --require-hashes -r .venv/uv.txt; then
		$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes --compile-bytecode -r requirements.lock
		$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e .
	else
		$(BIN)/python -m pip install --quiet --no-deps --require-hashes -r requirements.lock
		$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .
	fi
endef
export INSTALL

$(STAMP): requirements.lock pyproject.toml
	@if [ -z "$(PYTHON)" ] || ! $(PYTHON) -c '$(FITS)' >/dev/null 2>&1; then \
		echo "capex-signals needs Python 3.11, 3.12 or 3.13 with venv, and found none." >&2; \
		echo "Remedy: install one (Debian, Ubuntu: apt install python3 python3-venv), or name one: make PYTHON=python3.12" >&2; \
		exit 1; fi
	@echo "Installing $$(grep -c '==' requirements.lock) locked packages into .venv with $$($(PYTHON) --version) (once, about a minute) ..." >&2
	@rm -rf .venv
	@$(PYTHON) -m venv .venv
	@bash -euc "$$INSTALL" >.venv/install.log 2>&1 || { cat .venv/install.log >&2; \
		echo "Remedy: see above. The packages come from the package index that pip is configured for; set PIP_INDEX_URL and UV_INDEX_URL to use a mirror." >&2; \
		exit 1; }
	@touch $@
