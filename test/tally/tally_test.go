package main

import (
	"strings"
	"testing"
)

// stream is what go test -json prints, shortened, for a run with every kind of result.
const stream = `{"Action":"run","Package":"davit/a","Test":"TestSum"}
{"Action":"run","Package":"davit/a","Test":"TestSum/one"}
{"Action":"pass","Package":"davit/a","Test":"TestSum/one"}
{"Action":"run","Package":"davit/a","Test":"TestSum/two"}
{"Action":"output","Package":"davit/a","Test":"TestSum/two","Output":"    x_test.go:1: two is wrong\n"}
{"Action":"fail","Package":"davit/a","Test":"TestSum/two"}
{"Action":"fail","Package":"davit/a","Test":"TestSum"}
{"Action":"output","Package":"davit/a","Test":"TestRoot","Output":"    x_test.go:9: SKIP: needs root\n"}
{"Action":"skip","Package":"davit/a","Test":"TestRoot"}
{"Action":"fail","Package":"davit/a","Elapsed":1.5}
{"Action":"skip","Package":"davit/b"}
{"Action":"output","Package":"davit/c","Output":"panic: at start\n"}
{"Action":"fail","Package":"davit/c"}
`

func counted(t *testing.T, input, skips string) (string, bool) {
	t.Helper()
	list, err := parseSkips("skips", skips)
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	sum := newTally(&out)
	read(sum, strings.NewReader(input))
	green := sum.report(list, true)
	return out.String(), green
}

func TestTally(t *testing.T) {
	out, green := counted(t, stream, "a TestRoot always by way of example\n")
	if green {
		t.Error("a run with failures is green")
	}
	for _, want := range []string{"two is wrong\n", "panic: at start\n", "skipped  davit/a TestRoot: needs root\n"} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in:\n%s", want, out)
		}
	}
	if want := "\n1 passed, 2 failed, 1 skipped\n"; !strings.HasSuffix(out, want) {
		t.Errorf("the last line is not %q:\n%s", want, out)
	}
}

func TestSkipThatIsNotAllowed(t *testing.T) {
	skipped := `{"Action":"output","Package":"davit/a","Test":"TestRoot","Output":"SKIP: needs root\n"}
{"Action":"skip","Package":"davit/a","Test":"TestRoot"}
`
	for _, list := range []string{"", "a TestRoot no-root only without root\n", "b TestRoot always another package\n"} {
		if out, green := counted(t, skipped, list); green || !strings.HasSuffix(out, "0 passed, 1 failed, 0 skipped\n") {
			t.Errorf("with the list %q the run is green: %v\n%s", list, green, out)
		}
	}
	if out, green := counted(t, skipped, "a TestRoot always because\n"); !green {
		t.Errorf("an allowed skip is not green:\n%s", out)
	}
}

func TestSkipsNeedAReason(t *testing.T) {
	if _, err := parseSkips("skips", "# a comment\n\na TestX always\n"); err == nil || !strings.Contains(err.Error(), "skips:3") {
		t.Errorf("a line without a reason: %v", err)
	}
}
