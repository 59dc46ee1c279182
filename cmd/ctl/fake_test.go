package ctl

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path"
	"slices"
	"strings"
	"testing"
	"time"

	"davit/host"
)

// variant wraps a value as the transport does.
type variant struct{ v any }

func (v variant) Value() any { return v.v }

// objectPath is a string of another type, as the transport has it.
type objectPath string

// busError is an error that the manager answered.
type busError struct{ name, text string }

func (e busError) Error() string     { return e.text }
func (e busError) ErrorName() string { return e.name }

// fakeBus is a manager that says what it was told to say, and writes down what it was asked.
type fakeBus struct {
	objects map[string]map[string]any
	methods map[string]func(args []any) ([]any, error)
	calls   []string
	signals chan Signal
}

func (b *fakeBus) Call(path, member string, args ...any) ([]any, error) {
	name := member[strings.LastIndexByte(member, '.')+1:]
	switch name {
	case "GetAll":
		o, ok := b.objects[path]
		if !ok {
			return nil, busError{"org.freedesktop.DBus.Error.UnknownObject", "Unknown object '" + path + "'."}
		}
		all := map[string]variant{}
		for k, v := range o {
			all[k] = variant{v}
		}
		return []any{all}, nil
	case "Get":
		v, ok := b.objects[path][args[1].(string)]
		if !ok {
			return nil, busError{"org.freedesktop.DBus.Error.UnknownProperty", "Unknown property."}
		}
		return []any{variant{v}}, nil
	case "Subscribe":
		return nil, nil
	}
	b.calls = append(b.calls, name+strings.TrimSuffix(fmt.Sprintf("%q", args), "]")+"]")
	m, ok := b.methods[name]
	if !ok {
		return nil, busError{"org.freedesktop.DBus.Error.UnknownMethod", "Unknown method " + name + "."}
	}
	return m(args)
}

func (b *fakeBus) Signals() <-chan Signal { return b.signals }
func (b *fakeBus) Close() error           { return nil }

// noSuch is what a manager says of a unit that it does not find.
func noSuch(name string) error {
	return busError{"org.freedesktop.systemd1.NoSuchUnit", "Unit " + name + " not found."}
}

var fixedNow = time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)

func ago(d time.Duration) uint64 { return uint64(fixedNow.Add(-d).UnixMicro()) }

// newFakeBus is a manager with a handful of units: a web server that runs, a job that failed, a socket, a timer.
func newFakeBus() *fakeBus {
	b := &fakeBus{objects: map[string]map[string]any{}, methods: map[string]func([]any) ([]any, error){}, signals: make(chan Signal, 64)}
	for _, u := range fixtureUnits() {
		b.objects[unitPath(u["Id"].(string))] = u
	}
	b.objects[managerPath] = fixtureManager()
	b.methods["ListUnits"] = func([]any) ([]any, error) { return []any{b.unitRows()}, nil }
	b.methods["ListJobs"] = func([]any) ([]any, error) {
		return []any{[][]any{
			{uint32(7), "slow.service", "start", "running", objectPath(managerPath + "/job/7"), objectPath(unitPath("slow.service"))},
			{uint32(9), "after.service", "start", "waiting", objectPath(managerPath + "/job/9"), objectPath(unitPath("after.service"))},
		}}, nil
	}
	for _, m := range []string{"StartUnit", "StopUnit", "RestartUnit", "TryRestartUnit", "ReloadUnit", "ReloadOrRestartUnit", "ReloadOrTryRestartUnit"} {
		b.methods[m] = b.job
	}
	for _, m := range []string{"KillUnit", "ResetFailed", "ResetFailedUnit", "Reload", "Reexecute", "SetEnvironment", "UnsetEnvironment", "CancelJob", "ClearJobs", "CleanUnit", "FreezeUnit"} {
		b.methods[m] = func(args []any) ([]any, error) {
			if len(args) > 0 && args[0] == "nope.service" {
				return nil, noSuch("nope.service")
			}
			return nil, nil
		}
	}
	b.fileMethods()
	b.methods["GetUnitProcesses"] = func(args []any) ([]any, error) {
		if args[0] != "web.service" && args[0] != "-.slice" {
			return []any{[][]any{}}, nil
		}
		return []any{[][]any{
			{"/system.slice/web.service", uint32(930), "/usr/sbin/web --workers 2"},
			{"/system.slice/web.service", uint32(1031), "web: worker"},
			{"/system.slice/web.service/sub", uint32(1032), "helper"},
		}}, nil
	}
	b.methods["EnqueueUnitJob"] = func(args []any) ([]any, error) {
		out, err := b.job(args)
		if err != nil {
			return nil, err
		}
		other := []any{uint32(42), objectPath("/j/42"), "db.service", objectPath("/u"), "start"}
		return []any{uint32(41), out[0], args[0], objectPath(unitPath(args[0].(string))), args[1], [][]any{other}}, nil
	}
	b.methods["Plan"] = func([]any) ([]any, error) { return []any{planJSON}, nil }
	b.methods["Why"] = func(args []any) ([]any, error) { return []any{whyJSON}, nil }
	b.methods["Enforcement"] = func(args []any) ([]any, error) {
		list := `[{"unit":"web.service","setting":"PrivateTmp","status":"unavailable","because":"mount namespaces need a privilege"}`
		switch args[0] {
		case "web.service":
			return []any{list + "]"}, nil
		case "":
			return []any{list + `,{"unit":"db.service","setting":"PrivateTmp","status":"unavailable","because":"mount namespaces need a privilege"},
				{"unit":"db.service","setting":"User","status":"approximated","because":"there is one id only"}]`}, nil
		}
		return []any{"[]"}, nil
	}
	return b
}

const planJSON = `{"waves":[[{"unit":"db.service","type":"start","because":{"kind":"Requires","from":"web.service","file":"/u/web.service","line":3},"skipped":"ConditionPathExists=/x"}],
[{"unit":"web.service","type":"start","after":["db.service"]}]],"dropped":[{"unit":"c.service","type":"start","text":"to break the ordering cycle"}]}`

const whyJSON = `{"unit":"batch.service","state":"failed","causes":[{"text":"ExecStart exited with status 1","file":"/u/batch.service","line":4,"time":1772625540000000},
{"text":"started by root with start"}],"unblock":"davitctl reset-failed batch.service"}`

// job answers requests for jobs: what the unit's name says is how it ends.
func (b *fakeBus) job(args []any) ([]any, error) {
	name := args[0].(string)
	switch name {
	case "nope.service":
		return nil, noSuch(name)
	case "masked.service":
		return nil, busError{"org.freedesktop.systemd1.UnitMasked", "Unit masked.service is masked."}
	case "refused.service":
		return nil, busError{"org.freedesktop.systemd1.OnlyByDependency", "Operation refused, unit refused.service may be requested by dependency only (it is configured to refuse manual start/stop)."}
	}
	result := "done"
	switch name {
	case "batch.service":
		result = "failed"
	case "dependent.service":
		result = "dependency"
	}
	p := objectPath(managerPath + "/job/41")
	b.signals <- Signal{managerPath, managerIface + ".JobNew", []any{uint32(41), p, name}}
	b.signals <- Signal{managerPath, managerIface + ".JobRemoved", []any{uint32(41), p, name, result}}
	return []any{p}, nil
}

func (b *fakeBus) fileMethods() {
	changes := func(carries ...any) func([]any) ([]any, error) {
		return func(args []any) ([]any, error) {
			name := args[0].([]string)[0]
			if name == "nope.service" {
				return nil, busError{"org.freedesktop.systemd1.NoSuchUnit", "Unit file nope.service does not exist."}
			}
			links := [][]any{{"symlink", "/etc/systemd/system/multi-user.target.wants/" + name, "/usr/lib/systemd/system/" + name}}
			return append(slices.Clone(carries), links), nil
		}
	}
	b.methods["EnableUnitFiles"] = changes(true)
	b.methods["MaskUnitFiles"] = changes()
	b.methods["DisableUnitFiles"] = func(args []any) ([]any, error) {
		return []any{[][]any{{"unlink", "/etc/systemd/system/multi-user.target.wants/web.service", ""}}}, nil
	}
	b.methods["GetDefaultTarget"] = func([]any) ([]any, error) { return []any{"multi-user.target"}, nil }
	b.methods["GetUnitFileState"] = func(args []any) ([]any, error) {
		s, ok := map[string]string{"web.service": "enabled", "batch.service": "static", "masked.service": "masked"}[args[0].(string)]
		if !ok {
			return nil, busError{"org.freedesktop.DBus.Error.FileNotFound", "No such file or directory"}
		}
		return []any{s}, nil
	}
	b.methods["ListUnitFiles"] = func([]any) ([]any, error) {
		return []any{[][]any{
			{"/usr/lib/systemd/system/web.service", "enabled"},
			{"/usr/lib/systemd/system/batch.service", "static"},
			{"/usr/lib/systemd/system/web.socket", "disabled"},
			{"/etc/systemd/system/masked.service", "masked"},
		}}, nil
	}
}

func (b *fakeBus) unitRows() [][]any {
	var out [][]any
	for p, u := range b.objects {
		if strings.HasPrefix(p, unitRoot) && u["LoadState"] != "stub" {
			job, typ := uint32(0), ""
			if u["Id"] == "slow.service" {
				job, typ = 7, "start"
			}
			out = append(out, []any{
				u["Id"], u["Description"], u["LoadState"], u["ActiveState"], u["SubState"], "", objectPath(p), job, typ,
				objectPath("/"),
			})
		}
	}
	return out
}

// fakeLogs is a journal that has two lines of the failed unit.
type fakeLogs struct{ asked *[]LogQuery }

func (l fakeLogs) Show(w io.Writer, q LogQuery, _ <-chan os.Signal) error {
	*l.asked = append(*l.asked, q)
	if len(q.Units) > 0 && (q.Units[0] == "batch.service" || q.Units[0] == "web.service") {
		fmt.Fprintf(w, "Mar 04 11:59:00 %s[812]: cannot open the input\n", strings.TrimSuffix(q.Units[0], ".service"))
	}
	return nil
}

// session runs one command line against a fake manager and returns all that it printed, standard error marked with "! ".
type session struct {
	bus  *fakeBus
	logs []LogQuery
	w    World
	out  bytes.Buffer
}

// errStream marks lines that go to standard error.
type errStream struct{ w io.Writer }

func (m errStream) Write(b []byte) (int, error) {
	for line := range strings.Lines(string(b)) {
		fmt.Fprintf(m.w, "! %s\n", strings.TrimRight(line, "\n"))
	}
	return len(b), nil
}

func newSession() *session {
	s := &session{bus: newFakeBus()}
	s.w = World{
		Name: "davitctl", Host: "box", In: strings.NewReader(""), Out: &s.out, Err: errStream{&s.out},
		Env: func(string) string { return "" }, Now: func() time.Time { return fixedNow },
		Dial: func(socket string) (Bus, error) {
			if path.Base(path.Dir(socket)) == "gone" {
				return nil, fmt.Errorf("cannot reach the manager: %w", os.ErrNotExist)
			}
			return s.bus, nil
		},
		Logs:      func(host.Layout) (Logs, error) { return fakeLogs{&s.logs}, nil },
		Run:       func(name string, args ...string) error { fmt.Fprintf(&s.out, "run %s %q\n", name, args); return nil },
		Comm:      func(pid int) string { return map[int]string{930: "web"}[pid] },
		Monotonic: func() uint64 { return 1e9 },
	}
	return s
}

func (s *session) run(args ...string) int { return Main(s.w, args) }

// mustContain fails the test unless s contains all of the texts.
func mustContain(t *testing.T, s string, texts ...string) {
	t.Helper()
	for _, want := range texts {
		if !strings.Contains(s, want) {
			t.Errorf("no %q in:\n%s", want, s)
		}
	}
}
