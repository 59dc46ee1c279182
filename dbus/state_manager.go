package dbus

import "davit/engine"

func text(of func(*Values) string) func(*object, *encoder) {
	return func(o *object, e *encoder) { e.string(of(o.values)) }
}

func flag(of func(*Values) bool) func(*object, *encoder) {
	return func(o *object, e *encoder) { e.bool(of(o.values)) }
}

func number(of func(*Values) uint64) func(*object, *encoder) {
	return func(o *object, e *encoder) { e.uint64(of(o.values)) }
}

func list(of func(*Values) []string) func(*object, *encoder) {
	return func(o *object, e *encoder) { e.strings(of(o.values)) }
}

func stampReal(t Stamp) func(*object, *encoder) {
	return func(o *object, e *encoder) { e.uint64(uint64(o.values.Stamps[t].Real)) }
}

func stampMono(t Stamp) func(*object, *encoder) {
	return func(o *object, e *encoder) { e.uint64(uint64(o.values.Stamps[t].Mono)) }
}

// defaultLimit shows one of DefaultLimit…=; unlimited when nothing is set.
func defaultLimit(name string, soft bool) func(*object, *encoder) {
	return func(o *object, e *encoder) {
		limit, ok := o.values.DefaultLimits[name]
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
	n := o.values.NNames
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

func managerNInstalledJobs(o *object, e *encoder)        { e.uint32(o.values.NInstalledJobs) }
func managerNFailedJobs(o *object, e *encoder)           { e.uint32(o.values.NFailedJobs) }
func managerExitCode(o *object, e *encoder)              { e.byte(o.values.ExitCode) }
func managerDefaultOOMScoreAdjust(o *object, e *encoder) { e.int32(o.values.DefaultOOMScoreAdjust) }

func managerDefaultStartLimitBurst(o *object, e *encoder) { e.uint32(o.values.DefaultStartLimitBurst) }

// managerProgress is the part of the jobs that is done, 0 to 1.
func managerProgress(o *object, e *encoder) {
	pending, installed := len(o.s.backend.Engine().Jobs()), o.values.NInstalledJobs
	if pending == 0 || installed == 0 {
		e.double(1)
		return
	}
	e.double(max(0, 1-float64(pending)/float64(installed)))
}
