package dbus

import "davit/engine"

// rowSize is about what a row takes, in bytes.
const rowSize = 224

// row writes a unit as lists show it, (ssssssouso).
func (e *encoder) row(u *engine.Unit) {
	e.structure()
	e.string(u.ID)
	e.string(description(u))
	e.string(u.Def.Load.String())
	e.string(u.ActiveState().String())
	e.string(u.SubState())
	e.string("") // following
	e.unitPath(u.ID)
	if j := u.Job; j != nil {
		e.uint32(j.ID)
		e.string(j.Type.String())
		e.jobPath(j.ID)
		return
	}
	e.uint32(0)
	e.string("")
	e.string("/")
}

func (k *call) rows(states, patterns []string) error {
	units := k.s.backend.Engine().Units()
	if len(states) == 0 && len(patterns) == 0 {
		k.out.grow(len(units) * rowSize)
	}
	a := k.out.array(8)
	for _, u := range units {
		if inState(u, states) && matchesAny(patterns, u.ID) {
			k.out.row(u)
		}
	}
	k.out.end(a)
	return nil
}

// inState says whether one of the unit's states is among those wanted; none means all.
func inState(u *engine.Unit, states []string) bool {
	if len(states) == 0 {
		return true
	}
	load, active, sub := u.Def.Load.String(), u.ActiveState().String(), u.SubState()
	for _, s := range states {
		if s == load || s == active || s == sub {
			return true
		}
	}
	return false
}

func listUnits(k *call) error           { return k.rows(nil, nil) }
func listUnitsFiltered(k *call) error   { return k.rows(k.in.strings(), nil) }
func listUnitsByPatterns(k *call) error { return k.rows(k.in.strings(), k.in.strings()) }

func listUnitsByNames(k *call) error {
	a := k.out.array(8)
	for _, name := range k.in.strings() {
		if checkName(name) == nil {
			k.out.row(k.s.backend.Engine().Load(name))
		}
	}
	k.out.end(a)
	return nil
}

func listUnitFiles(k *call) error {
	var states, patterns []string
	if k.m.sig != "" {
		states, patterns = k.in.strings(), k.in.strings()
	}
	a := k.out.array(8)
	for _, f := range k.s.backend.UnitFiles() {
		if len(states) > 0 && !contains(states, f.State) || !matchesAny(patterns, base(f.Path)) {
			continue
		}
		k.out.structure()
		k.out.string(f.Path)
		k.out.string(f.State)
	}
	k.out.end(a)
	return nil
}
