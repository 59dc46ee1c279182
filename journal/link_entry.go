package journal

import "encoding/binary"

// join makes the entry at off reachable: from the header and from each of its fields.
func (w *Writer) join(off uint64) {
	w.enterMain(off)
	for p, end := off+eItems, off+w.get(off+oSize); p < end; p += 4 {
		w.enterField(uint64(w.get32(p)), off)
	}
	w.joined(off)
}

// joined tells the header about the last entry. The entry counts as stored once its number stands there.
func (w *Writer) joined(off uint64) {
	seqnum, real := w.get(off+eSeqnum), w.get(off+eRealtime)
	if w.get(hHeadSeqnum) == 0 {
		w.put(hHeadSeqnum, seqnum)
	}
	if w.get(hHeadRealtime) == 0 {
		w.put(hHeadRealtime, real)
	}
	w.put(hTailRealtime, real)
	w.put(hTailMonotonic, w.get(off+eMonotonic))
	copy(w.m[hBootID:hBootID+16], w.m[off+eBootID:])
	w.publish(hTailSeqnum, seqnum)
}

// list is where a chain of entry arrays is rooted: the words with its first array, and the words with the last one and
// how many entries that holds.
type list struct{ first, tail, used uint64 }

// mainList is the list of all entries, fieldList that of a field, save the first one.
var mainList = list{hEntryArray, hTailArray, hTailArrayEntries}

func fieldList(d uint64) list { return list{d + dEntryArray, d + dTailArray, d + dTailEntries} }

// enterMain puts the entry into the list of all entries.
func (w *Writer) enterMain(entry uint64) {
	w.enter(mainList, entry)
	w.publish(hNumEntries, w.get(hNumEntries)+1)
}

// enterField puts the entry into the list of a field. The first one stands in the data object itself.
func (w *Writer) enterField(d, entry uint64) {
	o := w.m[d : d+dPayloadComp : d+dPayloadComp]
	n := binary.LittleEndian.Uint64(o[dNumEntries:])
	if n == 0 {
		binary.LittleEndian.PutUint64(o[dEntry:], entry)
	} else if !w.enterTail(o[dTailArray:], entry) {
		w.enterFresh(fieldList(d), entry)
	}
	binary.LittleEndian.PutUint64(o[dNumEntries:], n+1)
}

// enterTail appends the entry to the last array of a list if that has room. The words say which one it is and how many
// entries it holds.
func (w *Writer) enterTail(words []byte, entry uint64) bool {
	array, used := uint64(binary.LittleEndian.Uint32(words)), uint64(binary.LittleEndian.Uint32(words[4:]))
	if array == 0 || aItems+4*used >= w.get(array+oSize) {
		return false
	}
	w.put32(array+aItems+4*used, uint32(entry))
	binary.LittleEndian.PutUint32(words[4:], uint32(used+1))
	return true
}

// enter appends the entry to a list.
func (w *Writer) enter(l list, entry uint64) {
	if !w.enterTail(w.m[l.tail:l.tail+8], entry) {
		w.enterFresh(l, entry)
	}
}

// enterFresh gives a list another array, twice as long as the last one, that begins with the entry.
func (w *Writer) enterFresh(l list, entry uint64) {
	array, room := uint64(w.get32(l.tail)), uint64(0)
	if array != 0 {
		room = (w.get(array+oSize) - aItems) / 4
	}
	fresh := w.array(min(max(4, 2*room), maxArray), entry)
	if array == 0 {
		w.publish(l.first, fresh)
	} else {
		w.publish(array+aNext, fresh)
	}
	w.put32(l.used, 1)
	w.put32(l.tail, uint32(fresh))
}

// array appends an array object with room for n entries that holds one.
func (w *Writer) array(n, entry uint64) uint64 {
	off := w.end
	w.put(off+aNext, 0)
	clear(w.m[off+aItems : off+aItems+4*n])
	w.put32(off+aItems, uint32(entry))
	w.commit(objEntryArray, aItems+4*n, hNumEntryArrays)
	return off
}
