package cgroup

import (
	"errors"
	"io/fs"
	"math"
	"sort"
	"strconv"
	"strings"

	"github.com/containerd/cgroups/v3/cgroup2"
)

// apply gives a group its limits, resetting those that it had before and has no longer.
func (t *Tree) apply(g *group, lim Limits) error {
	had := Limits{}
	switch {
	case g.limits != nil:
		had = *g.limits
	case g.found:
		had = everything
	}
	inherits := t.inherited(g.path) &^ g.v1
	if had == lim && inherits == 0 {
		return nil
	}
	need := lim.Needs()
	errs := []error{t.unavailable(lim.limiting())}
	if t.v2 != 0 {
		errs = append(errs, t.applyV2(g, had, lim, need&t.v2))
	}
	if len(t.v1) != 0 {
		errs = append(errs, t.applyV1(g, had, lim, need|inherits))
	}
	err := errors.Join(errs...)
	g.found = g.found && err != nil
	if lim == (Limits{}) {
		g.limits = nil
	} else if err == nil {
		g.limits = &lim
	} else {
		g.limits = nil
		g.found = true // partly applied: the next call writes everything anew
	}
	return err
}

// applyV2 enables what is needed and writes the values of those controllers that version 2 has.
func (t *Tree) applyV2(g *group, had, lim Limits, need Controllers) error {
	var err error
	if need != 0 && g.path != "" {
		parent, _ := split(g.path)
		if wanted := lim.limiting() & t.v2; wanted != 0 {
			err = t.enable(parent, wanted)
		}
		if extra := need &^ lim.limiting(); extra != 0 {
			t.enable(parent, extra) //nolint:errcheck // accounting that is not to be had makes figures unknown, no more
		}
	}
	// What was limited before is reset where it still can be: the attribute file is there exactly as long as the controller.
	res := resources(had, lim, t.v2)
	err = errors.Join(err, t.update(g.path, res))
	if t.v2&IO != 0 && (lim.IOWeight.Set || had.IOWeight.Set) {
		err = errors.Join(err, t.write(g.path, "io.weight", "default "+orDefault(lim.IOWeight, 100), !lim.IOWeight.Set))
	}
	if t.v2&CPU != 0 && lim.CPUIdle != had.CPUIdle {
		err = errors.Join(err, t.write(g.path, "cpu.idle", bit(lim.CPUIdle), !lim.CPUIdle))
	}
	if err == nil && need&Memory != 0 {
		err = t.watchMemory(g)
	}
	return err
}

// update writes values through the library, one controller at a time, so that a missing one does not hide the others.
func (t *Tree) update(path string, res cgroup2.Resources) error {
	m, err := cgroup2.Load("/"+strings.TrimPrefix(t.ControlGroup(path), "/"), cgroup2.WithMountpoint(t.mountPoint))
	if err != nil {
		return err
	}
	var errs []error
	for _, one := range []cgroup2.Resources{{CPU: res.CPU}, {Memory: res.Memory}, {Pids: res.Pids}} {
		if len(one.Values()) == 0 {
			continue
		}
		errs = append(errs, t.present(path, one, m.Update(&one)))
	}
	return errors.Join(errs...)
}

// present drops the complaint about a controller that is not enabled when nothing but defaults were to be written.
func (t *Tree) present(path string, one cgroup2.Resources, err error) error {
	if err == nil {
		return nil
	}
	has := t.readControllers(path, "/cgroup.controllers")
	if has&parseControllers(strings.Join(one.EnabledControllers(), " ")) == 0 && (errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrPermission)) {
		if want := t.groups[path]; want != nil && want.found {
			return nil
		}
	}
	return err
}

// resources converts limits to the library's form: a field is there when it is wanted, or was and must be reset.
func resources(had, lim Limits, has Controllers) cgroup2.Resources {
	var r cgroup2.Resources
	if has&Memory != 0 {
		m := cgroup2.Memory{
			Min:  bytesOf(lim.MemoryMin, had.MemoryMin, 0),
			Low:  bytesOf(lim.MemoryLow, had.MemoryLow, 0),
			High: bytesOf(lim.MemoryHigh, had.MemoryHigh, Infinity),
			Max:  bytesOf(lim.MemoryMax, had.MemoryMax, Infinity),
			Swap: bytesOf(lim.MemorySwapMax, had.MemorySwapMax, Infinity),
		}
		if lim.OOMGroup != had.OOMGroup || lim.OOMGroup {
			m.OOMGroup = &lim.OOMGroup
		}
		r.Memory = &m
	}
	if has&CPU != 0 {
		r.CPU = cpuResources(had, lim)
	}
	if has&Pids != 0 && (lim.TasksMax.Set || had.TasksMax.Set) {
		r.Pids = &cgroup2.Pids{Max: tasks(lim.TasksMax)}
	}
	return r
}

func cpuResources(had, lim Limits) *cgroup2.CPU {
	var c cgroup2.CPU
	if lim.CPUWeight.Set || had.CPUWeight.Set {
		w := uint64(100)
		if lim.CPUWeight.Set {
			w = min(max(lim.CPUWeight.N, 1), 10000)
		}
		c.Weight = &w
	}
	if lim.CPUQuota.Set || had.CPUQuota.Set {
		quota, period := lim.quota()
		var q *int64
		if quota != Infinity {
			n := int64(quota)
			q = &n
		}
		c.Max = cgroup2.NewCPUMax(q, &period)
	}
	return &c
}

// bytesOf returns the bytes to write: the wanted ones, else the default when another value was there before, else none.
// The largest int64 is what the kernel reads as "max".
func bytesOf(want, had Amount, standard uint64) *int64 {
	if !want.Set && !had.Set {
		return nil
	}
	n := standard
	if want.Set {
		n = want.N
	}
	v := int64(min(n, math.MaxInt64))
	return &v
}

// tasks is a TasksMax= in the library's form: negative for "max". Zero cannot be said there; one task is as little as can run.
func tasks(a Amount) int64 {
	if !a.Set || a.N > math.MaxInt64 {
		return -1
	}
	return max(int64(a.N), 1)
}

func orDefault(a Amount, standard uint64) string {
	if a.Set {
		standard = a.N
	}
	return strconv.FormatUint(standard, 10)
}

func bit(b bool) string {
	if b {
		return "1"
	}
	return "0"
}

// write sets an attribute of a group in version 2. A default need not find its file.
func (t *Tree) write(path, name, value string, standard bool) error {
	dir, file, err := t.at(path, "/"+name)
	if err != nil {
		return err
	}
	err = writeAttr(dir, file, value)
	if err != nil && !(standard && errors.Is(err, fs.ErrNotExist)) {
		return &fs.PathError{Op: "write " + value + " to", Path: t.Dir(path) + "/" + name, Err: err}
	}
	return nil
}

// below returns the known groups below path, sorted.
func (t *Tree) below(path string) []*group {
	var found []*group
	for p, g := range t.groups {
		if p != path && (path == "" || within(p, path)) {
			found = append(found, g)
		}
	}
	sort.Slice(found, func(i, j int) bool { return found[i].path < found[j].path })
	return found
}
