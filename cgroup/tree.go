package cgroup

import (
	"fmt"
	"sort"
	"strings"

	"golang.org/x/sys/unix"
)

// Tree is the manager's part of the cgroup tree.
type Tree struct {
	mode       Mode
	reason     string // why mode is None
	proc       string // mount point of procfs
	mountPoint string // of version 2
	root       string // our root, relative to mountPoint, "" or "/x"
	hidden     string // what the kernel puts before root in /proc/PID/cgroup, when the mount shows a part of the hierarchy
	origin     string // the group that the manager came from
	created    bool   // root is ours to remove
	entered    bool   // the manager moved itself into init.scope

	v2      Controllers  // those that version 2 has
	v1      []*hierarchy // those that it lacks
	slices  map[string]*slice
	groups  map[string]*group
	inotify int
	watches map[int32]*group
	whole   totals
	scratch [4096]byte
}

// slice is a group with groups in it: the only kind whose descriptor is kept.
type slice struct {
	fd      int
	enabled Controllers // in cgroup.subtree_control
	known   bool        // enabled was read
}

// group is what is remembered of one unit's group.
type group struct {
	killed  bool // by cgroup.kill: to be made anew before it is used again
	path    string
	limits  *Limits // as applied; nil when none
	v1      Controllers
	wd      int32 // watch on cgroup.events, 0 none (the kernel counts from 1)
	memory  int32 // watch on memory.events
	ooms    uint64
	counted bool // it has the memory controller in version 2
	found   bool // it was there before us: its limits and its version 1 groups are unknown
}

// LimitError says that a group exists without the limits that were asked for.
type LimitError struct {
	Path string
	Err  error
}

// Error names the unit, then what could not be done.
func (e *LimitError) Error() string {
	return fmt.Sprintf("%s: cannot apply limits: %v", UnitName(e.Path), e.Err)
}

// Unwrap returns the cause.
func (e *LimitError) Unwrap() error { return e.Err }

// Realize makes the group and the slices above it, and gives it exactly these limits. It can be called again at any time with
// other limits; the same ones cost nothing. The error is a *LimitError when the group exists and only limits failed.
func (t *Tree) Realize(path string, lim Limits) error {
	if t.mode == None {
		return t.refuse(path, lim)
	}
	g, err := t.make(path)
	if err != nil {
		return fmt.Errorf("%s: cannot create cgroup: %w", UnitName(path), err)
	}
	if err := t.apply(g, lim); err != nil {
		return &LimitError{Path: path, Err: err}
	}
	return nil
}

func (t *Tree) refuse(path string, lim Limits) error {
	if lim.limiting() != 0 {
		return &LimitError{Path: path, Err: fmt.Errorf("%w: %s", ErrNoTree, t.reason)}
	}
	return nil
}

// make returns the group, creating its directory where it is not known yet.
func (t *Tree) make(path string) (*group, error) {
	if g := t.groups[path]; g != nil {
		if !g.killed || t.Remove(path) != nil {
			return g, nil
		}
	}
	parent, name := split(path)
	s, err := t.slice(parent)
	if err != nil {
		return nil, err
	}
	err = unix.Mkdirat(s.fd, name, 0o755)
	if err == unix.ENOENT && parent != "" { // somebody removed the slice behind our back
		t.forget(parent)
		if s, err = t.slice(parent); err == nil {
			err = unix.Mkdirat(s.fd, name, 0o755)
		}
	}
	if err != nil && err != unix.EEXIST {
		return nil, err
	}
	g := &group{path: path, found: err == unix.EEXIST}
	t.groups[path] = g
	if g.found {
		g.v1 = t.probe(path)
		g.ooms = t.OOMKills(path) // those were reported by whoever was here before
	}
	return g, nil
}

// slice returns the kept descriptor of a group that has groups in it, creating it when it is missing.
func (t *Tree) slice(path string) (*slice, error) {
	if s := t.slices[path]; s != nil {
		return s, nil
	}
	if _, err := t.make(path); err != nil {
		return nil, err
	}
	parent, name := split(path)
	above, err := t.slice(parent)
	if err != nil {
		return nil, err
	}
	fd, err := openDir(above.fd, name)
	if err != nil {
		return nil, err
	}
	s := &slice{fd: fd}
	t.slices[path] = s
	return s, nil
}

// forget drops what is known of a group and of those below it.
func (t *Tree) forget(path string) {
	if path == "" {
		return
	}
	for p, s := range t.slices {
		if within(p, path) {
			unix.Close(s.fd)
			delete(t.slices, p)
		}
	}
	for p, g := range t.groups {
		if within(p, path) {
			t.unwatch(g)
			delete(t.groups, p)
		}
	}
}

// drop forgets one group that nothing is below of.
func (t *Tree) drop(path string) {
	if s := t.slices[path]; s != nil {
		unix.Close(s.fd)
		delete(t.slices, path)
	}
	if g := t.groups[path]; g != nil {
		t.unwatch(g)
		delete(t.groups, path)
	}
}

func within(path, top string) bool {
	return path == top || (len(path) > len(top) && path[len(top)] == '/' && strings.HasPrefix(path, top))
}

// at returns a descriptor and a name relative to it that lead to a group's directory (or file, with a suffix "/file").
func (t *Tree) at(path, file string) (int, string, error) {
	if t.mode == None {
		return -1, "", ErrNoTree
	}
	if s := t.slices[path]; s != nil && file != "" {
		return s.fd, file[1:], nil
	}
	parent, name := split(path)
	if s := t.slices[parent]; s != nil && path != "" {
		return s.fd, name + file, nil
	}
	return t.slices[""].fd, "." + prefixed(path) + file, nil
}

func prefixed(path string) string {
	if path == "" {
		return ""
	}
	return "/" + path
}

// Open returns a descriptor of the group's directory, for CLONE_INTO_CGROUP. The caller closes it.
func (t *Tree) Open(path string) (int, error) {
	dir, name, err := t.at(path, "")
	if err != nil {
		return -1, err
	}
	fd, err := openDir(dir, name)
	if err == unix.ENOENT && t.groups[path] != nil { // removed behind our back: once more
		lim := t.groups[path].limits
		t.forget(path)
		if lim == nil {
			lim = &Limits{}
		}
		if err := t.Realize(path, *lim); err != nil {
			return -1, err
		}
		return t.Open(path)
	}
	if err != nil {
		return -1, fmt.Errorf("%s: cannot open cgroup %s: %w", UnitName(path), t.Dir(path), err)
	}
	return fd, nil
}

// List returns the paths of all groups below the root, parents first and sorted: what a manager finds that adopts the tree.
// Groups inside a service's own group are not listed.
func (t *Tree) List() ([]string, error) {
	if t.mode == None {
		return nil, nil
	}
	var found []string
	var walk func(path string) error
	walk = func(path string) error {
		names, err := t.children(path)
		if err != nil {
			return err
		}
		sort.Strings(names)
		for _, name := range names {
			sub := name
			if path != "" {
				sub = path + "/" + name
			}
			found = append(found, sub)
			if isSlice(sub) {
				if err := walk(sub); err != nil {
					return err
				}
			}
		}
		return nil
	}
	if err := walk(""); err != nil {
		return nil, fmt.Errorf("cannot list cgroups below %s: %w", t.Dir(""), err)
	}
	return found, nil
}
