package cgroup

import (
	"fmt"
	"strconv"

	"golang.org/x/sys/unix"
)

// Attach moves running processes into a group, in every hierarchy that it is in: the processes of a scope, and those that a
// delegated service hands over. A process that ended meanwhile is no error.
func (t *Tree) Attach(path string, list ...int) error {
	dir, name, err := t.at(path, "/"+procsFile)
	if err != nil {
		return err
	}
	for _, pid := range list {
		text := strconv.Itoa(pid)
		for _, file := range t.V1Procs(path) {
			if err := writeAttr(unix.AT_FDCWD, file, text); err != nil && err != unix.ESRCH {
				return fmt.Errorf("%s: cannot move process %d to %s: %w", UnitName(path), pid, file, err)
			}
		}
		if err := writeAttr(dir, name, text); err != nil && err != unix.ESRCH {
			return fmt.Errorf("%s: cannot move process %d to %s: %w", UnitName(path), pid, t.Dir(path), err)
		}
	}
	return nil
}

// delegated are the files that the kernel's documentation hands to whom a subtree is delegated. Limits stay the manager's.
var delegated = []string{"", "/" + procsFile, "/cgroup.threads", "/" + subtreeControl, "/memory.oom.group"}

// Delegate gives a realized group to a user (Delegate= of systemd.resource-control(5)), who may then make groups in it.
// Controllers are passed on by realizing the group with them in Limits.Account.
func (t *Tree) Delegate(path string, uid, gid int) error {
	for _, file := range delegated {
		dir, name, err := t.at(path, file)
		if err != nil {
			return err
		}
		if err := unix.Fchownat(dir, name, uid, gid, unix.AT_SYMLINK_NOFOLLOW); err != nil && err != unix.ENOENT {
			return fmt.Errorf("%s: cannot give %s%s to user %d: %w", UnitName(path), t.Dir(path), file, uid, err)
		}
	}
	return nil
}
