package journal

import "encoding/binary"

// Set is fields that many entries share: those of a machine, a unit, a stream. A writer finds them in its file once and
// then knows their offsets, which is what makes an entry cheap. The zero Set is empty; a Set serves one Writer at a time.
type Set struct {
	parent *Set
	packed []byte // the fields, each after its length (uvarint)

	gen  uint32   // which opened file offs belongs to, 0 none
	offs []uint32 // offsets of the data objects, the parent's included, sorted
	xor  uint64   // of their hashes
}

// NewSet returns the set of parent's fields (which may be nil, and does not change any more) and the given ones, each as
// NAME=value.
func NewSet(parent *Set, fields ...string) *Set {
	n := 0
	for _, f := range fields {
		n += len(f) + 2
	}
	s := &Set{parent: parent, packed: make([]byte, 0, n)}
	for _, f := range fields {
		s.packed = binary.AppendUvarint(s.packed, uint64(len(f)))
		s.packed = append(s.packed, f...)
	}
	return s
}

// each calls fn with every field, the parent's first.
func (s *Set) each(fn func(field []byte) error) error {
	if s == nil {
		return nil
	}
	if err := s.parent.each(fn); err != nil {
		return err
	}
	for p := s.packed; len(p) > 0; {
		n, w := binary.Uvarint(p)
		if err := fn(p[w : w+int(n)]); err != nil {
			return err
		}
		p = p[w+int(n):]
	}
	return nil
}

// bytes returns how long the fields are together.
func (s *Set) bytes() (n uint64) {
	for ; s != nil; s = s.parent {
		n += uint64(len(s.packed))
	}
	return n
}

// insert adds off to the sorted offs unless it is there. New objects have the highest offsets, so the search is short.
func insert(offs []uint32, off uint32) []uint32 {
	i := len(offs)
	for i > 0 && offs[i-1] > off {
		i--
	}
	if i > 0 && offs[i-1] == off {
		return offs
	}
	offs = append(offs, 0)
	copy(offs[i+1:], offs[i:])
	offs[i] = off
	return offs
}
