package ctl

import (
	"slices"
	"strings"
)

// dependencyProperties are what list-dependencies follows, by the option that is given.
func (c *command) dependencyProperties() []string {
	switch {
	case c.opt.after:
		return []string{"After"}
	case c.opt.before:
		return []string{"Before"}
	case c.opt.reverse:
		return []string{"RequiredBy", "RequisiteOf", "WantedBy", "PartOf", "BoundBy", "UpheldBy"}
	}
	return []string{"Requires", "Requisite", "Wants", "ConsistsOf", "BindsTo", "Upholds"}
}

// dependencies are the names that a unit's dependencies lead to, sorted.
func (c *command) dependencies(name string) ([]string, error) {
	p, err := c.properties(unitPath(name), unitIface)
	if err != nil {
		return nil, failedTo(err, "Failed to get properties of %s", name)
	}
	var out []string
	for _, k := range c.dependencyProperties() {
		out = append(out, p.list(k)...)
	}
	slices.Sort(out)
	return slices.Compact(out), nil
}

// node is one unit in the tree of list-dependencies, for --json.
type node struct {
	Unit         string  `json:"unit"`
	Active       string  `json:"active"`
	Dependencies []*node `json:"dependencies,omitempty"`
	Repeated     bool    `json:"repeated,omitempty"`
}

// forest walks dependencies. What a unit was expanded to once is kept.
type forest struct {
	c     *command
	state map[string]string
	deps  map[string][]string
	flat  []string
}

// runListDependencies prints what units depend on, as a tree.
func runListDependencies(c *command, args []string) error {
	if len(args) == 0 {
		args = []string{"default.target"}
	}
	names, err := c.expand(args, ".service")
	if err != nil {
		return err
	}
	all, err := c.units(nil)
	if err != nil {
		return err
	}
	f := &forest{c: c, state: map[string]string{}, deps: map[string][]string{}}
	for _, u := range all {
		f.state[u.Unit] = u.Active
	}
	trees := []*node{}
	for i, name := range names {
		if i > 0 {
			c.printf("\n")
		}
		c.printf("%s\n", name)
		n := &node{Unit: name, Active: f.state[name]}
		if err := f.grow(n, nil, nil); err != nil {
			return err
		}
		trees = append(trees, n)
	}
	c.result = trees
	return nil
}

// grow prints and collects what is below n. up are the units above, last tells for each level whether more follows.
func (f *forest) grow(n *node, up []string, more []bool) error {
	deps, ok := f.deps[n.Unit]
	if !ok {
		var err error
		if deps, err = f.c.dependencies(n.Unit); err != nil {
			return err
		}
		f.deps[n.Unit] = deps
	}
	up = append(up, n.Unit)
	var list []string
	for _, d := range deps {
		if len(f.c.opt.types) > 0 && !slices.Contains(f.c.opt.types, suffix(d)) {
			continue
		}
		if f.c.opt.plain && slices.Contains(f.flat, d) {
			continue
		}
		list = append(list, d)
	}
	for i, d := range list {
		child := &node{Unit: d, Active: f.state[d]}
		n.Dependencies = append(n.Dependencies, child)
		levels := append(slices.Clone(more), i < len(list)-1)
		f.draw(child, levels)
		f.flat = append(f.flat, d)
		if slices.Contains(up, d) {
			child.Repeated = true
			continue
		}
		if f.c.opt.all || suffix(d) == "target" {
			if err := f.grow(child, up, levels); err != nil {
				return err
			}
		}
	}
	return nil
}

// draw prints one line of the tree: the dot of the unit's state, the branches, the name.
func (f *forest) draw(n *node, more []bool) {
	if f.c.opt.plain {
		f.c.printf("%s%s\n", strings.Repeat("  ", len(more)), n.Unit)
		return
	}
	var b strings.Builder
	for _, m := range more[:len(more)-1] {
		if m {
			b.WriteString(f.c.glyph("│ "))
		} else {
			b.WriteString("  ")
		}
	}
	limb := "└─"
	if more[len(more)-1] {
		limb = "├─"
	}
	f.c.printf("%s %s%s%s\n", f.c.dot(orElse(n.Active, "inactive")), b.String(), f.c.glyph(limb), n.Unit)
}
