.DEFAULT_GOAL := help
.PHONY: help run test schema fuzz crash lint types layers migrations deploy py py-pg js js-types e2e fmt clean env env-dev

BIN := .venv/bin

# The newest supported Python that really starts: a version manager may leave dead names on PATH.
define environment
	@for python in $(PYTHON) python3.13 python3.12 python3.11 python3 none; do \
		$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && break; \
	done; \
	if [ $$python = none ]; then echo "BotV2 needs Python 3.11 or newer. Install it, or name it: make PYTHON=/path/to/python3" >&2; exit 1; fi; \
	$$python tools/environment.py
endef

help:
	@echo "make run      start BotV2 on http://127.0.0.1:8000 (PORT, BOTV2_DATA and DEMO are honoured)"
	@echo "make test     every check; one at a time: lint types layers migrations deploy py py-pg js js-types e2e"
	@echo "make schema   write docs/openapi.yaml from the code"
	@echo "make fuzz     50,000 generated requests against the documentation of the API (CASES and SEED are honoured)"
	@echo "make crash    20 x kill -9 under load on SQLite and on PostgreSQL + Redis"
	@echo "make fmt      format the Python code"
	@echo "make clean    remove .venv and caches; never the data"

env:
	$(environment) base

env-dev:
	$(environment) dev

run: env
	@$(BIN)/python manage.py init && exec $(BIN)/python manage.py serve

test: env-dev
	@$(BIN)/python -m tools.checks

lint types layers migrations deploy py py-pg js js-types e2e: env-dev
	@$(BIN)/python -m tools.checks $@

schema: env-dev
	@DJANGO_SETTINGS_MODULE=tests.settings $(BIN)/python -m django spectacular --validate --fail-on-warn --file docs/openapi.yaml

fuzz: env-dev
	@$(BIN)/python -m tests.torture.fuzz --cases $(or $(CASES),50000) $(if $(SEED),--seed $(SEED))

crash: env-dev
	@$(BIN)/python -m tests.torture.crash --kills 20
	@$(BIN)/python -m tests.torture.crash --kills 20 --postgres

fmt: env-dev
	@$(BIN)/python -m ruff check --fix --quiet .; $(BIN)/python -m ruff format .

clean:
	rm -rf .venv node_modules htmlcov .coverage .coverage.* .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
