package cgroup

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// Kill sends a signal to every process in the group and below, except those to skip. SIGKILL takes the kernel's own way where
// there is one, which no fork escapes; other signals go to each process once, also to those born meanwhile.
func (t *Tree) Kill(path string, sig syscall.Signal, skip ...int) error {
	_, settled, err := t.signal(path, []syscall.Signal{sig}, skip)
	if settled || sig != syscall.SIGKILL || len(skip) > 0 {
		return err
	}
	return t.killAtOnce(path)
}

// killAtOnce is for what makes processes faster than they can be killed one by one. A kernel with kill_seq (6.18, say) kills every
// process that is later cloned into such a group from outside, so it is not used again: see make.
func (t *Tree) killAtOnce(path string) error {
	dir, name, err := t.at(path, "/cgroup.kill")
	if err != nil {
		return err
	}
	if g := t.groups[path]; g != nil {
		g.killed = true
	}
	switch err := writeAttr(dir, name, "1"); err {
	case nil, unix.ENOENT: // no such group, or a kernel before 5.14
		return nil
	default:
		return fmt.Errorf("%s: cannot kill cgroup: %w", UnitName(path), err)
	}
}

// Signal sends the signals in order to every process in the group and below, except those to skip, and returns how many
// processes got them. It repeats until no process is new, within limits: only SIGKILL is sure to end a fork bomb.
func (t *Tree) Signal(path string, sigs []syscall.Signal, skip []int) (int, error) {
	sent, _, err := t.signal(path, sigs, skip)
	return sent, err
}

// signal is Signal; settled says whether no new process turned up in the end.
func (t *Tree) signal(path string, sigs []syscall.Signal, skip []int) (sent int, settled bool, err error) {
	done := make(map[int]bool, len(skip))
	for _, pid := range skip {
		done[pid] = true
	}
	var errs []error
	deadline := time.Now().Add(20 * time.Millisecond)
	for pass := 0; ; pass++ {
		list, err := t.Procs(path)
		if err != nil {
			return sent, true, err
		}
		fresh := false
		for _, pid := range list {
			if done[pid] {
				continue
			}
			done[pid], fresh = true, true
			if err := signalOne(pid, sigs); err == nil {
				sent++
			} else if err != syscall.ESRCH {
				errs = append(errs, fmt.Errorf("%s: cannot kill process %d: %w", UnitName(path), pid, err))
			}
		}
		// The loop that calls must not wait for a fork bomb: what appears later is killed by the next call.
		if !fresh || (pass > 16 && time.Now().After(deadline)) {
			return sent, !fresh, errors.Join(errs...)
		}
	}
}

// signalOne never goes to process 1 or to groups of processes by mistake.
func signalOne(pid int, sigs []syscall.Signal) error {
	if pid <= 1 {
		return syscall.EPERM
	}
	for _, sig := range sigs {
		if err := syscall.Kill(pid, sig); err != nil {
			return err
		}
	}
	return nil
}

// Procs returns the processes in the group and below, in no order; none when there is no such group.
func (t *Tree) Procs(path string) ([]int, error) {
	return t.procs(path, nil)
}

func (t *Tree) procs(path string, list []int) ([]int, error) {
	dir, name, err := t.at(path, "/"+procsFile)
	if err != nil {
		return nil, err
	}
	text, err := readAttr(dir, name, t.scratch[:0])
	switch err {
	case nil:
		pids(text, func(pid int) { list = append(list, pid) })
	case unix.ENOENT, unix.ENODEV:
		return list, nil
	case unix.EOPNOTSUPP: // a threaded group: its processes are listed further up
	default:
		return nil, fmt.Errorf("%s: cannot list processes: %w", UnitName(path), err)
	}
	names, err := t.children(path)
	if err != nil && err != unix.ENOENT {
		return nil, fmt.Errorf("%s: cannot list cgroups: %w", UnitName(path), err)
	}
	for _, sub := range names {
		if path != "" {
			sub = path + "/" + sub
		}
		if list, err = t.procs(sub, list); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// children returns the names of the groups in a group. The link count of a directory says whether there are any, which spares
// reading one with thirty attribute files in it.
func (t *Tree) children(path string) ([]string, error) {
	dir, name, err := t.at(path, "")
	if err != nil {
		return nil, err
	}
	var st unix.Stat_t
	if err := unix.Fstatat(dir, name, &st, 0); err != nil {
		return nil, err
	}
	if st.Nlink == 2 {
		return nil, nil
	}
	fd, err := openat(dir, name, unix.O_RDONLY|unix.O_DIRECTORY)
	if err != nil {
		return nil, err
	}
	defer unix.Close(fd)
	return subdirectories(fd)
}

func subdirectories(fd int) ([]string, error) {
	var names, found []string
	var buf [8192]byte
	for {
		n, err := unix.ReadDirent(fd, buf[:])
		if err != nil {
			return nil, err
		}
		if n == 0 {
			break
		}
		_, _, names = unix.ParseDirent(buf[:n], -1, names)
	}
	for _, name := range names {
		if isAttribute(name) {
			continue
		}
		var st unix.Stat_t
		if unix.Fstatat(fd, name, &st, unix.AT_SYMLINK_NOFOLLOW) == nil && st.Mode&unix.S_IFMT == unix.S_IFDIR {
			found = append(found, name)
		}
	}
	return found, nil
}

// isAttribute recognizes the kernel's own files by the names that Escape keeps units from having.
func isAttribute(name string) bool {
	return strings.HasPrefix(name, "cgroup.") || slices.Contains(controllerNames, name[:max(strings.IndexByte(name, '.'), 0)])
}

// Freeze stops all processes of the group (version 2's freezer, which signals still wake for killing). Read reports Frozen.
// Nothing must be spawned into a frozen group.
func (t *Tree) Freeze(path string) error { return t.freeze(path, "1") }

// Thaw lets a frozen group run again.
func (t *Tree) Thaw(path string) error { return t.freeze(path, "0") }

func (t *Tree) freeze(path, value string) error {
	if err := t.write(path, "cgroup.freeze", value, false); err != nil {
		return fmt.Errorf("%s: cannot freeze or thaw: %w", UnitName(path), err)
	}
	return nil
}
