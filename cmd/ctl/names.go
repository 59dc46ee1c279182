package ctl

import (
	"path"
	"strings"

	"davit/unit"
)

// isGlob reports whether s is a pattern of fnmatch(3).
func isGlob(s string) bool { return strings.ContainsAny(s, "*?[") }

// mangle makes a unit's name of what somebody typed: it gets suffix when it has none, a path becomes a mount or device
// unit, bytes that names cannot have are escaped (systemctl(1), "Parameter Syntax"). What cannot be a name stays, for the
// manager to refuse.
func (c *command) mangle(s, suffix string) string {
	name, err := unit.Mangle(s, suffix, true)
	if err != nil {
		return s
	}
	if strings.Contains(name, "\\x") && !strings.Contains(s, "\\x") && !strings.HasPrefix(s, "/") {
		c.say("Invalid unit name \"%s\" escaped as \"%s\" (maybe you should use systemd-escape?).", s, strings.TrimSuffix(name, suffix))
	}
	return name
}

// matches reports whether a name matches any of the patterns; no patterns match everything.
func matches(patterns []string, name string) bool {
	if len(patterns) == 0 {
		return true
	}
	for _, p := range patterns {
		if ok, err := path.Match(p, name); ok && err == nil || p == name {
			return true
		}
	}
	return false
}

// patterns are arguments as patterns for lists: names are completed, globs stay.
func (c *command) patterns(args []string, suffix string) []string {
	out := make([]string, len(args))
	for i, a := range args {
		out[i] = a
		if !isGlob(a) {
			out[i] = c.mangle(a, suffix)
		}
	}
	return out
}

// expand turns arguments into unit names: globs become the units in memory that match. With a glob, units that are
// inactive are left out unless --all is given.
func (c *command) expand(args []string, suffix string) ([]string, error) {
	var names, globs []string
	for _, a := range args {
		if isGlob(a) {
			globs = append(globs, a)
			continue
		}
		names = append(names, c.mangle(a, suffix))
	}
	if len(globs) == 0 {
		return names, nil
	}
	units, err := c.units(globs)
	if err != nil {
		return nil, err
	}
	for _, u := range units {
		if c.shown(u) {
			names = append(names, u.Unit)
		}
	}
	return names, nil
}
