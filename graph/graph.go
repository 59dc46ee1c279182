// Package graph holds the dependencies between units, and puts things in order.
//
// A Graph stores every dependency at both of its ends, under its kind and its inverse, with the place that stated it. An Order
// is a small graph of precedences, made for one transaction: it finds cycles and waves. The package is pure: same calls, same
// answers, in the same order.
package graph

import (
	"sort"

	"davit/unit"
)

// Node numbers a unit within one Graph.
type Node int32

// Origin says why there is a dependency: the place that states it, or the rule that adds it (Rule is then "default" or
// "implicit", as systemd.unit(5) calls them). Origins are shared and never changed.
type Origin struct {
	unit.Position
	Rule string
}

// The origins of dependencies that no file states.
var (
	Default  = &Origin{Rule: "default"}
	Implicit = &Origin{Rule: "implicit"}
)

// Edge is a dependency seen from one end.
type Edge struct {
	Origin *Origin
	To     Node
	Kind   Kind
	ends   ends
}

// ends says which of the two units states an edge; both may.
type ends uint8

const (
	here ends = 1 << iota
	there
)

// Graph holds the dependencies of all loaded units.
type Graph struct {
	names []string
	nodes []node
	free  []Node
}

// node is one unit's edges, sorted by kind and then by the other's name, so that walking them is the same in every process.
type node struct {
	edges  []Edge
	sorted bool
}

// Grow adds a node.
func (g *Graph) Grow(name string) Node {
	if last := len(g.free) - 1; last >= 0 {
		n := g.free[last]
		g.free = g.free[:last]
		g.names[n] = name
		return n
	}
	g.names = append(g.names, name)
	g.nodes = append(g.nodes, node{sorted: true})
	return Node(len(g.nodes) - 1)
}

// Name returns the name that a node was added under.
func (g *Graph) Name(n Node) string { return g.names[n] }

// Len returns the number of nodes.
func (g *Graph) Len() int { return len(g.nodes) }

// Add states the dependency k of from on to. A dependency of a unit on itself is dropped.
func (g *Graph) Add(from Node, k Kind, to Node, o *Origin) {
	if from == to {
		return
	}
	g.add(from, Edge{Origin: o, To: to, Kind: k, ends: here})
	g.add(to, Edge{Origin: o, To: from, Kind: k.Inverse(), ends: there})
}

func (g *Graph) add(at Node, e Edge) {
	n := &g.nodes[at]
	n.edges = append(n.edges, e)
	n.sorted = len(n.edges) == 1
}

// Edges returns the edges of n of one kind, by the other's name. The caller must not keep it over a call of Add or Drop.
func (g *Graph) Edges(n Node, k Kind) []Edge {
	all := g.All(n)
	from := sort.Search(len(all), func(i int) bool { return all[i].Kind >= k })
	to := from
	for to < len(all) && all[to].Kind == k {
		to++
	}
	return all[from:to]
}

// All returns all edges of n, by kind and then by the other's name.
func (g *Graph) All(n Node) []Edge {
	if !g.nodes[n].sorted {
		g.arrange(n)
	}
	return g.nodes[n].edges
}

// Has reports whether n depends on to by k.
func (g *Graph) Has(n Node, k Kind, to Node) bool {
	_, ok := g.Find(n, k, to)
	return ok
}

// Find returns the edge of kind k from n to another node.
func (g *Graph) Find(n Node, k Kind, to Node) (Edge, bool) {
	edges := g.Edges(n, k)
	name := g.names[to]
	i := sort.Search(len(edges), func(i int) bool { return g.names[edges[i].To] >= name })
	if i < len(edges) && edges[i].To == to {
		return edges[i], true
	}
	return Edge{}, false
}

// Drop forgets what n states, as before its definition is read anew. What others state about n stays.
func (g *Graph) Drop(n Node) {
	for _, e := range g.All(n) {
		if e.ends&here != 0 {
			g.clear(e.To, e.Kind.Inverse(), n, there)
		}
	}
	for i := range g.nodes[n].edges {
		g.nodes[n].edges[i].ends &^= here
	}
	g.compact(n)
}

func (g *Graph) clear(at Node, k Kind, to Node, who ends) {
	edges := g.All(at)
	for i := range edges {
		if edges[i].Kind == k && edges[i].To == to {
			edges[i].ends &^= who
		}
	}
	g.compact(at)
}

func (g *Graph) compact(n Node) {
	edges := g.nodes[n].edges
	keep := edges[:0]
	for _, e := range edges {
		if e.ends != 0 {
			keep = append(keep, e)
		}
	}
	g.nodes[n].edges = keep
}

// arrange sorts a node's edges and merges those that both ends state; a place in a file explains more than a rule.
func (g *Graph) arrange(n Node) {
	edges := g.nodes[n].edges
	sort.SliceStable(edges, func(i, j int) bool {
		if edges[i].Kind != edges[j].Kind {
			return edges[i].Kind < edges[j].Kind
		}
		return g.names[edges[i].To] < g.names[edges[j].To]
	})
	keep := edges[:0]
	for _, e := range edges {
		last := len(keep) - 1
		if last < 0 || keep[last].Kind != e.Kind || keep[last].To != e.To {
			keep = append(keep, e)
			continue
		}
		keep[last].ends |= e.ends
		if keep[last].Origin.Rule != "" && e.Origin.Rule == "" {
			keep[last].Origin = e.Origin
		}
	}
	g.nodes[n].edges = keep
	g.nodes[n].sorted = true
}

// Stated reports whether the unit at the other end of the edge states it.
func (e Edge) Stated() bool { return e.ends&there != 0 }

// Remove takes a node with all its edges out; a later Grow may use its number again.
func (g *Graph) Remove(n Node) {
	for _, e := range g.All(n) {
		g.clear(e.To, e.Kind.Inverse(), n, here|there)
	}
	g.nodes[n] = node{sorted: true}
	g.names[n] = ""
	g.free = append(g.free, n)
}

// Forget drops one dependency at both its ends, whoever states it.
func (g *Graph) Forget(from Node, k Kind, to Node) {
	g.clear(from, k, to, here|there)
	g.clear(to, k.Inverse(), from, here|there)
}
