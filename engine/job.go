package engine

import "davit/graph"

// JobType is what a job does. The first six can be installed; the others exist in requests only and collapse to one of those
// by the state of their unit (systemctl(1)).
type JobType uint8

// The job types, with systemd's names.
const (
	JobStart JobType = iota
	JobVerifyActive
	JobStop
	JobReload
	JobRestart
	JobNop
	JobTryRestart
	JobTryReload
	JobReloadOrStart
	NumJobTypes
)

// JobState says whether a job has begun.
type JobState uint8

// The states of a job.
const (
	JobWaiting JobState = iota
	JobRunning
)

// Result is how a job ended.
type Result uint8

// The job results, as JobRemoved reports them (org.freedesktop.systemd1(5)).
const (
	ResultDone Result = iota
	ResultCanceled
	ResultTimeout
	ResultFailed
	ResultDependency
	ResultSkipped
	ResultInvalid
	ResultAssert
	ResultUnsupported
	ResultCollected
	ResultOnce
	NumResults
)

// Job is a unit's one pending operation.
type Job struct {
	ID    uint32
	Unit  *Unit
	Cause *Cause
	JobRecord
	blocker *Job // the job that this one was last seen to wait for
	queued  bool // stands in the run queue
}

// JobRecord is the part of a job that is plain data, and survives re-execution.
type JobRecord struct {
	Type         JobType
	State        JobState
	Irreversible bool    `json:",omitempty"`
	IgnoreOrder  bool    `json:",omitempty"`
	Restarted    bool    `json:",omitempty"` // it is the second half of a restart
	Added        Clock   // when it was installed
	Began        Clock   // when it was first run
	Deadline     int64   `json:",omitempty"` // monotonic µs, from JobTimeoutSec= and JobRunningTimeoutSec=
	Tokens       []Token `json:",omitempty"` // requests that want to hear of its end
}

// mergeTable says what two jobs for one unit become; absent pairs conflict. It is symmetric, and covers the installable types.
var mergeTable = func() (t [NumJobTypes][NumJobTypes]merged) {
	put := func(a, b, c JobType) { t[a][b], t[b][a] = merged{c, true}, merged{c, true} }
	put(JobStart, JobStart, JobStart)
	put(JobVerifyActive, JobStart, JobStart)
	put(JobVerifyActive, JobVerifyActive, JobVerifyActive)
	put(JobStop, JobStop, JobStop)
	put(JobReload, JobStart, JobReloadOrStart)
	put(JobReload, JobVerifyActive, JobReload)
	put(JobReload, JobReload, JobReload)
	put(JobRestart, JobStart, JobRestart)
	put(JobRestart, JobVerifyActive, JobRestart)
	put(JobRestart, JobReload, JobRestart)
	put(JobRestart, JobRestart, JobRestart)
	return t
}()

type merged struct {
	typ JobType
	ok  bool
}

// merge returns the job type that does both a and b on a unit in state s, and false when they conflict.
func merge(a, b JobType, s ActiveState) (JobType, bool) {
	m := mergeTable[a][b]
	return collapse(m.typ, s), m.ok
}

// collapse turns a request-only type into what it means for a unit in state s.
func collapse(t JobType, s ActiveState) JobType {
	down := s == Inactive || s == Failed || s == Deactivating
	switch t {
	case JobTryRestart:
		return pick(down, JobNop, JobRestart)
	case JobTryReload:
		return pick(down, JobNop, JobReload)
	case JobReloadOrStart:
		return pick(down, JobStart, JobReload)
	case JobStart, JobVerifyActive, JobStop, JobReload, JobRestart, JobNop:
	}
	return t
}

func pick(cond bool, yes, no JobType) JobType {
	if cond {
		return yes
	}
	return no
}

// redundant reports whether a job of type t changes nothing for a unit in state s.
func redundant(t JobType, s ActiveState) bool {
	switch t {
	case JobStart:
		return s == Active || s == Reloading
	case JobStop:
		return s == Inactive || s == Failed
	case JobVerifyActive:
		return s == Active || s == Reloading
	case JobReload:
		return s == Reloading
	case JobNop:
		return true
	case JobRestart, JobTryRestart, JobTryReload, JobReloadOrStart:
	}
	return false
}

// stops reports whether the next thing that a job of type t does is to take its unit down.
func (t JobType) stops() bool { return t == JobStop || t == JobRestart }

// waitsFor reports whether a job of type a has to wait for one of type b on a unit that it is ordered after (or before).
// Whatever stops goes before whatever starts; two stops go in reverse order.
func waitsFor(a JobType, ordered graph.Kind, b JobType) bool {
	if a == JobNop || b == JobNop {
		return false
	}
	if ordered == graph.After {
		return !a.stops()
	}
	return b.stops()
}
