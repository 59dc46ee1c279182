package ctl

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// runStatus shows units as people want to see them, or the whole system.
func runStatus(c *command, args []string) error {
	filtered := len(c.opt.types)+len(c.opt.states) > 0
	if len(args) == 0 && !filtered {
		if err := c.systemStatus(); err != nil || !c.opt.all {
			return err
		}
	}
	names, err := c.statusNames(args, filtered || c.opt.all)
	if err != nil {
		return err
	}
	objects := []any{}
	for _, name := range names {
		o, err := c.unitStatus(name)
		if err != nil {
			c.fail(err)
			continue
		}
		objects = append(objects, o)
	}
	if len(args) > 0 || filtered {
		c.result = objects
	}
	return nil
}

// statusNames are the units that the arguments mean: names, globs, process ids.
func (c *command) statusNames(args []string, all bool) ([]string, error) {
	if len(args) == 0 {
		if !all {
			return nil, nil
		}
		args = []string{"*"}
	}
	var names []string
	for _, a := range args {
		pid, err := strconv.ParseUint(a, 10, 32)
		if err != nil {
			list, err := c.expand([]string{a}, ".service")
			if err != nil {
				return nil, err
			}
			names = append(names, list...)
			continue
		}
		name, err := c.unitOfPID(uint32(pid))
		if err != nil {
			return nil, err
		}
		names = append(names, name)
	}
	if c.opt.withDependencies {
		for _, n := range slices.Clone(names) {
			deps, err := c.dependencies(n)
			if err != nil {
				return nil, err
			}
			names = append(names, deps...)
		}
	}
	return names, nil
}

func (c *command) unitOfPID(pid uint32) (string, error) {
	out, err := c.manager("GetUnitByPID", pid)
	if err != nil {
		return "", failedTo(err, "Failed to get unit for PID %d", pid)
	}
	id, err := c.property(str(at(out, 0)), unitIface, "Id")
	if err != nil {
		return "", failedTo(err, "Failed to get unit for PID %d", pid)
	}
	return str(id), nil
}

// statusCode is the exit code of status for a unit (LSB).
func statusCode(p props) int {
	switch {
	case p.str("LoadState") == "not-found":
		return exitNoSuchUnit
	case p.str("ActiveState") == "active", p.str("ActiveState") == "reloading", p.str("ActiveState") == "refreshing":
		return 0
	}
	return exitNotRunning
}

// unitStatus prints one unit and returns it for --json.
func (c *command) unitStatus(name string) (any, error) {
	p, err := c.properties(unitPath(name), "")
	if err != nil {
		return nil, failedTo(err, "Failed to get properties")
	}
	if p.str("LoadState") == "not-found" && p.str("ActiveState") == "inactive" {
		return nil, &failure{
			code: exitNoSuchUnit, name: "org.freedesktop.systemd1.NoSuchUnit", unit: name,
			text: "Unit " + name + " could not be found.",
		}
	}
	if code := statusCode(p); code != 0 && c.code == 0 {
		c.quiet(code)
	}
	s := &sheet{c: c, p: p, name: orElse(p.str("Id"), name)}
	if c.sheets++; c.sheets > 1 {
		c.printf("\n")
	}
	enforcement := c.enforcement(s.name)
	if c.opt.json {
		return s.object(enforcement), nil
	}
	s.head()
	s.active()
	s.relations()
	s.processes()
	s.resources()
	s.enforcement(enforcement)
	s.cgroup()
	s.log()
	return nil, nil
}

// statusKeys are the properties that status --json shows.
var statusKeys = []string{
	"Id", "Description", "LoadState", "ActiveState", "SubState", "UnitFileState", "UnitFilePreset", "FragmentPath", "DropInPaths",
	"Result", "MainPID", "ExecMainPID", "ExecMainCode", "ExecMainStatus", "StatusText", "TasksCurrent", "MemoryCurrent", "CPUUsageNSec",
	"ControlGroup", "ActiveEnterTimestamp", "InactiveEnterTimestamp", "NRestarts", "TriggeredBy", "Triggers", "Documentation",
}

func (s *sheet) object(enforcement []unkept) map[string]any {
	o := map[string]any{}
	for _, k := range statusKeys {
		if v, ok := s.p[k]; ok && v != uint64(never) {
			o[k] = v
		}
	}
	if id := invocation(s.p); id != "" {
		o["InvocationID"] = id
	}
	if enforcement != nil {
		o["enforcement"] = enforcement
	}
	if lines := s.c.logLines(s.query()); len(lines) > 0 {
		o["log"] = lines
	}
	return o
}

// systemStatus is status without a unit: the manager's state and the tree of everything that runs.
func (c *command) systemStatus() error {
	p, err := c.properties(managerPath, managerIface)
	if err != nil {
		return failedTo(err, "Failed to get properties")
	}
	enforcement := c.enforcement("")
	if c.opt.json {
		c.result = map[string]any{
			"State": p.str("SystemState"), "Jobs": p.num("NJobs"), "Failed": p.num("NFailedUnits"), "Units": p.num("NNames"),
			"Version": p.str("Version"), "Since": p.num("UserspaceTimestamp"), "CGroup": p.str("ControlGroup"), "enforcement": append([]unkept{}, enforcement...),
		}
		return nil
	}
	state := p.str("SystemState")
	color := map[string]string{"running": green, "degraded": red, "maintenance": red}[state]
	s := &sheet{c: c, p: p, system: true}
	c.printf("%s %s\n", c.paint(orElse(color, yellow), c.glyph("●")), orElse(c.layout.Dir, c.Host))
	s.row("State", "%s", c.paint(orElse(color, yellow), state))
	s.row("Units", "%d loaded (incl. loaded aliases)", p.num("NNames"))
	s.row("Jobs", "%d queued", p.num("NJobs"))
	s.row("Failed", "%d units", p.num("NFailedUnits"))
	if t := p.num("UserspaceTimestamp"); t > 0 {
		s.row("Since", "%s; %s", c.timeText(t), c.relative(t))
	}
	s.row("davit", "%s", p.str("Version"))
	if v := p.str("Tainted"); v != "" {
		s.row("Tainted", "%s", v)
	}
	s.enforcement(enforcement)
	s.name = "-.slice"
	s.cgroup()
	return nil
}

// width is that of the labels.
func (s *sheet) width() int {
	if s.system {
		return 9
	}
	return 11
}

// row prints one labelled line of a sheet.
func (s *sheet) row(label, format string, args ...any) {
	line := fmt.Sprintf("%*s: ", s.width(), label) + fmt.Sprintf(format, args...)
	fmt.Fprintln(s.c.Out, strings.TrimRight(line, " "))
}
