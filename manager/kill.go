package manager

import (
	"errors"
	"slices"
	"syscall"

	"davit/cgroup"
	"davit/engine"

	"golang.org/x/sys/unix"
)

// kill sends signals to processes of a unit (systemd.kill(5)).
func (m *Manager) kill(x engine.Kill) {
	sigs := []syscall.Signal{syscall.Signal(x.Signal)}
	if x.Cont {
		sigs = append(sigs, unix.SIGCONT)
	}
	if x.Hangup {
		sigs = append(sigs, unix.SIGHUP)
	}
	for _, pid := range x.PIDs {
		m.killProcess(pid, sigs)
	}
	if !x.Group {
		return
	}
	done := slices.Concat(x.Skip, x.PIDs)
	h := m.held[x.Unit]
	if h == nil || h.group == "" {
		for _, pid := range m.tracker.of(x.Unit) {
			if !slices.Contains(done, pid) {
				m.killProcess(pid, sigs)
			}
		}
		return
	}
	if err := m.killGroup(h.group, sigs, x.Skip, done); err != nil {
		m.noteUnit(levelWarning, x.Unit, "%v", err)
	}
}

// killGroup signals a cgroup. SIGKILL for all goes the kernel's way, which no fork escapes.
func (m *Manager) killGroup(group string, sigs []syscall.Signal, skip, done []int) error {
	if sigs[0] == unix.SIGKILL && len(skip) == 0 {
		return m.tree.Kill(group, unix.SIGKILL)
	}
	_, err := m.tree.Signal(group, sigs, done)
	return err
}

// killProcess signals one process, by its pidfd when there is one: the pid of a process that is gone may be another's. A child of
// ours keeps its pid until we reap it.
func (m *Manager) killProcess(pid int, sigs []syscall.Signal) {
	for _, sig := range sigs {
		var err error
		if c := m.procs[pid]; c != nil && c.pidfd >= 0 {
			err = unix.PidfdSendSignal(c.pidfd, sig, nil, 0)
		} else {
			err = unix.Kill(pid, sig)
		}
		if err != nil {
			return // it is gone: its exit is on the way
		}
	}
}

// readGroupEvents reads what happened in cgroups; nothing is delivered yet.
func (m *Manager) readGroupEvents() {
	m.groupEvents = m.groupEvents[:0]
	if len(m.poll.ready[fromCgroup]) == 0 {
		return
	}
	m.tree.Read(func(path string, ev cgroup.Event) {
		m.groupEvents = append(m.groupEvents, groupEvent{path, ev})
	})
}

// groupEvent is one event of a cgroup.
type groupEvent struct {
	path  string
	event cgroup.Event
}

// deliverGroupEvents delivers out-of-memory kills. Emptiness comes after the exits that made it.
func (m *Manager) deliverGroupEvents() {
	for _, g := range m.groupEvents {
		if name := m.groups[g.path]; name != "" && g.event == cgroup.OOMKill {
			m.step(engine.OOMKilled{Unit: name})
		}
	}
}

// deliverEmptied delivers that cgroups have no process left. The kernel's report may be older than the last spawn, so the
// group is looked at again.
func (m *Manager) deliverEmptied() {
	for _, g := range m.groupEvents {
		if name := m.groups[g.path]; name != "" && g.event == cgroup.Empty {
			m.reportEmpty(name, g.path)
		}
	}
}

func (m *Manager) reportEmpty(name, path string) {
	if populated, err := m.tree.Populated(path); populated || err != nil {
		return
	}
	if u := m.eng.Unit(name); u != nil {
		if main, control := u.PIDs(); main > 0 || control > 0 { // ended, and its signal was swallowed by another's
			m.deaths = append(m.deaths, main, control)
			return
		}
	}
	m.reapBefore()
	m.step(engine.CgroupEmpty{Unit: name})
	if u := m.eng.Unit(name); u == nil || u.ActiveState() == engine.Inactive || u.ActiveState() == engine.Failed {
		if h := m.held[name]; h != nil {
			m.removeGroup(name, h)
		}
	}
}

// checkEmpty answers whether a unit has no process any more: at once where the kernel tells, without waiting for its event.
func (m *Manager) checkEmpty(x engine.CheckEmpty) {
	h := m.held[x.Unit]
	if h == nil || h.group == "" {
		m.checkUntracked(x.Unit)
		return
	}
	if populated, err := m.tree.Populated(h.group); err == nil && !populated {
		m.reapBefore()
		m.answer(engine.CgroupEmpty(x))
	}
}

// checkOOM asks, when a process ended by SIGKILL, whether the kernel did it because memory ran out: version 1 has no event.
func (m *Manager) checkOOM(name string) {
	h := m.held[name]
	if h == nil || h.group == "" || m.tree.Mode() != cgroup.Hybrid {
		return
	}
	if n := m.tree.OOMKills(h.group); n > h.ooms {
		h.ooms = n
		m.step(engine.OOMKilled{Unit: name})
	}
}

// adopt watches a process that the manager did not start.
func (m *Manager) adopt(name string, pid int) {
	if c := m.procs[pid]; c != nil {
		return
	}
	fd, err := unix.PidfdOpen(pid, 0)
	if err != nil {
		if errors.Is(err, unix.ESRCH) || errors.Is(err, unix.EINVAL) {
			m.answer(engine.Exited{PID: pid})
			return
		}
		m.noteUnit(levelWarning, name, "cannot watch process %d: %v", pid, err)
		return
	}
	unix.CloseOnExec(fd)
	parent, _, _, _ := procStat(pid)
	c := &child{pid: pid, pidfd: fd, unit: name, own: parent == m.pid, notice: -1}
	if err := m.watchChild(c); err != nil {
		m.noteUnit(levelWarning, name, "%v", err)
		unix.Close(fd)
		return
	}
	m.tracker.add(pid, name, "")
}
