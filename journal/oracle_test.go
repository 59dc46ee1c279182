package journal

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// cursors returns those of all entries.
func cursors(t testing.TB, r *Reader) (all []string) {
	t.Helper()
	for e, err := range r.Entries(Query{Lines: All}) {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, e.Cursor())
	}
	return all
}

// TestCursorsAreJournalctls begins at places, in both directions, with and without a limit.
func TestCursorsAreJournalctls(t *testing.T) {
	dir := corpus(t)
	r := open(t, dir)
	all := cursors(t, r)
	for _, at := range []int{0, 1, 199, 200, 250, 598, 599} {
		for _, c := range []struct {
			q    Query
			args []string
		}{
			{Query{Lines: All}, nil},
			{Query{Lines: 3}, []string{"-n", "3"}},
			{Query{Lines: 3, Reverse: true}, []string{"-r", "-n", "3"}},
			{Query{Lines: All, Reverse: true}, []string{"-r"}},
			{Query{Lines: All, Units: []string{"a.service"}}, []string{"-u", "a.service"}},
			{Query{Lines: 2, Units: []string{"a.service"}, Reverse: true}, []string{"-u", "a.service", "-r", "-n", "2"}},
		} {
			for _, option := range []string{"cursor", "after-cursor"} {
				if option == "after-cursor" && len(c.q.Units) > 0 && at%3 == 1 {
					continue // the entry at the cursor is not one of the unit: journalctl 252 leaves out the next one instead
				}
				q := c.q
				if option == "cursor" {
					q.Cursor = all[at]
				} else {
					q.AfterCursor = all[at]
				}
				t.Run(fmt.Sprint(at, option, c.args), func(t *testing.T) {
					args := append([]string{"-q", "-o", "cat", "-D", dir, "--" + option + "=" + all[at]}, c.args...)
					if got, want := messages(t, r, q), journalctlAny(t, args...); got != want {
						t.Errorf("got %.80q, journalctl %.80q", got, want)
					}
				})
			}
		}
	}
}

// several writes files of two daemons, over three boots, into one directory.
func several(t testing.TB) string {
	t.Helper()
	dir := t.TempDir()
	for i, name := range []string{"system", "user-1000"} {
		w, err := Create(filepath.Join(dir, name+".journal"), Options{Machine: testMachine, Boot: testBoot})
		if err != nil {
			t.Fatal(err)
		}
		for boot := range 3 {
			w.boot, w.lastMono = ID{byte(boot + 1)}, 0
			set := NewSet(nil, "_BOOT_ID="+w.boot.String(), "_HOSTNAME=box", "_COMM="+name)
			for n := range 40 {
				at := Stamp{testStart + uint64(boot)*1_000_000_000 + uint64(n*2+i)*1000, uint64(n*2+i)*1000 + 1}
				if err := w.Append(at, set, fmt.Appendf(nil, "MESSAGE=%d %s %d", boot, name, n)); err != nil {
					t.Fatal(err)
				}
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// TestBootsAreJournalctls merges files of several writers, and finds boots in them.
func TestBootsAreJournalctls(t *testing.T) {
	dir := several(t)
	r := open(t, dir)
	if got, want := messages(t, r, Query{Lines: All}), journalctl(t, "-q", "-o", "cat", "-D", dir); got != want {
		compareLines(t, got, want)
	}
	all := cursors(t, r)
	second := ID{2}.String()
	for _, c := range []struct{ ours, theirs string }{
		{"1", "1"},
		{"2", "2"},
		{"3", "3"},
		{"+1", "+1"},
		{second, second},
		{second + "-1", second + "-1"},
		{second + "+1", second + "+1"},
		{second + "+0", second + "+0"},
	} {
		if got, want := messages(t, r, Query{Lines: All, Boot: c.ours}), journalctl(t, "-q", "-o", "cat", "-D", dir, "--boot="+c.theirs); got != want {
			t.Errorf("boot %s: got %.60q, journalctl %.60q", c.ours, got, want)
		}
	}
	for _, name := range []string{"4", "x", second + "+2", second + "-2", second + "x"} {
		for _, err := range r.Entries(Query{Lines: All, Boot: name}) {
			if err == nil {
				t.Errorf("boot %s is found", name)
			}
		}
	}
	for _, at := range []int{0, 39, 80, 81, 239} {
		q := Query{Lines: 50, Cursor: all[at]}
		got, want := messages(t, r, q), journalctl(t, "-q", "-o", "cat", "-D", dir, "-n", "50", "--cursor="+all[at])
		if got != want {
			compareLines(t, got, want)
		}
	}
}

// TestCopiesAreShownOnce reads the same entries from two files.
func TestCopiesAreShownOnce(t *testing.T) {
	dir := corpus(t)
	r := open(t, dir, dir)
	if n := len(cursors(t, r)); n != 600 {
		t.Errorf("%d entries, want 600", n)
	}
	if err := copyDir(filepath.Join(dir, testMachine.String()), dir); err != nil {
		t.Fatal(err)
	}
	r = open(t, dir)
	got := messages(t, r, Query{Lines: All})
	if lines := strings.Split(got, "\n"); len(lines) != 601 || len(slices.Compact(lines)) != 601 {
		t.Errorf("%d entries, want 600", len(lines)-1)
	}
}
