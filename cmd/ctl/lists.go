package ctl

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// ofType lists the units of one type in memory that match, with --all also the inactive ones.
func (c *command) ofType(typ string, args []string) ([]unitRow, error) {
	all, err := c.units(c.patterns(args, "."+typ))
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(all, func(u unitRow) bool { return suffix(u.Unit) != typ || !c.shown(u) }), nil
}

// total prints how many rows a list has.
func (c *command) total(n int, what string) {
	if !c.opt.noLegend && !c.opt.quiet && !c.opt.json {
		c.printf("\n%d %s listed.\n", n, what)
		if !c.opt.all && what != "unit files" && what != "jobs" {
			c.printf("Pass --all to see loaded but inactive %s, too.\n", strings.TrimPrefix(what, "loaded "))
		}
	}
}

type socketRow struct {
	Listen    string `json:"listen"`
	Type      string `json:"type"`
	Unit      string `json:"unit"`
	Activates string `json:"activates"`
}

// runListSockets is list-sockets: every address of every socket unit, sorted by address.
func runListSockets(c *command, args []string) error {
	units, err := c.ofType("socket", args)
	if err != nil {
		return err
	}
	list := []socketRow{}
	for _, u := range units {
		p, err := c.properties(unitPath(u.Unit), "")
		if err != nil {
			return failedTo(err, "Failed to get properties of %s", u.Unit)
		}
		for _, r := range rows(p["Listen"]) {
			list = append(list, socketRow{str(at(r, 1)), str(at(r, 0)), u.Unit, strings.Join(p.list("Triggers"), ", ")})
		}
	}
	slices.SortFunc(list, func(a, b socketRow) int {
		return cmp.Or(strings.Compare(a.Listen, b.Listen), strings.Compare(a.Type, b.Type), strings.Compare(a.Unit, b.Unit))
	})
	c.result = list
	if c.opt.json {
		return nil
	}
	t := &table{head: []string{"LISTEN", "TYPE", "UNIT", "ACTIVATES"}, soft: []int{3, 2, 0}}
	for _, s := range list {
		t.add(plainCells(s.Listen, s.Type, s.Unit, orElse(s.Activates, "-"))...)
	}
	if !c.opt.showTypes {
		t.drop(1)
	}
	c.print(t)
	c.total(len(list), "sockets")
	return nil
}

type timerRow struct {
	Next      uint64 `json:"next"`
	Last      uint64 `json:"last"`
	Unit      string `json:"unit"`
	Activates string `json:"activates"`
}

// runListTimers is list-timers, the one that elapses next first.
func runListTimers(c *command, args []string) error {
	units, err := c.ofType("timer", args)
	if err != nil {
		return err
	}
	list := []timerRow{}
	for _, u := range units {
		p, err := c.properties(unitPath(u.Unit), "")
		if err != nil {
			return failedTo(err, "Failed to get properties of %s", u.Unit)
		}
		list = append(list, timerRow{c.nextElapse(p), known(p.num("LastTriggerUSec")), u.Unit, strings.Join(p.list("Triggers"), ", ")})
	}
	slices.SortFunc(list, func(a, b timerRow) int {
		return cmp.Or(cmp.Compare(a.Next-1, b.Next-1), strings.Compare(a.Unit, b.Unit))
	})
	c.result = list
	if c.opt.json {
		return nil
	}
	t := &table{head: []string{"NEXT", "LEFT", "LAST", "PASSED", "UNIT", "ACTIVATES"}, soft: []int{5, 4}}
	for _, r := range list {
		t.add(plainCells(dash(c, r.Next), dashRelative(c, r.Next), dash(c, r.Last), dashRelative(c, r.Last), r.Unit, orElse(r.Activates, "-"))...)
	}
	c.print(t)
	c.total(len(list), "timers")
	return nil
}

// nextElapse is when a timer elapses by the wall clock, 0 when it does not.
func (c *command) nextElapse(p props) uint64 {
	next := known(p.num("NextElapseUSecRealtime"))
	if mono := known(p.num("NextElapseUSecMonotonic")); mono > 0 {
		uptime := c.Monotonic()
		at := uint64(c.Now().UnixMicro()) + mono - min(uptime, mono)
		if next == 0 || at < next {
			next = at
		}
	}
	return next
}

func known(n uint64) uint64 {
	if n == never {
		return 0
	}
	return n
}

func dash(c *command, t uint64) string {
	if t == 0 {
		return "-"
	}
	return c.timeText(t)
}

func dashRelative(c *command, t uint64) string {
	if t == 0 {
		return "-"
	}
	return c.relative(t)
}

type jobRow struct {
	Job    uint64   `json:"job"`
	Unit   string   `json:"unit"`
	Type   string   `json:"type"`
	State  string   `json:"state"`
	After  []string `json:"after,omitempty"`
	Before []string `json:"before,omitempty"`
}

// runListJobs is list-jobs; with --after and --before each job's neighbours follow it.
func runListJobs(c *command, args []string) error {
	out, err := c.manager("ListJobs")
	if err != nil {
		return failedTo(err, "Failed to list jobs")
	}
	list := []jobRow{}
	for _, r := range rows(at(out, 0)) {
		j := jobRow{Job: num(at(r, 0)), Unit: str(at(r, 1)), Type: str(at(r, 2)), State: str(at(r, 3))}
		if !matches(c.patterns(args, ".service"), j.Unit) {
			continue
		}
		if c.opt.after {
			j.After = c.neighbours("GetJobAfter", j.Job)
		}
		if c.opt.before {
			j.Before = c.neighbours("GetJobBefore", j.Job)
		}
		list = append(list, j)
	}
	slices.SortFunc(list, func(a, b jobRow) int { return cmp.Compare(a.Job, b.Job) })
	c.result = list
	if !c.opt.json {
		c.printJobs(list)
	}
	return nil
}

func (c *command) neighbours(method string, id uint64) []string {
	out, err := c.manager(method, uint32(id))
	if err != nil {
		return nil
	}
	var list []string
	for _, r := range rows(at(out, 0)) {
		list = append(list, fmt.Sprintf("%d (%s/%s)", num(at(r, 0)), str(at(r, 1)), str(at(r, 2))))
	}
	return list
}

func (c *command) printJobs(list []jobRow) {
	if len(list) == 0 {
		if !c.opt.noLegend && !c.opt.quiet {
			c.printf("No jobs running.\n")
		}
		return
	}
	t := &table{head: []string{"JOB", "UNIT", "TYPE", "STATE"}, soft: []int{1}}
	for _, j := range list {
		color := map[string]string{"running": highlight}[j.State]
		t.add(cell{text: strconv.FormatUint(j.Job, 10)}, cell{j.Unit, color}, cell{text: j.Type}, cell{j.State, color})
		for _, n := range j.After {
			t.add(plainCells("", c.glyph("├─ ")+n, "waits for it", "")...)
		}
		for _, n := range j.Before {
			t.add(plainCells("", c.glyph("└─ ")+n, "goes before", "")...)
		}
	}
	c.print(t)
	c.total(len(list), "jobs")
}

// runCancel cancels jobs, all of them without arguments.
func runCancel(c *command, args []string) error {
	if len(args) == 0 {
		_, err := c.manager("ClearJobs")
		if err != nil {
			return failedTo(err, "Failed to cancel jobs")
		}
		return nil
	}
	for _, a := range args {
		id, err := strconv.ParseUint(a, 10, 32)
		if err != nil {
			return failed("Failed to parse job id %q: Invalid argument", a)
		}
		if _, err := c.manager("CancelJob", uint32(id)); err != nil {
			c.fail(failedTo(err, "Failed to cancel job %d", id))
		}
	}
	return nil
}
