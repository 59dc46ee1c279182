package dbus

import (
	"davit/engine"
	"davit/graph"
)

// request makes a method that asks for a job on the unit that the first argument names.
func request(verb engine.Verb) func(*call) error {
	return func(k *call) error {
		name, mode := k.in.string(), k.in.string()
		return k.request(verb, name, mode, answerJob)
	}
}

// ownRequest is the same on a unit's object.
func ownRequest(verb engine.Verb) unitMethod {
	return func(k *call, u *engine.Unit) error { return k.request(verb, u.ID, k.in.string(), answerJob) }
}

func (k *call) request(verb engine.Verb, name, mode string, a answer) error {
	m, ok := engine.ParseMode(mode)
	if !ok {
		return errorf(errInvalidArgs, "Job mode %s invalid", mode)
	}
	if err := checkName(name); err != nil {
		return err
	}
	return k.post(a, func(t engine.Token) engine.Event {
		return engine.Request{Token: t, Verb: verb, Unit: name, Mode: m, By: k.by()}
	})
}

// startUnitReplace starts a unit in the place of another's pending start job.
func startUnitReplace(k *call) error {
	old, name, mode := k.in.string(), k.in.string(), k.in.string()
	u := k.s.backend.Engine().Unit(old)
	if u == nil || u.Job == nil || u.Job.Type != engine.JobStart {
		return errorf(systemdError+"NoSuchJob", "No job queued for unit %s", old)
	}
	return k.request(engine.VerbStart, name, mode, answerJob)
}

func enqueueUnitJob(k *call) error { return k.enqueue(k.in.string()) }

func enqueueOwnJob(k *call, u *engine.Unit) error { return k.enqueue(u.ID) }

func (k *call) enqueue(name string) error {
	verb, mode := k.in.string(), k.in.string()
	v, ok := engine.ParseVerb(verb)
	if !ok {
		return errorf(errInvalidArgs, "Job type %s invalid", verb)
	}
	return k.request(v, name, mode, answerEnqueue)
}

func (k *call) job() (*engine.Job, error) {
	id := k.in.uint32()
	if j := k.s.backend.Engine().Job(id); j != nil {
		return j, nil
	}
	return nil, errorf(systemdError+"NoSuchJob", "Job %d does not exist.", id)
}

func getJob(k *call) error {
	j, err := k.job()
	if err == nil {
		k.out.jobPath(j.ID)
	}
	return err
}

func cancelJob(k *call) error {
	j, err := k.job()
	if err != nil {
		return err
	}
	return k.cancel(j.ID)
}

func clearJobs(k *call) error { return k.cancel(0) }

func (k *call) cancel(id uint32) error {
	return k.post(answerNothing, func(t engine.Token) engine.Event { return engine.Cancel{Token: t, ID: id, By: k.by()} })
}

func listJobs(k *call) error {
	a := k.out.array(8)
	for _, j := range k.s.backend.Engine().Jobs() {
		k.out.job(j)
	}
	k.out.end(a)
	return nil
}

// job writes a job as lists show it, (usssoo).
func (e *encoder) job(j *engine.Job) {
	e.structure()
	e.uint32(j.ID)
	e.string(j.Unit.ID)
	e.string(j.Type.String())
	e.string(j.State.String())
	e.jobPath(j.ID)
	e.unitPath(j.Unit.ID)
}

// jobNeighbours lists the jobs that wait for a job, or that it waits for.
func jobNeighbours(after bool) func(*call) error {
	return func(k *call) error {
		j, err := k.job()
		if err == nil {
			k.neighbours(j, after)
		}
		return err
	}
}

func ownNeighbours(after bool) func(*call) error {
	return func(k *call) error {
		k.neighbours(k.object.job, after)
		return nil
	}
}

func (k *call) neighbours(j *engine.Job, after bool) {
	e := k.s.backend.Engine()
	a := k.out.array(8)
	for _, kind := range [...]graph.Kind{graph.After, graph.Before} {
		for _, x := range j.Unit.Edges(kind) {
			u := e.Unit(e.Name(x))
			if u == nil || u.Job == nil {
				continue
			}
			first, second := u.Job, j // the first one's unit is ordered before the second one's
			if kind == graph.Before {
				first, second = j, u.Job
			}
			if waits, ok := waiting(first, second); ok && (waits != j) == after {
				k.out.job(u.Job)
			}
		}
	}
	k.out.end(a)
}

// waiting says which of two jobs waits for the other, when the first one's unit is ordered before the second one's:
// whatever stops goes first, and two stops go in reverse order.
func waiting(first, second *engine.Job) (*engine.Job, bool) {
	if first.Type == engine.JobNop || second.Type == engine.JobNop {
		return nil, false
	}
	if second.Type == engine.JobStop || second.Type == engine.JobRestart {
		return first, true
	}
	return second, true
}
