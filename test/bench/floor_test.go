package bench

import (
	"fmt"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"davit/test/container"
)

// floor runs the C program of the same name.
type floor struct{ programs }

// in runs use with a fresh cgroup directory, which it removes afterwards.
func (f floor) in(b *testing.B, use func(dir string)) {
	b.Helper()
	group, err := container.NewCgroup("davit-bench-floor")
	if err != nil {
		b.Fatal(err)
	}
	use(group.Dir())
	if err := group.Kill(); err != nil {
		b.Fatal(err)
	}
	if err := group.Remove(); err != nil {
		b.Fatal(err)
	}
}

// run returns the times that one mode of the program prints, by name.
func (f floor) run(b *testing.B, mode string, args ...int) map[string]time.Duration {
	b.Helper()
	times := map[string]time.Duration{}
	f.in(b, func(dir string) {
		all := []string{mode, dir, f.service}
		for _, arg := range args {
			all = append(all, strconv.Itoa(arg))
		}
		out, err := exec.Command(f.floor, all...).Output()
		if err != nil {
			b.Fatalf("floor %s: %v", mode, err)
		}
		for line := range strings.Lines(string(out)) {
			name, value, _ := strings.Cut(strings.TrimSpace(line), " ")
			ns, err := strconv.ParseInt(value, 10, 64)
			if err != nil {
				b.Fatal(err)
			}
			times[name] = time.Duration(ns)
		}
	})
	return times
}

// measure takes every time of the floor once.
func (f floor) measure(b *testing.B, all *results) {
	b.Helper()
	few, lots := f.run(b, "start", many()), f.run(b, "start", more())
	all.add("floor", "start 1,000", few["start"])
	all.add("floor", "stop 1,000", few["stop"])
	all.add("floor", "start 5,000", lots["start"])
	all.add("floor", "stop 5,000", lots["stop"])
	all.add("floor", "chain of 200", f.run(b, "chain", chain())["chain"])
	all.add("floor", "10 layers of 100", f.run(b, "layers", layers*width(), width())["layers"])
	f.in(b, func(dir string) {
		ear := listen(b, f.programs)
		defer ear.close()
		cmd := exec.Command(f.floor, "restart", dir, f.service, f.hello)
		if err := cmd.Start(); err != nil {
			b.Fatal(err)
		}
		all.add("floor", "restart after kill -9", ear.kills(b))
		_ = cmd.Process.Signal(syscall.SIGTERM)
		_ = cmd.Wait()
	})
}

// row is one line of the table: what was measured, and what davit aims at, as a multiple of the floor or an amount.
type row struct {
	name string
	aim  float64
	unit string // of an amount; empty for a multiple
}

var rows = []row{
	{"start 1,000", 1.5, ""},
	{"start 5,000", 1.7, ""},
	{"chain of 200", 2, ""},
	{"10 layers of 100", 2, ""},
	{"restart after kill -9", 1.7, ""},
	{"stop 1,000", 1.5, ""},
	{"stop 5,000", 0, ""},
	{"memory with 1,000", 15, "MB"},
	{"memory with 5,000", 40, "MB"},
	{"processor time, 20 s idle", 1, "ms"},
	{"threads per service", 0, "each"},
	{"descriptors per service", 2, "each"},
}

// results are the best values so far, by manager and row.
type results struct{ best map[[2]string]float64 }

func newResults() *results { return &results{map[[2]string]float64{}} }

func (r *results) keep(who, what string, value float64) {
	if old, ok := r.best[[2]string{who, what}]; !ok || value < old {
		r.best[[2]string{who, what}] = value
	}
}

// add keeps a time, in milliseconds.
func (r *results) add(who, what string, d time.Duration) {
	r.keep(who, what, float64(d)/float64(time.Millisecond))
}

// kilobytes keeps an amount of memory, in megabytes (2^20 bytes).
func (r *results) kilobytes(who, what string, kb int) { r.keep(who, what, float64(kb)/1024) }

// each keeps a plain number.
func (r *results) each(who, what string, n float64) { r.keep(who, what, n) }

// table is the results as Markdown.
func (r *results) table(managers []manager) string {
	var text strings.Builder
	text.WriteString("| what | floor | aim |")
	line := "|---|---|---|"
	for _, m := range managers {
		fmt.Fprintf(&text, " %s |", m.name())
		line += "---|"
	}
	text.WriteString("\n" + line + "\n")
	for _, row := range rows {
		low, measured := r.best[[2]string{"floor", row.name}]
		fmt.Fprintf(&text, "| %s |%s |%s |", row.name, ms(low, measured), aim(row))
		for _, m := range managers {
			value := r.best[[2]string{m.name(), row.name}]
			switch {
			case row.unit == "":
				fmt.Fprintf(&text, " %.1f ms, %.2f × |", value, value/low)
			case row.unit == "each":
				fmt.Fprintf(&text, " %.2f |", value)
			default:
				fmt.Fprintf(&text, " %.1f %s |", value, row.unit)
			}
		}
		text.WriteString("\n")
	}
	return text.String()
}

func ms(value float64, measured bool) string {
	if !measured {
		return ""
	}
	return fmt.Sprintf(" %.2f ms", value)
}

func aim(row row) string {
	switch {
	case row.aim == 0 && row.unit == "":
		return ""
	case row.unit == "":
		return fmt.Sprintf(" ≤ %.1f ×", row.aim)
	case row.unit == "each":
		return fmt.Sprintf(" ≤ %.0f", row.aim)
	}
	return fmt.Sprintf(" < %.0f %s", row.aim, row.unit)
}
