package cgroup

import (
	"errors"
	"fmt"

	"golang.org/x/sys/unix"
)

// Remove removes the group with all groups below it, in every hierarchy. Removing what is not there is no error. While a
// process is left in it the error wraps unix.EBUSY, and nothing is forgotten.
func (t *Tree) Remove(path string) error {
	if t.mode == None {
		return nil
	}
	if err := t.remove(path); err != nil {
		return fmt.Errorf("%s: cannot remove cgroup %s: %w", UnitName(path), t.Dir(path), err)
	}
	return nil
}

func (t *Tree) remove(path string) error {
	err := t.rmdir(path)
	if err == unix.EBUSY {
		err = t.removeBelow(path)
		if err == nil {
			err = t.rmdir(path)
		}
	}
	if err != nil && err != unix.ENOENT {
		return err
	}
	left := t.v1set(path, t.groups[path])
	if path != "" {
		t.drop(path)
	}
	return t.removeV1(path, left)
}

func (t *Tree) rmdir(path string) error {
	if path == "" {
		return unix.Rmdir(t.Dir(""))
	}
	dir, name, err := t.at(path, "")
	if err != nil {
		return err
	}
	return unix.Unlinkat(dir, name, unix.AT_REMOVEDIR)
}

func (t *Tree) removeBelow(path string) error {
	names, err := t.children(path)
	if err != nil {
		return err
	}
	if len(names) == 0 {
		return unix.EBUSY // it is processes that keep it
	}
	for _, sub := range names {
		if path != "" {
			sub = path + "/" + sub
		}
		if err := t.remove(sub); err != nil {
			return err
		}
	}
	return nil
}

// v1set says in which version 1 hierarchies a group may have left something.
func (t *Tree) v1set(path string, g *group) Controllers {
	switch {
	case len(t.v1) == 0:
		return 0
	case path == "":
		return allControllers
	case g != nil && !g.found && !isSlice(path): // a slice may be there just to lead to a limited service
		return g.v1
	}
	return t.probe(path)
}

// removeV1 removes a group from version 1. A task that just died may keep it for a moment, which is EBUSY like a live one.
func (t *Tree) removeV1(path string, set Controllers) error {
	var errs []error
	for _, h := range t.v1 {
		if set&h.bit == 0 {
			continue
		}
		if err := removeTree(h.dir(path)); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", h.dir(path), err))
		}
	}
	return errors.Join(errs...)
}

// removeTree removes a directory of a hierarchy with those below it.
func removeTree(dir string) error {
	err := unix.Rmdir(dir)
	if err == unix.ENOENT {
		return nil
	}
	if err != unix.EBUSY && err != unix.ENOTEMPTY {
		return err
	}
	fd, err := openat(unix.AT_FDCWD, dir, unix.O_RDONLY|unix.O_DIRECTORY)
	if err != nil {
		return err
	}
	names, err := subdirectories(fd)
	unix.Close(fd)
	if err != nil {
		return err
	}
	for _, name := range names {
		if err := removeTree(dir + "/" + name); err != nil {
			return err
		}
	}
	return unix.Rmdir(dir)
}
