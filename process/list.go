package process

import (
	"encoding/binary"

	"golang.org/x/sys/unix"
)

// call is one system call of a list, or one operation of the interpreter's own (nr negative).
type call struct {
	nr     int64
	args   [6]uint64
	ignore uint64 // errors that are none: bit n for errno n, bit 63 for every errno from 63 on
	result uint32 // offset of the word that gets the result, 0 for none
	skip   uint16 // how many further calls are passed over when an error was ignored
	refs   uint8  // bit n: args[n] is an offset into the list's data
	word   bool   // args[0] is the offset of a word in the data that has the value
	step   step
}

// The interpreter's own operations.
const nrPID = -1 // write the own process id in decimal to args[0]

// Bits of call.refs.
const (
	ref0 uint8 = 1 << iota
	ref1
	ref2
	ref3
	ref4
)

// everyError is a call.ignore that ignores all errors.
const everyError = ^uint64(0)

// passed is one descriptor of ours that the list uses: the word at the offset gets its number before the start.
type passed struct {
	fd   int
	word uint32
}

// Steps is a compiled list: plain data that both performers run, any number of times. The zero value is an empty list.
type Steps struct {
	calls   []call
	data    []byte   // strings, words and structures; offset 0 is not used
	links   []uint32 // offsets of words in data that are offsets into data, to become addresses
	passed  []passed
	top     int    // the highest descriptor of the process, plus 1
	notice  uint32 // offset of the word for the notice's descriptor, 0 for none
	cgroup  int    // descriptor of the cgroup to be born in, -1 for none
	private bool   // must not run in the manager's memory
}

// reset makes the list empty, keeping its memory.
func (l *Steps) reset() {
	*l = Steps{calls: l.calls[:0], data: l.data[:0], links: l.links[:0], passed: l.passed[:0], top: 3, cgroup: -1}
	l.data = append(l.data, 0, 0, 0, 0, 0, 0, 0, 0)
}

// add appends a call. The result is valid until the next add.
func (l *Steps) add(s step, nr uintptr, refs uint8, args ...uint64) *call {
	l.calls = append(l.calls, call{nr: int64(nr), refs: refs, step: s})
	c := &l.calls[len(l.calls)-1]
	copy(c.args[:], args)
	return c
}

// text adds a string with its terminating zero byte and returns its offset.
func (l *Steps) text(s string) uint64 {
	at := len(l.data)
	l.data = append(l.data, s...)
	l.data = append(l.data, 0)
	return uint64(at)
}

// bytes adds b, aligned to 8, and returns its offset.
func (l *Steps) bytes(b []byte) uint64 {
	l.align()
	at := len(l.data)
	l.data = append(l.data, b...)
	return uint64(at)
}

// align makes the next offset a multiple of 8.
func (l *Steps) align() {
	var zero [8]byte
	l.data = append(l.data, zero[:-len(l.data)&7]...)
}

// newWord adds words, aligned, and returns the offset of the first.
func (l *Steps) words(values ...uint64) uint64 {
	l.align()
	at := len(l.data)
	for _, v := range values {
		l.data = binary.NativeEndian.AppendUint64(l.data, v)
	}
	return uint64(at)
}

// link adds a word with the address of the data at offset.
func (l *Steps) link(offset uint64) {
	l.links = append(l.links, uint32(len(l.data)))
	l.data = binary.NativeEndian.AppendUint64(l.data, offset)
}

// vector adds a NULL-terminated array of the addresses of offsets.
func (l *Steps) vector(offsets []uint64) uint64 {
	l.align()
	at := len(l.data)
	for _, o := range offsets {
		l.link(o)
	}
	l.data = binary.NativeEndian.AppendUint64(l.data, 0)
	return uint64(at)
}

// pass says that the list uses the descriptor fd of ours, and returns the offset of the word that will have its number.
func (l *Steps) pass(fd int) uint64 {
	for _, p := range l.passed {
		if p.fd == fd {
			return uint64(p.word)
		}
	}
	at := l.words(0)
	l.passed = append(l.passed, passed{fd, uint32(at)})
	return at
}

// subject returns the path that the call at index is about: its own, or that of the file opened before it in the same step.
func (l *Steps) subject(index int) string {
	for ; index >= 0; index-- {
		c := &l.calls[index]
		for i := range c.args {
			if c.refs&(1<<i) != 0 && takesPath(c.nr, i) {
				return l.textAt(c.args[i])
			}
		}
		if !c.word || c.result != 0 || index == 0 || l.calls[index-1].step != c.step {
			return ""
		}
	}
	return ""
}

// textAt returns the string at an offset.
func (l *Steps) textAt(offset uint64) string {
	end := offset
	for l.data[end] != 0 {
		end++
	}
	return string(l.data[offset:end])
}

// takesPath says whether an argument of a system call is the path that the call is about.
func takesPath(nr int64, arg int) bool {
	switch nr {
	case unix.SYS_OPENAT, unix.SYS_MKDIRAT, unix.SYS_MOUNT, unix.SYS_OPEN_TREE, unix.SYS_MOUNT_SETATTR:
		return arg == 1
	case unix.SYS_SYMLINKAT:
		return arg == 2
	case unix.SYS_MOVE_MOUNT:
		return arg == 3
	case unix.SYS_CHDIR, unix.SYS_CHROOT, unix.SYS_EXECVE:
		return arg == 0
	}
	return false
}
