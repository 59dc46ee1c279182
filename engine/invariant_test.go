package engine

import (
	"davit/graph"
)

// seen is what a step's invariants need to know of the state before it.
type seen struct {
	running map[uint32]bool
	waits   map[uint32][]uint32 // waiting job: the jobs that it had to wait for
}

func (w *world) snapshot() seen {
	s := seen{map[uint32]bool{}, map[uint32][]uint32{}}
	for id, j := range w.e.jobs {
		if j.State == JobRunning {
			s.running[id] = true
			continue
		}
		s.waits[id] = predecessors(w.e, j)
	}
	return s
}

// predecessors says which jobs one has to wait for, by systemd.unit(5): starts in the order of After=, stops in reverse, what
// stops before what starts. It is written anew here, so that it can find the engine wrong.
func predecessors(e *Engine, j *Job) (ids []uint32) {
	if j.IgnoreOrder || j.Type == JobNop {
		return nil
	}
	stops := func(t JobType) bool { return t == JobStop || t == JobRestart }
	for _, x := range e.graph.All(j.Unit.node) {
		o := e.nodes[x.To].Job
		if o == nil || o.Type == JobNop {
			continue
		}
		first := false // o goes first
		switch x.Kind {
		case graph.After:
			first = !stops(j.Type)
		case graph.Before:
			first = stops(o.Type)
		default:
			continue
		}
		if first {
			ids = append(ids, o.ID)
		}
	}
	return ids
}

// check holds the invariants of docs/architecture.md against the state after a step.
func (w *world) check(before seen, effects []Effect) {
	w.checkOrder(before)
	w.checkFailures(before, effects)
	w.checkJobs()
	w.checkTokens()
	w.checkProcesses()
}

// checkOrder: no job runs before its predecessors finish.
func (w *world) checkOrder(before seen) {
	for id, waits := range before.waits {
		j := w.e.jobs[id]
		if j == nil || j.State != JobRunning || j.IgnoreOrder {
			continue
		}
		now := predecessors(w.e, j)
		for _, p := range waits {
			if o := w.e.jobs[p]; o != nil && contains(now, p) && o.Added.Mono < w.now.Mono && (before.running[p] || before.waits[p] != nil || o.State == JobWaiting) {
				w.complain("job %d %s/%s runs before job %d %s/%s has finished", id, j.Unit.ID, j.Type, p, o.Unit.ID, o.Type)
			}
		}
	}
}

// checkFailures: a start job that needs a unit whose start failed fails with it.
func (w *world) checkFailures(before seen, effects []Effect) {
	for _, x := range effects {
		r, ok := x.(JobRemoved)
		u := w.e.units[r.Unit]
		if !ok || u == nil || r.Verb != JobStart || r.Result == ResultDone || r.Result == ResultCanceled {
			continue
		}
		for _, k := range []graph.Kind{graph.RequiredBy, graph.BoundBy, graph.RequisiteOf} {
			for o := range u.others(k) {
				if j := o.Job; j != nil && j.Type == JobStart && j.State == JobWaiting && before.waits[j.ID] != nil {
					w.complain("%s failed to start, but job %d %s/start, which needs it (%s), goes on", u.ID, j.ID, o.ID, k)
				}
			}
		}
	}
}

func contains(ids []uint32, id uint32) bool {
	for _, x := range ids {
		if x == id {
			return true
		}
	}
	return false
}

// checkJobs: one installed job per unit and slot; every job ends by its deadline; a waiting job has something to wait for.
func (w *world) checkJobs() {
	queued := map[*Job]bool{}
	for _, j := range w.e.queue {
		queued[j] = true
	}
	for id, j := range w.e.jobs {
		if *j.Unit.slot(j.Type) != j || j.ID != id {
			w.complain("job %d is not the job of its unit %s", id, j.Unit.ID)
		}
		if j.Deadline > 0 && j.Deadline+1 < w.now.Mono {
			w.complain("job %d of %s is past its deadline", id, j.Unit.ID)
		}
		if j.State == JobWaiting && !queued[j] && j.blocker == nil && !busy(j.Unit) {
			w.complain("job %d %s/%s waits for nothing", id, j.Unit.ID, j.Type)
		}
		if b := j.blocker; j.State == JobWaiting && !queued[j] && b != nil && w.e.jobs[b.ID] != b {
			w.complain("job %d %s/%s waits for job %d, which is gone", id, j.Unit.ID, j.Type, b.ID)
		}
		if j.State == JobRunning && !j.Unit.moving() {
			w.complain("job %d %s/%s runs, but its unit rests in %s", id, j.Unit.ID, j.Type, j.Unit.SubState())
		}
	}
	for _, u := range w.e.nodes {
		if u == nil {
			continue
		}
		for _, j := range []*Job{u.Job, u.Nop} {
			if j != nil && w.e.jobs[j.ID] != j {
				w.complain("%s has a job that is not installed", u.ID)
			}
		}
	}
}

// busy reports whether a unit is in a state in which it cannot take a start or reload.
func busy(u *Unit) bool {
	s := u.Service()
	return u.ActiveState() == Deactivating || u.ActiveState() == Reloading || u.ActiveState() == Activating || s != nil && s.restartPending()
}

// moving reports whether something is being done to the unit.
func (u *Unit) moving() bool {
	switch u.ActiveState() {
	case Activating, Deactivating, Reloading, Refreshing:
		return true
	default:
		return false
	}
}

// checkTokens: every token gets one result.
func (w *world) checkTokens() {
	for t := range w.e.tokens {
		if !w.asked[t] {
			w.complain("the engine waits for token %d, which no effect carries", t)
		}
	}
}

// checkProcesses: every live process has one unit; an inactive unit has no process, and none is on its way.
func (w *world) checkProcesses() {
	for pid, p := range w.e.procs {
		main, control := p.unit.kind.pids()
		if pid != main && pid != control {
			w.complain("process %d is %s's, but neither its main nor its control process", pid, p.unit.ID)
		}
	}
	for _, u := range w.e.nodes {
		if u == nil {
			continue
		}
		w.checkKilled(u)
		if !u.ActiveState().down() {
			continue
		}
		if main, control := u.kind.pids(); main > 0 || control > 0 {
			w.complain("%s is %s, but has processes %d and %d", u.ID, u.SubState(), main, control)
		}
		if s := u.Service(); s != nil && (s.MainToken != 0 || s.ControlToken != 0) {
			w.complain("%s is %s, but a process is being spawned", u.ID, u.SubState())
		}
	}
}

// checkKilled: in a state that sends signals, every process that is known has got one.
func (w *world) checkKilled(u *Unit) {
	if a := u.SubState(); a != "stop-sigterm" && a != "stop-sigkill" && a != "final-sigterm" && a != "final-sigkill" {
		return
	}
	main, control := u.kind.pids()
	for _, pid := range [...]int{main, control} {
		if p := w.procs[pid]; p != nil && !p.killed {
			w.complain("%s is in %s, but its process %d was sent no signal", u.ID, u.SubState(), pid)
		}
	}
}
