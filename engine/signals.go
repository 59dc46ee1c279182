package engine

import "strconv"

// The signals that the engine itself means, by their Linux numbers.
const (
	sigHUP  = 1
	sigINT  = 2
	sigABRT = 6
	sigKILL = 9
	sigPIPE = 13
	sigTERM = 15
	sigCONT = 18
)

var signalNames = [...]string{
	"", "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2", "PIPE", "ALRM", "TERM", "STKFLT",
	"CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG", "XCPU", "XFSZ", "VTALRM", "PROF", "WINCH", "POLL", "PWR", "SYS",
}

// signalName returns a signal's name without SIG, as $EXIT_STATUS has it.
func signalName(n int) string {
	switch {
	case n > 0 && n < len(signalNames):
		return signalNames[n]
	case n >= 34 && n <= 64:
		return "RTMIN+" + strconv.Itoa(n-34)
	}
	return strconv.Itoa(n)
}

// String returns the word of $EXIT_CODE.
func (c ExitCode) String() string {
	switch c {
	case CLDExited:
		return "exited"
	case CLDKilled:
		return "killed"
	case CLDDumped:
		return "dumped"
	case ExitNone:
	}
	return "none"
}

// String says how a process ended, in the words of systemctl(1).
func (v Exited) String() string {
	return "ended, code=" + v.Code.String() + ", status=" + statusText(v.Code, v.Status)
}

// status returns the word of $EXIT_STATUS.
func (x Execution) status() string {
	if x.Code == CLDExited {
		return strconv.Itoa(x.Status)
	}
	return signalName(x.Status)
}

// exitNames are the statuses that systemd.exec(5) names, "PROCESS EXIT CODES".
var exitNames = map[int]string{
	0: "SUCCESS", 1: "FAILURE", 2: "INVALIDARGUMENT", 3: "NOTIMPLEMENTED", 4: "NOPERMISSION", 5: "NOTINSTALLED", 6: "NOTCONFIGURED", 7: "NOTRUNNING",
	200: "CHDIR", 201: "NICE", 202: "FDS", 203: "EXEC", 204: "MEMORY", 205: "LIMITS", 206: "OOM_ADJUST", 207: "SIGNAL_MASK",
	208: "STDIN", 209: "STDOUT", 210: "CHROOT", 211: "IOPRIO", 212: "TIMERSLACK", 213: "SECUREBITS", 214: "SETSCHEDULER",
	215: "CPUAFFINITY", 216: "GROUP", 217: "USER", 218: "CAPABILITIES", 219: "CGROUP", 220: "SETSID", 221: "CONFIRM",
	222: "STDERR", 224: "PAM", 225: "NETWORK", 226: "NAMESPACE", 227: "NO_NEW_PRIVILEGES", 228: "SECCOMP", 229: "SELINUX_CONTEXT",
	230: "PERSONALITY", 231: "APPARMOR_PROFILE", 232: "ADDRESS_FAMILIES", 233: "RUNTIME_DIRECTORY", 235: "CHOWN",
	236: "SMACK_PROCESS_LABEL", 237: "KEYRING", 238: "STATE_DIRECTORY", 239: "CACHE_DIRECTORY", 240: "LOGS_DIRECTORY",
	241: "CONFIGURATION_DIRECTORY", 242: "NUMA_POLICY", 243: "CREDENTIALS", 245: "BPF",
}

func statusText(c ExitCode, status int) string {
	if c != CLDExited {
		return strconv.Itoa(status) + "/" + signalName(status)
	}
	if name := exitNames[status]; name != "" {
		return strconv.Itoa(status) + "/" + name
	}
	return strconv.Itoa(status) + "/n/a"
}
