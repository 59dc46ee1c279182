package engine

// Effect is something that has to be done outside. Those with a Token are answered by exactly one event.
type Effect interface{ effect() }

// ID is an invocation id, 128 bits.
type ID [16]byte

// Exec kinds: which setting a command comes from.
type Phase uint8

// The Exec settings of systemd.service(5) and systemd.socket(5).
const (
	ExecCondition Phase = iota
	ExecStartPre
	ExecStart
	ExecStartPost
	ExecReload
	ExecStop
	ExecStopPost
	ExecStopPre // sockets only
	NumPhases
)

// Spawn starts a process of a unit; answered by Spawned or SpawnFailed.
type Spawn struct {
	Token      Token
	Unit       string
	Phase      Phase
	Index      int  // which command line of the setting
	Main       bool // the main process, else a control process
	Notice     bool // report Execed
	Invocation ID
	Env        []string // of this run: MAINPID, SERVICE_RESULT, WATCHDOG_USEC, TRIGGER_UNIT, REMOTE_ADDR, ...
	Notify     bool     // give it NOTIFY_SOCKET
	Sockets    []string // socket units whose descriptors it inherits, in order
	Conn       uint64   // the accepted connection that it serves, 0 none
}

// Kill sends a signal to processes of a unit. Group adds everything in the unit's cgroup; PIDs get it first and once.
type Kill struct {
	Unit   string
	Signal int
	PIDs   []int
	Group  bool
	Skip   []int // processes that Group must leave alone
	Cont   bool  // SIGCONT after Signal, so that stopped processes see it
	Hangup bool  // SIGHUP after Signal (SendSIGHUP=)
}

// FindMainPID asks for the main process of a forking service: PIDFile when set, else a guess; answered by MainPIDFound.
type FindMainPID struct {
	Token   Token
	Unit    string
	PIDFile string
}

// Adopt asks to watch a process that the manager did not start itself (a forking service's main process, MAINPID=).
type Adopt struct {
	Unit string
	PID  int
}

// OpenSockets asks to open all listeners of a socket unit; answered by SocketsOpened.
type OpenSockets struct {
	Token Token
	Unit  string
}

// CloseSockets closes a socket unit's listeners, and unlinks what RemoveOnStop= names.
type CloseSockets struct{ Unit string }

// WatchSockets starts or stops waiting for traffic on a socket unit's listeners.
type WatchSockets struct {
	Unit string
	On   bool
}

// CloseConnection drops an accepted connection that no service took.
type CloseConnection struct{ Conn uint64 }

// Realize makes a unit's cgroup with its limits (slices; services get theirs with their first process).
type Realize struct{ Unit string }

// CheckEmpty asks whether a unit's cgroup is empty by now; CgroupEmpty follows when it is. (The kernel delays its own report by up
// to 10 ms.)
type CheckEmpty struct{ Unit string }

// Release removes what an inactive unit leaves: its cgroup, runtime directories, notify socket, kept descriptors.
type Release struct {
	Unit        string
	KeepRuntime bool // RuntimeDirectoryPreserve= says to keep the runtime directories
	Restarting  bool // the unit is about to start again: the cgroup and kept descriptors stay
}

// StoreFDs keeps the descriptors of the Notify just stepped in the unit's store under Name, or drops them when Name is empty.
type StoreFDs struct {
	Unit string
	Name string
	Keep bool
	Poll bool
}

// Probe asks a prober about a unit; answered by ProbeResult.
type Probe struct {
	Token Token
	Unit  string
	What  string
}

// Reply answers a Request, Cancel, ResetFailed, Signal or Reload.
type Reply struct {
	Token Token
	Job   uint32 // of a Request that succeeded
	Unit  string
	Err   *Error // nil on success
}

// Finished says that a requested job ended (Request.Wait).
type Finished struct {
	Token  Token
	Job    uint32
	Unit   string
	Result Result
}

// JobNew, JobChanged, JobRemoved, UnitNew, UnitChanged and UnitRemoved are what subscribers hear.
type (
	// JobNew says that a job was installed.
	JobNew struct {
		ID   uint32
		Unit string
	}
	// JobRemoved says that a job is gone, and how.
	JobRemoved struct {
		ID     uint32
		Unit   string
		Verb   JobType
		Result Result
	}
	// UnitNew says that a unit was loaded.
	UnitNew struct{ Unit string }
	// UnitChanged says that some state of a unit is not what it was; a step reports each unit once.
	UnitChanged struct{ Unit string }
	// UnitRemoved says that a unit was dropped from memory.
	UnitRemoved struct{ Unit string }
)

// Log is a line about a unit, for the journal. Priority is syslog's.
type Log struct {
	Priority   int
	Unit       string
	Text       string
	MessageID  string // sd-messages(3), may be empty
	Invocation ID
	Fields     []Field
}

// Action asks the manager to do something to the machine or itself (FailureAction=, exit.target, ...).
type Action struct {
	What   string // exit, exit-force, reboot, reboot-force, reboot-immediate, poweroff, ...
	Status int    // exit code, for exit
	Cause  string
}

// StartupFinished says that the boot transaction is through.
type StartupFinished struct{}

func (Spawn) effect()           {}
func (Kill) effect()            {}
func (CheckEmpty) effect()      {}
func (FindMainPID) effect()     {}
func (Adopt) effect()           {}
func (OpenSockets) effect()     {}
func (CloseSockets) effect()    {}
func (WatchSockets) effect()    {}
func (CloseConnection) effect() {}
func (Realize) effect()         {}
func (Release) effect()         {}
func (StoreFDs) effect()        {}
func (Probe) effect()           {}
func (Reply) effect()           {}
func (Finished) effect()        {}
func (JobNew) effect()          {}
func (JobRemoved) effect()      {}
func (UnitNew) effect()         {}
func (UnitChanged) effect()     {}
func (UnitRemoved) effect()     {}
func (Log) effect()             {}
func (Action) effect()          {}
func (StartupFinished) effect() {}
