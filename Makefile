PY := .venv/bin
export UV_COMPILE_BYTECODE := 1

.PHONY: run test lint setup
.DEFAULT_GOAL := run

# uv is fetched by pip into the environment itself: a machine needs Python and make, nothing else.
.venv/ready: pyproject.toml uv.lock
	test -x $(PY)/python || python3 -m venv .venv
	$(PY)/python -m pip install --quiet --disable-pip-version-check "uv>=0.9,<1"
	$(PY)/uv sync --frozen --quiet --inexact $(GROUPS)
	touch $@

setup: .venv/ready

run: GROUPS := --no-dev
run: setup
	$(PY)/lms db upgrade
	$(PY)/lms courses publish
	$(PY)/lms demo
	exec $(PY)/lms serve

test: .venv/ready-to-test lint
	$(PY)/python -m tests.browser
	$(PY)/pytest -n 2 --dist loadgroup

.venv/ready-to-test: .venv/ready
	$(PY)/uv sync --frozen --quiet --inexact
	touch $@

lint: .venv/ready-to-test
	$(PY)/ruff check .
	$(PY)/ruff format --check .
	$(PY)/mypy
