package engine

import (
	"slices"
	"strings"

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

// step is a member of an ordering cycle: a unit with the job that it would have.
type step struct {
	unit *Unit
	typ  JobType
	en   *entry // nil when the job is installed already and not part of the transaction
}

// unordered reports whether the job waits for nothing.
func (s step) unordered() bool {
	if s.en != nil {
		return s.en.unordered
	}
	return s.unit.Job.IgnoreOrder
}

// findCycle returns a cycle in the order of the transaction's jobs together with the installed ones that they wait for, each
// member waiting for the next; nil when there is none.
func (t *transaction) findCycle() []step {
	if t.ignoreOrder {
		return nil
	}
	steps, pairs := t.precedences()
	cycle := graph.NewOrder(len(steps), pairs).Cycle()
	if cycle == nil {
		return nil
	}
	slices.Reverse(cycle) // pairs run from what goes first; the story is told from what waits
	members := make([]step, len(cycle))
	for i, n := range cycle {
		members[i] = steps[n]
	}
	return members
}

// precedences lists the transaction's jobs, by unit name, with the installed jobs that they lead to, and which goes before which.
func (t *transaction) precedences() ([]step, [][2]int32) {
	var steps []step
	for _, en := range t.order {
		steps = append(steps, step{en.unit, en.final(), en})
	}
	slices.SortFunc(steps, func(a, b step) int { return compare(a.unit.ID, b.unit.ID) })
	number := make(map[*Unit]int32, len(steps))
	for i, s := range steps {
		number[s.unit] = int32(i)
	}
	var pairs [][2]int32
	for i := 0; i < len(steps); i++ {
		s := steps[i]
		if s.unordered() {
			continue
		}
		for _, k := range [...]graph.Kind{graph.After, graph.Before} {
			for o := range s.unit.others(k) {
				typ, ok := t.jobOf(o)
				if !ok || !waitsFor(s.typ, k, typ) {
					continue
				}
				n, known := number[o]
				if !known {
					n = int32(len(steps))
					number[o] = n
					steps = append(steps, step{o, typ, nil})
				}
				pairs = append(pairs, [2]int32{n, int32(i)})
			}
		}
	}
	return steps, pairs
}

// jobOf returns the job that a unit will have once the transaction is installed.
func (t *transaction) jobOf(u *Unit) (JobType, bool) {
	if en := t.entries[u]; en != nil {
		return en.final(), true
	}
	if u.Job != nil {
		return u.Job.Type, true
	}
	return 0, false
}

// final returns the job that the unit will have: the entry's, merged with the one that is installed where that is possible.
func (en *entry) final() JobType {
	typ := en.jobs[0].typ
	if j := *en.unit.slot(typ); j != nil && j.Type != JobNop {
		if both, ok := merge(j.Type, typ, en.unit.ActiveState()); ok {
			return both
		}
	}
	return typ
}

// breakCycle drops the member of the cycle that matters least: the last by name of those that the anchor can do without. A stop
// job is never dropped, for that would leave its unit running; it loses its place in the order instead.
func (t *transaction) breakCycle(cycle []step) *Error {
	var victim *step
	for i := range cycle {
		s := &cycle[i]
		if s.en != nil && (!s.en.jobs[0].matters || s.typ == JobStop) && (victim == nil || s.before(victim)) {
			victim = s
		}
	}
	story := t.story(cycle)
	if victim == nil {
		return fail(Cyclic, t.anchor.unit.ID, "transaction order is cyclic: %s", story)
	}
	t.cycles = append(t.cycles, Cycle{Unit: victim.unit.ID, Type: victim.typ, Text: story})
	if victim.typ == JobStop {
		victim.en.unordered = true
		return nil
	}
	t.giveUp(victim.en, victim.typ, "to break the ordering cycle "+story)
	return nil
}

// before reports whether s is the better victim: one that does not matter before one that does, then the last by name.
func (s *step) before(v *step) bool {
	if m := s.en.jobs[0].matters; m != v.en.jobs[0].matters {
		return !m
	}
	return s.unit.ID > v.unit.ID
}

// story tells a cycle edge by edge, with the places that state the order.
func (t *transaction) story(cycle []step) string {
	var b strings.Builder
	for i, s := range cycle {
		next := cycle[(i+1)%len(cycle)]
		k := graph.After
		x, ok := t.e.graph.Find(s.unit.node, k, next.unit.node)
		if !ok {
			k = graph.Before
			x, _ = t.e.graph.Find(s.unit.node, k, next.unit.node)
		}
		if i > 0 {
			b.WriteString("; ")
		}
		b.WriteString(s.unit.ID + "/" + s.typ.String() + " waits for " + next.unit.ID + "/" + next.typ.String() + " by " + k.String() + "=" + place(x.Origin))
	}
	return b.String()
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
