# Tenure. Needs Python 3.11, 3.12 or 3.13, git and make; everything else is installed into $(VENV) on first use.
# The same steps without make are in README.md.

VENV    ?= .venv
PYTHON  ?=
WORKERS ?= 2
ARGS    ?=

BIN      := $(VENV)/bin
UV       := $(shell command -v uv 2>/dev/null)
READY    := $(VENV)/.ready-to-run
READYDEV := $(VENV)/.ready-to-develop
CANDIDATES := $(if $(PYTHON),$(PYTHON),python3 python3.13 python3.12 python3.11 python)

INSTALL := $(if $(UV),"$(UV)" pip install --quiet --python $(BIN)/python,$(BIN)/python -m pip install --quiet --disable-pip-version-check) --constraint requirements.lock

.DEFAULT_GOAL := help
.PHONY: help run catalogue test quick bench evidence lint format lock clean

help: ## list the commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' Makefile
	@echo '  Settings: PYTHON=python3.12  VENV=.venv  WORKERS=2  ARGS="market=saas goal=lifetime_value"'

run: $(READY) ## set up if needed, then run the default comparison (or what ARGS asks)
	$(BIN)/tenure $(ARGS)

catalogue: $(READY) ## write the catalogue of strategies to outputs/catalogue/ (or the folder that ARGS names)
	$(BIN)/tenure --catalogue $(ARGS)

test: $(READYDEV) ## set up if needed, then check style, types, import directions, tests and notebooks
	@$(MAKE) --no-print-directory --jobs=2 lint compiled
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal $(ARGS)

quick: $(READYDEV) ## only the tests that take seconds
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal -m "not slow and not notebook and not evidence" $(ARGS)

bench: $(READYDEV) ## time the model against its peers; let nothing else run meanwhile
	$(BIN)/python -m tests.bench.bench_market $(ARGS)

evidence: evidence-data $(READYDEV) ## the tests on real data in the folder that TENURE_DATA names
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal -m evidence $(ARGS)

# The model is compiled beside the style checks, so that the tests' workers find it compiled; so is the byte-code, which
# hundreds of processes would make anew where PYTHONDONTWRITEBYTECODE is set.
.PHONY: compiled
compiled: $(READYDEV)
	@$(BIN)/python -m compileall -q sim agents experiments tests
	@$(BIN)/python -c "from tests.bench.bench_market import compile_everything; compile_everything()"

.PHONY: evidence-data
evidence-data:
	@if [ -z "$$TENURE_DATA" ]; then \
	  echo "TENURE_DATA is not set: point it at the folder that holds the real data, e.g. make evidence TENURE_DATA=../data" >&2; \
	  exit 2; \
	elif [ ! -d "$$TENURE_DATA" ]; then \
	  echo "TENURE_DATA names '$$TENURE_DATA', which is not a folder" >&2; \
	  exit 2; \
	fi

lint: $(READYDEV) ## format, lint, strict types, import directions; changes nothing
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(READYDEV) ## bring the code into format and repair what ruff can
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lock: $(VENV)/pyvenv.cfg ## renew requirements.lock from pyproject.toml (UPGRADE=1 takes the newest of everything)
	@[ -n "$(UV)" ] || $(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	$(or $(UV),$(BIN)/uv) pip compile pyproject.toml --universal --python-version 3.11 --all-extras \
	  --no-header --no-annotate --quiet \
	  $(if $(UPGRADE),--upgrade) --output-file requirements.lock

clean: ## remove the environment, caches and builds; results in outputs/ stay
	rm -rf $(VENV) dist build .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis .benchmarks .coverage
	find sim agents experiments tests -name __pycache__ -type d -prune -exec rm -rf {} +

# --- the environment -------------------------------------------------------------------------------

$(VENV)/pyvenv.cfg:
	@for python in $(CANDIDATES); do \
	  if "$$python" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' 2>/dev/null; then \
	    echo "Creating $(VENV) with $$("$$python" --version)"; \
	    if [ -n "$(UV)" ]; then exec "$(UV)" venv --quiet --seed --python "$$("$$python" -c 'import sys; print(sys.executable)')" $(VENV); \
	    else exec "$$python" -m venv $(VENV); fi; \
	  fi; \
	done; \
	echo "Tenure needs Python 3.11, 3.12 or 3.13; none of '$(CANDIDATES)' is one. Name one: make PYTHON=/path/to/python3.12" >&2; \
	exit 2

$(READY): pyproject.toml requirements.lock | $(VENV)/pyvenv.cfg
	@echo "Installing Tenure and what it needs into $(VENV) (once, about a minute)"
	@$(INSTALL) --editable .
	@touch $@

$(READYDEV): pyproject.toml requirements.lock | $(VENV)/pyvenv.cfg
	@echo "Installing Tenure and its development tools into $(VENV) (once, one or two minutes)"
	@$(INSTALL) --editable '.[dev,cdnow,cluster,launchers]'
	@touch $(READY) $@
