package ctl

import (
	"path"
	"strconv"
	"strings"
)

// sheet is what status shows of one unit.
type sheet struct {
	c    *command
	p    props
	name string
	// system: it is the whole system's, with shorter labels
	system bool
}

// dots are the signs of active states and their colours.
var dots = map[string]cell{
	"active": {"●", green}, "reloading": {"↻", green}, "refreshing": {"↻", green}, "failed": {"×", red},
	"activating": {"●", yellow}, "deactivating": {"●", yellow}, "inactive": {"○", ""}, "maintenance": {"○", ""},
}

func (c *command) dot(state string) string {
	d, ok := dots[state]
	if !ok {
		d = cell{"●", ""}
	}
	return c.paint(d.color, c.glyph(d.text))
}

func (s *sheet) head() {
	s.c.printf("%s %s", s.c.dot(s.p.str("ActiveState")), s.name)
	if d := s.p.str("Description"); d != "" && d != s.name {
		s.c.printf(" - %s", d)
	}
	s.c.printf("\n")
	if f := s.p.str("Following"); f != "" {
		s.row("Follows", "unit currently follows state of %s", f)
	}
	s.loaded()
	s.dropIns()
}

func (s *sheet) loaded() {
	load := s.p.str("LoadState")
	text := load
	if load == "error" || load == "bad-setting" || load == "not-found" {
		text = s.c.paint(red, load)
	}
	e := anys(s.p["LoadError"])
	if why := str(at(e, 1)); why != "" {
		s.row("Loaded", "%s (Reason: %s)", text, why)
		return
	}
	var in []string
	if f := orElse(s.p.str("SourcePath"), s.p.str("FragmentPath")); f != "" {
		in = append(in, f)
	}
	if st := s.p.str("UnitFileState"); st != "" {
		in = append(in, st)
		if preset := s.p.str("UnitFilePreset"); preset != "" {
			in = append(in, "preset: "+preset)
		}
	}
	if load == "masked" {
		in = []string{"Reason: Unit " + s.name + " is masked."}
	}
	if len(in) > 0 {
		text += " (" + strings.Join(in, "; ") + ")"
	}
	s.row("Loaded", "%s", text)
	if s.p.bool("Transient") {
		s.row("Transient", "yes")
	}
}

// dropIns shows drop-ins below their directories.
func (s *sheet) dropIns() {
	var dirs []string
	byDir := map[string][]string{}
	for _, f := range s.p.list("DropInPaths") {
		d := path.Dir(f)
		if byDir[d] == nil {
			dirs = append(dirs, d)
		}
		byDir[d] = append(byDir[d], path.Base(f))
	}
	for i, d := range dirs {
		if i == 0 {
			s.row("Drop-In", "%s", d)
		} else {
			s.c.printf("%13s%s\n", "", d)
		}
		s.c.printf("%13s%s%s\n", "", s.c.glyph("└─"), strings.Join(byDir[d], ", "))
	}
}

// since are the properties that hold when a state was entered.
var since = map[string]string{
	"active": "ActiveEnterTimestamp", "reloading": "ActiveEnterTimestamp", "refreshing": "ActiveEnterTimestamp",
	"inactive": "InactiveEnterTimestamp", "failed": "InactiveEnterTimestamp", "activating": "InactiveExitTimestamp",
	"deactivating": "ActiveExitTimestamp", "maintenance": "InactiveEnterTimestamp",
}

func (s *sheet) active() {
	state, sub, result := s.p.str("ActiveState"), s.p.str("SubState"), s.p.str("Result")
	text := state
	if sub != "" {
		text += " (" + sub + ")"
	}
	text = s.c.paint(dots[state].color, text)
	if result != "" && result != "success" && (state == "failed" || state == "inactive" || state == "activating") {
		text = s.c.paint(dots[state].color, state) + " (Result: " + result + ")"
		if state == "activating" {
			text = s.c.paint(yellow, state+" ("+sub+")") + " (Result: " + result + ")"
		}
	}
	if t := s.p.num(since[state]); t > 0 && t != never {
		text += " since " + s.c.timeText(t) + "; " + s.c.relative(t)
	}
	s.row("Active", "%s", text)
	if limit, ok := s.p["RuntimeMaxUSec"].(uint64); ok && limit != never && limit > 0 && state == "active" {
		until := s.p.num("ActiveEnterTimestamp") + limit
		s.row("Until", "%s; %s", s.c.timeText(until), s.c.relative(until))
	}
	from, to := s.p.num("ActiveEnterTimestamp"), s.p.num("ActiveExitTimestamp")
	if (state == "failed" || state == "inactive") && from > 0 && to > from {
		s.row("Duration", "%s", spanText(to-from, 1e3))
	}
	s.conditions()
}

// conditions says which one kept the unit from starting.
func (s *sheet) conditions() {
	if t := s.p.num("ConditionTimestamp"); t > 0 && s.p["ConditionResult"] == false {
		s.row("Condition", "start %s at %s; %s", s.c.paint(yellow, "condition failed"), s.c.timeText(t), s.c.relative(t))
		s.unmet("Conditions")
	}
	if t := s.p.num("AssertTimestamp"); t > 0 && s.p["AssertResult"] == false {
		s.row("Assert", "start %s at %s; %s", s.c.paint(red, "assertion failed"), s.c.timeText(t), s.c.relative(t))
		s.unmet("Asserts")
	}
}

func (s *sheet) unmet(list string) {
	for _, r := range rows(s.p[list]) {
		if state, ok := at(r, 4).(int32); !ok || state >= 0 {
			continue
		}
		sign := ""
		if at(r, 1) == true {
			sign = "|"
		}
		if at(r, 2) == true {
			sign += "!"
		}
		s.c.printf("%13s%s %s=%s%s was not met\n", "", s.c.glyph("└─"), str(at(r, 0)), sign, str(at(r, 3)))
	}
}

func (s *sheet) relations() {
	s.others("TriggeredBy", s.p.list("TriggeredBy"))
	s.others("Triggers", s.p.list("Triggers"))
	for i, d := range s.p.list("Documentation") {
		if i == 0 {
			s.row("Docs", "%s", d)
		} else {
			s.c.printf("%13s%s\n", "", d)
		}
	}
	if n := s.p.num("NRestarts"); n > 0 {
		s.row("Restarts", "%d", n)
	}
	s.listening()
}

// others shows related units with the dots of their states.
func (s *sheet) others(label string, names []string) {
	for i, n := range names {
		state, _ := s.c.property(unitPath(n), unitIface, "ActiveState")
		if i > 0 {
			s.c.printf("%13s%s %s\n", "", s.c.dot(str(state)), n)
			continue
		}
		s.row(label, "%s %s", s.c.dot(str(state)), n)
	}
}

func (s *sheet) listening() {
	for i, r := range rows(s.p["Listen"]) {
		text := str(at(r, 1)) + " (" + str(at(r, 0)) + ")"
		if i == 0 {
			s.row("Listen", "%s", text)
		} else {
			s.c.printf("%13s%s\n", "", text)
		}
	}
	if s.p.bool("Accept") {
		s.row("Accepted", "%d; Connected: %d", s.p.num("NAccepted"), s.p.num("NConnections"))
	}
	if next := s.p.num("NextElapseUSecRealtime"); next > 0 && next != never {
		s.row("Trigger", "%s; %s", s.c.timeText(next), s.c.relative(next))
	}
}

// processes are the control processes that ended and the main one.
func (s *sheet) processes() {
	for _, r := range execRuns(s.p) {
		if r.pid == 0 || (r.setting == "ExecStart" && r.pid == s.p.num("ExecMainPID") && r.pid == s.p.num("MainPID")) {
			continue
		}
		line := strconv.FormatUint(r.pid, 10) + " " + r.setting + "=" + strings.Join(r.args, " ")
		if r.code == 0 {
			continue
		}
		s.row("Process", "%s %s", line, s.endingText(r.code, r.status, r.ignore))
	}
	s.mainPID()
	if t := s.p.str("StatusText"); t != "" {
		s.row("Status", "\"%s\"", s.c.paint("\x1b[0;96m", t))
	}
	if n := int32(num(s.p["StatusErrno"])); n > 0 {
		s.row("Error", "%d", n)
	}
}

func (s *sheet) endingText(code, status int, ignore bool) string {
	text := "(" + ending(code, status) + ")"
	if !ignore && (code != codeExited || status != 0) {
		return s.c.paint(red, text)
	}
	return text
}

func (s *sheet) mainPID() {
	if pid := s.p.num("MainPID"); pid != 0 {
		text := strconv.FormatUint(pid, 10)
		if comm := s.c.comm(pid); comm != "" {
			text += " (" + comm + ")"
		}
		s.row("Main PID", "%s", text)
		return
	}
	if pid := s.p.num("ExecMainPID"); pid != 0 {
		code := int(int32(s.p.num("ExecMainCode")))
		if code != 0 {
			s.row("Main PID", "%d %s", pid, s.endingText(code, int(int32(s.p.num("ExecMainStatus"))), false))
		}
	}
	if pid := s.p.num("ControlPID"); pid != 0 {
		s.row("Cntrl PID", "%d (%s)", pid, s.c.comm(pid))
	}
}

func (c *command) comm(pid uint64) string {
	if c.Comm == nil || c.opt.host != "" {
		return ""
	}
	return c.Comm(int(pid))
}

func (s *sheet) resources() {
	if n := s.p.num("NFileDescriptorStore"); n > 0 {
		s.row("FD Store", "%d (limit: %d)", n, s.p.num("FileDescriptorStoreMax"))
	}
	if n, ok := s.p["TasksCurrent"].(uint64); ok && n != never {
		s.row("Tasks", "%d%s", n, limitText("limit", s.p["TasksMax"], func(v uint64) string { return strconv.FormatUint(v, 10) }))
	}
	if n, ok := s.p["MemoryCurrent"].(uint64); ok && n != never {
		var limits []string
		for _, k := range []string{"min", "low", "high", "max"} {
			v, ok := s.p["Memory"+strings.ToUpper(k[:1])+k[1:]].(uint64)
			if ok && v != never && v != 0 {
				limits = append(limits, k+": "+bytesText(v))
			}
		}
		text := bytesText(n)
		if len(limits) > 0 {
			text += " (" + strings.Join(limits, " ") + ")"
		}
		s.row("Memory", "%s", text)
	}
	if n, ok := s.p["CPUUsageNSec"].(uint64); ok && n != never {
		s.row("CPU", "%s", spanText(n/1000, 1e3))
	}
}

func limitText(word string, v any, show func(uint64) string) string {
	n, ok := v.(uint64)
	if !ok || n == never || n == 0 {
		return ""
	}
	return " (" + word + ": " + show(n) + ")"
}
