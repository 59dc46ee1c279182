package manager

import (
	"fmt"
	"os"
	"slices"
	"syscall"
	"time"

	"davit/cgroup"
	"davit/dbus"
	"davit/engine"
	"davit/host"
	"davit/socketact"

	"golang.org/x/sys/unix"
)

// reexecution is a re-execution that was asked for.
type reexecution struct {
	by    engine.Peer
	token engine.Token
	since time.Time
}

// patienceReexec is how long a re-execution waits for effects that are under way.
const patienceReexec = 2 * time.Second

// reexec asks for the manager's program to be replaced, once the effects under way are through.
func (m *Manager) reexec(by engine.Peer, token engine.Token) {
	if m.reexecBy == nil {
		m.reexecBy = &reexecution{by, token, time.Now()}
		m.wake.post(func() {})
	}
}

// tryReexec replaces the program when nothing is under way that the next one could not go on with.
func (m *Manager) tryReexec() {
	busy := len(m.results) > 0 || m.asking > 0 || m.reloadsUnderWay > 0 || m.spawner.InFlight() > 0
	if busy && time.Since(m.reexecBy.since) < patienceReexec {
		m.wake.post(func() {}) // look again in the next turn
		return
	}
	if len(m.results) > 0 {
		return
	}
	token := m.reexecBy.token
	if err := m.replace(); err != nil {
		m.reexecBy = nil
		m.note(levelError, "%v", err)
		m.perform(engine.Reply{Token: token, Err: &engine.Error{Kind: engine.NotSupported, Text: err.Error()}})
	}
}

// replace hands everything to a new program. It returns only when that failed.
func (m *Manager) replace() error {
	m.note(levelNotice, "re-executing, asked by %s", m.reexecBy.by)
	m.bus.Flush()
	m.journal.flush()
	c, fds, err := m.carry()
	if err != nil {
		return fmt.Errorf("cannot re-execute: %w", err)
	}
	fd, err := writeState(c)
	if err != nil {
		return fmt.Errorf("cannot re-execute: %w", err)
	}
	defer unix.Close(fd)
	if err := setCloseOnExec(fds, false); err != nil {
		return fmt.Errorf("cannot re-execute: %w", err)
	}
	host.IgnoreSignals(handled()[1:]) // a caught one would kill the program that begins
	env := append(os.Environ(), stateVariable+"="+itoa(fd))
	for _, path := range []string{m.program, "/proc/self/exe"} {
		if path != "" {
			err = syscall.Exec(path, os.Args, env)
		}
	}
	_ = setCloseOnExec(fds, true)
	_ = m.openSignals()
	return fmt.Errorf("cannot re-execute %s: %w", m.program, err)
}

// takeOver receives what an earlier program left; false on a fresh start.
func (m *Manager) takeOver() (bool, error) {
	c, err := readState()
	if c == nil || err != nil {
		return false, err
	}
	m.carried = c
	m.private = c.Private
	m.began = c.Began
	m.notify = &notifySocket{fd: c.Notify, path: m.layout.Notify}
	return true, m.watchNotify(m.notify)
}

// resume goes on where the earlier program stopped.
func (m *Manager) resume() error {
	c := m.carried
	m.verbosity, m.exitStatus, m.exitAsked, m.extraEnv = c.Level, c.Status, c.ExitAsk, c.Env
	m.values.Stamps[dbus.StampFinish] = c.Finished
	m.breaks = c.Breaks
	m.lastConn, m.lastJob, m.lastToken = c.LastConn, c.LastJob, c.Tokens
	if err := m.eng.Unmarshal(c.Engine); err != nil {
		return err
	}
	for _, p := range c.Children {
		m.resumeChild(p)
	}
	for _, u := range c.Units {
		m.resumeUnit(u)
	}
	m.store.Restore(c.Store)
	for _, k := range c.Store {
		unix.CloseOnExec(k.FD)
		if k.Poll {
			m.stored[k.FD] = k.Unit
			_ = m.poll.add(k.FD, fromStore, 0)
		}
	}
	for id, conn := range c.Conns {
		unix.CloseOnExec(conn.FD)
		m.conns[id] = socketact.Connection{FD: conn.FD, Instance: conn.Instance, Source: conn.Source, Env: conn.Env}
	}
	m.waiting = c.Waiting
	for _, ask := range c.Files {
		m.findMainPID(ask)
	}
	if c.Bus != nil {
		m.bus.Restore(c.Bus)
	}
	m.lookAt = 1
	host.ReadSignals(c.Signals, m.takeSignal) // what the earlier program had caught and not read
	unix.Close(c.Signals)
	m.note(levelInfo, "re-executed: %d units, %d processes taken over", len(m.eng.Units()), len(m.procs))
	m.perform(engine.Reply{Token: c.Token})
	m.carried = nil
	m.settle()
	return nil
}

func (m *Manager) resumeChild(p carriedChild) {
	if p.PIDFD >= 0 {
		unix.CloseOnExec(p.PIDFD)
	}
	c := &child{pid: p.PID, pidfd: p.PIDFD, unit: p.Unit, own: p.Own, notice: p.Notice}
	if err := m.watchChild(c); err != nil {
		m.noteUnit(levelError, p.Unit, "%v", err)
	}
	if c.notice >= 0 {
		unix.CloseOnExec(c.notice)
		m.notices[c.notice] = c
		_ = m.poll.add(c.notice, fromNotice, unix.EPOLLIN)
	}
	m.tracker.add(p.PID, p.Unit, "")
}

func (m *Manager) resumeUnit(u carriedUnit) {
	h := m.hold(u.Name)
	h.runtime, h.creds, h.notes, h.ooms = u.Runtime, u.Creds, u.Notes, u.OOMs
	if u.Group != "" && m.tree.Mode() != cgroup.None {
		h.group = u.Group
		m.groups[u.Group] = u.Name
		if fd, err := m.tree.Open(u.Group); err == nil {
			m.noteGroupID(u.Name, fd)
			unix.Close(fd)
		}
		if def := m.definition(u.Name); def != nil {
			h.group = "" // ensureGroup watches it anew
			if _, err := m.ensureGroup(def); err != nil {
				m.noteUnit(levelWarning, u.Name, "%v", err)
			}
		}
	}
	if u.Notify > 0 {
		unix.CloseOnExec(u.Notify)
		h.notify = &notifySocket{fd: u.Notify, unit: u.Name, path: u.NotifyAt}
		_ = m.watchNotify(h.notify)
	}
	def := m.definition(u.Name)
	if len(u.Listeners) == 0 || def == nil || def.Socket == nil {
		closeAll(u.Listeners)
		return
	}
	owner := socketact.NoOwner
	list, warnings, err := socketact.Open(u.Name, def.Socket, owner, u.Listeners)
	for _, w := range append(warnings, err) {
		if w != nil {
			m.log(entry{priority: levelWarning, unit: u.Name, text: w.Error()})
		}
	}
	h.listeners = list
	if u.Watching {
		m.watchSockets(u.Name, true)
	}
}

// resumed restores the state of an earlier program, if there is one.
func (m *Manager) resumed() (bool, error) {
	if m.carried == nil {
		return false, nil
	}
	return true, m.resume()
}

// earlierPlace is where the earlier program had its cgroups.
func (m *Manager) earlierPlace() *cgroup.Place {
	if m.carried == nil {
		return nil
	}
	return &m.carried.Place
}

func (m *Manager) finishedAt() engine.Clock { return m.values.Stamps[dbus.StampFinish] }

func sortedKeys[V any](m map[int]V) []int {
	keys := make([]int, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// ownProgram returns the path of this program as it was started, so that a newer version at that path is found by re-execution.
func ownProgram(self string) string {
	if self != "/proc/self/exe" {
		return self
	}
	path, err := os.Readlink("/proc/self/exe")
	if err != nil {
		return ""
	}
	return path
}
