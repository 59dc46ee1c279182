package graph

import (
	"slices"

	gonum "gonum.org/v1/gonum/graph"
	"gonum.org/v1/gonum/graph/iterator"
	"gonum.org/v1/gonum/graph/topo"
)

// Order is a graph of precedences between n things, numbered from 0, in compressed rows. It is a gonum graph.Directed.
type Order struct {
	nodes []gonum.Node
	to    rows // successors
	from  rows // predecessors
}

type rows struct {
	start []int32
	node  []gonum.Node
	id    []int32
}

type place int32

// ID makes a place a gonum node.
func (p place) ID() int64 { return int64(p) }

// NewOrder makes the order of n things in which each pair's first comes before its second. Pairs may repeat.
func NewOrder(n int, pairs [][2]int32) *Order {
	o := &Order{nodes: make([]gonum.Node, n)}
	for i := range o.nodes {
		o.nodes[i] = place(i) // boxed once: topo asks for nodes very often
	}
	o.to = o.pack(pairs, 0, 1)
	o.from = o.pack(pairs, 1, 0)
	return o
}

func (o *Order) pack(pairs [][2]int32, key, value int) rows {
	r := rows{start: make([]int32, len(o.nodes)+1), id: make([]int32, len(pairs)), node: make([]gonum.Node, len(pairs))}
	for _, p := range pairs {
		r.start[p[key]+1]++
	}
	for i := 1; i < len(r.start); i++ {
		r.start[i] += r.start[i-1]
	}
	next := slices.Clone(r.start)
	for _, p := range pairs {
		at := next[p[key]]
		next[p[key]]++
		r.id[at] = p[value]
		r.node[at] = o.nodes[p[value]]
	}
	return r
}

func (r rows) of(n int64) []int32 { return r.id[r.start[n]:r.start[n+1]] }
func (r rows) nodes(n int64) gonum.Nodes {
	return iterator.NewOrderedNodes(r.node[r.start[n]:r.start[n+1]])
}

// Node, Nodes, From, To, HasEdgeBetween, HasEdgeFromTo and Edge are gonum's graph.Directed.
func (o *Order) Node(id int64) gonum.Node { return o.nodes[id] }

// Nodes returns all nodes.
func (o *Order) Nodes() gonum.Nodes { return iterator.NewOrderedNodes(o.nodes) }

// From returns the successors of id.
func (o *Order) From(id int64) gonum.Nodes { return o.to.nodes(id) }

// To returns the predecessors of id.
func (o *Order) To(id int64) gonum.Nodes { return o.from.nodes(id) }

// HasEdgeFromTo reports whether u comes directly before v.
func (o *Order) HasEdgeFromTo(u, v int64) bool { return slices.Contains(o.to.of(u), int32(v)) }

// HasEdgeBetween reports whether either comes directly before the other.
func (o *Order) HasEdgeBetween(u, v int64) bool {
	return o.HasEdgeFromTo(u, v) || o.HasEdgeFromTo(v, u)
}

// Edge returns the precedence of u over v, nil when there is none.
func (o *Order) Edge(u, v int64) gonum.Edge {
	if !o.HasEdgeFromTo(u, v) {
		return nil
	}
	return precedence{o.nodes[u], o.nodes[v]}
}

type precedence struct{ f, t gonum.Node }

// From, To and ReversedEdge are gonum's graph.Edge.
func (p precedence) From() gonum.Node { return p.f }

// To returns the later end.
func (p precedence) To() gonum.Node { return p.t }

// ReversedEdge swaps the ends.
func (p precedence) ReversedEdge() gonum.Edge { return precedence{p.t, p.f} }

// Waves returns the layers of the order: wave n+1 holds the things all of whose predecessors are in waves up to n, each wave
// sorted. It returns nil when there is a cycle; ask Cycle then.
func (o *Order) Waves() [][]int32 {
	sorted, err := topo.SortStabilized(o, nil)
	if err != nil {
		return nil
	}
	depth := make([]int, len(o.nodes))
	var waves [][]int32
	for _, n := range sorted {
		id := n.ID()
		for _, p := range o.from.of(id) {
			depth[id] = max(depth[id], depth[p]+1)
		}
		for len(waves) <= depth[id] {
			waves = append(waves, nil)
		}
		waves[depth[id]] = append(waves[depth[id]], int32(id))
	}
	for _, w := range waves {
		slices.Sort(w)
	}
	return waves
}

// Cycle returns one cycle, in order, starting at its smallest member, or nil. The same order always has the same answer: the
// shortest way round from the smallest node that lies on any cycle.
func (o *Order) Cycle() []int32 {
	component := map[int32]bool{}
	least := int32(-1)
	for _, c := range topo.TarjanSCC(o) {
		low, looped := smallest(c), len(c) > 1
		if !looped || (least >= 0 && low > least) {
			continue
		}
		least, component = low, map[int32]bool{}
		for _, n := range c {
			component[int32(n.ID())] = true
		}
	}
	if least < 0 {
		return nil
	}
	return o.roundTrip(least, component)
}

func smallest(c []gonum.Node) int32 {
	low := c[0].ID()
	for _, n := range c {
		low = min(low, n.ID())
	}
	return int32(low)
}

// roundTrip is a breadth-first search from start back to start within one strongly connected component.
func (o *Order) roundTrip(start int32, within map[int32]bool) []int32 {
	before := map[int32]int32{}
	for queue := []int32{start}; len(queue) > 0; queue = queue[1:] {
		at := queue[0]
		next := slices.Sorted(slices.Values(o.to.of(int64(at))))
		for _, n := range next {
			if n == start {
				return wayTo(at, start, before)
			}
			if _, seen := before[n]; !seen && within[n] {
				before[n] = at
				queue = append(queue, n)
			}
		}
	}
	return nil
}

func wayTo(end, start int32, before map[int32]int32) []int32 {
	way := []int32{end}
	for end != start {
		end = before[end]
		way = append(way, end)
	}
	slices.Reverse(way)
	return way
}
