package dbus

import (
	"encoding/binary"
	"math"
	"slices"
)

// encoder appends little-endian D-Bus values to buf. Alignment counts from base, where the message starts.
type encoder struct {
	buf  []byte
	base int
	fds  []int // descriptors that the message being written carries
}

// array is an array being written: where its length stands and where its elements start.
type array struct{ at, start int }

// keptBuffer is the capacity that a reused encoder may keep, in bytes.
const keptBuffer = 64 << 10

// reset empties the encoder for reuse.
func (e *encoder) reset() *encoder {
	if cap(e.buf) > keptBuffer {
		e.buf = nil
	}
	closeAll(e.fds)
	e.buf, e.fds, e.base = e.buf[:0], e.fds[:0], 0
	return e
}

var zeros [8]byte

func (e *encoder) align(n int) {
	if pad := (e.base - len(e.buf)) & (n - 1); pad > 0 {
		e.buf = append(e.buf, zeros[:pad]...)
	}
}

// grow makes room for n more bytes, for long lists.
func (e *encoder) grow(n int) { e.buf = slices.Grow(e.buf, n) }

func (e *encoder) byte(v byte) { e.buf = append(e.buf, v) }

func (e *encoder) bool(v bool) {
	var n uint32
	if v {
		n = 1
	}
	e.uint32(n)
}

func (e *encoder) uint16(v uint16) {
	e.align(2)
	e.buf = binary.LittleEndian.AppendUint16(e.buf, v)
}

func (e *encoder) uint32(v uint32) {
	e.align(4)
	e.buf = binary.LittleEndian.AppendUint32(e.buf, v)
}

func (e *encoder) uint64(v uint64) {
	e.align(8)
	e.buf = binary.LittleEndian.AppendUint64(e.buf, v)
}

func (e *encoder) int32(v int32)    { e.uint32(uint32(v)) }
func (e *encoder) double(v float64) { e.uint64(math.Float64bits(v)) }
func (e *encoder) signature(s string) {
	e.buf = append(e.buf, byte(len(s)))
	e.buf = append(e.buf, s...)
	e.buf = append(e.buf, 0)
}

// string writes a string or an object path. A NUL, which D-Bus forbids, ends it; broken UTF-8 is made valid.
func (e *encoder) string(s string) {
	e.uint32(uint32(len(s)))
	at := len(e.buf)
	e.buf = append(append(e.buf, s...), 0)
	if !validText(e.buf[at : len(e.buf)-1]) {
		e.buf = append(e.buf[:at], cleanString(s)...)
		e.length(at)
	}
}

// length completes a string whose text was appended from at on, after a length of zero.
func (e *encoder) length(at int) {
	binary.LittleEndian.PutUint32(e.buf[at-4:], uint32(len(e.buf)-at))
	e.buf = append(e.buf, 0)
}

// fd writes a descriptor; the queue owns it from now on and closes it once it is sent.
func (e *encoder) fd(fd int) {
	e.uint32(uint32(len(e.fds)))
	e.fds = append(e.fds, fd)
}

func (e *encoder) structure() { e.align(8) }

// array starts an array whose elements are aligned to n.
func (e *encoder) array(n int) array {
	e.uint32(0)
	at := len(e.buf) - 4
	e.align(n)
	return array{at, len(e.buf)}
}

func (e *encoder) end(a array) {
	binary.LittleEndian.PutUint32(e.buf[a.at:], uint32(len(e.buf)-a.start))
}

func (e *encoder) strings(list []string) {
	a := e.array(4)
	for _, s := range list {
		e.string(s)
	}
	e.end(a)
}

func (e *encoder) bytes(b []byte) {
	e.uint32(uint32(len(b)))
	e.buf = append(e.buf, b...)
}

// pairs writes an empty or filled a(ss).
func (e *encoder) pairs(list [][2]string) {
	a := e.array(8)
	for _, p := range list {
		e.structure()
		e.string(p[0])
		e.string(p[1])
	}
	e.end(a)
}
