package journal

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"
)

// cpu returns the processor time that a process has used, in nanoseconds.
func cpu(t testing.TB, pid int) int64 {
	t.Helper()
	total := int64(0)
	tasks, err := os.ReadDir(fmt.Sprintf("/proc/%d/task", pid))
	if err != nil {
		t.Fatal(err)
	}
	for _, task := range tasks {
		text, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%s/schedstat", pid, task.Name()))
		if err != nil {
			continue
		}
		n, _ := strconv.ParseInt(strings.Fields(string(text))[0], 10, 64)
		total += n
	}
	return total
}

// memory returns a process's proportional share of memory in KB, of one kind ("Pss", "Pss_Anon", "Pss_File").
func memory(t testing.TB, pid int, kind string) int {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/smaps_rollup", pid))
	if err != nil {
		t.Skipf("SKIP: %v", err)
	}
	for line := range strings.Lines(string(text)) {
		if name, rest, _ := strings.Cut(line, ":"); name == kind {
			n, _ := strconv.Atoi(strings.Fields(rest)[0])
			return n
		}
	}
	return 0
}

// BenchmarkDaemon measures a whole line: read from the stream, credentials, split, stored. The time of one core that the
// daemon itself needs is cpu-ns/line. "each" writes a line at a time, as services do; "many" as a pipe would bring them.
func BenchmarkDaemon(b *testing.B) {
	line := "GET /index.html HTTP/1.1 200 5120 0.0023 Mozilla/5.0 (X11; Linux x86_64) id=%010d\n"
	for _, c := range []struct {
		name  string
		lines int
	}{{"each", 1}, {"many", 500}} {
		b.Run(c.name, func(b *testing.B) {
			s := newServer(b)
			s.start()
			out := s.service("web.service")
			s.settle()
			before := cpu(b, s.cmd.Process.Pid)
			n := 0
			var buf bytes.Buffer
			for b.Loop() {
				if fmt.Fprintf(&buf, line, n); n%c.lines == 0 {
					if _, err := out.Write(buf.Bytes()); err != nil {
						b.Fatal(err)
					}
					buf.Reset()
				}
				n++
			}
			_, _ = out.Write(buf.Bytes())
			s.settle()
			b.ReportMetric(float64(cpu(b, s.cmd.Process.Pid)-before)/float64(n), "cpu-ns/line")
			s.stop()
		})
	}
}

// TestIdleDaemonIsSmallAndSilent opens a thousand streams, uses each once, and then looks at memory and processor time.
func TestIdleDaemonIsSmallAndSilent(t *testing.T) {
	if testing.Short() {
		t.Skip("SKIP: takes some seconds")
	}
	s := newServer(t)
	s.start()
	for i := range 1000 {
		out := s.service(fmt.Sprintf("web-%d.service", i))
		fmt.Fprintf(out, "started %d\n", i)
	}
	s.settle()
	pid := s.cmd.Process.Pid
	anon := 0
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); {
		if anon = memory(t, pid, "Pss_Anon"); anon < 6<<10 && memory(t, pid, "Pss_File") < 6<<10 {
			break
		}
	}
	t.Logf("Pss %d KB, of that private %d KB, files %d KB", memory(t, pid, "Pss"), anon, memory(t, pid, "Pss_File"))
	if anon > 6<<10 {
		t.Errorf("%d KB of private memory with 1000 streams, want at most 6 MB", anon)
	}
	s.stop()
}
