package unit

import (
	"errors"
	"strconv"
	"strings"
)

// signalNames are those of Linux on all architectures but Alpha, MIPS, PA-RISC and SPARC.
var signalNames = [...]string{
	"", "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2", "PIPE", "ALRM", "TERM", "STKFLT",
	"CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG", "XCPU", "XFSZ", "VTALRM", "PROF", "WINCH", "IO", "PWR", "SYS",
}

// The realtime signals that programs may use; the C library keeps 32 and 33.
const (
	sigRTMin Signal = 34
	sigRTMax Signal = 64
)

var errSignal = errors.New("not a signal")

// ParseSignal reads a signal: a name with or without SIG, RTMIN+n, RTMAX-n, or a number.
func ParseSignal(s string) (Signal, error) {
	if n, err := strconv.ParseUint(s, 10, 8); err == nil {
		if n < 1 || n > 64 {
			return 0, errSignal
		}
		return Signal(n), nil
	}
	name := strings.TrimPrefix(s, "SIG")
	switch name {
	case "", "POLL":
		if name == "POLL" {
			return 29, nil
		}
		return 0, errSignal
	case "IOT":
		return 6, nil
	case "CLD":
		return 17, nil
	}
	for i, known := range signalNames {
		if known == name {
			return Signal(i), nil
		}
	}
	if rest, ok := strings.CutPrefix(name, "RTMIN"); ok {
		return realtime(sigRTMin, rest, '+')
	}
	if rest, ok := strings.CutPrefix(name, "RTMAX"); ok {
		return realtime(sigRTMax, rest, '-')
	}
	return 0, errSignal
}

func realtime(base Signal, offset string, sign byte) (Signal, error) {
	if offset == "" {
		return base, nil
	}
	n, err := strconv.ParseUint(offset[1:], 10, 8)
	if err != nil || offset[0] != sign || n > uint64(sigRTMax-sigRTMin) {
		return 0, errSignal
	}
	if sign == '-' {
		return base - Signal(n), nil
	}
	return base + Signal(n), nil
}

// String returns the signal's name with SIG, empty for 0.
func (s Signal) String() string {
	switch {
	case s == 0:
		return ""
	case int(s) < len(signalNames):
		return "SIG" + signalNames[s]
	case s == sigRTMin:
		return "SIGRTMIN"
	case s > sigRTMin && s <= sigRTMax:
		return "SIGRTMIN+" + itoa(int64(s-sigRTMin))
	}
	return itoa(int64(s))
}

// exitNames are the exit statuses that systemd.exec(5) names.
var exitNames = map[string]uint8{
	"SUCCESS": 0, "FAILURE": 1, "INVALIDARGUMENT": 2, "NOTIMPLEMENTED": 3, "NOPERMISSION": 4, "NOTINSTALLED": 5, "NOTCONFIGURED": 6,
	"NOTRUNNING": 7, "USAGE": 64, "DATAERR": 65, "NOINPUT": 66, "NOUSER": 67, "NOHOST": 68, "UNAVAILABLE": 69, "SOFTWARE": 70,
	"OSERR": 71, "OSFILE": 72, "CANTCREAT": 73, "IOERR": 74, "TEMPFAIL": 75, "PROTOCOL": 76, "NOPERM": 77, "CONFIG": 78,
	"CHDIR": 200, "NICE": 201, "FDS": 202, "EXEC": 203, "MEMORY": 204, "LIMITS": 205, "OOM_ADJUST": 206, "SIGNAL_MASK": 207,
	"STDIN": 208, "STDOUT": 209, "CHROOT": 210, "IOPRIO": 211, "TIMERSLACK": 212, "SECUREBITS": 213, "SETSCHEDULER": 214,
	"CPUAFFINITY": 215, "GROUP": 216, "USER": 217, "CAPABILITIES": 218, "CGROUP": 219, "SETSID": 220, "CONFIRM": 221, "STDERR": 222,
	"PAM": 224, "NETWORK": 225, "NAMESPACE": 226, "NO_NEW_PRIVILEGES": 227, "SECCOMP": 228, "SELINUX_CONTEXT": 229,
	"PERSONALITY": 230, "APPARMOR": 231, "ADDRESS_FAMILIES": 232, "RUNTIME_DIRECTORY": 233, "CHOWN": 235, "SMACK_PROCESS_LABEL": 236,
	"KEYRING": 237, "STATE_DIRECTORY": 238, "CACHE_DIRECTORY": 239, "LOGS_DIRECTORY": 240, "CONFIGURATION_DIRECTORY": 241,
	"NUMA_POLICY": 242, "CREDENTIALS": 243, "BPF": 244, "EXCEPTION": 255,
}

var exitNamesByNumber = func() (names [256]string) {
	for name, n := range exitNames {
		names[n] = name
	}
	return names
}()

// ExitName returns the name of an exit status in systemd.exec(5), empty when it has none.
func ExitName(status int) string {
	if status < 0 || status > 255 {
		return ""
	}
	return exitNamesByNumber[status]
}

// Has says whether an exit status is in the set.
func (s *StatusSet) Has(status int) bool {
	return status >= 0 && status < 256 && s.Codes[status/64]&(1<<(status%64)) != 0
}

// HasSignal says whether a signal is in the set.
func (s *StatusSet) HasSignal(sig Signal) bool {
	return s.Signals&(1<<(sig%64)) != 0 && sig > 0 && sig <= 64
}

// Empty says whether nothing is in the set.
func (s *StatusSet) Empty() bool { return *s == StatusSet{} }

// add puts in an exit status by number or name, or a signal by name.
func (s *StatusSet) add(word string) error {
	if n, ok := exitNames[word]; ok {
		s.Codes[n/64] |= 1 << (n % 64)
		return nil
	}
	if word != "" && word[0] >= '0' && word[0] <= '9' {
		n, err := parseUint(word, 8)
		if err != nil {
			return errors.New("not an exit status")
		}
		s.Codes[n/64] |= 1 << (n % 64)
		return nil
	}
	sig, err := ParseSignal(word)
	if err != nil {
		return errors.New("neither an exit status nor a signal")
	}
	s.Signals |= 1 << (sig % 64)
	return nil
}

// String lists what is in the set: exit statuses by number, then signals by name.
func (s StatusSet) String() string {
	var list []string
	for n := range 256 {
		if s.Has(n) {
			list = append(list, itoa(int64(n)))
		}
	}
	for n := Signal(1); n <= 64; n++ {
		if s.HasSignal(n) {
			list = append(list, n.String())
		}
	}
	return strings.Join(list, " ")
}
