package manager

import (
	"fmt"
	"os"
	"slices"
	"time"

	"davit/cgroup"
	"davit/dbus"
	"davit/engine"
	"davit/host"
	"davit/process"
	"davit/unit"

	"golang.org/x/sys/unix"
)

// boot makes everything ready and asks for the default unit. A step that fails ends the boot; what only weakens the
// manager (no cgroups, no terminal) is logged.
func (m *Manager) boot() error {
	for _, step := range []func() error{
		m.prepareMachine, m.openLoop, m.openSelf, m.openSpawner, m.openDirectories, m.openSockets1, m.openTree, m.openJournal, m.openEngine,
	} {
		if err := step(); err != nil {
			return err
		}
	}
	m.serveBus()
	if err := m.openSignals(); err != nil {
		return err
	}
	if again, err := m.resumed(); again || err != nil {
		return err
	}
	m.startDefault()
	return nil
}

// prepareMachine learns where this is, and mounts what PID 1 has to.
func (m *Manager) prepareMachine() error {
	m.machine = &host.Machine{Environ: os.Environ(), CredentialDirectory: os.Getenv("CREDENTIALS_DIRECTORY")}
	if m.pid == 1 && m.opt.Mode == System {
		_ = host.MountAPI(true) // /proc is needed to learn the rest
	}
	m.opt.contained = m.machine.Container() != ""
	m.weak = os.Geteuid() != 0 || m.machine.UserNamespace() || !host.Capability("cap_sys_admin")
	if m.pid == 1 && m.opt.Mode == System {
		if err := host.MountAPI(m.opt.contained); err != nil {
			return err
		}
		_, m.machine.FirstBoot, _ = m.machine.EnsureMachineID()
		if err := m.machine.SetHostname(); err != nil {
			fmt.Fprintln(os.Stderr, "davit: "+err.Error())
		}
		_ = host.RaiseLoopback()
		unix.Umask(0)
		if !m.opt.contained {
			_ = host.CatchCtrlAltDel()
		}
	}
	if err := m.opt.complete(); err != nil {
		return err
	}
	m.layout, m.env = m.opt.Layout, m.baseEnvironment()
	m.openLogs()
	if err := unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); err != nil {
		m.note(levelWarning, "cannot become the reaper of orphans: %v", err)
	}
	return nil
}

// openLoop makes the descriptors that the loop sleeps on.
func (m *Manager) openLoop() (err error) {
	if m.poll, err = newPoller(); err != nil {
		return err
	}
	if m.wake, err = newWaker(); err != nil {
		return err
	}
	if m.alarm, err = newAlarm(); err != nil {
		return err
	}
	if err = m.poll.add(m.wake.fd, fromWaker, unix.EPOLLIN); err != nil {
		return err
	}
	if err = m.poll.add(m.alarm.fd, fromTimer, unix.EPOLLIN); err != nil {
		return err
	}
	if m.clockWatch, err = newClockWatch(); err == nil {
		err = m.poll.add(m.clockWatch, fromClock, unix.EPOLLIN)
	}
	return err
}

// openSelf opens our own program while its path is sure to be right: an update may replace the file at any time.
func (m *Manager) openSelf() error {
	fd, err := unix.Open(m.opt.Self, unix.O_PATH|unix.O_CLOEXEC, 0)
	if err != nil {
		return fmt.Errorf("cannot open own program %s: %w", m.opt.Self, err)
	}
	m.self, m.program = fd, ownProgram(m.opt.Self)
	return nil
}

// openSpawner prepares to start processes.
func (m *Manager) openSpawner() (err error) {
	if m.spawner, err = process.NewSpawner(process.Config{InFlight: maxInFlight, NoPIDFD: true}); err != nil {
		return err
	}
	return m.poll.add(m.spawner.FD(), fromSpawner, unix.EPOLLIN)
}

// openDirectories makes the manager's own directories.
func (m *Manager) openDirectories() error {
	own := []string{m.layout.Runtime, m.layout.State}
	if m.opt.Mode == System {
		for _, dir := range append(own, m.layout.ConfigRun) {
			if err := os.MkdirAll(dir, 0o755); err != nil {
				return fmt.Errorf("cannot make %s: %w", dir, err)
			}
		}
		return nil
	}
	for _, dir := range own {
		if err := host.OwnDir(dir); err != nil {
			return err
		}
	}
	return nil
}

// openSockets1 binds the sockets that tell the world that this manager is there. If one answers, another manager is.
func (m *Manager) openSockets1() (err error) {
	if again, err := m.takeOver(); again || err != nil {
		return err
	}
	mode := os.FileMode(0o600)
	if m.opt.Mode == System {
		mode = 0o666 // the server tells its peers apart
	}
	m.awaitGhost()
	if m.private, err = host.Listen(m.layout.Private, unix.SOCK_STREAM, mode); err != nil {
		return err
	}
	notifyMode := os.FileMode(0o777)
	if m.notify, err = listenNotify(m.layout.Notify, "", notifyMode); err != nil {
		return err
	}
	return m.watchNotify(m.notify)
}

// awaitGhost waits, before the loop, until the last child of a manager that was killed a moment ago has let go of its socket.
func (m *Manager) awaitGhost() {
	for range 200 {
		pid := host.Listener(m.layout.Private)
		if pid == 0 || unix.Kill(pid, 0) != unix.ESRCH {
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// openTree finds the cgroups that this manager may use.
func (m *Manager) openTree() (err error) {
	m.sweepEarlier()
	opt := cgroup.Options{
		Machine: m.pid == 1 && m.opt.Mode == System, Name: "davit-" + m.layout.ID() + "-" + itoa(m.pid), Place: m.earlierPlace(),
	}
	if m.tree, err = cgroup.Detect(opt); err != nil {
		return err
	}
	if m.tree.Mode() == cgroup.None {
		m.note(levelNotice, "no cgroups here (%s): processes are tracked by ancestry, limits are unavailable", m.tree.Reason())
	} else if err := m.poll.add(m.tree.FD(), fromCgroup, unix.EPOLLIN); err != nil {
		return err
	}
	m.leaveTrace()
	m.openTracker()
	m.machine.Unified = m.tree.Mode() == cgroup.V2
	m.machine.Controllers = m.controllers()
	m.machine.SlicePath = func(slice string) string { return m.tree.Dir(cgroup.SlicePath(slice)) }
	return nil
}

// openEngine reads the unit files and makes the engine.
func (m *Manager) openEngine() error {
	m.loadBegan = now()
	view, err := scan(m.viewOptions(), nil)
	if err != nil {
		return err
	}
	m.view, m.loadEnded = view, now()
	m.eng = engine.New(engine.Config{System: m.opt.Mode != User, Seed: seed()}, view, conditions{m.machine})
	return nil
}

func (m *Manager) serveBus() {
	m.fixValues()
	m.bus = dbus.NewServer(m, m.watchBus)
	m.bus.Serve(m.private)
}

// watchBus is how the D-Bus server says what its descriptors wait for.
func (m *Manager) watchBus(fd int, read, write bool) {
	var events uint32
	if read {
		events |= unix.EPOLLIN
	}
	if write {
		events |= unix.EPOLLOUT
	}
	if !read && !write {
		m.poll.remove(fd)
		return
	}
	if m.poll.change(fd, fromBus, events) != nil {
		if err := m.poll.add(fd, fromBus, events); err != nil {
			m.note(levelWarning, "%v", err)
		}
	}
}

// startDefault asks for the unit that this boot is about.
func (m *Manager) startDefault() {
	m.ask(engine.Request{
		Verb: engine.VerbStart, Unit: m.opt.Unit, Mode: engine.ModeIsolate, By: engine.Peer{UID: -1, PID: -1, Name: "boot"},
	}, func(err *engine.Error) {
		switch {
		case err == nil:
		case err.Kind == engine.NoIsolation:
			m.startPlain()
		default:
			m.bootFailed(err)
		}
	})
}

func (m *Manager) startPlain() {
	m.ask(engine.Request{
		Verb: engine.VerbStart, Unit: m.opt.Unit, Mode: engine.ModeReplace, By: engine.Peer{UID: -1, PID: -1, Name: "boot"},
	}, func(err *engine.Error) {
		if err != nil {
			m.bootFailed(err)
		}
	})
}

// bootFailed says why there is nothing to start; a machine gets a shell to repair it.
func (m *Manager) bootFailed(err *engine.Error) {
	m.note(levelError, "cannot start %s: %v", m.opt.Unit, err)
	if m.pid == 1 && m.opt.Mode == System && m.opt.Unit != "rescue.target" {
		m.opt.Unit = "rescue.target"
		m.startPlain()
	}
}

// startupFinished ends the boot.
func (m *Manager) startupFinished() {
	m.machine.FirstBoot = false
	took := float64(now().Mono-m.began.Mono) / 1e6
	m.values.Stamps[dbus.StampFinish] = now()
	m.note(levelInfo, "startup finished in %.3fs", took)
	m.ready()
	m.showTree()
}

// ready tells whoever supervises this manager (sd_notify(3)).
func (m *Manager) ready() {
	path := os.Getenv("NOTIFY_SOCKET")
	if path == "" || m.opt.Mode == System && m.pid == 1 && !m.contained() {
		return
	}
	fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
	if err != nil {
		return
	}
	defer unix.Close(fd)
	_ = unix.Sendto(fd, []byte("READY=1\nSTATUS=Ready."), unix.MSG_NOSIGNAL, &unix.SockaddrUnix{Name: path})
}

// conditions answers the engine's questions about the machine.
type conditions struct{ machine *host.Machine }

// Condition tests one condition or assert.
func (c conditions) Condition(_ *unit.Unit, x unit.Condition) (bool, string) {
	return c.machine.Test(x.Kind.String(), x.Param)
}

// controllers lists the cgroup controllers that units can be limited with.
func (m *Manager) controllers() []string {
	var list []string
	for directive, name := range map[string]string{"CPUWeight": "cpu", "IOWeight": "io", "MemoryMax": "memory", "TasksMax": "pids"} {
		if s, _ := m.tree.Supports(directive); s != cgroup.Unavailable {
			list = append(list, name)
		}
	}
	slices.Sort(list)
	return list
}
