package engine

import (
	"strings"

	"davit/graph"
	"davit/unit"
)

// start begins to start u, if its conditions, asserts and bindings allow it.
func (u *Unit) start() outcome {
	s := u.ActiveState()
	switch {
	case s.up():
		return alreadyDone
	case s == Maintenance:
		return notNow
	case !u.loaded():
		return notLoaded
	}
	if s != Activating {
		if o := u.mayStart(); o != began {
			return o
		}
	}
	if o := u.bindings(); o != began {
		return o
	}
	return u.kind.start()
}

// mayStart tests the start limit, then conditions, then asserts. What fails is kept for why.
func (u *Unit) mayStart() outcome {
	if s := u.Service(); s != nil && s.busy() {
		return notNow
	}
	if u.Job != nil && !u.withinStartLimit() {
		return limitHit
	}
	c := u.Def.Common
	if c == nil {
		return began
	}
	ok, failed := u.e.test(u, c.Conditions)
	u.ConditionTime, u.Condition = u.e.now, ok
	if !ok {
		u.Failures = failed
		u.e.mark(u, markChanged)
		u.e.do(Log{Priority: 6, Unit: u.ID, Text: describe(u) + " was skipped because " + failed})
		return conditionNo
	}
	ok, failed = u.e.test(u, c.Asserts)
	u.AssertTime, u.Assert = u.e.now, ok
	if !ok {
		u.Failures = failed
		u.e.mark(u, markChanged)
		u.e.do(Log{Priority: 3, Unit: u.ID, Text: "starting of " + u.ID + " failed because " + failed})
		return assertNo
	}
	u.Failures = ""
	return began
}

// test reports whether a list of conditions holds: every plain one, and at least one of those with "|" if there are any.
func (e *Engine) test(u *Unit, list []unit.Condition) (bool, string) {
	triggered, anyTrigger, failed := false, false, ""
	for i := range list {
		c := list[i]
		ok, why := e.host.Condition(u.Def, c)
		if c.Negate {
			ok = !ok
		}
		switch {
		case c.Trigger:
			anyTrigger = true
			triggered = triggered || ok
		case ok:
			continue
		default:
			return false, conditionText(c, why)
		}
		if !ok && failed == "" {
			failed = conditionText(c, why)
		}
	}
	if anyTrigger && !triggered {
		return false, failed
	}
	return true, ""
}

// bindings reports whether everything that u is bound to, and ordered after, is active.
func (u *Unit) bindings() outcome {
	for _, k := range [...]graph.Kind{graph.BindsTo, graph.Requisite} {
		for o := range u.others(k) {
			if u.e.graph.Has(u.node, graph.After, o.node) && !o.ActiveState().up() {
				u.Failures = k.String() + "=" + o.ID + " is not active"
				return dependencyNo
			}
		}
	}
	return began
}

func (u *Unit) stop() outcome {
	if u.ActiveState().down() {
		return alreadyDone
	}
	return u.kind.stop()
}

func (u *Unit) reload() outcome {
	switch s := u.ActiveState(); {
	case s == Reloading:
		return notNow
	case s != Active:
		return notActive
	case !u.kind.canReload():
		return refused
	}
	return u.kind.reload()
}

func (u *Unit) verifyActive() outcome {
	switch s := u.ActiveState(); {
	case s.up():
		return alreadyDone
	case s == Activating:
		return notNow
	}
	return notActive
}

// withinStartLimit counts a start against StartLimitBurst= per StartLimitIntervalSec=; where that is too many, the unit fails.
func (u *Unit) withinStartLimit() bool {
	c := u.Def.Common
	if c == nil || u.StartLimit.pass(u.e.now.Mono, int64(c.StartLimitInterval), int(c.StartLimitBurst)) {
		return true
	}
	switch k := u.kind.(type) {
	case *Service:
		k.hitStartLimit()
	case *Socket:
		k.hitStartLimit()
	default:
		u.Failures = "it was started too often (StartLimitBurst=)"
	}
	u.e.emergency(u, c.StartLimitAction, "start limit hit")
	return false
}

// describe names a unit for people.
func describe(u *Unit) string {
	if c := u.Def.Common; c != nil && c.Description != "" {
		return u.ID + " - " + c.Description
	}
	return u.ID
}

// Description returns what the unit calls itself, its name when it does not.
func (u *Unit) Description() string {
	if c := u.Def.Common; c != nil && c.Description != "" {
		return c.Description
	}
	return u.ID
}

// signal sends a signal on request.
func (e *Engine) signal(s Signal) {
	u := e.units[s.Unit]
	if u == nil {
		e.do(Reply{Token: s.Token, Err: fail(NoSuchUnit, s.Unit, "unit %s not loaded", s.Unit)})
		return
	}
	main, control := u.kind.pids()
	k := Kill{Unit: u.ID, Signal: s.Signal}
	if main > 0 && s.Whom != WhomControl {
		k.PIDs = append(k.PIDs, main)
	}
	if control > 0 && s.Whom != WhomMain {
		k.PIDs = append(k.PIDs, control)
	}
	k.Group = s.Whom == WhomAll && u.Populated
	switch {
	case len(k.PIDs) > 0 || k.Group:
		e.do(k)
		e.do(Reply{Token: s.Token, Unit: u.ID})
	case s.Whom == WhomMain:
		e.do(Reply{Token: s.Token, Err: fail(NoSuchProcess, u.ID, "unit %s has no main process", u.ID)})
	case s.Whom == WhomControl:
		e.do(Reply{Token: s.Token, Err: fail(NoSuchProcess, u.ID, "unit %s has no control process", u.ID)})
	default:
		e.do(Reply{Token: s.Token, Err: fail(NoSuchProcess, u.ID, "no matching processes to kill")})
	}
}

func (e *Engine) spawned(v Spawned) {
	w, ok := e.answer(v.Token)
	if !ok || w.unit.gone {
		return
	}
	w.unit.Populated = true
	e.procs[v.PID] = process(w)
	e.mark(w.unit, markChanged)
	e.cause = w.unit.why
	w.unit.kind.spawned(w.role, v.PID)
}

func (e *Engine) spawnFailed(v SpawnFailed) {
	w, ok := e.answer(v.Token)
	if !ok || w.unit.gone {
		return
	}
	text := "cannot " + v.Step + ": " + v.Text
	e.cause = e.because(Cause{Kind: ByExit, Unit: w.unit.ID, Text: text, Parent: w.unit.why})
	e.do(Log{Priority: 3, Unit: w.unit.ID, Text: w.unit.ID + ": " + text})
	w.unit.Failures = text
	w.unit.kind.spawnFailed(w.role, v)
}

func (e *Engine) exited(v Exited) {
	p, ok := e.procs[v.PID]
	if !ok {
		return
	}
	delete(e.procs, v.PID)
	u := p.unit
	e.mark(u, markChanged)
	if main, control := u.kind.pids(); u.Populated && (main == 0 || main == v.PID) && (control == 0 || control == v.PID) {
		e.do(CheckEmpty{u.ID})
	}
	e.cause = e.because(Cause{Kind: ByExit, Unit: u.ID, Text: u.exitText(p.role, v), Parent: u.why})
	u.kind.exited(p.role, v.PID, v.Code, v.Status)
}

func (u *Unit) exitText(r role, v Exited) string {
	who := "main process"
	if r == roleControl {
		who = "control process"
		if s := u.Service(); s != nil {
			who += " (" + s.Phase.String() + "=)"
		}
	}
	text := who + " " + v.String()
	if strings.HasPrefix(u.Failures, "cannot ") && v.Code == CLDExited && v.Status >= 200 {
		text += ": " + u.Failures // what ExecFailed said of it
	}
	return text
}

func (e *Engine) emptied(v CgroupEmpty) {
	u := e.units[v.Unit]
	if u == nil || !u.Populated {
		return
	}
	if main, control := u.kind.pids(); main > 0 || control > 0 {
		return // an old report: a process came after it
	}
	u.Populated = false
	e.mark(u, markCollect)
	e.cause = e.because(Cause{Kind: ByExit, Unit: u.ID, Text: "last process ended", Parent: u.why})
	u.kind.emptied()
}

func (e *Engine) execed(v Execed) {
	if s := e.procs[v.PID].service(); s != nil {
		e.cause = s.u.why
		s.execed(v.PID)
	}
}

func (e *Engine) execFailed(v ExecFailed) {
	p, ok := e.procs[v.PID]
	if !ok {
		return
	}
	p.unit.Failures = "cannot " + v.Step + ": " + v.Text
	e.do(Log{Priority: 3, Unit: p.unit.ID, Text: p.unit.ID + ": " + p.unit.Failures})
}

func (p process) service() *Service {
	if p.unit == nil {
		return nil
	}
	return p.unit.Service()
}

func (e *Engine) oomKilled(v OOMKilled) {
	if u := e.units[v.Unit]; u != nil {
		if s := u.Service(); s != nil {
			e.cause = e.because(Cause{Kind: ByKernel, Unit: u.ID, Text: "a process was killed because memory ran out", Parent: u.why})
			s.oomKilled()
		}
	}
}

func (e *Engine) notified(v Notify) {
	if u := e.units[v.Unit]; u != nil {
		if s := u.Service(); s != nil {
			e.cause = e.because(Cause{Kind: ByNotify, Unit: u.ID, Parent: u.why})
			s.notified(v)
		}
	}
}

func (e *Engine) mainPIDFound(v MainPIDFound) {
	w, ok := e.answer(v.Token)
	if ok && !w.unit.gone {
		e.cause = w.unit.why
		w.unit.Service().mainFound(v)
	}
}
