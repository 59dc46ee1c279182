package manager

import (
	"encoding/json"
	"os"
	"path/filepath"
	"time"

	"davit/cgroup"

	"golang.org/x/sys/unix"
)

// tracesName is the file in the state directory that says where a manager has its cgroups: what remains when it is killed.
const tracesName = "cgroups.json"

// leaveTrace notes where our cgroups are.
func (m *Manager) leaveTrace() {
	if m.tree.Mode() == cgroup.None || m.pid == 1 {
		return
	}
	text, err := json.Marshal(m.tree.Place())
	if err == nil {
		err = os.WriteFile(filepath.Join(m.layout.State, tracesName), text, 0o600)
	}
	if err != nil {
		m.note(levelWarning, "cannot note where cgroups are: %v", err)
	}
}

// sweepEarlier ends what an earlier manager with the same layout left running: it was killed, for nobody answers on its
// socket, and its services would run beside ours.
func (m *Manager) sweepEarlier() {
	text, err := os.ReadFile(filepath.Join(m.layout.State, tracesName))
	if err != nil || m.carried != nil {
		return
	}
	var place cgroup.Place
	if json.Unmarshal(text, &place) != nil || !place.Created {
		return
	}
	tree, err := cgroup.Detect(cgroup.Options{Place: &place})
	if err != nil || tree.Mode() == cgroup.None {
		return
	}
	defer tree.Close()
	groups, err := tree.List()
	if err != nil {
		return
	}
	killed := 0
	for _, path := range groups {
		if pids, _ := tree.Procs(path); len(pids) > 0 && tree.Kill(path, unix.SIGKILL) == nil {
			killed++
		}
	}
	if killed == 0 {
		return
	}
	m.note(levelWarning, "an earlier manager was killed: ended what it left in %d cgroups", killed)
	for range 200 { // at boot, before the loop: nothing else waits for us yet
		if populated, _ := tree.Populated(""); !populated {
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
}
