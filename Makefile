# `make demo` and `make test` do all set-up by themselves; they need Python 3.11+, make and git.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
OPENAPI ?= ../shared/openapi/management-api.json
RECORDINGS ?= ../shared/recordings
BIN := .venv/bin
PYTEST := $(BIN)/python -m pytest -n 2
CALLED := .pytest_cache/called.json

.PHONY: demo test lint types check-generated unit contract check-evidence verify mutations \
	machines fuzz \
	generate cassettes evidence bench lock clean

demo: .venv/ready  ## a tour of the client and the fake tenant
	$(BIN)/python -m examples.tour

test: lint types check-generated unit contract check-evidence  ## every check and every test

lint: .venv/ready
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types: .venv/ready
	$(BIN)/mypy
	$(BIN)/pyright

check-generated: .venv/ready  ## that the generated code is what the contract gives
	@if [ -f "$(OPENAPI)" ]; then $(BIN)/python -m tools.generate --openapi "$(OPENAPI)" --check; \
	else echo "generated code not checked: $(OPENAPI) is not at hand"; fi

unit: .venv/ready  ## all tests, those of the contract suite on the fake
	@mkdir -p $(dir $(CALLED))
	$(PYTEST) --auth0-operations=$(CALLED)

contract: .venv/ready  ## the contract suite on the fake behind HTTP, and on cassettes
	$(PYTEST) -q tests/contract --auth0=server
	$(PYTEST) -q tests/contract --auth0=cassette

check-evidence: .venv/ready  ## that the published evidence is what the last run of all tests gives
	$(BIN)/python -m tools.evidence --called $(CALLED) --recordings $(RECORDINGS) --check

verify: .venv/ready  ## replay the recordings of live tenants on the fake
	$(BIN)/auth0-fake verify $(RECORDINGS)

mutations: .venv/ready  ## break the fake in many ways: the contract suite has to notice each
	$(BIN)/python -m tools.mutations --recordings $(RECORDINGS)

machines: .venv/ready  ## 100 000 random calls, compared with a model of the tenant
	$(BIN)/python -m tools.machines

fuzz: .venv/ready  ## drawn requests of every operation: no 5xx, no undeclared response
	$(BIN)/python -m tools.fuzz

evidence: unit  ## write docs/evidence.md and docs/evidence.json
	$(BIN)/python -m tools.evidence --called $(CALLED) --recordings $(RECORDINGS)

cassettes: .venv/ready  ## record the contract suite's cassettes anew, from the fake's server
	$(PYTEST) -q tests/contract --auth0=record
	$(BIN)/auth0-fake cassettes check

# OPENAPI may also be the document that the vendor publishes with its API reference
# (https://auth0.com/docs/api/management/v2), unchanged: tools/generate/supplement.json adds the rest.
generate: .venv/ready  ## make generate OPENAPI=path
	$(BIN)/python -m tools.generate --openapi "$(OPENAPI)"

bench: .venv/ready  ## the client beside the vendor's SDK and bare httpx, the fake beside mocks
	$(BIN)/python -m tests.bench.client
	$(BIN)/python -m tests.bench.fake

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
