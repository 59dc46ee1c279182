package process

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"golang.org/x/sys/unix"
)

// fakeProc is a directory that looks like /proc.
type fakeProc struct {
	t   *testing.T
	dir string
}

// process writes one process.
func (p fakeProc) process(pid, parent, session int, state, environ string) {
	p.t.Helper()
	dir := filepath.Join(p.dir, strconv.Itoa(pid))
	if err := os.MkdirAll(dir, 0o755); err != nil {
		p.t.Fatal(err)
	}
	stat := fmt.Sprintf("%d (a ) name) %s %d %d %d 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 %d 0", pid, state, parent, pid, session, pid*10)
	for name, text := range map[string]string{"stat": stat, "environ": environ} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			p.t.Fatal(err)
		}
	}
}

func (p fakeProc) gone(pid int) {
	p.t.Helper()
	if err := os.RemoveAll(filepath.Join(p.dir, strconv.Itoa(pid))); err != nil {
		p.t.Fatal(err)
	}
}

func TestTracker(t *testing.T) {
	p := fakeProc{t, t.TempDir()}
	tracker := NewTracker(p.dir, 100)
	check := func(what, unit string, want ...int) {
		t.Helper()
		if err := tracker.Update(); err != nil {
			t.Fatal(err)
		}
		got := tracker.Processes(unit)
		if unit == "" {
			got = tracker.Unattributed()
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: processes of %q are %v, want %v", what, unit, got, want)
		}
	}
	p.process(1, 0, 1, "S", "")
	p.process(50, 1, 50, "S", "INVOCATION_ID=aa") // not our descendant
	p.process(100, 1, 100, "S", "")
	p.process(201, 100, 201, "S", "")
	p.process(202, 201, 201, "S", "")
	tracker.Add(201, "a.service", "aa")
	check("a child and its child", "a.service", 201, 202)

	p.gone(201)
	p.process(202, 100, 201, "S", "")
	check("its parent has died", "a.service", 202)

	p.process(203, 202, 203, "S", "")
	check("a session of its own", "a.service", 202, 203)

	p.process(204, 100, 201, "S", "")
	check("an orphan of the session that was never seen before", "a.service", 202, 203, 204)

	p.process(205, 100, 205, "S", "A=b\x00INVOCATION_ID=aa\x00")
	check("an orphan in a session of its own, by its environment", "a.service", 202, 203, 204, 205)

	p.process(206, 100, 206, "S", "A=b\x00")
	check("an orphan without any sign", "", 206)

	p.process(203, 202, 203, "Z", "")
	check("a zombie is no process", "a.service", 202, 204, 205)

	tracker.Add(301, "b.service", "bb")
	p.process(301, 100, 301, "S", "")
	p.process(302, 301, 302, "S", "INVOCATION_ID=aa")
	check("an ancestor counts more than the environment", "b.service", 301, 302)
	if unit, ok := tracker.Unit(302); !ok || unit != "b.service" {
		t.Errorf("unit of 302 is %q, %v", unit, ok)
	}
	p.process(303, 302, 303, "S", "")
	if unit, ok := tracker.Unit(303); !ok || unit != "b.service" {
		t.Errorf("unit of a process that came later is %q, %v", unit, ok)
	}
	if unit, ok := tracker.Unit(50); ok {
		t.Errorf("a stranger belongs to %q", unit)
	}
	tracker.Forget("a.service")
	check("forgotten", "a.service")
}

// Real processes, that detach as daemons do.
func TestTrackerDaemon(t *testing.T) {
	if err := BecomeSubreaper(); err != nil {
		t.Fatal(err)
	}
	s := newSpawner(t, Config{})
	tracker := NewTracker("/proc", os.Getpid())
	spec := script("setsid sleep 1000 & echo $!")
	spec.Env = append(spec.Env, "INVOCATION_ID=0123")
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	spec.Stdout = int(w.Fd())
	child, err := s.Spawn(&spec)
	if err != nil {
		t.Fatal(err)
	}
	w.Close()
	tracker.Add(child.PID, "d.service", "0123")
	var daemon int
	if _, err := fmt.Fscan(r, &daemon); err != nil {
		t.Fatal(err)
	}
	wait(t, child.PID)
	if err := tracker.Update(); err != nil {
		t.Fatal(err)
	}
	if got := tracker.Processes("d.service"); !slices.Equal(got, []int{daemon}) {
		t.Errorf("processes are %v after the exit of %d, want %d", got, child.PID, daemon)
	}
	if err := unix.Kill(daemon, unix.SIGKILL); err != nil {
		t.Fatal(err)
	}
	wait(t, daemon)
}
