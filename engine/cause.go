package engine

import (
	"slices"

	"davit/graph"
)

// CauseKind says what sort of thing led to a job or to a state.
type CauseKind uint8

// What can be a cause.
const (
	ByRequest    CauseKind = iota // somebody asked: Peer, Text the verb
	ByDependency                  // Unit depends on it (Dependency, seen from Unit), at Origin
	ByTrigger                     // a socket, timer or path named Unit
	ByRestart                     // the unit's own restart policy
	ByExit                        // a process ended: Text
	ByTimeout                     // time was up: Text says for what
	ByCondition                   // a condition or assert: Text
	ByJob                         // the unit's own job: Text its type
	ByNotify                      // the service said so itself
	ByKernel                      // out of memory
	ByCollision                   // another job took its place: Text
	ByCycle                       // it was dropped to break an ordering cycle: Text
)

var causeNames = [...]string{
	"request", "dependency", "trigger", "restart", "exit", "timeout", "condition", "job", "notify", "kernel", "collision", "cycle",
}

func (k CauseKind) String() string { return causeNames[k] }

// Cause is one link of the chain that led to something; Parent is what led to it in turn. Causes are shared and never changed.
type Cause struct {
	Kind       CauseKind
	Unit       string        `json:",omitempty"`
	Dependency graph.Kind    `json:",omitempty"`
	Origin     *graph.Origin `json:",omitempty"`
	Peer       Peer          `json:",omitzero"`
	Text       string        `json:",omitempty"`
	At         int64         // wall clock, µs since the epoch
	Parent     *Cause        `json:",omitempty"`
}

// maxChain bounds how many links of a chain are kept: restarts of restarts would otherwise grow for ever.
const maxChain = 12

// because returns a cause at the present time, whose parent is the cause of what the present step does.
func (e *Engine) because(c Cause) *Cause {
	c.At = e.now.Real
	if c.Parent == nil {
		c.Parent = e.cause
	}
	depth := 0
	for p := c.Parent; p != nil; p = p.Parent {
		if depth++; depth >= maxChain {
			c.Parent = c.Parent.Parent
			break
		}
	}
	return &c
}

// Past is one thing that happened to a unit: a state that it entered or a job of its that ended.
type Past struct {
	At    int64  // wall clock, µs since the epoch
	From  string // sub state before, or the job's type
	To    string // sub state after, or the job's result
	Job   bool   `json:",omitempty"`
	Text  string `json:",omitempty"` // the unit's result
	Cause *Cause `json:",omitempty"`
}

// history is what happened to each unit name, the newest last; it outlives the unit.
type history struct {
	past map[string][]Past
	gone []string // units that were forgotten, the one that was longest ago first
}

// What is kept: so many things of each unit, and so many units that are no longer loaded.
const (
	pastPerUnit = 4
	pastUnits   = 1024
)

func (h *history) add(name string, p Past) {
	if h.past == nil {
		h.past = map[string][]Past{}
	}
	old := h.past[name]
	if len(old) >= pastPerUnit {
		copy(old, old[1:])
		old[len(old)-1] = p
		return
	}
	h.past[name] = append(slices.Grow(old, 1), p)
}

// leave notes that a unit is no longer loaded, and drops the oldest of those when there are too many. One that came back
// meanwhile stays.
func (h *history) leave(name string, loaded func(string) bool) {
	if h.past[name] == nil {
		return
	}
	h.gone = append(h.gone, name)
	if len(h.gone) <= pastUnits {
		return
	}
	if oldest := h.gone[0]; !loaded(oldest) {
		delete(h.past, oldest)
	}
	h.gone = h.gone[1:]
}

// remember puts something that happened to u into the history.
func (e *Engine) remember(u *Unit, p Past) {
	p.At = e.now.Real
	e.history.add(u.ID, p)
}

// History returns what happened to a unit, loaded or not, the newest last.
func (e *Engine) History(name string) []Past { return e.history.past[name] }
