package dbus

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
)

// maxArray is the longest array that the specification allows, in bytes.
const maxArray = 1 << 26

// errMalformed is what every violation of the wire format wraps.
var errMalformed = errors.New("malformed message")

func malformed(format string, args ...any) error {
	return fmt.Errorf("%w: "+format, append([]any{errMalformed}, args...)...)
}

// decoder reads values from buf, which starts at an 8-byte boundary of the message. The first error sticks, later reads
// return zeros. Bytes that it returns alias buf; strings do not.
type decoder struct {
	buf   []byte
	pos   int
	big   bool
	nfds  uint32
	err   error
	names *names // optional: keeps one copy of the strings that recur
}

func (d *decoder) fail(format string, args ...any) {
	if d.err == nil {
		d.err = malformed(format, args...)
		d.pos = len(d.buf)
	}
}

func (d *decoder) align(n int) {
	to := (d.pos + n - 1) &^ (n - 1)
	if to > len(d.buf) {
		d.fail("it ends in padding")
		return
	}
	for _, b := range d.buf[d.pos:to] {
		if b != 0 {
			d.fail("padding is not zero")
			return
		}
	}
	d.pos = to
}

// take returns the next n bytes, or nil after an error.
func (d *decoder) take(n int) []byte {
	if d.err != nil {
		return nil
	}
	if n < 0 || n > len(d.buf)-d.pos {
		d.fail("it ends early")
		return nil
	}
	b := d.buf[d.pos : d.pos+n]
	d.pos += n
	return b
}

func (d *decoder) byte() byte {
	if b := d.take(1); b != nil {
		return b[0]
	}
	return 0
}

func (d *decoder) uint16() uint16 {
	d.align(2)
	b := d.take(2)
	switch {
	case b == nil:
		return 0
	case d.big:
		return binary.BigEndian.Uint16(b)
	}
	return binary.LittleEndian.Uint16(b)
}

func (d *decoder) uint32() uint32 {
	d.align(4)
	b := d.take(4)
	switch {
	case b == nil:
		return 0
	case d.big:
		return binary.BigEndian.Uint32(b)
	}
	return binary.LittleEndian.Uint32(b)
}

func (d *decoder) uint64() uint64 {
	d.align(8)
	b := d.take(8)
	switch {
	case b == nil:
		return 0
	case d.big:
		return binary.BigEndian.Uint64(b)
	}
	return binary.LittleEndian.Uint64(b)
}

func (d *decoder) int32() int32    { return int32(d.uint32()) }
func (d *decoder) double() float64 { return math.Float64frombits(d.uint64()) }

func (d *decoder) bool() bool {
	v := d.uint32()
	if v > 1 {
		d.fail("a boolean is %d", v)
	}
	return v == 1
}

// text returns the bytes of a string or an object path.
func (d *decoder) text() []byte {
	n := d.uint32()
	if uint64(n) >= uint64(len(d.buf)) {
		d.fail("a string of %d bytes does not fit", n)
		return nil
	}
	b := d.take(int(n) + 1)
	if b == nil {
		return nil
	}
	b, end := b[:n], b[n]
	if end != 0 || !validText(b) {
		d.fail("a string is not UTF-8 or holds a NUL")
		return nil
	}
	return b
}

func (d *decoder) string() string { return d.names.keep(d.text()) }

func (d *decoder) path() string {
	s := d.string()
	if d.err == nil && !validPath(s) {
		d.fail("%q is no object path", s)
	}
	return s
}

func (d *decoder) signature() string {
	n := int(d.byte())
	b := d.take(n + 1)
	if b == nil {
		return ""
	}
	s := d.names.keep(b[:n])
	if b[n] != 0 || !validSignature(s) {
		d.fail("%q is no signature", s)
		return ""
	}
	return s
}

// array starts an array whose elements are aligned to n; elements follow while more(end) holds.
func (d *decoder) array(n int) (end int) {
	size := d.uint32()
	d.align(n)
	if size > maxArray || uint64(size) > uint64(len(d.buf)-d.pos) {
		d.fail("an array of %d bytes does not fit", size)
		return d.pos
	}
	return d.pos + int(size)
}

// more says whether an array that ends at end has another element.
func (d *decoder) more(end int) bool {
	if d.err == nil && d.pos > end {
		d.fail("an element crosses the end of its array")
	}
	return d.err == nil && d.pos < end
}

func (d *decoder) strings() []string {
	var list []string
	for end := d.array(4); d.more(end); {
		list = append(list, d.string())
	}
	return list
}

func (d *decoder) bytes() []byte {
	end := d.array(1)
	return d.take(end - d.pos)
}
