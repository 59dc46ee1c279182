package engine

import "davit/unit"

// emergency asks the manager for what FailureAction= and its sisters say.
func (e *Engine) emergency(u *Unit, a unit.EmergencyAction, why string) {
	if a == unit.ActionNone {
		return
	}
	e.do(Log{Priority: 4, Unit: u.ID, Text: u.ID + ": " + why + ", doing " + a.String()})
	e.do(Action{What: a.String(), Status: e.exitStatus(u), Cause: u.ID + ": " + why})
}

// ending is how a unit came to its end.
type ending bool

const (
	failed    ending = false
	succeeded ending = true
)

// act does what SuccessAction= or FailureAction= says of the unit's end.
func (u *Unit) act(how ending) {
	c := u.Def.Common
	switch {
	case c == nil:
	case how == succeeded:
		u.e.emergency(u, c.SuccessAction, "unit succeeded")
	default:
		u.e.emergency(u, c.FailureAction, "unit failed")
	}
}

// exitStatus is what exit actions end the manager with: what the unit says, else the main process's own.
func (e *Engine) exitStatus(u *Unit) int {
	c := u.Def.Common
	set := c.SuccessActionExitStatus
	if u.ActiveState() == Failed {
		set = c.FailureActionExitStatus
	}
	if set.Set {
		return int(set.Value)
	}
	if s := u.Service(); s != nil && s.Main.Code == CLDExited {
		return s.Main.Status
	}
	return 0
}

// runningTimeout returns JobRunningTimeoutSec= in µs; 0 is none.
func runningTimeout(j *Job) int64 {
	t := j.Unit.Def.Common.JobRunningTimeout
	if t <= 0 || t == forever {
		return 0
	}
	return int64(t)
}

// modes maps OnFailureJobMode= and OnSuccessJobMode= to the modes of requests.
var modes = map[unit.JobMode]Mode{
	unit.JobFail: ModeFail, unit.JobReplace: ModeReplace, unit.JobReplaceIrreversibly: ModeReplaceIrreversibly, unit.JobIsolate: ModeIsolate,
	unit.JobFlush: ModeFlush, unit.JobIgnoreDependencies: ModeIgnoreDependencies, unit.JobIgnoreRequirements: ModeIgnoreRequirements,
	unit.JobTriggering: ModeTriggering, unit.JobRestartDependencies: ModeRestartDependencies,
}

func onFailureMode(c *unit.Common) Mode { return modes[c.OnFailureJobMode] }

func onSuccessMode(c *unit.Common) Mode { return modes[c.OnSuccessJobMode] }

func collectFailed(c *unit.Common) bool { return c.CollectMode == unit.CollectInactiveOrFailed }
