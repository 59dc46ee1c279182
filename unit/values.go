package unit

import "net/netip"

// Condition is one Condition*= or Assert*= of systemd.unit(5).
type Condition struct {
	Kind    ConditionKind
	Param   string // specifiers expanded
	Negate  bool   // "!"
	Trigger bool   // "|": one of these must hold, instead of all
	Assert  bool   // Assert*=: the job fails instead of being skipped
	At      Position
}

// Located is a string that keeps its place, because something may come of it that has to be explained.
type Located struct {
	Value string
	At    Position
}

// OptInt is a number that may be unset.
type OptInt struct {
	Value int32
	Set   bool
}

// Mode is a set of file mode bits, at most 07777.
type Mode uint32

// Signal is a Linux signal number, 1 to 64; 0 is unset.
type Signal uint8

// Amount is a number of bytes or tasks: absolute, or a share of what there is. The zero value is unset: no limit for a
// maximum, no protection for a minimum.
type Amount struct {
	Value     uint64 // NoLimit is "infinity"
	Permyriad uint32 // when not 0: ten-thousandths of what the machine has, and Value is 0
	Set       bool
}

// NoLimit is "infinity" in limits.
const NoLimit = ^uint64(0)

// Rlimit is one of the Limit*= settings, in the unit of setrlimit(2) (bytes, seconds, microseconds, counts, 20-nice).
type Rlimit struct {
	Soft, Hard uint64 // NoLimit is "infinity"
	Set        bool   // unset: inherited from the manager
}

// Weight is a share of CPU or I/O: 0 is unset, else 1 to 10000, or WeightIdle.
type Weight uint16

// WeightIdle is CPUWeight=idle.
const WeightIdle Weight = 65535

// Quota is CPU time in microseconds per second of real time; 0 is unset (no quota).
type Quota uint64

// Capabilities is a set of capabilities(7), bit n for capability number n.
type Capabilities uint64

// AllCapabilities is every capability, known or not.
const AllCapabilities = ^Capabilities(0)

// CPUSet is a set of CPU or memory node numbers, least significant bit of the first byte first (the D-Bus form); nil is unset.
type CPUSet []byte

// StatusSet is a set of exit statuses and signals, as SuccessExitStatus= and its sisters hold.
type StatusSet struct {
	Codes   [4]uint64 // bit n of the 256: exit status n
	Signals uint64    // bit n: signal n (1 to 63), bit 0: signal 64
}

// Input is StandardInput=. Name is the path of file:, or the name of fd:.
type Input struct {
	Kind InputKind
	Name string
}

// Output is StandardOutput= or StandardError=. Name is the path of file:, append: and truncate:, or the name of fd:.
type Output struct {
	Kind OutputKind
	Name string
}

// EnvironmentFile is one EnvironmentFile=.
type EnvironmentFile struct {
	Path     string
	Optional bool // "-"
}

// WorkingDirectory is WorkingDirectory=.
type WorkingDirectory struct {
	Path      string // empty: the root directory in system mode, the home directory in user mode
	MissingOK bool   // "-"
	Home      bool   // "~": the home directory of User=
}

// Directory is one of RuntimeDirectory= and its sisters, relative to the place of its kind.
type Directory struct {
	Path     string
	Symlinks []string // relative like Path
	ReadOnly bool     // since 257
}

// Filter is a list with a direction: SystemCallFilter=, RestrictAddressFamilies= and others. Names is what was written,
// without the leading "~"; an entry may carry ":errno" or be an "@group". An entry that starts with "~" is an exception from the
// groups before it: of an allow list it is forbidden, of a list of what is forbidden it is allowed. Later entries go before earlier.
type Filter struct {
	Set   bool
	Allow bool // the names are what is allowed, else what is forbidden
	Names []string
}

// Pair is a name with a value.
type Pair struct{ Name, Value string }

// Credential is SetCredential= or SetCredentialEncrypted=.
type Credential struct {
	Name  string
	Value []byte
}

// Bind is one entry of BindPaths= or BindReadOnlyPaths=.
type Bind struct {
	Source, Destination string
	IgnoreMissing       bool // "-"
	Recursive           bool // ":rbind", the default
}

// Image is one entry of MountImages= or ExtensionImages=.
type Image struct {
	Source, Destination string
	IgnoreMissing       bool
	Options             []Pair // partition and mount options
}

// Label is a security context or profile; "-" lets a failure to set it pass.
type Label struct {
	Name          string
	IgnoreFailure bool
}

// RootHash is RootHash= or RootHashSignature=: bytes, or the path of a file that has them.
type RootHash struct {
	Bytes []byte
	Path  string
}

// DeviceValue is a number for one block device: IOReadBandwidthMax= and its sisters.
type DeviceValue struct {
	Path  string
	Value uint64
}

// BindRule is one entry of SocketBindAllow= or SocketBindDeny=.
type BindRule struct {
	Family   uint16 // address family number, 0 for any
	Protocol uint16 // IPPROTO number, 0 for any
	Ports    uint16 // how many, 0 for all
	MinPort  uint16
}

// AddressSet is IPAddressAllow= or IPAddressDeny=.
type AddressSet []netip.Prefix

// NFTSet is one entry of NFTSet=: source, family, table and set, as written.
type NFTSet struct{ Source, Family, Table, Set string }

// OpenFile is one entry of OpenFile= of systemd.service(5).
type OpenFile struct {
	Path, Name                 string
	ReadOnly, Append, Truncate bool
	Graceful                   bool // missing is no error
}

// Listener is one Listen*= of systemd.socket(5).
type Listener struct {
	Kind    ListenKind
	Address string // specifiers expanded, as written
	At      Position
}

// TimerSpec is one On*Sec= or OnCalendar= of systemd.timer(5).
type TimerSpec struct {
	Base     TimerBase
	Span     Timespan // for all but OnCalendar
	Calendar string   // for OnCalendar: the expression in normal form
	At       Position
}

// Watch is one of the settings of systemd.path(5) that name a path.
type Watch struct {
	Kind WatchKind
	Path string
	At   Position
}

// KillStep is one step of StopEscalation=: a signal, and how long to wait before the next.
type KillStep struct {
	Signal Signal
	Wait   Timespan // 0: until the stop timeout
}

// Nanoseconds is a length of time in nanoseconds (TimerSlackNSec=).
type Nanoseconds uint64

// Delegate is Delegate=: whether the subtree is handed over, and the controllers to enable in it.
type Delegate struct {
	On          bool
	All         bool // Delegate=yes: all controllers
	Controllers []string
}

// SecureBits is SecureBits=, the bits of capabilities(7).
type SecureBits uint8

// Namespaces is RestrictNamespaces=: the CLONE_NEW* bits that stay allowed.
type Namespaces uint64

// AllNamespaces is every namespace type: no restriction.
const AllNamespaces = ^Namespaces(0)

// CoredumpFilter is CoredumpFilter=, the bits of core(5).
type CoredumpFilter struct {
	Mask uint64
	Set  bool
}
