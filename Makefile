# Two commands: `make run` and `make test`. Everything else is below or in `make help`.
PYTHON ?= $(firstword $(wildcard .venv/bin/python) python3)
PIP := .venv/bin/python -m pip --disable-pip-version-check --no-input -qq
# Waits for the command before it, and says every few seconds that it goes on.
WAIT := & command=$$!; seconds=0; while kill -0 $$command 2>/dev/null; do sleep 1; seconds=$$((seconds + 1)); \
  [ $$((seconds % 5)) -ne 0 ] || echo "  installing: $$seconds s"; done; wait $$command

# One more than there are cores: many tests wait. On a server of your own none beside another: a feed shows what every
# transaction of its server has settled, and processes that share one would wait for each other.
TEST_PROCESSES := $(if $(DATABASE_URL),0,$(shell expr $$(getconf _NPROCESSORS_ONLN) + 1))

# The demo chain: by default in the embedded database only.
DEMO_OPTION := $(if $(DEMO),$(if $(filter 0 no,$(DEMO)),--no-demo,--demo))

.DEFAULT_GOAL := help
.PHONY: help run test check schema bench clean

# Another interpreter than the one .venv was made with is asked for: make it anew.
ifneq ($(shell { $(PYTHON) -V; } 2>/dev/null),$(shell { .venv/bin/python -V; } 2>/dev/null))
.PHONY: .venv/ready
CLEAR := --clear
endif

help: ## what there is
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' Makefile

run: .venv/ready ## start it all: database, queue, API, workers, scheduler (PORT, DATABASE_URL, REDIS_URL choose others; DEMO=1 or 0)
	@exec .venv/bin/python -m guideapi run --parent $$PPID $(DEMO_OPTION)

test: .venv/ready-dev ## all tests, on servers and in databases of their own
	@exec .venv/bin/python -m pytest -n $(TEST_PROCESSES) --maxprocesses 4 --dist loadgroup

check: .venv/ready-dev ## style, types, import contracts (the rules of the house are tests)
	.venv/bin/python -m ruff check .
	.venv/bin/python -m ruff format --check .
	.venv/bin/python -m mypy
	.venv/bin/lint-imports

schema: .venv/ready-dev ## write tests/schema.txt anew, after a migration
	@exec .venv/bin/python -m tests.golden_schema

bench: .venv/ready-dev ## load a real year of retail and measure
	@exec .venv/bin/python -m benchmarks

clean: ## remove .venv and caches; the data of `make run` stays
	rm -rf .venv build *.egg-info .pytest_cache .hypothesis .mypy_cache .ruff_cache .import_linter_cache

.venv/ready: requirements.txt constraints.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "Python 3.11 or newer is needed, and $(PYTHON) is not that; name one: make $(MAKECMDGOALS) PYTHON=python3.13" >&2; exit 1; }
	@echo "installing the pinned packages into .venv: about half a minute the first time"
	@$(PYTHON) -m venv $(CLEAR) .venv || { echo "$(PYTHON) can't make a virtual environment (on Debian: apt install python3-venv)" >&2; exit 1; }
	@$(PIP) install -r requirements.txt -c constraints.txt $(WAIT)
	@$(PIP) install --no-deps -e . $(WAIT)
	@touch $@

.venv/ready-dev: requirements-dev.txt requirements-data.txt constraints.txt .venv/ready
	@$(PIP) install -r requirements-dev.txt -c constraints.txt $(WAIT)
	@$(PIP) install --no-deps -r requirements-data.txt $(WAIT)
	@touch $@
