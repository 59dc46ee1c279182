package manager

import (
	"os"
	"strconv"
	"strings"

	"davit/engine"
	"davit/host"
	"davit/process"

	"golang.org/x/sys/unix"
)

// child is a process that the manager watches: one that it started, or one that it adopted.
//
// The ends of those that it started come by SIGCHLD, which names the child: they cost no descriptor. A signal of that kind
// may swallow others; who was swallowed is found when its cgroup is empty, or by a look at all children a little later
// (lookSoon). Adopted processes have a pidfd.
type child struct {
	pid    int
	pidfd  int // -1 for those that were started
	unit   string
	own    bool // a child of this process, whose exit status can be had
	notice int  // descriptor that tells of exec, -1 none
	ended  bool // its end was peeked
}

// watchChild begins to wait for a process's end.
func (m *Manager) watchChild(c *child) error {
	m.procs[c.pid] = c
	if c.pidfd < 0 {
		return nil
	}
	m.pidfds[c.pidfd] = c
	return m.poll.add(c.pidfd, fromChild, unix.EPOLLIN)
}

// dropChild ends the interest in a process.
func (m *Manager) dropChild(c *child) {
	m.dropNotice(c)
	if c.pidfd >= 0 {
		m.poll.remove(c.pidfd)
		unix.Close(c.pidfd)
		delete(m.pidfds, c.pidfd)
	}
	if m.procs[c.pid] == c {
		delete(m.procs, c.pid)
	}
}

// exit is an end of a process that was peeked and not delivered.
type exit struct {
	child *child
	code  engine.ExitCode
	state int
}

// peekExits looks which watched processes have ended, and leaves them as they are: a zombie keeps its pid, so that what is
// read next can still be attributed to it.
func (m *Manager) peekExits() []exit {
	exits := m.exits[:0]
	add := func(c *child, x exit) {
		if !c.ended {
			c.ended = true
			exits = append(exits, x)
		}
	}
	for _, r := range m.poll.ready[fromChild] {
		if c := m.pidfds[r.fd]; c != nil {
			x, known := process.PeekFD(c.pidfd)
			switch {
			case known:
				add(c, exit{c, engine.ExitCode(x.Code), x.Status})
			case !c.own:
				add(c, alienExit(c))
			}
		}
	}
	m.readSignals()
	for _, pid := range m.deaths {
		if c := m.procs[pid]; c != nil {
			if x, ended := process.PeekPID(pid); ended {
				add(c, exit{c, engine.ExitCode(x.Code), x.Status})
			}
		}
	}
	m.deaths = m.deaths[:0]
	m.exits = exits
	return exits
}

// alienExit is the end of somebody else's child: newer kernels tell its status nevertheless.
func alienExit(c *child) exit {
	x := exit{child: c}
	p, ok := host.ProcessOf(c.pidfd)
	switch {
	case !ok || !p.Ended:
	case p.Status.Exited():
		x.code, x.state = engine.CLDExited, p.Status.ExitStatus()
	case p.Status.CoreDump():
		x.code, x.state = engine.CLDDumped, int(p.Status.Signal())
	case p.Status.Signaled():
		x.code, x.state = engine.CLDKilled, int(p.Status.Signal())
	}
	return x
}

// deliverExits reports the ends that were peeked, then reaps.
func (m *Manager) deliverExits(exits []exit) {
	for i := range exits {
		m.died(&exits[i])
		m.deliverResults()
	}
}

// died reports the end of one process, with what its child code had to say before exec.
func (m *Manager) died(x *exit) {
	c := x.child
	if m.journal.owns(c.pid) {
		process.Reap(c.pid)
		m.dropChild(c)
		m.journal.died()
		return
	}
	m.reportFailure(c.pid)
	if x.code == engine.CLDKilled && x.state == int(unix.SIGKILL) {
		m.checkOOM(c.unit)
	}
	process.Reap(c.pid)
	m.dropChild(c)
	m.step(engine.Exited{PID: c.pid, Code: x.code, Status: x.state})
}

// lookDelay is how long, in µs, a look at all children waits for more to look for: it costs a walk over all of them.
const lookDelay = 5000

// lookSoon plans a look at all children: for orphans, which became children because their parents died (PID 1, subreaper),
// and for ends whose signal was swallowed by another. Where processes are tracked by ancestry it is at once.
func (m *Manager) lookSoon() {
	if m.lookAt != 0 {
		return
	}
	m.lookAt = 1
	if m.tracker.t == nil {
		m.lookAt = now().Mono + lookDelay
	}
}

// cheapLook is up to how many processes a look at all children is cheap enough to be taken for one unit's sake.
const cheapLook = 256

// reapBefore reaps orphans before a unit is told to be empty: whoever hears of its stop finds nothing left, not even zombies.
func (m *Manager) reapBefore() {
	if m.lookAt != 0 && len(m.procs) <= cheapLook {
		m.lookAt = 1
		m.lookAtAll()
	}
}

// lookAtAll reaps orphans, and notes a watched child that has ended for the next turn, which observes in its order.
func (m *Manager) lookAtAll() {
	if m.lookAt == 0 || m.asking > 0 || m.lookAt > 1 && now().Mono < m.lookAt {
		return
	}
	m.lookAt = 0
	reaped := false
	for {
		x, ended := process.Peek()
		if !ended {
			break
		}
		if m.procs[x.PID] != nil {
			m.deaths = append(m.deaths, x.PID)
			m.lookAt = 1 // more may be behind it
			break
		}
		process.Reap(x.PID)
		reaped = true
	}
	if reaped {
		m.checkAllUntracked()
	}
}

// procStat reads what /proc says about a process: parent, session, start time in clock ticks, and state.
func procStat(pid int) (parent, session int, start uint64, state byte) {
	raw, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return 0, 0, 0, 0
	}
	text := string(raw)
	fields := strings.Fields(text[strings.LastIndexByte(text, ')')+1:])
	if len(fields) < 20 {
		return 0, 0, 0, 0
	}
	parent, _ = strconv.Atoi(fields[1])
	session, _ = strconv.Atoi(fields[3])
	start, _ = strconv.ParseUint(fields[19], 10, 64)
	return parent, session, start, fields[0][0]
}
