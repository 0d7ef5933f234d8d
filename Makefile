PYTHONS := python3 python3.11 python3.12 python3.13 python3.14
RIGHT := -c 'import sys; sys.exit(sys.version_info < (3, 11))'
PYTHON ?= $(shell for p in $(PYTHONS); do $$p $(RIGHT) 2>/dev/null && echo $$p && break; done)
BIN := .venv/bin
STAMP := .venv/.installed

.PHONY: setup run test check lint types words plans bench

setup: $(STAMP)

$(STAMP): pyproject.toml
	@test -n "$(PYTHON)" && $(PYTHON) $(RIGHT) || { echo "Đôn Đốc needs Python 3.11 or newer:\
	 install it, or name it: make PYTHON=/path/to/python3.11 $(MAKECMDGOALS)" >&2; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[test]'
	touch $(STAMP)

run: setup
	$(BIN)/dondoc run

test: setup
	$(BIN)/pytest

check: lint types words plans test

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: setup
	$(BIN)/mypy
	$(BIN)/mypy scripts

words: setup
	$(BIN)/python -m scripts.catalogues

plans: setup
	$(BIN)/dondoc check

bench: setup
	$(BIN)/python -m tests.bench
