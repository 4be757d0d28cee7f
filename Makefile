# Short names for what people do every day. `make help` lists them.
.DEFAULT_GOAL := help
.PHONY: help check test fmt bench locks
PY := .venv/bin/python

help: ## show this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

check: .venv ## format, lint, types, arrows and the fast tests, in under two minutes
	.venv/bin/ruff format --check --quiet .
	.venv/bin/ruff check --quiet .
	.venv/bin/mypy
	.venv/bin/lint-imports --no-logo
	./test fast

test: ## everything, on both databases and in a real browser
	./test

fmt: .venv ## format and sort imports
	.venv/bin/ruff check --quiet --fix-only .
	.venv/bin/ruff format --quiet .

bench: .venv ## each question of benchmarks/ as a ratio against its named baseline
	@for script in benchmarks/[a-z]*.py; do $(PY) -m benchmarks.$$(basename $$script .py) || exit 1; done

locks: ## compile the two hashed locks again (needs uv)
	for name in requirements requirements-test; do uv pip compile --quiet --universal --python-version 3.11 \
	  --generate-hashes --no-header --no-emit-index-url --no-annotate --upgrade $$name.in -o $$name.lock || exit 1; done

.venv:
	bash -c 'source ./bootstrap.sh; need_python; need_venv requirements-test.lock'
