package manager

import (
	"errors"
	"os"
	"slices"
	"strings"
	"syscall"
	"time"

	"davit/cgroup"
	"davit/engine"
	"davit/host"
	"davit/process"

	"golang.org/x/sys/unix"
)

// ending is how the manager's life ends.
type ending struct {
	status int
	power  host.Power // what to do to the machine, empty: only exit
	force  bool       // kill what runs instead of stopping it
	cause  string
}

// end makes the loop return after this turn. The first ending stands, unless a later one is by force.
func (m *Manager) end(e ending) {
	if m.ending == nil || e.force && !m.ending.force {
		m.ending = &e
	}
}

// askToExit stops everything in order and then exits; asked again, it stops waiting and kills.
func (m *Manager) askToExit(by engine.Peer) {
	m.exitAsked++
	switch m.exitAsked {
	case 1:
		m.note(levelNotice, "stopping everything (%s)", by)
		m.startEnding("exit.target", by)
	default:
		m.note(levelWarning, "asked again (%s): killing what is left", by)
		m.end(ending{status: m.exitStatus, force: true})
	}
}

// startEnding starts a target that conflicts with everything else, irreversibly.
func (m *Manager) startEnding(target string, by engine.Peer) {
	token := m.ask(engine.Request{
		Verb: engine.VerbStart, Unit: target, Mode: engine.ModeReplaceIrreversibly, Wait: true,
		By: by,
	}, func(err *engine.Error) {
		if err != nil {
			m.note(levelError, "cannot start %s, killing what runs: %v", target, err)
			m.end(ending{status: m.exitStatus, force: true})
		}
	})
	m.lastJob = lastJob{token, target}
}

// lastJob is the job after which the manager ends: plain data, that survives re-execution.
type lastJob struct {
	Token  engine.Token
	Target string
}

// actionOf is what the end of a special target's start means, where no unit of it said so by SuccessAction=.
func actionOf(target string) string {
	switch target {
	case "reboot.target", "ctrl-alt-del.target":
		return "reboot-force"
	case "poweroff.target":
		return "poweroff-force"
	case "halt.target":
		return "halt-force"
	case "kexec.target":
		return "kexec-force"
	}
	return "exit-force"
}

// actionTargets are what an action without force starts.
var actionTargets = map[string]string{
	"exit": "exit.target", "reboot": "reboot.target", "poweroff": "poweroff.target", "halt": "halt.target",
	"kexec": "kexec.target", "soft-reboot": "soft-reboot.target",
}

// act does what FailureAction= and its sisters, a special target or a client ask for (systemd.unit(5)).
func (m *Manager) act(x engine.Action) {
	if x.What == "none" || x.What == "" {
		return
	}
	m.note(levelInfo, "%s: %s", x.What, x.Cause)
	if x.Status >= 0 {
		m.exitStatus = x.Status
	}
	if target, ok := actionTargets[x.What]; ok {
		if x.What == "exit" && m.stopping() {
			m.end(ending{status: m.exitStatus, cause: x.Cause})
			return
		}
		if m.opt.Mode != System || m.contained() {
			target = "exit.target"
		}
		m.startEnding(target, engine.Peer{UID: -1, PID: -1, Name: x.Cause})
		return
	}
	what, _, _ := strings.Cut(x.What, "-")
	immediate := strings.HasSuffix(x.What, "-immediate")
	e := ending{status: m.exitStatus, cause: x.Cause, force: immediate}
	if what != "exit" && m.opt.Mode == System && !m.contained() && m.pid == 1 {
		e.power = host.Power(what)
	}
	m.end(e)
}

// stopping says whether the special target that ends everything is up or on its way.
func (m *Manager) stopping() bool {
	u := m.eng.Unit("shutdown.target")
	return u != nil && (u.Job != nil || u.ActiveState() == engine.Active)
}

// How long the last processes get, by signal.
const (
	patienceTERM = 10 * time.Second
	patienceKILL = 10 * time.Second
)

// finish is the end: it kills what is left, closes and removes what the manager made, and lets the journal go last.
func (m *Manager) finish() int {
	e := m.ending
	m.killLeftovers(e.force)
	m.bus.Flush()
	m.bus.Close()
	m.removeTraces()
	m.journal.stop()
	m.tree.Close()
	if m.pid == 1 && m.opt.Mode == System {
		m.endMachine(e)
	}
	return e.status
}

// killLeftovers ends every process that is still there.
func (m *Manager) killLeftovers(force bool) {
	if !force && m.signalAll(unix.SIGTERM) {
		m.awaitNobody(patienceTERM)
	}
	for range 3 {
		if !m.signalAll(unix.SIGKILL) {
			return
		}
		m.awaitNobody(patienceKILL)
	}
}

// signalAll signals everything that the manager is responsible for, and reports whether there was anything.
func (m *Manager) signalAll(sig syscall.Signal) bool {
	any := false
	for _, name := range m.sortedHeld() {
		h := m.held[name]
		if h.group == "" || strings.HasSuffix(name, ".slice") {
			continue
		}
		if populated, _ := m.tree.Populated(h.group); populated {
			any = true
			_ = m.killGroup(h.group, []syscall.Signal{sig, unix.SIGCONT}, nil, nil)
		}
	}
	if m.tree.Mode() == cgroup.None {
		for _, pid := range m.everyone() {
			any = true
			m.killProcess(pid, []syscall.Signal{sig, unix.SIGCONT})
		}
	}
	if m.pid == 1 && m.opt.Mode == System {
		return m.signalMachine(sig) || any
	}
	return any
}

// signalMachine signals every process of the machine or container but this one and the journal.
func (m *Manager) signalMachine(sig syscall.Signal) bool {
	any := false
	for _, pid := range allProcesses() {
		if pid == m.pid || m.journal.owns(pid) || kernelThread(pid) {
			continue
		}
		any = true
		_ = unix.Kill(pid, sig)
	}
	return any
}

// awaitNobody reaps until no process is left, or time is up. It is the one place where the manager waits, at its end.
func (m *Manager) awaitNobody(limit time.Duration) {
	deadline := time.Now().Add(limit)
	for time.Now().Before(deadline) {
		for x, ended := process.Peek(); ended && !m.journal.owns(x.PID); x, ended = process.Peek() {
			if c := m.procs[x.PID]; c != nil {
				m.dropChild(c)
			}
			process.Reap(x.PID)
		}
		if !m.anybody() {
			return
		}
		_ = m.poll.wait(5 * time.Millisecond)
		m.readGroupEvents()
		if len(m.poll.ready[fromWaker]) > 0 {
			m.wake.collect()
		}
	}
}

func (m *Manager) anybody() bool {
	for _, h := range m.held {
		if h.group == "" {
			continue
		}
		if populated, _ := m.tree.Populated(h.group); populated {
			return true
		}
	}
	if m.tree.Mode() == cgroup.None && len(m.everyone()) > 0 {
		return true
	}
	if m.pid == 1 && m.opt.Mode == System {
		return slices.ContainsFunc(allProcesses(), func(pid int) bool {
			return pid != m.pid && !m.journal.owns(pid) && !kernelThread(pid)
		})
	}
	return false
}

// removeTraces removes sockets, cgroups and runtime directories.
func (m *Manager) removeTraces() {
	names := m.sortedHeld()
	slices.Reverse(names)
	for _, name := range names {
		m.closeSockets(name)
		m.release(engine.Release{Unit: name})
	}
	for _, s := range []*notifySocket{m.notify} {
		if s != nil {
			unix.Close(s.fd)
			_ = os.Remove(s.path)
		}
	}
	unix.Close(m.private)
	_ = os.Remove(m.layout.Private)
	_ = os.Remove(m.layout.NotifyDir)
	if m.opt.Mode == User {
		_ = os.Remove(m.layout.Runtime)
		_ = os.Remove(m.layout.State)
	}
	if m.opt.Mode == Directory {
		_ = os.RemoveAll(m.layout.Runtime)
		_ = os.RemoveAll(m.layout.State)
		_ = os.Remove(m.layout.Invocation)
	}
}

// endMachine does what is left to do when PID 1 ends: in a container it exits, on a machine that is the machine's end.
func (m *Manager) endMachine(e *ending) {
	if m.contained() || e.power == "" {
		return
	}
	unix.Sync()
	host.UnmountAll()
	if err := e.power.Do(""); err != nil {
		m.note(levelCritical, "%v", err)
		if !errors.Is(err, unix.EPERM) {
			for { // a PID 1 that returns makes the kernel panic
				time.Sleep(time.Hour)
			}
		}
	}
}

func (m *Manager) sortedHeld() []string {
	names := make([]string, 0, len(m.held))
	for name := range m.held {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// allProcesses lists the processes that /proc shows.
func allProcesses() []int {
	dir, err := os.Open("/proc")
	if err != nil {
		return nil
	}
	defer dir.Close()
	names, _ := dir.Readdirnames(-1)
	var pids []int
	for _, name := range names {
		if pid := atoi(name); pid > 0 {
			pids = append(pids, pid)
		}
	}
	slices.Sort(pids)
	return pids
}

// kernelThread says whether a process has no program of its own.
func kernelThread(pid int) bool {
	parent, _, _, _ := procStat(pid)
	return pid == 2 || parent == 2
}

func atoi(s string) int {
	n := 0
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' || n > 1<<30 {
			return 0
		}
		n = n*10 + int(s[i]-'0')
	}
	return n
}
