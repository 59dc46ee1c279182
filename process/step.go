package process

import (
	"strconv"
	"syscall"
)

// step is one part of setting up a process. It has the name that errors show, and systemd's exit status for it.
type step uint8

// The steps, in the order in which they usually run.
const (
	stepFork step = iota
	stepSignals
	stepFDs
	stepCgroup
	stepSetsid
	stepStdin
	stepStdout
	stepStderr
	stepOOMAdjust
	stepCoredump
	stepNice
	stepScheduler
	stepAffinity
	stepNUMA
	stepIOPriority
	stepTimerSlack
	stepPersonality
	stepUMask
	stepKeyring
	stepRuntimeDirectory
	stepStateDirectory
	stepCacheDirectory
	stepLogsDirectory
	stepConfigurationDirectory
	stepNetwork
	stepNamespace
	stepLimits
	stepGroup
	stepUser
	stepCapabilities
	stepChroot
	stepChdir
	stepSecureBits
	stepNoNewPrivileges
	stepAddressFamilies
	stepSeccomp
	stepMemory
	stepExec
	numSteps
)

// stepTable has a step's name, as in "cannot set up user", and its exit status (systemd.exec(5), "PROCESS EXIT CODES").
var stepTable = [numSteps]struct {
	what   string
	status uint8
}{
	stepFork:                   {"make process", 204},
	stepSignals:                {"set up signals", 207},
	stepFDs:                    {"set up file descriptors", 202},
	stepCgroup:                 {"join cgroup", 219},
	stepSetsid:                 {"make session", 220},
	stepStdin:                  {"set up standard input", 208},
	stepStdout:                 {"set up standard output", 209},
	stepStderr:                 {"set up standard error", 222},
	stepOOMAdjust:              {"adjust out-of-memory score", 206},
	stepCoredump:               {"set up core dump filter", 205},
	stepNice:                   {"set nice level", 201},
	stepScheduler:              {"set CPU scheduling", 214},
	stepAffinity:               {"set CPU affinity", 215},
	stepNUMA:                   {"set NUMA memory policy", 242},
	stepIOPriority:             {"set I/O priority", 211},
	stepTimerSlack:             {"set timer slack", 212},
	stepPersonality:            {"set personality", 230},
	stepUMask:                  {"set umask", 1},
	stepKeyring:                {"set up keyring", 237},
	stepRuntimeDirectory:       {"set up runtime directory", 233},
	stepStateDirectory:         {"set up state directory", 238},
	stepCacheDirectory:         {"set up cache directory", 239},
	stepLogsDirectory:          {"set up logs directory", 240},
	stepConfigurationDirectory: {"set up configuration directory", 241},
	stepNetwork:                {"set up network namespace", 225},
	stepNamespace:              {"set up namespace", 226},
	stepLimits:                 {"set resource limits", 205},
	stepGroup:                  {"set up group", 216},
	stepUser:                   {"set up user", 217},
	stepCapabilities:           {"set up capabilities", 218},
	stepChroot:                 {"change root directory", 210},
	stepChdir:                  {"change working directory", 200},
	stepSecureBits:             {"set secure bits", 213},
	stepNoNewPrivileges:        {"disable new privileges", 227},
	stepAddressFamilies:        {"restrict address families", 232},
	stepSeccomp:                {"install system call filter", 228},
	stepMemory:                 {"lay out arguments", 204},
	stepExec:                   {"execute", 203},
}

// Failure says which step of a process's list failed. As an error it reads like
// "cannot change working directory /srv: no such file or directory".
type Failure struct {
	Step    string        // what was tried: "change working directory"
	Subject string        // the path concerned, or empty
	Status  int           // systemd's exit status, 200 to 245; 1 where systemd has none
	Errno   syscall.Errno //
}

func (f Failure) Error() string {
	text := "cannot " + f.Step
	if f.Subject != "" {
		text += " " + f.Subject
	}
	if f.Errno == 0 {
		return text
	}
	return text + ": " + f.Errno.Error()
}

// Unwrap returns the error number.
func (f Failure) Unwrap() error { return f.Errno }

// failed makes the Failure of a step.
func failed(s step, subject string, errno syscall.Errno) Failure {
	return Failure{stepTable[s].what, subject, int(stepTable[s].status), errno}
}

// StatusName returns the name that systemd has for an exit status of a step ("CHDIR" for 200), or the number.
func StatusName(status int) string {
	if name, ok := statusNames[status]; ok {
		return name
	}
	return strconv.Itoa(status)
}

// statusNames are the symbolic names of systemd.exec(5), without "EXIT_".
var statusNames = map[int]string{
	200: "CHDIR", 201: "NICE", 202: "FDS", 203: "EXEC", 204: "MEMORY", 205: "LIMITS", 206: "OOM_ADJUST", 207: "SIGNAL_MASK",
	208: "STDIN", 209: "STDOUT", 210: "CHROOT", 211: "IOPRIO", 212: "TIMERSLACK", 213: "SECUREBITS", 214: "SETSCHEDULER",
	215: "CPUAFFINITY", 216: "GROUP", 217: "USER", 218: "CAPABILITIES", 219: "CGROUP", 220: "SETSID", 221: "CONFIRM",
	222: "STDERR", 224: "PAM", 225: "NETWORK", 226: "NAMESPACE", 227: "NO_NEW_PRIVILEGES", 228: "SECCOMP",
	229: "SELINUX_CONTEXT", 230: "PERSONALITY", 231: "APPARMOR_PROFILE", 232: "ADDRESS_FAMILIES", 233: "RUNTIME_DIRECTORY",
	235: "CHOWN", 236: "SMACK_PROCESS_LABEL", 237: "KEYRING", 238: "STATE_DIRECTORY", 239: "CACHE_DIRECTORY",
	240: "LOGS_DIRECTORY", 241: "CONFIGURATION_DIRECTORY", 242: "NUMA_POLICY", 243: "CREDENTIALS", 245: "BPF",
}
