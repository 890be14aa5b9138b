# `make demo` and `make test` do everything on a fresh machine with Python 3.11 or later; `make check` is what CI adds to the tests.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check -q

.PHONY: demo test check bench docs languages clean

demo: $(VENV)/.installed
	$(BIN)/sfa demo

test: $(VENV)/.test
	$(BIN)/python -m pytest

check: $(VENV)/.check
	$(BIN)/ruff check sfa tests examples
	$(BIN)/ruff format --check sfa tests examples
	$(BIN)/mypy
	$(BIN)/python tests/catalogue.py
	$(BIN)/python tests/check_docs.py
	$(BIN)/python tests/check_wheel.py

bench: $(VENV)/.bench
	env -u PYTHONDONTWRITEBYTECODE -u PYTHONUNBUFFERED $(BIN)/python tests/bench/run.py

docs: $(VENV)/.test
	$(BIN)/python tests/check_docs.py --write

languages: $(VENV)/.check
	$(BIN)/python tests/catalogue.py --write

$(VENV)/bin/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "sfa needs Python 3.11 or later; try make PYTHON=python3.11")'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: $(VENV)/bin/python pyproject.toml
	$(PIP) install -e .
	touch $@

$(VENV)/.test: $(VENV)/.installed
	$(PIP) install -e '.[test]'
	touch $@

$(VENV)/.bench: $(VENV)/.test
	$(PIP) install -e '.[test,bench]'
	touch $@

$(VENV)/.check: $(VENV)/.test
	$(PIP) install -e '.[test,check]'
	touch $@

clean:
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
