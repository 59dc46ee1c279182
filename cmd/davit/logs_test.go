package main

import (
	"bytes"
	"os"
	"strings"
	"testing"
	"time"

	"davit/cmd/ctl"
	"davit/host"
	"davit/journal"
)

// TestLogs reads what was stored of a unit, through the layout of a directory.
func TestLogs(t *testing.T) {
	l := host.DirectoryLayout(t.TempDir())
	all := ctl.LogQuery{Lines: -1, Priorities: [2]int{0, 7}, Output: "cat", Quiet: true}
	if text := show(t, l, all); text != "" {
		t.Errorf("a journal that is not there says %q", text)
	}
	if err := os.MkdirAll(l.JournalStore, 0o755); err != nil {
		t.Fatal(err)
	}
	w, err := journal.Create(l.JournalStore+"/system.journal", journal.Options{})
	if err != nil {
		t.Fatal(err)
	}
	now := uint64(time.Now().UnixMicro())
	for i, e := range []struct{ unit, priority, text string }{
		{"a.service", "6", "hello"}, {"b.service", "3", "trouble"}, {"a.service", "3", "bad"},
	} {
		set := journal.NewSet(nil, "_SYSTEMD_UNIT="+e.unit)
		at := journal.Stamp{Real: now + uint64(i), Mono: uint64(i + 1)}
		if err := w.Append(at, set, []byte("PRIORITY="+e.priority), []byte("MESSAGE="+e.text)); err != nil {
			t.Fatal(err)
		}
	}
	for _, tt := range []struct {
		change func(*ctl.LogQuery)
		want   string
	}{
		{func(*ctl.LogQuery) {}, "hello trouble bad"},
		{func(q *ctl.LogQuery) { q.Units = []string{"a.service"} }, "hello bad"},
		{func(q *ctl.LogQuery) { q.Units, q.Lines = []string{"a.service"}, 1 }, "bad"},
		{func(q *ctl.LogQuery) { q.Priorities = [2]int{0, 3} }, "trouble bad"},
		{func(q *ctl.LogQuery) { q.Reverse = true }, "bad trouble hello"},
		{func(q *ctl.LogQuery) { q.Grep = "^b" }, "bad"},
		{func(q *ctl.LogQuery) { q.Units, q.User = []string{"a.service"}, true }, ""},
	} {
		q := all
		tt.change(&q)
		if got := strings.Join(strings.Fields(show(t, l, q)), " "); got != tt.want {
			t.Errorf("%+v: %q, want %q", q, got, tt.want)
		}
	}
}

func show(t *testing.T, l host.Layout, q ctl.LogQuery) string {
	t.Helper()
	logs, err := openLogs(l)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := logs.Show(&b, q, nil); err != nil {
		t.Fatal(err)
	}
	return b.String()
}
