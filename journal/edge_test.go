package journal

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// shown returns the messages that a reader finds in the daemon's directory.
func (s *server) shown(q Query) string {
	s.t.Helper()
	return messages(s.t, open(s.t, s.dir), q)
}

func TestLinesOfStreams(t *testing.T) {
	long := strings.Repeat("x", lineMax)
	for _, c := range []struct {
		name   string
		change func(h *Stream)
		in     string
		want   string // level|_LINE_BREAK|message
	}{
		{"lines", nil, "a\nb\n", "6||a\n6||b\n"},
		{"empty lines are no entries", nil, "a\n\n\nb\n", "6||a\n6||b\n"},
		{"spaces stay", nil, "  a  \n", "6||  a  \n"},
		{"prefixes", nil, "<0>a\n<7>b\n<9>c\n<3\n<4>\n", "0||a\n7||b\n6||<9>c\n6||<3\n"},
		{"no prefixes", func(h *Stream) { h.LevelPrefix = false }, "<0>a\n", "6||<0>a\n"},
		{"level", func(h *Stream) { h.Priority = 2 }, "a\n<5>b\n", "2||a\n5||b\n"},
		{"maximum", func(h *Stream) { h.MaxLevel = 4 }, "a\n<4>b\n<5>c\n", "4||b\n"},
		{"no newline at the end", nil, "a\nb", "6||a\n6|eof|b\n"},
		{"zero", nil, "a\x00b\n", "6|nul|a\n6||b\n"},
		{"too long", nil, long + "yz\n", "6|line-max|" + long + "\n6||yz\n"},
		{"just as long", nil, long + "\n", "6||" + long + "\n"},
		{"extra fields", func(h *Stream) { h.Extra = []string{"_LINE_BREAK=mine"} }, "a\n", "6|mine|a\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newServer(t)
			s.start()
			out := s.serviceWith("a.service", func(h *Stream) {
				if c.change != nil {
					c.change(h)
				}
			})
			if _, err := out.WriteString(c.in); err != nil {
				t.Fatal(err)
			}
			out.Close()
			s.settle()
			var got strings.Builder
			for e, err := range open(t, s.dir).Entries(Query{Lines: All, Units: []string{"a.service"}}) {
				if err != nil {
					t.Fatal(err)
				}
				fmt.Fprintf(&got, "%s|%s|%s\n", e.Get("PRIORITY"), e.Get("_LINE_BREAK"), e.Get("MESSAGE"))
			}
			if got.String() != c.want {
				t.Error(difference(got.String(), c.want))
			}
			s.stop()
		})
	}
}

// TestUnfinishedLineOfAnother lets two processes write to one stream, the first without a newline.
func TestUnfinishedLineOfAnother(t *testing.T) {
	s := newServer(t)
	s.start()
	out := s.service("a.service")
	for _, text := range []string{"one", "two\n"} {
		cmd := self(t, "shout", text)
		cmd.Stdout = out
		if err := cmd.Run(); err != nil {
			t.Fatal(err)
		}
		s.settle()
	}
	if got := s.shown(Query{Lines: All, Units: []string{"a.service"}}); got != "one\ntwo\n" {
		t.Errorf("got %q", got)
	}
	s.stop()
}

func TestRateLimit(t *testing.T) {
	s := newServer(t)
	s.start()
	out := s.serviceWith("a.service", func(h *Stream) { h.Interval, h.Burst = 200_000, 5 })
	fmt.Fprint(out, strings.Repeat("line\n", 50))
	for n := 0; n < 10_000; n++ {
		s.settle()
		fmt.Fprint(out, "again\n")
		got := s.shown(Query{Lines: All, Matches: []string{"N_DROPPED=45", "N_DROPPED=46"}})
		if got != "" {
			break
		}
	}
	got := s.shown(Query{Lines: 7, Matches: []string{"_SYSTEMD_UNIT=a.service", "+", "UNIT=a.service"}})
	if !strings.Contains(s.shown(Query{Lines: All}), "messages from a.service") {
		t.Errorf("nothing is said about what was held back: %q", got)
	}
	s.stop()
}

// TestManagerDies lets go of the daemon while a service is still writing.
func TestManagerDies(t *testing.T) {
	s := newServer(t)
	native := s.listen(FDNative, unix.SOCK_DGRAM)
	s.start()
	out := s.service("a.service")
	fmt.Fprint(out, "before\n")
	s.settle()
	s.link.Close()
	s.extra[FDNative].Close()
	fmt.Fprint(out, "after\nand the rest")
	out.Close()
	if err := s.cmd.Wait(); err != nil {
		t.Fatal(err)
	}
	s.cmd = nil
	if got := s.shown(Query{Lines: All, Units: []string{"a.service"}}); got != "before\nafter\nand the rest\n" {
		t.Errorf("got %q", got)
	}
	c, err := unix.Socket(unix.AF_UNIX, unix.SOCK_DGRAM, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(c)
	if err := unix.Connect(c, &unix.SockaddrUnix{Name: native}); err == nil {
		t.Error("somebody still listens")
	}
}

// TestSecondDaemon starts a daemon beside one whose manager has died.
func TestSecondDaemon(t *testing.T) {
	s := newServer(t)
	s.start()
	out := s.service("a.service")
	fmt.Fprint(out, "one\n")
	s.settle()
	first := s.cmd
	s.link.Close()
	s.start()
	other := s.service("b.service")
	fmt.Fprint(other, "two\n")
	s.settle()
	fmt.Fprint(out, "three\n")
	out.Close()
	if err := first.Wait(); err != nil {
		t.Error(err)
	}
	s.stop()
	if got := s.shown(Query{Lines: All, Units: []string{"*.service"}}); got != "one\ntwo\nthree\n" {
		t.Errorf("got %q", got)
	}
	files, _ := filepath.Glob(s.files() + "/*")
	for _, f := range files {
		verify(t, f)
	}
}

func TestSignals(t *testing.T) {
	s := newServer(t)
	place := filepath.Join(s.dir, "late")
	volatile := filepath.Join(s.dir, "run")
	s.options = []string{"--storage=auto", "--directory=" + place, "--runtime=" + volatile}
	s.start()
	out := s.service("a.service")
	fmt.Fprint(out, "one\n")
	s.settle()
	if got := messages(t, open(t, volatile), Query{Lines: All, Units: []string{"a.service"}}); got != "one\n" {
		t.Errorf("in the volatile journal: %q", got)
	}
	if err := os.Mkdir(place, 0o755); err != nil {
		t.Fatal(err)
	}
	// A signal and a message have no order: the effect is waited for.
	signal := func(sig os.Signal, pattern string, want int) {
		if err := s.cmd.Process.Signal(sig); err != nil {
			t.Fatal(err)
		}
		for range 100_000 {
			if files, _ := filepath.Glob(pattern); len(files) == want {
				break
			}
			s.settle()
		}
		s.settle()
	}
	signal(unix.SIGUSR1, volatile+"/*/*", 0)
	fmt.Fprint(out, "two\n")
	s.settle()
	r := open(t, place)
	if got := messages(t, r, Query{Lines: All, Units: []string{"a.service"}}); got != "one\ntwo\n" {
		t.Errorf("in the persistent journal: %q", got)
	}
	if left, _ := filepath.Glob(volatile + "/*/*"); len(left) > 0 {
		t.Errorf("the volatile journal still has %q", left)
	}
	signal(unix.SIGUSR2, place+"/*/*.journal", 2)
	fmt.Fprint(out, "three\n")
	s.settle()
	if files, _ := filepath.Glob(place + "/*/*.journal"); len(files) != 2 {
		t.Errorf("after the rotation there are %q", files)
	}
	if got := messages(t, open(t, place), Query{Lines: All, Units: []string{"a.service"}}); got != "one\ntwo\nthree\n" {
		t.Errorf("after the rotation: %q", got)
	}
	s.stop()
	files, _ := filepath.Glob(place + "/*/*.journal")
	for _, f := range files {
		verify(t, f)
	}
}

// TestNoPlace gives the daemon nowhere to store anything: it goes on reading.
func TestNoPlace(t *testing.T) {
	s := newServer(t)
	file := filepath.Join(s.dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	s.options = []string{"--directory=" + file + "/journal", "--runtime=" + file + "/run"}
	var said bytes.Buffer
	s.prepare = func(cmd *exec.Cmd) { cmd.Stderr = &said }
	s.start()
	out := s.service("a.service")
	for range 100 {
		if _, err := out.WriteString(strings.Repeat("line\n", 5000)); err != nil {
			t.Fatal(err)
		}
	}
	s.settle()
	s.stop()
	if !strings.Contains(said.String(), ErrNowhere.Error()) {
		t.Errorf("the daemon says %q", said.String())
	}
}

// smallDisk puts a file system of 1.5 MB over the directory of the daemon, for this process alone.
func smallDisk() {
	dir := os.Getenv("DAVIT_JOURNAL_DISK")
	err := unix.Mount("none", "/", "", unix.MS_REC|unix.MS_PRIVATE, "")
	if err == nil {
		err = unix.Mount("tmpfs", dir, "tmpfs", 0, "size=1536k")
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(77)
	}
}

// TestFullDisk fills the disk, and wants to read how much was lost, where it was lost, once there is space again.
func TestFullDisk(t *testing.T) {
	s := newServer(t)
	s.options = []string{"--max-file=786432"}
	s.prepare = func(cmd *exec.Cmd) {
		cmd.Env = append(cmd.Env, "DAVIT_JOURNAL_TEST=small disk", "DAVIT_JOURNAL_DISK="+s.dir)
		cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: unix.CLONE_NEWNS}
		if os.Getuid() != 0 {
			cmd.SysProcAttr.Cloneflags |= unix.CLONE_NEWUSER
			cmd.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{HostID: os.Getuid(), Size: 1}}
		}
	}
	s.start()
	out := s.service("a.service")
	fmt.Fprint(out, "first\n")
	s.settle()
	outside := s.dir
	s.dir = fmt.Sprintf("/proc/%d/root%s", s.cmd.Process.Pid, outside)
	filler := s.dir + "/filler"
	f, err := os.Create(filler)
	if err != nil {
		t.Fatal(err)
	}
	for err == nil {
		_, err = f.Write(make([]byte, 4096))
	}
	f.Close()
	for i := range 5000 {
		fmt.Fprintf(out, "%s %d\n", strings.Repeat("filling ", 20), i)
	}
	s.settle()
	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	reported := ""
	for n := 0; n < 100_000 && reported == ""; n++ {
		s.settle()
		reported = s.shown(Query{Lines: All, Grep: "^Lost [0-9]+ entries here since .*: no space left on device$"})
	}
	fmt.Fprint(out, "last\n")
	s.settle()
	got := strings.Split(strings.TrimSpace(s.shown(Query{Lines: All, Matches: []string{"_SYSTEMD_UNIT=a.service", "+", "_TRANSPORT=driver"}})), "\n")
	var lost, stored int
	for i, line := range got {
		if _, err := fmt.Sscanf(line, "Lost %d entries", &lost); err == nil {
			if got[len(got)-1] != "last" || i != len(got)-2 {
				t.Errorf("the report is line %d of %d", i, len(got))
			}
		}
		if strings.HasPrefix(line, "filling") {
			stored++
		}
	}
	if stored+lost != 5000 || lost == 0 || stored == 0 {
		t.Errorf("%d stored and %d lost, want 5000 together", stored, lost)
	}
	s.stop()
}
