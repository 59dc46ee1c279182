package cgroup

import (
	"bytes"
	"strconv"

	"golang.org/x/sys/unix"
)

// openat is openat(2) with close-on-exec, tried again when interrupted.
func openat(dir int, name string, flags int) (int, error) {
	for {
		fd, err := unix.Openat(dir, name, flags|unix.O_CLOEXEC, 0)
		if err != unix.EINTR {
			return fd, err
		}
	}
}

// openDir opens a directory for naming things in it; such a descriptor serves CLONE_INTO_CGROUP and mkdirat.
func openDir(dir int, name string) (int, error) {
	return openat(dir, name, unix.O_PATH|unix.O_DIRECTORY)
}

// readAttr reads a whole attribute file into buf (which grows when needed) and returns what it read.
func readAttr(dir int, name string, buf []byte) ([]byte, error) {
	fd, err := openat(dir, name, unix.O_RDONLY)
	if err != nil {
		return nil, err
	}
	defer unix.Close(fd)
	return readFD(fd, buf)
}

// shortRead is more than a line of any list that can be longer than a page.
const shortRead = 64

func readFD(fd int, buf []byte) ([]byte, error) {
	buf = buf[:0]
	for {
		if len(buf) == cap(buf) {
			buf = append(buf, 0)[:len(buf)]
		}
		n, err := unix.Read(fd, buf[len(buf):cap(buf)])
		if err == unix.EINTR {
			continue
		}
		if err != nil {
			return nil, err
		}
		space := cap(buf) - len(buf)
		buf = buf[:len(buf)+n]
		// The kernel fills a page with whole lines. Well short of that, and of our space, it had no more: a call is spared.
		if n == 0 || n < min(space, 4096)-shortRead {
			return buf, nil
		}
	}
}

// writeAttr writes one value to an attribute file; the file must exist.
func writeAttr(dir int, name, value string) error {
	fd, err := openat(dir, name, unix.O_WRONLY)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	return writeFD(fd, value)
}

func writeFD(fd int, value string) error {
	for {
		_, err := unix.Write(fd, []byte(value))
		if err != unix.EINTR {
			return err
		}
	}
}

// keyed finds "key N" on a line of its own in a flat-keyed attribute.
func keyed(text []byte, key string) (uint64, bool) {
	for len(text) > 0 {
		line, rest, _ := bytes.Cut(text, []byte{'\n'})
		if len(line) > len(key) && line[len(key)] == ' ' && string(line[:len(key)]) == key {
			return number(line[len(key)+1:])
		}
		text = rest
	}
	return 0, false
}

// number reads a decimal count; "max" is Infinity.
func number(text []byte) (uint64, bool) {
	text = bytes.TrimSpace(text)
	if string(text) == "max" {
		return Infinity, true
	}
	n, err := strconv.ParseUint(string(text), 10, 64)
	return n, err == nil
}

// pids calls f for every process listed in the text of a cgroup.procs file. Processes outside our namespace read as 0.
func pids(text []byte, f func(pid int)) {
	pid := 0
	for _, c := range text {
		if c >= '0' && c <= '9' {
			pid = pid*10 + int(c-'0')
			continue
		}
		if pid > 0 {
			f(pid)
		}
		pid = 0
	}
	if pid > 0 {
		f(pid)
	}
}
