package journal

import (
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"golang.org/x/sys/unix"
)

// server is a daemon as the manager runs it.
type server struct {
	t       testing.TB
	dir     string
	link    *Link
	ledger  int
	cmd     *exec.Cmd
	extra   map[string]*os.File
	options []string
	prepare func(cmd *exec.Cmd)
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
	s.cmd.Args = append(s.cmd.Args, s.options...)
	if s.prepare != nil {
		s.prepare(s.cmd)
	}
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

// listen binds one of systemd's sockets, as the manager does, and returns its path.
func (s *server) listen(name string, kind int) string {
	s.t.Helper()
	path := filepath.Join(s.t.TempDir(), name)
	fd, err := unix.Socket(unix.AF_UNIX, kind|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		s.t.Fatal(err)
	}
	if err := unix.Bind(fd, &unix.SockaddrUnix{Name: path}); err != nil {
		s.t.Fatal(err)
	}
	if kind == unix.SOCK_STREAM {
		if err := unix.Listen(fd, 16); err != nil {
			s.t.Fatal(err)
		}
	}
	f := os.NewFile(uintptr(fd), name)
	s.t.Cleanup(func() { f.Close() })
	s.extra[name] = f
	return path
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
func (s *server) service(unit string) *os.File { return s.serviceWith(unit, func(*Stream) {}) }

func (s *server) serviceWith(unit string, change func(h *Stream)) *os.File {
	s.t.Helper()
	out, in, err := NewStream()
	if err != nil {
		s.t.Fatal(err)
	}
	h := DefaultStream(NewID(), unit)
	h.Invocation, h.Identifier = NewID(), strings.TrimSuffix(unit, ".service")
	change(&h)
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

// TestKilledDaemonLosesNothing kills the daemon again and again while several services write, line by line and in pieces, the manager
// logs, and others send datagrams, in files so small that they are rotated meanwhile. It wants each line once, in order.
func TestKilledDaemonLosesNothing(t *testing.T) {
	s := newServer(t)
	s.options = []string{"--max-file=786432"}
	native := s.listen(FDNative, unix.SOCK_DGRAM)
	syslog := s.listen(FDSyslog, unix.SOCK_DGRAM)
	s.start()
	var wg sync.WaitGroup
	text := func(lines int) *strings.Builder {
		var b strings.Builder
		for i := range lines {
			fmt.Fprintf(&b, "line %d\n", i)
		}
		return &b
	}
	const lines = 20_000
	for unit, piece := range map[string]int{"whole.service": 0, "bytes.service": 3, "blocks.service": 30_000} {
		out := s.service(unit)
		wg.Go(func() {
			defer out.Close()
			n := lines
			if piece == 3 {
				n /= 10
			}
			for p := text(n).String(); len(p) > 0; {
				k := piece
				if k == 0 {
					k = strings.IndexByte(p, '\n') + 1
				}
				k = min(k, len(p))
				if _, err := io.WriteString(out, p[:k]); err != nil {
					t.Errorf("%s: %v", unit, err)
					return
				}
				p = p[k:]
			}
		})
	}
	for path, form := range map[string]string{native: "MESSAGE=line %d\nSYSLOG_IDENTIFIER=native\n", syslog: "<13>syslog: line %d"} {
		wg.Go(func() {
			c, err := net.Dial("unixgram", path)
			if err != nil {
				t.Error(err)
				return
			}
			defer c.Close()
			for i := range lines / 10 {
				if _, err := fmt.Fprintf(c, form, i); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	kills, logged, rounds := 0, 0, 80
	if testing.Short() {
		rounds = 15
	}
	for ; kills < rounds; kills++ {
		for range 5 {
			s.link.Log(6, fmt.Sprintf("line %d", logged), Field{"UNIT", "x.service"})
			logged++
		}
		if kills%4 != 0 { // else it is killed wherever it is while it starts
			s.settle()
		}
		for range kills * 50 {
			s.link.Read()
			s.link.Flush()
		}
		s.kill()
		s.start()
	}
	s.settle()
	wg.Wait()
	s.settle()
	s.stop()
	for match, n := range map[string]int{
		"_SYSTEMD_UNIT=whole.service": lines, "_SYSTEMD_UNIT=bytes.service": lines / 10, "_SYSTEMD_UNIT=blocks.service": lines,
		"SYSLOG_IDENTIFIER=native": lines / 10, "SYSLOG_IDENTIFIER=syslog": lines / 10, "UNIT=x.service": logged,
	} {
		got, want := journalctl(t, "-D", s.files(), "-q", "-o", "cat", match), text(n).String()
		if got != want {
			t.Errorf("%s: %s", match, difference(got, want))
		}
	}
	files, _ := filepath.Glob(s.files() + "/*.journal")
	for _, f := range files {
		verify(t, f)
	}
	if unclean, _ := filepath.Glob(s.files() + "/*~"); len(unclean) > 0 {
		t.Errorf("files that were taken for unclean: %q", unclean)
	}
	t.Logf("killed %d times, %d files", kills, len(files))
}

// difference says where two texts differ first.
func difference(got, want string) string {
	g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range w {
		if i >= len(g) || g[i] != w[i] {
			return fmt.Sprintf("%d lines, want %d; line %d is %.200q, want %.200q", len(g), len(w), i, g[min(i, len(g)-1)], w[i])
		}
	}
	return fmt.Sprintf("%d lines, want %d", len(g), len(w))
}

func compareLines(t *testing.T, got, want string) {
	t.Helper()
	if got != want {
		t.Fatal(difference(got, want))
	}
}

func TestStreamWithHeader(t *testing.T) {
	s := newServer(t)
	path := s.listen(FDStdout, unix.SOCK_STREAM)
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
