package ctl

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// Exit codes, as systemctl(1) and LSB have them.
const (
	exitFailure        = 1
	exitNotImplemented = 3
	exitNoPermission   = 4
	exitNotInstalled   = 5
	exitNotConfigured  = 6
	exitNotRunning     = 3
	exitNoSuchUnit     = 4
)

// failure is an error with its exit code and, when it came over the bus, its name there.
type failure struct {
	code int
	name string
	text string
	unit string
	more map[string]any // what --json adds
}

func (f *failure) Error() string { return f.text }

// failed is an error of the command itself.
func failed(format string, args ...any) *failure {
	return &failure{code: exitFailure, text: fmt.Sprintf(format, args...)}
}

// quiet is an exit code that needs no words, because the output says it.
func (c *command) quiet(code int) { c.code = code }

// busCodes are the exit codes of errors that the manager answers to requests for jobs; others are 1.
var busCodes = map[string]int{
	"org.freedesktop.DBus.Error.AccessDenied":           exitNoPermission,
	"org.freedesktop.systemd1.OnlyByDependency":         exitNoPermission,
	"org.freedesktop.systemd1.NoIsolation":              exitNoPermission,
	"org.freedesktop.systemd1.TransactionIsDestructive": exitNoPermission,
	"org.freedesktop.systemd1.JobTypeNotApplicable":     exitNotImplemented,
	"org.freedesktop.systemd1.NoSuchUnit":               exitNotInstalled,
	"org.freedesktop.systemd1.LoadFailed":               exitNotInstalled,
	"org.freedesktop.systemd1.BadUnitSetting":           exitNotConfigured,
}

// failedTo wraps an error of the bus: what was tried, then what the manager said.
func failedTo(err error, format string, args ...any) *failure {
	var own *failure
	if errors.As(err, &own) {
		return own
	}
	f := failed(format, args...)
	f.text += ": " + err.Error()
	var named Named
	if errors.As(err, &named) {
		f.name = named.ErrorName()
	}
	return f
}

// fail tells of an error and keeps its exit code; the command goes on with what is left.
func (c *command) fail(err error) {
	var f *failure
	if !errors.As(err, &f) {
		f = &failure{code: exitFailure, text: err.Error()}
	}
	if c.code == 0 {
		c.code = f.code
	}
	c.failed = append(c.failed, f)
	if f.text != "" {
		c.say("%s", f.text)
	}
}

// errorObject is how --json shows an error.
func (f *failure) errorObject() map[string]any {
	o := map[string]any{"message": strings.TrimSpace(f.text), "name": f.name}
	if f.name == "" {
		o["name"] = "org.freedesktop.DBus.Error.Failed"
	}
	if f.unit != "" {
		o["unit"] = f.unit
	}
	for k, v := range f.more {
		o[k] = v
	}
	return o
}

// finish prints the one document of --json: the result, or an object with error (the first one), errors (all, when
// there are more) and the result that there still is.
func (c *command) finish() {
	if !c.opt.json || c.opt.streamed {
		return
	}
	doc := c.result
	if len(c.failed) > 0 {
		o := map[string]any{"error": c.failed[0].errorObject()}
		if len(c.failed) > 1 {
			all := make([]any, len(c.failed))
			for i, f := range c.failed {
				all[i] = f.errorObject()
			}
			o["errors"] = all
		}
		if c.result != nil {
			o["result"] = c.result
		}
		doc = o
	}
	if doc == nil {
		doc = map[string]any{}
	}
	e := json.NewEncoder(c.Out)
	e.SetEscapeHTML(false)
	if c.Width > 0 {
		e.SetIndent("", "  ")
	}
	if err := e.Encode(doc); err != nil {
		fmt.Fprintf(c.Err, "cannot print the result: %v\n", err)
		c.code = exitFailure
	}
}
