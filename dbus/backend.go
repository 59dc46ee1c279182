package dbus

import (
	"davit/engine"
)

// Backend is the manager as its server sees it. All methods are called by the loop, between two steps, and none may
// wait. Functions named done may be called at once or in a later turn of the loop, exactly once.
type Backend interface {
	// Engine is the state to show. The server only reads it.
	Engine() *engine.Engine
	// Post queues an event for the steps to come, in order. The server's tokens have TokenBit set; the engine's Reply to
	// one comes back through Perform.
	Post(engine.Event)
	// Values are the manager's own properties; the server does not keep the pointer.
	Values() *Values
	// Set changes a property of the manager: LogLevel, LogTarget, ServiceWatchdogs, the watchdogs, ExitCode, ShowStatus.
	Set(name string, value any) error
	// Environment removes, then adds assignments of the environment that services get.
	Environment(unset, set []string) error
	// Machine asks for exit, reboot, poweroff, halt, kexec or switch-root (root and init are for the last).
	Machine(action MachineAction) error
	// Reload reads all unit files anew; it is answered by Perform(engine.Reply) with the token.
	Reload(token engine.Token, by engine.Peer)
	// Reexecute replaces the manager's program; the next one answers the token when it runs.
	Reexecute(token engine.Token, by engine.Peer)
	Units
	Files
	Explainer
}

// MachineAction is what is to happen to the machine or the manager.
type MachineAction struct {
	What       string // exit, reboot, poweroff, halt, kexec, switch-root
	Root, Init string // of switch-root
	By         engine.Peer
}

// Units is what the backend knows or does about units outside the engine.
type Units interface {
	// Usage is what a unit's cgroup uses now. A number that is not known is Unknown.
	Usage(u *engine.Unit) Usage
	// Processes lists the processes of a unit's cgroup and of those below.
	Processes(u *engine.Unit) ([]Process, error)
	// UnitOfPID is the name of the unit that a process belongs to, "" when there is none.
	UnitOfPID(pid int) string
	// UnitOfCgroup is the name of the unit that a cgroup belongs to, "" when there is none.
	UnitOfCgroup(path string) string
	// Stored is how many descriptors the unit's store keeps.
	Stored(u *engine.Unit) int
	// RunsAs is the identity that a unit's processes have, NoIDs when it has none of its own now.
	RunsAs(u *engine.Unit) IDs
	// NeedReload says that a unit's files are newer than what was read.
	NeedReload(u *engine.Unit) bool
	// StartTransient makes units from text and asks for the first one's start with the token (engine.Request).
	StartTransient(t Transient)
	// SetProperties changes settings of a unit by a drop-in, at once and for later starts.
	SetProperties(unit string, runtime bool, dropIn string, done func(error))
	// Attach moves processes into a unit's cgroup, or one below it.
	Attach(unit, subgroup string, pids []int) error
	// Freeze freezes or thaws a unit's cgroup.
	Freeze(unit string, frozen bool, done func(error))
	// Clean removes directories of an inactive unit; what holds "runtime", "state", "cache", "logs", "configuration".
	Clean(unit string, what []string, done func(error))
}

// Unknown is a number that nobody knows, as the bus shows it.
const Unknown = ^uint64(0)

// Usage is what a cgroup uses: bytes, nanoseconds, counts.
type Usage struct {
	Path                    string // below the mount point, with a leading slash; "" when there is none
	ID                      uint64 // inode number of the directory
	Memory, MemoryAvailable uint64
	CPU                     uint64
	Tasks                   uint64
	IORead, IOReads         uint64
	IOWritten, IOWrites     uint64
}

// NoUsage is the usage of a unit without a cgroup.
var NoUsage = Usage{
	Memory: Unknown, MemoryAvailable: Unknown, CPU: Unknown, Tasks: Unknown,
	IORead: Unknown, IOReads: Unknown, IOWritten: Unknown, IOWrites: Unknown,
}

// IDs are a user's and a group's number.
type IDs struct{ UID, GID uint32 }

// NoIDs is nobody in particular.
var NoIDs = IDs{^uint32(0), ^uint32(0)}

// Process is one process of a unit.
type Process struct {
	Cgroup  string
	PID     int
	Command string // as a command line
}

// Transient is a request for units that have no file.
type Transient struct {
	Token engine.Token // of the start request
	Mode  engine.Mode
	By    engine.Peer
	Units []TransientUnit // the first one is started, the others go with it
}

// TransientUnit is one unit of a Transient. The backend owns the descriptors.
type TransientUnit struct {
	Name   string
	Text   string // the unit file
	PIDs   []int  // processes that a scope starts with
	PIDFDs []int  // the same as pidfds
	FDs    [3]int // standard input, output and error that the caller passed, -1: none
}

// Explainer answers what davit knows beyond systemd, as JSON.
type Explainer interface {
	// Plan is what a request would do, without doing it.
	Plan(verb, unit, mode string) (string, error)
	// Why is the chain of causes of a unit's state.
	Why(unit string) (string, error)
	// Enforcement is which settings of a unit, or of all loaded ones when the name is empty, are approximated or unavailable here.
	Enforcement(unit string) (string, error)
	// Dump describes the manager's and the units' state for people; no patterns means all units.
	Dump(patterns []string) string
}
