package journal

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// server is a daemon as the manager runs it.
type server struct {
	t      testing.TB
	dir    string
	link   *Link
	ledger int
	cmd    *exec.Cmd
	extra  map[string]*os.File
}

func newServer(t testing.TB) *server {
	t.Helper()
	ledger, err := NewLedger()
	if err != nil {
		t.Fatal(err)
	}
	s := &server{t: t, dir: t.TempDir(), link: NewLink(), ledger: ledger, extra: map[string]*os.File{}}
	t.Cleanup(func() {
		if s.cmd != nil {
			s.kill()
		}
		_ = unix.Close(ledger)
	})
	return s
}

func (s *server) start() {
	s.t.Helper()
	end, err := s.link.Connect()
	if err != nil {
		s.t.Fatal(err)
	}
	control := os.NewFile(uintptr(end), "control")
	defer control.Close()
	dup, _ := unix.Dup(s.ledger)
	ledger := os.NewFile(uintptr(dup), "ledger")
	defer ledger.Close()
	s.cmd = self(s.t, "daemon", "--directory="+s.dir, "--machine-id="+testMachine.String(), "--storage=persistent", "--hostname=here")
	s.cmd.ExtraFiles = []*os.File{control, ledger}
	names := []string{FDControl, FDLedger}
	for name, f := range s.extra {
		s.cmd.ExtraFiles = append(s.cmd.ExtraFiles, f)
		names = append(names, name)
	}
	s.cmd.Env = append(s.cmd.Env, fmt.Sprintf("LISTEN_FDS=%d", len(names)), "LISTEN_FDNAMES="+strings.Join(names, ":"))
	if err := s.cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	s.link.Flush()
}

func (s *server) kill() {
	_ = s.cmd.Process.Kill()
	_ = s.cmd.Wait()
	s.cmd = nil
	s.link.Disconnect()
}

func (s *server) stop() {
	s.t.Helper()
	_ = s.cmd.Process.Signal(unix.SIGTERM)
	if err := s.cmd.Wait(); err != nil {
		s.t.Errorf("the daemon ended with %v", err)
	}
	s.cmd = nil
}

// settle waits until the daemon has stored all that was written.
func (s *server) settle() {
	s.t.Helper()
	token := NewID().String()
	s.link.Sync(token)
	for {
		synced, alive := s.link.Read()
		for _, got := range synced {
			if got == token {
				return
			}
		}
		if !alive {
			s.t.Fatal("the daemon is gone")
		}
		events := int16(unix.POLLIN)
		if s.link.Waiting() {
			events |= unix.POLLOUT
		}
		if n, _ := unix.Poll([]unix.PollFd{{Fd: int32(s.link.FD()), Events: events}}, 20_000); n == 0 {
			s.t.Fatal("the daemon does not answer")
		}
		s.link.Flush()
	}
}

// service attaches a stream and returns the service's end.
func (s *server) service(unit string) *os.File {
	s.t.Helper()
	out, in, err := NewStream()
	if err != nil {
		s.t.Fatal(err)
	}
	h := DefaultStream(NewID(), unit)
	h.Invocation, h.Identifier = NewID(), strings.TrimSuffix(unit, ".service")
	s.link.Attach(h, in)
	f := os.NewFile(uintptr(out), unit)
	s.t.Cleanup(func() { f.Close() })
	return f
}

func (s *server) files() string { return filepath.Join(s.dir, testMachine.String()) }

func TestDaemonStoresStreams(t *testing.T) {
	s := newServer(t)
	s.start()
	out := s.service("web.service")
	fmt.Fprint(out, "hello\n<3>broken\nunfinished")
	s.link.Log(5, "Started web.service.", Field{"UNIT", "web.service"}, Field{"NOTE", "two\nlines"})
	s.settle()
	out.Close()
	s.settle()
	if n := s.link.Kept(); n != 0 {
		t.Errorf("%d streams are kept although they have ended", n)
	}
	s.stop()
	got := journalctl(t, "-D", s.files(), "-q", "-o", "cat", "_SYSTEMD_UNIT=web.service")
	if got != "hello\nbroken\nunfinished\n" {
		t.Errorf("journalctl shows %q", got)
	}
	if got := journalctl(t, "-D", s.files(), "-q", "-o", "cat", "-p", "3", "_SYSTEMD_UNIT=web.service"); got != "broken\n" {
		t.Errorf("of priority 3 journalctl shows %q", got)
	}
	if got := journalctl(t, "-D", s.files(), "-q", "-o", "cat", "UNIT=web.service"); got != "Started web.service.\n" {
		t.Errorf("of the manager journalctl shows %q", got)
	}
}

// TestKilledDaemonLosesNothing kills the daemon again and again while lines are written, and wants each line once, in order.
func TestKilledDaemonLosesNothing(t *testing.T) {
	s := newServer(t)
	s.start()
	out := s.service("web.service")
	const lines = 60_000
	done := make(chan error)
	go func() {
		var err error
		for i := range lines {
			if _, err = fmt.Fprintf(out, "line %d\n", i); err != nil {
				break
			}
		}
		out.Close()
		done <- err
	}()
	kills := 0
	for running := true; running; {
		select {
		case err := <-done:
			if err != nil {
				t.Fatal(err)
			}
			running = false
		default:
			for i := 0; i < 1000*(1+kills%40); i++ {
				s.link.Read()
			}
			s.kill()
			kills++
			s.start()
		}
	}
	s.settle()
	s.stop()
	var want strings.Builder
	for i := range lines {
		fmt.Fprintf(&want, "line %d\n", i)
	}
	got := journalctl(t, "-D", s.files(), "-q", "-o", "cat", "_SYSTEMD_UNIT=web.service")
	if got != want.String() {
		compareLines(t, got, want.String())
	}
	t.Logf("killed %d times", kills)
}

func compareLines(t *testing.T, got, want string) {
	t.Helper()
	g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range w {
		if i >= len(g) || g[i] != w[i] {
			t.Fatalf("%d lines, want %d; line %d is %.200q, want %.200q", len(g), len(w), i, g[min(i, len(g)-1)], w[i])
		}
	}
	t.Fatalf("%d lines, want %d", len(g), len(w))
}

func TestStreamWithHeader(t *testing.T) {
	s := newServer(t)
	path := filepath.Join(t.TempDir(), "stdout")
	fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := unix.Bind(fd, &unix.SockaddrUnix{Name: path}); err != nil {
		t.Fatal(err)
	}
	if err := unix.Listen(fd, 16); err != nil {
		t.Fatal(err)
	}
	listener := os.NewFile(uintptr(fd), "stdout")
	defer listener.Close()
	s.extra[FDStdout] = listener
	s.start()
	c, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := unix.Connect(c, &unix.SockaddrUnix{Name: path}); err != nil {
		t.Fatal(err)
	}
	f := os.NewFile(uintptr(c), "client")
	fmt.Fprint(f, "cat\n\n4\n1\n0\n0\n0\nfirst\n")
	waitFor(t, s, "first")
	s.kill()
	s.start()
	fmt.Fprint(f, "<3>second\n")
	f.Close()
	waitFor(t, s, "second")
	s.stop()
	if got := journalctl(t, "-D", s.files(), "-q", "-o", "cat", "SYSLOG_IDENTIFIER=cat"); got != "first\nsecond\n" {
		t.Errorf("journalctl shows %q", got)
	}
}

// waitFor goes on settling until a line is in the journal: a connection may be accepted only after the sync.
func waitFor(t *testing.T, s *server, line string) {
	t.Helper()
	for range 2000 {
		s.settle()
		if strings.Contains(journalctl(t, "-D", s.files(), "-q", "-o", "cat"), line) {
			return
		}
	}
	t.Fatalf("%q never came", line)
}

func TestParseSyslog(t *testing.T) {
	for _, c := range []struct {
		in, ident, pid, text string
		priority             int
	}{
		{"<30>Nov  3 10:11:12 cron[17]: hello", "cron", "17", "hello", 30},
		{"<11>app: hello\n", "app", "", "hello", 11},
		{"plain text", "", "", "plain text", 13},
		{"<999999>x", "", "", "<999999>x", 13},
	} {
		m := parseSyslog([]byte(c.in))
		if string(m.identifier) != c.ident || string(m.pid) != c.pid || string(m.text) != c.text || m.priority != c.priority {
			t.Errorf("%q: %d %q %q %q", c.in, m.priority, m.identifier, m.pid, m.text)
		}
	}
}

func TestParseNative(t *testing.T) {
	in := "MESSAGE=one\n_PID=1\nlower=x\nDATA\n\x03\x00\x00\x00\x00\x00\x00\x00a\nb\nLAST=2"
	var got []string
	fields, rest := parseNative([]byte(in+"\n\nMESSAGE=second\n"), false)
	for _, f := range fields {
		got = append(got, string(f))
	}
	if strings.Join(got, "|") != "MESSAGE=one|DATA=a\nb|LAST=2" {
		t.Errorf("got %q", got)
	}
	if fields, rest = parseNative(rest, false); len(fields) != 1 || string(fields[0]) != "MESSAGE=second" || len(rest) != 0 {
		t.Errorf("the second entry is %q, then %q", fields, rest)
	}
}
