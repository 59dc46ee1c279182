package process

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
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

// A failure has the step's name, its path, the kernel's error and systemd's exit status; it is told once.
func TestFailure(t *testing.T) {
	performers(t, func(t *testing.T, s *Spawner) {
		spec := basic("/nonexistent")
		spec.ExecNotice = true
		child, err := s.Spawn(&spec)
		if err != nil {
			t.Fatal(err)
		}
		defer unix.Close(child.Notice)
		defer unix.Close(child.PIDFD)
		poll := []unix.PollFd{{Fd: int32(child.Notice), Events: unix.POLLIN}}
		if _, err := unix.Poll(poll, 10000); err != nil || poll[0].Revents == 0 {
			t.Fatalf("no notice: %v", err)
		}
		exit := wait(t, child.PID)
		f, ok := s.Failure(child.PID)
		if !ok || f.Error() != "cannot execute /nonexistent: no such file or directory" || !errors.Is(f, syscall.ENOENT) {
			t.Errorf("failure is %v, %v", f, ok)
		}
		if f.Status != 203 || exit.Status != 203 || StatusName(f.Status) != "EXEC" {
			t.Errorf("status is %d, exit status %d", f.Status, exit.Status)
		}
		if _, again := s.Failure(child.PID); again {
			t.Error("the failure is told twice")
		}
		if n := s.InFlight(); n != 0 {
			t.Errorf("%d in flight", n)
		}
	})
}

// The notice comes at exec, while the process runs on.
func TestNotice(t *testing.T) {
	performers(t, func(t *testing.T, s *Spawner) {
		spec := basic("/bin/sleep", "1000")
		spec.ExecNotice = true
		child, err := s.Spawn(&spec)
		if err != nil {
			t.Fatal(err)
		}
		defer unix.Close(child.Notice)
		defer unix.Close(child.PIDFD)
		poll := []unix.PollFd{{Fd: int32(child.Notice), Events: unix.POLLIN}}
		if _, err := unix.Poll(poll, 10000); err != nil || poll[0].Revents == 0 {
			t.Fatalf("no notice: %v", err)
		}
		if _, ended := PeekPID(child.PID); ended {
			t.Error("the process has ended")
		}
		if f, ok := s.Failure(child.PID); ok {
			t.Errorf("failure %v", f)
		}
		if err := unix.Kill(child.PID, unix.SIGKILL); err != nil {
			t.Fatal(err)
		}
		if exit := wait(t, child.PID); exit.Code != CLDKilled || exit.Status != int(unix.SIGKILL) {
			t.Errorf("exit %+v", exit)
		}
	})
}

// Descriptors arrive at 3, 4, ... in order, wherever they were; also where they have to change places.
func TestDescriptors(t *testing.T) {
	performers(t, func(t *testing.T, s *Spawner) {
		dir := t.TempDir()
		var fds []FD
		for i := range 6 {
			f, err := os.Create(filepath.Join(dir, strconv.Itoa(i)))
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			fds = append([]FD{{int(f.Fd()), ""}}, fds...) // highest first
		}
		fds[0].Name = "first"
		spec := script("readlink /proc/self/fd/[3-8]; echo $LISTEN_FDS $LISTEN_FDNAMES; [ $LISTEN_PID = $$ ] && echo mine")
		spec.FDs = fds
		out, _ := output(t, s, spec)
		want := ""
		for i := 5; i >= 0; i-- {
			want += filepath.Join(dir, strconv.Itoa(i)) + "\n"
		}
		want += "6 first:unknown:unknown:unknown:unknown:unknown\nmine\n"
		if out != want {
			t.Errorf("output:\n%s\nwant:\n%s", out, want)
		}
	})
}

// Output and error that go to the same file are opened once, so that neither overwrites the other.
func TestOutputFiles(t *testing.T) {
	performers(t, func(t *testing.T, s *Spawner) {
		file := filepath.Join(t.TempDir(), "out")
		spec := script("echo out; echo err >&2; echo out")
		spec.OpenStdout = &OpenFile{Path: file, Flags: unix.O_WRONLY | unix.O_CREAT | unix.O_TRUNC}
		spec.OpenStderr = &OpenFile{Path: file, Flags: unix.O_WRONLY | unix.O_CREAT | unix.O_TRUNC}
		child, err := s.Spawn(&spec)
		if err != nil {
			t.Fatal(err)
		}
		unix.Close(child.PIDFD)
		wait(t, child.PID)
		text, err := os.ReadFile(file)
		if err != nil || string(text) != "out\nerr\nout\n" {
			t.Errorf("%q, %v", text, err)
		}
	})
}

// More than may be in flight are refused; FD tells when there is room again. The children are held up by a FIFO without a reader.
func TestBusy(t *testing.T) {
	s := newSpawner(t, Config{InFlight: 2})
	fifo := filepath.Join(t.TempDir(), "fifo")
	if err := unix.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	spec := basic("/bin/true")
	spec.OpenStdout = &OpenFile{Path: fifo, Flags: unix.O_WRONLY}
	var pids []int
	for range 2 {
		child, err := s.Spawn(&spec)
		if err != nil {
			t.Fatal(err)
		}
		unix.Close(child.PIDFD)
		pids = append(pids, child.PID)
	}
	if _, err := s.Spawn(&spec); !errors.Is(err, ErrBusy) {
		t.Fatalf("third start: %v", err)
	}
	if at, ok := s.Stuck(pids[0]); !ok || at != "set up standard output" && at != "set up signals" && at != "set up standard input" {
		t.Logf("stuck at %q, %v", at, ok) // it may not have come that far
	}
	reader, err := os.OpenFile(fifo, os.O_RDONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	for {
		poll := []unix.PollFd{{Fd: int32(s.FD()), Events: unix.POLLIN}}
		if n, err := unix.Poll(poll, 10000); n != 1 && err != unix.EINTR {
			t.Fatalf("no word of room: %v", err)
		}
		child, err := s.Spawn(&spec)
		if errors.Is(err, ErrBusy) {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		unix.Close(child.PIDFD)
		pids = append(pids, child.PID)
		break
	}
	for _, pid := range pids {
		wait(t, pid)
	}
}

// A process that is born in a cgroup with too little memory must not take us along when the kernel looks for a victim: it would, if
// it were in our memory.
func TestMemoryLimit(t *testing.T) {
	dir := memoryCgroup(t)
	s := newSpawner(t, Config{})
	spec := basic("/bin/true")
	spec.CgroupV1 = []string{dir + "/cgroup.procs"}
	spec.MemoryLimit = true
	child, err := s.Spawn(&spec)
	if err != nil {
		t.Fatal(err)
	}
	unix.Close(child.PIDFD)
	if exit := wait(t, child.PID); exit.Code == CLDExited && exit.Status == 0 {
		t.Errorf("exit %+v: the limit does nothing here", exit)
	}
	if n := s.InFlight(); n != 0 {
		t.Errorf("%d in flight", n)
	}
}

// memoryCgroup makes a cgroup with a limit of one page, next to the one that this process is in.
func memoryCgroup(t *testing.T) string {
	t.Helper()
	own, err := os.ReadFile("/proc/self/cgroup")
	if err != nil {
		t.Skip("SKIP: no cgroups")
	}
	_, rest, ok := strings.Cut(string(own), ":memory:")
	path, _, _ := strings.Cut(rest, "\n")
	dir := filepath.Join("/sys/fs/cgroup/memory", path, "davit-test-"+strconv.Itoa(os.Getpid()))
	if !ok || os.Mkdir(dir, 0o755) != nil {
		t.Skip("SKIP: no cgroup v1 with memory to be had")
	}
	t.Cleanup(func() { os.Remove(dir) })
	if err := os.WriteFile(filepath.Join(dir, "memory.limit_in_bytes"), []byte("4096"), 0); err != nil {
		t.Skip("SKIP: cannot limit memory")
	}
	return dir
}

// A child is born in the cgroup; with clone3 or without.
func TestCgroup(t *testing.T) {
	root := ""
	for _, dir := range []string{"/sys/fs/cgroup/unified", "/sys/fs/cgroup"} {
		if unix.Access(dir+"/cgroup.controllers", unix.R_OK) == nil {
			root = dir
			break
		}
	}
	dir := filepath.Join(root, "davit-test-process-"+strconv.Itoa(os.Getpid()))
	if root == "" || os.Mkdir(dir, 0o755) != nil {
		t.Skip("SKIP: no cgroup v2 to be had")
	}
	defer os.Remove(dir)
	fd, err := unix.Open(dir, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fd)
	performers(t, func(t *testing.T, s *Spawner) {
		spec := script("grep ^0:: /proc/self/cgroup")
		spec.Cgroup = fd
		if out, _ := output(t, s, spec); out != "0::/"+filepath.Base(dir)+"\n" {
			t.Errorf("output %q", out)
		}
	})
}

// Our own descriptors, limits and score stay as they are, whatever the children do.
func TestManagerUntouched(t *testing.T) {
	state := func() string {
		score, _ := os.ReadFile("/proc/self/oom_score_adj")
		filter, _ := os.ReadFile("/proc/self/coredump_filter")
		var mask unix.Rlimit
		_ = unix.Getrlimit(unix.RLIMIT_NOFILE, &mask)
		entries, _ := os.ReadDir("/proc/self/fd")
		return fmt.Sprintf("%s %s %v %d", score, filter, mask, len(entries))
	}
	performers(t, func(t *testing.T, s *Spawner) {
		warm := script("true")
		output(t, s, warm)
		before := state()
		for _, row := range outcomes {
			if row.root && (os.Getuid() != 0 || !mapped()) {
				continue
			}
			output(t, s, row.setup(t))
		}
		if after := state(); after != before {
			t.Errorf("before %s, after %s", before, after)
		}
	})
}
