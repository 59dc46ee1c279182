package ctl

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"davit/unit"
)

// branch is one cgroup in the tree of status: its processes and the cgroups below it.
type branch struct {
	name  string
	procs []process
	below map[string]*branch
}

type process struct {
	pid     uint64
	command string
}

// cgroup shows the processes of the unit as a tree below its control group. Where there are no control groups, it is a list.
func (s *sheet) cgroup() {
	list := s.c.unitProcesses(s.name)
	base := s.p.str("ControlGroup")
	if suffix(s.name) == "slice" {
		if base == "" {
			base = s.sliceGroup()
		}
		if below := s.c.processesBelow(base); len(below) > 0 {
			list = below
		}
	}
	if len(list) == 0 {
		return
	}
	top, label := &branch{}, "CGroup"
	if !strings.HasPrefix(str(at(list[0], 0)), "/") {
		base, label = "", "Processes"
	} else if base == "" {
		base = orElse(commonPath(list), "/")
	}
	for _, r := range list {
		rel := strings.Trim(strings.TrimPrefix(str(at(r, 0)), strings.TrimSuffix(base, "/")), "/")
		top.add(rel, process{num(at(r, 1)), str(at(r, 2))})
	}
	s.row(label, "%s", base)
	top.print(s.c, strings.Repeat(" ", s.width()+2))
}

// sliceGroup is the control group of a slice that the manager does not name.
func (s *sheet) sliceGroup() string {
	top, err := s.c.property(managerPath, managerIface, "ControlGroup")
	if err != nil {
		return ""
	}
	return strings.TrimSuffix(str(top)+"/"+unit.SlicePath(s.name), "/")
}

// unitProcesses are the processes of a unit: cgroup, pid, command line.
func (c *command) unitProcesses(name string) [][]any {
	out, err := c.manager("GetUnitProcesses", name)
	if err != nil {
		return nil
	}
	return rows(at(out, 0))
}

// processesBelow asks every unit that runs for its processes, and keeps those in cgroups below base. Without cgroups
// they go by their unit's name.
func (c *command) processesBelow(base string) [][]any {
	units, err := c.units(nil)
	if err != nil {
		return nil
	}
	var all [][]any
	for _, u := range units {
		if suffix(u.Unit) == "slice" || suffix(u.Unit) == "target" || u.Active == "inactive" || u.Active == "failed" {
			continue
		}
		for _, r := range c.unitProcesses(u.Unit) {
			switch path := str(at(r, 0)); {
			case path == "":
				r[0] = u.Unit
			case base != "" && path != base && !strings.HasPrefix(path, strings.TrimSuffix(base, "/")+"/"):
				continue
			}
			all = append(all, r)
		}
	}
	return all
}

// commonPath is the longest cgroup that holds all processes.
func commonPath(list [][]any) string {
	base := str(at(list[0], 0))
	for _, r := range list[1:] {
		for p := str(at(r, 0)); base != "" && p != base && !strings.HasPrefix(p, base+"/"); {
			base = base[:max(strings.LastIndexByte(base, '/'), 0)]
		}
	}
	return base
}

// add puts a process into the cgroup at the relative path rel.
func (b *branch) add(rel string, p process) {
	if rel == "" {
		b.procs = append(b.procs, p)
		return
	}
	first, rest, _ := strings.Cut(rel, "/")
	if b.below == nil {
		b.below = map[string]*branch{}
	}
	if b.below[first] == nil {
		b.below[first] = &branch{name: first}
	}
	b.below[first].add(rest, p)
}

// print shows the cgroups below first, then the processes, with the pids aligned.
func (b *branch) print(c *command, indent string) {
	names := make([]string, 0, len(b.below))
	for n := range b.below {
		names = append(names, n)
	}
	slices.Sort(names)
	slices.SortFunc(b.procs, func(x, y process) int { return cmp.Compare(x.pid, y.pid) })
	left := len(names) + len(b.procs)
	limb := func() (string, string) {
		if left--; left == 0 {
			return c.glyph("└─"), "  "
		}
		return c.glyph("├─"), c.glyph("│ ")
	}
	width := 0
	for _, p := range b.procs {
		width = max(width, len(strconv.FormatUint(p.pid, 10)))
	}
	for _, p := range b.procs {
		l, _ := limb()
		text := fmt.Sprintf("%*d %s", width, p.pid, strings.Join(strings.Fields(p.command), " "))
		if c.Width > 0 && !c.opt.full {
			text = c.ellipsize(text, max(c.Width-utf8.RuneCountInString(indent+l), 20))
		}
		c.printf("%s%s%s\n", indent, l, c.paint(grey, text))
	}
	for _, n := range names {
		l, more := limb()
		c.printf("%s%s%s\n", indent, l, n)
		b.below[n].print(c, indent+more)
	}
}

// query is the part of the journal that status shows: the last lines of the unit's present or last invocation.
func (s *sheet) query() LogQuery {
	q := LogQuery{Units: []string{s.name}, Lines: 10, Output: orElse(s.c.opt.output, "short"), Priorities: [2]int{0, 7}, Color: s.c.Color}
	if s.c.opt.json {
		q.Output, q.Color = "short", false
	}
	if s.c.Width > 0 && !s.c.opt.full {
		q.Width = s.c.Width
	}
	if id := invocation(s.p); id != "" && s.p.str("ActiveState") != "inactive" {
		q.Invocation = id
	} else {
		q.Boot = "0"
	}
	return q
}

func (s *sheet) log() {
	lines := s.c.logLines(s.query())
	if len(lines) > 0 {
		s.c.printf("\n%s\n", strings.Join(lines, "\n"))
	}
}
