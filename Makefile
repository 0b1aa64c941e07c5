# `make demo` and `make test` do all set-up by themselves; they need Python 3.11+, make and git.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
OPENAPI ?= ../shared/openapi/management-api.json
BIN := .venv/bin

.PHONY: demo test lint types check-generated unit generate bench lock clean

demo: .venv/ready  ## a tour of the client against a transport
	$(BIN)/python -m examples.tour

test: lint types check-generated unit  ## every check and every test

lint: .venv/ready
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types: .venv/ready
	$(BIN)/mypy
	$(BIN)/pyright

check-generated: .venv/ready  ## that the generated code is what the contract gives
	@if [ -f "$(OPENAPI)" ]; then $(BIN)/python -m tools.generate --openapi "$(OPENAPI)" --check; \
	else echo "generated code not checked: $(OPENAPI) is not at hand"; fi

unit: .venv/ready
	$(BIN)/python -m pytest -n 2

generate: .venv/ready  ## make generate OPENAPI=path
	$(BIN)/python -m tools.generate --openapi "$(OPENAPI)"

bench: .venv/ready  ## the client beside the vendor's SDK and bare httpx
	$(BIN)/python -m tests.bench.client

lock: .venv/ready  ## choose new versions of the development dependencies
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--no-annotate --custom-compile-command "make lock" --extra testing --group dev -U pyproject.toml -o requirements.lock

.venv/ready: requirements.lock pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps -e .
	touch $@

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis dist
