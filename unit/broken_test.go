package unit

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write what is found as what is wanted")

// TestBroken reads the unit files of testdata/broken, none of which is right, and compares what is said of them: the load state, then
// each warning. Cases are separated by "====": a comment, the unit's name, its text, "----" and what is wanted.
func TestBroken(t *testing.T) {
	files, err := filepath.Glob("testdata/broken/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal("no cases: ", err)
	}
	count := 0
	for _, path := range files {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		var fresh []string
		for _, block := range strings.Split(string(b), "====\n") {
			given, want, ok := strings.Cut(block, "----\n")
			if !ok {
				t.Fatalf("%s: no ---- in %q", path, block)
			}
			got := complaints(given)
			count++
			if got != want && !*update {
				t.Errorf("%s: %sgot:\n%swant:\n%s", path, given, got, want)
			}
			fresh = append(fresh, given+"----\n"+got)
		}
		if *update {
			if err := os.WriteFile(path, []byte(strings.Join(fresh, "====\n")), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	if count < 60 {
		t.Errorf("only %d cases", count)
	}
	t.Logf("%d cases", count)
}

// complaints reads one case's unit and writes what came of it.
func complaints(given string) string {
	comment, rest, _ := strings.Cut(given, "\n")
	name := comment
	if strings.HasPrefix(comment, "# ") {
		name, rest, _ = strings.Cut(rest, "\n")
	}
	// Bytes that a text file should not have are written as in Go.
	rest = strings.NewReplacer(`<NUL>`, "\x00", `<FF>`, "\xff", `<CR>`, "\r").Replace(rest)
	u := FromText(name, rest, "/"+name, Specifiers{})
	var b strings.Builder
	b.WriteString(u.Load.String())
	if u.LoadText != "" {
		b.WriteString(": " + u.LoadText)
	}
	b.WriteByte('\n')
	for _, w := range u.Warnings {
		b.WriteString(w.String() + "\n")
	}
	return b.String()
}
