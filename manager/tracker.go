package manager

import (
	"slices"

	"davit/cgroup"
	"davit/engine"
	"davit/process"
)

// tracker attributes processes to units where there are no cgroups. With cgroups it does nothing.
type tracker struct {
	t *process.Tracker
}

// openTracker makes the tracker work when cgroups do not.
func (m *Manager) openTracker() {
	m.tracker = &tracker{}
	if m.tree.Mode() == cgroup.None {
		m.tracker.t = process.NewTracker("/proc", m.pid)
	}
}

// add notes that a process was started for a unit.
func (t *tracker) add(pid int, unit, invocation string) {
	if t.t != nil {
		t.t.Add(pid, unit, invocation)
	}
}

// forget drops what leads to a unit that is inactive.
func (t *tracker) forget(unit string) {
	if t.t != nil {
		t.t.Forget(unit)
	}
}

// of lists the living processes of a unit.
func (t *tracker) of(unit string) []int {
	if t.t == nil || t.t.Update() != nil {
		return nil
	}
	return t.t.Processes(unit)
}

// unitOf returns the unit that a process belongs to, empty for none.
func (t *tracker) unitOf(pid int) string {
	if t.t == nil {
		return ""
	}
	name, _ := t.t.Unit(pid)
	return name
}

// everyone lists all processes that came from the manager, attributed or not, save the manager's own.
func (m *Manager) everyone() []int {
	t := m.tracker.t
	if t == nil || t.Update() != nil {
		return nil
	}
	all := slices.DeleteFunc(t.Unattributed(), m.journal.owns)
	for _, name := range m.sortedHeld() {
		all = append(all, t.Processes(name)...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// checkUntracked answers whether a unit has no process any more, on a host without cgroups.
func (m *Manager) checkUntracked(name string) {
	if m.tracker.t != nil && len(m.tracker.of(name)) == 0 {
		m.answer(engine.CgroupEmpty{Unit: name})
	}
}

// checkAllUntracked looks, after orphans have ended, which units have become empty.
func (m *Manager) checkAllUntracked() {
	if m.tracker.t == nil || m.tracker.t.Update() != nil {
		return
	}
	for _, u := range m.eng.Units() {
		main, control := u.PIDs()
		if u.Populated && main == 0 && control == 0 && len(m.tracker.t.Processes(u.ID)) == 0 {
			m.answer(engine.CgroupEmpty{Unit: u.ID})
		}
	}
}
