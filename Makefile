# Everything a newcomer needs. `make` alone says what there is.
SWIFT ?= swift
PREFIX ?= /usr/local
SHELL := /bin/sh

debug = .build/debug/reconcile
release = .build/release/reconcile
share = $(DESTDIR)$(PREFIX)/share
# These start engines, balancers or many processes each, so they run after the others, not beside them.
with_servers = ^(SSHDriverTests|TrafficTests)\.|^EndToEndTests\.SSH
with_engines = ^ContainerDriverTests\.|^EndToEndTests\.Container
with_parts = $(with_servers)|$(with_engines)
end_to_end = ^EndToEndTests\.

.PHONY: help setup build test demo demo-containers demo-ssh bench bench-git bench-containers bench-ssh image torture lint reference install install-pages clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-16s %s\n", $$1, $$2 }' Makefile

setup: ## install the packages that are missing (apt-get; asks sudo when you are not root)
	@scripts/setup.sh build test

build: ## the release binary, .build/release/reconcile
	@scripts/setup.sh build
	$(SWIFT) build -c release --static-swift-stdlib --product reconcile

test: ## set up, build and run every test
	@scripts/setup.sh build test
	$(SWIFT) build --build-tests
	$(SWIFT) test --skip-build --disable-xctest --skip '$(end_to_end)' --skip '$(with_parts)'
	$(SWIFT) test --skip-build --disable-xctest --filter '$(with_servers)'
	$(SWIFT) test --skip-build --disable-xctest --filter '$(with_engines)'
	$(SWIFT) test --skip-build --disable-xctest --filter '$(end_to_end)' --skip '$(with_parts)'

# A debug build: half the wait on a fresh machine, and the tests go on from it.
demo: ## set up, build and play the main job on the example in manifests/
	@scripts/setup.sh build
	$(SWIFT) build --product reconcile
	@scripts/demo.sh $(debug)

demo-containers: ## the same for containers: canaries on a container engine behind HAProxy (needs root, or an engine that answers)
	@scripts/setup.sh build demo-containers
	$(SWIFT) build --product reconcile
	@scripts/engine.sh --share scripts/demo_containers.sh $(debug)

demo-ssh: ## the same for hosts: ten sshd on loopback, releases that roll over them, one that fails, one host that is down
	@scripts/setup.sh build demo-ssh
	$(SWIFT) build --product reconcile
	@scripts/demo_ssh.sh $(debug)

bench: ## measure against the floors and write docs/benchmarks.md (ONLY=NAME for one line, RUNS=N)
	@scripts/setup.sh build bench
	$(SWIFT) build -c release --static-swift-stdlib --product reconcile
	@python3 -B scripts/bench.py $(release)

bench-git: ## the same for fetching, against the git command (OBJECTS=N, SOURCES=N, SECONDS=N for other sizes)
	@scripts/setup.sh build bench-git
	$(SWIFT) build -c release --static-swift-stdlib --product reconcile
	@python3 -B scripts/bench_git.py $(release)

bench-containers: ## the same for containers, against the engine's API, docker-compose and stack deploy (needs root)
	@scripts/setup.sh build bench-containers
	$(SWIFT) build -c release --static-swift-stdlib --product reconcile
	@scripts/engine.sh python3 -B scripts/bench_containers.py $(release)

bench-ssh: ## the same for hosts, against raw ssh, pyinfra and ansible-core (HOSTS=N, MANY=N for other sizes; needs root)
	@scripts/setup.sh build bench-ssh
	@scripts/peers.sh .build/peers
	$(SWIFT) build -c release --static-swift-stdlib --product reconcile
	@PEERS=$(CURDIR)/.build/peers scripts/fleet.sh python3 -B scripts/bench_ssh.py $(release)

image: ## build the Dockerfile, and try the image on a container engine (needs root, or an engine that answers)
	@scripts/setup.sh build image
	@scripts/engine.sh --share --outside scripts/image.sh

torture: ## 1,000 random instants of kill -9 (RECONCILE_TORTURE=N for another number)
	@scripts/setup.sh build test
	@scripts/torture.sh

lint: ## format and shell rules
	$(SWIFT) format lint --strict --recursive --parallel Package.swift Sources Tests
	@for script in .ci/run hooks/p*-receive scripts/*.sh manifests/site/*.sh docs/examples/sh/*; do bash -n "$$script" || exit 1; done
	@if command -v shellcheck >/dev/null; then shellcheck .ci/run hooks/p*-receive scripts/*.sh manifests/site/*.sh docs/examples/sh/*; \
	else echo "shellcheck is not installed: shell scripts were only parsed"; fi

reference: ## make manual, completions, schemas and reference pages from the program anew
	@scripts/setup.sh build test
	$(SWIFT) build --build-tests
	RECONCILE_RENEW_DOCS=1 $(SWIFT) test --skip-build --disable-xctest --filter 'CurrentTests|ReferenceTests'

install: build install-pages ## install program, manual and completions under PREFIX (default /usr/local; DESTDIR works)
	install -D -s -m 755 $(release) "$(DESTDIR)$(PREFIX)/bin/reconcile"

install-pages:
	install -d "$(share)/man/man1" "$(share)/man/man5" "$(share)/bash-completion/completions" \
	    "$(share)/zsh/site-functions" "$(share)/fish/vendor_completions.d"
	install -m 644 docs/man/*.1 "$(share)/man/man1"
	install -m 644 docs/man/*.5 "$(share)/man/man5"
	install -m 644 docs/completions/reconcile.bash "$(share)/bash-completion/completions/reconcile"
	install -m 644 docs/completions/_reconcile "$(share)/zsh/site-functions/_reconcile"
	install -m 644 docs/completions/reconcile.fish "$(share)/fish/vendor_completions.d/reconcile.fish"

clean: ## remove what was built
	rm -rf .build
