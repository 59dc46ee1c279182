package graph

import (
	"math/rand/v2"
	"slices"
	"testing"

	"davit/unit"
)

func TestInverse(t *testing.T) {
	for k := Kind(0); k < NumKinds; k++ {
		if k.Inverse() == k || k.Inverse().Inverse() != k {
			t.Errorf("%s: its inverse is %s, whose inverse is %s", k, k.Inverse(), k.Inverse().Inverse())
		}
	}
	for d := unit.DependencyKind(0); d < unit.NumDependencyKinds; d++ {
		if KindOf(d) == 0 && d != unit.Requires {
			t.Errorf("directive %d has no kind", d)
		}
	}
}

func TestAddSeesBothEnds(t *testing.T) {
	var g Graph
	a, b, c := g.Grow("a.service"), g.Grow("b.service"), g.Grow("c.service")
	file := &Origin{Position: unit.Position{Path: "/a.service", Line: 3}}
	g.Add(a, Requires, c, Default)
	g.Add(a, Requires, b, Default)
	g.Add(a, Requires, b, file)
	g.Add(a, After, a, file)
	if got := targets(&g, a, Requires); !slices.Equal(got, []string{"b.service", "c.service"}) {
		t.Errorf("a requires %v", got)
	}
	if got := targets(&g, b, RequiredBy); !slices.Equal(got, []string{"a.service"}) {
		t.Errorf("b is required by %v", got)
	}
	if e, ok := g.Find(a, Requires, b); !ok || e.Origin != file {
		t.Errorf("the edge is explained by %+v, not by the file", e.Origin)
	}
	if g.Has(a, After, a) {
		t.Error("a unit depends on itself")
	}
}

func targets(g *Graph, n Node, k Kind) (names []string) {
	for _, e := range g.Edges(n, k) {
		names = append(names, g.Name(e.To))
	}
	return names
}

func TestDropKeepsWhatOthersState(t *testing.T) {
	var g Graph
	a, b := g.Grow("a.service"), g.Grow("b.service")
	g.Add(a, After, b, Default)
	g.Add(b, Before, a, Default)
	g.Add(a, Wants, b, Default)
	g.Drop(a)
	if !g.Has(a, After, b) || !g.Has(b, Before, a) {
		t.Error("what b states about a is gone")
	}
	if g.Has(a, Wants, b) || g.Has(b, WantedBy, a) {
		t.Error("what a states is still there")
	}
	g.Drop(b)
	if len(g.All(a)) != 0 || len(g.All(b)) != 0 {
		t.Error("edges are left that nobody states")
	}
}

func TestRemoveFreesTheNumber(t *testing.T) {
	var g Graph
	a, b := g.Grow("a.service"), g.Grow("b.service")
	g.Add(a, Wants, b, Default)
	g.Remove(a)
	if len(g.All(b)) != 0 {
		t.Error("an edge to a removed unit is left")
	}
	if c := g.Grow("c.service"); c != a || g.Name(c) != "c.service" || len(g.All(c)) != 0 {
		t.Error("the number is not used again, or not clean")
	}
}

func TestWaves(t *testing.T) {
	o := NewOrder(5, [][2]int32{{0, 1}, {1, 2}, {0, 2}, {3, 2}, {0, 1}})
	want := [][]int32{{0, 3, 4}, {1}, {2}}
	if got := o.Waves(); !slices.EqualFunc(got, want, slices.Equal[[]int32]) {
		t.Errorf("waves are %v, want %v", got, want)
	}
	if o.Cycle() != nil {
		t.Error("there is no cycle")
	}
}

func TestCycleIsTheSmallestShortest(t *testing.T) {
	pairs := [][2]int32{{4, 5}, {5, 4}, {1, 2}, {2, 3}, {3, 1}, {2, 1}, {0, 1}}
	for range 20 {
		rand.Shuffle(len(pairs), func(i, j int) { pairs[i], pairs[j] = pairs[j], pairs[i] })
		o := NewOrder(6, pairs)
		if o.Waves() != nil {
			t.Fatal("waves of a cycle")
		}
		if got := o.Cycle(); !slices.Equal(got, []int32{1, 2}) {
			t.Fatalf("the cycle is %v", got)
		}
	}
}

// TestWavesAreLayers compares with the definition, on random orders.
func TestWavesAreLayers(t *testing.T) {
	for seed := range uint64(200) {
		rng := rand.New(rand.NewPCG(seed, 0))
		n := 1 + rng.IntN(60)
		var pairs [][2]int32
		for range rng.IntN(4 * n) {
			a, b := rng.IntN(n), rng.IntN(n)
			if a < b {
				pairs = append(pairs, [2]int32{int32(a), int32(b)})
			}
		}
		depth := make([]int, n)
		for i, w := range NewOrder(n, pairs).Waves() {
			for _, x := range w {
				depth[x] = i
			}
		}
		for v := range n {
			want := 0
			for _, p := range pairs {
				if int(p[1]) == v {
					want = max(want, depth[p[0]]+1)
				}
			}
			if depth[v] != want {
				t.Fatalf("seed %d: %d is in wave %d, want %d", seed, v, depth[v], want)
			}
		}
	}
}

func BenchmarkWaves(b *testing.B) {
	const n = 10_000
	rng := rand.New(rand.NewPCG(1, 0))
	var pairs [][2]int32
	for range 5 * n {
		x, y := rng.IntN(n), rng.IntN(n)
		if x != y {
			pairs = append(pairs, [2]int32{int32(min(x, y)), int32(max(x, y))})
		}
	}
	for b.Loop() {
		NewOrder(n, pairs).Waves()
	}
}
