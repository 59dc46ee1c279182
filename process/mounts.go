package process

import (
	"path/filepath"
	"slices"
	"strings"

	"davit/unit"

	"golang.org/x/sys/unix"
)

// mountKind is what happens to a path in the process's view of the file system.
type mountKind uint8

const (
	mountFlags  mountKind = iota // stays what it is, with other flags
	mountHidden                  // inaccessible
	mountTmpfs                   // an empty file system
	mountBind                    // another file or directory
	mountProc                    // a new /proc
	mountDev                     // a /dev with pseudo devices only
)

// mountEntry is one path of the view. Of readOnly and noExec, unset leaves it as the directory above has it; no brings back what there
// was before the view was made.
type mountEntry struct {
	path     string
	kind     mountKind
	readOnly unit.Tristate
	noExec   unit.Tristate
	source   string // of mountBind
	options  string // of mountTmpfs and mountProc
	flat     bool   // without the mounts below
	optional bool   // no error when the path is missing
	anyway   bool   // no error, whatever goes wrong
}

// mountView collects entries.
type mountView struct {
	root    string
	entries []mountEntry
	must    bool // more than hardening: without it, the process must not run
}

// add puts an entry into the view. One for the same path is replaced, or gets the flags.
func (v *mountView) add(e mountEntry) {
	e.path = v.root + e.path
	for i := range v.entries {
		old := &v.entries[i]
		if old.path != e.path {
			continue
		}
		if e.kind == mountFlags {
			old.readOnly, old.noExec = max(old.readOnly, e.readOnly), max(old.noExec, e.noExec)
			old.optional = old.optional && e.optional
		} else {
			*old = e
		}
		return
	}
	v.entries = append(v.entries, e)
}

// setting adds the paths of a setting such as ReadOnlyPaths=, with their prefixes.
func (v *mountView) setting(paths []string, e mountEntry) {
	for _, path := range paths {
		e.optional = false
		for path != "" && (path[0] == '-' || path[0] == '+') {
			e.optional = e.optional || path[0] == '-'
			path = path[1:]
		}
		e.path = v.follow(clean(path))
		v.add(e)
	}
}

// known adds paths of the manager's own, which need not be there.
func (v *mountView) known(e mountEntry, paths ...string) {
	e.optional = true
	for _, path := range paths {
		e.path = v.follow(path)
		v.add(e)
	}
}

// follow resolves symbolic links, for nothing can be mounted on one and /lib often is one. Below another root they are left as
// they are: an absolute link would lead out of it.
func (v *mountView) follow(path string) string {
	if v.root != "" {
		return path
	}
	if real, err := filepath.EvalSymlinks(path); err == nil {
		return real
	}
	return path
}

// clean removes slashes at the end.
func clean(path string) string {
	if trimmed := strings.TrimRight(path, "/"); trimmed != "" {
		return trimmed
	}
	return "/"
}

// collect fills the view from the settings.
func (v *mountView) collect(spec *Spec, exec *unit.Exec) {
	readOnly := mountEntry{readOnly: unit.Yes}
	hidden := mountEntry{kind: mountHidden}
	v.protectSystem(exec, readOnly)
	v.protectHome(exec, readOnly, hidden)
	if exec.ProtectKernelTunables {
		v.known(readOnly, "/proc/sys", "/proc/sysrq-trigger", "/proc/latency_stats", "/proc/acpi", "/proc/timer_stats", "/proc/fs",
			"/proc/irq", "/sys")
		v.known(hidden, "/proc/kallsyms", "/proc/kcore")
	}
	if exec.ProtectKernelModules {
		v.known(hidden, "/usr/lib/modules", "/lib/modules")
	}
	if exec.ProtectKernelLogs {
		v.known(hidden, "/proc/kmsg", "/dev/kmsg")
	}
	if exec.ProtectControlGroups != unit.ProtectCgroupsNo {
		v.known(readOnly, "/sys/fs/cgroup")
	}
	v.setting(exec.ReadOnlyPaths, readOnly)
	v.setting(exec.InaccessiblePaths, hidden)
	v.setting(exec.NoExecPaths, mountEntry{noExec: unit.Yes})
	v.setting(exec.ExecPaths, mountEntry{noExec: unit.No})
	v.setting(exec.ReadWritePaths, mountEntry{readOnly: unit.No})
	if len(v.entries) > 0 {
		for _, d := range spec.Directories {
			v.add(mountEntry{path: d.Base + "/" + d.Path, readOnly: unit.No})
		}
	}
	v.private(spec, exec)
	v.binds(exec)
	slices.SortStableFunc(v.entries, func(a, b mountEntry) int { return comparePaths(a.path, b.path) })
}

// comparePaths sorts directories before what is in them.
func comparePaths(a, b string) int {
	return slices.Compare(strings.Split(clean(a), "/"), strings.Split(clean(b), "/"))
}

// protectSystem is ProtectSystem=.
func (v *mountView) protectSystem(exec *unit.Exec, readOnly mountEntry) {
	switch exec.ProtectSystem {
	case unit.ProtectSystemStrict:
		v.known(readOnly, "/")
		v.known(mountEntry{readOnly: unit.No}, "/dev", "/proc", "/sys")
	case unit.ProtectSystemFull:
		v.known(readOnly, "/usr", "/boot", "/efi", "/etc")
	case unit.ProtectSystemYes:
		v.known(readOnly, "/usr", "/boot", "/efi")
	}
}

// protectHome is ProtectHome=.
func (v *mountView) protectHome(exec *unit.Exec, readOnly, hidden mountEntry) {
	homes := []string{"/home", "/root", "/run/user"}
	switch exec.ProtectHome {
	case unit.ProtectHomeYes:
		v.known(hidden, homes...)
	case unit.ProtectHomeReadOnly:
		v.known(readOnly, homes...)
	case unit.ProtectHomeTmpfs:
		v.known(mountEntry{kind: mountTmpfs, options: "mode=0755,size=4096", readOnly: unit.Yes}, homes...)
	}
}

// private is PrivateTmp=, PrivateDevices=, ProtectProc= and TemporaryFileSystem=.
func (v *mountView) private(spec *Spec, exec *unit.Exec) {
	if exec.PrivateTmp != unit.PrivateTmpNo {
		v.privateTmp("/tmp", spec.Tmp)
		v.privateTmp("/var/tmp", spec.VarTmp)
	}
	if exec.PrivateDevices {
		v.add(mountEntry{path: "/dev", kind: mountDev})
	}
	if options := procOptions(exec); options != "" {
		v.add(mountEntry{path: "/proc", kind: mountProc, options: options, anyway: true})
	}
	for _, fs := range exec.TemporaryFileSystem {
		e := mountEntry{path: clean(fs.Name), kind: mountTmpfs, options: fs.Value}
		v.add(e)
		v.must = true
	}
}

// privateTmp makes a directory for temporary files private: source, or an empty file system.
func (v *mountView) privateTmp(path, source string) {
	if source != "" {
		v.add(mountEntry{path: path, kind: mountBind, source: source, readOnly: unit.No})
		return
	}
	v.add(mountEntry{path: path, kind: mountTmpfs, options: "mode=1777", readOnly: unit.No, optional: true})
}

// procOptions returns the mount options of /proc for ProtectProc= and ProcSubset=.
func procOptions(exec *unit.Exec) string {
	var options []string
	switch exec.ProtectProc {
	case unit.ProtectProcNoaccess:
		options = append(options, "hidepid=noaccess")
	case unit.ProtectProcInvisible:
		options = append(options, "hidepid=invisible")
	case unit.ProtectProcPtraceable:
		options = append(options, "hidepid=ptraceable")
	}
	if exec.ProcSubset == unit.ProcSubsetPID {
		options = append(options, "subset=pid")
	}
	return strings.Join(options, ",")
}

// binds is BindPaths= and BindReadOnlyPaths=.
func (v *mountView) binds(exec *unit.Exec) {
	add := func(b unit.Bind, readOnly unit.Tristate) {
		v.must = true
		v.add(mountEntry{
			path: clean(b.Destination), kind: mountBind, source: b.Source, readOnly: readOnly,
			flat: !b.Recursive, optional: b.IgnoreMissing,
		})
	}
	for _, b := range exec.BindPaths {
		add(b, unit.No)
	}
	for _, b := range exec.BindReadOnlyPaths {
		add(b, unit.Yes)
	}
}

// above returns the entry of the nearest directory above the i-th.
func (v *mountView) above(i int) *mountEntry {
	for j := i - 1; j >= 0; j-- {
		dir := v.entries[j].path
		if dir == "/" || strings.HasPrefix(v.entries[i].path, dir+"/") {
			return &v.entries[j]
		}
	}
	return &mountEntry{}
}

// mountAttr is struct mount_attr of mount_setattr(2).
func mountAttr(set uint64) []uint64 { return []uint64{set, 0, 0, 0} }

// attributes returns the mount attributes that an entry sets.
func (e *mountEntry) attributes() uint64 {
	var set uint64
	if e.readOnly == unit.Yes {
		set |= unix.MOUNT_ATTR_RDONLY
	}
	if e.noExec == unit.Yes {
		set |= unix.MOUNT_ATTR_NOEXEC
	}
	return set
}
