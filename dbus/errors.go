package dbus

import (
	"errors"
	"fmt"
	"io/fs"
	"syscall"

	"davit/engine"
)

// Error is an error as the bus carries it: a name that programs match on, and a text for people.
type Error struct {
	Name string
	Text string
}

func (e *Error) Error() string { return e.Text }

const (
	systemdError = "org.freedesktop.systemd1."
	busError     = "org.freedesktop.DBus.Error."
)

// Names of errors that this package itself returns.
const (
	errUnknownObject    = busError + "UnknownObject"
	errUnknownInterface = busError + "UnknownInterface"
	errUnknownMethod    = busError + "UnknownMethod"
	errUnknownProperty  = busError + "UnknownProperty"
	errPropertyReadOnly = busError + "PropertyReadOnly"
	errInvalidArgs      = busError + "InvalidArgs"
	errAccessDenied     = busError + "AccessDenied"
	errNotSupported     = busError + "NotSupported"
	errFailed           = busError + "Failed"
	errFileNotFound     = busError + "FileNotFound"
	errNoSuchPID        = busError + "UnixProcessIdUnknown"
)

func errorf(name, format string, args ...any) *Error {
	return &Error{name, fmt.Sprintf(format, args...)}
}

// engineErrors are the names of the engine's kinds of refusal; clients match on them.
var engineErrors = map[engine.ErrorKind]string{
	engine.NoSuchUnit:       systemdError + "NoSuchUnit",
	engine.NoSuchJob:        systemdError + "NoSuchJob",
	engine.UnitMasked:       systemdError + "UnitMasked",
	engine.LoadFailed:       systemdError + "LoadFailed",
	engine.BadUnitSetting:   systemdError + "BadUnitSetting",
	engine.OnlyByDependency: systemdError + "OnlyByDependency",
	engine.NoIsolation:      systemdError + "NoIsolation",
	engine.NotApplicable:    systemdError + "JobTypeNotApplicable",
	engine.Destructive:      systemdError + "TransactionIsDestructive",
	engine.JobsConflicting:  systemdError + "TransactionJobsConflicting",
	engine.Cyclic:           systemdError + "TransactionOrderIsCyclic",
	engine.ShuttingDown:     systemdError + "ShuttingDown",
	engine.InvalidArgument:  errInvalidArgs,
	engine.NoSuchProcess:    systemdError + "NoSuchProcess",
	engine.UnitExists:       systemdError + "UnitExists",
	engine.NotSupported:     errNotSupported,
}

// asError gives any error its name on the bus.
func asError(err error) *Error {
	var own *Error
	var refused *engine.Error
	switch {
	case errors.As(err, &own):
		return own
	case errors.As(err, &refused):
		if name, ok := engineErrors[refused.Kind]; ok {
			return &Error{name, sentence(refused.Error())}
		}
	case errors.Is(err, fs.ErrNotExist):
		return &Error{errFileNotFound, err.Error()}
	case errors.Is(err, fs.ErrPermission):
		return &Error{errAccessDenied, err.Error()}
	case errors.Is(err, fs.ErrExist):
		return &Error{busError + "FileExists", err.Error()}
	case errors.Is(err, syscall.ESRCH):
		return &Error{errNoSuchPID, err.Error()}
	}
	return &Error{errFailed, err.Error()}
}

// sentence gives a text of ours systemd's form, which people's scripts look for: "Unit a.service not found."
func sentence(s string) string {
	if s == "" {
		return s
	}
	if c := s[0]; c >= 'a' && c <= 'z' {
		s = string(c-'a'+'A') + s[1:]
	}
	if s[len(s)-1] != '.' {
		s += "."
	}
	return s
}
