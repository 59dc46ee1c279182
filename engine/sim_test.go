package engine

import (
	"bytes"
	"flag"
	"fmt"
	"math/rand/v2"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"davit/unit"
)

var (
	simSeed   = flag.Uint64("sim.seed", 0, "run the simulation of this one seed, and print its trace")
	simGraphs = flag.Int("sim.graphs", 100, "how many random graphs to simulate")
	simUnits  = flag.Int("sim.units", 200, "the most units of one graph")
	simTime   = flag.Duration("sim.time", 0, "stop after this time even if graphs are left; 0 is never")
)

// TestSimulation boots random graphs under faults, with random requests, and holds the invariants after every step; then it ends
// the faults and demands that everything comes to rest. Each graph runs twice, the second time with its state cut and restored
// between steps: the traces have to be equal.
func TestSimulation(t *testing.T) {
	if *simSeed != 0 {
		w := simulate(*simSeed, *simUnits, false, true)
		t.Log(strings.Join(w.trace, "\n"))
		report(t, *simSeed, w, simulate(*simSeed, *simUnits, true, true))
		return
	}
	begin := time.Now()
	var next, steps atomic.Int64
	var workers sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			for {
				seed := uint64(next.Add(1))
				if seed > uint64(*simGraphs) || t.Failed() || *simTime > 0 && time.Since(begin) > *simTime {
					return
				}
				w := simulate(seed, *simUnits, false, false)
				report(t, seed, w, simulate(seed, *simUnits, true, false))
				steps.Add(int64(w.steps))
			}
		})
	}
	workers.Wait()
	t.Logf("%d graphs, %d steps in each of two runs, in %v", min(next.Load()-1, int64(*simGraphs)), steps.Load(), time.Since(begin).Round(time.Millisecond))
}

func report(t *testing.T, seed uint64, w, again *world) {
	t.Helper()
	for _, x := range []*world{w, again} {
		for i, complaint := range x.bad {
			if i < 5 {
				t.Errorf("seed %d: %s (go test ./engine -run TestSimulation -sim.seed=%d)", seed, complaint, seed)
			}
		}
	}
	if w.hash != again.hash {
		t.Errorf("seed %d: the trace changes when the state is cut and restored (go test ./engine -run TestSimulation -sim.seed=%d)%s", seed, seed, difference(w, again))
	}
}

func difference(a, b *world) string {
	for i := range a.trace {
		if i >= len(b.trace) || a.trace[i] != b.trace[i] {
			other := "(end)"
			if i < len(b.trace) {
				other = b.trace[i]
			}
			return fmt.Sprintf(", at line %d:\n%s\n%s", i, a.trace[i], other)
		}
	}
	return ""
}

// simulate runs one graph through faults, requests and the calm after them.
func simulate(seed uint64, most int, cut, keep bool) *world {
	g := &generator{rng: rand.New(rand.NewPCG(seed, 2))}
	w := newWorld(seed, g.graph(2+g.rng.IntN(most-1)))
	w.keep = keep
	w.faults = true
	if cut {
		scissors := rand.New(rand.NewPCG(seed, 3))
		w.cut = func(w *world) {
			if scissors.IntN(150) == 0 {
				w.restore()
			}
		}
	}
	w.step(Request{Token: 1, Verb: VerbStart, Unit: "default.target", By: Peer{UID: -1, PID: -1, Name: "boot"}})
	for range 15 {
		w.run(w.now.Mono+w.delay(3_000_000), 3000)
		w.step(g.request())
		if len(w.bad) > 0 {
			return w
		}
	}
	w.run(w.now.Mono+10_000_000, 5000)
	w.calm()
	w.run(w.now.Mono+400_000_000, 20_000)
	w.checkRest()
	w.step(Request{Token: 2, Verb: VerbStart, Unit: "shutdown.target", Mode: ModeReplaceIrreversibly, By: Peer{Name: "end"}})
	w.run(w.now.Mono+400_000_000, 20_000)
	w.checkRest()
	w.checkStopped()
	return w
}

// restore replaces the engine by one that was made from its state.
func (w *world) restore() {
	state, err := w.e.Marshal()
	if err != nil {
		w.complain("cannot marshal: %v", err)
		return
	}
	e := New(w.e.cfg, w, w)
	if err := e.Unmarshal(state); err != nil {
		w.complain("cannot unmarshal: %v", err)
		return
	}
	back, err := e.Marshal()
	if err != nil || !bytes.Equal(state, back) {
		at := 0
		for at < min(len(state), len(back)) && state[at] == back[at] {
			at++
		}
		w.complain("the restored state is another one: %v\n%s\n%s", err, state[max(0, at-200):min(len(state), at+200)], back[max(0, at-200):min(len(back), at+200)])
	}
	w.e = e
}

// checkRest is liveness: with no faults left nothing is pending.
func (w *world) checkRest() {
	if len(w.bad) > 0 {
		return
	}
	for _, j := range w.e.Jobs() {
		b := ""
		if o := w.e.Blocker(j); o != nil {
			b = " for " + o.Unit.ID + "/" + o.Type.String()
		}
		w.complain("job %d %s/%s is left over, %s%s; the unit is %s", j.ID, j.Unit.ID, j.Type, j.State, b, j.Unit.SubState())
	}
	for t, x := range w.e.tokens {
		w.complain("token %d of %s was never answered", t, x.unit.ID)
	}
}

// checkStopped holds after shutdown: no unit that conflicts with it is up, and no process is left.
func (w *world) checkStopped() {
	if len(w.bad) > 0 {
		return
	}
	if u := w.e.Unit("shutdown.target"); u == nil || !u.ActiveState().up() {
		w.complain("shutdown.target was not reached")
	}
	for pid, p := range w.procs {
		if k := w.defs[p.unit].Kill; k.KillMode == unit.KillControlGroup {
			w.complain("process %d of %s outlives the shutdown", pid, p.unit)
		}
	}
}

// generator makes graphs and requests out of one source of chance.
type generator struct {
	rng     *rand.Rand
	names   []string
	upholds bool // some units uphold others; none conflict then, for that could go on for ever
}

func (g *generator) chance(percent int) bool { return g.rng.IntN(100) < percent }

func (g *generator) graph(n int) map[string]*unit.Unit {
	defs := map[string]*unit.Unit{}
	g.upholds = g.chance(30)
	for _, special := range []string{"sysinit.target", "basic.target", "shutdown.target", "default.target", "sockets.target"} {
		defs[special] = g.plain(special, unit.TypeTarget)
	}
	for _, slice := range []string{"-.slice", "system.slice"} {
		defs[slice] = g.plain(slice, unit.TypeSlice)
	}
	defs["-.slice"].Perpetual = true
	sysinit, basic, def := defs["sysinit.target"], defs["basic.target"], defs["default.target"]
	sysinit.Common.DefaultDependencies = false
	defs["shutdown.target"].Common.DefaultDependencies = false
	defs["shutdown.target"].Common.AllowIsolate = true
	depend(basic, unit.Requires, "sysinit.target")
	depend(basic, unit.Wants, "sockets.target")
	depend(def, unit.Requires, "basic.target")
	def.Common.AllowIsolate = true
	for i := range n {
		u := g.unit(i)
		defs[u.Name] = u
		g.names = append(g.names, u.Name)
	}
	for _, name := range g.names {
		g.depend(defs[name])
		if g.chance(70) {
			depend(def, unit.Wants, name)
		}
	}
	return defs
}

func (g *generator) plain(name string, t unit.Type) *unit.Unit {
	return &unit.Unit{
		Name: name, Names: []string{name}, Type: t, Load: unit.Loaded,
		Common: &unit.Common{
			DefaultDependencies: true, StartLimitInterval: 10 * unit.Second, StartLimitBurst: 5, JobTimeout: unit.Infinity, JobRunningTimeout: unit.Infinity,
			OnFailureJobMode: unit.JobReplace, OnSuccessJobMode: unit.JobFail,
		},
		Resources: &unit.Resources{}, Exec: &unit.Exec{},
		Kill: &unit.Kill{KillSignal: sigTERM, SendSIGKILL: true, FinalKillSignal: sigKILL, WatchdogSignal: sigABRT},
	}
}

func depend(u *unit.Unit, k unit.DependencyKind, target string) {
	u.Dependencies = append(u.Dependencies, unit.Dependency{Kind: k, Target: target, At: unit.Position{Path: "/" + u.Name, Line: len(u.Dependencies) + 2}})
}

func (g *generator) unit(i int) *unit.Unit {
	switch {
	case g.chance(10):
		return g.plain(fmt.Sprintf("u%03d.target", i), unit.TypeTarget)
	case g.chance(8):
		return g.socket(i)
	}
	u := g.plain(fmt.Sprintf("u%03d.service", i), unit.TypeService)
	types := []unit.ServiceType{unit.ServiceSimple, unit.ServiceExec, unit.ServiceForking, unit.ServiceOneshot, unit.ServiceNotify}
	s := &unit.Service{
		Type: types[g.rng.IntN(len(types))], TimeoutStart: 5 * unit.Second, TimeoutStop: 5 * unit.Second, TimeoutAbort: 5 * unit.Second,
		RestartDelay: 100 * unit.Millisecond, RuntimeMax: unit.Infinity, RestartMaxDelay: unit.Infinity, NotifyAccess: unit.NotifyMain,
		OOMPolicy: unit.OOMStop, GuessMainPID: true, Restart: unit.Restart(g.rng.IntN(7)), ReloadSignal: sigHUP,
	}
	s.ExecStart = g.commands(1)
	if s.Type == unit.ServiceOneshot {
		s.Restart = unit.RestartNo
		s.ExecStart = g.commands(1 + g.rng.IntN(3))
		s.RemainAfterExit = g.chance(60)
	}
	for _, list := range []*[]unit.Command{&s.ExecCondition, &s.ExecStartPre, &s.ExecStartPost, &s.ExecReload, &s.ExecStop, &s.ExecStopPost} {
		if g.chance(12) {
			*list = g.commands(1 + g.rng.IntN(2))
		}
	}
	if g.chance(10) {
		s.Watchdog = 20 * unit.Second
	}
	if g.chance(5) && !g.upholds {
		s.RuntimeMax, s.Restart = 3*unit.Second, unit.RestartNo // with a restart it would never come to rest
	}
	u.Kill.KillMode = []unit.KillMode{unit.KillControlGroup, unit.KillControlGroup, unit.KillMixed}[g.rng.IntN(3)]
	if g.chance(10) {
		u.Common.JobTimeout = unit.Timespan(1+g.rng.IntN(10)) * unit.Second
	}
	if g.chance(8) {
		u.Common.Conditions = []unit.Condition{{Kind: unit.ConditionHost, Param: fmt.Sprint(g.chance(50)), Negate: g.chance(50)}}
	}
	u.Common.StopWhenUnneeded = g.chance(5)
	u.Service = s
	return u
}

func (g *generator) commands(n int) []unit.Command {
	c := make([]unit.Command, n)
	for i := range c {
		c[i] = unit.Command{Path: "/bin/x", Args: []string{"/bin/x"}, IgnoreFailure: g.chance(15)}
	}
	return c
}

// socket makes a socket unit for the service before it, or for one that does not exist.
func (g *generator) socket(i int) *unit.Unit {
	u := g.plain(fmt.Sprintf("u%03d.socket", i), unit.TypeSocket)
	u.Socket = &unit.Socket{Timeout: 5 * unit.Second, TriggerLimitInterval: 2 * unit.Second, TriggerLimitBurst: 20}
	u.Socket.Service.Value = fmt.Sprintf("u%03d.service", max(0, i-1))
	return u
}

// depend gives a unit dependencies, mostly on those before it; some go the other way, and close cycles.
func (g *generator) depend(u *unit.Unit) {
	kinds := []unit.DependencyKind{
		unit.Requires, unit.Wants, unit.Wants, unit.After, unit.After, unit.After, unit.Before, unit.BindsTo, unit.PartOf, unit.Conflicts,
		unit.Requisite, unit.OnFailure, unit.OnSuccess, unit.Upholds, unit.PropagatesStopTo, unit.PropagatesReloadTo,
	}
	index := 0
	fmt.Sscanf(u.Name[1:], "%d", &index)
	for range g.rng.IntN(5) {
		k := kinds[g.rng.IntN(len(kinds))]
		if (k == unit.Conflicts || k == unit.Upholds || k == unit.Requisite || k == unit.OnSuccess) && !g.chance(20) {
			continue
		}
		if k == unit.Conflicts && g.upholds || k == unit.Upholds && !g.upholds {
			continue
		}
		target := g.names[g.rng.IntN(len(g.names))]
		if index > 0 && !g.chance(5) {
			target = g.names[g.rng.IntN(min(index, len(g.names)))]
		}
		depend(u, k, target)
		if (k == unit.Requires || k == unit.Wants || k == unit.BindsTo) && g.chance(70) {
			depend(u, unit.After, target)
		}
	}
}

func (g *generator) request() Event {
	name := "default.target"
	if !g.chance(10) {
		name = g.names[g.rng.IntN(len(g.names))]
	}
	r := Request{Token: Token(1000 + g.rng.IntN(1000)), Unit: name, Verb: Verb(g.rng.IntN(int(NumVerbs))), By: Peer{UID: 0, PID: 4242}}
	switch {
	case g.chance(5):
		return ResetFailed{Token: 5}
	case g.chance(4):
		return Cancel{Token: 6, ID: uint32(g.rng.IntN(300))}
	case g.chance(3):
		r.Unit, r.Verb, r.Mode = "default.target", VerbStart, ModeIsolate
	case g.chance(30):
		r.Mode = []Mode{ModeFail, ModeIgnoreDependencies, ModeIgnoreRequirements, ModeFlush}[g.rng.IntN(4)]
	}
	return r
}
