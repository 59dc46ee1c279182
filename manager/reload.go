package manager

import (
	"davit/engine"
	"davit/unit"
)

// reload reads all unit files anew in another goroutine; what it finds arrives as one event.
func (m *Manager) reload(token engine.Token, by engine.Peer) {
	m.note(levelInfo, "reloading unit files, asked by %s", by)
	m.bus.Reloading(true)
	m.reloadsUnderWay++
	options, names := m.viewOptions(), m.unitNames()
	go func() {
		view, err := scan(options, names)
		m.wake.post(func() { m.reloaded(token, view, err) })
	}()
}

// reloaded swaps the view, or keeps the old one when the new one could not be read.
func (m *Manager) reloaded(token engine.Token, view *unit.View, err error) {
	m.reloadsUnderWay--
	m.bus.Reloading(false)
	if err != nil {
		m.note(levelError, "%v; the old ones stay", err)
		m.perform(engine.Reply{Token: token, Err: &engine.Error{Kind: engine.LoadFailed, Text: err.Error()}})
		return
	}
	m.view = view
	m.step(engine.Reload{Token: token, Source: view})
	m.refreshGroups()
}

// refreshGroups gives the cgroups that exist the limits that files say now.
func (m *Manager) refreshGroups() {
	for _, name := range m.sortedHeld() {
		if h := m.held[name]; h.group != "" {
			m.realize(name)
		}
	}
}

func (m *Manager) unitNames() []string {
	units := m.eng.Units()
	names := make([]string, len(units))
	for i, u := range units {
		names[i] = u.ID
	}
	return names
}
