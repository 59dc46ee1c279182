package engine

import (
	"davit/unit"
)

// The message ids of sd-messages(3) that systemd gives to what happens to units.
const (
	idStarting = "7d4958e842da4a758f6c1cdc7b36dcc5"
	idStarted  = "39f53479d3a045ac8e11786248231fbf"
	idFailed   = "be02cf6855d2428ba40df7e9d022f03d"
	idStopping = "de5b426a63be47a7b6ac3eaac82e2f6f"
	idStopped  = "9d1aaa27d60140bd96365438aad20286"
	idReloaded = "7b05ebc668384222baa8881179cfda54"
	idSuccess  = "7ad2d189f7e94e70a38c781354912448"
	idFailure  = "d9b373ed55a64feb8242e02dbe79a49c"
	idExit     = "98e322203f7a4ed290d09fe03c09fe15"
)

// logJob writes the line that people know: Started, Stopped, Failed to start.
func (e *Engine) logJob(j *Job, r Result) {
	u := j.Unit
	text, id, priority := jobText(j.Type, r, u)
	if text == "" {
		return
	}
	e.do(Log{Priority: priority, Unit: u.ID, Text: text, MessageID: id, Invocation: u.Invocation, Fields: []Field{{"JOB_TYPE", j.Type.String()}, {"JOB_RESULT", r.String()}}})
}

func jobText(t JobType, r Result, u *Unit) (text, id string, priority int) {
	name := describe(u)
	switch {
	case t == JobStart && r == ResultDone && u.ActiveState().up():
		if u.Def.Type == unit.TypeTarget {
			return "Reached target " + name + ".", idStarted, 6
		}
		if u.Def.Type == unit.TypeService && u.Service().settings().Type == unit.ServiceOneshot {
			return "Finished " + name + ".", idStarted, 6
		}
		return "Started " + name + ".", idStarted, 6
	case t == JobStart && r == ResultDone && u.Def.Type == unit.TypeService && u.Failures == "" && u.ActiveState() == Inactive:
		return "Finished " + name + ".", idStarted, 6
	case t == JobStart && r == ResultDependency:
		return "Dependency failed for " + name + ".", idFailed, 4
	case t == JobStart && r == ResultTimeout:
		return "Timed out starting " + name + ".", idFailed, 3
	case t == JobStart && (r == ResultFailed || r == ResultAssert || r == ResultInvalid || r == ResultUnsupported):
		return "Failed to start " + name + ".", idFailed, 3
	case (t == JobStop || t == JobRestart) && r == ResultDone:
		return "Stopped " + name + ".", idStopped, 6
	case t == JobStop && r == ResultTimeout:
		return "Timed out stopping " + name + ".", idStopped, 3
	case t == JobReload && r == ResultDone:
		return "Reloaded " + name + ".", idReloaded, 6
	case t == JobReload && r == ResultFailed:
		return "Reload failed for " + name + ".", idReloaded, 3
	}
	return "", "", 0
}

// logExit writes how a process ended.
func (s *Service) logExit(who string, x Execution, f ServiceResult) {
	if f == ServiceSuccess && x.Code == CLDExited {
		return
	}
	priority := 5
	if f == ServiceSuccess {
		priority = 6
	}
	s.u.e.do(Log{Priority: priority, Unit: s.u.ID, MessageID: idExit, Invocation: s.u.Invocation, Text: s.u.ID + ": " + who + " exited, code=" + x.Code.String() + ", status=" + statusText(x.Code, x.Status)})
}

// logEnd writes how a run ended.
func (s *Service) logEnd() {
	l := Log{Priority: 6, Unit: s.u.ID, MessageID: idSuccess, Invocation: s.u.Invocation, Text: s.u.ID + ": Deactivated successfully."}
	switch s.Result {
	case ServiceSuccess:
		if s.settings() != nil && s.settings().Type == unit.ServiceOneshot {
			return // "Finished" says it
		}
	case ServiceExecCondition:
		l.Text = s.u.ID + ": Skipped due to 'exec-condition'."
	default:
		l.Priority, l.MessageID, l.Text = 4, idFailure, s.u.ID+": Failed with result '"+s.Result.String()+"'."
	}
	s.u.e.do(l)
}

func conditionText(c unit.Condition, why string) string {
	kind := "Condition"
	if c.Assert {
		kind = "Assert"
	}
	text := kind + c.Kind.String() + "="
	if c.Trigger {
		text += "|"
	}
	if c.Negate {
		text += "!"
	}
	text += c.Param + " is not met (" + c.At.String() + ")"
	if why != "" {
		text += ": " + why
	}
	return text
}
