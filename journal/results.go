package journal

import (
	"iter"
	"slices"
)

// results walks through the entries of all files at once, in one direction, in the order of Entry.compare.
type results struct {
	r     *Reader
	p     plan
	back  bool
	files []*file
	at    map[*file]*position
	last  *Entry // the entry returned last: copies of it in other files are passed over
}

// position is how far the walk is in one file.
type position struct {
	src  source
	off  uint64 // of the entry that is next, 0: to be looked for
	from uint64 // look from here on
	head Entry
	done bool
	end  uint64 // behind the last entry that there was when the walk began
}

func (r *Reader) results(p plan, back bool) *results {
	x := &results{r: r, p: p, back: back, files: r.sorted(), at: map[*file]*position{}}
	for _, f := range x.files {
		x.enter(f)
	}
	return x
}

// enter takes a file into the walk.
func (x *results) enter(f *file) {
	pos := &position{}
	x.at[f] = pos
	pos.done = guard(f, func() { x.begin(f, pos) }) != nil
}

// next returns the next entry, nil if there is none (yet). Damaged parts are passed over.
func (x *results) next() *Entry {
	for {
		f := x.pick()
		if f == nil {
			return nil
		}
		pos := x.at[f]
		e, off := pos.head, pos.off
		pos.off = 0
		if x.back {
			pos.from = off - 1
		} else {
			pos.from = off + 1
		}
		if x.last != nil && x.last.compare(&e) == 0 && x.last.Hash == e.Hash && x.last.Realtime == e.Realtime {
			continue
		}
		var err error
		if fault := guard(f, func() { err = f.read(off, &e) }); fault != nil || err != nil {
			continue
		}
		x.last = &e
		if x.p.grep != nil && !x.p.grep.MatchString(e.Get("MESSAGE")) {
			continue
		}
		return &e
	}
}

// pick returns the file whose next entry is next of all.
func (x *results) pick() (best *file) {
	for _, f := range x.files {
		pos := x.at[f]
		if pos.off == 0 && !pos.done {
			if guard(f, func() { x.seek(f, pos) }) != nil {
				pos.done, pos.off = true, 0
			}
		}
		if pos.off == 0 {
			continue
		}
		if best == nil {
			best = f
		} else if c := pos.head.compare(&x.at[best].head); c < 0 != x.back && c != 0 {
			best = f
		}
	}
	return best
}

// begin finds where in a file the walk begins.
func (x *results) begin(f *file, pos *position) {
	pos.src = &f.all
	if x.p.where != nil {
		pos.src = x.p.where.in(f)
	}
	pos.end, pos.from = 1, 1
	if n := f.all.count(); n > 0 {
		pos.end = f.all.at(n-1) + 1
	}
	if x.back {
		pos.from = pos.end - 1
		if x.p.until > 0 {
			pos.from = min(pos.from, f.first(func(e *Entry) bool { return e.Realtime > x.p.until })-1)
		}
		return
	}
	if x.p.since > 0 {
		pos.from = max(pos.from, f.first(func(e *Entry) bool { return e.Realtime >= x.p.since }))
	}
	if c := x.p.from; c != nil {
		pos.from = max(pos.from, f.first(func(e *Entry) bool { return x.p.reached(e) }))
	}
}

// reached says whether an entry is at the cursor or behind it.
func (p *plan) reached(e *Entry) bool {
	c := e.compare(p.from)
	return c > 0 || c == 0 && !p.after
}

// seek finds the next entry in a file, and stops at the limits.
func (x *results) seek(f *file, pos *position) {
	for {
		if x.back {
			pos.off = pos.src.prev(pos.from)
		} else {
			pos.off = pos.src.next(pos.from)
		}
		if pos.off == 0 {
			return
		}
		head, ok := f.entryHead(pos.off)
		if !ok { // damaged: go on behind it
			if pos.from = pos.off + 1; x.back {
				pos.from = pos.off - 1
			}
			continue
		}
		pos.head = head
		switch {
		case x.back && (x.p.since > 0 && head.Realtime < x.p.since || x.p.from != nil && !x.p.reached(&head)),
			!x.back && x.p.until > 0 && head.Realtime > x.p.until:
			pos.off, pos.done = 0, true
		}
		return
	}
}

// first returns the offset of the first entry of a file for which ok, beyond all if there is none.
func (f *file) first(ok func(e *Entry) bool) uint64 {
	n := f.all.count()
	i := search(n, func(i uint64) bool {
		e, valid := f.entryHead(f.all.at(i))
		return valid && ok(&e)
	})
	if i == n {
		if n == 0 {
			return 1
		}
		return f.all.at(n-1) + 1
	}
	return f.all.at(i)
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
	x := r.results(p, q.Reverse || q.Lines >= 0)
	if !x.back {
		for e := x.next(); e != nil; e = x.next() {
			if !yield(e, nil) {
				return nil
			}
		}
		return x
	}
	var tail []*Entry
	for n := 0; q.Lines < 0 || n < q.Lines; n++ {
		e := x.next()
		if e == nil {
			break
		}
		if !q.Reverse {
			tail = append(tail, e)
		} else if !yield(e, nil) {
			return nil
		}
	}
	for _, e := range slices.Backward(tail) {
		if !yield(e, nil) {
			return nil
		}
	}
	return x
}
