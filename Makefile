# Rounds. `make help` lists what there is. Needs only Python 3.11+ and make.

PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
ARGS   ?=

.DEFAULT_GOAL := help
.PHONY: help setup demo test test-chaos simulate lint bench bench-engine fuzz docs pictures format lock clean

help: ## list what make can do
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# The stamp is newer than the locks, so a second `make demo` starts at once.
$(VENV)/.ready: requirements/dev.txt pyproject.toml
	@$(PYTHON) -c 'import sys; v = sys.version_info; sys.exit(0 if v >= (3, 11) else f"Rounds needs Python 3.11 or newer; {sys.executable} is {v.major}.{v.minor}. Try: make PYTHON=python3.12 ...")'
	@echo "Setting up $(VENV) (once; about a minute) ..."
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

setup: $(VENV)/.ready ## set up the project's own environment

demo: $(VENV)/.ready ## this machine's rounds in a local Slack; ARGS="--no-browser --port 8917"
	@$(BIN)/rounds demo $(ARGS)

test: $(VENV)/.ready ## all tests; ARGS="-k word" for some
	@$(BIN)/python -m pytest $(ARGS)

simulate: $(VENV)/.ready ## 100,000 slots in worlds of misfortune, long; ARGS="--seed 123" for one world again
	@$(BIN)/python -m tests.simulation $(ARGS)

test-chaos: $(VENV)/.ready ## minutes of kill -9, stopped databases, full disks and frozen processes; nothing may be lost or doubled
	@ROUNDS_CHAOS=long $(BIN)/python -m pytest -m chaos $(ARGS)

lint: $(VENV)/.ready ## ruff, mypy --strict, the layers, the generated documents
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache
	@$(BIN)/python -m bot.docs --check

fuzz: $(VENV)/.ready ## ten thousand mangled configurations: each understood or refused, none over a second
	@ROUNDS_FUZZ=10000 $(BIN)/python -m pytest -q tests/config/test_fuzz.py $(ARGS)

docs: $(VENV)/.ready ## write the documents that follow from the code
	@$(BIN)/python -m bot.docs

bench: $(VENV)/.ready ## figures, side by side with others, in one run; ARGS="--list" or "NAME --rounds 3"
	@$(BIN)/python -m benchmarks $(ARGS)

bench-engine: $(VENV)/.ready ## the engine under load; ARGS="--results 1000000" for a shorter one
	@$(BIN)/python -m benchmarks.engine $(ARGS)

pictures: $(VENV)/.ready ## take the pictures of docs/cards.md anew (needs Chromium)
	@$(BIN)/python -m tests.slack.pictures

format: $(VENV)/.ready ## put the code into its standard form
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

lock: ## write requirements/*.txt anew from pyproject.toml (needs uv)
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --custom-compile-command "make lock" pyproject.toml -o requirements/run.txt
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --custom-compile-command "make lock" --group dev pyproject.toml -o requirements/dev.txt

clean: ## remove the environment and what tests leave behind
	rm -rf $(VENV) .cache .mypy_cache .ruff_cache .pytest_cache .hypothesis
