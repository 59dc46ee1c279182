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
		had.keep(t.readControllers(g.path, "/cgroup.controllers") | g.v1)
	}
	joins := t.inherited(g.path) &^ g.v1
	counts := !g.counted && t.limitedAbove(g.path)
	if had == lim && joins == 0 && !counts {
		g.found = false
		return nil
	}
	errs := []error{t.unavailable(lim.limiting())}
	if t.v2 != 0 {
		errs = append(errs, t.applyV2(g, had, lim, counts))
	}
	if len(t.v1) != 0 {
		errs = append(errs, t.applyV1(g, had, lim, lim.Needs()|joins))
	}
	err := errors.Join(errs...)
	g.limits, g.found = nil, err != nil // partly applied: the next call writes everything anew
	if err == nil && lim != (Limits{}) {
		g.limits = &lim
	}
	return err
}

// limitedAbove says whether a slice above the group limits memory in version 2. The group then needs the controller itself, so
// that a kill for memory is counted where it happened.
func (t *Tree) limitedAbove(path string) bool {
	if t.v2&Memory == 0 {
		return false
	}
	for path != "" {
		path, _ = split(path)
		if g := t.groups[path]; g != nil && g.limits != nil && g.limits.limiting()&Memory != 0 {
			return true
		}
	}
	return false
}

// applyV2 enables what is needed and writes the values of those controllers that version 2 has. What was limited before is
// reset: its attribute is still there, since controllers are never disabled.
func (t *Tree) applyV2(g *group, had, lim Limits, counts bool) error {
	err := t.enableFor(g, lim, counts)
	err = errors.Join(err, t.update(g.path, resources(had, lim, t.v2)))
	if t.v2&IO != 0 && (lim.IOWeight.Set || had.IOWeight.Set) {
		err = errors.Join(err, t.write(g.path, "io.weight", "default "+orDefault(lim.IOWeight, 100), !lim.IOWeight.Set))
	}
	if t.v2&CPU != 0 && lim.CPUIdle != had.CPUIdle {
		err = errors.Join(err, t.write(g.path, "cpu.idle", bit(lim.CPUIdle), !lim.CPUIdle))
	}
	if err != nil || lim.Needs()&t.v2&Memory == 0 {
		return err
	}
	return t.countKills(g, lim)
}

func (t *Tree) enableFor(g *group, lim Limits, counts bool) error {
	if g.path == "" {
		return nil
	}
	parent, _ := split(g.path)
	wanted, extra := lim.limiting()&t.v2, lim.Needs()&^lim.limiting()&t.v2
	if counts {
		extra |= Memory
	}
	if extra != 0 && t.enable(parent, extra) == nil { // accounting that is not to be had makes figures unknown, no more
		if extra&Memory != 0 {
			g.counted = true
		}
	}
	if wanted == 0 {
		return nil
	}
	return t.enable(parent, wanted)
}

// countKills watches for kills where memory is limited, in groups that ran in the slice before it was limited, too.
func (t *Tree) countKills(g *group, lim Limits) error {
	g.counted = true
	err := t.watchMemory(g)
	if !isSlice(g.path) || lim.limiting()&Memory == 0 {
		return err
	}
	for _, sub := range t.below(g.path) {
		parent, _ := split(sub.path)
		if !sub.counted && t.enable(parent, Memory) == nil {
			sub.counted = true
			err = errors.Join(err, t.watchMemory(sub))
		}
	}
	return err
}

// update writes values through the library, one controller at a time, so that a failing one does not hide the others.
func (t *Tree) update(path string, res cgroup2.Resources) error {
	m, err := cgroup2.Load("/"+strings.TrimPrefix(t.ControlGroup(path), "/"), cgroup2.WithMountpoint(t.mountPoint))
	if err != nil {
		return err
	}
	var errs []error
	for _, one := range []cgroup2.Resources{{CPU: res.CPU}, {Memory: res.Memory}, {Pids: res.Pids}} {
		if len(one.Values()) > 0 {
			errs = append(errs, m.Update(&one))
		}
	}
	return errors.Join(errs...)
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
