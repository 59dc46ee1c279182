package engine

import (
	"container/heap"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"slices"

	"davit/unit"
)

// world stands in for Linux: it takes the engine's effects and sends events back after some virtual time. Everything in it
// comes from one seed.
type world struct {
	e       *Engine
	defs    map[string]*unit.Unit
	rng     *rand.Rand
	now     Clock
	due     events
	seq     int
	nextPID int
	procs   map[int]*proc
	sockets map[string]bool // listened on
	asked   map[Token]bool  // effects without an answer yet
	faults  bool
	trace   []string
	hash    uint64
	keep    bool // keep the trace, not only its hash
	steps   int
	cut     func(w *world) // called between steps, to cut and restore
	bad     []string
}

// proc is a process of the world.
type proc struct {
	pid      int
	unit     string
	deaf     bool // ignores everything but SIGKILL
	immortal bool // does not even die of SIGKILL for a while
	killed   bool // was sent a signal that asks it to end
	dead     bool
}

type event struct {
	at  int64
	seq int
	ev  Event
	do  func() Event // decided when it is due; nil event: nothing happens
}

type events []event

func (h events) Len() int { return len(h) }
func (h events) Less(i, j int) bool {
	return h[i].at < h[j].at || h[i].at == h[j].at && h[i].seq < h[j].seq
}
func (h events) Swap(i, j int) { h[i], h[j] = h[j], h[i] }
func (h *events) Push(x any)   { *h = append(*h, x.(event)) }
func (h *events) Pop() any     { n := len(*h) - 1; x := (*h)[n]; *h = (*h)[:n]; return x }

func (w *world) Load(name string) *unit.Unit {
	if u := w.defs[name]; u != nil {
		return u
	}
	_, _, t, _ := unit.SplitName(name)
	return &unit.Unit{Name: name, Names: []string{name}, Type: t, Load: unit.NotFound, LoadText: "not found"}
}

func (w *world) Condition(_ *unit.Unit, c unit.Condition) (bool, string) {
	return c.Param == "true", "it is " + c.Param
}

func newWorld(seed uint64, defs map[string]*unit.Unit) *world {
	w := &world{
		defs: defs, rng: rand.New(rand.NewPCG(seed, 1)), nextPID: 100, procs: map[int]*proc{}, sockets: map[string]bool{},
		asked: map[Token]bool{}, now: Clock{Real: 1_700_000_000_000_000, Mono: 1_000_000, Boot: 1_000_000},
	}
	w.e = New(Config{System: true, Seed: seed}, w, w)
	return w
}

// after posts an event some time from now.
func (w *world) after(usec int64, ev Event) { w.post(usec, event{ev: ev}) }

func (w *world) afterDo(usec int64, f func() Event) { w.post(usec, event{do: f}) }

func (w *world) post(usec int64, x event) {
	w.seq++
	x.at, x.seq = w.now.Mono+usec, w.seq
	heap.Push(&w.due, x)
}

func (w *world) chance(percent int) bool { return w.rng.IntN(100) < percent }

func (w *world) fault(percent int) bool { return w.faults && w.chance(percent) }

func (w *world) delay(most int64) int64 { return 1 + w.rng.Int64N(most) }

// step gives the engine one event and acts on what it wants done.
func (w *world) step(ev Event) {
	w.steps++
	before := w.snapshot()
	w.answer(ev)
	w.note("> ", ev)
	effects := slices.Clone(w.e.Step(w.now, ev))
	for _, x := range effects {
		w.note("  ", x)
		w.perform(x)
	}
	w.check(before, effects)
	if w.cut != nil {
		w.cut(w)
	}
}

// answer ticks off the effect that an event answers.
func (w *world) answer(ev Event) {
	var t Token
	switch v := ev.(type) {
	case Spawned:
		t = v.Token
	case SpawnFailed:
		t = v.Token
	case SocketsOpened:
		t = v.Token
	case MainPIDFound:
		t = v.Token
	default:
		return
	}
	if _, waits := w.e.tokens[t]; !waits {
		w.complain("nobody waits for the answer to token %d", t)
	}
	delete(w.asked, t)
}

func (w *world) note(prefix string, x any) {
	if _, isReload := x.(Reload); isReload {
		x = "reload"
	}
	line := fmt.Sprintf("%s%d %T%+v", prefix, w.now.Mono, x, x)
	h := fnv.New64a()
	fmt.Fprintf(h, "%d%s", w.hash, line)
	w.hash = h.Sum64()
	if w.keep {
		w.trace = append(w.trace, line)
	}
}

// run goes on until nothing is due before the given time (or nothing at all).
func (w *world) run(until int64, most int) {
	for n := 0; n < most; n++ {
		if w.e.Pending() {
			w.step(Run{16})
			continue
		}
		d, timed := w.e.Deadline()
		switch {
		case timed && (len(w.due) == 0 || d.Mono < w.due[0].at):
			if d.Mono > until {
				return
			}
			w.advance(d.Mono)
			w.step(Tick{})
		case len(w.due) > 0:
			if w.due[0].at > until {
				return
			}
			x := heap.Pop(&w.due).(event)
			w.advance(x.at)
			if x.do != nil {
				x.ev = x.do()
			}
			if x.ev != nil {
				w.step(x.ev)
			}
		default:
			return
		}
	}
}

func (w *world) advance(to int64) {
	if to > w.now.Mono {
		d := to - w.now.Mono
		w.now.Mono += d
		w.now.Real += d
		w.now.Boot += d
	}
}

func (w *world) perform(x Effect) {
	switch v := x.(type) {
	case Spawn:
		w.spawn(v)
	case Kill:
		w.kill(v)
	case CheckEmpty:
		w.reportEmpty(v.Unit)
	case FindMainPID:
		w.asked[v.Token] = true
		w.afterDo(w.delay(500), func() Event { return w.findMain(v) })
	case OpenSockets:
		w.asked[v.Token] = true
		text := ""
		if w.fault(10) {
			text = "address already in use"
		}
		w.after(w.delay(100), SocketsOpened{v.Token, text})
	case WatchSockets:
		w.sockets[v.Unit] = v.On
		if v.On && w.chance(50) {
			w.afterDo(w.delay(2_000_000), func() Event {
				if w.sockets[v.Unit] {
					return Incoming{v.Unit}
				}
				return nil
			})
		}
	case CloseSockets:
		w.sockets[v.Unit] = false
	}
}

func (w *world) spawn(v Spawn) {
	w.asked[v.Token] = true
	if w.fault(5) {
		w.after(w.delay(100), SpawnFailed{Token: v.Token, Status: 203, Step: "run it", Text: "out of processes"})
		return
	}
	w.nextPID++
	p := &proc{pid: w.nextPID, unit: v.Unit, deaf: w.fault(15), immortal: w.fault(3)}
	w.afterDo(w.delay(100), func() Event {
		w.procs[p.pid] = p
		w.live(v, p)
		return Spawned{v.Token, p.pid}
	})
}

// live decides what a process does with its life.
func (w *world) live(v Spawn, p *proc) {
	d := w.defs[v.Unit]
	if w.fault(10) && !v.Main {
		return // a control process that hangs
	}
	if v.Notice && !w.fault(10) {
		w.afterDo(w.delay(100), func() Event { return w.alive(p, Execed{p.pid}) })
	}
	status := 0
	if w.fault(15) {
		status = 1
	}
	if !v.Main {
		if d.Type == unit.TypeService && d.Service.Type == unit.ServiceForking && v.Phase == ExecStart && status == 0 {
			w.fork(v.Unit)
		}
		w.exit(w.delay(5000), p, CLDExited, status)
		return
	}
	if d.Service.Watchdog > 0 && !w.fault(10) {
		w.ping(p)
	}
	switch d.Service.Type {
	case unit.ServiceOneshot:
		if !w.fault(10) {
			w.exit(w.delay(50_000), p, CLDExited, status)
		}
		return
	case unit.ServiceNotify, unit.ServiceNotifyReload:
		if !w.fault(10) {
			w.afterDo(w.delay(20_000), func() Event {
				return w.alive(p, Notify{Unit: p.unit, PID: p.pid, Fields: []Field{{"READY", "1"}}})
			})
		}
	case unit.ServiceSimple, unit.ServiceExec, unit.ServiceForking, unit.ServiceDBus, unit.ServiceIdle:
	}
	switch {
	case w.fault(20):
		w.exit(w.delay(3_000_000), p, CLDExited, status)
	case w.fault(10):
		w.exit(w.delay(3_000_000), p, CLDKilled, sigKILL)
	case w.fault(2):
		w.afterDo(w.delay(1_000_000), func() Event { return w.alive(p, OOMKilled{p.unit}) })
	}
}

// ping lets a process keep its watchdog quiet for as long as it lives.
func (w *world) ping(p *proc) {
	w.afterDo(9_000_000, func() Event {
		if p.dead {
			return nil
		}
		w.ping(p)
		return Notify{Unit: p.unit, PID: p.pid, Fields: []Field{{"WATCHDOG", "1"}}}
	})
}

func (w *world) alive(p *proc, ev Event) Event {
	if p.dead {
		return nil
	}
	return ev
}

// fork leaves a process behind that nobody waits for.
func (w *world) fork(name string) {
	w.nextPID++
	w.procs[w.nextPID] = &proc{pid: w.nextPID, unit: name, deaf: w.fault(10)}
}

func (w *world) exit(usec int64, p *proc, code ExitCode, status int) {
	w.afterDo(usec, func() Event {
		if p.dead {
			return nil
		}
		p.dead = true
		delete(w.procs, p.pid)
		w.reportEmpty(p.unit)
		return Exited{p.pid, code, status}
	})
}

func (w *world) inCgroup(name string) (pids []int) {
	for pid, p := range w.procs {
		if p.unit == name {
			pids = append(pids, pid)
		}
	}
	slices.Sort(pids)
	return pids
}

func (w *world) reportEmpty(name string) {
	w.afterDo(w.delay(50), func() Event {
		if len(w.inCgroup(name)) > 0 {
			return nil
		}
		return CgroupEmpty{name}
	})
}

func (w *world) kill(v Kill) {
	pids := slices.Clone(v.PIDs)
	if v.Group {
		pids = append(pids, w.inCgroup(v.Unit)...)
		w.reportEmpty(v.Unit)
	}
	slices.Sort(pids)
	for _, pid := range slices.Compact(pids) {
		p := w.procs[pid]
		if p != nil && v.Signal != sigHUP {
			p.killed = true
		}
		if p == nil || p.deaf && v.Signal != sigKILL && w.faults || v.Signal == sigHUP {
			continue
		}
		if p.immortal && w.faults {
			p.immortal = false
			w.exit(200_000_000, p, CLDKilled, v.Signal)
			continue
		}
		w.exit(w.delay(1000), p, CLDKilled, v.Signal)
	}
}

func (w *world) findMain(v FindMainPID) Event {
	pids := w.inCgroup(v.Unit)
	if len(pids) == 0 || w.fault(10) {
		return MainPIDFound{v.Token, 0, "there is none"}
	}
	return MainPIDFound{v.Token, pids[len(pids)-1], ""}
}

// calm ends all faults: whatever hangs ends, and what is started from now on behaves.
func (w *world) calm() {
	w.faults = false
	for _, pid := range slices.Sorted(mapKeys(w.procs)) {
		p := w.procs[pid]
		p.deaf, p.immortal = false, false
	}
}

func mapKeys[V any](m map[int]V) func(func(int) bool) {
	return func(yield func(int) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

func (w *world) complain(format string, args ...any) {
	w.bad = append(w.bad, fmt.Sprintf(format, args...))
}
