package unit

import (
	"slices"
	"strings"
	"testing"
)

// TestFilterMerges follows systemd.exec(5): the first assignment says whether the list allows or forbids, later ones of the other
// direction take names out.
func TestFilterMerges(t *testing.T) {
	for _, c := range []struct {
		lines string
		allow bool
		names string
	}{
		{"a b|c", true, "a b c"},
		{"a b|~b", true, "a"},
		{"~a b|b", false, "a"},
		{"@system-service|~@privileged @resources", true, "@system-service ~@privileged ~@resources"},
		{"@system-service|~ptrace", true, "@system-service ~ptrace"},
		{"@system-service ptrace|~ptrace", true, "@system-service ~ptrace"},
		{"@system-service|~ptrace|ptrace", true, "@system-service ~ptrace ptrace"},
		{"~@mount|umount2", false, "@mount ~umount2"},
		{"a||~b", false, "b"},
	} {
		text := "[Service]\nExecStart=/x\n"
		for line := range strings.SplitSeq(c.lines, "|") {
			text += "SystemCallFilter=" + line + "\n"
		}
		u := FromText("a.service", text, "/a.service", Specifiers{})
		f := u.Exec.SystemCallFilter
		if !f.Set || f.Allow != c.allow || !slices.Equal(f.Names, strings.Fields(c.names)) {
			t.Errorf("%s: got %+v, want %v %s", c.lines, f, c.allow, c.names)
		}
		again := FromText("a.service", Text(u), "/a.service", Specifiers{}).Exec.SystemCallFilter
		if again.Allow != f.Allow || !slices.Equal(again.Names, f.Names) {
			t.Errorf("%s: wrote %+v, read back %+v", c.lines, f, again)
		}
	}
}
