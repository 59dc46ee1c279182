package engine

import (
	"davit/graph"
	"davit/unit"
)

// apply sends an event to where it belongs.
func (e *Engine) apply(ev Event) {
	switch v := ev.(type) {
	case Request:
		e.request(v)
	case Cancel:
		e.cancel(v)
	case ResetFailed:
		e.resetFailed(v)
	case Signal:
		e.signal(v)
	case Run:
		e.run(v.Max)
	case Tick:
		e.tick()
	case Spawned:
		e.spawned(v)
	case SpawnFailed:
		e.spawnFailed(v)
	case Execed:
		e.execed(v)
	case ExecFailed:
		e.execFailed(v)
	case Exited:
		e.exited(v)
	case CgroupEmpty:
		e.emptied(v)
	case OOMKilled:
		e.oomKilled(v)
	case Notify:
		e.notified(v)
	case SocketsOpened:
		e.socketsOpened(v)
	case Incoming:
		e.incoming(v)
	case Accepted:
		e.accepted(v)
	case MainPIDFound:
		e.mainPIDFound(v)
	case Reload:
		e.reload(v)
	case ClockChanged, PathChanged, BusName, ProbeResult:
	}
}

// request makes a transaction of what was asked for, and answers.
func (e *Engine) request(r Request) {
	e.cause = e.because(Cause{Kind: ByRequest, Peer: r.By, Text: r.Verb.String() + " " + r.Unit})
	u := e.Load(r.Unit)
	j, err := e.submit(u, r.Verb.jobType(u), r.Mode, e.cause, true)
	e.cause = nil
	if err != nil {
		e.do(Reply{Token: r.Token, Unit: u.ID, Err: err})
		return
	}
	e.do(Reply{Token: r.Token, Job: j.ID, Unit: u.ID})
	if r.Wait {
		j.Tokens = append(j.Tokens, r.Token)
	}
	if r.By.Name == "boot" {
		e.booting = j.ID
	}
}

// jobType returns the job that a verb asks for on u.
func (v Verb) jobType(u *Unit) JobType {
	switch v {
	case VerbStart:
		return JobStart
	case VerbStop:
		return JobStop
	case VerbReload:
		return JobReload
	case VerbRestart:
		return JobRestart
	case VerbTryRestart:
		return JobTryRestart
	case VerbReloadOrRestart:
		return pick(u.CanReload(), JobReloadOrStart, JobRestart)
	case VerbReloadOrTryRestart:
		return pick(u.CanReload(), JobTryReload, JobTryRestart)
	case VerbVerifyActive:
		return JobVerifyActive
	case NumVerbs:
	}
	return JobNop
}

// submit turns a wish into installed jobs. Manual requests are subject to RefuseManualStart= and RefuseManualStop=.
func (e *Engine) submit(u *Unit, typ JobType, m Mode, why *Cause, manual bool) (*Job, *Error) {
	t, err := e.draft(u, typ, m, manual)
	if err != nil {
		return nil, err
	}
	return t.install(m, why), nil
}

// draft builds and checks a transaction, and changes nothing but what is loaded.
func (e *Engine) draft(u *Unit, typ JobType, m Mode, manual bool) (*transaction, *Error) {
	if err := refuseManual(u, typ, m, manual); err != nil {
		return nil, err
	}
	typ = collapse(typ, u.ActiveState())
	t := e.newTransaction(m)
	h := how{ignoreRequirements: m == ModeIgnoreRequirements || m == ModeIgnoreDependencies}
	if err := t.add(u, typ, pull{matters: true}, h); err != nil {
		return nil, err
	}
	switch m {
	case ModeIsolate:
		t.addIsolate()
	case ModeTriggering:
		t.addTriggering(u)
	case ModeReplace, ModeFail, ModeReplaceIrreversibly, ModeFlush, ModeIgnoreDependencies, ModeIgnoreRequirements, ModeRestartDependencies, NumModes:
	}
	if err := t.check(m); err != nil {
		return nil, err
	}
	return t, nil
}

func refuseManual(u *Unit, typ JobType, m Mode, manual bool) *Error {
	c := u.Def.Common
	switch {
	case m == ModeIsolate && typ != JobStart:
		return fail(InvalidArgument, u.ID, "isolate is only valid for start")
	case m == ModeIsolate && u.loaded() && (c == nil || !c.AllowIsolate):
		return fail(NoIsolation, u.ID, "operation refused, unit %s may not be isolated (AllowIsolate=)", u.ID)
	case m == ModeTriggering && typ != JobStop:
		return fail(InvalidArgument, u.ID, "--job-mode=triggering is only valid for stop")
	case m == ModeRestartDependencies && typ != JobStart:
		return fail(InvalidArgument, u.ID, "--job-mode=restart-dependencies is only valid for start")
	case !manual || c == nil || !u.loaded():
		return nil
	case c.RefuseManualStart && typ != JobStop && typ != JobReload && typ != JobTryReload && typ != JobNop:
		return fail(OnlyByDependency, u.ID, "operation refused, unit %s may be requested by dependency only (it is configured to refuse manual start/stop)", u.ID)
	case c.RefuseManualStop && (typ == JobStop || typ == JobRestart || typ == JobTryRestart):
		return fail(OnlyByDependency, u.ID, "operation refused, unit %s may be requested by dependency only (it is configured to refuse manual start/stop)", u.ID)
	}
	return nil
}

// addIsolate wants everything stopped that the transaction does not want, save what IgnoreOnIsolate= spares.
func (t *transaction) addIsolate() {
	for _, u := range t.e.Units() {
		spared := u.Def.Perpetual || u.Def.Common != nil && u.Def.Common.IgnoreOnIsolate
		if spared || t.entries[u] != nil || u.ActiveState().down() && u.Job == nil {
			continue
		}
		_ = t.add(u, JobStop, pull{from: t.anchor, typ: JobStart, kind: graph.Conflicts, origin: isolated}, how{})
	}
}

var isolated = &graph.Origin{Rule: "isolate"}

// addTriggering wants the units stopped that could start u again.
func (t *transaction) addTriggering(u *Unit) {
	for o := range u.others(graph.TriggeredBy) {
		if !o.ActiveState().down() {
			_ = t.add(o, JobStop, pull{from: t.anchor, typ: JobStop, kind: graph.TriggeredBy}, how{})
		}
	}
}

// install makes the transaction's jobs real, and returns the anchor's.
func (t *transaction) install(m Mode, why *Cause) *Job {
	if m == ModeIsolate || m == ModeFlush {
		t.cancelOthers()
	}
	var anchor *Job
	for _, en := range t.order {
		j := t.installEntry(en, why)
		if en == t.anchor {
			anchor = j
		}
	}
	for _, c := range t.cycles {
		t.e.do(Log{Priority: 3, Unit: c.Unit, Text: c.String()})
	}
	for _, d := range t.dropped {
		if u := t.e.units[d.Unit]; u != nil {
			t.e.remember(u, Past{From: d.Type.String(), To: "dropped", Job: true, Text: d.Text, Cause: why})
		}
	}
	return anchor
}

func (t *transaction) cancelOthers() {
	for _, j := range t.e.Jobs() {
		if t.entries[j.Unit] == nil && !j.Irreversible && t.e.jobs[j.ID] == j {
			t.e.finish(j, ResultCanceled, false)
		}
	}
}

// installEntry installs the entry's job, merges it into the one that is there, or puts it in that one's place.
func (t *transaction) installEntry(en *entry, why *Cause) *Job {
	e, typ := t.e, en.jobs[0].typ
	cause := t.causeOf(en, why)
	old := *en.unit.slot(typ)
	if old != nil {
		both, ok := merge(old.Type, typ, en.unit.ActiveState())
		if ok || old.Type == JobNop {
			e.absorb(old, typ, both, t.irreversible)
			return old
		}
		e.cause = e.because(Cause{Kind: ByCollision, Unit: en.unit.ID, Text: "replaced by " + typ.String(), Parent: cause})
		e.finish(old, ResultCanceled, false)
		e.cause = nil
	}
	e.nextJob++
	j := &Job{ID: e.nextJob, Unit: en.unit, Cause: cause, JobRecord: JobRecord{Type: typ, Irreversible: t.irreversible, IgnoreOrder: t.ignoreOrder || en.unordered}}
	e.install(j)
	return j
}

// absorb merges a wanted job into an installed one. One that runs goes on when it does what is wanted already; a reload does
// not count, for it may have read its files before they changed.
func (e *Engine) absorb(old *Job, typ, both JobType, irreversible bool) {
	old.Irreversible = old.Irreversible || irreversible
	if old.Type == JobNop || old.State == JobRunning && both == old.Type && typ != JobReload {
		return
	}
	old.Type = both
	if old.State == JobRunning {
		old.State = JobWaiting
	}
	e.mark(old.Unit, markChanged)
	e.enqueue(old)
	e.requeue(old.Unit, old)
}

// causeOf returns the chain of pulls from an entry to the anchor as causes.
func (t *transaction) causeOf(en *entry, why *Cause) *Cause {
	if en.cause != nil {
		return en.cause
	}
	en.cause = why // also ends a circle of pulls
	if en == t.anchor {
		return why
	}
	for _, p := range en.jobs[0].by {
		if p.from != nil && len(p.from.jobs) > 0 {
			parent := t.causeOf(p.from, why)
			en.cause = t.e.because(Cause{Kind: ByDependency, Unit: p.from.unit.ID, Dependency: p.kind, Origin: p.origin, Parent: parent})
			break
		}
	}
	return en.cause
}

// applicable reports whether a unit can have a job of this type.
func applicable(u *Unit, t JobType) bool {
	switch t {
	case JobVerifyActive, JobStart, JobNop, JobTryRestart, JobTryReload:
		return !(u.Def.Perpetual && t != JobStart && t != JobVerifyActive && t != JobNop)
	case JobStop, JobRestart:
		return !u.Def.Perpetual
	case JobReload:
		return u.CanReload()
	case JobReloadOrStart:
		return true
	}
	return true
}

// loadProblem says why a unit without a definition cannot be started.
func loadProblem(u *Unit) *Error {
	switch u.Def.Load {
	case unit.Masked:
		return fail(UnitMasked, u.ID, "unit %s is masked", u.ID)
	case unit.NotFound:
		return fail(NoSuchUnit, u.ID, "unit %s not found", u.ID)
	case unit.BadSetting:
		return fail(BadUnitSetting, u.ID, "unit %s has a bad unit file setting: %s", u.ID, u.Def.LoadText)
	case unit.LoadError:
		return fail(LoadFailed, u.ID, "unit %s failed to load properly: %s", u.ID, u.Def.LoadText)
	case unit.Stub, unit.Loaded, unit.Merged:
	}
	return nil
}
