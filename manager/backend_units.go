package manager

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"davit/dbus"
	"davit/engine"
	"davit/unit"
)

// Stored is how many descriptors are kept for a unit.
func (m *Manager) Stored(u *engine.Unit) int { return len(m.store.Of(u.ID)) }

// RunsAs is the identity that a unit's processes have of their own.
func (m *Manager) RunsAs(*engine.Unit) dbus.IDs { return dbus.NoIDs }

// Attach moves processes into a unit's cgroup.
func (m *Manager) Attach(name, subgroup string, pids []int) error {
	def := m.definition(name)
	if def == nil {
		return &engine.Error{Kind: engine.NoSuchUnit, Unit: name, Text: "unit " + name + " not loaded"}
	}
	path, err := m.ensureGroup(def)
	if path == "" {
		return fmt.Errorf("%s: cannot attach processes: %w", name, err)
	}
	if subgroup = filepath.Clean("/" + subgroup); subgroup != "/" {
		path += subgroup
	}
	return m.tree.Attach(path, pids...)
}

// Freeze freezes or thaws a unit's cgroup.
func (m *Manager) Freeze(name string, frozen bool, done func(error)) {
	h := m.held[name]
	if h == nil || h.group == "" {
		done(&engine.Error{Kind: engine.NotSupported, Unit: name, Text: "unit " + name + " has no cgroup to freeze"})
		return
	}
	if frozen {
		done(m.tree.Freeze(h.group))
		return
	}
	done(m.tree.Thaw(h.group))
}

// Clean removes directories of an inactive unit (systemctl clean).
func (m *Manager) Clean(name string, what []string, done func(error)) {
	u := m.eng.Load(name)
	if u.Def.Load != unit.Loaded || u.Def.Exec == nil {
		done(&engine.Error{Kind: engine.NotApplicable, Unit: name, Text: "unit " + name + " has nothing to clean"})
		return
	}
	if s := u.ActiveState(); s != engine.Inactive && s != engine.Failed {
		done(&engine.Error{Kind: engine.NotApplicable, Unit: name, Text: "unit " + name + " is not inactive"})
		return
	}
	x, l := u.Def.Exec, &m.layout
	var failed []error
	for _, k := range []struct {
		word, base string
		list       []unit.Directory
	}{
		{"runtime", l.RunRoot, x.RuntimeDirectory},
		{"state", l.StateRoot, x.StateDirectory},
		{"cache", l.CacheRoot, x.CacheDirectory},
		{"logs", l.LogsRoot, x.LogsDirectory},
		{"configuration", l.ConfigRoot, x.ConfigurationDirectory},
	} {
		if !slices.Contains(what, k.word) && !slices.Contains(what, "all") {
			continue
		}
		for _, d := range k.list {
			failed = append(failed, os.RemoveAll(filepath.Join(k.base, d.Path)))
		}
	}
	done(errors.Join(failed...))
}
