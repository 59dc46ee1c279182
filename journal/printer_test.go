package journal

import (
	"bytes"
	"encoding/json"
	"fmt"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
)

// TestFormatsAreJournalctls compares every format with the real journalctl's, on entries with all that is odd.
func TestFormatsAreJournalctls(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "system.journal")
	w, err := Create(path, Options{Machine: testMachine, Boot: testBoot})
	if err != nil {
		t.Fatal(err)
	}
	base := NewSet(nil, "_BOOT_ID="+testBoot.String(), "_HOSTNAME=box", "_MACHINE_ID="+testMachine.String())
	for i, fields := range [][]string{
		{"MESSAGE=plain", "SYSLOG_IDENTIFIER=a", "_PID=1", "PRIORITY=6"},
		{"MESSAGE=three\nlines\nhere", "SYSLOG_IDENTIFIER=abc", "_PID=17", "PRIORITY=3", "_SYSTEMD_UNIT=a.service"},
		{"MESSAGE=ends with newline\n", "_COMM=comm", "SYSLOG_PID=4"},
		{"MESSAGE=", "SYSLOG_IDENTIFIER=empty"},
		{"MESSAGE=bell \x07 and \x1b[31m", "SYSLOG_IDENTIFIER=ctl", "PRIORITY=4"},
		{"MESSAGE=tab\there ünïcode ✓ <&>\"\\", "SYSLOG_IDENTIFIER=utf", "_SYSTEMD_UNIT=user@1000.service", "_SYSTEMD_USER_UNIT=x.service"},
		{"MESSAGE=bad \xff\xfe utf", "SYSLOG_IDENTIFIER=bin", "PRIORITY=7"},
		{"MESSAGE=" + strings.Repeat("l", 4200), "SYSLOG_IDENTIFIER=long", "PRIORITY=5"},
		{"NOTE=no message"},
		{"MESSAGE=twice", "TWICE=1", "TWICE=2", "TWICE=\x01", "_SOURCE_REALTIME_TIMESTAMP=1700000001234567"},
		{"MESSAGE=  spaces  ", "_PID=5"},
		{"MESSAGE=nel \u0085 and del \u007f", "_PID=5"},
	} {
		payloads := make([][]byte, len(fields))
		for i, f := range fields {
			payloads[i] = []byte(f)
		}
		if err := w.Append(stamp(i*700), base, payloads...); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	r := open(t, dir)
	for _, output := range Outputs {
		for _, f := range []Format{
			{Output: output},
			{Output: output, All: true},
			{Output: output, NoHostname: true},
			{Output: output, Fields: []string{"MESSAGE", "PRIORITY"}},
		} {
			if output == "cat" && len(f.Fields) > 0 {
				continue // journalctl's order is that of a hash table
			}
			args := []string{"-D", dir, "-o", output}
			if f.All {
				args = append(args, "--all")
			}
			if f.NoHostname {
				args = append(args, "--no-hostname")
			}
			if len(f.Fields) > 0 {
				args = append(args, "--output-fields="+strings.Join(f.Fields, ","))
			}
			f.Location = time.UTC
			t.Run(fmt.Sprint(args[2:]), func(t *testing.T) {
				var got bytes.Buffer
				if err := r.Show(t.Context(), &got, Query{Lines: All}, f, false); err != nil {
					t.Fatal(err)
				}
				want := journalctl(t, args...)
				if strings.HasPrefix(output, "json") {
					compareJSON(t, got.String(), want)
				} else if got.String() != want {
					compareLines(t, got.String(), want)
				}
			})
		}
	}
}

// compareJSON compares entries whose members are in different orders.
func compareJSON(t *testing.T, got, want string) {
	t.Helper()
	clean := strings.NewReplacer("data: ", "", "\x1e", "")
	a, b := json.NewDecoder(strings.NewReader(clean.Replace(got))), json.NewDecoder(strings.NewReader(clean.Replace(want)))
	for n := 0; ; n++ {
		var x, y map[string]any
		e1, e2 := a.Decode(&x), b.Decode(&y)
		if (e1 == nil) != (e2 == nil) {
			t.Fatalf("entry %d: %v, journalctl: %v", n, e1, e2)
		}
		if e1 != nil {
			return
		}
		if !reflect.DeepEqual(x, y) {
			t.Errorf("entry %d:\n%v\njournalctl:\n%v", n, x, y)
		}
	}
}
