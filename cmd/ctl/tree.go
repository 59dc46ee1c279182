package ctl

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
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

// cgroup shows the processes of the unit as a tree below its control group.
func (s *sheet) cgroup() {
	out, err := s.c.manager("GetUnitProcesses", s.name)
	list := rows(at(out, 0))
	base := s.p.str("ControlGroup")
	if err != nil || len(list) == 0 {
		return
	}
	if base == "" {
		base = commonPath(list)
	}
	top := &branch{}
	for _, r := range list {
		at0 := str(at(r, 0))
		rel := strings.Trim(strings.TrimPrefix(at0, strings.TrimSuffix(base, "/")), "/")
		top.add(rel, process{num(at(r, 1)), str(at(r, 2))})
	}
	s.row("CGroup", "%s", orElse(base, "/"))
	top.print(s.c, strings.Repeat(" ", s.width()+2))
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
		line := fmt.Sprintf("%s%s%s %s", indent, l, c.paint(grey, fmt.Sprintf("%*d", width, p.pid)), c.paint(grey, p.command))
		if c.Width > 0 && !c.opt.full && !c.Color {
			line = c.ellipsize(line, c.Width)
		}
		c.printf("%s\n", strings.TrimRight(line, " "))
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
