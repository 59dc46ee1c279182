package journal

import (
	"bytes"
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// maxCmdline bounds _CMDLINE=.
const maxCmdline = 4096

// procReader reads what /proc says about a process, reusing one buffer.
type procReader struct {
	path []byte
	buf  [maxCmdline]byte
}

// read returns the beginning of a file of /proc/PID, nil if there is none. Valid until the next call.
func (r *procReader) read(pid int32, name string) []byte {
	fd, err := unix.Open(r.name(pid, name), unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil
	}
	defer unix.Close(fd)
	n, err := unix.Read(fd, r.buf[:])
	if err != nil || n <= 0 {
		return nil
	}
	return r.buf[:n]
}

func (r *procReader) name(pid int32, name string) string {
	r.path = append(strconv.AppendInt(append(r.path[:0], "/proc/"...), int64(pid), 10), '/')
	return string(append(r.path, name...))
}

// processFields returns the trusted fields about a process, under the given prefix ("_" or "OBJECT_"). What is not to
// be had, because the process is gone, is left out.
func (r *procReader) processFields(prefix string, from creds) []string {
	fields := []string{prefix + "PID=" + strconv.Itoa(int(from.pid))}
	if prefix == "_" {
		fields = append(fields, "_UID="+strconv.FormatUint(uint64(from.uid), 10),
			"_GID="+strconv.FormatUint(uint64(from.gid), 10))
	}
	if p := bytes.TrimRight(r.read(from.pid, "comm"), "\n"); len(p) > 0 {
		fields = append(fields, prefix+"COMM="+string(p))
	}
	if n, err := unix.Readlink(r.name(from.pid, "exe"), r.buf[:]); err == nil && n > 0 {
		fields = append(fields, prefix+"EXE="+strings.TrimSuffix(string(r.buf[:n]), " (deleted)"))
	}
	if p := bytes.TrimRight(r.read(from.pid, "cmdline"), "\x00"); len(p) > 0 {
		fields = append(fields, prefix+"CMDLINE="+string(bytes.ReplaceAll(p, []byte{0}, []byte{' '})))
	}
	return fields
}

// cgroup returns the process's path in the cgroup tree of version 2, or of systemd's own version 1 hierarchy, relative
// to root.
func (r *procReader) cgroup(pid int32, root string) string {
	found := ""
	for line := range strings.Lines(string(r.read(pid, "cgroup"))) {
		line = strings.TrimSuffix(line, "\n")
		if path, ok := strings.CutPrefix(line, "0::"); ok {
			found = path
			break
		}
		if _, path, ok := strings.Cut(line, ":name=systemd:"); ok {
			found = path
		}
	}
	if root != "" && root != "/" {
		if rest, ok := strings.CutPrefix(found, strings.TrimSuffix(root, "/")); ok && (rest == "" || rest[0] == '/') {
			found = rest
		}
	}
	return found
}

// invocation returns the value of INVOCATION_ID in the process's environment, empty if it has none.
func (r *procReader) invocation(pid int32) string {
	const name = "INVOCATION_ID="
	env, _ := os.ReadFile(r.name(pid, "environ"))
	for word := range bytes.SplitSeq(env, []byte{0}) {
		if v, ok := bytes.CutPrefix(word, []byte(name)); ok {
			return string(v)
		}
	}
	return ""
}

// place is where in the tree of units a cgroup is.
type place struct{ unit, slice, userUnit, userSlice, session string }

// placeOf reads a path of cgroups the way systemd names them: slices, then a unit; below user@UID.service the same
// again for the units of a user.
func placeOf(path string) (p place) {
	words := strings.Split(strings.Trim(path, "/"), "/")
	var rest []string
	p.slice, p.unit, rest = unitIn(words)
	if strings.HasPrefix(p.unit, "user@") {
		p.userSlice, p.userUnit, _ = unitIn(rest)
	}
	if s, ok := strings.CutPrefix(p.unit, "session-"); ok {
		p.session = strings.TrimSuffix(s, ".scope")
	}
	return p
}

// unitIn splits a path into the innermost slice, the unit in it, and what is below.
func unitIn(words []string) (slice, unit string, rest []string) {
	slice = "-.slice"
	for i, w := range words {
		w = strings.TrimPrefix(w, "_")
		if strings.HasSuffix(w, ".slice") {
			slice = w
			continue
		}
		if strings.Contains(w, ".") {
			return slice, w, words[i+1:]
		}
		break
	}
	return slice, "", nil
}

// fields returns the fields that follow from the place. An invocation id is added by the caller.
func (p place) fields(cgroup string, uid uint32) []string {
	var all []string
	add := func(name, v string) {
		if v != "" {
			all = append(all, name+"="+v)
		}
	}
	add("_SYSTEMD_CGROUP", cgroup)
	if p.unit != "" {
		add("_SYSTEMD_UNIT", p.unit)
		add("_SYSTEMD_SLICE", p.slice)
	}
	if p.userUnit != "" {
		add("_SYSTEMD_USER_UNIT", p.userUnit)
		add("_SYSTEMD_USER_SLICE", p.userSlice)
	}
	add("_SYSTEMD_SESSION", p.session)
	if owner, ok := strings.CutPrefix(p.unit, "user@"); ok {
		add("_SYSTEMD_OWNER_UID", strings.TrimSuffix(owner, ".service"))
	} else if p.session != "" {
		add("_SYSTEMD_OWNER_UID", strconv.FormatUint(uint64(uid), 10))
	}
	return all
}
