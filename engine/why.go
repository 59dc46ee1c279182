package engine

import (
	"fmt"

	"davit/unit"
)

// Answer says why a unit is in the state that it is in: the chain of causes, the nearest first, and the one thing that would
// change it.
type Answer struct {
	Unit    string   `json:"unit"`
	Active  string   `json:"active"`
	Sub     string   `json:"sub"`
	Result  string   `json:"result,omitempty"`
	Job     string   `json:"job,omitempty"` // its pending job
	State   string   `json:"state"`         // in words: running, waiting, failed, stopped, skipped, blocked
	Causes  []Reason `json:"causes"`
	Unblock string   `json:"unblock,omitempty"`
}

// Reason is one link of the chain.
type Reason struct {
	Text string `json:"text"`
	File string `json:"file,omitempty"`
	Line int    `json:"line,omitempty"`
	At   int64  `json:"time,omitempty"` // wall clock, µs since the epoch
}

// Why answers for a unit, also for one that is no longer loaded.
func (e *Engine) Why(name string) Answer {
	u := e.Load(name)
	a := Answer{Unit: u.ID, Active: u.ActiveState().String(), Sub: u.SubState(), Result: u.Result()}
	switch j := u.Job; {
	case j != nil && j.State == JobWaiting && e.Blocker(j) != nil:
		a.State, a.Job = "waiting", j.Type.String()
		e.explainWait(&a, j)
	case j != nil:
		a.State, a.Job = "waiting", j.Type.String()
		a.say(Reason{Text: u.ID + "/" + j.Type.String() + " is being done, it is in state " + u.SubState(), At: j.Began.Real})
		a.chain(j.Cause)
	case u.ActiveState().up():
		a.State = "running"
		a.chain(u.why)
	case u.Service() != nil && u.Service().restartPending():
		a.State, a.Unblock = "waiting", "start or stop "+u.ID+" to end the wait"
		a.say(Reason{Text: u.ID + " ended and will be started again by its restart policy", At: u.StateChange.Real})
		a.chain(u.why)
	case u.ActiveState() == Failed:
		a.State, a.Unblock = "failed", "mend what failed, then start "+u.ID
		a.say(Reason{Text: failureText(u), At: u.StateChange.Real})
		a.chain(u.why)
	default:
		a.State = "stopped"
		e.explainStopped(&a, u)
	}
	return a
}

func failureText(u *Unit) string {
	text := "result " + u.Result()
	if u.Failures != "" {
		text += ": " + u.Failures
	}
	return text
}

// explainWait follows what a job waits for to the job that is being done.
func (e *Engine) explainWait(a *Answer, j *Job) {
	seen := map[*Job]bool{}
	for b := e.Blocker(j); b != nil && !seen[b]; b = e.Blocker(b) {
		seen[b] = true
		r := Reason{Text: j.Unit.ID + "/" + j.Type.String() + " waits for " + b.Unit.ID + "/" + b.Type.String(), At: j.Added.Real}
		for _, x := range e.graph.All(j.Unit.node) {
			if e.nodes[x.To] == b.Unit && (x.Kind.String() == "After" || x.Kind.String() == "Before") {
				r.Text += " by " + x.Kind.String() + "=" + place(x.Origin)
				r.File, r.Line = x.Origin.Path, x.Origin.Line
			}
		}
		a.say(r)
		j = b
		a.Unblock = b.Unit.ID + "/" + b.Type.String() + " has to finish; it is in state " + b.Unit.SubState()
	}
	a.chain(j.Cause)
}

func (e *Engine) explainStopped(a *Answer, u *Unit) {
	if u.Def.Load != unit.Loaded {
		if err := loadProblem(u); err != nil {
			a.say(Reason{Text: err.Text})
		}
		a.Unblock = "mend the unit file"
		return
	}
	if !e.lastJob(a, u) && u.why == nil {
		a.say(Reason{Text: "nothing has started it"})
		a.Unblock = "start " + u.ID
	}
}

// lastJob adds what the history knows of the last job or change, and its causes.
func (e *Engine) lastJob(a *Answer, u *Unit) bool {
	past := e.history.past[u.ID]
	if len(past) == 0 {
		return false
	}
	p := past[len(past)-1]
	text := fmt.Sprintf("it went from %s to %s", p.From, p.To)
	if p.Job {
		text = fmt.Sprintf("its last job, %s, ended with %s", p.From, p.To)
		e.explainResult(a, u, p)
	}
	if p.Text != "" && p.Text != "success" {
		text += ": " + p.Text
	}
	a.say(Reason{Text: text, At: p.At})
	a.chain(p.Cause)
	return true
}

// explainResult says what a job's result means for a unit that is down.
func (e *Engine) explainResult(a *Answer, u *Unit, p Past) {
	switch {
	case p.From != JobStart.String():
	case p.To == ResultDependency.String():
		a.State, a.Unblock = "blocked", "mend what it needs, then start "+u.ID
	case p.To == ResultDone.String() && p.Text != "":
		a.State, a.Unblock = "skipped", "make the condition true, then start "+u.ID
	case p.To == ResultAssert.String():
		a.State, a.Unblock = "failed", "make the assertion true, then start "+u.ID
	}
}

func (a *Answer) say(r Reason) { a.Causes = append(a.Causes, r) }

func (a *Answer) chain(c *Cause) {
	for ; c != nil; c = c.Parent {
		r := Reason{Text: c.String(), At: c.At}
		if c.Origin != nil {
			r.File, r.Line = c.Origin.Path, c.Origin.Line
		}
		a.say(r)
	}
}

// String puts a cause in words.
func (c *Cause) String() string {
	switch c.Kind {
	case ByRequest:
		return "requested: " + c.Text + " by " + c.Peer.String()
	case ByDependency:
		return c.Unit + " has " + c.Dependency.String() + "= on it" + place(c.Origin)
	case ByTrigger:
		return "triggered by " + c.Unit + ": " + c.Text
	case ByRestart:
		return "restarted by its own policy: " + c.Text
	case ByExit, ByCondition, ByKernel, ByCollision, ByCycle:
		return c.Text
	case ByTimeout:
		return c.Text
	case ByJob:
		return "job " + c.Text + " of " + c.Unit
	case ByNotify:
		return "the service said so"
	}
	return c.Kind.String()
}

// String names who made a request.
func (p Peer) String() string {
	switch {
	case p.Name != "" && p.PID <= 0:
		return p.Name
	case p.Name != "":
		return fmt.Sprintf("%s (uid %d, pid %d)", p.Name, p.UID, p.PID)
	}
	return fmt.Sprintf("uid %d, pid %d", p.UID, p.PID)
}
