package journal

import (
	"iter"
	"slices"
	"sync/atomic"
	"unsafe"
)

// results walks through the entries of all files at once, in one direction, in the order of Entry.compare.
type results struct {
	r    *Reader
	p    plan
	back bool
	at   map[*file]*position
	live []*position // those that have a next entry, in the order in which those come
	last Entry       // the one returned last: copies of it in other files are passed over
}

// position is how far the walk is in one file.
type position struct {
	f     *file
	src   source
	from  uint64 // look from here on
	limit uint64 // the last entry that counts yet
	off   uint64 // of the next entry, 0: there is none
	head  Entry
	done  bool // nothing more is wanted of this file
}

func (r *Reader) results(p plan, back bool) *results {
	x := &results{r: r, p: p, back: back, at: map[*file]*position{}}
	for _, f := range r.sorted() {
		x.enter(f)
	}
	return x
}

// enter takes a file into the walk.
func (x *results) enter(f *file) *position {
	pos := &position{f: f}
	x.at[f] = pos
	x.try(pos, func() { x.begin(pos) })
	x.advance(pos)
	return pos
}

// try runs fn, which reads the file at pos. A file that is cut meanwhile is left out from then on.
func (x *results) try(pos *position, fn func()) (ok bool) {
	if err := guard(pos.f, fn); err != nil {
		pos.done, pos.off = true, 0
		x.r.problems[pos.f.path] = err
		return false
	}
	return true
}

// next returns the next entry, nil if there is none (yet). Damaged parts are passed over.
func (x *results) next() (found *Entry) {
	for found == nil && len(x.live) > 0 {
		pos := x.live[0]
		x.live = x.live[:copy(x.live, x.live[1:])]
		if !x.last.copyOf(&pos.head) {
			x.try(pos, func() { found = x.take(pos) })
		}
		x.advance(pos)
	}
	return found
}

// take reads the entry at pos, nil if it is not wanted.
func (x *results) take(pos *position) *Entry {
	x.last = pos.head
	if x.p.grep != nil && !x.p.grep.Match(pos.f.field(pos.off, "MESSAGE=")) {
		return nil
	}
	e := new(Entry)
	*e = pos.head
	if !pos.f.read(pos.off, e) {
		return nil
	}
	return e
}

// advance looks for the next entry in a file and puts it in its place among those of the others.
func (x *results) advance(pos *position) {
	if pos.off = 0; pos.done {
		return
	}
	if !x.try(pos, func() { x.seek(pos) }) || pos.off == 0 {
		return
	}
	i := 0
	for i < len(x.live) && x.before(&x.live[i].head, &pos.head) {
		i++
	}
	x.live = slices.Insert(x.live, i, pos)
}

// before says whether a comes before b in this walk.
func (x *results) before(a, b *Entry) bool {
	if x.back {
		return a.compare(b) > 0
	}
	return a.compare(b) < 0
}

// begin finds where in a file the walk begins.
func (x *results) begin(pos *position) {
	x.look(pos)
	f := pos.f
	pos.from = 1
	if x.p.since > 0 {
		pos.from = f.first(func(e *Entry) bool { return e.Realtime >= x.p.since })
	}
	if c := x.p.from; c != nil && !x.back {
		pos.from = max(pos.from, f.first(x.p.reached))
	}
	if !x.back {
		return
	}
	pos.from = pos.limit
	if x.p.until > 0 {
		pos.from = min(pos.from, f.first(func(e *Entry) bool { return e.Realtime > x.p.until })-1)
	}
	if x.p.from != nil {
		pos.from = min(pos.from, f.first(x.p.passed)-1)
	}
}

// look prepares for what the file contains now. Lists are read after the limit, so they have all entries up to it.
func (x *results) look(pos *position) {
	f := pos.f
	f.all = entryList{f: f, rootAt: hEntryArray, countAt: hNumEntries}
	pos.limit = f.lastEntry()
	pos.src = &f.all
	if x.p.where != nil {
		pos.src = x.p.where.in(f)
	}
}

// lastEntry returns the offset of the last entry that is stored, 0 if there is none. While a writer is at it, the last
// one in the list may not be in all other lists: it counts once the header has its number.
func (f *file) lastEntry() uint64 {
	n := f.all.count()
	if n == 0 {
		return 0
	}
	tail := atomic.LoadUint64((*uint64)(unsafe.Pointer(&f.m[hTailSeqnum])))
	off := f.all.at(n - 1)
	if e, ok := f.entryHead(off); ok && e.Seqnum > tail {
		if n == 1 {
			return 0
		}
		return f.all.at(n - 2)
	}
	return off
}

// reached says whether an entry is at the cursor or behind it.
func (p *plan) reached(e *Entry) bool {
	c := e.compare(p.from)
	return c > 0 || c == 0 && !p.after
}

// passed says whether an entry is behind the cursor; for a walk back, that is where the walk begins.
func (p *plan) passed(e *Entry) bool {
	c := e.compare(p.from)
	return c > 0 || c == 0 && p.after
}

// seek finds the next entry in a file, and stops at the limits.
func (x *results) seek(pos *position) {
	f := pos.f
	for pos.from != 0 {
		if x.back {
			pos.off = pos.src.prev(pos.from)
		} else {
			pos.off = pos.src.next(pos.from)
		}
		if pos.off == 0 || pos.off > pos.limit {
			pos.off = 0
			return
		}
		if pos.from = pos.off + 1; x.back {
			pos.from = pos.off - 1
		}
		head, ok := f.entryHead(pos.off)
		if !ok { // damaged: go on behind it
			continue
		}
		pos.head = head
		if x.back && x.p.since > 0 && head.Realtime < x.p.since || !x.back && x.p.until > 0 && head.Realtime > x.p.until {
			pos.done, pos.off = true, 0
		}
		return
	}
	pos.off = 0
}

// first returns the offset of the first entry of a file for which ok, beyond all if there is none.
func (f *file) first(ok func(e *Entry) bool) uint64 {
	n := f.all.count()
	i := search(n, func(i uint64) bool {
		e, valid := f.entryHead(f.all.at(i))
		return valid && ok(&e)
	})
	if i < n {
		return max(f.all.at(i), 1)
	}
	return f.lastEntry() + 1
}

// Entries returns what a query selects. The last Lines entries are collected first, so that a long journal costs no more
// than what is asked for.
func (r *Reader) Entries(q Query) iter.Seq2[*Entry, error] {
	return func(yield func(*Entry, error) bool) {
		p, err := r.plan(&q)
		if err != nil {
			yield(nil, err)
			return
		}
		r.walk(&q, p, yield)
	}
}

// walk yields what the query selects now. It returns the walk that a follower goes on with, nil if it was stopped.
func (r *Reader) walk(q *Query, p plan, yield func(*Entry, error) bool) *results {
	// Without a place to begin at, the last lines are those at the end.
	tail := q.Lines >= 0 && p.from == nil && !q.Reverse
	x := r.results(p, q.Reverse || tail)
	var kept []*Entry
	for n := 0; q.Lines < 0 || n < q.Lines; n++ {
		e := x.next()
		if e == nil {
			break
		}
		if tail {
			kept = append(kept, e)
		} else if !yield(e, nil) {
			return nil
		}
	}
	for _, e := range slices.Backward(kept) {
		if !yield(e, nil) {
			return nil
		}
	}
	return x
}
