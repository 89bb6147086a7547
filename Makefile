# Everything runs on the Node 24 that npm brings (node_modules/.bin/node), whatever Node started npm.
export PATH := $(CURDIR)/node_modules/.bin:$(PATH)
NODE_FLAGS := --experimental-vm-modules --disable-warning=ExperimentalWarning
JEST := node $(NODE_FLAGS) node_modules/jest/bin/jest.js

# Tests start hundreds of processes: each finds what the ones before have compiled.
test unit lake-tests again kills test-engines: export NODE_COMPILE_CACHE := $(CURDIR)/build/compiled

.DEFAULT_GOAL := help
.PHONY: help demo test-demo test again check unit lake-tests test-engines test-readers test-browser test-airflow test-cloud test-kubernetes model kills bench format package manifests clean machine

help: ## List the targets, one line each
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

node_modules/.package-lock.json: package.json package-lock.json .npmrc
	@sh tools/prerequisites.sh node
	npm install --no-save --ignore-scripts --loglevel=error
	@touch $@

# What the machine must bring is told before anything is downloaded.
machine:
	@sh tools/prerequisites.sh

demo: machine node_modules/.package-lock.json ## Tell the whole story on a real lake here (TRINO=1, CLOUD=1: more of it; WAVES=4: shorter)
	@node demo/demo.ts

test-demo: machine node_modules/.package-lock.json ## The same in short, without anybody to ask; fails when a figure is wrong
	@WAVES=4 node demo/demo.ts < /dev/null

test: machine check ## Check, then run every test on real services that the tests start themselves
	@rm -rf build && mkdir -p build
	$(JEST) $(JEST_FLAGS) --selectProjects unit lake

check: node_modules/.package-lock.json ## Types, lint with the direction of imports, format, dead code
	tsc
	oxlint --type-aware --quiet
	oxfmt --check
	knip

unit: node_modules/.package-lock.json ## Only the tests that need no services
	$(JEST) --selectProjects unit

lake-tests: machine node_modules/.package-lock.json ## Only the tests on real services (T=pattern picks some)
	$(JEST) $(T) --selectProjects lake

again: machine node_modules/.package-lock.json ## Run some test files of make test by themselves (T=files)
	@mkdir -p build
	$(JEST) $(T) $(JEST_FLAGS) --selectProjects unit lake

test-engines: machine node_modules/.package-lock.json ## What Trino, Spark and Hive answer about tables that we made (slow; T=pattern)
	@sh tools/prerequisites.sh engines
	$(JEST) $(T) --selectProjects engines

kills: machine node_modules/.package-lock.json ## Kill triage and replay 200 times each, let every call meet every fault (slow)
	LAKEWARDEN_KILLS=200 LAKEWARDEN_RANDOM_LETTERS=100000 $(JEST) test/integrity/triage-counts-once test/integrity/replay-once \
		test/integrity/letters-count-once test/e2e/replay.test -t 'whoever is killed|every byte of' --verbose --selectProjects lake
	LAKEWARDEN_EVERY_FAULT=1 LAKEWARDEN_EVENTS=10000 $(JEST) test/integrity/every-call test/integrity/letters-every-call \
		test/integrity/killed-compaction test/integrity/killed-rewrite test/integrity/killed-leftovers test/integrity/overtaken-compaction \
		test/integrity/compaction-troubles test/integrity/full-quota test/integrity/killed-snapshot-sync test/integrity/killed-statistics \
		test/integrity/bursts test/property/parquet-deep-merge-hostile --verbose --selectProjects lake unit

model: ## Check the model of compaction's commit protocol, and that the checker finds each fault
	@sh tools/prerequisites.sh model
	@sh functions/partition-compaction/model/check.sh

test-readers: node_modules/.package-lock.json ## What pyarrow and DuckDB read in files that we merged (T=pattern)
	@sh tools/prerequisites.sh readers
	$(JEST) $(T) --selectProjects readers

test-cloud: node_modules/.package-lock.json ## What the scanner says of an emulator of AWS, through AWS's own SDK (T=pattern)
	@sh tools/prerequisites.sh readers
	$(JEST) $(T) --selectProjects cloud

test-airflow: machine node_modules/.package-lock.json ## The example DAG, run by a real Airflow before a real lake
	@sh tools/prerequisites.sh readers
	$(JEST) --selectProjects airflow

test-browser: node_modules/.package-lock.json ## What Chromium shows of the pages that reports make (T=pattern)
	@sh tools/prerequisites.sh browser
	$(JEST) $(T) --selectProjects browser

test-kubernetes: node_modules/.package-lock.json ## What a real API server and Knative's own code say of our work (T=pattern)
	@sh tools/prerequisites.sh kubernetes
	$(JEST) $(T) $(JEST_FLAGS) --selectProjects kubernetes

bench: machine node_modules/.package-lock.json ## Measure against peers on real services (B=name picks one, B=all has the long ones, too, B=page only draws anew)
	@sh tools/prerequisites.sh engines
	@node bench/bench.ts $(B)

format: node_modules/.package-lock.json ## Format the source
	oxfmt

package: node_modules/.package-lock.json ## Bundle each function into its own folder, and the command line for npm
	node tools/package.ts
	node tools/package-action.ts

manifests: node_modules/.package-lock.json ## Render an overlay into build/lakewarden.yaml, one file to install (O=production)
	@sh tools/prerequisites.sh kubernetes
	@node tools/render-manifests.ts $(O)

clean: ## Remove what was built; keeps data of lakes and downloads
	rm -rf build functions/*/dist
