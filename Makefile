# `make` lists what can be done. Everything runs in .venv, which the first target that needs it sets up from
# requirements.lock; python3 (3.11 or newer) and make are all that must be there.
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help setup demo test check docs picture lock bench calibrate clean

PYTHON ?= python3
BIN := .venv/bin
READY := .venv/coterie.ready
PIP := $(BIN)/python -m pip --disable-pip-version-check
COMPILE := pip compile pyproject.toml --extra dev --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-annotate --no-header --quiet

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(READY) ## make .venv with the locked libraries and this package (others do it when needed)

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Coterie needs Python 3.11 or newer; name one: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv || \
		{ rm -rf .venv; echo "python3 cannot make a venv; on Debian and Ubuntu: apt-get install python3-venv"; exit 1; }
	@echo "Setting up .venv ..."
	@$(PIP) install --quiet --require-hashes -r requirements.lock
	@$(PIP) install --quiet --no-deps --no-build-isolation -e .
	@touch $@

demo: $(READY) ## make a sample shop, segment it, write the report; the last line is its path
	@$(BIN)/coterie demo

test: $(READY) ## run all tests, in random order
	$(BIN)/python -m pytest --numprocesses auto --dist loadfile

check: $(READY) ## the strict gate: format, lint, types, layers, docs
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python -m pytest --quiet -m "not runs" tests/test_layers.py tests/test_lock.py tests/test_docs.py

docs: $(READY) ## write the parts of docs/ that are read from the code
	$(BIN)/python docs/write.py

picture: $(READY) ## take the pictures in README and docs anew (needs Chromium)
	$(BIN)/python docs/picture.py
	$(BIN)/python docs/evidence_pictures.py
	$(BIN)/python docs/dashboard_pictures.py

lock: $(READY) ## write requirements.lock again, with newer versions where pyproject.toml allows them
	@$(PIP) install --quiet uv
	$(BIN)/python -m uv $(COMPILE) --upgrade --output-file requirements.lock

bench: $(READY) ## measure time and memory against the plain way
	$(BIN)/python benchmarks/main_job.py --write

calibrate: $(READY) ## measure how often the evidence is wrong, and write the table (an hour; it can be interrupted)
	OPENBLAS_NUM_THREADS=1 $(BIN)/python benchmarks/calibrate.py

clean: ## remove .venv and everything that tools and demo have made
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .hypothesis build dist coterie-demo
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
