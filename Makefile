# Two commands matter: `make demo` and `make test`. Both first install what they need into .venv, if the lock changed.
# PYTHON=…  the Python (3.11 or later) for .venv     PORT=…  the demo's port     ARGS=…  further arguments for pytest
# SIZE=…  size of the benchmarks' data: S, M (the default) or L
#
# After a change of dependencies in pyproject.toml:  make lock

SHELL := /bin/sh
VENV := .venv
PORT ?= 8000
PYTHON ?= $(shell command -v python3.11 || command -v python3)
RUN := $(VENV)/bin/python -m tools.embedded
INSTALLED := $(VENV)/.sunlight-installed
# A linked .venv belongs to somebody else and is used as it is.
LINKED := $(shell test -L $(VENV) && echo yes)
# The tests' servers keep their data, with the migrated template database, for the next run; in CI they do not.
KEEP := $(if $(CI),,--keep)
TESTS := $(RUN) run --tests --in-memory $(KEEP)
# Without bytecode each worker compiles every test again: 14 s per run.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help demo test walls kills faces drill fuzz bench messages picture check fix setup assets lock clean

help:
	@echo "make demo    start the platform with demo data on http://127.0.0.1:$(PORT)/"
	@echo "make test    the test suite, with samples (CONTRIBUTING.md)     make check   style, layers, migrations"
	@echo "make walls   every route, method and role, foreign ids in bodies, plans; also without the ORM's filters"
	@echo "make kills   web process, workers and nightly run killed in the middle"
	@echo "make faces   every page in a real browser: axe, passkeys, the main paths by keyboard, the bargaining sheet"
	@echo "make bench   the benchmarks (SIZE=S quick, M, L)     make fix     format"
	@echo "make messages  the English texts: extract, compile, list what is missing"
	@echo "make picture  redraw docs/picture.png"
	@echo "make drill   the slow tests: fuzz, floods, a million rows      make fuzz   schemathesis alone, some minutes"
	@echo "make clean   stop the servers; delete data, assets, caches and .venv"

demo: setup assets
	@exec $(RUN) demo --port $(PORT)

test: setup assets
	@exec $(TESTS) -- $(VENV)/bin/python -m pytest -n 2 $(ARGS)

# Every question of the route matrix, of which `make test` asks one in sixteen, with the ORM's filters on and off; the plans of
# the walls.
walls: setup assets
	@SUNLIGHT_ALL_ROUTES=1 exec $(TESTS) -- $(VENV)/bin/python -m pytest -n 2 --dist load -m "walls or not drill" \
		$(ARGS) tests/security/test_routes.py tests/security/test_inner.py tests/security/test_bodies.py tests/security/test_plans.py tests/security/test_hostile.py tests/web/test_language.py tests/web/test_lists.py \
		tests/api/test_typed_alike.py tests/procurement/test_typed_alike.py tests/settlement/test_typed_alike.py \
		tests/scope/test_oneself.py tests/settlement/test_one_human.py

# Web process, workers and a nightly run killed in the middle; fifty at once with one key.
kills: setup assets
	@exec $(TESTS) -- $(VENV)/bin/python -m pytest -n 2 -m kills $(ARGS)

faces: setup assets
	@exec $(TESTS) -- $(VENV)/bin/python -m pytest -n 2 -m faces $(ARGS) tests/e2e

drill: setup assets
	@exec $(RUN) run --state-dir .sunlight/drill -- $(VENV)/bin/python -m pytest -n 0 -m drill $(ARGS)

fuzz: setup assets
	@exec $(TESTS) -- $(VENV)/bin/python -m pytest -n 0 -m drill tests/api/test_fuzz_drill.py -s $(ARGS)

bench: setup assets
	@exec $(RUN) run --state-dir .sunlight/bench -- $(VENV)/bin/python bench $(SIZE)

# The README's picture, from the demonstration as it stands on a fixed day.
picture: setup assets
	@exec $(TESTS) -- $(VENV)/bin/python -m tools.picture

# Updates and compiles the English catalogue; fails while a text has no English.
messages: setup
	@$(VENV)/bin/python -m tools.messages

check: setup
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/lint-imports
	$(TESTS) -- $(VENV)/bin/python manage.py makemigrations --check --dry-run
	SUNLIGHT_HTTPS=1 SUNLIGHT_SECRET_KEY=$$(head -c 48 /dev/urandom | base64) $(TESTS) -- \
	    $(VENV)/bin/python manage.py check --deploy --fail-level WARNING

fix: setup
	$(VENV)/bin/ruff format .
	$(VENV)/bin/ruff check --fix .

ifeq ($(LINKED),yes)
setup:
else
setup: $(INSTALLED)
endif

# uv installs the lock in a tenth of pip's time. pip installs uv, pinned and checked by the same lock, and takes over if uv
# fails (for instance with an index that only pip's configuration knows).
$(INSTALLED): requirements-dev.lock
	@test -n "$(PYTHON)" && $(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	    || { echo "Sunlight needs Python 3.11 or later: make PYTHON=/path/to/python3.11"; exit 1; }
	@test -x $(VENV)/bin/pip || $(PYTHON) -m venv --clear $(VENV) \
	    || { echo "Python's venv module is missing: apt-get install python3-venv"; rm -rf $(VENV); exit 1; }
	@echo "installing the packages of requirements-dev.lock into $(VENV)"
	@awk '/^uv==/ { on = 1 } on { print } on && !/\\$$/ { exit }' requirements-dev.lock > $(VENV)/uv.lock
	@$(VENV)/bin/pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r $(VENV)/uv.lock
	@$(VENV)/bin/uv pip install --quiet --python $(VENV)/bin/python --require-hashes --no-deps -r requirements-dev.lock \
	    || $(VENV)/bin/pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements-dev.lock
	@touch $@

assets: setup
	@$(VENV)/bin/python -m tools.embedded.assets

lock: setup
	$(VENV)/bin/uv pip compile --quiet --universal --generate-hashes --python-version 3.11 --no-header \
	    --extra embedded pyproject.toml -o requirements.lock
	$(VENV)/bin/uv pip compile --quiet --universal --generate-hashes --python-version 3.11 --no-header \
	    --extra embedded --extra dev pyproject.toml -o requirements-dev.lock

clean:
	@if test -x $(VENV)/bin/python; then \
	    for state in .sunlight .sunlight/tests .sunlight/drill .sunlight/bench; do $(RUN) stop --state-dir $$state; $(RUN) clean --state-dir $$state; done; fi
	rm -rf .sunlight node_modules sunlight/web/static/vendor staticfiles screenshots .pytest_cache .ruff_cache .import_linter_cache .hypothesis
	@test -L $(VENV) || rm -rf $(VENV)
