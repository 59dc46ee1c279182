package dbus

import "davit/engine"

func text(of func(*Values) string) func(*object, *encoder) {
	return func(o *object, e *encoder) { e.string(of(o.manager())) }
}

func flag(of func(*Values) bool) func(*object, *encoder) {
	return func(o *object, e *encoder) { e.bool(of(o.manager())) }
}

func number(of func(*Values) uint64) func(*object, *encoder) {
	return func(o *object, e *encoder) { e.uint64(of(o.manager())) }
}

func list(of func(*Values) []string) func(*object, *encoder) {
	return func(o *object, e *encoder) { e.strings(of(o.manager())) }
}

func stampReal(t Stamp) func(*object, *encoder) {
	return func(o *object, e *encoder) { e.uint64(uint64(o.manager().Stamps[t].Real)) }
}

func stampMono(t Stamp) func(*object, *encoder) {
	return func(o *object, e *encoder) { e.uint64(uint64(o.manager().Stamps[t].Mono)) }
}

// defaultLimit shows one of DefaultLimit…=; unlimited when nothing is set.
func defaultLimit(name string, soft bool) func(*object, *encoder) {
	return func(o *object, e *encoder) {
		limit, ok := o.manager().DefaultLimits[name]
		switch {
		case !ok:
			e.uint64(Unknown)
		case soft:
			e.uint64(limit[1])
		default:
			e.uint64(limit[0])
		}
	}
}

func managerNNames(o *object, e *encoder) {
	n := o.manager().NNames
	if n == 0 {
		for _, u := range o.s.backend.Engine().Units() {
			n += uint32(max(1, len(u.Def.Names)))
		}
	}
	e.uint32(n)
}

func managerNFailedUnits(o *object, e *encoder) {
	var n uint32
	for _, u := range o.s.backend.Engine().Units() {
		if u.ActiveState() == engine.Failed {
			n++
		}
	}
	e.uint32(n)
}

func managerNJobs(o *object, e *encoder) { e.uint32(uint32(len(o.s.backend.Engine().Jobs()))) }

func managerNInstalledJobs(o *object, e *encoder)        { e.uint32(o.manager().NInstalledJobs) }
func managerNFailedJobs(o *object, e *encoder)           { e.uint32(o.manager().NFailedJobs) }
func managerExitCode(o *object, e *encoder)              { e.byte(o.manager().ExitCode) }
func managerDefaultOOMScoreAdjust(o *object, e *encoder) { e.int32(o.manager().DefaultOOMScoreAdjust) }

func managerDefaultStartLimitBurst(o *object, e *encoder) {
	e.uint32(o.manager().DefaultStartLimitBurst)
}

// managerProgress is the part of the jobs that is done, 0 to 1.
func managerProgress(o *object, e *encoder) {
	pending, installed := len(o.s.backend.Engine().Jobs()), o.manager().NInstalledJobs
	if pending == 0 || installed == 0 {
		e.double(1)
		return
	}
	e.double(max(0, 1-float64(pending)/float64(installed)))
}
