package bench

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"davit/test/container"
)

var (
	runs    = flag.Int("runs", 5, "how often everything is measured; the best counts")
	write   = flag.String("write", "", "`file` that the table is written to, besides being printed")
	only    = flag.String("only", "", "one manager to measure beside the floor: davit or systemd")
	small   = flag.Bool("small", false, "a tenth of the services, to try the benchmark itself")
	idleFor = flag.Duration("idle", 20*time.Second, "how long the managers are watched doing nothing")
)

// preface stands above the table in docs/benchmarks.md.
const preface = "# Benchmarks\n\n" +
	"`make bench` measures davit, and systemd in a container, against the floor: a single-threaded C program that makes one cgroup per\n" +
	"service, connects its output to a stream and spawns the same program (`test/bench/floor`). Compare within a row only.\n" +
	"`make bench WRITE=1` replaces the table.\n\n"

// size is a number of services, smaller with -small.
func size(n int) int {
	if *small {
		return max(n/10, 10)
	}
	return n
}

// programs are the C programs, compiled, in a directory that every manager sees under the same path.
type programs struct {
	dir, floor, service, hello string
}

// compile builds them.
func compile(b *testing.B) programs {
	b.Helper()
	dir, err := os.MkdirTemp("", "davit-bench-")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = os.RemoveAll(dir) })
	p := programs{dir, filepath.Join(dir, "floor"), filepath.Join(dir, "service"), filepath.Join(dir, "hello")}
	for _, args := range [][]string{
		{"-O2", "-o", p.floor, "floor/floor.c"},
		{"-O2", "-static", "-nostdlib", "-ffreestanding", "-fno-stack-protector", "-o", p.service, "floor/service.c"},
	} {
		if out, err := exec.Command("gcc", args...).CombinedOutput(); err != nil {
			b.Fatalf("gcc: %v\n%s", err, out)
		}
	}
	return p
}

// BenchmarkManagers compares davit and systemd with the floor, everything in one run, and prints a table of ratios.
func BenchmarkManagers(b *testing.B) {
	container.Need(b)
	p := compile(b)
	all := newResults()
	var managers []manager
	if *only != "systemd" {
		managers = append(managers, startDavit(b, p))
	}
	if *only != "davit" {
		managers = append(managers, startSystemd(b, p))
	}
	for _, m := range managers {
		if err := m.load(units(p)); err != nil {
			b.Fatal(err)
		}
	}
	f := floor{p}
	for run := range *runs {
		f.measure(b, all)
		for _, m := range managers {
			if m.name() == "systemd" && run >= 2 && !*small {
				continue // ten to thirty times the floor: two runs say enough
			}
			measure(b, m, p, all)
		}
		b.Logf("run %d of %d done", run+1, *runs)
	}
	for _, m := range managers {
		weigh(b, m, all)
	}
	text := all.table(managers)
	fmt.Print("\n", text)
	if *write != "" {
		if err := os.WriteFile(*write, []byte(preface+text), 0o644); err != nil {
			b.Fatal(err)
		}
	}
}
