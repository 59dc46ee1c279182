package journal

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

var (
	testMachine = ID{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}
	testBoot    = ID{16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1}
)

// testStart is 2023-11-14 22:13:20 UTC.
const testStart = 1_700_000_000_000_000

func stamp(i int) Stamp { return Stamp{testStart + uint64(i)*1000, 5_000_000 + uint64(i)*1000} }

func testSet() *Set {
	return NewSet(NewSet(nil, "_BOOT_ID="+testBoot.String(), "_MACHINE_ID="+testMachine.String(), "_HOSTNAME=box"),
		"_SYSTEMD_UNIT=a.service", "SYSLOG_IDENTIFIER=a", "_PID=7", "_UID=0", "_GID=0", "_COMM=a", "_EXE=/bin/a",
		"_CMDLINE=/bin/a -v", "_TRANSPORT=stdout", "_STREAM_ID=00112233445566778899aabbccddeeff",
		"_SYSTEMD_CGROUP=/system.slice/a.service", "_SYSTEMD_SLICE=system.slice",
		"_SYSTEMD_INVOCATION_ID=00112233445566778899aabbccddee00")
}

// journalctl runs the real one, the oracle.
func journalctl(t testing.TB, args ...string) string {
	t.Helper()
	path, err := exec.LookPath("journalctl")
	if err != nil {
		t.Skip("SKIP: journalctl is not installed")
	}
	var out, errs bytes.Buffer
	cmd := exec.Command(path, append([]string{"--no-pager"}, args...)...)
	cmd.Stdout, cmd.Stderr, cmd.Env = &out, &errs, append(os.Environ(), "TZ=UTC", "LC_ALL=C.UTF-8")
	if err := cmd.Run(); err != nil {
		t.Fatalf("journalctl %s: %v\n%s%s", strings.Join(args, " "), err, out.String(), errs.String())
	}
	return out.String() + errs.String()
}

func verify(t testing.TB, path string) {
	t.Helper()
	if out := journalctl(t, "--verify", "--file", path); !strings.Contains(out, "PASS: "+path) {
		t.Fatalf("journalctl --verify: %s", out)
	}
}

func TestWriterIsReadByJournalctl(t *testing.T) {
	path := filepath.Join(t.TempDir(), "system.journal")
	w, err := Create(path, Options{Machine: testMachine, Boot: testBoot})
	if err != nil {
		t.Fatal(err)
	}
	set := testSet()
	n := 0
	for _, upTo := range []int{0, 1, 2, 3, 5, 6, 15, 100, 5000} {
		for ; n < upTo; n++ {
			err := w.Append(stamp(n), set, fmt.Appendf(nil, "MESSAGE=line %d", n), fmt.Appendf(nil, "PRIORITY=%d", n%8))
			if err != nil {
				t.Fatal(err)
			}
		}
		verify(t, path)
		got := journalctl(t, "--file", path, "-o", "cat", "-q")
		if lines := strings.Count(got, "\n"); lines != n {
			t.Fatalf("journalctl shows %d lines of %d", lines, n)
		}
	}
	got := journalctl(t, "--file", path, "-o", "cat", "-u", "a.service", "-p", "0", "-n", "2")
	if got != "line 4984\nline 4992\n" {
		t.Errorf("by unit and priority: %q", got)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	verify(t, path)
}

// ownCPU is the processor time that this process has used, in nanoseconds: on a busy machine it says more than the clock.
func ownCPU() int64 {
	var u unix.Rusage
	_ = unix.Getrusage(unix.RUSAGE_SELF, &u)
	return u.Utime.Nano() + u.Stime.Nano()
}

func BenchmarkWriter(b *testing.B) {
	dir := b.TempDir()
	set := testSet()
	line := []byte("MESSAGE=GET /index.html HTTP/1.1 200 5120 0.0023 Mozilla/5.0 (X11; Linux x86_64) id=0000000000")
	prio := []byte("PRIORITY=6")
	var w *Writer
	opt := Options{Machine: testMachine, Boot: testBoot, MaxSize: 64 << 20}
	b.ReportAllocs()
	before := ownCPU()
	defer func() { b.ReportMetric(float64(ownCPU()-before)/float64(b.N), "cpu-ns/op") }()
	for i := 0; b.Loop(); i++ {
		if w == nil {
			var err error
			if w, err = Create(filepath.Join(dir, "system.journal"), opt); err != nil {
				b.Fatal(err)
			}
		}
		for p, n := len(line)-1, i; n > 0; p, n = p-1, n/10 {
			line[p] = '0' + byte(n%10)
		}
		if err := w.Append(stamp(i), set, line, prio); err != nil || w.Full() {
			opt.Seqnum, opt.SeqnumID = w.Seqnum(), w.SeqnumID()
			w.unmap()
			w = nil
		}
	}
}

// journalctlAny is journalctl where finding nothing is no failure.
func journalctlAny(t testing.TB, args ...string) string {
	t.Helper()
	path, err := exec.LookPath("journalctl")
	if err != nil {
		t.Skip("SKIP: journalctl is not installed")
	}
	cmd := exec.Command(path, append([]string{"--no-pager"}, args...)...)
	cmd.Env = append(os.Environ(), "TZ=UTC", "LC_ALL=C.UTF-8")
	out, err := cmd.Output()
	if exit, ok := err.(*exec.ExitError); err != nil && (!ok || len(exit.Stderr) > 0) {
		t.Fatalf("journalctl %s: %v", strings.Join(args, " "), err)
	}
	return string(out)
}
