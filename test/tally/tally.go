package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
)

// event is one line of go test -json (go doc test2json).
type event struct {
	Action      string
	Package     string
	Test        string
	Output      string
	Elapsed     float64
	ImportPath  string
	FailedBuild string
}

// key names a test, or a package when Test is empty.
type key struct{ Package, Test string }

// tally counts leaves: a test that has subtests is only their sum, except when it failed by itself.
type tally struct {
	out     io.Writer
	result  map[key]string
	output  map[key][]string
	parents map[key]bool
	blamed  map[key]bool // a subtest of it failed
	order   []key
}

func newTally(out io.Writer) *tally {
	return &tally{out: out, result: map[key]string{}, output: map[key][]string{}, parents: map[key]bool{}, blamed: map[key]bool{}}
}

// add takes one event. What a failed test printed appears when it fails, packages appear as they finish.
func (t *tally) add(ev event) {
	k := key{ev.Package, ev.Test}
	switch ev.Action {
	case "build-output":
		fmt.Fprint(t.out, ev.Output)
	case "run":
		t.above(k, t.parents)
	case "output":
		t.output[k] = append(t.output[k], ev.Output)
	case "pass", "fail", "skip":
		t.finish(k, ev)
	}
}

// above marks every test that k is a subtest of.
func (t *tally) above(k key, marks map[key]bool) {
	for parent, _, ok := cutLast(k.Test); ok; parent, _, ok = cutLast(parent) {
		marks[key{k.Package, parent}] = true
	}
}

// finish records the result of a test or package.
func (t *tally) finish(k key, ev event) {
	if ev.Test == "" {
		t.finishPackage(k, ev)
		return
	}
	t.result[k] = ev.Action
	t.order = append(t.order, k)
	if ev.Action == "fail" {
		t.above(k, t.blamed)
		t.blamed[key{k.Package, ""}] = true
		fmt.Fprint(t.out, strings.Join(t.output[k], ""))
	}
	if ev.Action != "skip" {
		delete(t.output, k)
	}
}

// finishPackage prints a package's line; one that failed without a failed test (a panic, a build) counts as a failure.
func (t *tally) finishPackage(k key, ev event) {
	name := strings.TrimPrefix(k.Package, "davit/")
	switch {
	case ev.Action == "skip":
	case ev.Action == "pass":
		fmt.Fprintf(t.out, "ok    %-20s %6.1f s\n", name, ev.Elapsed)
	default:
		fmt.Fprintf(t.out, "FAIL  %-20s %6.1f s\n", name, ev.Elapsed)
		if !t.blamed[k] {
			fmt.Fprint(t.out, strings.Join(t.output[k], ""))
			t.result[k] = "fail"
			t.order = append(t.order, k)
		}
	}
}

// leaves returns the tests that count, with the given result.
func (t *tally) leaves(result string) []key {
	var all []key
	for _, k := range t.order {
		counts := !t.parents[k] || result == "fail" && !t.blamed[k]
		if t.result[k] == result && counts {
			all = append(all, k)
		}
	}
	slices.SortStableFunc(all, func(a, b key) int { return strings.Compare(a.Package+a.Test, b.Package+b.Test) })
	return all
}

// failed returns how many tests failed so far.
func (t *tally) failed() int { return len(t.leaves("fail")) }

// reason is what a skipped test said.
func (t *tally) reason(k key) string {
	for _, line := range t.output[k] {
		if _, said, ok := strings.Cut(line, "SKIP: "); ok && !strings.HasPrefix(line, "---") {
			return strings.TrimSpace(said)
		}
	}
	return "says no reason"
}

// report prints failures, skips and the tally, and says whether the run is green.
func (t *tally) report(allowed []skip, root bool) bool {
	failed := t.leaves("fail")
	for _, k := range failed {
		fmt.Fprintf(t.out, "failed   %s %s\n", k.Package, k.Test)
	}
	skipped, refused := t.leaves("skip"), 0
	for _, k := range skipped {
		verdict := "skipped "
		if !allows(allowed, k, root) {
			verdict = "skipped, which test/skips does not allow:"
			refused++
		}
		fmt.Fprintf(t.out, "%s %s %s: %s\n", verdict, k.Package, k.Test, t.reason(k))
	}
	fmt.Fprintf(t.out, "%d passed, %d failed, %d skipped\n", len(t.leaves("pass")), len(failed)+refused, len(skipped)-refused)
	return len(failed)+refused == 0
}

// cutLast splits a subtest's name from its parent's.
func cutLast(name string) (parent, sub string, ok bool) {
	i := strings.LastIndexByte(name, '/')
	if i < 0 {
		return name, "", false
	}
	return name[:i], name[i+1:], true
}
