package unit

import "strconv"

// Type is the kind of a unit, as its name's suffix says it.
type Type uint8

// The unit types of systemd.unit(5).
const (
	TypeInvalid Type = iota
	TypeService
	TypeSocket
	TypeTarget
	TypeDevice
	TypeMount
	TypeAutomount
	TypeSwap
	TypeTimer
	TypePath
	TypeSlice
	TypeScope
)

// LoadState says how reading a unit went, in systemd's words.
type LoadState uint8

// The load states that Unit.LoadState knows.
const (
	Stub LoadState = iota
	Loaded
	NotFound
	BadSetting
	LoadError
	Merged
	Masked
)

// Position is where an assignment stands. Line counts from 1; 0 means the file as a whole (a link in foo.wants/, say).
type Position struct {
	Path string
	Line int
}

// Warning is a complaint about one place in a unit file, or about one request. It never stops the rest from loading.
type Warning struct {
	Position
	Section, Key string
	Text         string
}

// Dependency is one assignment such as After=b.service, or one link in a .wants/ directory, as it was written.
type Dependency struct {
	Kind   DependencyKind
	Target string // a full unit name, specifiers expanded
	At     Position
}

// DependencyKind is the directive that states a dependency. The inverses live in package graph.
type DependencyKind uint8

// The dependency directives of systemd.unit(5).
const (
	Requires DependencyKind = iota
	Requisite
	Wants
	BindsTo
	PartOf
	Upholds
	Conflicts
	Before
	After
	OnFailure
	OnSuccess
	PropagatesReloadTo
	ReloadPropagatedFrom
	PropagatesStopTo
	StopPropagatedFrom
	JoinsNamespaceOf
	Triggers // Unit=, Service=, Sockets= and the like: what a socket, timer, path or automount starts
	InSlice  // Slice=
	NumDependencyKinds
)

// Unit is what files say about one unit: the merged result of its fragment, drop-ins and links. It is never changed after Load.
type Unit struct {
	Name         string    // primary name, with its instance
	Names        []string  // all names, Name included, sorted
	Type         Type      //
	Load         LoadState //
	LoadText     string    // why Load is neither Loaded nor Masked, with file and line
	Fragment     string    // path of the main file, empty when there is none
	DropIns      []string  // paths in the order of application
	Stamp        int64     // newest modification time of those files, ns since the epoch
	Transient    bool      // the fragment was written for a transient unit
	Perpetual    bool      // can be neither started nor stopped: -.slice, init.scope
	Dependencies []Dependency
	Warnings     []Warning

	// Blocks. Those that the type has are never nil; one without assignments is shared by all units.
	Common    *Common // [Unit], without the dependencies
	Install   *Install
	Service   *Service
	Socket    *Socket
	Timer     *Timer
	Path      *Path
	Mount     *Mount
	Automount *Automount
	Swap      *Swap
	Slice     *Slice
	Scope     *Scope
	Exec      *Exec      // systemd.exec(5)
	Kill      *Kill      // systemd.kill(5)
	Resources *Resources // systemd.resource-control(5)
	Davit     *Davit     // [X-Davit]
}

// Command is one command line of an Exec*= setting, split and with specifiers expanded, variables not yet.
type Command struct {
	Path          string   // absolute, or a name to be searched in ExecSearchPath=
	Args          []string // argv; Args[0] is Path unless "@" says otherwise
	IgnoreFailure bool     // "-"
	NoExpand      bool     // ":"
	Privileged    bool     // "+"
	NoSetUser     bool     // "!"
	AmbientOK     bool     // "!!"
	At            Position
}

// Timespan is a length of time in microseconds (systemd.time(7)).
type Timespan int64

// Infinity is a Timespan that never ends.
const Infinity Timespan = 1<<63 - 1

// Microseconds in the usual units of time.
const (
	Millisecond Timespan = 1000
	Second               = 1000 * Millisecond
	Minute               = 60 * Second
	Hour                 = 60 * Minute
)

// Tristate is a boolean that may be unset.
type Tristate uint8

// The values of a Tristate.
const (
	Unset Tristate = iota
	No
	Yes
)

// String is "path:line", or the path alone.
func (p Position) String() string {
	if p.Line == 0 {
		return p.Path
	}
	return p.Path + ":" + strconv.Itoa(p.Line)
}
