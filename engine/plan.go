package engine

import (
	"slices"

	"davit/graph"
)

// Plan is what a request would do, as of now: the jobs of its transaction in waves. Wave n+1 holds the jobs all of whose
// predecessors are in waves up to n; the waves are no barrier when the jobs run.
type Plan struct {
	Unit    string      `json:"unit"`
	Verb    string      `json:"verb"`
	Mode    string      `json:"mode"`
	Waves   [][]Planned `json:"waves"`
	Dropped []Given     `json:"dropped,omitempty"`
	Error   string      `json:"error,omitempty"`
}

// Planned is one job of a plan.
type Planned struct {
	Unit      string   `json:"unit"`
	Type      string   `json:"type"`
	Because   *Link    `json:"because,omitempty"`   // what pulls it in; nothing does for the job that was asked for
	After     []string `json:"after,omitempty"`     // the units of the plan whose jobs come directly before
	Installed bool     `json:"installed,omitempty"` // the job is there already, and not part of this transaction
	Skipped   string   `json:"skipped,omitempty"`   // the condition or assert that does not hold at present
}

// Link is a dependency with the place that states it.
type Link struct {
	Kind string `json:"kind"`
	From string `json:"from"`
	File string `json:"file,omitempty"`
	Line int    `json:"line,omitempty"`
	Rule string `json:"rule,omitempty"` // default or implicit, when no file states it
}

// Given is a job that a plan gave up, and why.
type Given struct {
	Unit string `json:"unit"`
	Type string `json:"type"`
	Text string `json:"text"`
}

// Plan returns what a request would do, and does none of it; it only loads what has to be known.
func (e *Engine) Plan(name string, v Verb, m Mode) Plan {
	u := e.Load(name)
	p := Plan{Unit: u.ID, Verb: v.String(), Mode: m.String()}
	t, err := e.draft(u, v.jobType(u), m, true)
	if err != nil {
		p.Error = err.Text
		return p
	}
	p.Waves = t.waves()
	for _, c := range t.cycles {
		p.Dropped = append(p.Dropped, Given{c.Unit, c.Type.String(), "to break the ordering cycle " + c.Text})
	}
	for _, d := range t.dropped {
		if !slices.ContainsFunc(p.Dropped, func(g Given) bool { return g.Unit == d.Unit }) {
			p.Dropped = append(p.Dropped, Given{d.Unit, d.Type.String(), d.Text})
		}
	}
	return p
}

func (t *transaction) waves() [][]Planned {
	steps, pairs := t.precedences()
	if t.ignoreOrder {
		pairs = nil
	}
	before := make([][]string, len(steps))
	for _, p := range pairs {
		before[p[1]] = append(before[p[1]], steps[p[0]].unit.ID)
	}
	var waves [][]Planned
	for _, wave := range graph.NewOrder(len(steps), pairs).Waves() {
		planned := make([]Planned, len(wave))
		for i, n := range wave {
			slices.Sort(before[n])
			planned[i] = t.planned(steps[n], slices.Compact(before[n]))
		}
		slices.SortFunc(planned, func(a, b Planned) int { return compare(a.Unit, b.Unit) })
		waves = append(waves, planned)
	}
	return waves
}

func (t *transaction) planned(s step, after []string) Planned {
	p := Planned{Unit: s.unit.ID, Type: s.typ.String(), After: after, Installed: s.en == nil}
	if s.en == nil {
		return p
	}
	for _, by := range s.en.jobs[0].by {
		if by.from != nil && len(by.from.jobs) > 0 {
			p.Because = linkOf(by.kind, by.from.unit.ID, by.origin)
			break
		}
	}
	if c := s.unit.Def.Common; c != nil && s.typ == JobStart && s.unit.ActiveState().down() {
		for _, list := range [...]int{0, 1} {
			conditions := c.Conditions
			if list == 1 {
				conditions = c.Asserts
			}
			if ok, why := t.e.test(s.unit, conditions); !ok && p.Skipped == "" {
				p.Skipped = why
			}
		}
	}
	return p
}

func linkOf(k graph.Kind, from string, o *graph.Origin) *Link {
	l := &Link{Kind: k.String(), From: from}
	if o != nil {
		l.File, l.Line, l.Rule = o.Path, o.Line, o.Rule
	}
	return l
}
