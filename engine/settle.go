package engine

import (
	"slices"

	"davit/graph"
)

// settle brings the step to rest: the jobs that changes call for, the units that nothing needs, or that cannot be without
// another, what upholds, what can be forgotten; and last tells subscribers.
func (e *Engine) settle() {
	for len(e.wishes) > 0 || len(e.marked) > 0 || len(e.after) > 0 {
		after := e.after
		e.after = nil
		for _, f := range after {
			f()
		}
		e.grantWishes()
		marked := e.marked
		e.marked = nil
		slices.SortFunc(marked, func(a, b *Unit) int { return compare(a.ID, b.ID) })
		for _, u := range marked {
			e.look(u)
		}
	}
}

// look takes u out of the queues that it stands in and does what they are for.
func (e *Engine) look(u *Unit) {
	m := u.marks
	u.marks = 0
	if u.gone {
		return
	}
	if m&markUnneeded != 0 {
		e.stopUnneeded(u)
	}
	if m&markBound != 0 {
		e.stopUnbound(u)
	}
	if m&markUphold != 0 {
		e.uphold(u)
	}
	if m&markChanged != 0 {
		u.marks |= markChanged
		e.flush(u)
	}
	if m&markCollect != 0 {
		e.collect(u)
	}
}

// flush tells subscribers of u's changes so far.
func (e *Engine) flush(u *Unit) {
	if u.marks&markChanged == 0 {
		return
	}
	u.marks &^= markChanged
	e.do(UnitChanged{u.ID})
}

func (e *Engine) grantWishes() {
	wishes := e.wishes
	e.wishes = nil
	for _, w := range wishes {
		if w.unit.gone {
			continue
		}
		if _, err := e.submit(w.unit, w.typ, w.mode, w.cause, false); err != nil {
			e.do(Log{Priority: 4, Unit: w.unit.ID, Text: w.unit.ID + ": cannot enqueue " + w.typ.String() + " job: " + err.Text})
			e.cause = w.cause
			w.unit.restartGone("cannot restart it: " + err.Text)
		}
	}
}

// stopUnneeded stops a unit with StopWhenUnneeded= that nothing active refers to.
func (e *Engine) stopUnneeded(u *Unit) {
	c := u.Def.Common
	if c == nil || !c.StopWhenUnneeded || !u.ActiveState().up() || u.Job != nil {
		return
	}
	for _, k := range [...]graph.Kind{graph.RequiredBy, graph.RequisiteOf, graph.WantedBy, graph.BoundBy, graph.UpheldBy} {
		for o := range u.others(k) {
			if !o.ActiveState().down() || o.Job != nil && !o.Job.Type.stops() {
				return
			}
		}
	}
	e.automatic(wish{u, JobStop, ModeFail, e.because(Cause{Kind: ByCondition, Unit: u.ID, Text: "not needed any more (StopWhenUnneeded=)"})})
}

// stopUnbound stops a unit whose BindsTo= is not active, also when that never was.
func (e *Engine) stopUnbound(u *Unit) {
	if !u.ActiveState().up() || u.Job != nil {
		return
	}
	for o, x := range u.others(graph.BindsTo) {
		if o.ActiveState().down() && o.Job == nil {
			e.automatic(wish{u, JobStop, ModeReplace, e.because(Cause{Kind: ByDependency, Unit: o.ID, Dependency: graph.BoundBy, Origin: x.Origin, Parent: o.why})})
			return
		}
	}
}

// uphold starts what active units want to be up at all times.
func (e *Engine) uphold(u *Unit) {
	if u.ActiveState().up() {
		for o := range u.others(graph.Upholds) {
			e.upholdBy(u, o)
		}
	}
	for o := range u.others(graph.UpheldBy) {
		if o.ActiveState().up() {
			e.upholdBy(o, u)
		}
	}
}

func (e *Engine) upholdBy(u, o *Unit) {
	busy := o.Job != nil || o.ActiveState() == Activating || u.Job != nil && u.Job.Type.stops()
	if busy || o.ActiveState().up() || o.ActiveState() == Deactivating || !o.loaded() {
		return
	}
	if r := o.Result(); r == "start-limit-hit" {
		return
	}
	x, _ := e.graph.Find(u.node, graph.Upholds, o.node)
	e.automatic(wish{o, JobStart, ModeFail, e.because(Cause{Kind: ByDependency, Unit: u.ID, Dependency: graph.Upholds, Origin: x.Origin})})
}

// automatic wishes a job that nobody asked for, unless the unit goes up and down for ever: two others may want opposite things.
func (e *Engine) automatic(w wish) {
	if w.unit.Automatic.pass(e.now.Mono, automaticInterval, automaticBurst) {
		e.wishes = append(e.wishes, w)
		return
	}
	if w.unit.Automatic.Count == automaticBurst+1 {
		e.do(Log{Priority: 4, Unit: w.unit.ID, Text: w.unit.ID + ": started and stopped too often by what others state about it, leaving it as it is"})
	}
}

const (
	automaticInterval = int64(10_000_000)
	automaticBurst    = 16
)

// collect forgets u when it is inactive and nothing refers to it (systemd.unit(5), CollectMode=).
func (e *Engine) collect(u *Unit) {
	if u.Def.Perpetual || u.Job != nil || u.Nop != nil || u.Populated || !e.collectable(u) {
		return
	}
	for _, x := range e.graph.All(u.node) {
		if x.Stated() {
			return
		}
	}
	referred := make([]*Unit, 0, 8)
	for _, x := range e.graph.All(u.node) {
		referred = append(referred, e.nodes[x.To])
	}
	e.do(UnitRemoved{u.ID})
	u.gone = true
	e.graph.Remove(u.node)
	e.nodes[u.node] = nil
	for _, n := range append(slices.Clone(u.Def.Names), u.ID) {
		if e.units[n] == u {
			delete(e.units, n)
		}
	}
	e.history.leave(u.ID, func(name string) bool { return e.units[name] != nil })
	for _, o := range referred {
		e.mark(o, markCollect)
	}
}

// collectable reports whether the state allows u to be forgotten: inactive; failed only with CollectMode=inactive-or-failed.
func (e *Engine) collectable(u *Unit) bool {
	switch u.ActiveState() {
	case Inactive:
		return true
	case Failed:
		return u.Def.Common != nil && collectFailed(u.Def.Common)
	case Active, Reloading, Activating, Deactivating, Maintenance, Refreshing:
	}
	return false
}

// resetFailed clears the failed state and the start counters.
func (e *Engine) resetFailed(r ResetFailed) {
	if r.Unit == "" {
		for _, u := range e.Units() {
			u.resetFailed()
		}
		e.do(Reply{Token: r.Token})
		return
	}
	u := e.units[r.Unit]
	if u == nil {
		e.do(Reply{Token: r.Token, Err: fail(NoSuchUnit, r.Unit, "unit %s not loaded", r.Unit)})
		return
	}
	u.resetFailed()
	e.do(Reply{Token: r.Token, Unit: u.ID})
}

func (u *Unit) resetFailed() {
	u.StartLimit = window{}
	u.kind.resetFailed()
	u.e.mark(u, markChanged|markCollect)
}
