package engine

import (
	"slices"
	"strings"

	"davit/graph"
)

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
