# KoNote. `make help` lists what there is.
SHELL := /bin/bash
.DEFAULT_GOAL := help
tools := $(CURDIR)/.konote/tools
export PATH := $(PATH):$(tools)/bin
TEST_TIMEOUT ?= 25m
# The race detector needs a C compiler; a machine where none can be installed tests without.
race = $(if $(shell command -v gcc || command -v cc),-race)

.PHONY: help
help: ## List the commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-14s %s\n", $$1, $$2}'

.PHONY: demo
demo: bin/konote ## Two agencies with invented people on http://northside.localhost:8080
	@bin/konote demo

.PHONY: demo-reset
demo-reset: bin/konote ## Forget the demo's databases, keys and accounts
	@bin/konote demo reset

.PHONY: test
test: browser assets ## Install what is needed, then run every test
	scripts/check
	go test $(race) -shuffle=on -timeout $(TEST_TIMEOUT) ./...

.PHONY: check
check: assets ## Format, vet, staticcheck, generated code up to date, architecture
	scripts/check

.PHONY: bench
bench: install assets ## Speed as ratios against a floor measured in the same run
	go run ./app/bench

.PHONY: screenshots
screenshots: browser bin/konote ## Pictures of the pages: widths, themes, languages (screenshots/)
	go run ./app/apptest/screenshots

.PHONY: assets
assets: install ## Bundle the browser assets into app/view/dist
	@go run ./app/view/build

.PHONY: generate
generate: ## Make the generated Go code anew: pages and messages
	go generate ./app/i18n
	go tool templ generate -path ./app -log-level error

.PHONY: build
build: bin/konote ## Build bin/konote with its assets

.PHONY: install browser
install:
	@scripts/install
browser:
	@scripts/install browser

bin/konote: install assets $(shell find app tenancy keyring jobs embedded migrations -name '*.go' -o -name '*.sql' -o -name '*.txt' 2>/dev/null) go.mod
	@mkdir -p bin
	@echo "· building bin/konote"
	@go build -o $@ ./app
