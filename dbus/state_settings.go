package dbus

import (
	"reflect"

	"davit/unit"
)

// Properties that are made of a setting, but are not one.

var noExec unit.Exec

func (o *object) exec() *unit.Exec {
	if x := o.unit.Def.Exec; x != nil {
		return x
	}
	return &noExec
}

// limit shows one end of a Limit…= setting; what is not set is the manager's default.
func limit(name string, soft bool) func(*object, *encoder) {
	f, ok := reflect.TypeFor[unit.Exec]().FieldByName("Limit" + name)
	if !ok {
		panic("dbus: no setting Limit" + name)
	}
	return func(o *object, e *encoder) {
		l := reflect.ValueOf(o.exec()).Elem().Field(f.Index[0]).Addr().Interface().(*unit.Rlimit)
		hard, softer := l.Hard, l.Soft
		if !l.Set {
			hard, softer = Unknown, Unknown
			if d, ok := o.manager().DefaultLimits[name]; ok {
				hard, softer = d[0], d[1]
			}
		}
		if soft {
			hard = softer
		}
		e.uint64(hard)
	}
}

// symlinks shows the links to the directories of one kind, a(sst).
func symlinks(of func(*unit.Exec) []unit.Directory) func(*object, *encoder) {
	return func(o *object, e *encoder) {
		a := e.array(8)
		for _, d := range of(o.exec()) {
			for _, link := range d.Symlinks {
				e.structure()
				e.string(d.Path)
				e.string(link)
				e.uint64(0)
			}
		}
		e.end(a)
	}
}

// fdName is the name of fd:, for the standard streams.
func inputFDName(o *object, e *encoder) {
	name := ""
	if in := o.exec().StandardInput; in.Kind.String() == "fd" {
		name = in.Name
	}
	e.string(name)
}

func outputFDName(of func(*unit.Exec) unit.Output) func(*object, *encoder) {
	return func(o *object, e *encoder) {
		name := ""
		if out := of(o.exec()); out.Kind.String() == "fd" {
			name = out.Name
		}
		e.string(name)
	}
}

// syslogPriority is facility and level in one number, as syslog(3) has it.
func syslogPriority(o *object, e *encoder) {
	e.int32(int32(o.exec().SyslogFacility)<<3 | int32(o.exec().SyslogLevel))
}

func rootHashPath(o *object, e *encoder)          { e.string(o.exec().RootHash.Path) }
func rootHashSignaturePath(o *object, e *encoder) { e.string(o.exec().RootHashSignature.Path) }

func delegateControllers(o *object, e *encoder) {
	if r := o.unit.Def.Resources; r != nil {
		e.strings(r.Delegate.Controllers)
		return
	}
	e.strings(nil)
}

// pressureLimit is ManagedOOMMemoryPressureLimit= as a share of 2^32.
func pressureLimit(o *object, e *encoder) {
	var permyriad uint64
	if r := o.unit.Def.Resources; r != nil {
		permyriad = uint64(r.ManagedOOMMemoryPressureLimit)
	}
	e.uint32(uint32(permyriad * (1<<32 - 1) / 10000))
}

func restartKillSignal(o *object, e *encoder) {
	var signal unit.Signal
	if k := o.unit.Def.Kill; k != nil {
		signal = k.RestartKillSignal
		if signal == 0 {
			signal = k.KillSignal
		}
	}
	e.int32(int32(signal))
}

func unitConditions(o *object, e *encoder) {
	if c := o.unit.Def.Common; c != nil {
		e.conditions(c.Conditions, o.unit.ConditionTime.Real != 0, o.unit.Condition)
		return
	}
	e.conditions(nil, false, false)
}

func unitAsserts(o *object, e *encoder) {
	if c := o.unit.Def.Common; c != nil {
		e.conditions(c.Asserts, o.unit.AssertTime.Real != 0, o.unit.Assert)
		return
	}
	e.conditions(nil, false, false)
}

// conditions writes a(sbbsi). The number says how the test went: 0 not tested, 1 true, -1 false; the engine keeps only
// how all of them went together.
func (e *encoder) conditions(list []unit.Condition, tested, held bool) {
	a := e.array(8)
	for _, c := range list {
		kind := "Condition"
		if c.Assert {
			kind = "Assert"
		}
		e.structure()
		e.string(kind + c.Kind.String())
		e.bool(c.Trigger)
		e.bool(c.Negate)
		e.string(c.Param)
		switch {
		case tested && held:
			e.int32(1)
		case tested && len(list) == 1:
			e.int32(-1)
		default:
			e.int32(0)
		}
	}
	e.end(a)
}

// canClean are the kinds of directories that the unit has.
func canClean(o *object, e *encoder) {
	x := o.exec()
	a := e.array(4)
	for _, d := range [...]struct {
		name string
		list []unit.Directory
	}{
		{"runtime", x.RuntimeDirectory},
		{"state", x.StateDirectory},
		{"cache", x.CacheDirectory},
		{"logs", x.LogsDirectory},
		{"configuration", x.ConfigurationDirectory},
	} {
		if len(d.list) > 0 {
			e.string(d.name)
		}
	}
	e.end(a)
}

// timerBases are the names of TimersMonotonic, which differ from those of the settings.
func timersMonotonic(o *object, e *encoder) {
	a := e.array(8)
	if t := o.unit.Def.Timer; t != nil {
		for _, s := range t.Timers {
			if s.Calendar == "" {
				base := s.Base.String()
				e.structure()
				e.string(base[:len(base)-len("Sec")] + "USec")
				e.uint64(uint64(s.Span))
				e.uint64(0)
			}
		}
	}
	e.end(a)
}

func timersCalendar(o *object, e *encoder) {
	a := e.array(8)
	if t := o.unit.Def.Timer; t != nil {
		for _, s := range t.Timers {
			if s.Calendar != "" {
				e.structure()
				e.string(s.Base.String())
				e.string(s.Calendar)
				e.uint64(0)
			}
		}
	}
	e.end(a)
}
