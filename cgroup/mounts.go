package cgroup

import (
	"os"
	"strings"
)

// mount is one mounted hierarchy: where it is, and which group of the hierarchy is at that place.
type mount struct {
	point, root string
	v2          bool
	controllers Controllers // version 1 only
}

// readMounts finds the hierarchies in the text of /proc/PID/mountinfo (proc_pid_mountinfo(5)).
func readMounts(text string) []mount {
	var found []mount
	for line := range strings.Lines(text) {
		before, after, ok := strings.Cut(line, " - ")
		if !ok {
			continue
		}
		f, g := strings.Fields(before), strings.Fields(after)
		if len(f) < 6 || len(g) < 3 {
			continue
		}
		m := mount{point: unoctal(f[4]), root: unoctal(f[3])}
		switch g[0] {
		case "cgroup2":
			m.v2 = true
		case "cgroup":
			m.controllers = parseControllers(g[2])
		default:
			continue
		}
		found = append(found, m)
	}
	return found
}

// unoctal undoes the kernel's escapes of space, tab, newline and backslash.
func unoctal(s string) string {
	if !strings.Contains(s, `\`) {
		return s
	}
	return strings.NewReplacer(`\040`, " ", `\011`, "\t", `\012`, "\n", `\134`, `\`).Replace(s)
}

// membership is what /proc/PID/cgroup says: the group in version 2, and the group per controller of version 1.
type membership struct {
	v2 string
	v1 map[Controllers]string
}

// readMembership reads the text of /proc/PID/cgroup.
func readMembership(text string) membership {
	m := membership{v1: map[Controllers]string{}}
	for line := range strings.Lines(text) {
		f := strings.SplitN(strings.TrimSuffix(line, "\n"), ":", 3)
		if len(f) != 3 {
			continue
		}
		if f[0] == "0" && f[1] == "" {
			m.v2 = f[2]
			continue
		}
		set := parseControllers(f[1])
		for _, row := range controllerTable {
			if set&row.bit != 0 {
				m.v1[row.bit] = f[2]
			}
		}
	}
	return m
}

// place maps a group, as /proc/PID/cgroup names it, to a directory of the mount; false when the mount does not show it.
func (m *mount) place(group string) (string, bool) {
	if strings.HasPrefix(group, "/..") { // outside our cgroup namespace
		return "", false
	}
	root := strings.TrimSuffix(m.root, "/")
	if strings.HasPrefix(root, "/..") {
		return "", false
	}
	if group != root && !strings.HasPrefix(group, root+"/") {
		return "", false
	}
	return clean(strings.TrimPrefix(group, root)), true
}

// clean makes a directory of a hierarchy start with a slash and end without one; the top is "".
func clean(dir string) string {
	dir = strings.Trim(dir, "/")
	if dir == "" {
		return ""
	}
	return "/" + dir
}

func readText(path string) (string, error) {
	b, err := os.ReadFile(path)
	return string(b), err
}
