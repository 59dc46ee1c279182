package engine

import "davit/graph"

// wish is a job that a change of state calls for; it becomes a transaction when the step settles.
type wish struct {
	unit  *Unit
	typ   JobType
	mode  Mode
	cause *Cause
}

// moved is where a unit's new state meets everything else: its job, the units that depend on it, and those that are told. Every
// change of state comes through here, once. reloadOK is how the reload that just ended went; again says that the restart policy
// will start the unit anew, so that its end is no end for those that OnFailure= and OnSuccess= name.
func (u *Unit) moved(from, to *traits, reloadOK, again bool) {
	e := u.e
	u.stamp(from.active, to.active)
	e.mark(u, markChanged|markCollect)
	if from != to {
		u.why = e.cause
		e.remember(u, Past{From: from.name, To: to.name, Text: u.Result(), Cause: e.cause})
	}
	u.Timer = 0 // the new state sets its own
	if !u.tellJob(to.active, reloadOK) {
		u.carryAlong(from.active, to.active)
	}
	if from.active != to.active {
		u.tellOthers(from.active, to.active, again)
	}
	u.tellTriggers()
	if u.Job != nil && u.Job.State == JobWaiting {
		e.enqueue(u.Job)
	}
}

// tellTriggers tells the sockets, timers and paths that start u.
func (u *Unit) tellTriggers() {
	for t := range u.others(graph.TriggeredBy) {
		t.kind.triggerNotify(u)
	}
}

func (u *Unit) stamp(from, to ActiveState) {
	now := u.e.now
	u.StateChange = now
	if from == to {
		return
	}
	if from.down() && !to.down() {
		u.InactiveExit = now
	}
	if !from.down() && to.down() {
		u.InactiveEnter = now
	}
	if !from.up() && to.up() {
		u.ActiveEnter = now
	}
	if from.up() && !to.up() {
		u.ActiveExit = now
	}
}

// tellJob finishes the unit's job if the state says that it is over. It reports whether the job accounts for the change.
func (u *Unit) tellJob(to ActiveState, reloadOK bool) bool {
	j := u.Job
	if j == nil {
		return false
	}
	running := j.State == JobRunning
	switch j.Type {
	case JobStart, JobVerifyActive:
		switch {
		case to.up():
			u.e.finish(j, ResultDone, true)
		case running && to.down():
			u.e.finish(j, failedIf(to == Failed), true)
			return false
		case running && to != Activating:
			return false
		}
	case JobReload:
		switch {
		case !running:
		case to == Active:
			u.e.finish(j, failedIf(!reloadOK), true)
		case to.down():
			u.e.finish(j, failedIf(to == Failed), true)
			return false
		case to != Activating && to != Reloading && to != Refreshing:
			return false
		}
	case JobStop, JobRestart:
		switch {
		case to.down():
			u.e.finish(j, ResultDone, true)
		case running && to != Deactivating:
			u.e.finish(j, ResultFailed, true)
			return false
		}
	case JobNop, JobTryRestart, JobTryReload, JobReloadOrStart:
	}
	return true
}

func failedIf(failed bool) Result {
	if failed {
		return ResultFailed
	}
	return ResultDone
}

// carryAlong starts and stops what a unit pulls in or takes down when it changes without a job of its own.
func (u *Unit) carryAlong(from, to ActiveState) {
	switch {
	case from.down() && (to.up() || to == Activating):
		for _, k := range [...]graph.Kind{graph.Requires, graph.BindsTo, graph.Wants} {
			u.wishAll(k, JobStart, func(o *Unit, x graph.Edge) bool {
				return !u.e.graph.Has(u.node, graph.After, x.To) && !o.ActiveState().up() && o.ActiveState() != Activating
			})
		}
		for _, k := range [...]graph.Kind{graph.Conflicts, graph.ConflictedBy} {
			u.wishAll(k, JobStop, func(o *Unit, _ graph.Edge) bool { return !o.ActiveState().down() })
		}
	case (from.up() || from == Activating) && (to.down() || to == Deactivating):
		for _, k := range [...]graph.Kind{graph.BoundBy, graph.PropagatesStopTo} {
			u.wishAll(k, JobStop, func(o *Unit, _ graph.Edge) bool {
				return !o.ActiveState().down() && o.ActiveState() != Deactivating
			})
		}
	}
}

// tellOthers is what a change of the active state means to the units around.
func (u *Unit) tellOthers(from, to ActiveState, again bool) {
	e := u.e
	switch {
	case to == Failed && !again:
		u.wishAll(graph.OnFailure, JobStart, nil)
		u.act(failed)
	case to == Inactive && !from.down() && !again:
		u.wishAll(graph.OnSuccess, JobStart, nil)
		u.act(succeeded)
	}
	if to.down() || to == Deactivating {
		for _, k := range [...]graph.Kind{graph.Requires, graph.Requisite, graph.Wants, graph.BindsTo, graph.Upholds} {
			for o := range u.others(k) {
				e.mark(o, markUnneeded)
			}
		}
		for o := range u.others(graph.BoundBy) {
			e.mark(o, markBound)
		}
		for o := range u.others(graph.UpheldBy) {
			e.mark(o, markUphold)
		}
	}
	if to.up() {
		e.mark(u, markUnneeded|markBound|markUphold)
	}
}

// wishAll wishes a job for every unit that u depends on by k and that passes the test.
func (u *Unit) wishAll(k graph.Kind, t JobType, test func(*Unit, graph.Edge) bool) {
	for o, x := range u.others(k) {
		if test != nil && !test(o, x) {
			continue
		}
		u.e.wishes = append(u.e.wishes, wish{o, t, u.wishMode(k), u.e.because(Cause{Kind: ByDependency, Unit: u.ID, Dependency: k, Origin: x.Origin, Parent: u.why})})
	}
}

func (u *Unit) wishMode(k graph.Kind) Mode {
	switch k {
	case graph.Wants:
		return ModeFail
	case graph.OnFailure:
		return onFailureMode(u.Def.Common)
	case graph.OnSuccess:
		return onSuccessMode(u.Def.Common)
	}
	return ModeReplace
}
