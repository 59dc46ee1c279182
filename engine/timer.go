package engine

import "container/heap"

// Deadline is when Step must next be called.
type Deadline struct {
	Mono int64 // µs on the monotonic clock
	Real int64 // µs on the wall clock, 0 none: calendar timers
	Wake bool  // the machine may be woken from suspend for it
}

// timerKind says what of a unit is due.
type timerKind uint8

const (
	timerState timerKind = iota
	timerJob
	timerWatchdog
	numTimers
)

// timers is a heap of what is due when. Setting a timer anew leaves its old entry behind, to be skipped when it comes up.
type timers struct{ due []due }

type due struct {
	at   int64
	unit *Unit
	kind timerKind
}

func (t *timers) Len() int      { return len(t.due) }
func (t *timers) Swap(i, j int) { t.due[i], t.due[j] = t.due[j], t.due[i] }
func (t *timers) Push(x any)    { t.due = append(t.due, x.(due)) }
func (t *timers) Pop() (x any)  { n := len(t.due) - 1; x, t.due = t.due[n], t.due[:n]; return x }

func (t *timers) Less(i, j int) bool {
	a, b := t.due[i], t.due[j]
	if a.at != b.at {
		return a.at < b.at
	}
	if a.unit != b.unit {
		return a.unit.ID < b.unit.ID
	}
	return a.kind < b.kind
}

// set makes a unit's timer due at a time, or never (0).
func (t *timers) set(u *Unit, k timerKind, at int64) {
	if at > 0 {
		heap.Push(t, due{at, u, k})
	}
}

// stale reports whether d is not what its unit waits for any more.
func (d due) stale() bool {
	if d.unit.gone {
		return true
	}
	switch d.kind {
	case timerState:
		return d.unit.Timer != d.at
	case timerJob:
		return d.unit.Job == nil || d.unit.Job.Deadline != d.at
	case timerWatchdog:
		s := d.unit.Service()
		return s == nil || s.WatchdogAt != d.at
	case numTimers:
	}
	return true
}

// Deadline returns when Step must next be called, on which clock, and whether that may wake the machine.
func (e *Engine) Deadline() (Deadline, bool) {
	for e.timers.Len() > 0 {
		if d := e.timers.due[0]; !d.stale() {
			return Deadline{Mono: d.at}, true
		}
		heap.Pop(&e.timers)
	}
	return Deadline{}, false
}

// tick acts on all that is due.
func (e *Engine) tick() {
	for e.timers.Len() > 0 && e.timers.due[0].at <= e.now.Mono {
		d := heap.Pop(&e.timers).(due)
		if d.stale() {
			continue
		}
		switch d.kind {
		case timerState:
			d.unit.Timer = 0
			d.unit.kind.timeout()
		case timerJob:
			e.jobTimeout(d.unit.Job)
		case timerWatchdog:
			d.unit.Service().watchdogMissed()
		case numTimers:
		}
		e.cause = nil
	}
}

// setTimer makes the unit's state time out at a monotonic time in µs.
func (u *Unit) setTimer(at int64) {
	u.Timer = at
	u.e.timers.set(u, timerState, at)
}

func (e *Engine) jobTimeout(j *Job) {
	e.cause = e.because(Cause{Kind: ByTimeout, Unit: j.Unit.ID, Text: "job timeout", Parent: j.Cause})
	u := j.Unit
	e.finish(j, ResultTimeout, true)
	if c := u.Def.Common; c != nil {
		e.emergency(u, c.JobTimeoutAction, "job timed out")
	}
}
