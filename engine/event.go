package engine

import "davit/unit"

// Event is something that happened outside. Step applies one at a time.
type Event interface{ event() }

// Token names an effect that can fail; exactly one result event carries it back. Zero names none.
type Token uint64

// Request asks for a job, as a D-Bus call or the manager itself does. It is answered by a Reply with the same Token, and by
// Finished when the job that it made ends (only when Wait is set).
type Request struct {
	Token Token
	Verb  Verb
	Unit  string
	Mode  Mode
	By    Peer
	Wait  bool // the requester wants Finished
}

// Peer is who made a request. PID and UID are -1 when unknown; Name is a bus name, or a word such as "boot" or "signal TERM".
type Peer struct {
	UID, PID int
	Name     string
}

// Cancel asks to cancel a job (by ID) or, with ID zero, all jobs.
type Cancel struct {
	Token Token
	ID    uint32
	By    Peer
}

// ResetFailed clears the failed state and the start counters of one unit, or of all when Unit is empty.
type ResetFailed struct {
	Token Token
	Unit  string
}

// Signal asks to send a signal to processes of a unit (systemctl kill).
type Signal struct {
	Token  Token
	Unit   string
	Whom   Whom
	Signal int
	By     Peer
}

// Run makes the run queue go on with at most Max jobs.
type Run struct{ Max int }

// Tick says that Deadline has passed.
type Tick struct{}

// ClockChanged says that the wall clock was set.
type ClockChanged struct{}

// Spawned answers Spawn: the process exists (it has not called exec yet).
type Spawned struct {
	Token Token
	PID   int
}

// SpawnFailed answers Spawn: no process came to be. Status is systemd's exit code (200 to 245) for Step, Text the cause.
type SpawnFailed struct {
	Token  Token
	Status int
	Step   string
	Text   string
}

// Execed says that a process whose Spawn asked for it (Notice) has called exec.
type Execed struct{ PID int }

// ExecFailed says that a process died before it could call exec; its Exited follows.
type ExecFailed struct {
	PID  int
	Step string
	Text string
}

// Exited says that a process ended.
type Exited struct {
	PID    int
	Code   ExitCode
	Status int // exit status or signal number
}

// CgroupEmpty says that the last process of a unit's cgroup is gone.
type CgroupEmpty struct{ Unit string }

// OOMKilled says that the kernel killed a process of a unit because memory ran out.
type OOMKilled struct{ Unit string }

// Notify is one sd_notify(3) datagram from a verified sender.
type Notify struct {
	Unit   string // whose cgroup (or notify socket) it came from
	PID    int
	Fields []Field
	FDs    int // descriptors that came along; the manager keeps or closes them as StoreFDs says
}

// Field is one assignment of a datagram.
type Field struct{ Key, Value string }

// SocketsOpened answers OpenSockets. Text is empty on success, else why (the unit then fails with result resources).
type SocketsOpened struct {
	Token Token
	Text  string
}

// Incoming says that traffic waits on one of a socket unit's descriptors (Accept=no).
type Incoming struct{ Unit string }

// Accepted says that the manager accepted a connection for a socket unit (Accept=yes) and holds it as Conn.
type Accepted struct {
	Unit     string
	Conn     uint64
	Instance string // instance of the service to start: "N-LOCAL-REMOTE" as systemd.socket(5) has it
	Source   string // peer address or uid, for MaxConnectionsPerSource=
}

// MainPIDFound answers FindMainPID; PID is 0 when there is none, Text says why.
type MainPIDFound struct {
	Token Token
	PID   int
	Text  string
}

// Elapsed and path, mount and device events arrive as a trigger: the manager saw the condition that a unit watches for.
type PathChanged struct{ Unit string }

// BusName says that a bus name got an owner (or lost it: Owner is empty).
type BusName struct{ Name, Owner string }

// ProbeResult answers Probe.
type ProbeResult struct {
	Token Token
	Unit  string
	OK    bool
	Text  string
}

// Reload swaps the view of unit files; Changed names the units to read anew, nil means all.
type Reload struct {
	Token  Token
	Source Source
}

// Verb is what a Request asks for.
type Verb uint8

// The verbs of systemctl(1) that make jobs.
const (
	VerbStart Verb = iota
	VerbStop
	VerbReload
	VerbRestart
	VerbTryRestart
	VerbReloadOrRestart
	VerbReloadOrTryRestart
	VerbVerifyActive
	NumVerbs
)

// Mode is how a request treats jobs that are there already (systemctl --job-mode).
type Mode uint8

// The job modes of systemctl(1).
const (
	ModeReplace Mode = iota
	ModeFail
	ModeReplaceIrreversibly
	ModeIsolate
	ModeFlush
	ModeIgnoreDependencies
	ModeIgnoreRequirements
	ModeTriggering
	ModeRestartDependencies
	NumModes
)

// Whom says which processes a signal goes to.
type Whom uint8

// The values of systemctl kill --kill-whom=.
const (
	WhomAll Whom = iota
	WhomMain
	WhomControl
)

// ExitCode says how a process ended, with the values of waitid(2)'s si_code.
type ExitCode uint8

// How a process can end.
const (
	ExitNone  ExitCode = 0
	CLDExited ExitCode = 1
	CLDKilled ExitCode = 2
	CLDDumped ExitCode = 3
)

func (Request) event()       {}
func (Cancel) event()        {}
func (ResetFailed) event()   {}
func (Signal) event()        {}
func (Run) event()           {}
func (Tick) event()          {}
func (ClockChanged) event()  {}
func (Spawned) event()       {}
func (SpawnFailed) event()   {}
func (Execed) event()        {}
func (ExecFailed) event()    {}
func (Exited) event()        {}
func (CgroupEmpty) event()   {}
func (OOMKilled) event()     {}
func (Notify) event()        {}
func (SocketsOpened) event() {}
func (Incoming) event()      {}
func (Accepted) event()      {}
func (MainPIDFound) event()  {}
func (PathChanged) event()   {}
func (BusName) event()       {}
func (ProbeResult) event()   {}
func (Reload) event()        {}

// Source loads units by name: a view of the unit files that does not change within a step.
type Source interface {
	// Load returns what files say about name; it never returns nil, its load state tells whether there was anything.
	Load(name string) *unit.Unit
}

// Host answers the questions about the machine that a start job asks.
type Host interface {
	// Condition tests one condition or assert of u, without its negation. The text explains a failed test.
	Condition(u *unit.Unit, c unit.Condition) (bool, string)
}
