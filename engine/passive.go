package engine

import "davit/unit"

// Passive is a unit without processes of its own: a target, a slice, or a type that the engine shows but does not act on.
type Passive struct {
	u *Unit
	PassiveRecord
}

// PassiveRecord is its state: plain data.
type PassiveRecord struct{ On bool }

// How each type calls its two states.
var passiveTraits = map[unit.Type][2]traits{
	unit.TypeTarget:    {{"dead", Inactive}, {"active", Active}},
	unit.TypeSlice:     {{"dead", Inactive}, {"active", Active}},
	unit.TypeScope:     {{"dead", Inactive}, {"running", Active}},
	unit.TypeDevice:    {{"dead", Inactive}, {"plugged", Active}},
	unit.TypeMount:     {{"dead", Inactive}, {"mounted", Active}},
	unit.TypeAutomount: {{"dead", Inactive}, {"waiting", Active}},
	unit.TypeSwap:      {{"dead", Inactive}, {"active", Active}},
	unit.TypeTimer:     {{"dead", Inactive}, {"waiting", Active}},
	unit.TypePath:      {{"dead", Inactive}, {"waiting", Active}},
}

var passiveRows = func() map[unit.Type]*[2]traits {
	rows := map[unit.Type]*[2]traits{}
	for t, row := range passiveTraits {
		rows[t] = &row
	}
	return rows
}()

func newKind(u *Unit) kind {
	switch u.Def.Type {
	case unit.TypeService:
		return &Service{u: u}
	case unit.TypeSocket:
		return &Socket{u: u}
	case unit.TypeInvalid, unit.TypeTarget, unit.TypeDevice, unit.TypeMount, unit.TypeAutomount, unit.TypeSwap, unit.TypeTimer, unit.TypePath,
		unit.TypeSlice, unit.TypeScope:
	}
	return &Passive{u: u, PassiveRecord: PassiveRecord{On: u.Def.Perpetual}}
}

func (p *Passive) state() *traits {
	row := passiveRows[p.u.Def.Type]
	if row == nil {
		row = passiveRows[unit.TypeTarget]
	}
	if p.On {
		return &row[1]
	}
	return &row[0]
}

func (p *Passive) set(on bool) {
	from := p.state()
	p.On = on
	p.u.moved(from, p.state(), true, false)
}

// start succeeds at once for what only groups; the types that the engine cannot act on yet refuse.
func (p *Passive) start() outcome {
	switch p.u.Def.Type {
	case unit.TypeTarget:
	case unit.TypeSlice:
		p.u.e.do(Realize{p.u.ID})
	default:
		p.u.Failures = "this manager does not act on " + p.u.Def.Type.String() + " units yet"
		return unsupported
	}
	p.u.Invocation = p.u.e.newID()
	p.set(true)
	return began
}

func (p *Passive) stop() outcome {
	p.set(false)
	p.u.e.do(Release{Unit: p.u.ID})
	return began
}

func (p *Passive) result() string                  { return "success" }
func (p *Passive) record() any                     { return &p.PassiveRecord }
func (p *Passive) pids() (main, control int)       { return 0, 0 }
func (p *Passive) reload() outcome                 { return refused }
func (p *Passive) canReload() bool                 { return false }
func (p *Passive) spawned(role, int)               {}
func (p *Passive) spawnFailed(role, SpawnFailed)   {}
func (p *Passive) exited(role, int, ExitCode, int) {}
func (p *Passive) timeout()                        {}
func (p *Passive) emptied()                        {}
func (p *Passive) triggerNotify(*Unit)             {}
func (p *Passive) resetFailed()                    {}
