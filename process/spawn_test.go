package process

import (
	"errors"
	"os"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

func newSpawner(t testing.TB, cfg Config) *Spawner {
	t.Helper()
	s, err := NewSpawner(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// basic is a Spec that changes nothing but what has to be.
func basic(path string, args ...string) Spec {
	return Spec{
		Path: path, Args: append([]string{path}, args...), UID: -1, GID: -1,
		Stdin: -1, Stdout: -1, Stderr: -1, Cgroup: -1, UserMode: true,
	}
}

// wait blocks until pid has ended and reaps it.
func wait(t testing.TB, pid int) Exit {
	t.Helper()
	var info siginfo
	if errno := waitid(unix.P_PID, pid, &info, unix.WEXITED|unix.WNOWAIT, nil); errno != 0 {
		t.Fatalf("cannot wait for %d: %v", pid, errno)
	}
	exit, _, ok := Reap(pid)
	if !ok {
		t.Fatalf("cannot reap %d", pid)
	}
	return exit
}

// output runs spec with its output to a pipe and returns that.
func output(t testing.TB, s *Spawner, spec Spec) (string, Exit) {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	spec.Stdout = int(w.Fd())
	spec.Stderr = spec.Stdout
	child, err := s.Spawn(&spec)
	if err != nil {
		t.Fatal(err)
	}
	if child.PIDFD >= 0 {
		defer unix.Close(child.PIDFD)
	}
	if child.Notice >= 0 {
		defer unix.Close(child.Notice)
	}
	exit := wait(t, child.PID)
	if f, ok := s.Failure(child.PID); ok {
		t.Logf("failure: %v (%d)", f, f.Status)
	}
	s.Sweep()
	w.Close()
	var b strings.Builder
	buf := make([]byte, 4096)
	for {
		n, err := r.Read(buf)
		b.Write(buf[:n])
		if err != nil || n == 0 {
			break
		}
	}
	return b.String(), exit
}

func TestEcho(t *testing.T) {
	s := newSpawner(t, Config{})
	spec := basic("/bin/sh", "-c", "echo $0 $A; echo $SYSTEMD_EXEC_PID $$; ls -l /proc/self/fd; grep Sig /proc/self/status; ulimit -n; umask", "x")
	spec.Env = []string{"A=b"}
	out, exit := output(t, s, spec)
	t.Log(out, exit)
}

func TestMissing(t *testing.T) {
	s := newSpawner(t, Config{})
	spec := basic("/nonexistent")
	child, err := s.Spawn(&spec)
	if err != nil {
		t.Fatal(err)
	}
	exit := wait(t, child.PID)
	f, ok := s.Failure(child.PID)
	if !ok || f.Status != 203 || exit.Status != 203 || !errors.Is(f, syscall.ENOENT) {
		t.Fatal(f, ok, exit)
	}
	t.Log(f)
}
