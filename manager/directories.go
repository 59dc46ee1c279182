package manager

import (
	"os"
	"slices"

	"davit/process"
	"davit/unit"
)

// setDirectories lists RuntimeDirectory= and its sisters for the process to make.
func (m *Manager) setDirectories(l *launch) *stepError {
	x, ly := l.exec, &m.layout
	for _, k := range []struct {
		kind process.DirectoryKind
		base string
		mode unit.Mode
		list []unit.Directory
	}{
		{process.RuntimeDirectory, ly.RunRoot, x.RuntimeDirectoryMode, x.RuntimeDirectory},
		{process.StateDirectory, ly.StateRoot, x.StateDirectoryMode, x.StateDirectory},
		{process.CacheDirectory, ly.CacheRoot, x.CacheDirectoryMode, x.CacheDirectory},
		{process.LogsDirectory, ly.LogsRoot, x.LogsDirectoryMode, x.LogsDirectory},
		{process.ConfigurationDirectory, ly.ConfigRoot, x.ConfigurationDirectoryMode, x.ConfigurationDirectory},
	} {
		if len(k.list) == 0 {
			continue
		}
		if m.opt.Mode != System {
			if err := os.MkdirAll(k.base, 0o755); err != nil {
				return &stepError{exitFailure, "make " + k.base, err}
			}
		}
		for _, d := range k.list {
			one := process.Directory{
				Kind: k.kind, Base: k.base, Path: d.Path, Mode: uint32(k.mode), UID: l.spec.UID, GID: l.spec.GID, Symlinks: d.Symlinks,
			}
			if k.kind == process.ConfigurationDirectory {
				one.UID, one.GID = -1, -1 // it stays the administrator's
			}
			l.spec.Directories = append(l.spec.Directories, one)
		}
		if k.kind == process.RuntimeDirectory {
			m.holdRuntime(l.Unit, k.base, k.list)
		}
	}
	return nil
}

// holdRuntime remembers what is to be removed when the unit stops.
func (m *Manager) holdRuntime(name, base string, list []unit.Directory) {
	h := m.hold(name)
	for _, d := range list {
		for _, path := range append([]string{d.Path}, d.Symlinks...) {
			if full := base + "/" + path; !slices.Contains(h.runtime, full) {
				h.runtime = append(h.runtime, full)
			}
		}
	}
}
