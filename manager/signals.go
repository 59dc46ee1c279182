package manager

import (
	"os"
	"os/signal"
	"syscall"

	"davit/engine"
	"davit/host"

	"golang.org/x/sys/unix"
)

// rtmin is SIGRTMIN as the C library counts it, which is what senders mean.
const rtmin = 34

// highest is the last offset to SIGRTMIN that systemd(1) gives a meaning.
const highest = 28

// handled are the signals that the manager takes (systemd(1), "SIGNALS").
func handled() []syscall.Signal {
	list := []syscall.Signal{
		unix.SIGCHLD, unix.SIGTERM, unix.SIGINT, unix.SIGHUP, unix.SIGUSR1, unix.SIGUSR2, unix.SIGWINCH, unix.SIGPWR,
	}
	for n := range highest + 1 {
		list = append(list, syscall.Signal(rtmin+n))
	}
	return list
}

// openSignals makes signals arrive in the loop.
func (m *Manager) openSignals() (err error) {
	signal.Ignore(unix.SIGPIPE)
	if m.signals, err = host.CatchSignals(handled()); err != nil {
		return err
	}
	return m.poll.add(m.signals, fromSignal, unix.EPOLLIN)
}

// readSignals takes the signals that have arrived: SIGCHLD's children for the peek at exits, others for later in the turn.
func (m *Manager) readSignals() {
	if len(m.poll.ready[fromSignal]) == 0 {
		return
	}
	host.ReadSignals(m.signals, m.takeSignal)
}

func (m *Manager) takeSignal(s host.Signal) {
	if s.Number != unix.SIGCHLD {
		m.arrived = append(m.arrived, s)
		return
	}
	m.deaths = append(m.deaths, s.PID)
	m.lookSoon()
}

// deliverSignals acts on the signals that were taken.
func (m *Manager) deliverSignals() {
	arrived := m.arrived
	m.arrived = nil
	for _, s := range arrived {
		m.deliverSignal(s)
	}
}

// deliverSignal acts on one signal.
func (m *Manager) deliverSignal(s host.Signal) {
	n := s.Number
	by := engine.Peer{UID: s.UID, PID: s.PID, Name: "signal " + signalName(n)}
	if m.opt.Mode == System && os.Getpid() == 1 && !m.contained() {
		if m.machineSignal(n, by) {
			return
		}
	}
	switch n {
	case unix.SIGTERM, unix.SIGINT:
		m.askToExit(by)
	case unix.SIGHUP:
		m.reload(0, by)
	case unix.SIGUSR1, unix.SIGUSR2:
		m.note(levelInfo, "%d units loaded, %d jobs, %d processes", len(m.eng.Units()), len(m.eng.Jobs()), len(m.procs))
	case unix.SIGPWR:
		m.startBySignal("sigpwr.target", engine.ModeReplace, by)
	default:
		m.realtimeSignal(int(n)-rtmin, by)
	}
}

// machineSignal is what differs for the system manager of a machine.
func (m *Manager) machineSignal(n syscall.Signal, by engine.Peer) bool {
	switch n {
	case unix.SIGTERM:
		m.reexec(by, 0)
	case unix.SIGINT:
		m.startBySignal("ctrl-alt-del.target", engine.ModeReplaceIrreversibly, by)
	case unix.SIGWINCH:
		m.startBySignal("kbrequest.target", engine.ModeReplace, by)
	default:
		return false
	}
	return true
}

// realtimeUnits are what SIGRTMIN+n starts.
var realtimeUnits = map[int]struct {
	name string
	mode engine.Mode
}{
	0: {"default.target", engine.ModeIsolate},
	1: {"rescue.target", engine.ModeIsolate},
	2: {"emergency.target", engine.ModeIsolate},
	3: {"halt.target", engine.ModeReplaceIrreversibly},
	4: {"poweroff.target", engine.ModeReplaceIrreversibly},
	5: {"reboot.target", engine.ModeReplaceIrreversibly},
	6: {"kexec.target", engine.ModeReplaceIrreversibly},
}

func (m *Manager) realtimeSignal(offset int, by engine.Peer) {
	if u, ok := realtimeUnits[offset]; ok {
		if offset >= 3 && (m.opt.Mode != System || m.contained()) {
			m.askToExit(by)
			return
		}
		m.startBySignal(u.name, u.mode, by)
		return
	}
	switch offset {
	case 13, 14, 15, 16:
		m.end(ending{power: []host.Power{host.Halt, host.PowerOff, host.Reboot, host.Kexec}[offset-13], force: true})
	case 20:
		m.opt.ShowStatus = true
	case 21:
		m.opt.ShowStatus = false
	case 22:
		m.verbosity = levelDebug
	case 23:
		m.verbosity = levelInfo
	case 24:
		if m.opt.Mode != System {
			m.end(ending{force: true})
		}
	case 25:
		m.reexec(by, 0)
	}
}

func (m *Manager) startBySignal(unitName string, mode engine.Mode, by engine.Peer) {
	m.step(engine.Request{Verb: engine.VerbStart, Unit: unitName, Mode: mode, By: by})
}

// signalName names a signal as kill(1) does.
func signalName(n syscall.Signal) string {
	if n >= rtmin {
		return "SIGRTMIN+" + itoa(int(n)-rtmin)
	}
	return unix.SignalName(n)
}
