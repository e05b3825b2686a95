# `make` lists what there is. Everything runs in .venv, made from the pinned packages.

VENV ?= .venv
PYTHON ?= python3
BIN := $(abspath $(VENV))/bin
CORES ?= $(shell nproc 2>/dev/null || echo 2)
export PATH := $(BIN):$(PATH)
# mkdocs-material advertises its successor by what --strict would take for a warning.
export NO_MKDOCS_2_WARNING := 1

.DEFAULT_GOAL := help
.PHONY: help demo new-config test test-long test-all check docs format demo-model envs container lock pins schema bench gpu faults notes fingerprint clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 14

# Every file's hash is checked, but torch's: its wheel differs by platform, and so does what it
# needs beside the packages of the list.
$(VENV)/installed: envs/requirements.lock
	$(PYTHON) -m venv $(VENV)
	grep -v '^torch==' $< | $(BIN)/pip install --quiet --disable-pip-version-check \
	  --require-hashes --no-deps --requirement /dev/stdin
	$(BIN)/pip install --quiet --disable-pip-version-check "$$(grep '^torch==' $<)"
	$(BIN)/pip check
	touch $@

demo: $(VENV)/installed ## run the whole way on the demo, a few minutes on a laptop
	snakemake --configfile config/demo.yaml --cores $(CORES)
	@echo results/demo/report.html

new-config: $(VENV)/installed ## ask a few questions, and write a configuration from the answers
	@python scripts/new_config.py

# Side by side, each file in one process, see tests/conftest.py; but for those of clusters, which
# use a Slurm of their own.
PYTEST := python -m pytest
ASIDE := OMP_NUM_THREADS=1 $(PYTEST) -n $(CORES) --dist loadscope --no-loadscope-reorder
test: $(VENV)/installed ## prove every number and run the workflow once, some minutes
	$(ASIDE) -m "not long"

test-long: $(VENV)/installed ## what `make test` leaves out: Slurm, conda, browser, faults, long runs
	$(ASIDE) -m long --ignore=tests/cluster
	$(PYTEST) -m long tests/cluster

test-all: $(VENV)/installed ## the whole test suite
	$(ASIDE) --ignore=tests/cluster
	$(PYTEST) tests/cluster

check: $(VENV)/installed ## what must hold of every commit: style, types, workflow lint, generated files
	ruff check .
	ruff format --check .
	mypy
	snakefmt --check Snakefile rules
	snakemake --lint
	python envs/generate.py --check
	python envs/container.py --check
	mkdocs build --strict --quiet

docs: $(VENV)/installed ## build the documentation into site/, to be read without a network
	mkdocs build --strict --quiet
	@echo site/index.html

format: $(VENV)/installed ## format code and rules
	ruff check --fix .
	ruff format .
	snakefmt Snakefile rules

demo-model: $(VENV)/installed ## make the demo's data and train its model again, from nothing
	python data/demo/make_opinions.py
	python data/demo/train_model.py

envs: $(VENV)/installed ## write envs/*.yaml from envs/packages.toml
	python envs/generate.py

container: $(VENV)/installed ## write the Dockerfile, and build the image where there is docker
	python envs/container.py
	@if docker info >/dev/null 2>&1; then docker build --tag fairprune .; \
	else echo "no docker that runs here: the image was not built"; fi

lock: ## resolve envs/packages.toml anew, into envs/requirements.lock and envs/*.yaml
	rm -rf $(VENV)
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check "$$(grep -o 'torch==[0-9.]*' envs/packages.toml)"
	$(BIN)/python envs/generate.py --direct | xargs $(BIN)/pip install --quiet
	command -v conda >/dev/null && $(MAKE) pins || echo "no conda here: envs/*.pin.txt stay as they are"
	$(BIN)/python envs/generate.py --lock
	touch $(VENV)/installed

# The environments differ in packages of pip alone: conda's explicit list is the same for all.
pins:
	conda env create --yes --file envs/download.yaml --prefix $(VENV)/pins
	for name in $$(basename -s .yaml envs/*.yaml); do \
	  conda list --explicit --md5 --prefix $(VENV)/pins > envs/$$name.linux-64.pin.txt; done

schema: $(VENV)/installed ## write config/schema.json from the typed configuration
	rm -f config/schema.json
	python scripts/write_schema.py --output config/schema.json

bench: $(VENV)/installed ## measure speed and memory on this machine, some minutes
	python benchmarks/run.py

# With the Python that has a GPU's packages: nothing is installed.
gpu: ## measure on this machine's GPU what the CPU cannot tell, at most 8 minutes
	$(PYTHON) benchmarks/gpu.py

faults: $(VENV)/installed ## inject every fault and write docs/faults.md
	WRITE_FAULTS=1 python -m pytest tests/faults

notes: ## print the changelog's part on a version (VERSION=1.2.3)
	@awk -v version="$(VERSION)" '/^## /{found = ($$2 == version || $$2 == version ",")} \
	  found {print; any = 1} END {if (!any) {print "error: CHANGELOG.md has no " version > "/dev/stderr"; exit 1}}' CHANGELOG.md

RESULTS ?= results/demo
fingerprint: $(VENV)/installed ## print what to compare on two machines (RESULTS=FOLDER)
	@python scripts/fingerprint.py --results $(RESULTS)

clean: ## remove the environment, the demo's results and the built site
	rm -rf $(VENV) results/demo site
