package process

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Many at once, from a program that collects garbage all the while: nothing of Go's runtime reaches the children, or the other way.
func TestStorm(t *testing.T) {
	s := newSpawner(t, Config{})
	stop := make(chan struct{})
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			select {
			case <-stop:
				return
			default:
				runtime.GC()
			}
		}
	}()
	spec := basic("/bin/true")
	pids := map[int]bool{}
	for range 300 {
		for {
			child, err := s.Spawn(&spec)
			if err == nil {
				unix.Close(child.PIDFD)
				pids[child.PID] = true
				break
			}
			if !errors.Is(err, ErrBusy) {
				t.Fatal(err)
			}
			poll := []unix.PollFd{{Fd: int32(s.FD()), Events: unix.POLLIN}}
			_, _ = unix.Poll(poll, 10000)
		}
	}
	close(stop)
	<-done
	for pid := range pids {
		if exit := wait(t, pid); exit.Code != CLDExited || exit.Status != 0 {
			t.Errorf("exit %+v", exit)
		}
	}
}

// layout.h says what block.go says.
func TestLayout(t *testing.T) {
	var h header
	var o op
	want := map[string]uintptr{
		"header_failed": unsafe.Offsetof(h.failed), "header_errno": unsafe.Offsetof(h.errno),
		"header_progress": unsafe.Offsetof(h.progress), "header_tid": unsafe.Offsetof(h.tid), "header_mask": unsafe.Offsetof(h.mask),
		"call_nr": unsafe.Offsetof(o.nr), "call_result": unsafe.Offsetof(o.result), "call_ignore": unsafe.Offsetof(o.ignore),
		"call_index": unsafe.Offsetof(o.index), "call_skip": unsafe.Offsetof(o.skip), "call_status": unsafe.Offsetof(o.status),
		"call_flags": unsafe.Offsetof(o.flags), "call_size": opSize,
	}
	for i := range o.args {
		want["call_a"+strconv.Itoa(i)] = unsafe.Offsetof(o.args) + uintptr(i)*8
	}
	text, err := os.ReadFile("layout.h")
	if err != nil {
		t.Fatal(err)
	}
	for name, offset := range want {
		if !strings.Contains(string(text), fmt.Sprintf("#define %s %d\n", name, offset)) {
			t.Errorf("%s is at %d, which layout.h does not say", name, offset)
		}
	}
}

// A compiled list can be started any number of times, and is not touched by what the Spawner compiles itself.
func TestCompiledList(t *testing.T) {
	s := newSpawner(t, Config{})
	compiled := script("exit 7")
	list, err := Compile(compiled)
	if err != nil {
		t.Fatal(err)
	}
	other := script("exit 8; " + strings.Repeat("#", 3000))
	for range 20 {
		first, err := s.Start(list)
		if err != nil {
			t.Fatal(err)
		}
		second, err := s.Spawn(&other)
		if err != nil {
			t.Fatal(err)
		}
		for pid, want := range map[int]int{first.PID: 7, second.PID: 8} {
			if exit := wait(t, pid); exit.Status != want {
				t.Fatalf("exit status %d, want %d", exit.Status, want)
			}
		}
		unix.Close(first.PIDFD)
		unix.Close(second.PIDFD)
	}
}

// Specs that cannot become a list are refused with a reason.
func TestCompileErrors(t *testing.T) {
	for _, path := range []string{"", "relative"} {
		spec := basic("/bin/true")
		spec.Path = path
		want := fmt.Sprintf("cannot start process: path %q is not absolute", path)
		if _, err := Compile(spec); err == nil || err.Error() != want {
			t.Errorf("error %v, want %s", err, want)
		}
	}
}
