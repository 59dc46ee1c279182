package cgroup

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// Mode says what kind of tree the manager has.
type Mode uint8

// The modes of a Tree.
const (
	None   Mode = iota // no writable tree: processes are tracked some other way, limits are unavailable
	V2                 // version 2 only
	Hybrid             // version 2 for tracking, controllers in version 1
)

// String returns the mode's name for status output.
func (m Mode) String() string { return [...]string{"none", "v2", "hybrid"}[m] }

// ErrNoTree says that there is no writable cgroup tree here; Tree.Reason says why.
var ErrNoTree = errors.New("no writable cgroup tree")

// initScope is the group that the manager itself lives in, where processes may not live in inner groups.
const initScope = "init.scope"

// Options say where the manager's own root shall be.
type Options struct {
	// Machine: the manager is PID 1 of a machine or container and its own group is the root. Otherwise the root is a fresh
	// child of its own group.
	Machine bool
	// Name of the fresh child; default "davit-PID".
	Name string
	// Place of an earlier manager whose groups are to be adopted (after re-execution or its death); nil for a new one.
	Place *Place
	// Proc is where procfs is; default "/proc". Mountinfo and Self replace two of its files in tests.
	Proc, Mountinfo, Self string
}

// Place is where a manager's root is in each hierarchy: plain data, to be kept over re-execution and in the runtime directory.
type Place struct {
	Root    string            // directory of version 2, relative to its mount point
	Origin  string            // the group that the manager came from
	Created bool              // Root was made by the manager and is its to remove
	V1      map[string]string // root per version 1 controller
}

// Detect finds the hierarchies and makes the root in version 2. It fails only when something is there and cannot be read;
// having no tree is the mode None, with a Reason.
func Detect(opt Options) (*Tree, error) {
	if opt.Proc == "" {
		opt.Proc = "/proc"
	}
	t := &Tree{proc: opt.Proc, inotify: -1, slices: map[string]*slice{}, groups: map[string]*group{}, watches: map[int32]*group{}}
	mounts, self, err := survey(opt)
	if err != nil {
		return nil, err
	}
	v2 := pick(mounts, self)
	if v2 == nil {
		t.reason = "no cgroup version 2 hierarchy is mounted"
		return t, nil
	}
	origin, ok := v2.place(strings.TrimSuffix(self.v2, "/"+initScope))
	if !ok && opt.Place == nil {
		t.reason = "the manager's own cgroup " + self.v2 + " is not below " + v2.point
		return t, nil
	}
	t.mountPoint, t.origin, t.hidden = v2.point, origin, strings.TrimSuffix(v2.root, "/")
	if reason := t.settle(opt); reason != "" {
		t.reason = reason
		return t, nil
	}
	t.assign(mounts, self, opt)
	return t, t.openEvents()
}

func survey(opt Options) ([]mount, membership, error) {
	var err error
	mountinfo, own := opt.Mountinfo, opt.Self
	if mountinfo == "" {
		if mountinfo, err = readText(opt.Proc + "/self/mountinfo"); err != nil {
			return nil, membership{}, fmt.Errorf("cannot read the mounts: %w", err)
		}
	}
	if own == "" {
		own, err = readText(opt.Proc + "/self/cgroup")
		if err != nil && !errors.Is(err, os.ErrNotExist) { // a kernel without cgroups has no such file
			return nil, membership{}, fmt.Errorf("cannot read the manager's cgroup: %w", err)
		}
	}
	return readMounts(mountinfo), readMembership(own), nil
}

// pick takes the version 2 mount that shows our own group; the last one mounted hides earlier ones.
func pick(mounts []mount, self membership) *mount {
	var best *mount
	for i := range mounts {
		m := &mounts[i]
		if !m.v2 {
			continue
		}
		if _, ok := m.place(self.v2); ok || best == nil {
			best = m
		}
	}
	return best
}

// settle decides on the root, makes it when it is to be a fresh child, and opens it. It returns why there is none.
func (t *Tree) settle(opt Options) string {
	switch {
	case opt.Place != nil:
		t.root, t.origin, t.created = opt.Place.Root, opt.Place.Origin, opt.Place.Created
	case opt.Machine:
		t.root = t.origin
	default:
		name := opt.Name
		if name == "" {
			name = fmt.Sprintf("davit-%d", os.Getpid())
		}
		t.root = t.origin + "/" + Escape(name)
	}
	dir := t.mountPoint + t.root
	if opt.Place != nil || !opt.Machine {
		// Processes are cloned into the tree: the kernel wants write access to cgroup.procs of the group we come from, too.
		if err := unix.Access(t.mountPoint+t.origin+"/cgroup.procs", unix.W_OK); err != nil {
			return fmt.Sprintf("cannot use %s: not delegated: %v", t.mountPoint+t.origin, err)
		}
		switch err := unix.Mkdir(dir, 0o755); err {
		case nil:
			t.created = true
		case unix.EEXIST:
		default:
			return fmt.Sprintf("cannot create %s: %v", dir, err)
		}
	}
	for _, name := range []string{dir, dir + "/cgroup.procs"} {
		if err := unix.Access(name, unix.W_OK); err != nil {
			return fmt.Sprintf("cannot write to %s: %v", name, err)
		}
	}
	fd, err := openDir(unix.AT_FDCWD, dir)
	if err != nil {
		return fmt.Sprintf("cannot open %s: %v", dir, err)
	}
	t.slices[""] = &slice{fd: fd}
	t.groups[""] = &group{}
	t.mode = V2
	return ""
}

// assign decides for each controller which hierarchy has it: version 2 where it is listed, else version 1 where it is mounted.
func (t *Tree) assign(mounts []mount, self membership, opt Options) {
	top, _ := readText(t.mountPoint + "/cgroup.controllers")
	t.v2 = parseControllers(top)
	child := strings.TrimPrefix(t.root, t.origin)
	for i := range mounts {
		m := &mounts[i]
		for _, row := range controllerTable {
			if m.v2 || m.controllers&row.bit == 0 || t.v2&row.bit != 0 {
				continue
			}
			t.mode = Hybrid
			from, ok := m.place(strings.TrimSuffix(self.v1[row.bit], "/"+initScope))
			root := from + child
			if opt.Place != nil && opt.Place.V1[row.v1] != "" {
				root, ok = opt.Place.V1[row.v1], true
			}
			// The library finds a controller by its own name beside the others, maybe as a link to "cpu,cpuacct".
			if ok && unix.Access(filepath.Join(filepath.Dir(m.point), row.v1, from), unix.W_OK) == nil {
				t.v1 = append(t.v1, &hierarchy{bit: row.bit, name: row.v1, mount: m.point, root: root, origin: from})
			}
		}
	}
}

// Mode says what kind of tree this is.
func (t *Tree) Mode() Mode { return t.mode }

// Reason says why the mode is None.
func (t *Tree) Reason() string { return t.reason }

// Place returns what a later manager needs for adopting this tree.
func (t *Tree) Place() Place {
	p := Place{Root: t.root, Origin: t.origin, Created: t.created, V1: map[string]string{}}
	for _, h := range t.v1 {
		p.V1[h.name] = h.root
	}
	return p
}

// Dir returns the directory of a group in version 2, for messages and status ("/sys/fs/cgroup/system.slice/…").
func (t *Tree) Dir(path string) string { return t.mountPoint + t.ControlGroup(path) }

// ControlGroup returns the group's name as systemd's ControlGroup= property shows it, which starts at the hierarchy's top.
func (t *Tree) ControlGroup(path string) string {
	if path == "" {
		if t.root == "" {
			return "/"
		}
		return t.root
	}
	return t.root + "/" + path
}
