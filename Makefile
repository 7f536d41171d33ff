# make demo    everything from nothing: environment, package, kernels, the demo dataset
# make test    everything that must hold, run as CI runs it
#
# PYTHON names the interpreter the environment is made with; 3.11 or 3.12.

PYTHON ?= $(shell for python in python3.12 python3.11 python3; do \
    $$python -c 'import sys; sys.exit(sys.version_info[:2] not in ((3, 11), (3, 12)))' \
    >/dev/null 2>&1 && { echo $$python; break; }; done)

VENV := .venv
BIN := $(VENV)/bin
TRIES ?= 10000
CORE := $(VENV)/.stamp-core
KERNELS := $(VENV)/.stamp-kernels
COMPILED := $(shell grep -rl --include=*.py "numba.njit" kgsynth)
DEV := $(VENV)/.stamp-dev
BENCH := $(VENV)/.stamp-bench
# -qq: a hash that does not match or a package that is missing is still an error and still shown.
PIP := PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1 $(BIN)/python -m pip install -qq
COMPILE := UV_NO_CONFIG=1 $(BIN)/uv pip compile pyproject.toml --quiet --universal \
    --python-version 3.11 --generate-hashes --no-emit-index-url --no-header

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo test real lint types pins chaos fuzz bench bench-graphs bench-search bench-proof clean-env

help: ## List the targets.
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' Makefile

demo: $(KERNELS) ## Set up what is missing, then build the demo dataset.
	@$(BIN)/kgsynth build-dataset

test: $(DEV) $(KERNELS) ## Set up what is missing, then lint, check types and run the tests.
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest

lint: $(DEV) ## Mend style and formatting in place.
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

types: $(DEV) ## Check types.
	$(BIN)/mypy

real: $(DEV) $(KERNELS) ## Run the tests that read real graphs, where ../shared/data holds them.
	$(BIN)/python -m pytest -m real

fuzz: $(DEV) $(KERNELS) ## Try TRIES (10000) spoilt inputs on each reader of a graph.
	$(BIN)/python tests/fuzz/fuzz.py --inputs $(TRIES)

bench: bench-graphs bench-search bench-proof ## Measure speed and memory beside other libraries; takes an hour.

bench-graphs: $(BENCH) $(KERNELS) ## That of reading graphs alone; ARGS may name what.
	$(BIN)/python tests/bench/run.py $(ARGS)

bench-search: $(BENCH) $(KERNELS) ## That of search and sampling alone; ARGS may name what.
	$(BIN)/python tests/bench/search.py $(ARGS)

bench-proof: $(BENCH) $(KERNELS) ## That of the checks alone: frozen sets, damaged edges, speed.
	$(BIN)/python tests/bench/proof.py $(ARGS)

chaos: $(DEV) $(KERNELS) ## The long run of kills at random instants, resumed to the same bytes.
	$(BIN)/python -m pytest -m chaos

pins: $(DEV) ## Compile the pinned requirements again; UPGRADE=--upgrade moves the pins.
	$(COMPILE) $(UPGRADE) --group build --output-file requirements.txt
	$(COMPILE) $(UPGRADE) --group dev --constraints requirements.txt \
	    --output-file requirements-dev.txt
	$(COMPILE) $(UPGRADE) --group bench --constraints requirements.txt \
	    --output-file requirements-bench.txt

clean-env: ## Remove the environment; the next target makes it anew.
	rm -rf $(VENV)

$(CORE): requirements.txt pyproject.toml
	@"$(or $(PYTHON),false)" -c 'import sys; sys.exit(sys.version_info[:2] not in ((3, 11), (3, 12)))' \
	    >/dev/null 2>&1 || { \
	    echo 'kgsynth needs Python 3.11 or 3.12$(if $(PYTHON),; $(PYTHON) is not one,; none was found).' \
	    'Install one, or name it: make demo PYTHON=/path/to/python3.12' >&2; exit 1; }
	@test -x $(BIN)/python || "$(PYTHON)" -m venv $(VENV) || { rm -rf $(VENV); \
	    echo '$(PYTHON) cannot make a virtual environment.' \
	    'On Debian and Ubuntu install the package python3-venv.' >&2; exit 1; }
	@echo 'Installing the pinned packages into $(VENV): about 1 GB, two minutes or so.'
	@$(PIP) --no-deps --require-hashes -r requirements.txt
	@$(PIP) --no-deps --no-build-isolation --editable .
	@$(BIN)/python -m compileall -q kgsynth flows
	@touch $@

$(DEV): requirements-dev.txt $(CORE)
	@echo 'Installing what the tests need.'
	@$(PIP) --no-deps --require-hashes -r requirements-dev.txt
	@touch $@

$(BENCH): requirements-bench.txt $(DEV)
	@echo 'Installing the libraries to measure beside.'
	@$(PIP) --no-deps --require-hashes -r requirements-bench.txt
	@touch $@

$(KERNELS): $(COMPILED) $(CORE)
	@$(BIN)/python -m kgsynth.kernels
	@touch $@
