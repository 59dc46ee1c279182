# davit: see README.md. Every target works on a fresh clone; what a target needs beyond Go it installs itself when root.

SHELL := /bin/sh
BIN   := bin/davit
ROOM  := ./...
SIM   ?= 60s
SEEDS ?= 1000000000
FUZZ  ?= 60s

tool := go tool -modfile=test/tools/go.mod

.PHONY: all build run test race sim fuzz bench lint cross vm setup clean directives

all: build lint test

# One static binary; davitd and davitctl are names it is called by.
build:
	CGO_ENABLED=0 go build -trimpath -ldflags '-s -w' -o $(BIN) ./cmd/davit
	ln -sf davit bin/davitd
	ln -sf davit bin/davitctl

# Boots the sample system of docs/examples in a directory of its own; Ctrl-C stops it and leaves nothing behind.
run: build
	@docs/examples/run

# Prints the number of tests passed, failed and skipped last; a skip that test/skips does not allow is a failure.
test: build setup
	@go run ./test/tally -count=1 -timeout 15m $(ROOM)

race: setup
	@CGO_ENABLED=1 go run ./test/tally -race -short -count=1 -timeout 15m $(ROOM)

# Random graphs, requests and faults for SIM; prints the seed of whatever it finds.
sim:
	go test -count=1 -timeout 0 -v -run '^TestSim' ./engine/ -args -sim.graphs=$(SEEDS) -sim.time=$(SIM)

# All fuzz targets together for FUZZ.
fuzz:
	@FUZZ=$(FUZZ) test/fuzz $(ROOM)

# Prints the table; with WRITE=1 it also becomes docs/benchmarks.md.
bench: build setup
	@go test -run "^$$" -bench . -benchtime 1x -timeout 0 ./test/bench -args $(if $(WRITE),-write $(CURDIR)/docs/benchmarks.md) $(BENCH)

lint:
	@out=$$($(tool) gofumpt -l $$(git ls-files '*.go')); test -z "$$out" || { echo "gofumpt would change:"; echo "$$out"; exit 1; }
	go vet $(ROOM)
	$(tool) staticcheck $(ROOM)

cross:
	CGO_ENABLED=0 GOARCH=arm64 go build -trimpath -ldflags '-s -w' -o bin/davit.arm64 ./cmd/davit
	GOARCH=arm64 go vet $(ROOM)

# The adapters' tests under a kernel with cgroup v2 only, in QEMU without hardware acceleration.
vm: build setup
	go test -count=1 -v -run '^TestVirtualMachine' ./test/

setup:
	@test/setup

clean:
	rm -rf bin
