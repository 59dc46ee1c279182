package host

import (
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// capabilities in the order of their numbers (capabilities(7)).
var capabilities = []string{
	"cap_chown", "cap_dac_override", "cap_dac_read_search", "cap_fowner", "cap_fsetid", "cap_kill", "cap_setgid",
	"cap_setuid", "cap_setpcap", "cap_linux_immutable", "cap_net_bind_service", "cap_net_broadcast", "cap_net_admin",
	"cap_net_raw", "cap_ipc_lock", "cap_ipc_owner", "cap_sys_module", "cap_sys_rawio", "cap_sys_chroot",
	"cap_sys_ptrace", "cap_sys_pacct", "cap_sys_admin", "cap_sys_boot", "cap_sys_nice", "cap_sys_resource",
	"cap_sys_time", "cap_sys_tty_config", "cap_mknod", "cap_lease", "cap_audit_write", "cap_audit_control",
	"cap_setfcap", "cap_mac_override", "cap_mac_admin", "cap_syslog", "cap_wake_alarm", "cap_block_suspend",
	"cap_audit_read", "cap_perfmon", "cap_bpf", "cap_checkpoint_restore",
}

// Capability says whether a capability, by name, is in the bounding set of this process.
func Capability(name string) bool {
	at := slices.Index(capabilities, strings.ToLower(name))
	if at < 0 {
		return false
	}
	in, err := unix.PrctlRetInt(unix.PR_CAPBSET_READ, uintptr(at), 0, 0, 0)
	return err == nil && in == 1
}

func hasCapability(_ *Machine, p string) (bool, error) {
	if !slices.Contains(capabilities, strings.ToLower(p)) {
		if _, err := strconv.Atoi(p); err != nil {
			return false, fmt.Errorf("capability %q is unknown", p)
		}
	}
	return Capability(p), nil
}

func hasSecurity(m *Machine, p string) (bool, error) {
	exists := func(path string) bool { _, err := os.Stat(m.Root + path); return err == nil }
	switch p {
	case "selinux":
		return exists("/sys/fs/selinux/enforce"), nil
	case "apparmor":
		return m.line(m.Root+"/sys/module/apparmor/parameters/enabled") == "Y", nil
	case "tomoyo":
		return exists("/sys/kernel/security/tomoyo/version"), nil
	case "smack":
		return exists("/sys/fs/smackfs"), nil
	case "ima":
		return exists("/sys/kernel/security/ima"), nil
	case "audit":
		return hasAudit(), nil
	case "uefi-secureboot":
		return m.secureBoot(), nil
	case "tpm2":
		found, _ := filepath.Glob(m.Root + "/sys/class/tpmrm/tpmrm[0-9]*")
		return len(found) > 0, nil
	case "cvm":
		return exists("/dev/tdx_guest") || exists("/dev/sev-guest"), nil
	case "measured-uki":
		return false, nil
	}
	return false, fmt.Errorf("security technology %q is unknown", p)
}

func hasAudit() bool {
	fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, unix.NETLINK_AUDIT)
	if err != nil {
		return false
	}
	unix.Close(fd)
	return true
}

// secureBoot reads the EFI variable: four bytes of attributes, then one of value.
func (m *Machine) secureBoot() bool {
	raw, err := os.ReadFile(m.Root + "/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c")
	return err == nil && len(raw) == 5 && raw[4] == 1
}

func isFirmware(m *Machine, p string) (bool, error) {
	exists := func(path string) bool { _, err := os.Stat(m.Root + path); return err == nil }
	switch {
	case p == "uefi":
		return exists("/sys/firmware/efi"), nil
	case p == "device-tree":
		return exists("/sys/firmware/devicetree"), nil
	}
	if value, ok := argument(p, "device-tree-compatible"); ok {
		raw, _ := os.ReadFile(m.Root + "/proc/device-tree/compatible")
		return slices.Contains(strings.Split(strings.TrimRight(string(raw), "\x00"), "\x00"), value), nil
	}
	if expression, ok := argument(p, "smbios-field"); ok {
		at := strings.IndexAny(expression, "=!<>$")
		if at <= 0 {
			return false, fmt.Errorf("%q is not FIELD OPERATOR VALUE", expression)
		}
		field := strings.TrimSpace(expression[:at])
		if strings.ContainsRune(field, '/') {
			return false, fmt.Errorf("%q is not a field", field)
		}
		op, value := operator(expression[at:])
		raw, err := os.ReadFile(m.Root + "/sys/class/dmi/id/" + field)
		if err != nil {
			return false, nil
		}
		return matches(op, strings.TrimRight(string(raw), " \n"), strings.Trim(value, `"'`))
	}
	return false, fmt.Errorf("firmware %q is unknown", p)
}

// argument takes the text between the parentheses of "name(text)".
func argument(s, name string) (string, bool) {
	rest, ok := strings.CutPrefix(s, name+"(")
	if !ok {
		return "", false
	}
	return strings.CutSuffix(rest, ")")
}

// cpuFeature is one bit of the CPUID instruction.
type cpuFeature struct {
	leaf     uint32
	register byte // a, b, c, d
	bit      uint
}

// cpuFeatures are the names of ConditionCPUFeature= (systemd.unit(5)).
var cpuFeatures = map[string]cpuFeature{
	"fpu": {1, 'd', 0}, "vme": {1, 'd', 1}, "de": {1, 'd', 2}, "pse": {1, 'd', 3}, "tsc": {1, 'd', 4}, "msr": {1, 'd', 5},
	"pae": {1, 'd', 6}, "mce": {1, 'd', 7}, "cx8": {1, 'd', 8}, "apic": {1, 'd', 9}, "sep": {1, 'd', 11},
	"mtrr": {1, 'd', 12}, "pge": {1, 'd', 13}, "mca": {1, 'd', 14}, "cmov": {1, 'd', 15}, "pat": {1, 'd', 16},
	"pse36": {1, 'd', 17}, "clflush": {1, 'd', 19}, "mmx": {1, 'd', 23}, "fxsr": {1, 'd', 24}, "sse": {1, 'd', 25},
	"sse2": {1, 'd', 26}, "ht": {1, 'd', 28},
	"pni": {1, 'c', 0}, "pclmul": {1, 'c', 1}, "monitor": {1, 'c', 3}, "ssse3": {1, 'c', 9}, "fma3": {1, 'c', 12},
	"cx16": {1, 'c', 13}, "sse4_1": {1, 'c', 19}, "sse4_2": {1, 'c', 20}, "movbe": {1, 'c', 22}, "popcnt": {1, 'c', 23},
	"aes": {1, 'c', 25}, "xsave": {1, 'c', 26}, "osxsave": {1, 'c', 27}, "avx": {1, 'c', 28}, "f16c": {1, 'c', 29},
	"rdrand": {1, 'c', 30},
	"bmi1":   {7, 'b', 3}, "avx2": {7, 'b', 5}, "bmi2": {7, 'b', 8}, "rdseed": {7, 'b', 18}, "adx": {7, 'b', 19},
	"sha_ni":  {7, 'b', 29},
	"syscall": {0x80000001, 'd', 11}, "rdtscp": {0x80000001, 'd', 27}, "lm": {0x80000001, 'd', 29},
	"lahf_lm": {0x80000001, 'c', 0}, "abm": {0x80000001, 'c', 5}, "constant_tsc": {0x80000007, 'd', 8},
}

func hasCPUFeature(_ *Machine, p string) (bool, error) {
	f, ok := cpuFeatures[strings.ToLower(p)]
	if !ok {
		return false, fmt.Errorf("CPU feature %q is unknown", p)
	}
	if highest, _, _, _ := cpuid(f.leaf&0x80000000, 0); highest < f.leaf {
		return false, nil
	}
	a, b, c, d := cpuid(f.leaf, 0)
	register := map[byte]uint32{'a': a, 'b': b, 'c': c, 'd': d}[f.register]
	return register>>f.bit&1 == 1, nil
}

// hypervisor returns the vendor that CPUID's hypervisor leaf names, empty without hypervisor.
func hypervisor() string {
	if _, _, c, _ := cpuid(1, 0); c>>31 == 0 {
		return ""
	}
	_, b, c, d := cpuid(0x40000000, 0)
	name := binary.LittleEndian.AppendUint32(nil, b)
	name = binary.LittleEndian.AppendUint32(name, c)
	name = binary.LittleEndian.AppendUint32(name, d)
	return strings.TrimRight(string(name), "\x00 ")
}
