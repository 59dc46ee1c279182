package ctl

import (
	"fmt"
	"slices"
	"strings"
)

// collect makes lines of the manager's answer about enforcement: a string is a line; an object with a setting is one
// ("PrivateTmp= is unavailable: no mount namespace"); lists and other objects hold more of them.
func collect(v any, status string, lines *[]string) {
	switch v := v.(type) {
	case string:
		if v != "" {
			*lines = append(*lines, strings.TrimPrefix(status+": "+v, ": "))
		}
	case []any:
		for _, e := range v {
			collect(e, status, lines)
		}
	case map[string]any:
		if l := settingLine(v, status); l != "" {
			*lines = append(*lines, l)
			return
		}
		for _, k := range sortedKeys(v) {
			collect(v[k], k, lines)
		}
	}
}

// settingLine is one setting that is not enforced, "" when v is no such object or the setting is enforced.
func settingLine(v map[string]any, status string) string {
	field := func(names ...string) string {
		for _, n := range names {
			for k, f := range v {
				if s, ok := f.(string); ok && strings.EqualFold(k, n) {
					return s
				}
			}
		}
		return ""
	}
	name := field("setting", "directive", "key", "name")
	if name == "" {
		return ""
	}
	if !strings.Contains(name, "=") {
		name += "="
	}
	state := orElse(field("status", "state"), status)
	if state == "enforced" {
		return ""
	}
	s := fmt.Sprintf("%s is %s", name, orElse(state, "not enforced"))
	if unit := field("unit"); unit != "" {
		s = unit + ": " + s
	}
	if why := field("because", "reason", "text", "message"); why != "" {
		s += ": " + why
	}
	return s
}

func sortedKeys(m map[string]any) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
