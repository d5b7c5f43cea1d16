# make demo · make test · make check · make prove BUDGET=SECONDS · make mutants · make bench: each sets up what it needs by itself in .venv
SHELL := /bin/bash
PYTHON ?= python3
BIN := .venv/bin
# Byte code is written once at installation; without it every start costs seconds.
unexport PYTHONDONTWRITEBYTECODE
# The interpreter's own settings only: nothing of the caller's environment may stand in for what the project installs.
unexport PYTHONPATH

# The sandbox's passwords are public on purpose: there only tokens, keys and what looks random count as secrets.
PUBLIC := --disable-plugin KeywordDetector --disable-plugin BasicAuthDetector

.PHONY: demo test prove mutants foreign services check audit bench format clean
.DEFAULT_GOAL := test

.venv/.ok: pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install -q uv || true
	if [ -x $(BIN)/uv ]; then $(BIN)/uv pip install -q --python $(BIN)/python --compile-bytecode -c constraints.txt -e '.[dev]'; \
	else $(BIN)/python -m pip install -q -c constraints.txt -e '.[dev]'; fi
	touch $@

demo: .venv/.ok
	$(BIN)/python -m mailsync demo $(ARGS)

# Clients by other people, for tests/contract/foreign; quick where they are there already.
foreign: .venv/.ok
	tests/contract/foreign/install.sh

# Servers that tests start: PostgreSQL.
services:
	tests/services/install.sh

test: .venv/.ok foreign services
	$(BIN)/python -m pytest -n 2 --dist worksteal $(ARGS)

# The proof suite within so many seconds; `ARGS='--out docs/reliability.md'` keeps its table.
BUDGET ?= 600
prove: .venv/.ok foreign services
	$(BIN)/python -m tests.prove --budget $(BUDGET) $(ARGS)

# Every mutant of the planner core, or of some files: `ARGS='merge guard'`.
mutants: .venv/.ok
	$(BIN)/python -m tests.mutants $(ARGS)

# Beside peers and floors, on the sandbox (bench/results.md). `ARGS='--small'`, `ARGS='start linking'`, `ARGS='--without large'`.
bench: .venv/.ok services
	bench/install.sh
	$(BIN)/python -m bench $(ARGS)

check: .venv/.ok
	$(BIN)/ruff format --check mailsync tests
	$(BIN)/ruff check mailsync tests
	$(BIN)/basedpyright
	$(BIN)/lint-imports
	$(BIN)/bandit -q -c pyproject.toml -r mailsync
	git ls-files -z -- . ':!tests' ':!bench' ':!mailsync/sandbox' ':!constraints.txt' | \
	  xargs -0 $(BIN)/detect-secrets-hook --exclude-files mailsync/settings/template.py
	git ls-files -z -- tests bench mailsync/sandbox ':!*package-lock.json' | xargs -0 $(BIN)/detect-secrets-hook $(PUBLIC)
	$(BIN)/python -m pytest -n 2 tests/unit

# For public CI: asks its service about every pinned package; a package that it can't look up is a failure (--strict).
audit: .venv/.ok
	$(BIN)/python -m pip install -q pip-audit
	$(BIN)/pip-audit --strict -r constraints.txt --no-deps --disable-pip

format: .venv/.ok
	$(BIN)/ruff format mailsync tests
	$(BIN)/ruff check --fix mailsync tests

clean:
	rm -rf .venv .foreign .bench tests/contract/foreign/node_modules .pytest_cache .ruff_cache .hypothesis .import_linter_cache
