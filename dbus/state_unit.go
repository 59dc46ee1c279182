package dbus

import (
	"encoding/hex"

	"davit/engine"
	"davit/graph"
	"davit/unit"
)

func nothing(_ *object, e *encoder)       { e.string("") }
func noStrings(_ *object, e *encoder)     { e.strings(nil) }
func noBytes(_ *object, e *encoder)       { e.bytes(nil) }
func noPairs(_ *object, e *encoder)       { e.pairs(nil) }
func noID(_ *object, e *encoder)          { e.uint32(^uint32(0)) }
func unknown64(_ *object, e *encoder)     { e.uint64(Unknown) }
func alwaysSuccess(_ *object, e *encoder) { e.string("success") }

func unitID(o *object, e *encoder)          { e.string(o.unit.ID) }
func unitNames(o *object, e *encoder)       { e.strings(o.unit.Def.Names) }
func unitActiveState(o *object, e *encoder) { e.string(o.unit.ActiveState().String()) }
func unitSubState(o *object, e *encoder)    { e.string(o.unit.SubState()) }
func unitResult(o *object, e *encoder)      { e.string(o.unit.Result()) }
func unitFragment(o *object, e *encoder)    { e.string(o.unit.Def.Fragment) }
func unitDropIns(o *object, e *encoder)     { e.strings(o.unit.Def.DropIns) }
func unitTransient(o *object, e *encoder)   { e.bool(o.unit.Def.Transient) }
func unitPerpetual(o *object, e *encoder)   { e.bool(o.unit.Def.Perpetual) }
func conditionResult(o *object, e *encoder) { e.bool(o.unit.Condition) }
func assertResult(o *object, e *encoder)    { e.bool(o.unit.Assert) }
func canReload(o *object, e *encoder)       { e.bool(o.unit.CanReload()) }
func needReload(o *object, e *encoder)      { e.bool(o.s.backend.NeedReload(o.unit)) }

func unitDescription(o *object, e *encoder) { e.string(description(o.unit)) }

// description is what list-units and status show: the unit's name when it says nothing about itself.
func description(u *engine.Unit) string {
	if c := u.Def.Common; c != nil && c.Description != "" {
		return c.Description
	}
	return u.ID
}

func unitLoadState(o *object, e *encoder) { e.string(o.unit.Def.Load.String()) }

// unitLoadError is the error that a start would be refused with, (ss).
func unitLoadError(o *object, e *encoder) {
	name, text := "", ""
	switch d := o.unit.Def; d.Load {
	case unit.NotFound:
		name, text = engineErrors[engine.NoSuchUnit], "Unit "+o.unit.ID+" not found."
	case unit.BadSetting:
		name, text = engineErrors[engine.BadUnitSetting], d.LoadText
	case unit.LoadError:
		name, text = engineErrors[engine.LoadFailed], d.LoadText
	case unit.Masked:
		name, text = engineErrors[engine.UnitMasked], "Unit "+o.unit.ID+" is masked."
	case unit.Stub, unit.Loaded, unit.Merged:
	}
	e.structure()
	e.string(name)
	e.string(text)
}

// related shows the dependencies of one kind.
func related(k graph.Kind) func(*object, *encoder) {
	return func(o *object, e *encoder) {
		engine := o.s.backend.Engine()
		a := e.array(4)
		for _, x := range o.unit.Edges(k) {
			e.string(engine.Name(x))
		}
		e.end(a)
	}
}

// triggered is the unit that a timer or path starts.
func triggered(o *object, e *encoder) {
	for _, x := range o.unit.Edges(graph.Triggers) {
		e.string(o.s.backend.Engine().Name(x))
		return
	}
	e.string("")
}

func unitSlice(o *object, e *encoder) {
	for _, x := range o.unit.Edges(graph.InSlice) {
		e.string(o.s.backend.Engine().Name(x))
		return
	}
	e.string("")
}

func real(at func(*engine.Unit) engine.Clock) func(*object, *encoder) {
	return func(o *object, e *encoder) { e.uint64(uint64(at(o.unit).Real)) }
}

func mono(at func(*engine.Unit) engine.Clock) func(*object, *encoder) {
	return func(o *object, e *encoder) { e.uint64(uint64(at(o.unit).Mono)) }
}

func unitFileState(o *object, e *encoder) {
	state := ""
	if o.unit.Def.Fragment != "" || o.unit.Def.Load == unit.Masked {
		state, _ = o.s.backend.UnitFileState(o.unit.ID)
	}
	e.string(state)
}

func unitFilePreset(o *object, e *encoder) {
	preset := ""
	if o.unit.Def.Fragment != "" {
		preset = o.s.backend.UnitFilePreset(o.unit.ID)
	}
	e.string(preset)
}

// unitJob is the pending job, (uo).
func unitJob(o *object, e *encoder) {
	var id uint32
	if o.unit.Job != nil {
		id = o.unit.Job.ID
	}
	e.structure()
	e.uint32(id)
	e.jobPath(id)
}

func canStart(o *object, e *encoder) {
	d := o.unit.Def
	e.bool(d.Load == unit.Loaded && !d.Perpetual && (d.Common == nil || !d.Common.RefuseManualStart))
}

func canStop(o *object, e *encoder) {
	d := o.unit.Def
	e.bool(!d.Perpetual && (d.Common == nil || !d.Common.RefuseManualStop))
}

func canIsolate(o *object, e *encoder) {
	d := o.unit.Def
	e.bool(d.Load == unit.Loaded && d.Common != nil && d.Common.AllowIsolate && !d.Common.RefuseManualStart)
}

func canFreeze(o *object, e *encoder) { e.bool(o.unit.Def.Resources != nil) }

var freezerStates = [...]string{"running", "freezing", "frozen", "thawing"}

func unitFreezerState(o *object, e *encoder) {
	e.string(freezerStates[min(int(o.unit.Freezer), len(freezerStates)-1)])
}

func invocationID(o *object, e *encoder) {
	if o.unit.Invocation == (engine.ID{}) {
		e.bytes(nil)
		return
	}
	e.bytes(o.unit.Invocation[:])
}

// parseID reads an invocation id's 32 hexadecimal digits.
func parseID(s string) (id engine.ID, ok bool) {
	if len(s) != 2*len(id) {
		return id, false
	}
	_, err := hex.Decode(id[:], []byte(s))
	return id, err == nil
}

func jobID(o *object, e *encoder)    { e.uint32(o.job.ID) }
func jobType(o *object, e *encoder)  { e.string(o.job.Type.String()) }
func jobState(o *object, e *encoder) { e.string(o.job.State.String()) }

func jobUnit(o *object, e *encoder) {
	e.structure()
	e.string(o.job.Unit.ID)
	e.unitPath(o.job.Unit.ID)
}
