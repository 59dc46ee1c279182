package cgroup

import (
	"fmt"
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

const (
	subtreeControl = "cgroup.subtree_control"
	procsFile      = "cgroup.procs"
)

// enable turns controllers on for the groups directly below path, and for all that lead there. Only what a unit needs is
// ever enabled, since each controller costs every group below.
func (t *Tree) enable(path string, want Controllers) error {
	s, err := t.slice(path)
	if err != nil {
		return err
	}
	if !s.known {
		s.enabled, s.known = t.readControllers(path, "/"+subtreeControl), true
	}
	missing := want &^ s.enabled
	if missing == 0 {
		return nil
	}
	if path == "" {
		err = t.offer(missing)
	} else {
		parent, _ := split(path)
		err = t.enable(parent, want)
	}
	if err != nil {
		return err
	}
	err = writeAttr(s.fd, subtreeControl, plus(missing))
	if err == unix.EBUSY && path == "" { // processes live in the root itself
		if err = t.vacate(); err == nil {
			err = writeAttr(s.fd, subtreeControl, plus(missing))
		}
	}
	if err != nil {
		return fmt.Errorf("cannot enable %s below %s: %w", missing, t.Dir(path), err)
	}
	s.enabled |= missing
	return nil
}

func (t *Tree) readControllers(path, file string) Controllers {
	dir, name, err := t.at(path, file)
	if err != nil {
		return 0
	}
	text, err := readAttr(dir, name, t.scratch[:0])
	if err != nil {
		return 0
	}
	return parseControllers(string(text))
}

// plus formats a set for cgroup.subtree_control: "+cpu +memory".
func plus(c Controllers) string { return "+" + strings.ReplaceAll(c.String(), " ", " +") }

// offer makes controllers available in the root: they have to be enabled in the group that the manager came from when the
// root is a child of it. That group may hold no other process then, and ourselves only until we moved.
func (t *Tree) offer(want Controllers) error {
	missing := want &^ t.readControllers("", "/cgroup.controllers")
	if missing == 0 {
		return nil
	}
	if t.root == t.origin {
		return fmt.Errorf("controllers %s are not available in %s", missing, t.Dir(""))
	}
	origin, err := openDir(unix.AT_FDCWD, t.mountPoint+t.origin)
	if err != nil {
		return err
	}
	defer unix.Close(origin)
	err = writeAttr(origin, subtreeControl, plus(missing))
	if err == unix.EBUSY && t.alone(origin) {
		if err = t.Enter(); err == nil {
			err = writeAttr(origin, subtreeControl, plus(missing))
		}
	}
	if err == unix.EBUSY {
		return fmt.Errorf("cannot enable %s in %s: other processes live there", missing, t.mountPoint+t.origin)
	}
	if err != nil {
		return fmt.Errorf("cannot enable %s in %s: %w", missing, t.mountPoint+t.origin, err)
	}
	return nil
}

// alone says whether the manager is the only process of a group.
func (t *Tree) alone(dir int) bool {
	text, err := readAttr(dir, procsFile, t.scratch[:0])
	return err == nil && strings.TrimSpace(string(text)) == strconv.Itoa(os.Getpid())
}

// Enter moves the manager itself into init.scope below the root: a group with controllers for its children may hold no
// process. It is done by itself when a controller is first needed; a manager of a machine calls it at start, so that its own
// processes are accounted like a unit's.
func (t *Tree) Enter() error {
	if t.mode == None || t.entered {
		return nil
	}
	if _, err := t.make(initScope); err != nil {
		return fmt.Errorf("cannot create %s: %w", t.Dir(initScope), err)
	}
	if err := writeAttr(t.slices[""].fd, initScope+"/"+procsFile, "0"); err != nil {
		return fmt.Errorf("cannot move the manager into %s: %w", t.Dir(initScope), err)
	}
	t.entered = true
	return nil
}

// vacate moves everything that lives in the root itself into init.scope: us, and whatever entered a container from outside.
// Kernel threads cannot be moved and do not matter.
func (t *Tree) vacate() error {
	if err := t.Enter(); err != nil {
		return err
	}
	return t.move("", initScope+"/"+procsFile, t.slices[""].fd)
}

// move writes every process that is directly in a group to another group's cgroup.procs, until none is new.
func (t *Tree) move(from, procs string, dir int) error {
	seen := map[int]bool{}
	for {
		fd, name, err := t.at(from, "/"+procsFile)
		if err != nil {
			return err
		}
		text, err := readAttr(fd, name, t.scratch[:0])
		if err != nil {
			return err
		}
		fresh := false
		pids(text, func(pid int) {
			if !seen[pid] {
				seen[pid], fresh = true, true
				writeAttr(dir, procs, strconv.Itoa(pid)) //nolint:errcheck // gone, or a kernel thread
			}
		})
		if !fresh {
			return nil
		}
	}
}

// Close removes what the manager made of the root when it is empty, moves the manager back to where it came from, and closes
// all descriptors.
func (t *Tree) Close() error {
	if t.mode == None {
		return nil
	}
	var err error
	if t.created {
		err = t.leave()
	}
	for _, s := range t.slices {
		unix.Close(s.fd)
	}
	if t.inotify >= 0 {
		unix.Close(t.inotify)
	}
	*t = Tree{inotify: -1, reason: "the tree was closed"}
	return err
}

func (t *Tree) leave() error {
	if t.entered {
		// Where controllers are enabled no process may enter: turn off what we may have turned on.
		root := t.slices[""]
		writeAttr(root.fd, subtreeControl, minus(root.enabled)) //nolint:errcheck // the next step tells
		if origin, err := openDir(unix.AT_FDCWD, t.mountPoint+t.origin); err == nil {
			if err := writeAttr(origin, procsFile, "0"); err == unix.EBUSY {
				writeAttr(origin, subtreeControl, minus(allControllers)) //nolint:errcheck // likewise
				writeAttr(origin, procsFile, "0")                        //nolint:errcheck // likewise
			}
			unix.Close(origin)
		}
	}
	err := t.Remove("")
	if err != nil {
		return fmt.Errorf("cannot remove cgroup %s: %w", t.Dir(""), err)
	}
	return nil
}

func minus(c Controllers) string { return strings.ReplaceAll(plus(c), "+", "-") }
