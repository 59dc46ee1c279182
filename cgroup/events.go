package cgroup

import (
	"encoding/binary"
	"fmt"

	"golang.org/x/sys/unix"
)

// Event is what Read reports of a group.
type Event uint8

// The events of a group.
const (
	Empty   Event = iota // no process is left in it or below; may be reported again, and before anything ran
	OOMKill              // the kernel killed a process because memory ran out (version 2)
	Frozen               // all its processes are frozen
)

// openEvents makes the one inotify instance that serves all groups: a user may have 128 of them, and a group costs one watch.
func (t *Tree) openEvents() error {
	fd, err := unix.InotifyInit1(unix.IN_CLOEXEC | unix.IN_NONBLOCK)
	if err != nil {
		t.mode, t.reason = None, "cannot watch cgroups: "+err.Error()
		return fmt.Errorf("cannot watch cgroups: %w", err)
	}
	t.inotify = fd
	return nil
}

// FD returns the descriptor that becomes readable when Read has something to report; -1 without a tree.
func (t *Tree) FD() int { return t.inotify }

// Watch makes Read report events of a group that exists. It costs no descriptor. Watching twice is watching once. Each first
// process and each last one of a watched group wakes the loop, and the kernel holds back events that follow within 10 ms: it
// is cheaper and faster to ask (Populated, KilledForMemory) when a known process ends, and to watch, then ask, only groups in
// which unknown ones remain.
func (t *Tree) Watch(path string) error {
	if t.mode == None {
		return ErrNoTree
	}
	g, err := t.make(path)
	if err != nil {
		return fmt.Errorf("%s: cannot watch cgroup: %w", UnitName(path), err)
	}
	if g.wd == 0 {
		if g.wd, err = t.watch(g, "/cgroup.events"); err != nil {
			return fmt.Errorf("%s: cannot watch cgroup: %w", UnitName(path), err)
		}
	}
	if g.counted {
		return t.watchMemory(g)
	}
	return nil
}

func (t *Tree) watchMemory(g *group) error {
	if g.memory != 0 || g.wd == 0 { // not watched, or not yet: Watch comes back here
		return nil
	}
	var err error
	if g.memory, err = t.watch(g, "/memory.events"); err != nil {
		return fmt.Errorf("cannot watch memory events: %w", err)
	}
	return nil
}

func (t *Tree) watch(g *group, file string) (int32, error) {
	wd, err := unix.InotifyAddWatch(t.inotify, t.Dir(g.path)+file, unix.IN_MODIFY)
	if err != nil {
		return 0, err
	}
	t.watches[int32(wd)] = g
	return int32(wd), nil
}

func (t *Tree) unwatch(g *group) {
	for _, wd := range []*int32{&g.wd, &g.memory} {
		if *wd == 0 {
			continue
		}
		delete(t.watches, *wd)
		unix.InotifyRmWatch(t.inotify, uint32(*wd)) //nolint:errcheck // it goes with the file otherwise
		*wd = 0
	}
}

// Read reports what happened since the last call, until nothing is left; it never blocks. The callback may call any method of
// the tree except Read and Close.
func (t *Tree) Read(report func(path string, ev Event)) {
	if t.inotify < 0 {
		return
	}
	var buf [16 * 256]byte
	for {
		n, err := unix.Read(t.inotify, buf[:])
		if err == unix.EINTR {
			continue
		}
		if err != nil || n <= 0 {
			return
		}
		for b := buf[:n]; len(b) >= unix.SizeofInotifyEvent; {
			wd := int32(binary.NativeEndian.Uint32(b))
			mask := binary.NativeEndian.Uint32(b[4:])
			b = b[unix.SizeofInotifyEvent+int(binary.NativeEndian.Uint32(b[12:])):]
			switch g := t.watches[wd]; {
			case mask&unix.IN_Q_OVERFLOW != 0:
				t.recheck(report)
			case g == nil || mask&unix.IN_MODIFY == 0:
			case wd == g.memory:
				t.reportOOM(g, report)
			default:
				t.reportState(g, report)
			}
		}
	}
}

func (t *Tree) reportState(g *group, report func(string, Event)) {
	populated, frozen, err := t.state(g.path)
	switch {
	case err != nil: // removed by somebody else: nothing can run in it
		report(g.path, Empty)
	case !populated:
		report(g.path, Empty)
	case frozen:
		report(g.path, Frozen)
	}
}

func (t *Tree) reportOOM(g *group, report func(string, Event)) {
	if t.KilledForMemory(g.path) {
		report(g.path, OOMKill)
	}
}

// KilledForMemory says whether the kernel killed a process of the group for memory since it was last asked or reported; in
// either version. The event may come later than the process's exit, so a manager asks at each exit by SIGKILL.
func (t *Tree) KilledForMemory(path string) bool {
	g := t.groups[path]
	if g == nil || (!g.counted && g.v1&Memory == 0) {
		return false
	}
	now := t.OOMKills(path)
	more := now > g.ooms
	g.ooms = now
	return more
}

// recheck looks at every watched group, because the kernel's queue overflowed and events are lost.
func (t *Tree) recheck(report func(string, Event)) {
	for _, g := range t.below("") {
		if g.memory != 0 {
			t.reportOOM(g, report)
		}
		if g.wd != 0 {
			t.reportState(g, report)
		}
	}
}

// state reads cgroup.events. The real root of version 2 has no such file and counts as populated.
func (t *Tree) state(path string) (populated, frozen bool, err error) {
	dir, name, err := t.at(path, "/cgroup.events")
	if err != nil {
		return false, false, err
	}
	text, err := readAttr(dir, name, t.scratch[:0])
	if err == unix.ENOENT && path == "" {
		return true, false, nil
	}
	if err != nil {
		return false, false, err
	}
	p, ok := keyed(text, "populated")
	f, _ := keyed(text, "frozen")
	return p != 0 || !ok, f != 0, nil
}

// Populated says whether a process runs in the group or below. A group that does not exist is not populated.
func (t *Tree) Populated(path string) (bool, error) {
	populated, _, err := t.state(path)
	if err == unix.ENOENT || err == unix.ENODEV {
		return false, nil
	}
	return populated, err
}

// OOMKills counts the processes of the group that the kernel killed because memory ran out, since the group was made. Without
// a memory controller on the group it is 0 forever. The manager asks when a process ends by SIGKILL: version 1 has no event.
func (t *Tree) OOMKills(path string) uint64 {
	file := "/memory.events"
	dir, name, err := t.at(path, file)
	for _, h := range t.v1 {
		if h.bit == Memory {
			g := t.groups[path]
			if g == nil || g.v1&Memory == 0 {
				return 0
			}
			dir, name = unix.AT_FDCWD, h.dir(path)+"/memory.oom_control"
		}
	}
	if err != nil {
		return 0
	}
	text, err := readAttr(dir, name, t.scratch[:0])
	if err != nil {
		return 0
	}
	n, _ := keyed(text, "oom_kill")
	return n
}
