# Everything a newcomer needs: `make demo` and `make test`. Both make .venv by themselves.
# The first that is new enough; a name on PATH may be a shim with nothing behind it, so each is run.
PYTHON ?= $(or $(shell for python in python3 python3.13 python3.12 python3.11; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && break; done),python3)
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

# One more than there are processors: some tests wait for a real terraform.
WORKERS ?= $(shell echo $$(( $$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2) + 1 )))

.DEFAULT_GOAL := help
.PHONY: help demo loop-demo test coverage long plan lint workflows format bench constraints clean

help: ## Show the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1\t\2/p' $(MAKEFILE_LIST) | expand -t 14

$(STAMP): pyproject.toml constraints/dev.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "iacfix needs Python 3.11 or later: make PYTHON=/path/to/python3.11"; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' || \
		{ echo "this Python has no venv module: install it (Debian and Ubuntu: apt install python3-venv)"; exit 1; }
	$(PYTHON) -m venv --clear $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r constraints/dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

demo: $(STAMP) ## Fix real findings in a small repository and open the pull requests
	@PATH="$(CURDIR)/$(BIN):$$PATH" scripts/demo.sh

loop-demo: $(STAMP) ## The whole way of findings: deployed, found, fixed, merged, deployed, verified, closed
	@PATH="$(CURDIR)/$(BIN):$$PATH" iacfix loop demo

test: lint ## Lint, check types and run the tests, in less than 15 minutes on two processors
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadgroup -m "not plan and not long"

coverage: $(STAMP) ## Run the tests once more, traced: three times as long, fails below 90 %
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadgroup -m "not plan and not long" --cov --cov-report=term

plan: $(STAMP) ## Hold the catalogue to the real provider: its schemas, every case, a plan of every fix (minutes)
	$(BIN)/python -m pytest -m plan

long: $(STAMP) ## Run the tests that take longest: ten processes at once, workers that are killed, a real estate (minutes)
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadgroup -m long

lint: workflows ## Check style, types and workflows
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

workflows: $(STAMP) ## Check the workflows with zizmor and, where it is, actionlint
	@BIN=$(BIN) scripts/workflows.sh

format: $(STAMP) ## Put the code in order
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(STAMP) ## Measure times as ratios, on a generated repository
	$(BIN)/python -m benchmarks.index
	$(BIN)/python -m benchmarks.fixing
	$(BIN)/python -m benchmarks.prompt_size

constraints: ## Pin the newest versions of everything, with hashes
	PYTHON=$(PYTHON) scripts/lock.sh

clean: ## Remove what the other targets made
	rm -rf $(VENV) .demo .mypy_cache .pytest_cache .ruff_cache .hypothesis .coverage .coverage.*
