package process

import (
	"davit/unit"

	"golang.org/x/sys/unix"
)

// arrange makes the view. Copies of everything that has to come back later are taken first, while it is still as it was: a copy has
// the flags that the administrator gave it, which cannot be known afterwards.
func (l *Steps) arrange(v *mountView) {
	copies := make([]uint64, len(v.entries))
	for i := range v.entries {
		e := &v.entries[i]
		above := v.above(i)
		e.readOnly, e.noExec = inherit(e.readOnly, above.readOnly), inherit(e.noExec, above.noExec)
		switch e.kind {
		case mountFlags:
			if e.readOnly == unit.No || e.noExec == unit.No {
				copies[i] = l.keep(e.path, false, e.optional)
			}
		case mountBind:
			copies[i] = l.keep(v.root+e.source, e.flat, e.optional)
		}
	}
	for i := range v.entries {
		l.place(&v.entries[i], copies[i])
	}
}

// inherit is what an entry has when it says nothing itself.
func inherit(own, above unit.Tristate) unit.Tristate {
	if own == unit.Unset {
		return above
	}
	return own
}

// missing are the errors of a path that is not there.
const missing = 1<<uint(unix.ENOENT) | 1<<uint(unix.ENOTDIR)

// tolerate returns the errors that an entry may meet.
func (e *mountEntry) tolerate() uint64 {
	switch {
	case e.anyway:
		return everyError
	case e.optional:
		return missing | 1<<uint(unix.EBADF) // of a copy that is not there
	}
	return 0
}

// keep copies the mounts at path, and returns the offset of the word with the descriptor: -1 if there is nothing to copy.
func (l *Steps) keep(path string, flat, optional bool) uint64 {
	word := l.words(^uint64(0))
	flags := uint64(unix.OPEN_TREE_CLONE | unix.OPEN_TREE_CLOEXEC | unix.AT_RECURSIVE)
	if flat {
		flags &^= unix.AT_RECURSIVE
	}
	c := l.add(stepNamespace, unix.SYS_OPEN_TREE, ref1, atCWD, l.text(path), flags)
	c.result = uint32(word)
	if optional {
		c.ignore = missing
	}
	return word
}

// place puts one entry where it belongs.
func (l *Steps) place(e *mountEntry, kept uint64) {
	from := len(l.calls)
	switch {
	case kept != 0:
		l.mountPoint(e)
		l.putBack(kept, e)
	case e.kind == mountFlags:
		if e.path != "/" {
			l.bind(e.path, e.path, unix.MS_REC)
		}
	case e.kind == mountTmpfs:
		l.mkdirQuietly(e.path)
		l.mount("tmpfs", e.path, "tmpfs", unix.MS_NOSUID|unix.MS_NODEV|unix.MS_STRICTATIME, e.options)
	case e.kind == mountProc:
		l.mount("proc", e.path, "proc", unix.MS_NOSUID|unix.MS_NODEV|unix.MS_NOEXEC, e.options)
	case e.kind == mountDev:
		l.devices(e.path)
	case e.kind == mountHidden:
		l.hide(e.path)
	}
	if set := e.attributes(); set != 0 && e.kind != mountHidden && e.kind != mountDev {
		l.setAttributes(e.path, set, e.kind != mountTmpfs)
	}
	if kept != 0 {
		c := l.add(stepNamespace, unix.SYS_CLOSE, 0, kept)
		c.word, c.ignore = true, everyError
	}
	tolerate := e.tolerate()
	for i := from; i < len(l.calls); i++ {
		l.calls[i].ignore |= tolerate
	}
}

// mountPoint makes what a bind mount needs to be mounted on, if it is not there.
func (l *Steps) mountPoint(e *mountEntry) {
	if e.kind != mountBind {
		return
	}
	var st unix.Stat_t
	if unix.Stat(e.source, &st) == nil && st.Mode&unix.S_IFMT != unix.S_IFDIR {
		l.touch(e.path)
		return
	}
	l.mkdirQuietly(e.path)
}

// mkdirQuietly makes a directory with its parents; what is wrong will show at the mount.
func (l *Steps) mkdirQuietly(path string) {
	for i := range path {
		if i > 0 && path[i] == '/' {
			l.add(stepNamespace, unix.SYS_MKDIRAT, ref1, atCWD, l.text(path[:i]), 0o755).ignore = everyError
		}
	}
	l.add(stepNamespace, unix.SYS_MKDIRAT, ref1, atCWD, l.text(path), 0o755).ignore = everyError
}

// touch makes an empty file.
func (l *Steps) touch(path string) {
	c := l.add(stepNamespace, unix.SYS_MKNODAT, ref1, atCWD, l.text(path), unix.S_IFREG|0o444, 0)
	c.ignore = everyError
}

// putBack mounts a copy that keep made.
func (l *Steps) putBack(word uint64, e *mountEntry) {
	c := l.add(stepNamespace, unix.SYS_MOVE_MOUNT, ref1|1<<3, word, l.text(""), atCWD, l.text(e.path), unix.MOVE_MOUNT_F_EMPTY_PATH)
	c.word = true
}

// bind mounts one path over another.
func (l *Steps) bind(from, to string, flags uint64) {
	l.add(stepNamespace, unix.SYS_MOUNT, ref0|ref1, l.text(from), l.text(to), 0, unix.MS_BIND|flags, 0)
}

// mount mounts a new file system.
func (l *Steps) mount(source, path, kind string, flags uint64, options string) {
	l.add(stepNamespace, unix.SYS_MOUNT, ref0|ref1|ref2|ref4, l.text(source), l.text(path), l.text(kind), flags, l.text(options))
}

// setAttributes sets flags of the mounts at path.
func (l *Steps) setAttributes(path string, set uint64, below bool) {
	flags := uint64(0)
	if below {
		flags = unix.AT_RECURSIVE
	}
	const size = 32 // of struct mount_attr
	attr := l.words(mountAttr(set)...)
	l.add(stepNamespace, unix.SYS_MOUNT_SETATTR, ref1|1<<3, atCWD, l.text(path), flags, attr, size)
}

// hide makes a path inaccessible: a directory becomes one that is empty and closed, anything else a device that may not be opened.
func (l *Steps) hide(path string) {
	const flags = unix.MS_NOSUID | unix.MS_NODEV | unix.MS_NOEXEC | unix.MS_RDONLY
	notDirectory := uint64(1 << uint(unix.ENOTDIR))
	l.mount("tmpfs", path, "tmpfs", flags, "mode=0000,size=4096")
	l.calls[len(l.calls)-1].ignore = notDirectory
	l.bind("/dev/null", path, 0)
	l.calls[len(l.calls)-1].ignore = notDirectory
	l.setAttributes(path, unix.MOUNT_ATTR_RDONLY|unix.MOUNT_ATTR_NODEV, false)
}

// devices makes a /dev for PrivateDevices=: pseudo devices, terminals and shared memory. The devices are taken from the old one, so
// that no privilege to make devices is needed.
func (l *Steps) devices(path string) {
	nodes := [...]string{"null", "zero", "full", "random", "urandom", "tty"}
	trees := [...]string{"pts", "shm", "mqueue", "hugepages"}
	var kept [len(nodes) + len(trees)]uint64
	for i, name := range nodes {
		kept[i] = l.keep(path+"/"+name, true, true)
	}
	for i, name := range trees {
		kept[len(nodes)+i] = l.keep(path+"/"+name, false, true)
	}
	l.mount("tmpfs", path, "tmpfs", unix.MS_NOSUID|unix.MS_STRICTATIME, "mode=0755,size=4m")
	for i, word := range kept {
		if i < len(nodes) {
			l.touch(path + "/" + nodes[i])
			l.putBack(word, &mountEntry{path: path + "/" + nodes[i]})
		} else {
			l.mkdirQuietly(path + "/" + trees[i-len(nodes)])
			l.putBack(word, &mountEntry{path: path + "/" + trees[i-len(nodes)]})
		}
		l.calls[len(l.calls)-1].ignore = missing | 1<<uint(unix.EBADF)
		c := l.add(stepNamespace, unix.SYS_CLOSE, 0, word)
		c.word, c.ignore = true, everyError
	}
	for _, link := range [...][2]string{
		{"/proc/self/fd", "fd"},
		{"/proc/self/fd/0", "stdin"},
		{"/proc/self/fd/1", "stdout"},
		{"/proc/self/fd/2", "stderr"},
		{"/proc/kcore", "core"},
		{"pts/ptmx", "ptmx"},
		{"/run/systemd/journal/dev-log", "log"},
	} {
		l.add(stepNamespace, unix.SYS_SYMLINKAT, ref0|ref2, l.text(link[0]), atCWD, l.text(path+"/"+link[1])).ignore = everyError
	}
	l.setAttributes(path, unix.MOUNT_ATTR_RDONLY|unix.MOUNT_ATTR_NOEXEC, false)
}
