package engine

import (
	"davit/graph"
	"davit/unit"
)

// ActiveState is a unit's state in the few words that all types share.
type ActiveState uint8

// The active states of systemctl(1).
const (
	Inactive ActiveState = iota
	Active
	Reloading
	Failed
	Activating
	Deactivating
	Maintenance
	Refreshing
)

// down reports whether a unit in s runs nothing and holds nothing.
func (s ActiveState) down() bool { return s == Inactive || s == Failed }

// up reports whether what needs the unit may run.
func (s ActiveState) up() bool { return s == Active || s == Reloading || s == Refreshing }

// Unit is a loaded unit: its definition, its dependencies, and the state that it is in. Only Step changes one.
type Unit struct {
	ID   string
	Def  *unit.Unit
	Job  *Job
	Nop  *Job // a job that does nothing, installed beside the other
	node graph.Node
	e    *Engine
	kind kind
	UnitRecord
	why   *Cause // of the present state
	marks marks
	gone  bool // forgotten; kept only by what still points to it within the step
}

// UnitRecord is the part of a unit that is plain data, and survives re-execution.
type UnitRecord struct {
	Populated     bool   `json:",omitempty"` // there may be processes in its cgroup
	Invocation    ID     // of its current or last run
	StartLimit    window // starts counted against StartLimitBurst=
	Automatic     window // starts and stops that nobody asked for: StopWhenUnneeded=, BindsTo=, Upholds=
	ConditionTime Clock  // when conditions were last tested
	Condition     bool   `json:",omitempty"` // how that went
	AssertTime    Clock
	Assert        bool  `json:",omitempty"`
	InactiveExit  Clock // when it last left inactive or failed
	ActiveEnter   Clock
	ActiveExit    Clock
	InactiveEnter Clock
	StateChange   Clock
	Timer         int64  `json:",omitempty"` // monotonic µs at which the state's time is up
	Failures      string `json:",omitempty"` // the last condition or assert that failed, for why
	Freezer       uint8  `json:",omitempty"`
}

// window counts events within an interval.
type window struct {
	Begin int64 // monotonic µs
	Count int
}

// pass counts one event at now and reports whether it is within burst per interval (µs). No limit when either is zero.
func (w *window) pass(now, interval int64, burst int) bool {
	if interval <= 0 || burst <= 0 {
		return true
	}
	if w.Count == 0 || now-w.Begin > interval {
		*w = window{Begin: now}
	}
	w.Count++
	return w.Count <= burst
}

// marks are the queues that a unit stands in until the step settles.
type marks uint8

const (
	markChanged marks = 1 << iota
	markUnneeded
	markBound
	markUphold
	markCollect
)

// kind is what sets the unit types apart. Each type has one implementation, which holds that type's state.
type kind interface {
	state() *traits
	start() outcome
	stop() outcome
	reload() outcome
	canReload() bool
	result() string                  // "success", or why it failed
	spawned(role, int)               // a process exists
	spawnFailed(role, SpawnFailed)   // none came to be
	exited(role, int, ExitCode, int) // pid, code, status
	timeout()                        // Timer is up
	emptied()                        // the last process of the cgroup is gone
	triggerNotify(*Unit)             // a unit that this one triggers changed
	resetFailed()                    //
	pids() (main, control int)       //
	record() any                     // pointer to its plain data
}

// role is what a process is to its unit.
type role uint8

const (
	roleMain role = iota
	roleControl
)

// traits is one row of a state table: everything that the engine asks about a state.
type traits struct {
	name   string
	active ActiveState
}

// outcome says how the attempt to begin an operation went.
type outcome uint8

const (
	began        outcome = iota // it goes on; the state's change will finish the job
	alreadyDone                 // nothing to do
	notNow                      // the unit is busy; try again when its state changes
	refused                     // it cannot be done: the job fails
	conditionNo                 // a condition is false: the job is done, the unit is not started
	assertNo                    // an assert failed
	notLoaded                   // there is no definition
	unsupported                 // this type cannot do it here
	dependencyNo                // BindsTo= or Requisite= is not active
	limitHit                    // started too often
	notActive                   // verify-active, reload: the unit is not active
)

// ActiveState returns the unit's state in the words that all types share.
func (u *Unit) ActiveState() ActiveState { return u.kind.state().active }

// SubState returns the unit's state in its type's own words.
func (u *Unit) SubState() string { return u.kind.state().name }

// Result returns "success", or why the unit failed (the property Result of services and sockets).
func (u *Unit) Result() string { return u.kind.result() }

// CanReload reports whether the unit has a way to reload.
func (u *Unit) CanReload() bool { return u.kind.canReload() }

// PIDs returns the main and the control process, 0 where there is none.
func (u *Unit) PIDs() (main, control int) { return u.kind.pids() }

// Related returns the names of the units that u has a dependency of kind k on, sorted.
func (u *Unit) Related(k graph.Kind) []string {
	edges := u.e.graph.Edges(u.node, k)
	names := make([]string, len(edges))
	for i, e := range edges {
		names[i] = u.e.graph.Name(e.To)
	}
	return names
}

// Edges returns u's dependencies of kind k with the places that state them.
func (u *Unit) Edges(k graph.Kind) []graph.Edge { return u.e.graph.Edges(u.node, k) }

// Name returns the name of the unit at the other end of an edge.
func (e *Engine) Name(x graph.Edge) string { return e.graph.Name(x.To) }

// others calls yield for each unit that u has a dependency of kind k on, sorted by name, until it returns false.
func (u *Unit) others(k graph.Kind) func(yield func(*Unit, graph.Edge) bool) {
	return func(yield func(*Unit, graph.Edge) bool) {
		edges := u.e.graph.Edges(u.node, k)
		for i := range edges {
			if !yield(u.e.nodes[edges[i].To], edges[i]) {
				return
			}
		}
	}
}

// loaded reports whether there is a definition that can be started.
func (u *Unit) loaded() bool { return u.Def.Load == unit.Loaded }

// Service returns the service's own state, nil for other types.
func (u *Unit) Service() *Service { s, _ := u.kind.(*Service); return s }

// Socket returns the socket's own state, nil for other types.
func (u *Unit) Socket() *Socket { s, _ := u.kind.(*Socket); return s }

// Why returns the cause of the unit's present state.
func (u *Unit) Why() *Cause { return u.why }
