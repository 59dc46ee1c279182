package cgroup

import (
	"errors"
	"fmt"
	"io/fs"
	"math"
	"path/filepath"
	"strconv"

	"github.com/containerd/cgroups/v3/cgroup1"
	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"
)

// hierarchy is one version 1 hierarchy with a controller that version 2 lacks here.
type hierarchy struct {
	bit    Controllers
	name   string // "memory"
	mount  string // "/sys/fs/cgroup/memory"
	root   string // our root in it, relative to mount
	origin string // the group in it that the manager came from
}

func (h *hierarchy) dir(path string) string { return h.mount + h.group(path) }

// group names the group as the library wants it, relative to the mount.
func (h *hierarchy) group(path string) string { return h.root + prefixed(path) }

// inherited returns the version 1 controllers that a group takes part in because a slice above it is limited.
func (t *Tree) inherited(path string) Controllers {
	if len(t.v1) == 0 || path == "" {
		return 0
	}
	var c Controllers
	for path != "" {
		path, _ = split(path)
		if g := t.groups[path]; g != nil {
			c |= g.v1
		}
	}
	return c
}

// probe finds out which version 1 groups exist of a group that somebody else made.
func (t *Tree) probe(path string) Controllers {
	var c Controllers
	for _, h := range t.v1 {
		if unix.Access(h.dir(path), unix.F_OK) == nil {
			c |= h.bit
		}
	}
	return c
}

// applyV1 makes the group in each hierarchy that is needed, with its processes, and writes the values there.
func (t *Tree) applyV1(g *group, had, lim Limits, need Controllers) error {
	var errs []error
	for _, h := range t.v1 {
		if need&h.bit != 0 {
			errs = append(errs, t.join(g, h))
		}
		if g.v1&h.bit != 0 {
			errs = append(errs, h.set(g.path, had, lim))
		}
	}
	return errors.Join(errs...)
}

// join makes a group in one hierarchy. Processes that run already are moved there; those below the group follow, since a
// slice's limit counts for all units in it.
func (t *Tree) join(g *group, h *hierarchy) error {
	if g.v1&h.bit == 0 {
		if err := mkdirAll(h.dir(g.path)); err != nil {
			return fmt.Errorf("cannot create %s: %w", h.dir(g.path), err)
		}
		g.v1 |= h.bit
		if !isSlice(g.path) {
			return t.enlist(g.path, h)
		}
	}
	if !isSlice(g.path) {
		return nil
	}
	for _, sub := range t.below(g.path) {
		if sub.v1&h.bit == 0 && sub.path != initScope {
			if err := t.join(sub, h); err != nil {
				return err
			}
		}
	}
	return nil
}

// enlist moves the processes of a service, those in sub-groups of its own included, into its group of one hierarchy.
func (t *Tree) enlist(path string, h *hierarchy) error {
	seen := map[int]bool{}
	for {
		list, err := t.Procs(path)
		if err != nil {
			return err
		}
		fresh := false
		for _, pid := range list {
			if !seen[pid] {
				seen[pid], fresh = true, true
				if err := writeAttr(unix.AT_FDCWD, h.dir(path)+"/"+procsFile, strconv.Itoa(pid)); err != nil && err != unix.ESRCH {
					return fmt.Errorf("cannot move process %d into %s: %w", pid, h.dir(path), err)
				}
			}
		}
		if !fresh {
			return nil
		}
	}
}

// mkdirAll makes a directory and those above it.
func mkdirAll(dir string) error {
	err := unix.Mkdir(dir, 0o755)
	if err == unix.ENOENT {
		if err = mkdirAll(filepath.Dir(dir)); err == nil {
			err = unix.Mkdir(dir, 0o755)
		}
	}
	if err == unix.EEXIST {
		return nil
	}
	return err
}

// set writes the values of one controller, through the library where it can express them.
func (h *hierarchy) set(path string, had, lim Limits) error {
	root, group := filepath.Dir(h.mount), h.group(path) // the library looks for root/NAME, which may be a link to "cpu,cpuacct"
	switch h.bit {
	case Memory:
		return setMemoryV1(root, group, had, lim)
	case CPU:
		return h.setCPU(root, group, path, had, lim)
	case Pids:
		if !lim.TasksMax.Set && !had.TasksMax.Set {
			return nil
		}
		if lim.TasksMax.Set && lim.TasksMax.N != Infinity {
			n := tasks(lim.TasksMax)
			return cgroup1.NewPids(root).Update(group, &specs.LinuxResources{Pids: &specs.LinuxPids{Limit: &n}})
		}
		return h.write(path, "pids.max", "max") // the library writes no "max"
	case IO:
		return h.setIO(path, had, lim)
	}
	return nil
}

// setMemoryV1 writes in an order that the kernel accepts whether the limits rise or fall: memory plus swap may never be less
// than memory, so the sum is first lifted and at last set.
func setMemoryV1(root, group string, had, lim Limits) error {
	c := cgroup1.NewMemory(root)
	unlimited := int64(-1)
	var steps []specs.LinuxMemory
	if lim.MemorySwapMax.Set || had.MemorySwapMax.Set {
		steps = append(steps, specs.LinuxMemory{Swap: &unlimited})
	}
	steps = append(steps, specs.LinuxMemory{
		Limit:       memoryV1(lim.MemoryMax, had.MemoryMax),
		Reservation: memoryV1(soft(lim), soft(had)),
	})
	if lim.MemorySwapMax.Set && lim.MemorySwapMax.N != Infinity && lim.MemoryMax.Set && lim.MemoryMax.N != Infinity {
		steps = append(steps, specs.LinuxMemory{Swap: memoryV1(Of(lim.MemoryMax.N+lim.MemorySwapMax.N), Amount{})})
	}
	for i := range steps {
		err := c.Update(group, &specs.LinuxResources{Memory: &steps[i]})
		if err != nil && !(i == 0 && len(steps) > 1 && errors.Is(err, fs.ErrNotExist)) { // no swap accounting: nothing to lift
			return err
		}
	}
	return nil
}

// soft is what version 1's soft limit approximates: MemoryHigh=, else MemoryLow=.
func soft(l Limits) Amount {
	if l.MemoryHigh.Set {
		return l.MemoryHigh
	}
	return l.MemoryLow
}

func memoryV1(want, had Amount) *int64 {
	if !want.Set && !had.Set {
		return nil
	}
	n := int64(-1)
	if want.Set && want.N <= math.MaxInt64 {
		n = int64(want.N)
	}
	return &n
}

func (h *hierarchy) setCPU(root, group, path string, had, lim Limits) error {
	var cpu specs.LinuxCPU
	if lim.CPUWeight.Set || had.CPUWeight.Set {
		shares := weightToShares(100)
		if lim.CPUWeight.Set {
			shares = weightToShares(lim.CPUWeight.N)
		}
		cpu.Shares = &shares
	}
	if lim.CPUQuota.Set || had.CPUQuota.Set {
		quota, period := lim.quota()
		n := int64(-1)
		if quota != Infinity {
			n = int64(quota)
		}
		cpu.Quota, cpu.Period = &n, &period
	}
	if err := cgroup1.NewCpu(root).Update(group, &specs.LinuxResources{CPU: &cpu}); err != nil {
		return err
	}
	if lim.CPUIdle == had.CPUIdle {
		return nil
	}
	err := h.write(path, "cpu.idle", bit(lim.CPUIdle))
	if !lim.CPUIdle && errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// setIO writes the weight for whichever scheduler the kernel has (BFQ, or the older CFQ).
func (h *hierarchy) setIO(path string, had, lim Limits) error {
	if !lim.IOWeight.Set && !had.IOWeight.Set {
		return nil
	}
	weight := uint64(100)
	if lim.IOWeight.Set {
		weight = lim.IOWeight.N
	}
	var err error
	for _, name := range []string{"blkio.bfq.weight", "blkio.weight"} {
		if err = h.write(path, name, strconv.FormatUint(weightToBlkio(weight), 10)); !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	if !lim.IOWeight.Set {
		return nil
	}
	return fmt.Errorf("the kernel has no weights for block devices in version 1: %w", err)
}

func (h *hierarchy) write(path, name, value string) error {
	file := h.dir(path) + "/" + name
	if err := writeAttr(unix.AT_FDCWD, file, value); err != nil {
		return &fs.PathError{Op: "write " + value + " to", Path: file, Err: err}
	}
	return nil
}

// V1Procs returns the cgroup.procs files of version 1 that a process of the group has to write "0" to, before it gives up its
// privileges. The group must have been realized.
func (t *Tree) V1Procs(path string) []string {
	g := t.groups[path]
	if g == nil || g.v1 == 0 {
		return nil
	}
	var files []string
	for _, h := range t.v1 {
		if g.v1&h.bit != 0 {
			files = append(files, h.dir(path)+"/"+procsFile)
		}
	}
	return files
}
