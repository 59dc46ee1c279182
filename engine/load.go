package engine

import (
	"davit/graph"
	"davit/unit"
)

// load returns the unit of that name, with all that it refers to, transitively.
func (e *Engine) load(name string) *Unit {
	u := e.named(name)
	e.loadReferred()
	return u
}

// named returns the unit of that name; a new one still lacks its dependencies.
func (e *Engine) named(name string) *Unit {
	if u := e.units[name]; u != nil {
		return u
	}
	def := e.source.Load(name)
	u := e.units[def.Name]
	if u == nil {
		u = e.add(def)
	}
	e.units[name] = u
	return u
}

func (e *Engine) add(def *unit.Unit) *Unit {
	u := &Unit{ID: def.Name, Def: def, e: e, node: e.graph.Grow(def.Name)}
	if int(u.node) == len(e.nodes) {
		e.nodes = append(e.nodes, u)
	} else {
		e.nodes[u.node] = u
	}
	u.kind = newKind(u)
	for _, n := range def.Names {
		if e.units[n] == nil {
			e.units[n] = u
		}
	}
	e.units[def.Name] = u
	e.toLoad = append(e.toLoad, u)
	e.do(UnitNew{u.ID})
	return u
}

// loadReferred loads until everything that is referred to is there, then adds the order between targets and what they pull in.
func (e *Engine) loadReferred() {
	for len(e.toLoad) > 0 {
		fresh := e.toLoad
		e.toLoad = nil
		for _, u := range fresh {
			e.link(u)
		}
		for _, u := range fresh {
			e.orderTargets(u)
			e.mark(u, markCollect|markUphold)
		}
	}
}

// link adds u's dependencies to the graph.
func (e *Engine) link(u *Unit) {
	for i := range u.Def.Dependencies {
		d := &u.Def.Dependencies[i]
		e.graph.Add(u.node, graph.KindOf(d.Kind), e.named(d.Target).node, e.origin(d.At))
	}
	for _, d := range graph.Defaults(u.Def, e.cfg.System) {
		e.graph.Add(u.node, d.Kind, e.named(d.Target).node, d.Origin)
	}
}

func (e *Engine) origin(at unit.Position) *graph.Origin { return &graph.Origin{Position: at} }

// orderTargets lets a target come after what it pulls in, as systemd.target(5) says, unless one of the two wants no default
// dependencies or there is an order already. Both ends may be the one that is loaded last.
func (e *Engine) orderTargets(u *Unit) {
	if u.Def.Type == unit.TypeTarget {
		for _, k := range [...]graph.Kind{graph.Wants, graph.Requires, graph.Requisite, graph.BindsTo, graph.PartOf, graph.Upholds} {
			for _, x := range append([]graph.Edge(nil), u.Edges(k)...) {
				e.orderTarget(u, e.nodes[x.To])
			}
		}
	}
	for _, k := range [...]graph.Kind{graph.WantedBy, graph.RequiredBy, graph.RequisiteOf, graph.BoundBy, graph.ConsistsOf, graph.UpheldBy} {
		for _, x := range append([]graph.Edge(nil), u.Edges(k)...) {
			if t := e.nodes[x.To]; t.Def.Type == unit.TypeTarget {
				e.orderTarget(t, u)
			}
		}
	}
}

func (e *Engine) orderTarget(target, u *Unit) {
	if !wantsDefaults(target) || !wantsDefaults(u) {
		return
	}
	// Asked at u's end: a target may have thousands of edges.
	if e.graph.Has(u.node, graph.After, target.node) || e.graph.Has(u.node, graph.Before, target.node) {
		return
	}
	e.graph.Add(target.node, graph.After, u.node, graph.Default)
}

func wantsDefaults(u *Unit) bool {
	return u.loaded() && u.Def.Common != nil && u.Def.Common.DefaultDependencies
}

// reload replaces the definitions by those of a new view. Units that did not change keep everything; those that did keep their
// state and get new dependencies.
func (e *Engine) reload(r Reload) {
	e.source = r.Source
	for _, u := range e.Units() {
		def := e.source.Load(u.ID)
		if def == u.Def || def.Name != u.ID {
			continue
		}
		e.redefine(u, def)
	}
	e.loadReferred()
	e.do(Reply{Token: r.Token})
}

func (e *Engine) redefine(u *Unit, def *unit.Unit) {
	if def.Load == unit.NotFound && !u.ActiveState().down() {
		u.Def = vanished(u.Def, def)
	} else {
		u.Def = def
	}
	for _, n := range def.Names {
		if e.units[n] == nil {
			e.units[n] = u
		}
	}
	e.graph.Drop(u.node)
	e.toLoad = append(e.toLoad, u)
	e.mark(u, markChanged|markCollect|markUnneeded|markUphold|markBound)
}

// vanished is the definition of a unit that runs although its file is gone: it can still be stopped as it was meant to.
func vanished(old, now *unit.Unit) *unit.Unit {
	kept := *old
	kept.Load, kept.LoadText, kept.Dependencies = now.Load, now.LoadText, nil
	return &kept
}
