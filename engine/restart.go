package engine

import (
	"math"
	"strconv"

	"davit/unit"
)

const forever = unit.Infinity

// shallRestart decides by the table of systemd.service(5) whether the run that just ended is to be followed by another.
func (s *Service) shallRestart() bool {
	d := s.settings()
	switch {
	case s.NoRestart, s.u.stopPending():
		return false
	case inSet(d.RestartPreventExitStatus, s.Main):
		return false
	case inSet(d.RestartForceExitStatus, s.Main):
		return true
	}
	switch d.Restart {
	case unit.RestartNo:
		return false
	case unit.RestartAlways:
		return s.Result != ServiceExecCondition
	case unit.RestartOnSuccess:
		return s.Result == ServiceSuccess
	case unit.RestartOnFailure:
		return s.Result != ServiceSuccess && s.Result != ServiceExecCondition
	case unit.RestartOnAbnormal:
		return s.Result != ServiceSuccess && s.Result != ServiceExitCode && s.Result != ServiceExecCondition
	case unit.RestartOnWatchdog:
		return s.Result == ServiceWatchdog
	case unit.RestartOnAbort:
		return s.Result == ServiceSignal || s.Result == ServiceCoreDump
	}
	return false
}

// stopPending reports whether a job is installed that takes the unit down.
func (u *Unit) stopPending() bool { return u.Job != nil && u.Job.Type == JobStop }

// restartDelay returns how long to wait before the next automatic start, in µs: RestartSec=, growing to RestartMaxDelaySec= in
// RestartSteps= steps.
func (s *Service) restartDelay() int64 {
	d := s.settings()
	low, high := int64(d.RestartDelay), int64(d.RestartMaxDelay)
	if d.RestartSteps == 0 || high <= low || d.RestartMaxDelay == forever {
		return low
	}
	if s.Restarts >= int(d.RestartSteps) {
		return high
	}
	growth := math.Pow(float64(high)/math.Max(float64(low), 1), float64(s.Restarts)/float64(d.RestartSteps))
	return int64(float64(low) * growth)
}

// awaitRestart waits until it is time for the automatic restart.
func (s *Service) awaitRestart() {
	e := s.u.e
	e.cause = e.because(Cause{Kind: ByRestart, Unit: s.u.ID, Text: "Restart=" + s.settings().Restart.String() + " after result " + s.Result.String(), Parent: s.u.why})
	s.set(ServiceAutoRestart)
	s.release(true)
	if s.settings().RestartDelay == forever {
		return
	}
	s.u.setTimer(s.restartAt())
}

// restart asks for the automatic restart, as a job like any other, so that what depends on the service follows.
func (s *Service) restart() {
	s.Restarts++
	s.FreshCount = false
	s.set(ServiceAutoRestartQueued)
	s.u.e.wishes = append(s.u.e.wishes, wish{s.u, JobRestart, ModeReplace, s.u.why})
	s.u.e.do(Log{Priority: 6, Unit: s.u.ID, Text: s.u.ID + ": scheduled restart job, restart counter is at " + strconv.Itoa(s.Restarts) + ".", Invocation: s.u.Invocation})
}

// restartGone lets a service rest that waits for a restart job which no longer exists.
func (u *Unit) restartGone(why string) {
	s := u.Service()
	if s == nil || s.State != ServiceAutoRestartQueued || u.Job != nil {
		return
	}
	u.Failures = why
	s.enterDead(ServiceResources, false)
}

// inSet reports whether an ended process is in a set of exit statuses and signals.
func inSet(s unit.StatusSet, x Execution) bool {
	if x.Code == ExitNone {
		return false
	}
	if x.Code == CLDExited {
		return s.Codes[x.Status>>6&3]>>(x.Status&63)&1 == 1
	}
	return s.Signals>>(x.Status&63)&1 == 1
}
