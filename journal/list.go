package journal

import "sort"

// entryList is a sorted list of entries in a file: of all of them, or of those that have one field. It is an array in
// pieces, each at least as long as the one before, that grows while the file is written.
type entryList struct {
	f       *file
	inline  uint64 // where the first entry stands, 0: in the arrays
	rootAt  uint64 // where the offset of the first array stands
	countAt uint64 // where the number of entries stands
	arrays  []piece
	broken  bool
	hint    uint64 // index of the entry found last
}

// piece is one array: how many entries are before it, and how many it has room for.
type piece struct{ off, before, room uint64 }

// fieldEntries returns the list of the entries that have the field, nil if there are none.
func (f *file) fieldEntries(field []byte) *entryList {
	d := f.find(field)
	if d == 0 {
		return nil
	}
	return &entryList{f: f, inline: d + dEntry, rootAt: d + dEntryArray, countAt: d + dNumEntries}
}

// count returns how many entries there are now, as far as they can be reached.
func (l *entryList) count() uint64 {
	n := l.f.get(l.countAt)
	if n == 0 || !l.broken && l.reach(n) {
		return n
	}
	if len(l.arrays) == 0 {
		if l.inline != 0 {
			return 1
		}
		return 0
	}
	last := l.arrays[len(l.arrays)-1]
	return min(n, last.before+last.room)
}

// reach extends the known arrays until entry n-1 is in one of them.
func (l *entryList) reach(n uint64) bool {
	have, next, last := uint64(0), l.f.get(l.rootAt), uint64(0)
	if l.inline != 0 {
		have = 1
	}
	if k := len(l.arrays); k > 0 {
		p := l.arrays[k-1]
		have, last, next = p.before+p.room, p.off, l.f.get(p.off+aNext)
	}
	for have < n {
		o, ok := l.f.object(next, objEntryArray)
		if next <= last || !ok {
			l.broken = true
			return false
		}
		room := (uint64(len(o)) - aItems) / l.f.itemSize()
		l.arrays = append(l.arrays, piece{next, have, room})
		have += room
		last, next = next, l.f.get(next+aNext)
	}
	return true
}

// at returns the offset of the i-th entry, which must be below count.
func (l *entryList) at(i uint64) uint64 {
	if l.inline != 0 && i == 0 {
		return l.f.get(l.inline)
	}
	k := sort.Search(len(l.arrays), func(k int) bool { return l.arrays[k].before > i }) - 1
	if k < 0 {
		return 0
	}
	p := l.arrays[k]
	if l.f.compact {
		return uint64(l.f.get32(p.off + aItems + 4*(i-p.before)))
	}
	return l.f.get(p.off + aItems + 8*(i-p.before))
}

// search returns the smallest index in [0, n) for which ok, n if none.
func search(n uint64, ok func(i uint64) bool) uint64 {
	lo, hi := uint64(0), n
	for lo < hi {
		if mid := lo + (hi-lo)/2; ok(mid) {
			hi = mid
		} else {
			lo = mid + 1
		}
	}
	return lo
}

// next returns the first entry at off or after it, 0 if there is none.
func (l *entryList) next(off uint64) uint64 {
	n := l.count()
	if h := l.hint; h+1 < n && l.at(h) < off { // the usual case: one step on
		if e := l.at(h + 1); e >= off {
			l.hint = h + 1
			return e
		}
	}
	i := search(n, func(i uint64) bool { return l.at(i) >= off })
	if i == n {
		return 0
	}
	l.hint = i
	return l.at(i)
}

// prev returns the last entry at off or before it, 0 if there is none.
func (l *entryList) prev(off uint64) uint64 {
	n := l.count()
	if h := l.hint; h > 0 && h < n && l.at(h) > off {
		if e := l.at(h - 1); e <= off {
			l.hint = h - 1
			return e
		}
	}
	i := search(n, func(i uint64) bool { return l.at(i) > off })
	if i == 0 {
		return 0
	}
	l.hint = i - 1
	return l.at(i - 1)
}
