package process

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
)

// Tracker says which unit a process belongs to where there are no cgroups to tell: the unit of its nearest known ancestor, else that of
// its session's leader, else that of the INVOCATION_ID in its environment. What was found once stays, also when the ancestor has died
// and the process has become ours. Only our own descendants count.
type Tracker struct {
	proc        string
	self        int
	known       map[int]known
	sessions    map[int]string // by session id, as long as the unit is there
	invocations map[string]string
	processes   map[int]processStat // of the last Update, without zombies
}

// known is an attribution.
type known struct {
	unit  string
	start uint64 // start time of the process, in clock ticks, so that a process id that is used again is not mistaken; 0: not seen yet
}

// processStat is what matters of /proc/PID/stat.
type processStat struct {
	parent, session int
	start           uint64
	zombie          bool
}

// NewTracker returns a Tracker of the descendants of process self, that reads proc (usually "/proc").
func NewTracker(proc string, self int) *Tracker {
	return &Tracker{
		proc: proc, self: self, known: map[int]known{}, sessions: map[int]string{}, invocations: map[string]string{},
		processes: map[int]processStat{},
	}
}

// Add notes that we have started process pid for a unit. invocation is the value of its INVOCATION_ID, or empty.
func (t *Tracker) Add(pid int, unit, invocation string) {
	t.known[pid] = known{unit: unit}
	t.sessions[pid] = unit // the list makes it the leader of a session
	if invocation != "" {
		t.invocations[invocation] = unit
	}
}

// Forget drops what leads to a unit, when it is inactive and its last process is gone.
func (t *Tracker) Forget(unit string) {
	for pid, k := range t.known {
		if k.unit == unit {
			delete(t.known, pid)
		}
	}
	for session, u := range t.sessions {
		if u == unit {
			delete(t.sessions, session)
		}
	}
	for invocation, u := range t.invocations {
		if u == unit {
			delete(t.invocations, invocation)
		}
	}
}

// Update looks at all processes. The other methods answer from what it saw. It costs some 20 µs per process of the machine.
func (t *Tracker) Update() error {
	dir, err := os.Open(t.proc)
	if err != nil {
		return fmt.Errorf("cannot list processes: %w", err)
	}
	defer dir.Close()
	names, err := dir.Readdirnames(-1)
	if err != nil {
		return fmt.Errorf("cannot list processes: %w", err)
	}
	all := make(map[int]processStat, len(names))
	for _, name := range names {
		pid, err := strconv.Atoi(name)
		if err != nil {
			continue
		}
		if stat, ok := t.read(pid); ok {
			all[pid] = stat
		}
	}
	t.processes = all
	t.attribute()
	return nil
}

// attribute makes all of our descendants known that can be, and drops who is gone.
func (t *Tracker) attribute() {
	for pid, k := range t.known {
		stat, there := t.processes[pid]
		switch {
		case !there || k.start != 0 && k.start != stat.start:
			delete(t.known, pid)
		case k.start == 0:
			t.known[pid] = known{k.unit, stat.start}
		}
	}
	for pid := range t.processes {
		if !t.ours(pid) {
			continue
		}
		if unit, ok := t.find(pid); ok {
			t.known[pid] = known{unit, t.processes[pid].start}
		}
	}
}

// ours says whether pid descends from us.
func (t *Tracker) ours(pid int) bool {
	for range len(t.processes) {
		stat, ok := t.processes[pid]
		if !ok || pid == t.self {
			return false
		}
		if stat.parent == t.self {
			return true
		}
		pid = stat.parent
	}
	return false
}

// find attributes one process.
func (t *Tracker) find(pid int) (string, bool) {
	for at, n := pid, 0; at != t.self && n <= len(t.processes); n++ {
		if k, ok := t.known[at]; ok {
			return k.unit, true
		}
		stat, ok := t.processes[at]
		if !ok {
			break
		}
		at = stat.parent
	}
	if unit, ok := t.sessions[t.processes[pid].session]; ok {
		return unit, true
	}
	unit, ok := t.invocations[t.invocation(pid)]
	return unit, ok
}

// Unit returns the unit that pid belongs to. A process that came after the last Update is looked up alone.
func (t *Tracker) Unit(pid int) (string, bool) {
	if k, ok := t.known[pid]; ok {
		return k.unit, true
	}
	if _, seen := t.processes[pid]; !seen {
		stat, ok := t.read(pid)
		if !ok {
			return "", false
		}
		t.processes[pid] = stat
	}
	if !t.ours(pid) {
		return "", false
	}
	unit, ok := t.find(pid)
	if ok {
		t.known[pid] = known{unit, t.processes[pid].start}
	}
	return unit, ok
}

// Processes returns the living processes of a unit, in ascending order, as of the last Update.
func (t *Tracker) Processes(unit string) []int {
	var pids []int
	for pid, k := range t.known {
		if stat, there := t.processes[pid]; k.unit == unit && there && !stat.zombie {
			pids = append(pids, pid)
		}
	}
	slices.Sort(pids)
	return pids
}

// Unattributed returns our living descendants that belong to no unit, in ascending order, as of the last Update.
func (t *Tracker) Unattributed() []int {
	var pids []int
	for pid, stat := range t.processes {
		if _, ok := t.known[pid]; !ok && !stat.zombie && t.ours(pid) {
			pids = append(pids, pid)
		}
	}
	slices.Sort(pids)
	return pids
}

// read reads /proc/PID/stat.
func (t *Tracker) read(pid int) (processStat, bool) {
	text, err := os.ReadFile(filepath.Join(t.proc, strconv.Itoa(pid), "stat"))
	if err != nil {
		return processStat{}, false
	}
	return parseStat(text)
}

// parseStat reads the fields after the name, which may have blanks and parentheses in it (proc(5)).
func parseStat(text []byte) (processStat, bool) {
	i := bytes.LastIndexByte(text, ')')
	if i < 0 {
		return processStat{}, false
	}
	fields := bytes.Fields(text[i+1:])
	const state, parent, session, start = 0, 1, 3, 19
	if len(fields) <= start {
		return processStat{}, false
	}
	number := func(n int) uint64 {
		value, _ := strconv.ParseUint(string(fields[n]), 10, 64)
		return value
	}
	dead := fields[state][0] == 'Z' || fields[state][0] == 'X'
	return processStat{int(number(parent)), int(number(session)), number(start), dead}, true
}

// invocation returns INVOCATION_ID of a process's environment.
func (t *Tracker) invocation(pid int) string {
	text, err := os.ReadFile(filepath.Join(t.proc, strconv.Itoa(pid), "environ"))
	if err != nil {
		return ""
	}
	const name = "INVOCATION_ID="
	for entry := range bytes.SplitSeq(text, []byte{0}) {
		if bytes.HasPrefix(entry, []byte(name)) {
			return string(entry[len(name):])
		}
	}
	return ""
}
