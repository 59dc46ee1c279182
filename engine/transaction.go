package engine

import "davit/graph"

// transaction is what a request implies, checked as a whole before any of it is installed.
type transaction struct {
	e            *Engine
	anchor       *entry
	entries      map[*Unit]*entry
	order        []*entry // as they were pulled in
	irreversible bool
	ignoreOrder  bool
	dropped      []Dropped
	cycles       []Cycle
}

// entry is everything that a transaction wants of one unit. Several jobs may be wanted of it; checking leaves one.
type entry struct {
	unit  *Unit
	jobs  []wanted
	cause *Cause

	unordered bool // its job has no place in the order, so as to break a cycle
}

// wanted is one job of an entry.
type wanted struct {
	typ     JobType
	matters bool // the anchor cannot succeed without it
	reached bool // something still leads to it
	by      []pull
}

// pull is one reason why a job is wanted: another entry's job, and the dependency that leads from it here. The anchor's has none.
type pull struct {
	from    *entry
	typ     JobType
	kind    graph.Kind
	origin  *graph.Origin
	matters bool
	stops   bool // a conflict: from's unit cannot run while this one does
}

// Dropped is a job that a transaction gave up, and why.
type Dropped struct {
	Unit string
	Type JobType
	Text string
}

// Cycle is an ordering cycle that was broken by giving up one job.
type Cycle struct {
	Unit string
	Type JobType
	Text string
}

// String says what was given up, and for which cycle.
func (c Cycle) String() string {
	if c.Type == JobStop {
		return c.Unit + ": stopped out of order to break the ordering cycle: " + c.Text
	}
	return c.Unit + ": job " + c.Type.String() + " deleted to break the ordering cycle: " + c.Text
}

// how is what a pull carries along while a transaction is built.
type how struct {
	ignoreRequirements bool
}

func (e *Engine) newTransaction(m Mode) *transaction {
	return &transaction{
		e: e, entries: map[*Unit]*entry{},
		irreversible: m == ModeReplaceIrreversibly, ignoreOrder: m == ModeIgnoreDependencies,
	}
}

// add wants a job of u, and all that it implies.
func (t *transaction) add(u *Unit, typ JobType, p pull, h how) *Error {
	if err := t.refuse(u, typ); err != nil {
		return err
	}
	en, fresh := t.want(u, typ, p)
	if t.anchor == nil {
		t.anchor = en
	}
	if !fresh || h.ignoreRequirements || typ == JobNop {
		return nil
	}
	return t.follow(en, typ, h)
}

// refuse says why a job cannot be wanted of u at all.
func (t *transaction) refuse(u *Unit, typ JobType) *Error {
	if typ != JobStop {
		if err := loadProblem(u); err != nil {
			return err
		}
	}
	if !applicable(u, typ) {
		return fail(NotApplicable, u.ID, "job type %s is not applicable for unit %s", typ, u.ID)
	}
	return nil
}

// want records the job; fresh is false when the same job is wanted already.
func (t *transaction) want(u *Unit, typ JobType, p pull) (en *entry, fresh bool) {
	en = t.entries[u]
	if en == nil {
		en = &entry{unit: u}
		t.entries[u] = en
		t.order = append(t.order, en)
	}
	for i := range en.jobs {
		if en.jobs[i].typ == typ {
			en.jobs[i].by = append(en.jobs[i].by, p)
			return en, false
		}
	}
	en.jobs = append(en.jobs, wanted{typ: typ, by: []pull{p}})
	return en, true
}

// pulls says what a job pulls in along a kind of dependency.
type pulls struct {
	kind     graph.Kind
	typ      JobType
	matters  bool
	conflict bool
}

// What start, stop and restart jobs imply (systemd.unit(5)). A job that does not matter may fail to be wanted.
var (
	startPulls = []pulls{
		{kind: graph.Requires, typ: JobStart, matters: true},
		{kind: graph.BindsTo, typ: JobStart, matters: true},
		{kind: graph.Wants, typ: JobStart},
		{kind: graph.Upholds, typ: JobStart},
		{kind: graph.Requisite, typ: JobVerifyActive, matters: true},
		{kind: graph.Conflicts, typ: JobStop, matters: true, conflict: true},
		{kind: graph.ConflictedBy, typ: JobStop},
	}
	stopPulls = []pulls{
		{kind: graph.RequiredBy, typ: JobStop, matters: true},
		{kind: graph.RequisiteOf, typ: JobStop, matters: true},
		{kind: graph.BoundBy, typ: JobStop, matters: true},
		{kind: graph.ConsistsOf, typ: JobStop, matters: true},
		{kind: graph.PropagatesStopTo, typ: JobStop, matters: true},
	}
	restartPulls = []pulls{
		{kind: graph.RequiredBy, typ: JobTryRestart, matters: true},
		{kind: graph.RequisiteOf, typ: JobTryRestart, matters: true},
		{kind: graph.BoundBy, typ: JobTryRestart, matters: true},
		{kind: graph.ConsistsOf, typ: JobTryRestart, matters: true},
	}
	reloadPulls = []pulls{{kind: graph.PropagatesReloadTo, typ: JobTryReload}}
)

func (t *transaction) follow(en *entry, typ JobType, h how) *Error {
	var lists [2][]pulls
	switch typ {
	case JobStart:
		lists[0] = startPulls
	case JobRestart:
		lists = [2][]pulls{startPulls, restartPulls}
	case JobStop:
		lists[0] = stopPulls
	case JobReload:
		lists[0] = reloadPulls
	case JobVerifyActive, JobNop, JobTryRestart, JobTryReload, JobReloadOrStart:
	}
	for _, list := range lists {
		for _, p := range list {
			if err := t.pull(en, typ, p, h); err != nil {
				return err
			}
		}
	}
	return nil
}

func (t *transaction) pull(en *entry, typ JobType, p pulls, h how) *Error {
	for o, x := range en.unit.others(p.kind) {
		typ2 := collapse(p.typ, o.ActiveState())
		if typ2 == JobNop {
			continue
		}
		by := pull{from: en, typ: typ, kind: p.kind, origin: x.Origin, matters: p.matters, stops: p.conflict}
		err := t.add(o, typ2, by, h)
		switch {
		case err == nil:
		case p.matters && !(err.Kind == NotApplicable && typ == JobStop):
			return err
		default:
			t.dropped = append(t.dropped, Dropped{o.ID, typ2, err.Text})
		}
	}
	return nil
}
