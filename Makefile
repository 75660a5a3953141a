# Names of commands, nothing more: what they do stands in tools/.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: run build test lint generate assets screenshots bench clean help

run: ## the demo city on SQLite at http://127.0.0.1:8080 (builds and fills what is missing)
	@bash tools/setup run && exec bash tools/run

build: ## bin/juli, a static binary
	@bash tools/setup go && bash tools/build

test: ## everything: both engines, race detector, browser, lint, supply chain
	@bash tools/setup test && exec go run ./tools/suite

lint: ## formatting, linters, generated code
	@bash tools/setup go && exec go run ./tools/suite lint generated

generate: ## templ components to Go
	@go tool templ generate -path internal

assets: ## browser scripts and styles from npm, by lock file
	@bash tools/setup node && bash tools/bundle

screenshots: ## docs/img, photographed from the running demo
	@bash tools/setup test && exec go run ./tools/suite screenshots

bench: ## Go benchmarks and juli bench
	@bash tools/setup go && exec go run ./tools/suite bench

clean: ## removes what was built; the demo city in data/ stays
	@bash tools/pg stop && rm -rf bin .cache

help: ## this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'
