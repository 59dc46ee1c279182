package manager

import (
	"fmt"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"davit/cgroup"
	"davit/dbus"
	"davit/engine"
	"davit/host"

	"golang.org/x/sys/unix"
)

// Engine is the state that the D-Bus server shows.
func (m *Manager) Engine() *engine.Engine { return m.eng }

// Post queues an event of a client.
func (m *Manager) Post(ev engine.Event) { m.answer(ev) }

// Values are the manager's own properties.
func (m *Manager) Values() *dbus.Values {
	v := &m.values
	v.LogLevel, v.LogTarget = levelNames[m.verbosity], m.target()
	v.Environment = setVariables(slices.Clone(m.env), m.extraEnv)
	v.ShowStatus = m.opt.ShowStatus
	v.SystemState = m.systemState()
	v.ExitCode = byte(m.exitStatus)
	return v
}

var levelNames = [8]string{"emerg", "alert", "crit", "err", "warning", "notice", "info", "debug"}

// fixValues fills in the properties that do not change.
func (m *Manager) fixValues() {
	virt, _ := m.machine.Virtualization()
	m.values = dbus.Values{
		Version:        host.CompatibleVersion + " (davit " + m.opt.Version + ")",
		Features:       "-PAM -AUDIT -SELINUX -APPARMOR +CGROUP default-hierarchy=" + m.tree.Mode().String(),
		Virtualization: virt, Architecture: host.Architecture(),
		UnitPath: m.layout.UnitPaths, ControlGroup: m.rootGroup(), MachineID: m.machine.MachineID(),
		DefaultStandardOutput: "journal", DefaultStandardError: "inherit",
		ServiceWatchdogs: true, DefaultTimerAccuracyUSec: 60e6,
		DefaultTimeoutStartUSec: 90e6, DefaultTimeoutStopUSec: 90e6, DefaultTimeoutAbortUSec: 90e6, DefaultDeviceTimeoutUSec: 90e6,
		DefaultRestartUSec: 100e3, DefaultStartLimitIntervalUSec: 10e6, DefaultStartLimitBurst: 5,
		DefaultTasksMax: dbus.Unknown, TimerSlackNSec: 50000, DefaultOOMPolicy: "stop",
		CtrlAltDelBurstAction: "reboot-force", RuntimeWatchdogUSec: 0,
	}
	m.values.Stamps[dbus.StampUserspace] = m.began
	m.values.Stamps[dbus.StampUnitsLoadStart] = m.loadBegan
	m.values.Stamps[dbus.StampUnitsLoadFinish] = m.loadEnded
	m.values.Stamps[dbus.StampUnitsLoad] = m.loadEnded
	if m.pid == 1 && !m.contained() {
		m.values.Stamps[dbus.StampKernel] = engine.Clock{Real: m.began.Real - m.began.Boot}
	}
}

func (m *Manager) rootGroup() string {
	if m.tree.Mode() == cgroup.None {
		return ""
	}
	return strings.TrimSuffix(m.tree.ControlGroup(""), "/")
}

// systemState is what systemctl is-system-running prints.
func (m *Manager) systemState() string {
	if m.exitAsked > 0 || m.stopping() {
		return "stopping"
	}
	if m.values.Stamps[dbus.StampFinish].Real == 0 {
		return "starting"
	}
	for _, name := range []string{"rescue.target", "emergency.target"} {
		if u := m.eng.Unit(name); u != nil && u.ActiveState() == engine.Active {
			return "maintenance"
		}
	}
	if m.anyFailed() {
		return "degraded"
	}
	return "running"
}

// Set changes one of the manager's properties.
func (m *Manager) Set(name string, value any) error {
	switch v := value.(type) {
	case string:
		switch name {
		case "LogLevel":
			at := slices.Index(levelNames[:], v)
			if at < 0 {
				return &engine.Error{Kind: engine.InvalidArgument, Text: fmt.Sprintf("log level %q is unknown", v)}
			}
			m.verbosity = at
			return nil
		case "LogTarget":
			m.opt.LogTarget = v
			return nil
		}
	case byte:
		if name == "ExitCode" {
			m.exitStatus = int(v)
			return nil
		}
	case bool:
		switch name {
		case "ServiceWatchdogs":
			m.values.ServiceWatchdogs = v
			return nil
		case "ShowStatus":
			m.opt.ShowStatus = v
			return nil
		}
	}
	return &engine.Error{Kind: engine.NotSupported, Text: fmt.Sprintf("property %s cannot be changed here", name)}
}

// Environment changes what services get in their environment.
func (m *Manager) Environment(unset, set []string) error {
	for _, e := range set {
		key, _, ok := strings.Cut(e, "=")
		if !ok || !variableName(key) {
			return &engine.Error{Kind: engine.InvalidArgument, Text: fmt.Sprintf("%q is not an assignment", e)}
		}
	}
	m.env = unsetVariables(m.env, unset)
	m.extraEnv = setVariables(unsetVariables(m.extraEnv, unset), set)
	return nil
}

// Machine does what systemctl asks for the machine as a whole.
func (m *Manager) Machine(a dbus.MachineAction) error {
	switch a.What {
	case "exit", "reboot", "poweroff", "halt", "kexec":
	default:
		return &engine.Error{Kind: engine.NotSupported, Text: a.What + " is not supported"}
	}
	m.act(engine.Action{What: a.What + "-force", Status: m.exitStatus, Cause: "asked by " + a.By.String()})
	return nil
}

// Reload reads the unit files anew.
func (m *Manager) Reload(token engine.Token, by engine.Peer) { m.reload(token, by) }

// Reexecute replaces the program.
func (m *Manager) Reexecute(token engine.Token, by engine.Peer) { m.reexec(by, token) }

// Usage is what a unit's cgroup uses now.
func (m *Manager) Usage(u *engine.Unit) dbus.Usage {
	h := m.held[u.ID]
	if h == nil || h.group == "" && u.ID != "-.slice" {
		return dbus.NoUsage
	}
	s, err := m.tree.Stat(h.group)
	if err != nil {
		return dbus.NoUsage
	}
	usage := dbus.Usage{
		Path: m.tree.ControlGroup(h.group), Memory: s.MemoryCurrent, MemoryAvailable: dbus.Unknown, CPU: s.CPUUsageNSec,
		Tasks: s.TasksCurrent, IORead: s.IOReadBytes, IOReads: s.IOReadOperations,
		IOWritten: s.IOWriteBytes, IOWrites: s.IOWriteOperations,
	}
	var st unix.Stat_t
	if unix.Stat(m.tree.Dir(h.group), &st) == nil {
		usage.ID = st.Ino
	}
	return usage
}

// Processes lists the processes of a unit.
func (m *Manager) Processes(u *engine.Unit) ([]dbus.Process, error) {
	group := ""
	if h := m.held[u.ID]; h != nil && h.group != "" {
		group = m.tree.ControlGroup(h.group)
	}
	var list []dbus.Process
	for _, pid := range m.processesOf(u.ID) {
		list = append(list, dbus.Process{Cgroup: group, PID: pid, Command: commandLine(pid)})
	}
	return list, nil
}

// commandLine reads how a process was called; a kernel thread's or a zombie's name is in brackets.
func commandLine(pid int) string {
	dir := "/proc/" + strconv.Itoa(pid)
	if raw, err := os.ReadFile(dir + "/cmdline"); err == nil && len(raw) > 0 {
		return strings.TrimSpace(strings.ReplaceAll(strings.TrimRight(string(raw), "\x00"), "\x00", " "))
	}
	if raw, err := os.ReadFile(dir + "/comm"); err == nil {
		return "[" + strings.TrimSpace(string(raw)) + "]"
	}
	return ""
}

// UnitOfPID is the unit that a process belongs to.
func (m *Manager) UnitOfPID(pid int) string {
	if pid == m.pid {
		return "init.scope"
	}
	return m.unitOfPID(pid)
}

// UnitOfCgroup is the unit that a cgroup belongs to.
func (m *Manager) UnitOfCgroup(path string) string {
	rest, ok := strings.CutPrefix(path, m.rootGroup())
	if !ok {
		return ""
	}
	for rest = strings.Trim(rest, "/"); rest != ""; {
		if name := m.groups[rest]; name != "" {
			return name
		}
		cut := strings.LastIndexByte(rest, '/')
		if cut < 0 {
			break
		}
		rest = rest[:cut]
	}
	return ""
}

// NeedReload says that a unit's files have changed since they were read.
func (m *Manager) NeedReload(u *engine.Unit) bool {
	return stale(u.Def.Fragment, u.Def.DropIns, u.Def.Stamp)
}

func stale(fragment string, dropIns []string, stamp int64) bool {
	for _, path := range append([]string{fragment}, dropIns...) {
		if path == "" || path[0] != '/' {
			continue
		}
		var st unix.Stat_t
		if err := unix.Stat(path, &st); err == unix.ENOENT || err == nil && st.Mtim.Nano() > stamp && stamp != 0 {
			return true
		}
	}
	return false
}

// Plan is what a request would do.
func (m *Manager) Plan(verb, unitName, mode string) (string, error) {
	return planText(m.eng, verb, unitName, mode)
}

// Why is the chain of causes of a unit's state.
func (m *Manager) Why(unitName string) (string, error) { return whyText(m.eng, unitName) }

// Dump describes the state for people.
func (m *Manager) Dump(patterns []string) string {
	var b strings.Builder
	var mem runtime.MemStats
	runtime.ReadMemStats(&mem)
	fmt.Fprintf(&b, "Manager: davit %s (%s mode)\nUnits: %d\nJobs: %d\nProcesses: %d\nHeap: %d KB\nCgroups: %s\n",
		m.opt.Version, m.opt.Mode, len(m.eng.Units()), len(m.eng.Jobs()), len(m.procs), mem.HeapAlloc>>10, m.tree.Mode())
	for _, u := range m.eng.Units() {
		if len(patterns) > 0 && !slices.ContainsFunc(patterns, func(p string) bool { return globMatch(p, u.ID) }) {
			continue
		}
		main, control := u.PIDs()
		fmt.Fprintf(&b, "-> Unit %s:\n\tDescription: %s\n\tState: %s (%s)\n\tResult: %s\n", u.ID, u.Description(), u.ActiveState(), u.SubState(), u.Result())
		if main != 0 || control != 0 {
			fmt.Fprintf(&b, "\tMain PID: %d\n\tControl PID: %d\n", main, control)
		}
		if h := m.held[u.ID]; h != nil {
			if h.group != "" {
				fmt.Fprintf(&b, "\tCGroup: %s\n", m.tree.ControlGroup(h.group))
			}
			for _, note := range h.notes {
				fmt.Fprintf(&b, "\tNot enforced: %s\n", note)
			}
		}
	}
	return b.String()
}

func (m *Manager) anyFailed() bool {
	return slices.ContainsFunc(m.eng.Units(), func(u *engine.Unit) bool { return u.ActiveState() == engine.Failed })
}
