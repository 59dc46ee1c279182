package manager

import (
	"fmt"
	"path/filepath"
	"strings"

	"davit/cgroup"
	"davit/dbus"
	"davit/engine"
	"davit/host"
	"davit/unit"

	"golang.org/x/sys/unix"
)

// StartTransient makes units from text and starts the first one (systemd-run(1)).
func (m *Manager) StartTransient(t dbus.Transient) {
	for _, u := range t.Units {
		if err := m.makeTransient(u); err != nil {
			m.perform(engine.Reply{Token: t.Token, Unit: u.Name, Err: err})
			return
		}
	}
	m.view.Refresh()
	for _, u := range t.Units {
		m.attachTransient(u)
	}
	m.answer(engine.Request{Token: t.Token, Verb: engine.VerbStart, Unit: t.Units[0].Name, Mode: t.Mode, By: t.By, Wait: true})
}

// makeTransient writes the file of one unit. A unit of that name must not exist, unless it ended and is only remembered.
func (m *Manager) makeTransient(t dbus.TransientUnit) *engine.Error {
	for _, fd := range t.FDs {
		if fd >= 0 {
			unix.Close(fd) // standard streams from the caller are not taken yet: output goes to the journal
		}
	}
	if u := m.eng.Unit(t.Name); u != nil && (u.Def.Load == unit.Loaded && !u.Def.Transient || u.Job != nil || !down(u)) {
		return &engine.Error{Kind: engine.UnitExists, Unit: t.Name, Text: fmt.Sprintf("unit %s was already loaded or has a fragment file", t.Name)}
	}
	if err := host.WriteUnit(filepath.Join(m.layout.Transient, t.Name), t.Text); err != nil {
		return &engine.Error{Kind: engine.LoadFailed, Unit: t.Name, Text: err.Error()}
	}
	return nil
}

func down(u *engine.Unit) bool {
	s := u.ActiveState()
	return s == engine.Inactive || s == engine.Failed
}

// attachTransient moves the processes that a scope starts with into its cgroup.
func (m *Manager) attachTransient(t dbus.TransientUnit) {
	pids := t.PIDs
	for _, fd := range t.PIDFDs {
		if pid, ok := host.PIDOfFD(fd); ok {
			pids = append(pids, pid)
		}
		unix.Close(fd)
	}
	if len(pids) == 0 || m.tree.Mode() == cgroup.None {
		return
	}
	if err := m.Attach(m.eng.Load(t.Name).ID, "", pids); err != nil {
		m.noteUnit(levelWarning, t.Name, "cannot attach processes: %v", err)
	}
}

// SetProperties changes settings of a unit by drop-ins, one per setting, so that setting one again replaces it.
func (m *Manager) SetProperties(name string, runtime bool, dropIn string, done func(error)) {
	dir := m.layout.Control
	if !runtime {
		dir = m.layout.Config + ".control"
		if m.opt.Mode == Directory {
			dir = m.layout.Config
		}
	}
	for file, text := range splitDropIn(dropIn) {
		if err := host.WriteUnit(filepath.Join(dir, name+".d", file), text); err != nil {
			done(err)
			return
		}
	}
	m.view.Refresh()
	m.step(engine.Reload{Token: 0, Source: m.view})
	if h := m.held[name]; h != nil && h.group != "" {
		m.realize(name)
	}
	done(nil)
}

// splitDropIn splits a drop-in into files, by setting.
func splitDropIn(text string) map[string]string {
	files, section := map[string]string{}, ""
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\n")
		if strings.HasPrefix(line, "[") {
			section = line
			continue
		}
		key, _, ok := strings.Cut(line, "=")
		if !ok || strings.HasPrefix(line, "#") {
			continue
		}
		file := "50-" + strings.TrimSpace(key) + ".conf"
		if files[file] == "" {
			files[file] = section + "\n"
		}
		files[file] += line + "\n"
	}
	return files
}
