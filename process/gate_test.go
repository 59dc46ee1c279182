package process

import (
	"errors"
	"os"
	"runtime"
	"testing"

	"davit/unit"

	"golang.org/x/sys/unix"
)

// withoutPrivileges runs f in a thread that has no capabilities: what it starts has none either. The thread ends with f.
func withoutPrivileges(t *testing.T, f func()) {
	t.Helper()
	done := make(chan struct{})
	go func() {
		defer close(done)
		runtime.LockOSThread()
		header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
		var none [2]unix.CapUserData
		if err := unix.Capset(&header, &none[0]); err != nil {
			t.Error(err)
			return
		}
		f()
	}()
	<-done
}

// Where there are no namespaces to be had, hardening is passed over as a whole, and what is more than hardening fails.
func TestSandboxWithoutPrivileges(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("SKIP: needs root")
	}
	dir := t.TempDir()
	performers(t, func(t *testing.T, s *Spawner) {
		if !s.direct {
			return // the executor is a program, and root gets its privileges back with it
		}
		withoutPrivileges(t, func() {
			spec := script(`exec 2>&1; : >> ` + dir + `/f && echo written`)
			spec.Exec = plain(func(e *unit.Exec) {
				e.ProtectSystem, e.PrivateNetwork, e.PrivateTmp = unit.ProtectSystemStrict, true, unit.PrivateTmpConnected
				e.SystemCallFilter = unit.Filter{Set: true, Names: []string{"@mount"}}
				e.NoNewPrivileges = true
			})
			spec.Lenient = true
			if out, exit := output(t, s, spec); out != "written\n" || exit.Status != 0 {
				t.Errorf("exit %+v, output %q", exit, out)
			}
			spec = script("true")
			spec.Exec = plain(func(e *unit.Exec) { e.BindPaths = []unit.Bind{{Source: "/usr", Destination: "/mnt", Recursive: true}} })
			if _, exit := output(t, s, spec); exit.Status != 226 {
				t.Errorf("bind mount without privileges: exit %+v, want status 226", exit)
			}
			spec = script("true")
			spec.Exec = plain(func(e *unit.Exec) { e.Nice = unit.OptInt{Value: -5, Set: true} })
			if _, exit := output(t, s, spec); exit.Status != 201 {
				t.Errorf("nice level without privileges: exit %+v, want status 201", exit)
			}
			spec.Lenient = true
			if _, exit := output(t, s, spec); exit.Status != 0 {
				t.Errorf("nice level without privileges, lenient: exit %+v", exit)
			}
		})
	})
}

// InFlight at its maximum promises a word of room, and Sweep takes the word back.
func TestRoom(t *testing.T) {
	s := newSpawner(t, Config{InFlight: 1})
	spec := basic("/bin/true")
	readable := func(milliseconds int) bool {
		poll := []unix.PollFd{{Fd: int32(s.FD()), Events: unix.POLLIN}}
		for {
			n, err := unix.Poll(poll, milliseconds)
			if !errors.Is(err, unix.EINTR) {
				return n == 1
			}
		}
	}
	for range 20 {
		child, err := s.Spawn(&spec)
		if err != nil {
			t.Fatal(err)
		}
		unix.Close(child.PIDFD)
		if s.InFlight() == 1 {
			if !readable(10000) {
				t.Fatal("no word of room")
			}
			for s.InFlight() == 1 { // the wait is bounded; it may have ended early
				_ = readable(10000)
			}
		}
		wait(t, child.PID)
	}
}
