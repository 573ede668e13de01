.DEFAULT_GOAL := help
.PHONY: help run stack build test schema screenshots lighthouse fuzz torture lint types layers migrations deploy assets py py-pg js js-types e2e fmt clean env env-dev

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
	@echo "make build    the static files of a production server and their sizes; fails where one is missing or a page too large"
	@echo "make test     every check; one at a time: lint types layers migrations deploy assets py py-pg js js-types e2e"
	@echo "make schema   write docs/openapi.yaml from the code"
	@echo "make screenshots  every page and dialog in each theme and width, as pictures below var/screenshots"
	@echo "make lighthouse   scores, paints and repeat visits of four pages with a year of data, below var/lighthouse (RUNS is honoured)"
	@echo "make fuzz     50,000 generated requests against the documentation of the API (CASES and SEED are honoured)"
	@echo "make torture  load, faults and bad input at full length, with a report (ROWS, SEED and SHORT=1 are honoured)"
	@echo "make stack    a whole installation on this machine: nginx with TLS, 2 + 2 servers, worker, PostgreSQL, Redis"
	@echo "make fmt      format the Python code"
	@echo "make clean    remove .venv and caches; never the data"

env:
	$(environment) base

env-dev:
	$(environment) dev

run: env
	@$(BIN)/python manage.py init && exec $(BIN)/python manage.py serve

build: env
	@$(BIN)/python manage.py build && $(BIN)/python manage.py asset_report

test: env-dev
	@$(BIN)/python -m tools.checks

lint types layers migrations deploy assets py py-pg js js-types e2e: env-dev
	@$(BIN)/python -m tools.checks $@

schema: env-dev
	@DJANGO_SETTINGS_MODULE=tests.settings $(BIN)/python -m django spectacular --validate --fail-on-warn --file docs/openapi.yaml

screenshots: env-dev
	@$(BIN)/python -m tools.screenshots

lighthouse: env-dev
	@$(BIN)/python -m tools.lighthouse $(if $(RUNS),--runs $(RUNS))

fuzz: env-dev
	@$(BIN)/python -m tests.torture.fuzz --cases $(or $(CASES),50000) $(if $(SEED),--seed $(SEED))

torture: env-dev
	@$(BIN)/python -m tests.torture.suite $(if $(ROWS),--rows $(ROWS)) $(if $(SEED),--seed $(SEED)) $(if $(SHORT),--short)

stack: env-dev
	@exec $(BIN)/python -m tools.stack

fmt: env-dev
	@$(BIN)/python -m ruff check --fix --quiet .; $(BIN)/python -m ruff format .

clean:
	rm -rf .venv node_modules htmlcov .coverage .coverage.* .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
