package dbus

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"davit/engine"
	"davit/unit"

	"golang.org/x/sys/unix"
)

// fake is a manager without Linux: a real engine, processes that exist in a map only, and a loop like the manager's.
type fake struct {
	engine   *engine.Engine
	server   *Server
	defs     map[string]*unit.Unit
	now      engine.Clock
	events   []engine.Event
	values   Values
	watched  map[int]int16
	pids     map[int]string
	nextPID  int
	usage    Usage
	reloads  int
	machine  []MachineAction
	files    []FileRequest
	dropIns  map[string]string
	started  *Transient
	held     []func() // completions that the test lets go
	hold     bool
	fails    bool // processes exit with status 1
	todo     chan func()
	wake     [2]int
	finished sync.WaitGroup
}

func newFake(units ...*unit.Unit) *fake {
	f := &fake{
		defs: map[string]*unit.Unit{}, watched: map[int]int16{}, pids: map[int]string{}, nextPID: 1000, usage: NoUsage,
		dropIns: map[string]string{}, todo: make(chan func(), 64),
		now: engine.Clock{Real: 1_700_000_000_000_000, Mono: 5_000_000, Boot: 5_000_000},
	}
	f.values = Values{
		Version: "257 (davit test)", Architecture: "x86-64", SystemState: "running", LogLevel: "info", LogTarget: "console",
		Environment: []string{"LANG=C"}, UnitPath: []string{"/etc/systemd/system"}, MachineID: strings.Repeat("a", 32),
		DefaultTasksMax: 4915, ServiceWatchdogs: true,
	}
	for _, u := range units {
		f.defs[u.Name] = u
	}
	f.engine = engine.New(engine.Config{System: true, Seed: 1}, f, f)
	f.server = NewServer(f, f.watch)
	return f
}

// service is a unit of type simple with one command.
func service(name string, change ...func(*unit.Unit)) *unit.Unit {
	u := &unit.Unit{
		Name: name, Names: []string{name}, Type: unit.TypeOf(name), Load: unit.Loaded, Fragment: "/etc/systemd/system/" + name,
		Common: &unit.Common{Description: "Test " + name}, Install: &unit.Install{}, Exec: &unit.Exec{}, Kill: &unit.Kill{
			KillSignal: 15, FinalKillSignal: 9, SendSIGKILL: true,
		}, Resources: &unit.Resources{}, Davit: &unit.Davit{},
	}
	switch u.Type {
	case unit.TypeService:
		u.Service = &unit.Service{
			ExecStart:    []unit.Command{{Path: "/bin/sleep", Args: []string{"/bin/sleep", "1"}}},
			TimeoutStart: 90 * unit.Second, TimeoutStop: 90 * unit.Second, RestartDelay: 100 * unit.Millisecond,
		}
	case unit.TypeSocket:
		u.Socket = &unit.Socket{Listen: []unit.Listener{{Address: "/run/x"}}, MaxConnections: 64}
	default:
		u.Slice, u.Scope, u.Timer, u.Path = &unit.Slice{}, &unit.Scope{}, &unit.Timer{}, &unit.Path{}
		u.Mount, u.Automount, u.Swap = &unit.Mount{}, &unit.Automount{}, &unit.Swap{}
	}
	for _, c := range change {
		c(u)
	}
	return u
}

// serve runs the loop on a socket of its own until the test ends, and returns the socket's path.
func (f *fake) serve(t testing.TB, path string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := unix.Bind(fd, &unix.SockaddrUnix{Name: path}); err != nil {
		t.Fatal(err)
	}
	if err := unix.Listen(fd, 128); err != nil {
		t.Fatal(err)
	}
	if err := unix.Pipe2(f.wake[:], unix.O_CLOEXEC|unix.O_NONBLOCK); err != nil {
		t.Fatal(err)
	}
	f.server.Serve(fd)
	f.finished.Add(1)
	go f.loop()
	t.Cleanup(func() {
		f.do(func() { f.server.Close(); f.server = nil })
		f.finished.Wait()
		closeAll([]int{fd, f.wake[0], f.wake[1]})
	})
}

// do runs a function in the loop and waits for it.
func (f *fake) do(fn func()) {
	done := make(chan struct{})
	f.todo <- func() { fn(); close(done) }
	_, _ = unix.Write(f.wake[1], []byte{0})
	<-done
}

func (f *fake) loop() {
	defer f.finished.Done()
	for f.server != nil {
		f.turn()
		polled := []unix.PollFd{{Fd: int32(f.wake[0]), Events: unix.POLLIN}}
		for fd, events := range f.watched {
			polled = append(polled, unix.PollFd{Fd: int32(fd), Events: events})
		}
		if _, err := unix.Poll(polled, -1); err != nil && !errors.Is(err, unix.EINTR) {
			panic(err)
		}
		for _, p := range polled[1:] {
			if p.Revents != 0 {
				f.server.Ready(int(p.Fd), p.Revents&(unix.POLLIN|unix.POLLHUP|unix.POLLERR) != 0, p.Revents&unix.POLLOUT != 0)
			}
		}
		if polled[0].Revents != 0 {
			var b [64]byte
			_, _ = unix.Read(f.wake[0], b[:])
			for len(f.todo) > 0 {
				(<-f.todo)()
			}
		}
	}
}

// turn steps until nothing is left to do, as one turn of the manager's loop after another.
func (f *fake) turn() {
	for f.server != nil {
		for len(f.events) > 0 {
			ev := f.events[0]
			f.events = f.events[1:]
			f.step(ev)
		}
		if f.engine.Pending() {
			f.step(engine.Run{Max: 16})
			continue
		}
		f.server.Flush()
		if len(f.events) == 0 {
			return
		}
	}
}

func (f *fake) step(ev engine.Event) {
	f.now.Real, f.now.Mono, f.now.Boot = f.now.Real+10, f.now.Mono+10, f.now.Boot+10
	for _, x := range slices.Clone(f.engine.Step(f.now, ev)) {
		f.perform(x)
		f.server.Perform(x)
	}
}

func (f *fake) perform(x engine.Effect) {
	switch x := x.(type) {
	case engine.Spawn:
		f.nextPID++
		pid := f.nextPID
		f.pids[pid] = x.Unit
		f.Post(engine.Spawned{Token: x.Token, PID: pid})
		if x.Notice {
			f.Post(engine.Execed{PID: pid})
		}
		if f.fails {
			f.exit(pid, engine.CLDExited, 1)
			return
		}
		d := f.defs[x.Unit]
		if d != nil && d.Service != nil && d.Service.Type == unit.ServiceOneshot || x.Phase != engine.ExecStart {
			f.exit(pid, engine.CLDExited, 0)
		}
	case engine.Kill:
		for pid, name := range f.pids {
			if name == x.Unit && (x.Group || slices.Contains(x.PIDs, pid)) && x.Signal != 18 && x.Signal != 1 {
				f.exit(pid, engine.CLDKilled, x.Signal)
			}
		}
	case engine.OpenSockets:
		f.Post(engine.SocketsOpened{Token: x.Token})
	case engine.FindMainPID:
		f.Post(engine.MainPIDFound{Token: x.Token})
	}
}

func (f *fake) exit(pid int, code engine.ExitCode, status int) {
	name := f.pids[pid]
	delete(f.pids, pid)
	f.Post(engine.Exited{PID: pid, Code: code, Status: status})
	for _, other := range f.pids {
		if other == name {
			return
		}
	}
	f.Post(engine.CgroupEmpty{Unit: name})
}

func (f *fake) watch(fd int, read, write bool) {
	var events int16
	if read {
		events |= unix.POLLIN
	}
	if write {
		events |= unix.POLLOUT
	}
	f.watched[fd] = events
	if events == 0 {
		delete(f.watched, fd)
	}
}

// Load and Condition are the engine's questions.
func (f *fake) Load(name string) *unit.Unit {
	if u := f.defs[name]; u != nil {
		return u
	}
	if unit.TypeOf(name) == unit.TypeSlice {
		f.defs[name] = service(name)
		return f.defs[name]
	}
	return &unit.Unit{Name: name, Names: []string{name}, Type: unit.TypeOf(name), Load: unit.NotFound, LoadText: "not found"}
}

func (f *fake) Condition(*unit.Unit, unit.Condition) (bool, string) { return true, "" }

// later calls done at once, or when the test lets it.
func (f *fake) later(done func()) {
	if f.hold {
		f.held = append(f.held, done)
		return
	}
	done()
}

// The Backend.

func (f *fake) Engine() *engine.Engine { return f.engine }
func (f *fake) Post(ev engine.Event)   { f.events = append(f.events, ev) }
func (f *fake) Values() *Values        { return &f.values }

func (f *fake) Set(name string, v any) error {
	switch name {
	case "LogLevel":
		f.values.LogLevel, _ = v.(string)
	case "ExitCode":
		f.values.ExitCode, _ = v.(byte)
	}
	return nil
}

func (f *fake) Environment(unset, set []string) error {
	f.values.Environment = slices.DeleteFunc(f.values.Environment, func(a string) bool {
		name, _, _ := strings.Cut(a, "=")
		return slices.Contains(unset, name)
	})
	f.values.Environment = append(f.values.Environment, set...)
	return nil
}

func (f *fake) Machine(a MachineAction) error {
	f.machine = append(f.machine, a)
	return nil
}

func (f *fake) Reload(t engine.Token, _ engine.Peer) {
	f.reloads++
	f.server.Reloading(true)
	f.later(func() {
		f.server.Reloading(false)
		f.server.Perform(engine.Reply{Token: t})
	})
}

func (f *fake) Reexecute(t engine.Token, _ engine.Peer) {
	f.later(func() { f.server.Perform(engine.Reply{Token: t}) })
}

func (f *fake) Usage(u *engine.Unit) Usage {
	used := f.usage
	if u.ActiveState() == engine.Active {
		used.Path, used.Memory, used.Tasks = "/system.slice/"+u.ID, 4096, 1
	}
	return used
}

func (f *fake) Processes(u *engine.Unit) ([]Process, error) {
	var list []Process
	for pid, name := range f.pids {
		if name == u.ID {
			list = append(list, Process{"/system.slice/" + u.ID, pid, "/bin/sleep 1"})
		}
	}
	return list, nil
}

func (f *fake) UnitOfPID(pid int) string           { return f.pids[pid] }
func (f *fake) UnitOfCgroup(path string) string    { return base(path) }
func (f *fake) Stored(*engine.Unit) int            { return 0 }
func (f *fake) RunsAs(*engine.Unit) IDs            { return NoIDs }
func (f *fake) NeedReload(*engine.Unit) bool       { return false }
func (f *fake) Attach(string, string, []int) error { return nil }

func (f *fake) StartTransient(t Transient) {
	f.started = &t
	for _, u := range t.Units {
		f.defs[u.Name] = service(u.Name, func(d *unit.Unit) { d.Transient, d.Fragment = true, "/run/systemd/transient/"+u.Name })
		discard([]TransientUnit{u})
	}
	f.Post(engine.Reload{Source: f})
	f.Post(engine.Request{Token: t.Token, Unit: t.Units[0].Name, Mode: t.Mode, By: t.By})
}

func (f *fake) SetProperties(name string, _ bool, text string, done func(error)) {
	f.dropIns[name] = text
	done(nil)
}

func (f *fake) Freeze(_ string, _ bool, done func(error))    { done(nil) }
func (f *fake) Clean(_ string, _ []string, done func(error)) { done(nil) }
func (f *fake) Plan(verb, name, mode string) (string, error) {
	return fmt.Sprintf("[%q]", verb+" "+name), nil
}

func (f *fake) Enforcement(string) (string, error) { return "[]", nil }

func (f *fake) Why(name string) (string, error) { return fmt.Sprintf("{%q:1}", name), nil }

func (f *fake) Dump([]string) string                         { return strings.Repeat("dump\n", 1000) }
func (f *fake) UnitFilePreset(string) string                 { return "enabled" }
func (f *fake) UnitFileLinks(string, bool) ([]string, error) { return []string{"/etc/a"}, nil }
func (f *fake) DefaultTarget() (string, error)               { return "multi-user.target", nil }

func (f *fake) UnitFiles() []UnitFile {
	var list []UnitFile
	for name := range f.defs {
		list = append(list, UnitFile{"/etc/systemd/system/" + name, "enabled"})
	}
	slices.SortFunc(list, func(a, b UnitFile) int { return strings.Compare(a.Path, b.Path) })
	return list
}

func (f *fake) UnitFileState(name string) (string, error) {
	if f.defs[name] == nil {
		return "", fmt.Errorf("unit file %s: %w", name, fs.ErrNotExist)
	}
	return "enabled", nil
}

func (f *fake) ChangeFiles(req FileRequest, done func(bool, []FileChange, error)) {
	f.files = append(f.files, req)
	for _, name := range req.Names {
		if f.defs[name] == nil && req.Verb == "enable" {
			done(false, nil, &engine.Error{Kind: engine.NoSuchUnit, Unit: name, Text: "unit " + name + " does not exist"})
			return
		}
	}
	f.later(func() { done(true, []FileChange{{"symlink", "/etc/a", "/lib/a"}}, nil) })
}
