package ctl

import (
	"strconv"
	"strings"
)

// signalNames are the signals of signal(7) by number, on the architectures that davit builds for.
var signalNames = []string{
	"", "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2", "PIPE", "ALRM", "TERM",
	"STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG", "XCPU", "XFSZ", "VTALRM", "PROF", "WINCH", "IO", "PWR", "SYS",
}

// Real-time signals, as libc counts them.
const (
	rtMin = 34
	rtMax = 64
)

// signalNumber reads a signal by number or name, with or without SIG.
func signalNumber(s string) (int, bool) {
	if n, err := strconv.Atoi(s); err == nil {
		return n, n > 0 && n <= rtMax
	}
	s = strings.TrimPrefix(strings.ToUpper(s), "SIG")
	for i, name := range signalNames {
		if name == s && s != "" {
			return i, true
		}
	}
	for name, base := range map[string]int{"RTMIN": rtMin, "RTMAX": rtMax} {
		if rest, ok := strings.CutPrefix(s, name); ok {
			n, err := strconv.Atoi("0" + strings.TrimLeft(rest, "+-"))
			if strings.HasPrefix(rest, "-") {
				n = -n
			}
			n += base
			return n, err == nil && n >= rtMin && n <= rtMax
		}
	}
	return 0, false
}

// signalName is the name of a signal without SIG.
func signalName(n int) string {
	switch {
	case n > 0 && n < len(signalNames):
		return signalNames[n]
	case n >= rtMin && n <= rtMax:
		return "RTMIN+" + strconv.Itoa(n-rtMin)
	}
	return strconv.Itoa(n)
}

// exitNames are the exit codes that have a name (systemd.exec(5)).
var exitNames = map[int]string{
	0: "SUCCESS", 1: "FAILURE", 2: "INVALIDARGUMENT", 3: "NOTIMPLEMENTED", 4: "NOPERMISSION", 5: "NOTINSTALLED",
	6: "NOTCONFIGURED", 7: "NOTRUNNING",
	64: "USAGE", 65: "DATAERR", 66: "NOINPUT", 67: "NOUSER", 68: "NOHOST", 69: "UNAVAILABLE", 70: "SOFTWARE", 71: "OSERR",
	72: "OSFILE", 73: "CANTCREAT", 74: "IOERR", 75: "TEMPFAIL", 76: "PROTOCOL", 77: "NOPERM", 78: "CONFIG",
	200: "CHDIR", 201: "NICE", 202: "FDS", 203: "EXEC", 204: "MEMORY", 205: "LIMITS", 206: "OOM_ADJUST", 207: "SIGNAL_MASK",
	208: "STDIN", 209: "STDOUT", 210: "CHROOT", 211: "IOPRIO", 212: "TIMERSLACK", 213: "SECUREBITS", 214: "SETSCHEDULER",
	215: "CPUAFFINITY", 216: "GROUP", 217: "USER", 218: "CAPABILITIES", 219: "CGROUP", 220: "SETSID", 221: "CONFIRM",
	222: "STDERR", 224: "PAM", 225: "NETWORK", 226: "NAMESPACE", 227: "NO_NEW_PRIVILEGES", 228: "SECCOMP",
	229: "SELINUX_CONTEXT", 230: "PERSONALITY", 231: "APPARMOR", 232: "ADDRESS_FAMILIES", 233: "RUNTIME_DIRECTORY",
	235: "CHOWN", 236: "SMACK_PROCESS_LABEL", 237: "KEYRING", 238: "STATE_DIRECTORY", 239: "CACHE_DIRECTORY",
	240: "LOGS_DIRECTORY", 241: "CONFIGURATION_DIRECTORY", 242: "NUMA_POLICY", 243: "CREDENTIALS", 244: "BPF", 255: "EXCEPTION",
}

// Codes of siginfo, as ExecMainCode shows them.
const (
	codeExited = 1
	codeKilled = 2
	codeDumped = 3
)

var codeNames = map[int]string{1: "exited", 2: "killed", 3: "dumped", 4: "trapped", 5: "stopped", 6: "continued"}

// ending says how a process ended: code=exited, status=203/EXEC or code=killed, signal=TERM.
func ending(code, status int) string {
	s := "code=" + codeNames[code] + ", "
	if code != codeExited {
		return s + "signal=" + signalName(status)
	}
	s += "status=" + strconv.Itoa(status)
	if name := exitNames[status]; name != "" {
		s += "/" + name
	}
	return s
}
