package cgroup

import "strings"

// controllerNames are the controllers whose attribute files ("memory.max") a unit's directory must not be mistaken for.
var controllerNames = []string{"cpu", "cpuacct", "cpuset", "io", "blkio", "memory", "devices", "pids", "hugetlb", "rdma", "misc", "perf_event", "freezer"}

// Escape turns a unit's name into a directory name that cannot collide with the kernel's own files: names that start with
// "_", ".", "cgroup." or a controller's name and a dot, and the three bare names of version 1, get a leading "_".
func Escape(name string) string {
	if needsEscape(name) {
		return "_" + name
	}
	return name
}

// Unescape undoes Escape.
func Unescape(name string) string { return strings.TrimPrefix(name, "_") }

func needsEscape(name string) bool {
	switch name {
	case "", "notify_on_release", "release_agent", "tasks":
		return true
	}
	if name[0] == '_' || name[0] == '.' || strings.HasPrefix(name, "cgroup.") {
		return true
	}
	prefix, _, dotted := strings.Cut(name, ".")
	if !dotted {
		return false
	}
	for _, c := range controllerNames {
		if prefix == c {
			return true
		}
	}
	return false
}

// SlicePath returns the path of a slice: "a-b.slice" lives in "a.slice/a-b.slice", "-.slice" (or "") is the root, "".
func SlicePath(slice string) string {
	stem := strings.TrimSuffix(slice, ".slice")
	if stem == "-" || stem == "" {
		return ""
	}
	var b strings.Builder
	for i := 0; i <= len(stem); i++ {
		if i < len(stem) && (stem[i] != '-' || i == 0) {
			continue
		}
		if b.Len() > 0 {
			b.WriteByte('/')
		}
		b.WriteString(Escape(stem[:i] + ".slice"))
	}
	return b.String()
}

// GroupPath returns the path of a unit's group in its slice. A slice's own path does not depend on the first argument.
func GroupPath(slice, unit string) string {
	if strings.HasSuffix(unit, ".slice") {
		return SlicePath(unit)
	}
	parent := SlicePath(slice)
	if parent == "" {
		return Escape(unit)
	}
	return parent + "/" + Escape(unit)
}

// UnitName returns the name of the unit that a group's path belongs to.
func UnitName(path string) string {
	if path == "" {
		return "-.slice"
	}
	_, base := split(path)
	return Unescape(base)
}

// unitPart cuts a path behind its unit: what a service makes of its own delegated group is still the service's.
// The innermost slice is the unit when nothing else follows.
func unitPart(path string) string {
	for i := 0; i < len(path); {
		end := strings.IndexByte(path[i:], '/')
		if end < 0 {
			return path
		}
		if !strings.HasSuffix(path[i:i+end], ".slice") {
			return path[:i+end]
		}
		i += end + 1
	}
	return path
}

func isSlice(path string) bool { return path == "" || strings.HasSuffix(path, ".slice") }

// split parts a path into the parent's path ("" is the root) and the last name.
func split(path string) (parent, name string) {
	if i := strings.LastIndexByte(path, '/'); i >= 0 {
		return path[:i], path[i+1:]
	}
	return "", path
}
