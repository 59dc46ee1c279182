package host

import (
	"errors"
	"os"
	"path"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

func deviceNumber(dev uint64) string {
	return strconv.Itoa(int(unix.Major(dev))) + ":" + strconv.Itoa(int(unix.Minor(dev)))
}

// architectures maps uname's machine to systemd's names.
var architectures = map[string]string{
	"x86_64": "x86-64", "i686": "x86", "i586": "x86", "i486": "x86", "i386": "x86",
	"aarch64": "arm64", "aarch64_be": "arm64-be", "armv6l": "arm", "armv7l": "arm", "armv8l": "arm", "armv7b": "arm-be",
	"ppc64le": "ppc64-le", "ppc64": "ppc64", "ppc": "ppc", "riscv64": "riscv64", "riscv32": "riscv32",
	"s390x": "s390x", "s390": "s390", "mips": "mips", "mips64": "mips64", "loongarch64": "loongarch64",
	"ia64": "ia64", "sparc64": "sparc64", "sparc": "sparc", "alpha": "alpha", "m68k": "m68k", "parisc": "parisc",
}

// native maps GOARCH to systemd's names.
var native = map[string]string{
	"amd64": "x86-64", "386": "x86", "arm64": "arm64", "arm": "arm", "ppc64le": "ppc64-le", "ppc64": "ppc64",
	"riscv64": "riscv64", "s390x": "s390x", "mips": "mips", "mipsle": "mips-le", "mips64": "mips64",
	"mips64le": "mips64-le", "loong64": "loongarch64",
}

// Architecture returns the machine's architecture in systemd's words.
func Architecture() string {
	machine := uname().machine
	return or(architectures[machine], machine)
}

type kernelNames struct{ node, release, version, machine string }

func uname() kernelNames {
	var u unix.Utsname
	if unix.Uname(&u) != nil {
		return kernelNames{}
	}
	return kernelNames{
		node: unix.ByteSliceToString(u.Nodename[:]), release: unix.ByteSliceToString(u.Release[:]),
		version: unix.ByteSliceToString(u.Version[:]), machine: unix.ByteSliceToString(u.Machine[:]),
	}
}

func isArchitecture(_ *Machine, p string) (bool, error) {
	if p == "native" {
		p = native[runtime.GOARCH]
	}
	return p == Architecture(), nil
}

func isHost(m *Machine, p string) (bool, error) {
	if len(strings.ReplaceAll(p, "-", "")) == 32 && strings.EqualFold(strings.ReplaceAll(p, "-", ""), m.MachineID()) {
		return true, nil
	}
	return path.Match(strings.ToLower(p), strings.ToLower(m.Hostname()))
}

// CommandLine returns the kernel's command line split into words, or PID 1's in a container.
func (m *Machine) CommandLine() []string {
	if m.Container() != "" {
		raw, err := os.ReadFile(m.Root + "/proc/1/cmdline")
		if err != nil {
			return nil
		}
		words := strings.Split(strings.TrimRight(string(raw), "\x00"), "\x00")
		return words[min(1, len(words)):]
	}
	raw, _ := os.ReadFile(m.Root + "/proc/cmdline")
	return quotedWords(string(raw))
}

// kernelOption returns the value of the last occurrence of an option, "" for one without value. "-" and "_" are equal.
func (m *Machine) kernelOption(name string) (value string, ok bool) {
	canon := func(s string) string { return strings.ReplaceAll(s, "-", "_") }
	for _, word := range m.CommandLine() {
		key, v, _ := strings.Cut(word, "=")
		if canon(key) == canon(name) {
			value, ok = v, true
		}
	}
	return value, ok
}

func hasKernelCommandLine(m *Machine, p string) (bool, error) {
	for _, word := range m.CommandLine() {
		key, _, _ := strings.Cut(word, "=")
		if word == p || !strings.Contains(p, "=") && key == p {
			return true, nil
		}
	}
	return false, nil
}

func hasCredential(m *Machine, p string) (bool, error) {
	if m.CredentialDirectory == "" || p == "" || strings.ContainsRune(p, '/') {
		return false, nil
	}
	_, ok, err := look(os.Stat(m.CredentialDirectory + "/" + p))
	return ok, err
}

func hasEnvironment(m *Machine, p string) (bool, error) {
	return slices.ContainsFunc(m.Environ, func(entry string) bool {
		return entry == p || !strings.Contains(p, "=") && strings.HasPrefix(entry, p+"=")
	}), nil
}

func isACPower(m *Machine, p string) (bool, error) {
	want, ok := boolean(p)
	if !ok {
		return false, errNotBoolean
	}
	return m.onACPower() == want, nil
}

var errNotBoolean = errors.New("not a boolean")

// onACPower is true unless every mains connector that is known is disconnected.
func (m *Machine) onACPower() bool {
	dir := m.Root + "/sys/class/power_supply/"
	supplies, err := os.ReadDir(dir)
	if err != nil {
		return true
	}
	offline := false
	for _, s := range supplies {
		if m.line(dir+s.Name()+"/type") != "Mains" {
			continue
		}
		if m.line(dir+s.Name()+"/online") != "0" {
			return true
		}
		offline = true
	}
	return !offline
}

// line reads a file of one line, empty when it cannot.
func (m *Machine) line(path string) string {
	raw, err := os.ReadFile(path)
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(raw))
}

func isFirstBoot(m *Machine, p string) (bool, error) {
	want, ok := boolean(p)
	if !ok {
		return false, errNotBoolean
	}
	if v, given := m.kernelOption("systemd.condition-first-boot"); given {
		if yes, known := boolean(or(v, "yes")); known {
			return yes == want, nil
		}
	}
	return m.FirstBoot == want, nil
}

// systemUIDMax is the highest uid of system users on the distributions that davit knows (login.defs(5), SYS_UID_MAX).
const systemUIDMax = 999

func isUser(m *Machine, p string) (bool, error) {
	uid, euid := os.Getuid(), os.Geteuid()
	if p == "@system" {
		return euid <= systemUIDMax || euid == 65534, nil
	}
	if id, ok := number(p); ok {
		return id == uid || id == euid, nil
	}
	account, err := m.Accounts.User(p)
	if errors.Is(err, ErrUnknownName) {
		return false, nil
	}
	return err == nil && (account.UID == uid || account.UID == euid), err
}

func isGroup(m *Machine, p string) (bool, error) {
	gid, err := m.Accounts.Group(p)
	if errors.Is(err, ErrUnknownName) {
		return false, nil
	} else if err != nil {
		return false, err
	}
	groups, err := os.Getgroups()
	return gid == os.Getgid() || gid == os.Getegid() || slices.Contains(groups, gid), err
}

func hasControllers(m *Machine, p string) (bool, error) {
	switch p {
	case "v1":
		return !m.Unified, nil
	case "v2":
		return m.Unified, nil
	}
	known := []string{"cpu", "io", "memory", "pids"}
	for _, c := range strings.Fields(p) {
		if slices.Contains(known, c) && !slices.Contains(m.Controllers, c) {
			return false, nil
		}
	}
	return true, nil
}

func isModuleLoaded(m *Machine, p string) (bool, error) {
	name := strings.ReplaceAll(p, "-", "_")
	st, ok, err := look(os.Stat(m.Root + "/sys/module/" + name))
	if !ok || err != nil {
		return false, err
	}
	state := m.line(m.Root + "/sys/module/" + name + "/initstate")
	return st.IsDir() && (state == "" || state == "live"), nil
}
