package cgroup

import (
	"bytes"
	"fmt"
	"io/fs"
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
