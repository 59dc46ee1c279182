package engine

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"davit/unit"
)

var update = flag.Bool("update", false, "write what the scripts print into testdata")

// TestScripts runs the stories in testdata/*.story. A story is blocks of commands, "----", and what the engine did about them,
// as docs/architecture.md describes; every story begins with a line of "# " that tells what it is about.
func TestScripts(t *testing.T) {
	files, err := filepath.Glob("testdata/*.story")
	if err != nil || len(files) == 0 {
		t.Fatalf("no stories: %v", err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var told []string
		for _, story := range strings.Split(strings.TrimSpace(string(text)), "\n\n\n") {
			title := strings.TrimPrefix(strings.SplitN(story, "\n", 2)[0], "# ")
			t.Run(filepath.Base(file)+"/"+strings.ReplaceAll(title, " ", "_"), func(t *testing.T) {
				got := tell(t, story)
				told = append(told, got)
				if got != story && !*update {
					t.Errorf("%s:\n%s", file, lineDiff(story, got))
				}
			})
		}
		if *update && !t.Failed() {
			if err := os.WriteFile(file, []byte(strings.Join(told, "\n\n\n")+"\n"), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func lineDiff(want, got string) string {
	w, g := strings.Split(want, "\n"), strings.Split(got, "\n")
	for i := range w {
		if i >= len(g) || w[i] != g[i] {
			return fmt.Sprintf("differs at line %d\n--- want\n%s\n--- got\n%s", i+1, strings.Join(w[i:], "\n"), strings.Join(g[min(i, len(g)):], "\n"))
		}
	}
	return "got more:\n" + strings.Join(g[len(w):], "\n")
}

// tell runs a story, and returns it with what the engine really did.
func tell(t *testing.T, story string) string {
	s := &stage{t: t, defs: map[string]*unit.Unit{}, pids: map[string][]int{}, sub: map[string]string{}, nextPID: 100}
	s.now = Clock{Real: 1_000_000_000_000, Mono: 1_000_000, Boot: 1_000_000}
	s.e = New(Config{System: true, Seed: 1}, s, s)
	var out []string
	commands := true
	s.begin()
	for _, line := range strings.Split(story, "\n") {
		switch {
		case line == "----":
			out = append(out, line)
			out = append(out, s.said...)
			s.said, commands = nil, false
		case line == "":
			out = append(out, line)
			commands = true
		case commands:
			out = append(out, line)
			if !strings.HasPrefix(line, "#") {
				s.do(line)
			}
		}
	}
	return strings.Join(out, "\n")
}

// stage is the world of a story: a small one, in which nothing happens that the story does not say, except that processes come
// to be when they are spawned, and a cgroup is empty when its processes have ended.
type stage struct {
	t       *testing.T
	e       *Engine
	defs    map[string]*unit.Unit
	now     Clock
	nextPID int
	pids    map[string][]int // live, by unit
	sub     map[string]string
	said    []string
	todo    []Event
	holding bool // spawns are not answered
	held    []Event
	lonely  bool // forking services leave nothing behind
}

func (s *stage) Load(name string) *unit.Unit {
	if u := s.defs[name]; u != nil {
		return u
	}
	_, _, t, _ := unit.SplitName(name)
	if t == unit.TypeSlice {
		s.define(name, []string{"DefaultDependencies=no"})
		return s.defs[name]
	}
	return &unit.Unit{Name: name, Names: []string{name}, Type: t, Load: unit.NotFound, LoadText: name + " not found"}
}

func (s *stage) Condition(_ *unit.Unit, c unit.Condition) (bool, string) {
	return c.Param == "/true", ""
}

// begin loads the units that every story has, without their default dependencies, so that only the story's own show.
func (s *stage) begin() {
	for _, name := range []string{"sysinit.target", "basic.target", "shutdown.target", "sockets.target", "timers.target", "paths.target"} {
		s.define(name, []string{"DefaultDependencies=no"})
	}
	s.define("shutdown.target", []string{"DefaultDependencies=no", "AllowIsolate=yes"})
	for _, name := range []string{"system.slice", "-.slice"} {
		s.define(name, []string{"DefaultDependencies=no"})
	}
	for _, name := range []string{"sysinit.target", "basic.target", "system.slice"} {
		s.step(Request{Token: 1, Verb: VerbStart, Unit: name})
	}
	s.said = nil
	for id := range s.e.jobs {
		s.t.Fatalf("job %d is left", id)
	}
	s.e.nextJob = 0
}

// define makes a unit of assignments, each in the section where it belongs.
func (s *stage) define(name string, assignments []string) {
	_, _, t, err := unit.SplitName(name)
	if err != nil {
		s.t.Fatalf("%s: %v", name, err)
	}
	lines := map[string][]string{}
	order := []string{"Unit", unit.SectionOf(t), "X-Davit"}
	for _, a := range assignments {
		key, _, _ := strings.Cut(a, "=")
		at := ""
		for _, section := range order {
			if section != "" && unit.FindDirective(t, section, key) != nil {
				at = section
				break
			}
		}
		if at == "" {
			s.t.Fatalf("%s: unknown key %s", name, key)
		}
		lines[at] = append(lines[at], a)
	}
	var b strings.Builder
	for _, section := range order {
		if len(lines[section]) > 0 {
			fmt.Fprintf(&b, "[%s]\n%s\n", section, strings.Join(lines[section], "\n"))
		}
	}
	u := unit.FromText(name, b.String(), "/"+name, unit.Specifiers{})
	if len(u.Warnings) > 0 {
		s.t.Fatalf("%s: %v", name, u.Warnings)
	}
	if name == "-.slice" {
		u.Perpetual = true
	}
	s.defs[name] = u
}

// do carries one command out.
func (s *stage) do(line string) {
	word := words(line)
	verb, args := word[0], word[1:]
	switch verb {
	case "load":
		assignments := args[1:]
		if strings.HasSuffix(args[0], ".service") && !slices.ContainsFunc(assignments, func(a string) bool { return strings.HasPrefix(a, "ExecStart=") }) {
			assignments = append(assignments, "ExecStart=/x")
		}
		s.define(args[0], assignments)
	case "reload-units":
		s.step(Reload{Token: 9, Source: s})
	case "exit":
		s.exit(args)
	case "fork":
		s.nextPID++
		s.pids[args[0]] = append(s.pids[args[0]], s.nextPID)
	case "die":
		for _, pid := range slices.Clone(s.pids[args[0]]) {
			s.remove(args[0], pid)
			s.step(Exited{pid, CLDExited, 0})
		}
		s.step(CgroupEmpty{args[0]})
	case "exec":
		main, _ := s.e.Unit(args[0]).PIDs()
		s.step(Execed{main})
	case "notify":
		s.notify(args)
	case "hold":
		s.holding = true
	case "release":
		s.holding = false
		for _, ev := range s.held {
			s.step(ev)
		}
		s.held = nil
	case "fail-spawn":
		ev := s.held[0].(Spawned)
		s.held = s.held[1:]
		s.step(SpawnFailed{Token: ev.Token, Status: 203, Step: "execute /x", Text: "no such file or directory"})
	case "lonely":
		s.lonely = true
	case "oom":
		s.step(OOMKilled{args[0]})
	case "traffic":
		s.step(Incoming{args[0]})
	case "connect":
		s.step(Accepted{Unit: args[0], Conn: 1 + uint64(s.nextPID), Instance: args[1], Source: args[1]})
	case "pass":
		s.pass(args[0])
	case "cancel":
		id, _ := strconv.Atoi(args[0])
		s.step(Cancel{Token: 8, ID: uint32(id)})
	case "reset-failed":
		s.step(ResetFailed{Token: 7, Unit: strings.Join(args, "")})
	case "why":
		s.why(args[0])
	case "plan":
		s.plan(args)
	case "cut":
		s.cut()
	default:
		s.request(verb, args)
	}
}

// words splits a line at spaces, but not within double quotes.
func words(line string) (list []string) {
	quoted := false
	for _, f := range strings.FieldsFunc(line, func(r rune) bool {
		if r == '"' {
			quoted = !quoted
		}
		return r == ' ' && !quoted
	}) {
		list = append(list, strings.ReplaceAll(f, `"`, ""))
	}
	return list
}

func (s *stage) request(verb string, args []string) {
	v, ok := ParseVerb(verb)
	m := ModeReplace
	if verb == "isolate" {
		v, m, ok = VerbStart, ModeIsolate, true
	}
	if !ok {
		s.t.Fatalf("unknown command %s", verb)
	}
	for _, a := range args[1:] {
		mode, is := ParseMode(strings.TrimPrefix(a, "mode="))
		if !is {
			s.t.Fatalf("unknown mode %s", a)
		}
		m = mode
	}
	s.step(Request{Token: 5, Verb: v, Unit: args[0], Mode: m, By: Peer{UID: 0, PID: 42}})
}

// exit ends a process: exit UNIT main|control status=N or signal=N.
func (s *stage) exit(args []string) {
	if s.e.Unit(args[0]) == nil {
		s.say("%s is not loaded", args[0])
		return
	}
	main, control := s.e.Unit(args[0]).PIDs()
	pid := main
	if args[1] == "control" {
		pid = control
	}
	code, n := CLDExited, 0
	for _, a := range args[2:] {
		key, value, _ := strings.Cut(a, "=")
		n, _ = strconv.Atoi(value)
		if key == "signal" {
			code = CLDKilled
		}
		if key == "core" {
			code = CLDDumped
		}
	}
	if pid == 0 {
		s.say("%s has no %s process", args[0], args[1])
		return
	}
	s.remove(args[0], pid)
	s.step(Exited{pid, code, n})
}

func (s *stage) remove(name string, pid int) {
	s.pids[name] = slices.DeleteFunc(s.pids[name], func(p int) bool { return p == pid })
}

func (s *stage) notify(args []string) {
	main, control := s.e.Unit(args[0]).PIDs()
	n := Notify{Unit: args[0], PID: main}
	for _, a := range args[1:] {
		switch a {
		case "from=control":
			n.PID = control
			continue
		case "from=other":
			n.PID = 99999
			continue
		}
		key, value, _ := strings.Cut(a, "=")
		n.Fields = append(n.Fields, Field{key, value})
	}
	s.step(n)
}

// pass lets time pass, with all that is due in it.
func (s *stage) pass(span string) {
	d, err := unit.ParseTimespan(span, unit.Second)
	if err != nil {
		s.t.Fatal(err)
	}
	until := s.now.Mono + int64(d)
	for {
		at, ok := s.e.Deadline()
		if !ok || at.Mono > until {
			break
		}
		s.setClock(max(at.Mono, s.now.Mono))
		s.step(Tick{})
	}
	s.setClock(until)
}

func (s *stage) setClock(mono int64) {
	d := mono - s.now.Mono
	s.now = Clock{s.now.Real + d, mono, s.now.Boot + d}
}

// cut replaces the engine by one made of its state.
func (s *stage) cut() {
	state, err := s.e.Marshal()
	if err != nil {
		s.t.Fatal(err)
	}
	e := New(s.e.cfg, s, s)
	if err := e.Unmarshal(state); err != nil {
		s.t.Fatal(err)
	}
	s.e = e
}

func (s *stage) say(format string, args ...any) {
	s.said = append(s.said, fmt.Sprintf(format, args...))
}

// step gives the engine an event, and then all that follows at once.
func (s *stage) step(ev Event) {
	s.todo = append(s.todo, ev)
	for len(s.todo) > 0 || s.e.Pending() {
		next := Event(Run{16})
		if len(s.todo) > 0 {
			next, s.todo = s.todo[0], s.todo[1:]
		}
		effects := slices.Clone(s.e.Step(s.now, next))
		for _, x := range effects {
			s.perform(x)
		}
		s.tellStates()
	}
}

// tellStates says which units are in another state than before.
func (s *stage) tellStates() {
	for _, u := range s.e.Units() {
		s.tellState(u)
	}
}

func (s *stage) tellState(u *Unit) {
	was, now := s.sub[u.ID], u.SubState()
	if was == "" {
		was = "dead"
	}
	if s.sub[u.ID] = now; was == now {
		return
	}
	if r := u.Result(); r != "success" {
		now += " (" + r + ")"
	}
	s.say("%s %s → %s", u.ID, was, now)
}

func (s *stage) perform(x Effect) {
	switch v := x.(type) {
	case Spawn:
		s.say("spawn %s %s%s", v.Unit, v.Phase, indexed(v.Index))
		s.spawn(v)
	case Kill:
		s.say("kill %s %s%s", v.Unit, signalName(v.Signal), s.victims(v))
	case CheckEmpty:
		if len(s.pids[v.Unit]) == 0 {
			s.todo = append(s.todo, CgroupEmpty(v))
		}
	case FindMainPID:
		ev := MainPIDFound{Token: v.Token, Text: "there is none"}
		if p := s.pids[v.Unit]; len(p) > 0 {
			ev.PID = p[0]
		}
		s.todo = append(s.todo, ev)
	case OpenSockets:
		s.say("open %s", v.Unit)
		s.todo = append(s.todo, SocketsOpened{Token: v.Token})
	case CloseSockets:
		s.say("close %s", v.Unit)
	case WatchSockets:
		s.say("watch %s %v", v.Unit, v.On)
	case CloseConnection:
		s.say("close connection")
	case Reply:
		if v.Err != nil {
			s.say("refused: %s", v.Err.Text)
		}
	case JobNew:
		j := s.e.Job(v.ID)
		if j != nil {
			s.say("job %d %s/%s", v.ID, v.Unit, j.Type)
		}
	case JobRemoved:
		if u := s.e.Unit(v.Unit); u != nil {
			s.tellState(u)
		}
		s.say("job %d %s/%s %s", v.ID, v.Unit, v.Verb, v.Result)
	case UnitRemoved:
		if was := s.sub[v.Unit]; was != "" && was != "dead" {
			s.say("%s %s → dead", v.Unit, was)
		}
		delete(s.sub, v.Unit)
	case Action:
		s.say("action %s", v.What)
	case Log:
		if strings.Contains(v.Text, "ordering cycle") {
			s.say("log %s", v.Text)
		}
	}
}

func indexed(i int) string {
	if i == 0 {
		return ""
	}
	return fmt.Sprintf(" (%d)", i+1)
}

func (s *stage) spawn(v Spawn) {
	s.nextPID++
	ev := Spawned{v.Token, s.nextPID}
	s.pids[v.Unit] = append(s.pids[v.Unit], s.nextPID)
	d := s.defs[v.Unit]
	if v.Phase == ExecStart && d.Service != nil && d.Service.Type == unit.ServiceForking && !s.lonely {
		s.nextPID++
		s.pids[v.Unit] = append([]int{s.nextPID}, s.pids[v.Unit]...)
	}
	if s.holding {
		s.held = append(s.held, ev)
		return
	}
	s.todo = append(s.todo, ev)
}

// victims names whom a signal goes to.
func (s *stage) victims(k Kill) string {
	text := ""
	main, control := 0, 0
	if u := s.e.Unit(k.Unit); u != nil {
		main, control = u.PIDs()
	}
	for _, pid := range k.PIDs {
		switch pid {
		case main:
			text += " main"
		case control:
			text += " control"
		default:
			text += " late"
		}
	}
	if k.Group {
		text += " group"
	}
	return text
}

func (s *stage) why(name string) {
	a := s.e.Why(name)
	s.say("%s is %s (%s)", a.Unit, a.State, a.Sub)
	for _, r := range a.Causes {
		s.say("  %s", r.Text)
	}
	if a.Unblock != "" {
		s.say("  → %s", a.Unblock)
	}
}

func (s *stage) plan(args []string) {
	v, _ := ParseVerb(args[0])
	p := s.e.Plan(args[1], v, ModeReplace)
	if p.Error != "" {
		s.say("refused: %s", p.Error)
	}
	for i, wave := range p.Waves {
		for _, j := range wave {
			text := ""
			if j.Because != nil {
				text = " ← " + j.Because.Kind + " of " + j.Because.From
			}
			s.say("%d %s/%s%s", i+1, j.Unit, j.Type, text)
		}
	}
	for _, d := range p.Dropped {
		s.say("dropped %s/%s: %s", d.Unit, d.Type, d.Text)
	}
}
