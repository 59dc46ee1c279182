package process

import (
	"strconv"
	"strings"

	"davit/unit"
)

// SystemPath is PATH of services in system mode: systemd's, for systems whose /bin may not be a link.
const SystemPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

// Login is what the user database says about the user of a process.
type Login struct {
	Name, Home, Shell string
}

// Environment is what a process's environment is assembled from (systemd.exec(5), "ENVIRONMENT VARIABLES IN SPAWNED PROCESSES").
type Environment struct {
	Default       []string // of all services: DefaultEnvironment=, set-environment; in user mode the manager's own environment
	Manager       []string // the manager's own environment, for PassEnvironment=
	Exec          *unit.Exec
	Login         *Login // of User=, or of the manager's user in user mode; nil: no variables about the user
	Invocation    string // 32 hexadecimal digits, or empty
	JournalStream string // "device:inode" of the stream to the journal, or empty (StreamID)
	NotifySocket  string
	RuntimeDir    string // XDG_RUNTIME_DIR in user mode, or empty
	ManagerPID    int    // in user mode, else 0
	Terminal      bool   // one of the standard streams is a terminal
	Run           []string
	Directories   []Directory // give RUNTIME_DIRECTORY and its sisters
	Files         []string    // what EnvironmentFile= held
}

// Assemble returns the environment: each name once, where it came first, with the value that came last. UnsetEnvironment= has the
// last word.
func (e *Environment) Assemble() []string {
	env := variables{list: make([]string, 0, 24)}
	if !hasName(e.Default, "PATH") {
		env.set("PATH=" + SystemPath)
	}
	env.setAll(e.Default)
	e.own(&env)
	env.setAll(e.Run)
	if e.Exec != nil {
		if len(e.Exec.ExecSearchPath) > 0 {
			env.set("PATH=" + strings.Join(e.Exec.ExecSearchPath, ":"))
		}
		for _, name := range e.Exec.PassEnvironment {
			if value, ok := lookup(e.Manager, name); ok {
				env.set(name + "=" + value)
			}
		}
		env.setAll(e.Exec.Environment)
	}
	env.setAll(e.Files)
	if e.Exec != nil {
		for _, pattern := range e.Exec.UnsetEnvironment {
			env.unset(pattern)
		}
	}
	return env.list
}

// own sets the variables that the manager defines.
func (e *Environment) own(env *variables) {
	if l := e.Login; l != nil && e.loginWanted() {
		env.set("HOME=" + l.Home)
		env.set("LOGNAME=" + l.Name)
		env.set("USER=" + l.Name)
		if l.Shell != "" {
			env.set("SHELL=" + l.Shell)
		}
	}
	if e.RuntimeDir != "" {
		env.set("XDG_RUNTIME_DIR=" + e.RuntimeDir)
	}
	if e.ManagerPID != 0 {
		env.set("MANAGERPID=" + strconv.Itoa(e.ManagerPID))
	}
	if e.Invocation != "" {
		env.set("INVOCATION_ID=" + e.Invocation)
	}
	if e.JournalStream != "" {
		env.set("JOURNAL_STREAM=" + e.JournalStream)
	}
	if e.NotifySocket != "" {
		env.set("NOTIFY_SOCKET=" + e.NotifySocket)
	}
	if e.Terminal {
		term, ok := lookup(e.Manager, "TERM")
		if !ok {
			term = "vt220"
		}
		env.set("TERM=" + term)
	}
	for kind, name := range directoryVariables {
		if paths := directoryPaths(e.Directories, DirectoryKind(kind)); paths != "" {
			env.set(name + "=" + paths)
		}
	}
}

// loginWanted says whether the variables about the user are to be set.
func (e *Environment) loginWanted() bool {
	return e.Exec == nil || e.Exec.SetLoginEnvironment != unit.No
}

// directoryVariables are the names for each kind of directory.
var directoryVariables = [...]string{
	RuntimeDirectory: "RUNTIME_DIRECTORY", StateDirectory: "STATE_DIRECTORY", CacheDirectory: "CACHE_DIRECTORY",
	LogsDirectory: "LOGS_DIRECTORY", ConfigurationDirectory: "CONFIGURATION_DIRECTORY",
}

// directoryPaths joins the paths of one kind.
func directoryPaths(all []Directory, kind DirectoryKind) string {
	joined := ""
	for _, d := range all {
		if d.Kind != kind {
			continue
		}
		if joined != "" {
			joined += ":"
		}
		joined += d.Base + "/" + d.Path
	}
	return joined
}

// variables is an environment in the making.
type variables struct{ list []string }

// set replaces the variable that the assignment names, or adds it.
func (v *variables) set(assignment string) {
	name, _, ok := strings.Cut(assignment, "=")
	if !ok {
		return
	}
	for i, entry := range v.list {
		if has(entry, name) {
			v.list[i] = assignment
			return
		}
	}
	v.list = append(v.list, assignment)
}

func (v *variables) setAll(assignments []string) {
	for _, a := range assignments {
		v.set(a)
	}
}

// unset removes a variable by name, or only if it has the value of an assignment.
func (v *variables) unset(pattern string) {
	kept := v.list[:0]
	for _, entry := range v.list {
		if entry != pattern && !(!strings.Contains(pattern, "=") && has(entry, pattern)) {
			kept = append(kept, entry)
		}
	}
	v.list = kept
}

// has says whether entry assigns name.
func has(entry, name string) bool {
	return len(entry) > len(name) && entry[len(name)] == '=' && entry[:len(name)] == name
}

// hasName says whether one of entries assigns name.
func hasName(entries []string, name string) bool {
	_, ok := lookup(entries, name)
	return ok
}

// lookup returns the value of a variable; of several, the last.
func lookup(env []string, name string) (string, bool) {
	for i := len(env) - 1; i >= 0; i-- {
		if has(env[i], name) {
			return env[i][len(name)+1:], true
		}
	}
	return "", false
}

// Sanitize returns the manager's own environment without what the manager's own supervisor meant for it alone.
func Sanitize(env []string) []string {
	kept := make([]string, 0, len(env))
	for _, entry := range env {
		name, _, _ := strings.Cut(entry, "=")
		if !personal[name] && !strings.HasPrefix(name, "MONITOR_") && !strings.HasPrefix(name, "TRIGGER_") {
			kept = append(kept, entry)
		}
	}
	return kept
}

// personal are variables that concern one process only.
var personal = map[string]bool{
	"CACHE_DIRECTORY": true, "CONFIGURATION_DIRECTORY": true, "CREDENTIALS_DIRECTORY": true, "EXIT_CODE": true,
	"EXIT_STATUS": true, "INVOCATION_ID": true, "JOURNAL_STREAM": true, "LISTEN_FDNAMES": true, "LISTEN_FDS": true,
	"LISTEN_PID": true, "LOGS_DIRECTORY": true, "LOG_NAMESPACE": true, "MAINPID": true, "MANAGERPID": true,
	"NOTIFY_SOCKET": true, "PIDFILE": true, "REMOTE_ADDR": true, "REMOTE_PORT": true, "RUNTIME_DIRECTORY": true,
	"SERVICE_RESULT": true, "STATE_DIRECTORY": true, "SYSTEMD_EXEC_PID": true, "WATCHDOG_PID": true, "WATCHDOG_USEC": true,
}
