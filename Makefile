# The verbs of this tree. `make` alone lists them.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.installed

.DEFAULT_GOAL := help
.PHONY: help install run test test-quick test-long check lint format types imports bench package lock

help: ## list these verbs
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

install: $(STAMP) ## install everything into .venv, as pinned in requirements-dev.lock

# Installs again whenever the lock changes; otherwise there is nothing to do.
$(STAMP): requirements-dev.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Python 3.11 or newer is needed; name one with: make PYTHON=python3.11 ..." >&2; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --disable-pip-version-check --quiet --require-hashes -r requirements-dev.lock
	@touch $@

run: install ## start the bot and the Agents Playground, without Teams and without an account
	$(BIN)/python -m playground

test-quick: install ## run the quick tests: about a minute, without database and browser
	$(BIN)/python -m pytest --numprocesses auto -m "not slow and not heavy and not database" \
		tests/unit tests/contract

test: install ## run all tests but the long ones, on all cores
	$(BIN)/python -m pytest --numprocesses auto

test-long: install ## run the tests that take minutes: 200 kills at random moments
	$(BIN)/python -m pytest -m slow

check: lint format types imports ## lint, format, types, and the import rules

lint: install
	$(BIN)/ruff check .

format: install
	$(BIN)/ruff format --check .

types: install
	$(BIN)/mypy

imports: install
	$(BIN)/lint-imports --no-logo

bench: install ## measure push throughput, pacing and cost
	$(BIN)/python -m benchmarks

package: install ## build dist/teams-campaigns.zip, the app to upload to Teams
	$(BIN)/python -m manifest

# Existing pins stay where they still fit; `make lock UPGRADE=--upgrade` takes the newest.
COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" $(UPGRADE)

lock: install ## resolve pyproject.toml into the two lock files
	$(COMPILE) pyproject.toml --output-file requirements.lock
	$(COMPILE) pyproject.toml --group dev --constraint requirements.lock \
		--output-file requirements-dev.lock
