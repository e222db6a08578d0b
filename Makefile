# What CI runs is what you run. `make` alone lists the targets.
PYTHON ?= python3
BIN := .venv/bin
# Of Streamlit's packages, those for charts, data frames and pictures; see streamlit.in.
LEFT_OUT := altair attrs jsonschema jsonschema-specifications narwhals numpy pandas pillow pyarrow pydeck \
    python-dateutil referencing rpds-py tzdata
# The demo's services give each other a second: nothing runs beside it.
DEMO := tests/integration/test_demo.py
CODE := start_monitoring.py src exporters examples grafana/boards tests benchmarks

.DEFAULT_GOAL := help
.PHONY: help setup format lint unit rules contract browser integration test test-compose lowest bench docs lock

help: ## list the targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

setup: ## make .venv with everything that the tests and benchmarks need
	@PYTHONPATH=src $(PYTHON) -m ai_monitoring.stack.environment dev

format: ## format the code
	$(BIN)/ruff format $(CODE)
	$(BIN)/ruff check --fix $(CODE)

lint: ## ruff, its formatter, mypy strict
	$(BIN)/ruff check $(CODE)
	$(BIN)/ruff format --check $(CODE)
	$(BIN)/mypy

unit: ## unit tests
	$(BIN)/pytest -q -n 2 tests/unit

rules: ## rules against their tests, on Prometheus 2.42 and 3.x
	$(BIN)/pytest -q -n 2 tests/rules

contract: ## no unknown metric, no alert without test and runbook, valid files
	$(BIN)/pytest -q tests/contract

browser: ## the embedded viewer in Chromium
	$(BIN)/pytest -q tests/browser

integration: ## the real programs: the local stack, the demo, several workers, PostgreSQL
	$(BIN)/pytest -q $(DEMO)
	$(BIN)/pytest -q -n 2 --dist loadfile --ignore $(DEMO) tests/integration

test: setup lint unit rules contract browser integration ## everything, from a fresh clone

test-compose: setup ## the Compose stack on a real Docker engine; as root it starts one where none answers
	$(BIN)/pytest -q tests/compose -p no:randomly

lowest: setup ## unit tests with the lowest versions that pyproject.toml allows
	$(BIN)/python tests/lowest.py

bench: setup ## measure against peers, in one run
	$(BIN)/python benchmarks/web_overhead.py
	$(BIN)/python benchmarks/llm_overhead.py
	$(BIN)/python benchmarks/log_shipping.py
	$(BIN)/python benchmarks/local_stack.py
	$(BIN)/python benchmarks/docker_stack.py
	$(BIN)/python benchmarks/embedded.py
	$(BIN)/python benchmarks/rule_evaluation.py
	$(BIN)/python -m benchmarks.evaluators
	$(BIN)/python -m benchmarks.record
	$(BIN)/python -m benchmarks.finops

docs: setup ## write the generated documents again
	$(BIN)/python -m ai_monitoring.metrics.table
	$(BIN)/python -m grafana.boards

lock: setup ## write the locked packages of our images again, at today's newest versions
	$(BIN)/uv pip compile -q pyproject.toml --all-extras --python-version 3.13 --no-header --no-annotate -o .cache/all.txt
	for name in house collect django fastapi streamlit; do \
	    $(BIN)/uv pip compile -q deployment/docker/requirements/$$name.in -c .cache/all.txt --python-version 3.13 \
	        $(LEFT_OUT:%=--no-emit-package %) --generate-hashes --no-emit-index-url --no-annotate --custom-compile-command "make lock" \
	        -o deployment/docker/requirements/$$name.txt; \
	done
