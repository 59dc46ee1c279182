package journal

import (
	"bytes"
	"sync/atomic"
	"unsafe"
)

// Append stores one entry: the set's fields and the given ones, each as NAME=value. Either all of it is stored or
// nothing that a reader sees. Clocks that go back are held, so that entries stay in order.
func (w *Writer) Append(at Stamp, set *Set, fields ...[]byte) error {
	if w.m[hState] != stateOnline {
		w.m[hState] = stateOnline
	}
	if err := w.reserve(set, fields); err != nil {
		return err
	}
	xor := uint64(0)
	items := w.items[:0]
	if set != nil {
		if set.gen != w.gen {
			if err := w.place(set); err != nil {
				return err
			}
		}
		items = append(items, set.offs...)
		xor = set.xor
	}
	for _, f := range fields {
		it := w.word(f)
		items = insert(items, it.off)
		xor ^= it.xor
	}
	w.items = items
	w.entry(at, items, xor)
	return nil
}

// reserve makes sure that the file has room for the whole entry, whatever it turns out to need: its own fields, those
// of the set when they are not in the file yet, the entry, and a new array for each of its fields.
func (w *Writer) reserve(set *Set, fields [][]byte) error {
	n, need := uint64(len(fields)), uint64(0)
	for _, f := range fields {
		need += uint64(len(f))
	}
	if set != nil {
		n += uint64(len(set.offs))
		if set.gen != w.gen {
			_ = set.each(func([]byte) error { n++; return nil })
			need += set.bytes()
		}
	}
	need += 64 + 4*n + (n+1)*(aItems+maxArray*4+8) + n*(dPayloadComp+fPayload+80)
	if need > w.max/2 {
		return ErrTooBig
	}
	if w.end+need > w.size {
		return w.grow(w.end + need)
	}
	return nil
}

// Full says whether another file should be begun although this one still has room: because its hash tables are
// crowded.
func (w *Writer) Full() bool {
	return w.get(hNumData)*4 > w.buckets*3 || w.get(hNumFields)*4 > w.fields*3 || w.chain > maxChain
}

// place finds or stores the set's fields in this file.
func (w *Writer) place(set *Set) error {
	set.gen, set.xor = 0, 0
	set.offs = set.offs[:0]
	err := set.each(func(f []byte) error {
		it := w.field(f)
		n := len(set.offs)
		if set.offs = insert(set.offs, it.off); len(set.offs) > n {
			set.xor ^= it.xor
		}
		return nil
	})
	if err == nil {
		set.gen = w.gen
	}
	return err
}

// word finds or stores a field. The few that nearly every entry has one of are remembered.
func (w *Writer) word(f []byte) item {
	const prefix = "PRIORITY="
	if len(f) == len(prefix)+1 && string(f[:len(prefix)]) == prefix {
		if d := f[len(prefix)] - '0'; d < 8 {
			if w.words[d].off == 0 {
				w.words[d] = w.field(f)
			}
			return w.words[d]
		}
	}
	return w.field(f)
}

// field finds or stores the data object of a field.
func (w *Writer) field(f []byte) item {
	hash := siphash24(w.k0, w.k1, f)
	bucket := w.table + hash%w.buckets*16
	off, found := w.search(bucket, hash, dPayloadComp, f)
	if !found {
		off = w.store(hash, bucket, f)
	}
	return item{uint32(off), jenkins64(f)}
}

// search walks a bucket's chain. Data and field objects agree on where the hash is; payload says where theirs begins.
func (w *Writer) search(bucket, hash, payload uint64, p []byte) (uint64, bool) {
	next := uint64(dNextHash)
	depth := uint64(0)
	for off := w.get(bucket); off != 0; off = w.get(off + next) {
		if w.get(off+dHash) == hash && w.get(off+oSize) == payload+uint64(len(p)) &&
			bytes.Equal(w.m[off+payload:off+payload+uint64(len(p))], p) {
			return off, true
		}
		depth++
	}
	w.chain = max(w.chain, depth)
	return 0, false
}

// store appends a data object and links it. The order is what repair relies on: the object is whole before the header
// knows it, and the header knows it before anything points to it.
func (w *Writer) store(hash, bucket uint64, f []byte) uint64 {
	name := f
	if i := bytes.IndexByte(f, '='); i >= 0 {
		name = f[:i]
	}
	owner := w.name(name)
	off := w.end
	w.put(off+dHash, hash)
	w.put(off+dNextHash, 0)
	w.put(off+dNextField, w.get(owner+fHeadData))
	clear(w.m[off+dEntry : off+dPayloadComp])
	copy(w.m[off+dPayloadComp:], f)
	w.commit(objData, dPayloadComp+uint64(len(f)), hNumData)
	w.chainUp(bucket, off)
	w.put(owner+fHeadData, off)
	return off
}

// name finds or stores the field object of a field's name.
func (w *Writer) name(name []byte) uint64 {
	hash := siphash24(w.k0, w.k1, name)
	bucket := w.fieldTab + hash%w.fields*16
	off, found := w.search(bucket, hash, fPayload, name)
	if found {
		return off
	}
	off = w.end
	w.put(off+fHash, hash)
	w.put(off+fNextHash, 0)
	w.put(off+fHeadData, 0)
	copy(w.m[off+fPayload:], name)
	w.commit(objField, fPayload+uint64(len(name)), hNumFields)
	w.chainUp(bucket, off)
	return off
}

// chainUp puts an object at the end of its bucket's chain.
func (w *Writer) chainUp(bucket, off uint64) {
	if tail := w.get(bucket + 8); tail == 0 {
		w.publish(bucket, off)
	} else {
		w.publish(tail+dNextHash, off)
	}
	w.put(bucket+8, off)
}

// commit makes the object at the end of the file, whose content is stored, a part of it. Entries are counted later.
func (w *Writer) commit(kind byte, size, counter uint64) {
	off := w.end
	w.head(off, kind, size)
	w.end = align8(off + size)
	w.touched = true
	w.publish(hTailObject, off)
	w.put(hNumObjects, w.get(hNumObjects)+1)
	if counter != 0 {
		w.put(counter, w.get(counter)+1)
	}
}

// publish stores a word that makes others' stores visible; a reader that sees it sees those before.
func (w *Writer) publish(off, v uint64) {
	_ = w.m[off+7]
	atomic.StoreUint64((*uint64)(unsafe.Pointer(&w.m[off])), v)
}

// entry appends the entry object and enters it into the array of all entries and those of its fields.
func (w *Writer) entry(at Stamp, items []uint32, xor uint64) {
	real, mono := max(at.Real, 1), max(at.Mono, w.lastMono)
	w.lastReal, w.lastMono = real, mono
	off := w.end
	seqnum := w.get(hTailSeqnum) + 1
	w.put(off+eSeqnum, seqnum)
	w.put(off+eRealtime, real)
	w.put(off+eMonotonic, mono)
	copy(w.m[off+eBootID:], w.boot[:])
	w.put(off+eXorHash, xor)
	p := off + eItems
	for _, it := range items {
		w.put32(p, it)
		p += 4
	}
	w.commit(objEntry, eItems+4*uint64(len(items)), 0)
	w.join(off)
}
