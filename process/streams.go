package process

import "golang.org/x/sys/unix"

// streams gives the process its standard input, output and error.
func (l *Steps) streams(spec *Spec) {
	l.stream(stepStdin, 0, spec.Stdin, spec.OpenStdin, unix.O_RDONLY)
	l.stream(stepStdout, 1, spec.Stdout, spec.OpenStdout, unix.O_WRONLY)
	if spec.Stderr < 0 && spec.OpenStderr == nil && spec.Stdout < 0 && spec.OpenStdout == nil ||
		spec.OpenStderr != nil && spec.OpenStdout != nil && *spec.OpenStderr == *spec.OpenStdout {
		l.duplicate(stepStderr, 1, 2)
		return
	}
	l.stream(stepStderr, 2, spec.Stderr, spec.OpenStderr, unix.O_WRONLY)
}

// stream fills one of the descriptors 0 to 2.
func (l *Steps) stream(s step, to uint64, fd int, file *OpenFile, nullFlags int) {
	switch {
	case file != nil:
		l.openStream(s, to, file)
	case fd < 0:
		l.openStream(s, to, &OpenFile{Path: "/dev/null", Flags: nullFlags})
	default:
		l.take(s, fd, to)
	}
}

// openStream opens a file as descriptor to.
func (l *Steps) openStream(s step, to uint64, file *OpenFile) {
	word := l.words(0)
	open := l.add(s, unix.SYS_OPENAT, ref1, atCWD, l.text(file.Path), uint64(file.Flags|unix.O_NOCTTY|unix.O_CLOEXEC), 0o666)
	open.result = uint32(word)
	l.add(s, unix.SYS_DUP3, 0, word, to, 0).word = true
	l.add(s, unix.SYS_CLOSE, 0, word).word = true
	if file.Terminal {
		steal := uint64(0)
		if file.Steal {
			steal = 1
		}
		l.add(s, unix.SYS_IOCTL, 0, to, unix.TIOCSCTTY, steal)
	}
}

// duplicate makes descriptor to a copy of one that the process has already.
func (l *Steps) duplicate(s step, from, to uint64) {
	l.add(s, unix.SYS_DUP3, 0, from, to, 0)
}

// take makes descriptor to of the process from one of ours.
func (l *Steps) take(s step, fd int, to uint64) {
	l.add(s, unix.SYS_DUP3, 0, l.pass(fd), to, 0).word = true
}

// raise moves descriptors of ours that lie where the process's own will be out of the way, before any of those is made.
func (l *Steps) raise(spec *Spec) {
	l.top = 3 + len(spec.FDs)
	raise := func(at uint64) {
		c := l.add(stepFDs, unix.SYS_FCNTL, 0, at, unix.F_DUPFD_CLOEXEC, uint64(l.top)+1)
		c.word = true
		c.result = uint32(at)
	}
	if spec.ExecNotice {
		at := l.words(0)
		l.notice = uint32(at)
		raise(at)
	}
	low := func(fd int) {
		if fd >= 0 && fd <= l.top {
			known := len(l.passed)
			if at := l.pass(fd); len(l.passed) > known {
				raise(at)
			}
		}
	}
	low(spec.Stdin)
	low(spec.Stdout)
	low(spec.Stderr)
	for _, fd := range spec.FDs {
		low(fd.FD)
	}
}

// descriptors passes on what follows the standard streams, and closes everything else.
func (l *Steps) descriptors(spec *Spec) {
	for i, fd := range spec.FDs {
		l.take(stepFDs, fd.FD, uint64(3+i))
	}
	first := uint64(l.top)
	if l.notice != 0 {
		l.add(stepFDs, unix.SYS_DUP3, 0, uint64(l.notice), first, unix.O_CLOEXEC).word = true
		first++
	}
	l.add(stepFDs, unix.SYS_CLOSE_RANGE, 0, first, maxFD, 0)
}
