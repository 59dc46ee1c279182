// Package host is what the machine is and what is done to it: the paths of every mode, conditions and asserts, users and
// groups, identity, clocks, links, power, and the file systems that a machine needs before its first service.
//
// Contract: nothing here waits. A question is answered from local files or by a system call that cannot block for
// long; what may block (a name service) runs in a child and comes back through a callback's descriptor. Nothing here
// keeps state that a re-execution would lose. Errors say "cannot", what was tried, and the cause.
package host

import (
	"encoding/hex"
	"hash/fnv"
	"os"
	"path/filepath"
	"strconv"
)

// Mode says for whom the manager runs.
type Mode uint8

// The three kinds of manager.
const (
	System    Mode = iota // the machine's or container's, as PID 1 or beside another manager
	User                  // one user's, under $XDG_RUNTIME_DIR
	Directory             // the units of one directory, everything else below DIR/.davit
)

// String returns the word that the command line and the status use.
func (m Mode) String() string {
	switch m {
	case System:
		return "system"
	case User:
		return "user"
	case Directory:
		return "directory"
	}
	return "mode " + strconv.Itoa(int(m))
}

// Layout is every path that a manager, its journal and its clients use. No other place spells an absolute path of
// theirs. Layouts are made by SystemLayout, UserLayout and DirectoryLayout and are plain values.
type Layout struct {
	Mode Mode
	Dir  string // directory mode: the directory itself

	Runtime    string // the manager's runtime directory
	Private    string // socket of the D-Bus API
	Notify     string // sd_notify(3) datagrams
	NotifyDir  string // one socket per unit, where processes cannot be attributed by cgroup
	State      string // records of the running units, kept over a crash of the manager
	Invocation string // one link per unit to its invocation id, as journald reads it
	Creds      string // credentials of services

	JournalStdout  string   // stream connections with systemd's header
	JournalNative  string   // datagrams of the native protocol
	JournalDevLog  string   // datagrams of syslog(3)
	JournalSyslog  string   // the link that programs use for it, empty: none
	JournalStore   string   // persistent journal files
	JournalRuntime string   // journal files until the persistent place can be written
	JournalDirs    []string // where a reader looks, in order

	SharedRoot string // %D: what programs share

	// The roots of RuntimeDirectory=, StateDirectory=, CacheDirectory=, LogsDirectory= and ConfigurationDirectory=.
	RunRoot, StateRoot, CacheRoot, LogsRoot, ConfigRoot string

	Config    string   // where enable makes its links
	Transient string   // fragments of transient units
	Control   string   // drop-ins of set-property
	ConfigRun string   // where enable --runtime makes its links
	UnitPaths []string // where units are searched, highest priority first
	Presets   []string // directories of *.preset files
	Generated []string // where generators leave units
}

// SystemLayout returns the paths of the system manager, which are systemd's.
func SystemLayout() Layout {
	l := Layout{
		Mode: System, Runtime: "/run/systemd",
		State: "/run/davit", Creds: "/run/credentials", Invocation: "/run/systemd/units",
		JournalStdout: "/run/systemd/journal/stdout", JournalNative: "/run/systemd/journal/socket",
		JournalDevLog: "/run/systemd/journal/dev-log", JournalSyslog: "/dev/log",
		JournalStore: "/var/log/journal", JournalRuntime: "/run/log/journal",
		SharedRoot: "/usr/share",
		RunRoot:    "/run", StateRoot: "/var/lib", CacheRoot: "/var/cache", LogsRoot: "/var/log", ConfigRoot: "/etc",
		Config: "/etc/systemd/system", ConfigRun: "/run/systemd/system",
		Transient: "/run/systemd/transient", Control: "/run/systemd/system.control",
	}
	l.UnitPaths = searchPath([]string{
		"/etc/systemd/system.control", l.Control, l.Transient, "/run/systemd/generator.early",
		"/etc/davit/system", l.Config, "/etc/systemd/system.attached", "/run/davit/system", l.ConfigRun,
		"/run/systemd/system.attached", "/run/systemd/generator",
		"/usr/local/lib/davit/system", "/usr/lib/davit/system",
		"/usr/local/lib/systemd/system", "/usr/lib/systemd/system", "/lib/systemd/system",
		"/run/systemd/generator.late",
	})
	l.Generated = []string{"/run/systemd/generator.early", "/run/systemd/generator", "/run/systemd/generator.late"}
	l.Presets = []string{
		"/etc/systemd/system-preset", "/run/systemd/system-preset", "/usr/local/lib/systemd/system-preset",
		"/usr/lib/systemd/system-preset", "/lib/systemd/system-preset",
	}
	return l.complete()
}

// UserLayout returns the paths of the manager of the user that env describes (HOME, XDG_*), as systemd.unit(5) lists
// them. Without XDG_RUNTIME_DIR that is /run/user/UID.
func UserLayout(uid int, env func(string) string) Layout {
	home := or(env("HOME"), "/")
	runtime := or(env("XDG_RUNTIME_DIR"), "/run/user/"+strconv.Itoa(uid))
	config := or(env("XDG_CONFIG_HOME"), home+"/.config")
	data := or(env("XDG_DATA_HOME"), home+"/.local/share")
	state := or(env("XDG_STATE_HOME"), home+"/.local/state")
	cache := or(env("XDG_CACHE_HOME"), home+"/.cache")
	l := Layout{
		Mode: User, Runtime: runtime + "/systemd",
		State: runtime + "/davit", Creds: runtime + "/credentials", Invocation: runtime + "/systemd/units",
		JournalStore: state + "/davit/journal", JournalRuntime: runtime + "/davit/journal",
		SharedRoot: data,
		RunRoot:    runtime, StateRoot: config, CacheRoot: cache, LogsRoot: config + "/log", ConfigRoot: config,
		Config: config + "/systemd/user", ConfigRun: runtime + "/systemd/user",
		Transient: runtime + "/systemd/transient", Control: runtime + "/systemd/user.control",
	}
	l.JournalStdout = l.State + "/journal/stdout"
	l.JournalNative = l.State + "/journal/socket"
	l.JournalDevLog = l.State + "/journal/dev-log"
	l.UnitPaths = searchPath([]string{
		config + "/systemd/user.control", l.Control, l.Transient, runtime + "/systemd/generator.early",
		config + "/davit/user", l.Config, config + "/systemd/user.attached", "/etc/davit/user", "/etc/systemd/user",
		l.ConfigRun, "/run/systemd/user", runtime + "/systemd/generator",
		data + "/systemd/user", "/usr/local/share/systemd/user", "/usr/share/systemd/user",
		"/usr/local/lib/systemd/user", "/usr/lib/systemd/user", "/lib/systemd/user",
		runtime + "/systemd/generator.late",
	})
	l.Generated = []string{
		runtime + "/systemd/generator.early", runtime + "/systemd/generator", runtime + "/systemd/generator.late",
	}
	l.Presets = []string{
		config + "/systemd/user-preset", "/etc/systemd/user-preset", "/run/systemd/user-preset",
		"/usr/local/lib/systemd/user-preset", "/usr/lib/systemd/user-preset", "/lib/systemd/user-preset",
	}
	return l.complete()
}

// maxSocketDir is how long a directory may be for its sockets to fit into sun_path (108 bytes), the longest name included.
const maxSocketDir = 60

// DirectoryLayout returns the paths of a manager for the units that lie directly in dir (absolute). Everything it makes
// is below dir/.davit, save its sockets when that is too long for the address of a socket: those are then in a
// directory of /tmp that is named after dir.
func DirectoryLayout(dir string) Layout {
	dir = filepath.Clean(dir)
	own := dir + "/.davit"
	l := Layout{
		Mode: Directory, Dir: dir, Runtime: own + "/run",
		State: own + "/state", Creds: own + "/credentials", Invocation: own + "/units",
		JournalStore: own + "/journal", JournalRuntime: own + "/run/journal-files",
		SharedRoot: own + "/share",
		RunRoot:    own + "/run/services", StateRoot: own + "/lib", CacheRoot: own + "/cache",
		LogsRoot: own + "/log", ConfigRoot: own + "/etc",
		Config: dir, ConfigRun: own + "/run/units",
		Transient: own + "/run/transient", Control: own + "/run/control",
	}
	if len(l.Runtime) > maxSocketDir {
		l.Runtime = shortDir(dir)
	}
	l.UnitPaths = []string{l.Control, l.Transient, dir, l.ConfigRun}
	l.Presets = []string{dir}
	l.JournalStdout = l.Runtime + "/journal/stdout"
	l.JournalNative = l.Runtime + "/journal/socket"
	l.JournalDevLog = l.Runtime + "/journal/dev-log"
	return l.complete()
}

// complete fills in what follows from the runtime directory.
func (l Layout) complete() Layout {
	l.Private = l.Runtime + "/private"
	l.Notify = l.Runtime + "/notify"
	l.NotifyDir = l.Runtime + "/notify.d"
	l.JournalDirs = []string{l.JournalStore, l.JournalRuntime}
	return l
}

// shortDir names a directory for the sockets of dir that is short, and the same for every process that asks.
func shortDir(dir string) string {
	h := fnv.New64a()
	h.Write([]byte(dir))
	return "/tmp/.davit-" + hex.EncodeToString(h.Sum(nil))
}

// ID is a short name that tells this layout's manager from others on the machine: for its cgroup and its messages.
func (l Layout) ID() string {
	if l.Mode != Directory {
		return l.Mode.String()
	}
	h := fnv.New32a()
	h.Write([]byte(l.Dir))
	return "directory-" + hex.EncodeToString(h.Sum(nil))
}

// searchPath applies SYSTEMD_UNIT_PATH to the default search path: it replaces it, or stands before it when it ends in
// a colon (systemd.unit(5)).
func searchPath(standard []string) []string {
	own := os.Getenv("SYSTEMD_UNIT_PATH")
	if own == "" {
		return standard
	}
	var out []string
	for _, p := range filepath.SplitList(own) {
		if p != "" {
			out = append(out, filepath.Clean(p))
		}
	}
	if own[len(own)-1] == ':' {
		out = append(out, standard...)
	}
	return out
}

func or(s, otherwise string) string {
	if s != "" {
		return s
	}
	return otherwise
}
