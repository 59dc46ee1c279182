package process

import (
	"strings"

	"golang.org/x/sys/unix"
)

// directories makes what RuntimeDirectory= and its sisters name.
func (l *Steps) directories(spec *Spec) {
	if len(spec.Directories) == 0 {
		return
	}
	l.add(stepUMask, unix.SYS_UMASK, 0, 0o022)
	for i := range spec.Directories {
		l.makeDirectory(spec, &spec.Directories[i])
	}
}

// makeDirectory makes one directory with its parents and links.
func (l *Steps) makeDirectory(spec *Spec, d *Directory) {
	s := stepRuntimeDirectory + step(d.Kind)
	for i := range d.Path {
		if d.Path[i] == '/' && i > 0 {
			l.mkdir(s, d.Base+"/"+d.Path[:i], 0o755)
		}
	}
	path := d.Base + "/" + d.Path
	l.mkdir(s, path, d.Mode)
	if d.Kind != ConfigurationDirectory { // whose owner and mode stay as they are (systemd.exec(5))
		l.ownDirectory(s, spec, d, path)
	}
	for _, name := range d.Symlinks {
		if i := strings.LastIndexByte(name, '/'); i > 0 {
			l.mkdir(s, d.Base+"/"+name[:i], 0o755)
		}
		link := l.add(s, unix.SYS_SYMLINKAT, ref0|ref2, l.text(path), atCWD, l.text(d.Base+"/"+name))
		link.ignore = 1 << uint(unix.EEXIST)
	}
}

// mkdir makes a directory unless it is there.
func (l *Steps) mkdir(s step, path string, mode uint32) {
	l.add(s, unix.SYS_MKDIRAT, ref1, atCWD, l.text(path), uint64(mode)).ignore = 1 << uint(unix.EEXIST)
}

// ownDirectory sets mode and owner.
func (l *Steps) ownDirectory(s step, spec *Spec, d *Directory, path string) {
	word := l.words(0)
	open := l.add(s, unix.SYS_OPENAT, ref1, atCWD, l.text(path), unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC)
	open.result = uint32(word)
	if (d.UID >= 0 || d.GID >= 0) && !spec.UserApproximated {
		own := l.add(s, unix.SYS_FCHOWN, 0, word, uint64(uint32(d.UID)), uint64(uint32(d.GID)))
		own.word = true
		own.ignore = spec.lenient()
	}
	l.add(s, unix.SYS_FCHMOD, 0, word, uint64(d.Mode)).word = true
	l.add(s, unix.SYS_CLOSE, 0, word).word = true
}
