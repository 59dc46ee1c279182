package journal

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// corpus writes three files (archived, archived, current) of one journal and returns their directory.
func corpus(t testing.TB) string {
	t.Helper()
	dir := t.TempDir()
	a := NewSet(nil, "_BOOT_ID="+testBoot.String(), "_HOSTNAME=box", "_SYSTEMD_UNIT=a.service", "SYSLOG_IDENTIFIER=a", "_PID=7", "_UID=0")
	b := NewSet(nil, "_BOOT_ID="+testBoot.String(), "_HOSTNAME=box", "_SYSTEMD_UNIT=b@1.service", "SYSLOG_IDENTIFIER=b", "_PID=8", "_UID=1000")
	init := NewSet(nil, "_BOOT_ID="+testBoot.String(), "_HOSTNAME=box", "_SYSTEMD_UNIT=init.scope", "_PID=1", "_UID=0", "SYSLOG_IDENTIFIER=davit")
	path := filepath.Join(dir, "system.journal")
	opt := Options{Machine: testMachine, Boot: testBoot}
	s := &Store{cfg: StoreConfig{Name: "system"}, dir: dir}
	for part := range 3 {
		w, err := Create(path, opt)
		if err != nil {
			t.Fatal(err)
		}
		for i := range 200 {
			n := part*200 + i
			fields := [][]byte{fmt.Appendf(nil, "MESSAGE=line %d", n), fmt.Appendf(nil, "PRIORITY=%d", n%8)}
			set := []*Set{a, b, init}[n%3]
			if set == init {
				fields = append(fields, []byte("UNIT=a.service"))
			}
			if n%50 == 0 {
				fields = append(fields, []byte("BLOB=\x00\x01\xff\n"), []byte("MULTI=two\nlines"), []byte("TWICE=1"), []byte("TWICE=2"))
			}
			if err := w.Append(stamp(n), set, fields...); err != nil {
				t.Fatal(err)
			}
		}
		opt = w.Next()
		if part == 2 {
			if err := w.Close(); err != nil {
				t.Fatal(err)
			}
			break
		}
		s.put(w, archivedName(dir, "system", w))
	}
	s.syncing.Wait()
	return dir
}

func open(t testing.TB, dirs ...string) *Reader {
	t.Helper()
	r, err := Open(dirs...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.Close() })
	for _, err := range r.Problems() {
		t.Error(err)
	}
	return r
}

// messages returns the MESSAGE fields that a query selects.
func messages(t testing.TB, r *Reader, q Query) string {
	t.Helper()
	var b strings.Builder
	for e, err := range r.Entries(q) {
		if err != nil {
			t.Fatal(err)
		}
		b.WriteString(e.Get("MESSAGE") + "\n")
	}
	return b.String()
}

// TestQueriesAreJournalctls compares queries with those of the real journalctl.
func TestQueriesAreJournalctls(t *testing.T) {
	dir := corpus(t)
	r := open(t, dir)
	at := func(n int) time.Time { return time.UnixMicro(int64(stamp(n).Real)) }
	date := func(n int) string { return at(n).UTC().Format("2006-01-02 15:04:05.000000") }
	var cursors []string
	for e := range r.Entries(Query{Lines: All}) {
		cursors = append(cursors, e.Cursor())
	}
	if len(cursors) != 600 {
		t.Fatalf("%d entries, want 600", len(cursors))
	}
	for _, c := range []struct {
		name string
		q    Query
		args []string
	}{
		{"all", Query{Lines: All}, nil},
		{"reverse", Query{Lines: All, Reverse: true}, []string{"-r"}},
		{"last", Query{Lines: 7}, []string{"-n", "7"}},
		{"last, reverse", Query{Lines: 7, Reverse: true}, []string{"-n", "7", "-r"}},
		{"unit", Query{Lines: All, Units: []string{"a.service"}}, []string{"-u", "a.service"}},
		{"pattern", Query{Lines: All, Units: []string{"b@*.service"}}, []string{"-u", "b@*.service"}},
		{"units", Query{Lines: All, Units: []string{"b@1.service", "a.service"}}, []string{"-u", "a", "-u", "b@1"}},
		{"unknown unit", Query{Lines: All, Units: []string{"c.service"}}, []string{"-u", "c"}},
		{"unit and priority", Query{Lines: All, Units: []string{"a.service"}, Levels: []int{0, 1, 2}}, []string{"-u", "a", "-p", "crit"}},
		{"last of a unit", Query{Lines: 5, Units: []string{"a.service"}, Levels: []int{4}}, []string{"-u", "a", "-p", "4..4", "-n", "5"}},
		{"identifier", Query{Lines: All, Identifiers: []string{"a", "davit"}}, []string{"-t", "a", "-t", "davit"}},
		{"match", Query{Lines: All, Matches: []string{"_PID=7", "_UID=0"}}, []string{"_PID=7", "_UID=0"}},
		{"alternatives", Query{Lines: All, Matches: []string{"_PID=7", "_PID=8", "PRIORITY=3", "+", "_PID=1"}}, []string{"_PID=7", "_PID=8", "PRIORITY=3", "+", "_PID=1"}},
		{"boot", Query{Lines: All, Boot: testBoot.String()}, []string{"-b", testBoot.String()}},
		{"since", Query{Lines: All, Since: at(150)}, []string{"--since", date(150)}},
		{"until", Query{Lines: All, Until: at(150)}, []string{"--until", date(150)}},
		{"between", Query{Lines: All, Since: at(190), Until: at(410)}, []string{"--since", date(190), "--until", date(410)}},
		{"between, reverse", Query{Lines: All, Since: at(190), Until: at(410), Reverse: true}, []string{"--since", date(190), "--until", date(410), "-r"}},
		{"cursor", Query{Lines: All, Cursor: cursors[250]}, []string{"--cursor", cursors[250]}},
		{"after cursor", Query{Lines: All, AfterCursor: cursors[250]}, []string{"--after-cursor", cursors[250]}},
		{"grep", Query{Lines: All, Grep: "line 1.5$"}, []string{"-g", "line 1.5$"}},
		{"grep, case", Query{Lines: All, Grep: "LINE 1"}, []string{"-g", "LINE 1"}},
		{"grep, last", Query{Lines: 3, Grep: "LiNe|7$", Reverse: true}, []string{"-g", "LiNe|7$", "-n", "3"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := messages(t, r, c.q)
			want := journalctlAny(t, append([]string{"-q", "-o", "cat", "-D", dir}, c.args...)...)
			if got != want {
				t.Errorf("got %d lines, journalctl %d:\n%.200q\n%.200q", strings.Count(got, "\n"), strings.Count(want, "\n"), got, want)
			}
		})
	}
}

// TestFollowSeesEverythingOnce follows a journal that is written and rotated meanwhile.
func TestFollowSeesEverythingOnce(t *testing.T) {
	root := t.TempDir()
	s, err := OpenStore(StoreConfig{Dir: root, Storage: StoragePersistent, Machine: testMachine, Boot: testBoot})
	if err != nil {
		t.Fatal(err)
	}
	set := testSet()
	put := func(n int) {
		if err := s.Append(stamp(n), set, fmt.Appendf(nil, "MESSAGE=%d", n)); err != nil {
			t.Error(err)
		}
	}
	for n := range 10 {
		put(n)
	}
	r := open(t, root)
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	next, last := 7, 100
	for e, err := range r.Follow(ctx, Query{Lines: 3, Units: []string{"a.service"}}) {
		if err != nil {
			t.Fatal(err)
		}
		if got := e.Get("MESSAGE"); got != fmt.Sprint(next) {
			t.Fatalf("got %q, want %d", got, next)
		}
		if next >= 9 && next < last {
			if next%20 == 0 {
				if err := s.Rotate(); err != nil {
					t.Fatal(err)
				}
			}
			put(next + 1)
			s.Changed()
		}
		if next++; next > last {
			break
		}
	}
	if next != last+1 {
		t.Errorf("it ended at %d", next)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}
