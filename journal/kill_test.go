package journal

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// TestMain lets the test binary be the processes that the tests start.
func TestMain(m *testing.M) {
	switch os.Getenv("DAVIT_JOURNAL_TEST") {
	case "append":
		appendForever()
	case "small disk":
		smallDisk()
		os.Exit(Main(os.Args[1:]))
	case "shout":
		_, _ = os.Stdout.WriteString(os.Args[1])
		os.Exit(0)
	case "daemon":
		os.Exit(Main(os.Args[1:]))
	}
	os.Exit(m.Run())
}

// self returns a command that runs this test binary in another role.
func self(t testing.TB, role string, args ...string) *exec.Cmd {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(exe, args...)
	cmd.Env = append(os.Environ(), "DAVIT_JOURNAL_TEST="+role, "GOMAXPROCS=1")
	cmd.Stderr = os.Stderr
	return cmd
}

// appendForever is a writer that will be killed. It says which entry has been stored.
func appendForever() {
	w, err := OpenWriter(os.Args[1], Options{Machine: testMachine, Boot: testBoot})
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	set := testSet()
	shared, err := unix.Open(os.Args[2], unix.O_RDWR, 0)
	if err != nil {
		os.Exit(1)
	}
	m, err := unix.Mmap(shared, 0, 8, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	if err != nil {
		os.Exit(1)
	}
	fmt.Println("ready")
	for n := int(w.Entries()); ; n++ {
		err := w.Append(stamp(n), set, fmt.Appendf(nil, "MESSAGE=line %d", n), fmt.Appendf(nil, "N%d=%d", n%50, n/3))
		if err != nil {
			os.Exit(2)
		}
		copy(m, strconv.FormatUint(w.Seqnum(), 10)+"\n")
	}
}

func TestKilledWriterLosesNothing(t *testing.T) {
	dir := t.TempDir()
	path, stored := filepath.Join(dir, "system.journal"), filepath.Join(dir, "stored")
	opt := Options{Machine: testMachine, Boot: testBoot}
	w, err := Create(path, opt)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(stored, []byte("0\n\n\n\n\n\n\n\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	rounds := 60
	if testing.Short() {
		rounds = 10
	}
	ended := uint64(0) // where the file ended in the round before: a kill may come before the first entry of a round is noted
	for round := range rounds {
		cmd := self(t, "append", path, stored)
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		if line, _ := bufio.NewReader(out).ReadString('\n'); line != "ready\n" {
			t.Fatalf("round %d: the writer says %q", round, line)
		}
		for range round * 50 { // somewhere else in the code each time
			_ = time.Now()
		}
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		text, _ := os.ReadFile(stored)
		said, _, _ := strings.Cut(string(text), "\n")
		want, _ := strconv.ParseUint(said, 10, 64)
		w, err := OpenWriter(path, opt)
		if err != nil {
			t.Fatalf("round %d: %v", round, err)
		}
		got := w.Seqnum()
		want = max(want, ended)
		ended = got
		if got != want && got != want+1 {
			t.Errorf("round %d: entry %d was stored, the file ends at %d", round, want, got)
		}
		if round%10 == 9 {
			verify(t, path)
		}
		w.unmap()
		if round%10 != 9 {
			continue
		}
		lines := strings.Fields(strings.ReplaceAll(journalctl(t, "--file", path, "-o", "cat", "-q"), "line ", "line_"))
		for i, line := range lines {
			if line != "line_"+strconv.Itoa(i) {
				t.Fatalf("round %d: entry %d is %q", round, i, line)
			}
		}
		if uint64(len(lines)) != got {
			t.Fatalf("round %d: %d lines, want %d", round, len(lines), got)
		}
	}
}
