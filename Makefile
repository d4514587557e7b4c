# `make run` opens the editor in the browser; `make test` runs everything that must pass. Both
# install what they need into .venv (and, for the page's checks, into node_modules) first, once:
# again only when what they install from changes.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install -q
TORCH := torch==2.13.0
MODULES := node_modules/.package-lock.json

export PIP_DISABLE_PIP_VERSION_CHECK := 1
# Where Python may not keep what it compiles, every process compiles PyTorch again: 4 s each.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := run
.PHONY: run sample test pytest collected lint types page install browser screenshots clean

run: $(VENV)/.installed-run
	$(BIN)/maskgan serve

sample: $(VENV)/.installed-run
	$(BIN)/python -m maskgan.samples

# Two of what comes before the tests go on at once.
test:
	@$(MAKE) --no-print-directory --jobs 2 --output-sync=target lint page types collected browser
	@$(MAKE) --no-print-directory pytest

# Tests wait for browsers, servers and processes that they start a quarter of the time: one more of
# them than there are cores.
pytest: install
	$(BIN)/python -m pytest --numprocesses 3 --dist loadfile --no-loadscope-reorder

# Python compiles what the tests import once, instead of in each of their processes.
collected: install
	$(BIN)/python -m pytest --collect-only -qq >/dev/null

lint: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: install
	$(BIN)/mypy

# The page's modules: types, then the unit tests with node's own runner.
page: $(MODULES)
	node_modules/.bin/tsc -p tsconfig.json
	node --test --test-reporter=dot $$(find tests/web/js -name '*.test.js' | sort)

install: $(VENV)/.installed-test

# A Chromium for the tests of the page: the one there is, else installed; after node, since apt-get
# serves one at a time.
browser: install | $(MODULES)
	@$(BIN)/python tests/web/browser.py

# Pictures of the editor for README and docs, from sample faces.
screenshots: install browser
	$(BIN)/python tests/web/e2e/screenshots.py

clean:
	rm -rf $(VENV) node_modules build dist out .mypy_cache .pytest_cache .ruff_cache .hypothesis .schemathesis
	find src tests benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed-run: pyproject.toml constraints.txt | $(BIN)/python
	$(PIP) -c constraints.txt -e '.[web]'
	touch $@

# What distances between sets are checked against comes without what it needs itself: torchvision,
# of which none fits every build of PyTorch, and the checks use no part of it.
# PyTorch first and by itself: asked for one exact version, pip takes the build that is at hand
# instead of looking for a newer one. Most of what is installed is never imported: Python compiles
# the rest when it is. Before all this a newer pip where there is one: those that came with Python
# 3.11 take 40 s to choose.
$(VENV)/.installed-test: pyproject.toml constraints.txt | $(BIN)/python
	-$(PIP) --no-compile --upgrade pip
	$(PIP) --no-compile $(TORCH)
	$(PIP) --no-compile -c constraints.txt -e '.[train,eval,dev]'
	$(PIP) --no-compile --no-deps torch-fidelity==0.4.0
	touch $@ $(VENV)/.installed-run

$(MODULES): package.json package-lock.json
	@command -v npm >/dev/null || { test "$$(id -u)" = 0 && command -v apt-get >/dev/null && \
	  apt-get -qq update && DEBIAN_FRONTEND=noninteractive \
	  apt-get -qq install -y --no-install-recommends nodejs npm >/dev/null; } || { \
	  echo "The page's checks need node 18 or newer with npm: install them, then try again." >&2; \
	  exit 1; }
	npm ci --silent
	touch $@
