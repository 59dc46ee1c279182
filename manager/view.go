package manager

import (
	"fmt"
	"os"

	"davit/unit"
)

// viewOptions says where units are searched, what specifiers stand for, and what is remembered of files that did not change.
func (m *Manager) viewOptions() unit.Options {
	l := &m.layout
	o := unit.Options{
		Paths: l.UnitPaths, Specifiers: m.machine.Specifiers(m.layout), User: m.opt.Mode == User,
		Config: l.Config, ConfigRuntime: l.ConfigRun, Control: l.Control, Transient: l.Transient, Presets: l.Presets,
		Generated: l.Generated,
	}
	if m.view != nil {
		o.Memory = m.view.Memory()
	}
	return o
}

// scan reads the search path as it is now, and the units that are named. It touches nothing of the manager, so that another
// goroutine may do it.
func scan(o unit.Options, names []string) (*unit.View, error) {
	view, err := unit.Scan(os.DirFS("/"), o)
	if err != nil {
		return nil, fmt.Errorf("cannot read unit files: %w", err)
	}
	for _, name := range names {
		view.Load(name)
	}
	return view, nil
}

// logWarnings logs what is wrong in the files of a unit that was loaded.
func (m *Manager) logWarnings(name string) {
	def := m.definition(name)
	if def == nil {
		return
	}
	for _, w := range def.Warnings {
		m.log(entry{priority: levelWarning, unit: name, text: w.String()})
	}
}
