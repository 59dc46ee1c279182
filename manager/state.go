package manager

import (
	"encoding/json"
	"fmt"
	"os"
	"strconv"

	"davit/cgroup"
	"davit/dbus"
	"davit/engine"
	"davit/socketact"

	"golang.org/x/sys/unix"
)

// stateVariable names the descriptor of the state in the environment of the program that takes over.
const stateVariable = "DAVIT_STATE_FD"

// carried is everything that one manager hands to the next one over re-execution. It is plain data; the numbers of
// descriptors in it are those of the process, which stays the same.
type carried struct {
	Version  int
	Engine   json.RawMessage
	Began    engine.Clock
	Finished engine.Clock // end of the boot
	Private  int
	Signals  int // pipe with what was caught
	Notify   int
	Place    cgroup.Place
	Children []carriedChild
	Units    []carriedUnit
	Store    []socketact.Kept
	Conns    map[uint64]carriedConn
	LastConn uint64
	Waiting  []engine.Spawn       // starts that have not begun
	Files    []engine.FindMainPID // PID files that are waited for
	Journal  *carriedJournal
	Bus      *dbus.Saved
	Token    engine.Token // who asked for the re-execution
	Env      []string     // what clients set for services
	Level    int
	Status   int // exit status so far
	ExitAsk  int
	LastJob  lastJob
	Breaks   []int64      // when the engine broke
	Tokens   engine.Token // of the manager's own requests
}

type carriedChild struct {
	PID, PIDFD, Notice int
	Unit               string
	Own                bool
}

type carriedUnit struct {
	Name      string
	Group     string   `json:",omitempty"`
	Listeners []int    `json:",omitempty"`
	Watching  bool     `json:",omitempty"`
	Notify    int      `json:",omitempty"`
	NotifyAt  string   `json:",omitempty"`
	Runtime   []string `json:",omitempty"`
	Creds     string   `json:",omitempty"`
	Notes     []string `json:",omitempty"`
	OOMs      uint64   `json:",omitempty"`
}

type carriedConn struct {
	FD       int
	Instance string
	Source   string
	Env      []string
}

const carriedVersion = 1

// carry collects the state, and the descriptors that have to stay open.
func (m *Manager) carry() (*carried, []int, error) {
	state, err := m.eng.Marshal()
	if err != nil {
		return nil, nil, err
	}
	c := &carried{
		Version: carriedVersion, Engine: state, Began: m.began, Finished: m.finishedAt(), Private: m.private, Signals: m.signals, Notify: m.notify.fd,
		Place: m.tree.Place(), Store: m.store.All(), Conns: map[uint64]carriedConn{}, LastConn: m.lastConn, Waiting: m.waiting,
		Env: m.extraEnv, Level: m.verbosity, Status: m.exitStatus, ExitAsk: m.exitAsked, LastJob: m.lastJob, Breaks: m.breaks, Tokens: m.lastToken, Token: m.reexecBy.token,
	}
	fds := []int{m.private, m.signals, m.notify.fd}
	for _, pid := range sortedKeys(m.procs) {
		p := m.procs[pid]
		if m.journal.owns(pid) {
			continue
		}
		c.Children = append(c.Children, carriedChild{p.pid, p.pidfd, p.notice, p.unit, p.own})
		if p.pidfd >= 0 {
			fds = append(fds, p.pidfd)
		}
		if p.notice >= 0 {
			fds = append(fds, p.notice)
		}
	}
	for _, name := range m.sortedHeld() {
		u := m.held[name].carried(name)
		c.Units = append(c.Units, u)
		fds = append(fds, u.Listeners...)
		if u.Notify > 0 {
			fds = append(fds, u.Notify)
		}
	}
	for _, k := range c.Store {
		fds = append(fds, k.FD)
	}
	for id, conn := range m.conns {
		c.Conns[id] = carriedConn{conn.FD, conn.Instance, conn.Source, conn.Env}
		fds = append(fds, conn.FD)
	}
	for _, w := range m.fileWaits {
		c.Files = append(c.Files, w.ask)
	}
	if err := m.carryOthers(c, &fds); err != nil {
		return nil, nil, err
	}
	return c, fds, nil
}

func (h *held) carried(name string) carriedUnit {
	u := carriedUnit{
		Name: name, Group: h.group, Listeners: descriptors(h.listeners), Watching: h.watching,
		Runtime: h.runtime, Creds: h.creds, Notes: h.notes, OOMs: h.ooms,
	}
	if h.notify != nil {
		u.Notify, u.NotifyAt = h.notify.fd, h.notify.path
	}
	return u
}

// writeState puts the state into a file in memory whose descriptor the next program inherits.
func writeState(c *carried) (int, error) {
	text, err := json.Marshal(c)
	if err != nil {
		return -1, fmt.Errorf("cannot encode state: %w", err)
	}
	fd, err := unix.MemfdCreate("davit-state", 0)
	if err != nil {
		return -1, fmt.Errorf("cannot make a file for the state: %w", err)
	}
	for len(text) > 0 {
		n, err := unix.Write(fd, text)
		if err != nil {
			unix.Close(fd)
			return -1, fmt.Errorf("cannot write state: %w", err)
		}
		text = text[n:]
	}
	return fd, nil
}

// readState returns the state that an earlier program left, nil when this is a fresh start.
func readState() (*carried, error) {
	text, ok := os.LookupEnv(stateVariable)
	if !ok {
		return nil, nil
	}
	_ = os.Unsetenv(stateVariable)
	fd, err := strconv.Atoi(text)
	if err != nil {
		return nil, fmt.Errorf("cannot read state: %s=%q", stateVariable, text)
	}
	f := os.NewFile(uintptr(fd), "state")
	defer f.Close()
	if _, err := f.Seek(0, 0); err != nil {
		return nil, fmt.Errorf("cannot read state: %w", err)
	}
	c := &carried{}
	if err := json.NewDecoder(f).Decode(c); err != nil {
		return nil, fmt.Errorf("cannot read state: %w", err)
	}
	if c.Version != carriedVersion {
		return nil, fmt.Errorf("cannot read state: it has version %d, this program knows %d", c.Version, carriedVersion)
	}
	return c, nil
}

func setCloseOnExec(fds []int, on bool) error {
	flag := 0
	if on {
		flag = unix.FD_CLOEXEC
	}
	for _, fd := range fds {
		if _, err := unix.FcntlInt(uintptr(fd), unix.F_SETFD, flag); err != nil {
			return fmt.Errorf("cannot keep descriptor %d open: %w", fd, err)
		}
	}
	return nil
}

// carryOthers adds what the D-Bus server and the journal's link hand over.
func (m *Manager) carryOthers(c *carried, fds *[]int) error {
	c.Bus = m.bus.Save()
	*fds = append(*fds, c.Bus.FDs()...)
	j, more, err := m.journal.carry()
	c.Journal = j
	*fds = append(*fds, more...)
	return err
}
