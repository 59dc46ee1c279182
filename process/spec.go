package process

import (
	"davit/unit"

	"golang.org/x/sys/unix"
)

// Spec is everything about one process to start, resolved: no name left to look up, no file left to parse.
type Spec struct {
	Path string   // absolute, of the executable
	Args []string // argv, with argv[0]
	// Env is the environment, "NAME=value". LISTEN_FDS, LISTEN_FDNAMES, LISTEN_PID and SYSTEMD_EXEC_PID are added by the list. An entry
	// "WATCHDOG_PID=" without a value gets the process's own id.
	Env []string

	Dir          string // working directory; empty: /
	DirMissingOK bool   // a Dir that cannot be entered is no error, / is taken
	Root         string // root directory (RootDirectory=); Dir and Path are relative to it. Empty: ours

	UID, GID         int      // -1: keep
	Groups           []uint32 // supplementary groups; nil: keep
	UserApproximated bool     // the user cannot be had here: leave credentials and owners as they are
	Lenient          bool     // a step that fails for want of privileges is passed over, where the process runs safely without
	Privileged       bool     // "+": neither credentials, nor capabilities, nor sandboxing
	NoUser           bool     // "!" and "!!": sandboxing, but no change of user

	Exec *unit.Exec // limits, nice level, umask, ...; nil: nothing of it

	// Stdin, Stdout and Stderr are descriptors of ours that become 0, 1 and 2; -1 is /dev/null.
	Stdin, Stdout, Stderr int
	// OpenStdin, OpenStdout and OpenStderr are files that the child opens instead. The same file for output and error is opened once.
	OpenStdin, OpenStdout, OpenStderr *OpenFile

	FDs         []FD        // become 3, 4, ...
	Cgroup      int         // descriptor of a v2 cgroup directory to be born in; -1: ours
	CgroupV1    []string    // cgroup.procs files of v1 hierarchies to join
	MemoryLimit bool        // the cgroup, or one above it, limits memory: the child must not run in our memory (see Steps.Private)
	Directories []Directory // to be made, in order
	Tmp, VarTmp string      // directories of the unit's own for PrivateTmp=, made by the caller; empty: an empty file system
	ExecNotice  bool        // the caller wants to learn when exec succeeded
	UserMode    bool        // defaults of a user manager: keyring inherited
}

// lenient returns the errors to ignore in steps that only a privileged process can do.
func (s *Spec) lenient() uint64 {
	if s.Lenient {
		return 1<<uint(unix.EPERM) | 1<<uint(unix.EACCES) | 1<<uint(unix.ENOSYS)
	}
	return 0
}

// denied is what a container answers that has no right to something harmless; systemd goes on, too.
const denied = uint64(1<<uint(unix.EPERM) | 1<<uint(unix.EACCES))

// FD is a descriptor that is passed on, with the name that LISTEN_FDNAMES says.
type FD struct {
	FD   int
	Name string
}

// OpenFile is a file that the child opens for one of its standard streams.
type OpenFile struct {
	Path     string
	Flags    int  // of open(2): O_RDONLY, O_WRONLY|O_CREAT|O_APPEND, ...
	Terminal bool // becomes the controlling terminal
	Steal    bool // taken from the session that has it (tty-force)
	Reset    bool // TTYReset=: line discipline back to normal is done by the manager before
}

// DirectoryKind says which setting asked for a directory.
type DirectoryKind uint8

// The settings RuntimeDirectory= and its sisters.
const (
	RuntimeDirectory DirectoryKind = iota
	StateDirectory
	CacheDirectory
	LogsDirectory
	ConfigurationDirectory
)

// Directory is one directory to be made for the process: missing parents with mode 0755, itself with Mode and the owner UID, GID
// (-1: keep). What lies in it is left as it is.
type Directory struct {
	Kind     DirectoryKind
	Base     string // exists, such as /run
	Path     string // relative to Base
	Mode     uint32
	UID, GID int
	Symlinks []string // relative to Base, made to point at Path
}
