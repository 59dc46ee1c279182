package manager

import (
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"strings"

	"davit/cgroup"
	"davit/engine"
	"davit/host"

	"golang.org/x/sys/unix"
)

// errNotYet says that a PID file is not there yet, or names a process that is not there yet.
var errNotYet = errors.New("not there yet")

// findMainPID looks for the main process of a forking service (systemd.service(5), PIDFile= and GuessMainPID=). A PID file
// that is not there yet is waited for; the engine's start timeout bounds that.
func (m *Manager) findMainPID(x engine.FindMainPID) {
	if x.PIDFile == "" {
		pid := m.guessMainPID(x.Unit)
		m.answer(engine.MainPIDFound{Token: x.Token, PID: pid, Text: "no single process that could be it"})
		return
	}
	pid, err := m.readPIDFile(x.Unit, x.PIDFile)
	if errors.Is(err, errNotYet) && m.awaitFile(x) {
		return
	}
	m.foundMainPID(x, pid, err)
}

func (m *Manager) foundMainPID(x engine.FindMainPID, pid int, err error) {
	found := engine.MainPIDFound{Token: x.Token, PID: pid}
	if err != nil {
		found.Text = err.Error()
	}
	m.answer(found)
}

// readPIDFile reads and checks a PID file: the process must live, must not be the manager, and must be of the unit unless
// root wrote the file.
func (m *Manager) readPIDFile(name, path string) (int, error) {
	text, err := host.ReadRegular(path)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, fmt.Errorf("cannot read PID file %s: %w", path, errNotYet)
	} else if err != nil {
		return 0, fmt.Errorf("cannot read PID file %s: %w", path, err)
	}
	word := strings.TrimSpace(text)
	if word == "" {
		return 0, fmt.Errorf("PID file %s is empty: %w", path, errNotYet)
	}
	pid, err := strconv.Atoi(word)
	if err != nil || pid <= 1 || pid == m.pid {
		return 0, fmt.Errorf("PID file %s does not name a process: %q", path, word)
	}
	if _, _, _, state := procStat(pid); state == 0 || state == 'Z' || state == 'X' {
		return 0, fmt.Errorf("PID %d of PID file %s is not alive: %w", pid, path, errNotYet)
	}
	if owner := m.unitOfPID(pid); owner != name {
		var st unix.Stat_t
		if unix.Lstat(path, &st) != nil || st.Uid != 0 || m.opt.Mode != System {
			return 0, fmt.Errorf("PID %d of PID file %s belongs to another unit (%q)", pid, path, owner)
		}
	}
	return pid, nil
}

// guessMainPID takes the only process of the unit whose parent is the manager: what a daemon leaves when it forks.
func (m *Manager) guessMainPID(name string) int {
	found := 0
	for _, pid := range m.processesOf(name) {
		if m.procs[pid] != nil {
			continue // a control process
		}
		parent, _, _, state := procStat(pid)
		if parent != m.pid || state == 'Z' {
			continue
		}
		if found != 0 {
			return 0
		}
		found = pid
	}
	return found
}

// processesOf lists the processes of a unit.
func (m *Manager) processesOf(name string) []int {
	h := m.held[name]
	if h == nil || h.group == "" {
		return m.tracker.of(name)
	}
	pids, err := m.tree.Procs(h.group)
	if err != nil {
		return nil
	}
	return pids
}

// unitOfPID returns the name of the unit that a process belongs to, empty when it belongs to none.
func (m *Manager) unitOfPID(pid int) string {
	if c := m.procs[pid]; c != nil {
		return c.unit
	}
	if m.tree.Mode() == cgroup.None {
		return m.tracker.unitOf(pid)
	}
	path, ok := m.tree.UnitOf(pid)
	if !ok {
		return ""
	}
	return m.groups[path]
}
