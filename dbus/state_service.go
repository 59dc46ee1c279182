package dbus

import (
	"davit/engine"
	"davit/unit"
)

func mainPID(o *object, e *encoder) {
	pid, _ := o.unit.PIDs()
	e.uint32(uint32(pid))
}

func controlPID(o *object, e *encoder) {
	_, pid := o.unit.PIDs()
	e.uint32(uint32(pid))
}

// noService stands in for the state of units whose definition says service and whose engine part does not exist.
var noService engine.Service

func (o *object) service() *engine.Service {
	if s := o.unit.Service(); s != nil {
		return s
	}
	return &noService
}

func statusText(o *object, e *encoder)    { e.string(o.service().StatusText) }
func statusErrno(o *object, e *encoder)   { e.int32(int32(o.service().StatusErrno)) }
func reloadResult(o *object, e *encoder)  { e.string(o.service().ReloadResult.String()) }
func restarts(o *object, e *encoder)      { e.uint32(uint32(o.service().Restarts)) }
func watchdogReal(o *object, e *encoder)  { e.uint64(uint64(o.service().WatchdogLast.Real)) }
func watchdogMono(o *object, e *encoder)  { e.uint64(uint64(o.service().WatchdogLast.Mono)) }
func mainStartReal(o *object, e *encoder) { e.uint64(uint64(o.service().Main.Start.Real)) }
func mainStartMono(o *object, e *encoder) { e.uint64(uint64(o.service().Main.Start.Mono)) }
func mainExitReal(o *object, e *encoder)  { e.uint64(uint64(o.service().Main.Exit.Real)) }
func mainExitMono(o *object, e *encoder)  { e.uint64(uint64(o.service().Main.Exit.Mono)) }
func mainExecPID(o *object, e *encoder)   { e.uint32(uint32(o.service().Main.LastPID)) }
func mainCode(o *object, e *encoder)      { e.int32(int32(o.service().Main.Code)) }
func mainStatus(o *object, e *encoder)    { e.int32(int32(o.service().Main.Status)) }

func storedFDs(o *object, e *encoder) { e.uint32(uint32(o.s.backend.Stored(o.unit))) }

func serviceUID(o *object, e *encoder) { e.uint32(o.s.backend.RunsAs(o.unit).UID) }
func serviceGID(o *object, e *encoder) { e.uint32(o.s.backend.RunsAs(o.unit).GID) }

// commands shows the command lines of one Exec…= setting with how they last ran, a(sasbttttuii).
func commands(p engine.Phase) func(*object, *encoder) {
	return func(o *object, e *encoder) {
		a := e.array(8)
		for i, c := range commandLines(o.unit.Def, p) {
			e.structure()
			e.string(c.Path)
			e.strings(c.Args)
			e.bool(c.IgnoreFailure)
			e.execution(o.ran(p, i))
		}
		e.end(a)
	}
}

// commandsEx is commands with the prefixes as words, a(sasasttttuii).
func commandsEx(p engine.Phase) func(*object, *encoder) {
	return func(o *object, e *encoder) {
		a := e.array(8)
		for i, c := range commandLines(o.unit.Def, p) {
			e.structure()
			e.string(c.Path)
			e.strings(c.Args)
			e.commandFlags(&c)
			e.execution(o.ran(p, i))
		}
		e.end(a)
	}
}

func (e *encoder) commandFlags(c *unit.Command) {
	a := e.array(4)
	for _, f := range [...]struct {
		on   bool
		name string
	}{
		{c.IgnoreFailure, "ignore-failure"},
		{c.Privileged, "privileged"},
		{c.NoSetUser, "no-setuid"},
		{c.AmbientOK, "ambient"},
		{c.NoExpand, "no-env-expand"},
	} {
		if f.on {
			e.string(f.name)
		}
	}
	e.end(a)
}

// ran is the last run of one command line, as far as it is still known.
func (o *object) ran(p engine.Phase, index int) *engine.Execution {
	s := o.service()
	switch {
	case p == engine.ExecStart && index == s.MainIndex:
		return &s.Main
	case p != engine.ExecStart && p == s.Phase && index == s.Index:
		return &s.Control
	}
	return new(engine.Execution)
}

func (e *encoder) execution(x *engine.Execution) {
	e.uint64(uint64(x.Start.Real))
	e.uint64(uint64(x.Start.Mono))
	e.uint64(uint64(x.Exit.Real))
	e.uint64(uint64(x.Exit.Mono))
	e.uint32(uint32(x.LastPID))
	e.int32(int32(x.Code))
	e.int32(int32(x.Status))
}

// commandLines are the lines of one Exec…= setting.
func commandLines(d *unit.Unit, p engine.Phase) []unit.Command {
	if s := d.Service; s != nil {
		switch p {
		case engine.ExecCondition:
			return s.ExecCondition
		case engine.ExecStartPre:
			return s.ExecStartPre
		case engine.ExecStart:
			return s.ExecStart
		case engine.ExecStartPost:
			return s.ExecStartPost
		case engine.ExecReload:
			return s.ExecReload
		case engine.ExecStop:
			return s.ExecStop
		case engine.ExecStopPost:
			return s.ExecStopPost
		case engine.ExecStopPre, engine.NumPhases:
		}
	}
	if s := d.Socket; s != nil {
		switch p {
		case engine.ExecStartPre:
			return s.ExecStartPre
		case engine.ExecStartPost:
			return s.ExecStartPost
		case engine.ExecStopPre:
			return s.ExecStopPre
		case engine.ExecStopPost:
			return s.ExecStopPost
		case engine.ExecCondition, engine.ExecStart, engine.ExecReload, engine.ExecStop, engine.NumPhases:
		}
	}
	return nil
}
