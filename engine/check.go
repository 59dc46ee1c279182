package engine

import (
	"slices"

	"davit/graph"
)

// check makes the transaction consistent: one job per unit, no cycle, nothing needless. What the anchor needs stays, or the
// whole transaction is refused.
func (t *transaction) check(m Mode) *Error {
	t.findMatters()
	t.dropRedundant()
	t.collectUnpulled()
	if err := t.mergeAll(); err != nil {
		return err
	}
	for {
		cycle := t.findCycle()
		if cycle == nil {
			break
		}
		if err := t.breakCycle(cycle); err != nil {
			return err
		}
		t.collectUnpulled()
	}
	t.dropRedundant()
	t.collectUnpulled()
	if m == ModeFail {
		t.spareRunning()
	}
	return t.destroys(m)
}

// findMatters marks the jobs that the anchor cannot do without: those that a chain of pulls that matter leads to.
func (t *transaction) findMatters() {
	t.settle(func(en *entry, w *wanted) bool {
		if w.matters || !t.reachedBy(en, w, func(p pull) bool { return p.matters && p.from.matters(p.typ) }) {
			return false
		}
		w.matters = true
		return true
	})
}

// settle calls f for every wanted job until it changes nothing any more. Entries stand behind those that pulled them in first,
// so that two rounds nearly always do.
func (t *transaction) settle(f func(*entry, *wanted) bool) {
	for changed := true; changed; {
		changed = false
		for _, en := range t.order {
			for i := range en.jobs {
				if f(en, &en.jobs[i]) {
					changed = true
				}
			}
		}
	}
}

// reachedBy reports whether a job is the anchor's or has a pull for which test holds.
func (t *transaction) reachedBy(en *entry, w *wanted, test func(pull) bool) bool {
	return slices.ContainsFunc(w.by, func(p pull) bool {
		return p.from == nil && en == t.anchor || p.from != nil && test(p)
	})
}

func (en *entry) matters(typ JobType) bool {
	i := en.find(typ)
	return i >= 0 && en.jobs[i].matters
}

// find returns the index of the job that is, or was merged from, one of type typ; -1 when there is none.
func (en *entry) find(typ JobType) int {
	return slices.IndexFunc(en.jobs, func(w wanted) bool {
		m, ok := merge(w.typ, typ, en.unit.ActiveState())
		return w.typ == typ || ok && m == w.typ
	})
}

// dropRedundant drops the jobs of units that are where the jobs would bring them, unless an installed job says otherwise.
func (t *transaction) dropRedundant() {
	for _, en := range t.order {
		needed := slices.ContainsFunc(en.jobs, func(w wanted) bool {
			j := en.unit.Job
			return !redundant(w.typ, en.unit.ActiveState()) || j != nil && j.Type != w.typ
		})
		if !needed && en != t.anchor {
			en.jobs = nil
		}
	}
	t.forgetEmpty()
}

func (t *transaction) forgetEmpty() {
	t.order = slices.DeleteFunc(t.order, func(en *entry) bool {
		if len(en.jobs) > 0 {
			return false
		}
		delete(t.entries, en.unit)
		return true
	})
}

// collectUnpulled drops jobs that nothing leads to any more. A unit that was dropped as redundant no longer pulls: what it
// requires was pulled in when it was started.
func (t *transaction) collectUnpulled() {
	for _, en := range t.order {
		for i := range en.jobs {
			en.jobs[i].reached = false
		}
	}
	t.settle(func(en *entry, w *wanted) bool {
		if w.reached || !t.reachedBy(en, w, func(p pull) bool { return p.from.reached(p.typ) }) {
			return false
		}
		w.reached = true
		return true
	})
	for _, en := range t.order {
		en.jobs = slices.DeleteFunc(en.jobs, func(w wanted) bool { return !w.reached })
	}
	t.forgetEmpty()
}

func (en *entry) reached(typ JobType) bool {
	i := en.find(typ)
	return i >= 0 && en.jobs[i].reached
}

// mergeAll leaves one job per unit. Where two conflict, the one that the anchor can do without goes.
func (t *transaction) mergeAll() *Error {
	for {
		var clash *entry
		for _, en := range t.order {
			if !en.merge() {
				clash = en
				break
			}
		}
		if clash == nil {
			return nil
		}
		if err := t.resolve(clash); err != nil {
			return err
		}
		t.collectUnpulled()
	}
}

// merge makes the entry's jobs one, or reports that they conflict.
func (en *entry) merge() bool {
	for len(en.jobs) > 1 {
		a, b := en.jobs[0], en.jobs[1]
		typ, ok := merge(a.typ, b.typ, en.unit.ActiveState())
		if !ok {
			return false
		}
		one := wanted{typ: typ, matters: a.matters || b.matters, by: slices.Concat(a.by, b.by)}
		en.jobs = slices.Replace(en.jobs, 0, 2, one)
	}
	return true
}

// resolve drops one of two conflicting jobs. When the anchor needs neither, a stop that somebody's Conflicts= asks for wins
// over a start, and a start over any other stop.
func (t *transaction) resolve(en *entry) *Error {
	a, b := en.jobs[0], en.jobs[1]
	var victim JobType
	switch {
	case a.matters && b.matters:
		return fail(JobsConflicting, en.unit.ID, "transaction contains conflicting jobs %s and %s for %s: %s; %s", a.typ, b.typ, en.unit.ID, a.reason(en), b.reason(en))
	case a.matters:
		victim = b.typ
	case b.matters:
		victim = a.typ
	default:
		stop, other := a, b
		if b.typ == JobStop {
			stop, other = b, a
		}
		victim = pick(slices.ContainsFunc(stop.by, func(p pull) bool { return p.stops }), other.typ, stop.typ)
	}
	t.giveUp(en, victim, "it conflicts with another job of this transaction for the unit")
	return nil
}

// reason puts a job's first pull in words.
func (w wanted) reason(en *entry) string {
	for _, p := range w.by {
		if p.from != nil {
			return en.unit.ID + " is in " + p.kind.String() + "= of " + p.from.unit.ID + place(p.origin)
		}
	}
	return w.typ.String() + " was requested"
}

func place(o *graph.Origin) string {
	switch {
	case o == nil:
		return ""
	case o.Rule != "":
		return " (" + o.Rule + ")"
	}
	return " (" + o.Position.String() + ")"
}

// giveUp drops a job, and with it those that cannot do without it.
func (t *transaction) giveUp(en *entry, typ JobType, why string) {
	i := en.find(typ)
	if i < 0 {
		return
	}
	w := en.jobs[i]
	en.jobs = slices.Delete(en.jobs, i, i+1)
	t.dropped = append(t.dropped, Dropped{en.unit.ID, w.typ, why})
	for _, p := range w.by {
		if p.from != nil && p.matters {
			t.giveUp(p.from, p.typ, "it needs "+w.typ.String()+" of "+en.unit.ID+", which was dropped")
		}
	}
	t.forgetEmpty()
}

// spareRunning is what job mode fail adds: jobs that do not matter must neither stop what runs nor replace installed jobs.
func (t *transaction) spareRunning() {
	for _, en := range slices.Clone(t.order) {
		if len(en.jobs) == 0 || en.jobs[0].matters || en == t.anchor {
			continue
		}
		s := en.unit.ActiveState()
		stops := en.jobs[0].typ == JobStop && (s.up() || s == Activating)
		if stops || en.replaces() != nil {
			t.giveUp(en, en.jobs[0].typ, "job mode fail spares what runs")
		}
	}
	t.collectUnpulled()
}

// replaces returns the installed job that the entry's job would take the place of.
func (en *entry) replaces() *Job {
	j := *en.unit.slot(en.jobs[0].typ)
	if j == nil {
		return nil
	}
	if _, ok := merge(j.Type, en.jobs[0].typ, en.unit.ActiveState()); ok || j.Type == JobNop {
		return nil
	}
	return j
}

func (t *transaction) destroys(m Mode) *Error {
	for _, en := range t.order {
		j := en.replaces()
		if j != nil && (m == ModeFail || j.Irreversible) {
			return fail(Destructive, en.unit.ID, "transaction for %s/%s is destructive (%s has '%s' job queued, but '%s' is included in transaction)",
				t.anchor.unit.ID, t.anchor.jobs[0].typ, en.unit.ID, j.Type, en.jobs[0].typ)
		}
	}
	return nil
}
