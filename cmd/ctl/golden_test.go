package ctl

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write what the commands print to the golden files")

// TestGolden runs the command lines of testdata/*.golden against a manager that is made up, and compares all that they
// print: standard error with "! " in front, then the calls that changed something, then the exit status.
func TestGolden(t *testing.T) {
	files, err := filepath.Glob("testdata/*.golden")
	if err != nil || len(files) == 0 {
		t.Fatalf("cannot find golden files: %v", err)
	}
	for _, f := range files {
		t.Run(filepath.Base(f), func(t *testing.T) { golden(t, f) })
	}
}

func golden(t *testing.T, name string) {
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	for _, block := range strings.Split(string(b), "\n$ ") {
		line, want, _ := strings.Cut(strings.TrimPrefix(block, "$ "), "\n")
		got := replay(line)
		if strings.TrimRight(want, "\n") != strings.TrimRight(got, "\n") && !*update {
			t.Errorf("%s\n--- got\n%s--- want\n%s", line, got, want)
		}
		if out.Len() > 0 {
			out.WriteString("\n")
		}
		fmt.Fprintf(&out, "$ %s\n%s", line, got)
	}
	if *update {
		if err := os.WriteFile(name, []byte(out.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// replay runs one command line; quotes are not needed there.
func replay(line string) string {
	s := newSession()
	args := strings.Fields(line)
	s.w.Name = args[0]
	if args[0] == "terminal" { // davitctl on a terminal of 60 columns
		s.w.Name, s.w.Width, s.w.Color = "davitctl", 60, true
	}
	code := s.run(args[1:]...)
	text := strings.ReplaceAll(s.out.String(), "\x1b", "^")
	for _, c := range s.bus.calls {
		if !reads(c) {
			text += "call " + c + "\n"
		}
	}
	return text + fmt.Sprintf("exit %d\n", code)
}

func reads(call string) bool {
	return strings.HasPrefix(call, "Get") || strings.HasPrefix(call, "List") || strings.HasPrefix(call, "Why") || strings.HasPrefix(call, "Enforcement") || strings.HasPrefix(call, "Introspect")
}
