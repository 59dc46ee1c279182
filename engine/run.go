package engine

import (
	"slices"

	"davit/graph"
)

// slot returns where a job of type t is installed: jobs that do nothing do not stand in the way of others.
func (u *Unit) slot(t JobType) **Job {
	if t == JobNop {
		return &u.Nop
	}
	return &u.Job
}

// install makes j its unit's job, and queues it.
func (e *Engine) install(j *Job) {
	*j.Unit.slot(j.Type) = j
	e.jobs[j.ID] = j
	j.Added = e.now
	e.setDeadline(j)
	e.mark(j.Unit, markChanged)
	e.do(JobNew{j.ID, j.Unit.ID})
	e.enqueue(j)
}

// setDeadline starts the job's clocks: JobTimeoutSec= counts from its installation, JobRunningTimeoutSec= from its beginning.
func (e *Engine) setDeadline(j *Job) {
	c := j.Unit.Def.Common
	if c == nil {
		return
	}
	j.Deadline = 0
	if t := c.JobTimeout; t > 0 && t != forever {
		j.Deadline = j.Added.Mono + int64(t)
	}
	if t := runningTimeout(j); t > 0 && j.State == JobRunning {
		at := j.Began.Mono + t
		if j.Deadline == 0 || at < j.Deadline {
			j.Deadline = at
		}
	}
	e.timers.set(j.Unit, timerJob, j.Deadline)
}

func (e *Engine) enqueue(j *Job) {
	if j.queued || j.State != JobWaiting {
		return
	}
	j.queued = true
	e.queue = append(e.queue, j)
}

// run lets at most n queued jobs begin.
func (e *Engine) run(n int) {
	for ; n > 0 && len(e.queue) > 0; n-- {
		j := e.queue[0]
		e.queue = e.queue[1:]
		j.queued = false
		e.begin(j)
		e.grantWishes() // before another job's end can lift what forbids them
	}
}

// runnable reports whether nothing that j is ordered after is pending. The job that it waits for is kept: only its end can
// change the answer.
func (e *Engine) runnable(j *Job) bool {
	j.blocker = e.findBlocker(j)
	return j.blocker == nil
}

func (e *Engine) findBlocker(j *Job) *Job {
	if j.IgnoreOrder || j.Type == JobNop {
		return nil
	}
	for _, k := range [...]graph.Kind{graph.After, graph.Before} {
		for _, x := range e.graph.Edges(j.Unit.node, k) {
			if o := e.nodes[x.To].Job; o != nil && waitsFor(j.Type, k, o.Type) {
				return o
			}
		}
	}
	return nil
}

// Blocker returns the job that j waits for, or nil when it could run.
func (e *Engine) Blocker(j *Job) *Job {
	if j.State == JobRunning {
		return nil
	}
	return e.findBlocker(j)
}

func (e *Engine) begin(j *Job) {
	if !e.runnable(j) && !e.deadlocked(j) {
		return
	}
	j.State = JobRunning
	j.Began = e.now
	e.setDeadline(j)
	e.cause = e.because(Cause{Kind: ByJob, Unit: j.Unit.ID, Text: j.Type.String(), Parent: j.Cause})
	e.concluded(j, e.attempt(j))
	e.cause = nil
}

func (e *Engine) attempt(j *Job) outcome {
	switch u := j.Unit; j.Type {
	case JobStart:
		return u.start()
	case JobVerifyActive:
		return u.verifyActive()
	case JobStop, JobRestart:
		return u.stop()
	case JobReload:
		return u.reload()
	case JobNop, JobTryRestart, JobTryReload, JobReloadOrStart:
	}
	return alreadyDone
}

// concluded acts on how the attempt went, unless the unit's change of state has finished the job already.
func (e *Engine) concluded(j *Job, o outcome) {
	if e.jobs[j.ID] != j || j.State != JobRunning {
		return
	}
	switch o {
	case began:
	case notNow:
		j.State = JobWaiting // the unit's next change of state queues it again
		e.setDeadline(j)
	case alreadyDone, conditionNo:
		e.finish(j, ResultDone, true)
	case notActive:
		e.finish(j, ResultSkipped, true)
	case notLoaded:
		e.finish(j, ResultInvalid, true)
	case assertNo:
		e.finish(j, ResultAssert, true)
	case unsupported:
		e.finish(j, ResultUnsupported, true)
	case dependencyNo:
		e.finish(j, ResultDependency, true)
	case refused, limitHit:
		e.finish(j, ResultFailed, true)
	}
}

// finish ends a job. With spread, those who need its success fail with it. Its neighbours are queued, for it may have been
// what they waited for.
func (e *Engine) finish(j *Job, r Result, spread bool) {
	u := j.Unit
	if r == ResultDone && j.Type == JobRestart {
		e.turnIntoStart(j)
		return
	}
	e.uninstall(j, r)
	if spread {
		e.spread(u, j, r)
	}
	if r == ResultTimeout || r == ResultDependency {
		u.wishAll(graph.OnFailure, JobStart, nil)
	}
	e.requeue(u, j)
	e.after = append(e.after, func() { u.restartGone("its restart was " + r.String()) })
	if j.Type == JobStart && u.ActiveState().down() {
		u.tellTriggers() // a start that came to nothing is no change of state
	}
	e.mark(u, markUnneeded|markBound|markUphold|markCollect)
}

// deadlocked reports whether j waits for itself: the second half of a restart has another place in the order than the first, which
// the transaction was checked with. Such a job gives its place up.
func (e *Engine) deadlocked(j *Job) bool {
	if !j.Restarted {
		return false
	}
	seen := map[*Job]bool{}
	for b := j.blocker; b != nil && b.State == JobWaiting && !seen[b]; b = e.findBlocker(b) {
		if b == j {
			e.do(Log{Priority: 3, Unit: j.Unit.ID, Text: j.Unit.ID + ": started out of order, for its start waits for itself in an ordering cycle"})
			j.IgnoreOrder = true
			return true
		}
		seen[b] = true
	}
	return false
}

// turnIntoStart is the second half of a restart.
func (e *Engine) turnIntoStart(j *Job) {
	j.Type, j.State, j.Restarted = JobStart, JobWaiting, true
	e.setDeadline(j)
	e.mark(j.Unit, markChanged)
	e.enqueue(j)
	e.requeue(j.Unit, j)
}

func (e *Engine) uninstall(j *Job, r Result) {
	u := j.Unit
	delete(e.jobs, j.ID)
	if j.queued {
		e.queue = slices.DeleteFunc(e.queue, func(q *Job) bool { return q == j })
	}
	*u.slot(j.Type) = nil
	e.timers.set(u, timerJob, 0)
	e.remember(u, Past{From: j.Type.String(), To: r.String(), Job: true, Text: u.Failures, Cause: j.Cause})
	e.logJob(j, r)
	e.mark(u, markChanged)
	e.flush(u) // subscribers hear of the new state before the job's end
	e.do(JobRemoved{j.ID, u.ID, j.Type, r})
	for _, t := range j.Tokens {
		e.do(Finished{t, j.ID, u.ID, r})
	}
	if e.booting == j.ID {
		e.booting = 0
		e.do(StartupFinished{})
	}
}

// spread fails the start jobs of those that cannot do without what just failed.
func (e *Engine) spread(u *Unit, j *Job, r Result) {
	started := j.Type == JobStart || j.Type == JobVerifyActive
	switch {
	case r == ResultDone && started && !u.ActiveState().up() && u.ActiveState() != Activating:
		e.failStarts(u, graph.RequisiteOf)
	case r == ResultDone:
	case started:
		e.failStarts(u, graph.RequiredBy)
		e.failStarts(u, graph.RequisiteOf)
		e.failStarts(u, graph.BoundBy)
	case j.Type == JobStop:
		e.failStarts(u, graph.ConflictedBy)
	}
}

func (e *Engine) failStarts(u *Unit, k graph.Kind) {
	for _, x := range slices.Clone(u.Edges(k)) {
		o := e.nodes[x.To]
		if j := o.Job; j != nil && (j.Type == JobStart || j.Type == JobVerifyActive) {
			o.Failures = u.ID + ", which it needs (" + k.Inverse().String() + "=), did not start"
			e.finish(j, ResultDependency, true)
		}
	}
}

// requeue queues the jobs that waited for j.
func (e *Engine) requeue(u *Unit, j *Job) {
	for _, k := range [...]graph.Kind{graph.After, graph.Before} {
		for _, x := range e.graph.Edges(u.node, k) {
			if o := e.nodes[x.To].Job; o != nil && (o.blocker == j || o.blocker == nil) {
				e.enqueue(o)
			}
		}
	}
}

// cancel ends a job on request.
func (e *Engine) cancel(c Cancel) {
	if c.ID != 0 {
		j := e.jobs[c.ID]
		if j == nil {
			e.do(Reply{Token: c.Token, Err: fail(NoSuchJob, "", "job %d does not exist", c.ID)})
			return
		}
		e.do(Reply{Token: c.Token, Job: j.ID, Unit: j.Unit.ID})
		e.finish(j, ResultCanceled, true)
		return
	}
	e.do(Reply{Token: c.Token})
	for _, j := range e.Jobs() {
		if e.jobs[j.ID] == j {
			e.finish(j, ResultCanceled, false)
		}
	}
}
