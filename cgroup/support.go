package cgroup

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// Controllers returns what units can be limited by here, in either version.
func (t *Tree) Controllers() Controllers {
	c := t.v2
	for _, h := range t.v1 {
		c |= h.bit
	}
	return c
}

// Support says how far a directive is enforced here.
type Support uint8

// What can become of a directive (design: three places, honestly).
const (
	Enforced Support = iota
	Approximated
	Unavailable
)

var directiveControllers = map[string]Controllers{
	"MemoryMin": Memory, "MemoryLow": Memory, "MemoryHigh": Memory, "MemoryMax": Memory, "MemorySwapMax": Memory,
	"CPUWeight": CPU, "CPUQuota": CPU, "CPUQuotaPeriodSec": CPU, "TasksMax": Pids, "IOWeight": IO,
	"StartupCPUWeight": CPU, "StartupIOWeight": IO,
}

// Supports says whether a directive of systemd.resource-control(5) is enforced in this tree, and why not. Directives that this
// package does not know are Unavailable.
func (t *Tree) Supports(directive string) (Support, string) {
	c, known := directiveControllers[directive]
	switch {
	case !known:
		return Unavailable, directive + "= is not implemented"
	case t.mode == None:
		return Unavailable, t.reason
	case t.v2&c != 0:
		if !t.reachable(c) {
			return Unavailable, "controller " + c.String() + " is not delegated to " + t.Dir("")
		}
		return Enforced, ""
	}
	for _, h := range t.v1 {
		if h.bit == c {
			return h.supports(directive)
		}
	}
	return Unavailable, "controller " + c.String() + " is not available here"
}

// reachable says whether enabling a controller can succeed, without doing it: it is in the root already, or the group that the
// manager came from has it and could pass it on, being the kernel's own root or free of other processes.
func (t *Tree) reachable(c Controllers) bool {
	if t.readControllers("", "/cgroup.controllers")&c != 0 {
		return true
	}
	if t.root == t.origin {
		return false
	}
	dir, err := openDir(unix.AT_FDCWD, t.mountPoint+t.origin)
	if err != nil {
		return false
	}
	defer unix.Close(dir)
	text, err := readAttr(dir, "cgroup.controllers", nil)
	if err != nil || parseControllers(string(text))&c == 0 || unix.Faccessat(dir, subtreeControl, unix.W_OK, 0) != nil {
		return false
	}
	kernelsRoot := unix.Faccessat(dir, "cgroup.type", unix.F_OK, 0) == unix.ENOENT
	return kernelsRoot || t.entered || t.alone(dir)
}

func (h *hierarchy) supports(directive string) (Support, string) {
	switch directive {
	case "MemoryHigh", "MemoryLow":
		return Approximated, "version 1 has a soft limit only, which counts when the machine's memory is short"
	case "MemoryMin":
		return Unavailable, "version 1 cannot protect memory"
	case "MemorySwapMax":
		if _, err := os.Stat(h.mount + "/memory.memsw.limit_in_bytes"); err != nil {
			return Unavailable, "the kernel does not account swap"
		}
		return Approximated, "version 1 limits memory and swap together, and only beside MemoryMax="
	case "IOWeight", "StartupIOWeight":
		if !h.weighs() {
			return Unavailable, "the kernel has no weights for block devices in version 1"
		}
	}
	return Enforced, ""
}

// weighs says whether groups have weights for block devices; the root never has the file, so one of ours is asked, and a
// kernel with the scheduler's statistics in the root counts as one that has them.
func (h *hierarchy) weighs() bool {
	for _, name := range []string{"/blkio.weight", "/blkio.bfq.weight"} {
		if _, err := os.Stat(h.dir("") + name); err == nil {
			return true
		}
	}
	return false
}

func (t *Tree) unavailable(need Controllers) error {
	if missing := need &^ t.Controllers(); missing != 0 {
		return fmt.Errorf("controllers not available here: %s", missing)
	}
	return nil
}
