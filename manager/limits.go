package manager

import (
	"davit/cgroup"
	"davit/graph"
	"davit/unit"
)

// limits turns systemd.resource-control(5) settings into what the cgroup gets.
func (m *Manager) limits(def *unit.Unit) cgroup.Limits {
	if def.Resources == nil {
		return cgroup.Limits{}
	}
	l := m.tree.Limits(def.Resources)
	l.OOMGroup = def.Service != nil && def.Service.OOMPolicy == unit.OOMKill
	return l
}

// sliceOf returns the slice that a unit lives in, as the engine knows it: by Slice= or by default.
func (m *Manager) sliceOf(def *unit.Unit) string {
	if u := m.eng.Unit(def.Name); u != nil {
		if in := u.Related(graph.InSlice); len(in) > 0 {
			return in[0]
		}
	}
	if def.Resources != nil && def.Resources.Slice.Value != "" {
		return def.Resources.Slice.Value
	}
	if m.opt.Mode == User {
		return "app.slice"
	}
	return "system.slice"
}

// limitsMemory says whether a unit or a slice above it limits memory: a child that shares the manager's memory would then
// have it counted as its own.
func (m *Manager) limitsMemory(def *unit.Unit) bool {
	if r := def.Resources; r != nil && (r.MemoryMax.Set || r.MemoryHigh.Set) {
		return true
	}
	for s := m.sliceOf(def); s != "" && s != "-.slice"; s = unit.SliceParent(s) {
		if d := m.definition(s); d != nil && d.Resources != nil && (d.Resources.MemoryMax.Set || d.Resources.MemoryHigh.Set) {
			return true
		}
	}
	return false
}
