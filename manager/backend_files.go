package manager

import (
	"errors"
	"fmt"
	"io/fs"

	"davit/dbus"
	"davit/engine"
	"davit/host"
	"davit/unit"
)

// UnitFiles lists all unit files.
func (m *Manager) UnitFiles() []dbus.UnitFile {
	m.view.Refresh()
	files := m.view.UnitFiles()
	list := make([]dbus.UnitFile, len(files))
	for i, f := range files {
		list[i] = dbus.UnitFile{Path: f.Path, State: f.State.String()}
	}
	return list
}

// UnitFileState is how a unit file is installed.
func (m *Manager) UnitFileState(name string) (string, error) {
	m.view.Refresh()
	s, err := m.view.State(name)
	var problem *unit.InstallError
	if errors.As(err, &problem) && problem.Problem == unit.ProblemMissing {
		return "", fs.ErrNotExist
	} else if err != nil {
		return "", busError(err)
	}
	return s.String(), nil
}

// UnitFilePreset is what presets want of a unit.
func (m *Manager) UnitFilePreset(name string) string { return m.view.PresetOf(name) }

// UnitFileLinks are the links that enablement made for a unit.
func (m *Manager) UnitFileLinks(name string, runtime bool) ([]string, error) {
	m.view.Refresh()
	return m.view.Links(name, runtime), nil
}

// DefaultTarget is what default.target leads to.
func (m *Manager) DefaultTarget() (string, error) {
	m.view.Refresh()
	return m.view.Default()
}

// ChangeFiles enables, disables and so on: the view says what to change, the host does it.
func (m *Manager) ChangeFiles(req dbus.FileRequest, done func(bool, []dbus.FileChange, error)) {
	m.view.Refresh()
	changes, err := m.changes(&req)
	if err == nil {
		err = host.Change("", changes.Links)
	}
	m.view.Refresh()
	list := make([]dbus.FileChange, len(changes.Links))
	for i, c := range changes.Links {
		list[i] = dbus.FileChange{Type: c.Kind.String(), Path: c.Path, Source: c.Target}
	}
	if len(list) > 0 && err == nil {
		m.bus.UnitFilesChanged()
	}
	done(changes.Carries, list, busError(err))
}

func (m *Manager) changes(req *dbus.FileRequest) (unit.Changes, error) {
	v, o := m.view, unit.EnableOptions{Runtime: req.Runtime, Force: req.Force}
	preset, ok := unit.ParsePresetMode(req.Preset)
	if !ok {
		return unit.Changes{}, &engine.Error{Kind: engine.InvalidArgument, Text: fmt.Sprintf("preset mode %q is unknown", req.Preset)}
	}
	switch req.Verb {
	case "enable":
		return v.Enable(req.Names, o)
	case "disable":
		return v.Disable(req.Names, o)
	case "reenable":
		return v.Reenable(req.Names, o)
	case "mask":
		return v.Mask(req.Names, o)
	case "unmask":
		return v.Unmask(req.Names, o)
	case "preset":
		return v.Preset(req.Names, preset, o)
	case "preset-all":
		return v.PresetAll(preset, o)
	case "link":
		return v.Link(req.Names, o)
	case "revert":
		return v.Revert(req.Names)
	case "add-wants":
		return v.AddDependency(req.Names, req.Target, unit.Wants, o)
	case "add-requires":
		return v.AddDependency(req.Names, req.Target, unit.Requires, o)
	case "set-default":
		return v.SetDefault(first(req.Names, req.Target), o)
	}
	return unit.Changes{}, &engine.Error{Kind: engine.NotSupported, Text: req.Verb + " is not supported"}
}

func first(names []string, otherwise string) string {
	if len(names) > 0 {
		return names[0]
	}
	return otherwise
}

// problems are the bus's names for what can be wrong with enablement.
var problems = map[unit.InstallProblem]engine.ErrorKind{
	unit.ProblemMissing: engine.NoSuchUnit, unit.ProblemMasked: engine.UnitMasked, unit.ProblemExists: engine.UnitExists,
	unit.ProblemAlias: engine.InvalidArgument, unit.ProblemName: engine.InvalidArgument,
	unit.ProblemInstall: engine.BadUnitSetting, unit.ProblemFile: engine.LoadFailed,
}

func busError(err error) error {
	var problem *unit.InstallError
	if !errors.As(err, &problem) {
		return err
	}
	return &engine.Error{Kind: problems[problem.Problem], Unit: problem.Unit, Text: problem.Error()}
}
