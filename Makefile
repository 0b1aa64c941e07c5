# `make demo` and `make test` do all set-up by themselves; they need Python 3.11+, make and git.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
OPENAPI ?= ../shared/openapi/management-api.json
RECORDINGS ?= ../shared/recordings
BIN := .venv/bin
PYTEST := $(BIN)/python -m pytest -n 2
CALLED := .pytest_cache/called.json

.DEFAULT_GOAL := help
# What `make api-check` compares with: the last release.
AGAINST ?= $(shell git describe --tags --abbrev=0 --match 'v[0-9]*' 2>/dev/null)

.PHONY: help demo serve test proof lint types check-generated unit vendors containers contract check-evidence shapes verify faults mutations \
	machines chaos fuzz generate cassettes evidence bench lock clean docs coverage api-check wheel-test pythons drift

help:  ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: .venv/ready  ## serve a tenant with demo data, and tour it over HTTPS
	$(BIN)/python -m examples.tour

serve: .venv/ready  ## a server with demo data, and its inspector: make serve SERVE="--port 9000 --tls"
	$(BIN)/auth0-fake serve --load examples/demo.yaml --tenant acme --open $(SERVE)

test: lint types check-generated unit vendors docs proof  ## lint, types, generated code, all tests, the site, proof

proof: contract check-evidence faults  ## the contract suite on the server and on cassettes, evidence, faults

lint: .venv/ready  ## formatting and lint
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types: .venv/ready  ## mypy and pyright, strictly: all code, the blocks of the docs, the example project
	$(BIN)/mypy
	$(BIN)/pyright
	$(BIN)/python -m pytest -q tests/docs/test_types.py

check-generated: .venv/ready  ## that the generated code is what the contract gives
	@if [ -f "$(OPENAPI)" ]; then $(BIN)/python -m tools.generate --openapi "$(OPENAPI)" --check; \
	else echo "generated code not checked: $(OPENAPI) is not at hand"; fi

unit: .venv/ready  ## all tests, those of the contract suite on the fake
	@mkdir -p $(dir $(CALLED))
	$(PYTEST) --ignore=tests/vendors --auth0-operations=$(CALLED)

NODE_MODULES := tests/vendors/node_modules/.ready

vendors: .venv/ready $(NODE_MODULES)  ## the vendor's own tools, unmodified, on a served tenant
	$(BIN)/python -m pytest -q -n 3 tests/vendors

$(NODE_MODULES): tests/vendors/package-lock.json
	@if ! command -v npm >/dev/null; then echo "npm is not installed: the vendor's tools for node are not run"; \
	elif npm ci --silent --ignore-scripts --prefix tests/vendors; then touch $@; \
	else echo "npm ci failed: the vendor's tools for node are not run"; rm -rf tests/vendors/node_modules; fi

# How the image is built: make containers BUILD="--network host"
BUILD ?=

containers: .venv/ready  ## build the Docker image, and test it and the Testcontainers module
	docker build $(BUILD) -t auth0-fake .
	$(BIN)/python -m pytest -q tests/containers

contract: .venv/ready  ## the contract suite on the fake behind HTTP, and on cassettes
	$(PYTEST) -q tests/contract --auth0=server --response-shapes=whole
	$(PYTEST) -q tests/contract --auth0=cassette

check-evidence: .venv/ready  ## that the published evidence is what the last run of all tests gives
	$(BIN)/python -m tools.evidence --called $(CALLED) --recordings $(RECORDINGS) --check
	@if [ -d "$(RECORDINGS)" ]; then $(BIN)/python -m tools.deviations "$(RECORDINGS)" --check; \
	else echo "deviations not counted: $(RECORDINGS) is not at hand"; fi

shapes: .venv/ready  ## note the members of the responses that the contract suite sees
	$(PYTEST) -q tests/contract --response-shapes=write
	git diff --stat tests/contract/response_shapes.txt

verify: .venv/ready  ## replay the recordings of live tenants on the fake
	$(BIN)/auth0-fake verify $(RECORDINGS)

faults: .venv/ready  ## faulty responses of operations of every kind: a test has to notice each
	$(BIN)/python -m tools.mutations --responses --sample --called $(CALLED)

mutations: .venv/ready  ## the same for all operations, and faults of every part (20 minutes)
	$(BIN)/python -m tools.mutations --recordings $(RECORDINGS)
	$(BIN)/python -m tools.mutations --responses --called $(CALLED)

machines: .venv/ready  ## 100 000 random calls, compared with a model of the tenant
	$(BIN)/python -m tools.machines

chaos: .venv/ready  ## 10 000 faults of a server: no untyped error, no write done twice, no call that hangs
	$(BIN)/python -m tools.chaos

fuzz: .venv/ready  ## drawn requests of every operation, and of log-ins: no 5xx, no undeclared response
	$(BIN)/python -m tools.fuzz
	$(BIN)/python -m tools.fuzz.login

evidence: .venv/ready  ## write docs/evidence.md and docs/evidence.json
	$(PYTEST) -q tests/contract tests/sdk tests/properties --auth0-operations=$(CALLED)
	$(BIN)/python -m tools.evidence --called $(CALLED) --recordings $(RECORDINGS)

cassettes: .venv/ready  ## record the contract suite's cassettes again, from the fake's server
	$(PYTEST) -q tests/contract --auth0=record
	$(BIN)/auth0-fake cassettes check

# OPENAPI may also be the document that the vendor publishes with its API reference
# (https://auth0.com/docs/api/management/v2), unchanged: tools/generate/supplement.json adds the rest.
generate: .venv/ready  ## make generate OPENAPI=path
	$(BIN)/python -m tools.generate --openapi "$(OPENAPI)"

drift: .venv/ready  ## what the vendor's newest packages have that the contract lacks (needs npm)
	$(BIN)/python -m tools.drift $(DRIFT)

bench: .venv/ready .venv-moto/ready  ## the client beside the vendor's SDK, the fake beside mocks, the server beside moto
	$(BIN)/python -m tests.bench.client
	$(BIN)/python -m tests.bench.fake
	$(BIN)/python -m tests.bench.login
	$(BIN)/python -m tests.bench.server --moto .venv-moto/bin/python

.venv-moto/ready:
	$(PYTHON) -m venv .venv-moto
	.venv-moto/bin/python -m pip install --quiet 'moto[server]==5.2.5'
	touch $@

docs: .venv/ready  ## build the documentation into site/, strictly
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --quiet --strict

coverage: .venv/ready  ## run all tests and show which lines none of them runs (htmlcov/)
	$(BIN)/coverage erase
	$(BIN)/coverage run -m pytest -q -n 2
	$(BIN)/coverage combine -q
	$(BIN)/coverage html -q
	$(BIN)/coverage report --skip-covered --sort=miss

api-check: .venv/ready  ## compare the public API with the last release: make api-check AGAINST=v1.0.0
	$(BIN)/python -m tools.api_check $(AGAINST)

wheel-test: .venv/ready  ## build the wheel and run all tests on it, installed in a fresh environment
	$(BIN)/python -m tools.wheel_test --all-tests

pythons: .venv/ready  ## a few tests on the wheel, with every supported Python that is installed
	$(BIN)/python -m tools.wheel_test --every-python

lock: .venv/ready  ## choose new versions of the development dependencies
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--no-annotate --custom-compile-command "make lock" --extra testing --group dev -U pyproject.toml -o requirements.lock

.venv/ready: requirements.lock pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps -e .
	touch $@

clean:  ## remove everything that make and the tools have written
	rm -rf .venv .venv-moto .mypy_cache .ruff_cache .pytest_cache .hypothesis dist site htmlcov .coverage .coverage.*
