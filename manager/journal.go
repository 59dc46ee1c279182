package manager

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"davit/cgroup"
	"davit/host"
	"davit/journal"
	"davit/process"
	"davit/unit"

	"golang.org/x/sys/unix"
)

// logbook is the manager's end of the journal: the process that keeps the logs, its sockets, and the streams of services. The
// process is a child like any other, is started again when it dies, and loses nothing by that.
type logbook struct {
	m         *Manager
	link      *journal.Link
	ledger    int
	listeners map[string]int // by the names of package journal
	child     *child         // nil while there is none
	began     int64          // monotonic µs, of the present process
	retryAt   int64          // monotonic µs at which it is tried again, 0: not
	watching  uint32         // what the link's descriptor is watched for
	stopping  bool
}

// quickDeath is how long, in µs, the process must have lived for a new one to be started at once.
const quickDeath = 2e6

// openJournal binds the journal's sockets and starts it, so that it takes what the first service writes.
func (m *Manager) openJournal() (err error) {
	j := &logbook{m: m, link: journal.NewLink(), ledger: -1, listeners: map[string]int{}}
	m.journal = j
	if m.carried != nil {
		return j.resume(m.carried.Journal)
	}
	if j.ledger, err = journal.NewLedger(); err != nil {
		return err
	}
	for _, s := range []struct {
		name, path string
		typ        int
	}{
		{journal.FDStdout, m.layout.JournalStdout, unix.SOCK_STREAM},
		{journal.FDNative, m.layout.JournalNative, unix.SOCK_DGRAM},
		{journal.FDSyslog, m.layout.JournalDevLog, unix.SOCK_DGRAM},
	} {
		fd, err := host.Listen(s.path, s.typ, 0o666)
		if errors.Is(err, host.ErrInUse) && m.opt.Mode == System {
			m.note(levelWarning, "%v: programs that log there reach that one", err)
			continue
		} else if err != nil {
			return err
		}
		j.listeners[s.name] = fd
	}
	j.linkDevLog()
	j.start()
	return nil
}

// linkDevLog makes /dev/log, where programs look for syslog, unless somebody else has it.
func (j *logbook) linkDevLog() {
	l := &j.m.layout
	if l.JournalSyslog == "" || j.m.pid != 1 {
		return
	}
	if err := os.Symlink(l.JournalDevLog, l.JournalSyslog); err != nil && !errors.Is(err, os.ErrExist) {
		j.m.note(levelWarning, "cannot make %s: %v", l.JournalSyslog, err)
	}
}

// start starts the process. What it needs comes as descriptors with names; it opens nothing of the manager's.
func (j *logbook) start() {
	m := j.m
	j.retryAt = 0
	end, err := j.link.Connect()
	if err != nil {
		j.failed(err)
		return
	}
	defer unix.Close(end)
	spec := process.Spec{
		Path: fmt.Sprintf("/proc/%d/fd/%d", m.pid, m.self), Args: j.arguments(), Env: append([]string{"GOMAXPROCS=2"}, m.env...),
		UID: -1, GID: -1, Stdin: -1, Stdout: 2, Stderr: 2, Cgroup: -1,
		FDs: []process.FD{{FD: end, Name: journal.FDControl}, {FD: j.ledger, Name: journal.FDLedger}},
	}
	for _, name := range []string{journal.FDStdout, journal.FDNative, journal.FDSyslog} {
		if fd, ok := j.listeners[name]; ok {
			spec.FDs = append(spec.FDs, process.FD{FD: fd, Name: name})
		}
	}
	if fd := j.openGroup(); fd >= 0 {
		spec.Cgroup = fd
		defer unix.Close(fd)
	}
	p, err := m.spawner.Spawn(&spec)
	if err != nil {
		j.link.Disconnect()
		j.failed(err)
		return
	}
	j.began = now().Mono
	j.child = &child{pid: p.PID, pidfd: -1, own: true, notice: -1}
	if fd, err := unix.PidfdOpen(p.PID, 0); err == nil {
		unix.CloseOnExec(fd)
		j.child.pidfd = fd
	}
	if err := m.watchChild(j.child); err != nil {
		m.note(levelError, "journal: %v", err)
	}
	j.watch()
}

// journalGroup is the journal's own cgroup.
const journalGroup = "davit-journal.scope"

// openGroup makes and opens the journal's cgroup; -1 when there is none to be had.
func (j *logbook) openGroup() int {
	t := j.m.tree
	if t.Mode() == cgroup.None || t.Realize(journalGroup, cgroup.Limits{}) != nil {
		return -1
	}
	fd, err := t.Open(journalGroup)
	if err != nil {
		return -1
	}
	return fd
}

func (j *logbook) arguments() []string {
	m, l := j.m, &j.m.layout
	storage := "persistent"
	if m.opt.Mode == System {
		storage = "auto"
	}
	args := []string{
		"davit-journal", "--directory=" + l.JournalStore, "--runtime=" + l.JournalRuntime, "--storage=" + storage,
		"--hostname=" + m.machine.Hostname(), "--machine-id=" + m.machine.MachineID(), "--boot-id=" + m.machine.BootID(),
	}
	if root := m.rootGroup(); root != "" {
		args = append(args, "--cgroup-root="+root)
	}
	if m.opt.Mode == User {
		args = append(args, "--user")
	}
	return args
}

// failed says that the process could not be started; it is tried again later.
func (j *logbook) failed(err error) {
	j.retryAt = now().Mono + 1e6
	j.m.screen.line(levelError, "cannot start the journal: "+err.Error())
}

// died is the end of the process. The next one gets all streams again.
func (j *logbook) died() {
	j.unwatch()
	j.link.Disconnect()
	j.child = nil
	switch {
	case j.stopping:
	case now().Mono-j.began > quickDeath:
		j.start()
	default:
		j.retryAt = now().Mono + 1e6
	}
}

// retry starts the process when its time has come.
func (j *logbook) retry() {
	if j.retryAt != 0 && now().Mono >= j.retryAt {
		j.start()
	}
}

func (j *logbook) owns(pid int) bool { return j.child != nil && j.child.pid == pid }

// stream makes a connection to the journal for a process's output, and returns the process's end.
func (j *logbook) stream(l *launch) (int, error) {
	service, ours, err := journal.NewStream()
	if err != nil {
		return -1, err
	}
	x, m := l.exec, j.m
	s := journal.Stream{
		ID: journal.NewID(), Unit: l.Unit, Invocation: journal.ID(l.Invocation), Identifier: x.SyslogIdentifier,
		Slice: m.sliceOf(l.def), Priority: int(x.SyslogLevel), Facility: int(x.SyslogFacility), LevelPrefix: x.SyslogLevelPrefix,
		MaxLevel: 7, User: m.opt.Mode == User, Owner: os.Getuid(), Extra: x.LogExtraFields,
	}
	if s.Identifier == "" {
		s.Identifier = filepath.Base(l.command.Path)
	}
	if m.tree.FD() >= 0 {
		s.Cgroup = m.groupPath(l.def)
	}
	if x.LogLevelMax < unit.LogLevelUnset {
		s.MaxLevel = int(x.LogLevelMax)
	}
	if x.LogRateLimitInterval > 0 && x.LogRateLimitBurst > 0 {
		s.Interval, s.Burst = uint64(x.LogRateLimitInterval), uint64(x.LogRateLimitBurst)
	}
	j.link.Attach(s, ours)
	return l.keep(service), nil
}

// write takes a message of the manager, also while the process is away.
func (j *logbook) write(e *entry) bool {
	if j == nil || j.link == nil || j.stopping {
		return false
	}
	fields := e.journalFields(j.m.opt.Mode)
	out := make([]journal.Field, len(fields))
	for i, f := range fields {
		out[i] = journal.Field{Name: f.Key, Value: f.Value}
	}
	j.link.Log(e.priority, e.text, out...)
	return true
}

// flush sends what waits, and asks the loop to say when there is room for the rest.
func (j *logbook) flush() {
	if j.link.Waiting() {
		j.link.Flush()
	}
	j.watch()
}

// watch keeps the interest in the link's descriptor up to date.
func (j *logbook) watch() {
	fd := j.link.FD()
	if fd < 0 || j.child == nil {
		return
	}
	want := uint32(unix.EPOLLIN)
	if j.link.Waiting() {
		want |= unix.EPOLLOUT
	}
	if want == j.watching {
		return
	}
	var err error
	if j.watching == 0 {
		err = j.m.poll.add(fd, fromJournal, want)
	} else {
		err = j.m.poll.change(fd, fromJournal, want)
	}
	if err == nil {
		j.watching = want
	}
}

func (j *logbook) unwatch() {
	if fd := j.link.FD(); fd >= 0 && j.watching != 0 {
		j.m.poll.remove(fd)
	}
	j.watching = 0
}

// deliverJournal hears what the journal says: streams that have ended.
func (m *Manager) deliverJournal() {
	j := m.journal
	if len(m.poll.ready[fromJournal]) > 0 && j.link.FD() >= 0 {
		if _, alive := j.link.Read(); !alive {
			j.unwatch() // its death comes by its pidfd
		} else {
			j.link.Flush()
		}
	}
	j.retry()
}

// stop ends the journal, after it has stored everything.
func (j *logbook) stop() {
	j.stopping = true
	if j.child != nil {
		j.link.Flush()
		_ = unix.PidfdSendSignal(j.child.pidfd, unix.SIGTERM, nil, 0)
		if !awaitEnd(j.child.pidfd, 5*time.Second) {
			_ = unix.PidfdSendSignal(j.child.pidfd, unix.SIGKILL, nil, 0)
			awaitEnd(j.child.pidfd, time.Second)
		}
		process.Reap(j.child.pid)
		j.m.dropChild(j.child)
	}
	j.unwatch()
	j.link.Disconnect()
	_ = j.m.tree.Remove(journalGroup)
	l := &j.m.layout
	for name, path := range map[string]string{
		journal.FDStdout: l.JournalStdout, journal.FDNative: l.JournalNative, journal.FDSyslog: l.JournalDevLog,
	} {
		if fd, ok := j.listeners[name]; ok {
			unix.Close(fd)
			_ = os.Remove(path)
		}
	}
	_ = os.Remove(filepath.Dir(l.JournalStdout))
}

// awaitEnd waits until a process has ended, at the manager's own end.
func awaitEnd(pidfd int, limit time.Duration) bool {
	poll := []unix.PollFd{{Fd: int32(pidfd), Events: unix.POLLIN}}
	for deadline := time.Now().Add(limit); time.Now().Before(deadline); {
		if n, err := unix.Poll(poll, int(time.Until(deadline).Milliseconds())+1); n > 0 && err == nil {
			return true
		}
	}
	return false
}

// carriedJournal is the journal's part of the state that survives re-execution.
type carriedJournal struct {
	Link       json.RawMessage
	Ledger     int
	Listeners  map[string]int
	PID, PIDFD int
	Began      int64
}

func (j *logbook) carry() (*carriedJournal, []int, error) {
	link, fds, err := j.link.Marshal()
	if err != nil {
		return nil, nil, err
	}
	c := &carriedJournal{Link: link, Ledger: j.ledger, Listeners: j.listeners, Began: j.began}
	fds = append(fds, j.ledger)
	for _, fd := range j.listeners {
		fds = append(fds, fd)
	}
	if j.child != nil {
		c.PID, c.PIDFD = j.child.pid, j.child.pidfd
		fds = append(fds, j.child.pidfd)
	}
	return c, fds, nil
}

// resume goes on with the process that the earlier manager started.
func (j *logbook) resume(c *carriedJournal) error {
	if err := j.link.Unmarshal(c.Link); err != nil {
		return err
	}
	j.ledger, j.listeners, j.began = c.Ledger, c.Listeners, c.Began
	_, fds, err := j.link.Marshal()
	if err != nil {
		return err
	}
	fds = append(fds, c.Ledger)
	for _, fd := range c.Listeners {
		fds = append(fds, fd)
	}
	if err := setCloseOnExec(fds, true); err != nil {
		return err
	}
	if c.PID == 0 {
		j.start()
		return nil
	}
	unix.CloseOnExec(c.PIDFD)
	j.child = &child{pid: c.PID, pidfd: c.PIDFD, own: true, notice: -1}
	if err := j.m.watchChild(j.child); err != nil {
		return err
	}
	j.watch()
	return nil
}
