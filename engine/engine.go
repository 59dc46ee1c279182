// Package engine decides. It is a pure state machine: Step takes an event and the time, changes the engine's own state, and
// returns what has to be done. It knows no lock, goroutine, file, clock or source of chance; the same events at the same times
// give the same effects, in every process, also when the state was serialized and restored in between.
//
// Every start, stop and reload is a Job. A request becomes a transaction (the jobs that it implies, checked as a whole), the
// transaction's jobs are installed, and a job is run the moment nothing that it is ordered after is pending. What a unit's state
// says about jobs, and what a job does to its unit, meet in one place: (*Unit).enter.
package engine

import (
	"slices"

	"davit/graph"
)

// Clock is what time it is, in microseconds: wall, monotonic, monotonic with suspend.
type Clock struct{ Real, Mono, Boot int64 }

// Config is what an engine is told once.
type Config struct {
	System bool   // the system manager's default dependencies; false is a user's
	Seed   uint64 // of the random numbers (invocation ids, delays)
}

// Engine is the state of all units and jobs.
type Engine struct {
	cfg    Config
	source Source
	host   Host
	now    Clock
	out    []Effect

	graph   graph.Graph
	nodes   []*Unit
	units   map[string]*Unit // by every name
	toLoad  []*Unit
	jobs    map[uint32]*Job
	queue   []*Job
	nextJob uint32

	tokens    map[Token]waiting
	nextToken Token
	procs     map[int]process
	timers    timers
	marked    []*Unit
	wishes    []wish
	after     []func() // what has to wait until the present change is through
	random    random
	history   history
	cause     *Cause // of what the present step does
	booting   uint32 // the job whose end is the end of booting
}

// waiting is who gets the answer to an effect.
type waiting struct {
	unit *Unit
	role role
}

// process is whose a process is.
type process struct {
	unit *Unit
	role role
}

// New returns an engine without units.
func New(cfg Config, source Source, host Host) *Engine {
	return &Engine{
		cfg: cfg, source: source, host: host,
		units: map[string]*Unit{}, jobs: map[uint32]*Job{}, tokens: map[Token]waiting{}, procs: map[int]process{},
		random: random(cfg.Seed),
	}
}

// Step applies ev at now and returns what has to be done about it. The result is valid until the next call.
func (e *Engine) Step(now Clock, ev Event) []Effect {
	e.now, e.out = now, e.out[:0]
	e.cause = nil
	e.apply(ev)
	e.settle()
	return e.out
}

// Pending reports whether the run queue is not empty: Run has something to do.
func (e *Engine) Pending() bool { return len(e.queue) > 0 }

// Unit returns the unit of that name when it is loaded, else nil.
func (e *Engine) Unit(name string) *Unit { return e.units[name] }

// Load returns the unit of that name, loading it and all that it refers to when it is not in memory. Unless something comes to
// refer to it, the next step forgets it again.
func (e *Engine) Load(name string) *Unit {
	u := e.load(name)
	e.mark(u, markCollect)
	return u
}

// Units returns all loaded units by name, without aliases.
func (e *Engine) Units() []*Unit {
	all := make([]*Unit, 0, len(e.nodes))
	for _, u := range e.nodes {
		if u != nil {
			all = append(all, u)
		}
	}
	slices.SortFunc(all, func(a, b *Unit) int { return compare(a.ID, b.ID) })
	return all
}

// Jobs returns all installed jobs by number.
func (e *Engine) Jobs() []*Job {
	all := make([]*Job, 0, len(e.jobs))
	for _, j := range e.jobs {
		all = append(all, j)
	}
	slices.SortFunc(all, func(a, b *Job) int { return int(int64(a.ID) - int64(b.ID)) })
	return all
}

// Job returns the job of that number, or nil.
func (e *Engine) Job(id uint32) *Job { return e.jobs[id] }

// Owner returns the unit that a process belongs to as main or control process, or nil.
func (e *Engine) Owner(pid int) *Unit { return e.procs[pid].unit }

func compare(a, b string) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

func (e *Engine) do(x Effect) {
	if l, ok := x.(Log); ok && l.Invocation == (ID{}) && e.units[l.Unit] != nil {
		l.Invocation = e.units[l.Unit].Invocation // so that status finds the line
		x = l
	}
	e.out = append(e.out, x)
}

// expect returns a new token whose answer goes to u.
func (e *Engine) expect(u *Unit, r role) Token {
	e.nextToken++
	e.tokens[e.nextToken] = waiting{u, r}
	return e.nextToken
}

// answer finds who waits for a token, and forgets it.
func (e *Engine) answer(t Token) (waiting, bool) {
	w, ok := e.tokens[t]
	delete(e.tokens, t)
	return w, ok
}

func (e *Engine) newID() (id ID) {
	for i := 0; i < len(id); i += 8 {
		v := e.random.next()
		for b := range 8 {
			id[i+b] = byte(v >> (8 * b))
		}
	}
	id[6] = id[6]&0x0f | 0x40 // a version 4 UUID, as invocation ids are
	id[8] = id[8]&0x3f | 0x80
	return id
}

// mark puts u in the queues m, to be looked at when the step settles.
func (e *Engine) mark(u *Unit, m marks) {
	if u.marks == 0 {
		e.marked = append(e.marked, u)
	}
	u.marks |= m
}
