package engine

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"davit/unit"
)

// flat returns n simple services that default.target wants.
func flat(n int) map[string]*unit.Unit {
	g := &generator{rng: rand.New(rand.NewPCG(1, 2))}
	defs := g.graph(0)
	for i := range n {
		name := fmt.Sprintf("s%05d.service", i)
		u := g.plain(name, unit.TypeService)
		u.Service = &unit.Service{
			Type: unit.ServiceSimple, TimeoutStart: 90 * unit.Second, TimeoutStop: 90 * unit.Second, RuntimeMax: unit.Infinity,
			NotifyAccess: unit.NotifyNone, ExecStart: g.commands(1),
		}
		defs[name] = u
		depend(defs["default.target"], unit.Wants, name)
	}
	return defs
}

// BenchmarkStart is the engine's share of starting 5,000 services: load, transaction, jobs, states; per service.
func BenchmarkStart(b *testing.B) {
	const n = 5000
	defs := flat(n)
	b.ReportAllocs()
	for b.Loop() {
		w := newWorld(1, defs)
		pid := 100
		var todo []Event
		todo = append(todo, Request{Token: 1, Verb: VerbStart, Unit: "default.target"})
		for len(todo) > 0 || w.e.Pending() {
			next := Event(Run{16})
			if len(todo) > 0 {
				next, todo = todo[0], todo[1:]
			}
			for _, x := range w.e.Step(w.now, next) {
				if s, ok := x.(Spawn); ok {
					pid++
					todo = append(todo, Spawned{s.Token, pid})
				}
			}
		}
		if !w.e.Unit("default.target").ActiveState().up() {
			b.Fatal("not started")
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/service")
}
