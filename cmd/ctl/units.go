package ctl

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// unitRow is one unit as ListUnits describes it.
type unitRow struct {
	Unit        string `json:"unit"`
	Load        string `json:"load"`
	Active      string `json:"active"`
	Sub         string `json:"sub"`
	Description string `json:"description"`
	Following   string `json:"following,omitempty"`
	Job         uint64 `json:"-"`
	JobType     string `json:"job,omitempty"`
	path        string
}

// units lists the units in memory whose names match, sorted by name.
func (c *command) units(patterns []string) ([]unitRow, error) {
	out, err := c.manager("ListUnits")
	if err != nil {
		return nil, failedTo(err, "Failed to list units")
	}
	var list []unitRow
	for _, r := range rows(at(out, 0)) {
		u := unitRow{
			Unit: str(at(r, 0)), Description: str(at(r, 1)), Load: str(at(r, 2)), Active: str(at(r, 3)), Sub: str(at(r, 4)),
			Following: str(at(r, 5)), path: str(at(r, 6)), Job: num(at(r, 7)), JobType: str(at(r, 8)),
		}
		if matches(patterns, u.Unit) {
			list = append(list, u)
		}
	}
	slices.SortFunc(list, compareUnits)
	return list, nil
}

// compareUnits sorts by type, then by name, as systemctl does.
func compareUnits(a, b unitRow) int {
	return cmp.Or(strings.Compare(suffix(a.Unit), suffix(b.Unit)), strings.Compare(a.Unit, b.Unit))
}

// suffix is a unit's type as its name says it.
func suffix(name string) string { return name[strings.LastIndexByte(name, '.')+1:] }

// shown applies --type, --state and --all.
func (c *command) shown(u unitRow) bool {
	if len(c.opt.types) > 0 && !slices.Contains(c.opt.types, suffix(u.Unit)) {
		return false
	}
	if len(c.opt.states) > 0 {
		return slices.Contains(c.opt.states, u.Load) || slices.Contains(c.opt.states, u.Active) || slices.Contains(c.opt.states, u.Sub)
	}
	return c.opt.all || u.Job > 0 || (u.Active != "inactive" && u.Following == "")
}

// runListUnits is list-units.
func runListUnits(c *command, args []string) error {
	patterns := c.patterns(args, ".service")
	all, err := c.units(patterns)
	if err != nil {
		return err
	}
	if c.opt.withDependencies {
		if all, err = c.alsoDependencies(all); err != nil {
			return err
		}
	}
	list := []unitRow{}
	jobs := false
	for _, u := range all {
		if c.shown(u) {
			list = append(list, u)
			jobs = jobs || u.Job > 0
		}
	}
	c.result = list
	if !c.opt.json {
		c.print(c.unitTable(list, jobs))
		c.unitLegend(len(list), jobs)
	}
	return nil
}

func (c *command) unitTable(list []unitRow, jobs bool) *table {
	t := &table{head: []string{"", "UNIT", "LOAD", "ACTIVE", "SUB", "JOB", "DESCRIPTION"}, soft: []int{6, 1}}
	for _, u := range list {
		dot, active, load := cell{text: " "}, cell{text: u.Active}, cell{text: u.Load}
		switch {
		case u.Load == "not-found" || u.Load == "bad-setting" || u.Load == "error" || u.Load == "masked":
			dot, load.color = cell{c.glyph("●"), red}, red
		case u.Active == "failed":
			dot, active.color = cell{c.glyph("●"), red}, red
		case u.JobType != "":
			dot = cell{text: c.glyph("●")}
		}
		name := cell{u.Unit, active.color}
		t.add(dot, name, load, active, cell{u.Sub, active.color}, cell{text: u.JobType}, cell{text: u.Description})
	}
	if !jobs {
		t.drop(5)
	}
	if c.opt.plain {
		t.drop(0)
	} else {
		t.head[0] = " "
	}
	return t
}

// drop removes a column.
func (t *table) drop(i int) {
	t.head = slices.Delete(t.head, i, i+1)
	for r := range t.rows {
		t.rows[r] = slices.Delete(t.rows[r], i, i+1)
	}
	for j := range t.soft {
		if t.soft[j] > i {
			t.soft[j]--
		}
	}
}

func (c *command) unitLegend(n int, jobs bool) {
	if c.opt.noLegend || c.opt.quiet {
		return
	}
	if n > 0 {
		fmt.Fprintln(c.Out, "\nLOAD   = Reflects whether the unit definition was properly loaded.")
		fmt.Fprintln(c.Out, "ACTIVE = The high-level unit activation state, i.e. generalization of SUB.")
		fmt.Fprintln(c.Out, "SUB    = The low-level unit activation state, values depend on unit type.")
		if jobs {
			fmt.Fprintln(c.Out, "JOB    = Pending job for the unit.")
		}
	}
	if c.opt.all || len(c.opt.states) > 0 {
		fmt.Fprintf(c.Out, "%d loaded units listed.\n", n)
	} else {
		fmt.Fprintf(c.Out, "%d loaded units listed. Pass --all to see loaded but inactive units, too.\n", n)
	}
	if n == 0 && (c.opt.all || len(c.opt.states) > 0) {
		return
	}
	fmt.Fprintf(c.Out, "To show all installed unit files use '%s list-unit-files'.\n", c.Name)
}

// alsoDependencies adds what the units depend on, for --with-dependencies.
func (c *command) alsoDependencies(list []unitRow) ([]unitRow, error) {
	all, err := c.units(nil)
	if err != nil {
		return nil, err
	}
	want := map[string]bool{}
	todo := []string{}
	for _, u := range list {
		todo = append(todo, u.Unit)
	}
	for len(todo) > 0 {
		name := todo[0]
		todo = todo[1:]
		if want[name] {
			continue
		}
		want[name] = true
		deps, err := c.dependencies(name)
		if err != nil {
			return nil, err
		}
		todo = append(todo, deps...)
	}
	return slices.DeleteFunc(all, func(u unitRow) bool { return !want[u.Unit] }), nil
}
