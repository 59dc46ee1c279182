package engine

import (
	"encoding/json"
	"fmt"
	"slices"

	"davit/graph"
)

// snapshot is all that an engine has to carry over re-execution. Definitions and dependencies are not in it: they are loaded anew.
type snapshot struct {
	Version   int
	NextJob   uint32
	NextToken Token
	Booting   uint32
	Random    random
	Units     []unitState
	Jobs      []jobState
	Queue     []uint32
	Tokens    []tokenState
	Processes []processState
	History   []historyState
	Gone      []string // names in the history whose units are not loaded
}

type unitState struct {
	Name  string
	Names []string
	Unit  UnitRecord
	Kind  json.RawMessage
	Why   *Cause
}

type jobState struct {
	ID      uint32
	Unit    string
	Cause   *Cause
	Blocker uint32
	Job     JobRecord
}

type tokenState struct {
	Token Token
	Unit  string
	Role  role
}

type processState struct {
	PID  int
	Unit string
	Role role
}

type historyState struct {
	Unit string
	Past []Past
}

// stateVersion changes when an older state can no longer be read.
const stateVersion = 1

// Marshal returns the engine's state. It is to be called between two steps.
func (e *Engine) Marshal() ([]byte, error) {
	s := snapshot{Version: stateVersion, NextJob: e.nextJob, NextToken: e.nextToken, Booting: e.booting, Random: e.random}
	for _, u := range e.Units() {
		kind, err := json.Marshal(u.kind.record())
		if err != nil {
			return nil, fmt.Errorf("%s: cannot save state: %w", u.ID, err)
		}
		s.Units = append(s.Units, unitState{u.ID, u.Def.Names, u.UnitRecord, kind, u.why})
	}
	for _, j := range e.Jobs() {
		x := jobState{ID: j.ID, Unit: j.Unit.ID, Cause: j.Cause, Job: j.JobRecord}
		if j.blocker != nil && e.jobs[j.blocker.ID] == j.blocker {
			x.Blocker = j.blocker.ID
		}
		s.Jobs = append(s.Jobs, x)
	}
	for _, j := range e.queue {
		s.Queue = append(s.Queue, j.ID)
	}
	for t, w := range e.tokens {
		s.Tokens = append(s.Tokens, tokenState{t, w.unit.ID, w.role})
	}
	slices.SortFunc(s.Tokens, func(a, b tokenState) int { return int(int64(a.Token) - int64(b.Token)) })
	for pid, p := range e.procs {
		s.Processes = append(s.Processes, processState{pid, p.unit.ID, p.role})
	}
	slices.SortFunc(s.Processes, func(a, b processState) int { return a.PID - b.PID })
	for name, past := range e.history.past {
		s.History = append(s.History, historyState{name, past})
	}
	slices.SortFunc(s.History, func(a, b historyState) int { return compare(a.Unit, b.Unit) })
	s.Gone = e.history.gone
	return json.Marshal(s)
}

// Unmarshal brings a new engine into the state that Marshal returned. A unit whose definition is gone keeps its state.
func (e *Engine) Unmarshal(state []byte) error {
	var s snapshot
	if err := json.Unmarshal(state, &s); err != nil {
		return fmt.Errorf("cannot restore state: %w", err)
	}
	if s.Version != stateVersion {
		return fmt.Errorf("cannot restore state: it has version %d, this is %d", s.Version, stateVersion)
	}
	e.nextJob, e.nextToken, e.booting = s.NextJob, s.NextToken, s.Booting
	e.random = s.Random
	if err := e.restoreUnits(s.Units); err != nil {
		return err
	}
	e.restoreJobs(&s)
	for _, t := range s.Tokens {
		e.tokens[t.Token] = waiting{e.named(t.Unit), t.Role}
	}
	for _, p := range s.Processes {
		e.procs[p.PID] = process{e.named(p.Unit), p.Role}
	}
	e.history = history{past: make(map[string][]Past, len(s.History)), gone: s.Gone}
	for _, h := range s.History {
		e.history.past[h.Unit] = h.Past
	}
	e.out, e.marked = nil, nil
	return nil
}

func (e *Engine) restoreUnits(units []unitState) error {
	for _, x := range units {
		e.load(x.Name)
	}
	for _, x := range units {
		u := e.units[x.Name]
		if u == nil || u.ID != x.Name {
			continue // it has become an alias of another unit
		}
		if err := json.Unmarshal(x.Kind, u.kind.record()); err != nil {
			return fmt.Errorf("%s: cannot restore state: %w", x.Name, err)
		}
		u.UnitRecord, u.why = x.Unit, x.Why
		e.timers.set(u, timerState, u.Timer)
		if s := u.Service(); s != nil {
			e.timers.set(u, timerWatchdog, s.WatchdogAt)
			e.rejoin(s)
		}
	}
	for _, u := range e.Units() {
		u.marks = 0
	}
	return nil
}

// rejoin links the service of one connection with its socket again, as no file does.
func (e *Engine) rejoin(s *Service) {
	if o := e.units[s.From]; o != nil {
		e.graph.Add(o.node, graph.Triggers, s.u.node, graph.Implicit)
	}
}

func (e *Engine) restoreJobs(s *snapshot) {
	for _, x := range s.Jobs {
		u := e.named(x.Unit)
		j := &Job{ID: x.ID, Unit: u, Cause: x.Cause, JobRecord: x.Job}
		*u.slot(j.Type) = j
		e.jobs[j.ID] = j
		e.timers.set(u, timerJob, j.Deadline)
	}
	for _, x := range s.Jobs {
		e.jobs[x.ID].blocker = e.jobs[x.Blocker]
	}
	for _, id := range s.Queue {
		if j := e.jobs[id]; j != nil {
			j.queued = true
			e.queue = append(e.queue, j)
		}
	}
}
