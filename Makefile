# Everything a person types here. Works with GNU make 3.81, the one macOS ships.

.PHONY: help setup demo hotkey test bench lint lock rebuild-llm clean

# The first Python that Heisenberg runs on; `make setup PYTHON=python3.12` chooses another.
PYTHON := $(shell for python in $(PYTHON) python3 python3.13 python3.12 python3.11; do \
	$$python -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null \
	&& echo $$python && break; done)

help:
	@echo "make demo         set everything up, then answer one spoken question"
	@echo "make test         set everything up, then run every check"
	@echo "make bench        measure what docs/bench.json lacks (hours); AGAIN=voice repeats a row"
	@echo "make setup        what both do first: .venv, dependencies, model files"
	@echo "make hotkey       add what a push-to-talk key of Heisenberg's own needs"
	@echo "make lint         ruff, mypy and the import rules alone"
	@echo "make lock         resolve the dependencies anew into requirements.lock"
	@echo "make rebuild-llm  build the language model engine for the plainest processor"
	@echo "make clean        remove .venv and caches; model files stay"

setup: python
	@$(PYTHON) -m scripts.setup

demo: setup
	@.venv/bin/heisenberg demo

hotkey: setup install-hotkey

.PHONY: install-hotkey
install-hotkey:
	@.venv/bin/python -m pip install --quiet --require-hashes --requirement requirements-hotkey.lock \
		|| { echo "The key needs a C compiler and Python's headers to be built." \
		"Debian: sudo apt install gcc python3-dev"; exit 1; }

test: python
	@$(PYTHON) -m scripts.setup --profile default --profile tiny
	@$(MAKE) --no-print-directory install-hotkey
	@$(MAKE) --no-print-directory lint
	.venv/bin/python -m pytest

bench: python
	@$(PYTHON) -m scripts.setup --profile default --profile tiny
	@.venv/bin/heisenberg bench all $(addprefix --only ,$(ONLY)) $(addprefix --again ,$(AGAIN)); \
		measured=$$?; .venv/bin/python -m scripts.bench_tables && exit $$measured

lint:
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/lint-imports

lock: python
	@test -x build/lock/bin/uv || \
		{ $(PYTHON) -m venv build/lock && build/lock/bin/pip install --quiet uv; }
	build/lock/bin/uv pip compile pyproject.toml --extra dev --universal \
		--python-version 3.11 --generate-hashes --no-emit-index-url --quiet \
		--custom-compile-command "make lock" --output-file requirements.lock
	$(PYTHON) -c 'import tomllib; print("\n".join(tomllib.load(open("pyproject.toml", "rb"))["project"]["optional-dependencies"]["hotkey"]))' > build/lock/hotkey.in
	build/lock/bin/uv pip compile build/lock/hotkey.in --universal \
		--python-version 3.11 --generate-hashes --no-emit-index-url --quiet \
		--custom-compile-command "make lock" --output-file requirements-hotkey.lock

rebuild-llm: python
	@$(PYTHON) -m scripts.setup --rebuild-llm

clean:
	rm -rf .venv build dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find heisenberg scripts tests -name __pycache__ -type d -prune -exec rm -rf {} +

.PHONY: python
python:
	@test -n "$(PYTHON)" || { echo "Heisenberg needs Python 3.11, 3.12 or 3.13, and none is here." \
		"Debian: sudo apt install python3; macOS: brew install python@3.13"; exit 1; }
