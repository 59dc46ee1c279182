package cgroup

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// Attribute reads a file of the group ("memory.max", "pids.current") in the hierarchy that has its controller, without the
// final newline.
func (t *Tree) Attribute(path, name string) (string, error) {
	dir, file, err := t.attribute(path, name)
	if err != nil {
		return "", err
	}
	text, err := readAttr(dir, file, nil)
	if err != nil {
		return "", &fs.PathError{Op: "read", Path: name, Err: err}
	}
	return strings.TrimSuffix(string(text), "\n"), nil
}

// SetAttribute writes a file of the group.
func (t *Tree) SetAttribute(path, name, value string) error {
	dir, file, err := t.attribute(path, name)
	if err != nil {
		return err
	}
	if err := writeAttr(dir, file, value); err != nil {
		return &fs.PathError{Op: "write " + value + " to", Path: name, Err: err}
	}
	return nil
}

func (t *Tree) attribute(path, name string) (int, string, error) {
	if strings.Contains(name, "/") || name == "" || name[0] == '.' {
		return -1, "", fmt.Errorf("%q is not the name of a cgroup attribute", name)
	}
	prefix, _, _ := strings.Cut(name, ".")
	if h := t.controllerV1(parseControllers(prefix), path); h != nil && prefix == h.name && prefix != "" {
		if unix.Access(h.dir(path)+"/"+name, unix.F_OK) == nil {
			return unix.AT_FDCWD, h.dir(path) + "/" + name, nil
		}
	}
	return t.at(path, "/"+name)
}

// UnitOf returns the path of the unit's group that a process lives in, false when it lives outside our root. It is fast: it
// attributes the sender of each notification.
func (t *Tree) UnitOf(pid int) (string, bool) {
	if t.mode == None {
		return "", false
	}
	fd, err := openat(unix.AT_FDCWD, t.proc+"/"+strconv.Itoa(pid)+"/cgroup", unix.O_RDONLY)
	if err != nil {
		return "", false
	}
	defer unix.Close(fd)
	text, err := readFD(fd, t.scratch[:0])
	if err != nil {
		return "", false
	}
	return t.unitIn(text)
}

// unitIn finds our unit in the text of /proc/PID/cgroup, whose line for version 2 starts with "0::".
func (t *Tree) unitIn(text []byte) (string, bool) {
	for len(text) > 0 {
		line, rest, _ := bytes.Cut(text, []byte{'\n'})
		text = rest
		group, ok := bytes.CutPrefix(line, []byte("0::"))
		if !ok {
			continue
		}
		group = bytes.TrimSuffix(group, []byte(" (deleted)"))
		top := t.hidden + t.root
		if len(group) <= len(top)+1 || string(group[:len(top)]) != top || group[len(top)] != '/' {
			return "", false
		}
		return unitPart(string(group[len(top)+1:])), true
	}
	return "", false
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
		if t.root != t.origin && t.readControllers("", "/cgroup.controllers")&c == 0 && t.offer(c) != nil {
			return Unavailable, "controller " + c.String() + " is not delegated to " + t.Dir("")
		}
		return Enforced, ""
	}
	for _, h := range t.v1 {
		if h.bit == c {
			return h.supports(directive)
		}
	}
	return Unavailable, "the kernel has no controller " + c.String() + " here"
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
	have := t.v2
	for _, h := range t.v1 {
		have |= h.bit
	}
	if missing := need &^ have; missing != 0 {
		return fmt.Errorf("the kernel has no controllers %s here", missing)
	}
	return nil
}
