package manager

import (
	"davit/dbus"
	"davit/engine"
)

var errNoFiles = &engine.Error{Kind: engine.NotSupported, Text: "not supported yet"}

func (m *Manager) UnitFiles() []dbus.UnitFile                   { return nil }
func (m *Manager) UnitFileState(string) (string, error)         { return "", errNoFiles }
func (m *Manager) UnitFilePreset(string) string                 { return "" }
func (m *Manager) UnitFileLinks(string, bool) ([]string, error) { return nil, errNoFiles }
func (m *Manager) DefaultTarget() (string, error)               { return "default.target", nil }
func (m *Manager) ChangeFiles(_ dbus.FileRequest, done func(bool, []dbus.FileChange, error)) {
	done(false, nil, errNoFiles)
}

func (m *Manager) StartTransient(t dbus.Transient) {
	m.perform(engine.Reply{Token: t.Token, Err: errNoFiles})
}
func (m *Manager) SetProperties(_ string, _ bool, _ string, done func(error)) { done(errNoFiles) }
