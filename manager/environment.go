package manager

import (
	"encoding/hex"
	"errors"
	"os"
	"slices"
	"strings"

	"davit/engine"
	"davit/process"
	"davit/unit"
)

// baseEnvironment is what every service gets (systemd.exec(5), "ENVIRONMENT VARIABLES IN SPAWNED PROCESSES"): little for the
// system manager's, what the manager itself has for a user's.
func (m *Manager) baseEnvironment() []string {
	if m.opt.Mode != System {
		return slices.DeleteFunc(process.Sanitize(os.Environ()), func(e string) bool {
			return strings.HasPrefix(e, stateVariable+"=")
		})
	}
	return append([]string{"PATH=" + process.SystemPath}, m.machine.Locale()...)
}

// setEnvironment assembles the environment block.
func (m *Manager) setEnvironment(l *launch) *stepError {
	files, warnings, err := process.ReadEnvironmentFiles(l.exec.EnvironmentFile)
	for _, w := range warnings {
		m.noteUnit(levelWarning, l.Unit, "%s", w)
	}
	if err != nil {
		return &stepError{exitFailure, "load environment files", err}
	}
	e := process.Environment{
		Default: m.env, Manager: os.Environ(), Exec: l.exec, Run: l.Env, Directories: l.spec.Directories, Files: files,
		JournalStream: l.stream, Terminal: l.spec.OpenStdin != nil && l.spec.OpenStdin.Terminal,
	}
	if len(l.connEnv) > 0 {
		e.Run = slices.Concat(l.connEnv, l.Env)
	}
	if l.Invocation != (engine.ID{}) {
		e.Invocation = hex.EncodeToString(l.Invocation[:])
	}
	if l.id.known && l.exec.SetLoginEnvironment != unit.No && !l.command.Privileged {
		a := l.id.account
		e.Login = &process.Login{Name: a.Name, Home: a.Home, Shell: a.Shell}
	}
	if m.opt.Mode == User {
		e.ManagerPID, e.RuntimeDir = m.pid, m.layout.RunRoot
	}
	if l.Notify {
		e.NotifySocket = m.notifyPath(l.Unit)
	}
	l.spec.Env = e.Assemble()
	return nil
}

// setCommand expands the command line and finds the program.
func (m *Manager) setCommand(l *launch) *stepError {
	c := l.command
	l.spec.Args = c.Args
	if !c.NoExpand {
		var unset []string
		if l.spec.Args, unset = process.Expand(c.Args, l.spec.Env); len(unset) > 0 {
			m.noteUnit(levelWarning, l.Unit, "%s: variables that are not set are taken as empty: %s", c.At, strings.Join(unset, ", "))
		}
	}
	path, err := process.Resolve(c.Path, m.searchPath(l), l.exec.RootDirectory)
	if err != nil {
		return &stepError{exitExec, "execute " + c.Path, cause(err)}
	}
	l.spec.Path = path
	m.setWorkingDirectory(l)
	return nil
}

// searchPath is where a command without slash is looked for: ExecSearchPath=, else the manager's own path in a user's manager.
func (m *Manager) searchPath(l *launch) []string {
	if len(l.exec.ExecSearchPath) > 0 || m.opt.Mode == System {
		return l.exec.ExecSearchPath
	}
	return strings.Split(os.Getenv("PATH"), ":")
}

// cause is the innermost error, for messages that say themselves what was tried.
func cause(err error) error {
	for {
		inner := errors.Unwrap(err)
		if inner == nil {
			return err
		}
		err = inner
	}
}

func (m *Manager) setWorkingDirectory(l *launch) {
	w := l.exec.WorkingDirectory
	l.spec.DirMissingOK = w.MissingOK
	switch {
	case w.Home && l.id.known:
		l.spec.Dir = l.id.account.Home
	case w.Home:
		l.spec.Dir = os.Getenv("HOME")
	case w.Path != "":
		l.spec.Dir = w.Path
	case m.opt.Mode == User:
		l.spec.Dir, l.spec.DirMissingOK = os.Getenv("HOME"), true
	case m.opt.Mode == Directory:
		l.spec.Dir = m.layout.Dir
	}
}

// variableName says whether s can be the name of an environment variable.
func variableName(s string) bool {
	if s == "" || s[0] >= '0' && s[0] <= '9' {
		return false
	}
	return strings.IndexFunc(s, func(r rune) bool {
		return r != '_' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
	}) < 0
}

// setVariables assigns variables in an environment block, in place of earlier values.
func setVariables(env, entries []string) []string {
	for _, e := range entries {
		key, _, _ := strings.Cut(e, "=")
		at := slices.IndexFunc(env, func(old string) bool { return strings.HasPrefix(old, key+"=") })
		if at < 0 {
			env = append(env, e)
		} else {
			env[at] = e
		}
	}
	return env
}

// unsetVariables removes variables by name, or exact assignments.
func unsetVariables(env, names []string) []string {
	return slices.DeleteFunc(slices.Clone(env), func(e string) bool {
		key, _, _ := strings.Cut(e, "=")
		return slices.Contains(names, key) || slices.Contains(names, e)
	})
}
