package manager

import (
	"encoding/hex"
	"errors"
	"os"

	"davit/cgroup"
	"davit/engine"
	"davit/process"
	"davit/unit"

	"golang.org/x/sys/unix"
)

// maxInFlight is how many processes may be between their start and their exec.
const maxInFlight = 16

// launch is a process on its way: a Spawn with all that is being found out for it.
type launch struct {
	engine.Spawn
	def     *unit.Unit
	exec    *unit.Exec
	command *unit.Command
	id      identity
	connEnv []string // of the connection that it serves
	stream  string   // JOURNAL_STREAM
	spec    process.Spec
	own     []int // descriptors that are closed after the start
}

// spawn begins a start. It takes its place in the line when too many processes are being set up.
func (m *Manager) spawn(x engine.Spawn) {
	if len(m.waiting) > 0 {
		m.waiting = append(m.waiting, x)
		return
	}
	m.begin(x)
}

// startWaiting goes on with the line.
func (m *Manager) startWaiting() {
	for len(m.waiting) > 0 && m.spawner.InFlight() < maxInFlight {
		x := m.waiting[0]
		m.waiting = m.waiting[1:]
		m.begin(x)
	}
	if len(m.waiting) == 0 {
		m.waiting = nil
	}
}

// begin looks up the names that a start depends on, and goes on when they are known.
func (m *Manager) begin(x engine.Spawn) {
	def := m.definition(x.Unit)
	l := &launch{Spawn: x, def: def}
	if def != nil {
		l.exec, l.command = def.Exec, commandOf(def, x.Phase, x.Index)
	}
	if l.exec == nil || l.command == nil {
		m.spawnFailed(l, &stepError{exitFailure, "find command line", errors.New("the unit file has changed")})
		return
	}
	m.resolve(l.exec.User, l.exec.Group, l.exec.SupplementaryGroups, func(id identity, err *stepError) {
		if err != nil {
			m.spawnFailed(l, err)
			return
		}
		l.id = id
		m.launch(l)
	})
}

// commandOf returns a command line of a unit.
func commandOf(def *unit.Unit, p engine.Phase, i int) *unit.Command {
	var lines []unit.Command
	switch s, k := def.Service, def.Socket; {
	case s != nil:
		lines = map[engine.Phase][]unit.Command{
			engine.ExecCondition: s.ExecCondition, engine.ExecStartPre: s.ExecStartPre, engine.ExecStart: s.ExecStart,
			engine.ExecStartPost: s.ExecStartPost, engine.ExecReload: s.ExecReload, engine.ExecStop: s.ExecStop,
			engine.ExecStopPost: s.ExecStopPost,
		}[p]
	case k != nil:
		lines = map[engine.Phase][]unit.Command{
			engine.ExecStartPre: k.ExecStartPre, engine.ExecStartPost: k.ExecStartPost,
			engine.ExecStopPre: k.ExecStopPre, engine.ExecStopPost: k.ExecStopPost,
		}[p]
	}
	if i >= len(lines) {
		return nil
	}
	return &lines[i]
}

// launch prepares everything that a process inherits, and starts it.
func (m *Manager) launch(l *launch) {
	defer l.close()
	for _, prepare := range []func(*launch) *stepError{
		m.setIdentity, m.setDirectories, m.setSockets, m.setStreams, m.setEnvironment, m.setCommand, m.setGroup,
	} {
		if err := prepare(l); err != nil {
			m.spawnFailed(l, err)
			return
		}
	}
	c, err := m.spawner.Spawn(&l.spec)
	switch {
	case errors.Is(err, process.ErrBusy):
		m.waiting = append([]engine.Spawn{l.Spawn}, m.waiting...)
		return
	case err != nil:
		m.spawnFailed(l, stepOf(err))
		return
	}
	m.started(l, c)
}

// stepOf makes a stepError of what package process says.
func stepOf(err error) *stepError {
	var f process.Failure
	if errors.As(err, &f) {
		what := f.Step
		if f.Subject != "" {
			what += " " + f.Subject
		}
		return &stepError{f.Status, what, f.Errno}
	}
	return &stepError{exitFailure, "make process", err}
}

// started watches the new process and tells the engine.
func (m *Manager) started(l *launch, p process.Child) {
	c := &child{pid: p.PID, pidfd: -1, unit: l.Unit, own: true, notice: p.Notice}
	if err := m.watchChild(c); err != nil {
		m.noteUnit(levelError, l.Unit, "%v", err)
	}
	if c.notice >= 0 {
		m.notices[c.notice] = c
		if err := m.poll.add(c.notice, fromNotice, unix.EPOLLIN); err != nil {
			m.noteUnit(levelError, l.Unit, "%v", err)
		}
	}
	m.tracker.add(p.PID, l.Unit, hex.EncodeToString(l.Invocation[:]))
	m.answer(engine.Spawned{Token: l.Token, PID: p.PID})
}

func (m *Manager) spawnFailed(l *launch, err *stepError) {
	m.answer(engine.SpawnFailed{Token: l.Token, Status: err.status, Step: err.step, Text: err.err.Error()})
}

func (l *launch) close() {
	closeAll(l.own)
	l.own = nil
}

// keep remembers a descriptor that is closed once the process has its copy.
func (l *launch) keep(fd int) int {
	l.own = append(l.own, fd)
	return fd
}

// setIdentity decides whom the process runs as: "+" keeps everything, "!" keeps the user.
func (m *Manager) setIdentity(l *launch) *stepError {
	l.spec.Exec = l.exec
	l.spec.Privileged, l.spec.NoUser = l.command.Privileged, l.command.NoSetUser
	l.spec.UID, l.spec.GID = -1, -1
	l.spec.Cgroup = -1
	l.spec.Lenient = m.weak && !m.opt.Strict
	l.spec.ExecNotice, l.spec.UserMode = l.Notice, m.opt.Mode == User
	if m.opt.Strict {
		if list := m.unkept(m.eng.Unit(l.Unit)); len(list) > 0 {
			return &stepError{exitFailure, "enforce " + list[0].Setting + "= (strict mode)", errors.New(list[0].Because)}
		}
	}
	if l.command.Privileged || l.command.NoSetUser {
		return nil
	}
	l.spec.UID, l.spec.GID, l.spec.Groups = l.id.uid, l.id.gid, l.id.groups
	m.approximateIdentity(l)
	return nil
}

// approximateIdentity gives up what this place cannot do: where only one id is mapped, or without any privilege, every
// process runs as the manager's own user, and the unit's status says so.
func (m *Manager) approximateIdentity(l *launch) {
	if l.spec.UID < 0 && l.spec.GID < 0 && len(l.spec.Groups) == 0 {
		return
	}
	if m.canSetUser(l.spec.UID, l.spec.GID) {
		return
	}
	if l.spec.UID >= 0 && l.spec.UID != os.Geteuid() {
		m.remark(l.Unit, "User= is approximated: "+m.whyOneUser)
	}
	l.spec.UserApproximated = true
}

// setGroup makes the unit's cgroup, so that the process is born in it.
func (m *Manager) setGroup(l *launch) *stepError {
	if m.tree.Mode() == cgroup.None {
		return nil
	}
	path, err := m.ensureGroup(l.def)
	if path == "" {
		return &stepError{exitCgroup, "make cgroup", err}
	}
	if err != nil {
		m.log(entry{priority: levelWarning, unit: l.Unit, text: err.Error()})
	}
	fd, err := m.tree.Open(path)
	if err != nil {
		return &stepError{exitCgroup, "open cgroup", err}
	}
	l.spec.Cgroup = l.keep(fd)
	if l.Notify {
		m.noteGroupID(l.Unit, fd)
	}
	l.spec.MemoryLimit = m.limitsMemory(l.def)
	l.spec.CgroupV1 = m.tree.V1Procs(path)
	return nil
}

// setSockets gives the process the listeners of its socket units, what is in its descriptor store, or its connection.
func (m *Manager) setSockets(l *launch) *stepError {
	if l.Phase != engine.ExecStart && l.Phase != engine.ExecStartPre && l.Phase != engine.ExecStartPost {
		return nil
	}
	if l.Conn != 0 {
		if c, ok := m.conns[l.Conn]; ok {
			l.spec.FDs = append(l.spec.FDs, process.FD{FD: c.FD, Name: "connection"})
			l.connEnv = c.Env
		}
		return nil
	}
	if l.Phase != engine.ExecStart {
		return nil
	}
	for _, name := range l.Sockets {
		if h := m.held[name]; h != nil {
			for _, one := range h.listeners {
				l.spec.FDs = append(l.spec.FDs, process.FD{FD: one.FD, Name: one.Name})
			}
		}
	}
	for _, k := range m.store.Of(l.Unit) {
		l.spec.FDs = append(l.spec.FDs, process.FD{FD: k.FD, Name: k.Name})
	}
	if l.def.Service != nil && len(l.spec.FDs) > 0 {
		for _, fd := range l.spec.FDs {
			_ = unix.SetNonblock(fd.FD, l.def.Service.NonBlocking)
		}
	}
	return nil
}

// deliverNotices reports which processes have called exec, or died before.
func (m *Manager) deliverNotices() {
	for _, r := range m.poll.ready[fromNotice] {
		c := m.notices[r.fd]
		if c == nil {
			continue
		}
		m.dropNotice(c)
		if !m.reportFailure(c.pid) {
			m.step(engine.Execed{PID: c.pid})
		}
	}
}

// reportFailure tells the engine when a process failed before exec.
func (m *Manager) reportFailure(pid int) bool {
	f, failed := m.spawner.Failure(pid)
	if !failed {
		return false
	}
	what := f.Step
	if f.Subject != "" {
		what += " " + f.Subject
	}
	m.step(engine.ExecFailed{PID: pid, Step: what, Text: f.Errno.Error()})
	return true
}

func (m *Manager) dropNotice(c *child) {
	if c.notice >= 0 {
		m.poll.remove(c.notice)
		unix.Close(c.notice)
		delete(m.notices, c.notice)
		c.notice = -1
	}
}
