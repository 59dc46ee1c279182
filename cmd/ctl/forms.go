package ctl

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// numberForms and integerForms are the forms of numbers that are no plain numbers.
var (
	numberForms = map[string]func(uint64) string{
		"AmbientCapabilities":   func(n uint64) string { return bitNames(n, capabilities) },
		"CapabilityBoundingSet": func(n uint64) string { return bitNames(n, capabilities) },
		"CoredumpFilter":        func(n uint64) string { return fmt.Sprintf("0x%x", n) },
		"MountFlags":            propagation,
		"RestrictNamespaces":    namespacesText,
	}
	integerForms = map[string]func(int32) string{
		"SuccessActionExitStatus": statusForm,
		"FailureActionExitStatus": statusForm,
		"NUMAPolicy": func(n int32) string {
			policies := []string{"default", "preferred", "bind", "interleave", "local"}
			if n < 0 || int(n) >= len(policies) {
				return "n/a"
			}
			return policies[n]
		},
	}
)

func statusForm(n int32) string {
	if n < 0 {
		return "[not set]"
	}
	return strconv.Itoa(int(n))
}

// capabilities by number (capabilities(7)).
var capabilities = strings.Fields(`cap_chown cap_dac_override cap_dac_read_search cap_fowner cap_fsetid cap_kill cap_setgid cap_setuid
	cap_setpcap cap_linux_immutable cap_net_bind_service cap_net_broadcast cap_net_admin cap_net_raw cap_ipc_lock cap_ipc_owner
	cap_sys_module cap_sys_rawio cap_sys_chroot cap_sys_ptrace cap_sys_pacct cap_sys_admin cap_sys_boot cap_sys_nice cap_sys_resource
	cap_sys_time cap_sys_tty_config cap_mknod cap_lease cap_audit_write cap_audit_control cap_setfcap cap_mac_override cap_mac_admin
	cap_syslog cap_wake_alarm cap_block_suspend cap_audit_read cap_perfmon cap_bpf cap_checkpoint_restore`)

// bitNames are the names of the bits that are set; bits without a name are left out.
func bitNames(n uint64, names []string) string {
	var out []string
	for i, name := range names {
		if n&(1<<i) != 0 {
			out = append(out, name)
		}
	}
	return strings.Join(out, " ")
}

// propagation names a mount propagation flag of mount(2).
func propagation(n uint64) string {
	switch n {
	case 0:
		return ""
	case 1 << 20:
		return "shared"
	case 1 << 19:
		return "slave"
	case 1 << 18:
		return "private"
	}
	return strconv.FormatUint(n, 10)
}

// namespaces are the flags of clone(2), by the names of RestrictNamespaces=.
var namespaces = []struct {
	name string
	flag uint64
}{
	{"cgroup", 0x02000000}, {"ipc", 0x08000000}, {"net", 0x40000000}, {"mnt", 0x00020000}, {"pid", 0x20000000}, {"user", 0x10000000}, {"uts", 0x04000000},
}

// namespacesText shows which namespaces are still allowed: none is yes, all is no.
func namespacesText(n uint64) string {
	var out []string
	for _, s := range namespaces {
		if n&s.flag != 0 {
			out = append(out, s.name)
		}
	}
	switch len(out) {
	case 0:
		return "yes"
	case len(namespaces):
		return "no"
	}
	return strings.Join(out, " ")
}

// wholeForms are the forms of structures that are a property by themselves.
var wholeForms = map[string]func([]any) string{
	"AppArmorProfile": labelForm, "SELinuxContext": labelForm, "SmackProcessLabel": labelForm,
	"RestrictAddressFamilies": listForm, "RestrictFileSystems": listForm, "RestrictNetworkInterfaces": listForm,
	"SystemCallFilter": listForm, "SystemCallLog": listForm,
	"SuccessExitStatus": exitSetForm, "RestartPreventExitStatus": exitSetForm, "RestartForceExitStatus": exitSetForm,
}

// labelForm shows (bs): a dash for "may be missing", and the label.
func labelForm(v []any) string {
	if at(v, 0) == true {
		return "-" + str(at(v, 1))
	}
	return str(at(v, 1))
}

// listForm shows (bas): a list of what is allowed, or after ~ of what is not.
func listForm(v []any) string {
	s := strings.Join(strs(at(v, 1)), " ")
	if at(v, 0) == true {
		return s
	}
	return "~" + s
}

// exitSetForm shows (aiai): exit codes, then signals.
func exitSetForm(v []any) string {
	var out []string
	for _, n := range anys(at(v, 0)) {
		out = append(out, strconv.Itoa(int(int32(num(n)))))
	}
	for _, n := range anys(at(v, 1)) {
		out = append(out, "SIG"+signalName(int(int32(num(n)))))
	}
	return strings.Join(out, " ")
}

// structForms are the forms of one element.
var structForms = map[string]func(*command, []any) string{
	"Listen": func(_ *command, r []any) string { return fmt.Sprintf("%s (%s)", str(at(r, 1)), str(at(r, 0))) },
	"EnvironmentFiles": func(_ *command, r []any) string {
		return fmt.Sprintf("%s (ignore_errors=%s)", str(at(r, 0)), yesNo(at(r, 1)))
	},
	"Paths":              func(_ *command, r []any) string { return fmt.Sprintf("%s (%s)", str(at(r, 1)), str(at(r, 0))) },
	"TimersMonotonic":    timerForm,
	"TimersCalendar":     calendarForm,
	"Conditions":         conditionForm,
	"Asserts":            conditionForm,
	"DeviceAllow":        pairForm,
	"IODeviceWeight":     pairForm,
	"IOReadBandwidthMax": pairForm, "IOWriteBandwidthMax": pairForm, "IOReadIOPSMax": pairForm, "IOWriteIOPSMax": pairForm,
	"BlockIODeviceWeight": pairForm, "BlockIOReadBandwidth": pairForm, "BlockIOWriteBandwidth": pairForm, "IODeviceLatencyTargetUSec": pairForm,
	"BPFProgram": pairForm, "RootImageOptions": pairForm, "SocketBindAllow": bindPortForm, "SocketBindDeny": bindPortForm,
	"IPAddressAllow": addressForm, "IPAddressDeny": addressForm,
	"BindPaths": bindForm, "BindReadOnlyPaths": bindForm,
	"RuntimeDirectorySymlink": colonForm, "StateDirectorySymlink": colonForm, "CacheDirectorySymlink": colonForm, "LogsDirectorySymlink": colonForm,
}

func yesNo(v any) string {
	if v == true {
		return "yes"
	}
	return "no"
}

func timerForm(c *command, r []any) string {
	return fmt.Sprintf("{ %s=%s ; next_elapse=%s }", str(at(r, 0)), spanText(num(at(r, 1)), 1), spanText(num(at(r, 2)), 1))
}

func calendarForm(c *command, r []any) string {
	return fmt.Sprintf("{ %s=%s ; next_elapse=%s }", str(at(r, 0)), str(at(r, 1)), c.timeText(num(at(r, 2))))
}

func conditionForm(_ *command, r []any) string {
	state := "untested"
	if n, ok := at(r, 4).(int32); ok && n != 0 {
		state = "failed"
		if n > 0 {
			state = "successful"
		}
	}
	return fmt.Sprintf("{ %s=%s%s ; %s }", str(at(r, 0)), strings.Repeat("!", int(btoi(at(r, 2)))), str(at(r, 3)), state)
}

func btoi(v any) int64 {
	if v == true {
		return 1
	}
	return 0
}

func pairForm(_ *command, r []any) string {
	if n, ok := at(r, 1).(uint64); ok {
		return str(at(r, 0)) + " " + strconv.FormatUint(n, 10)
	}
	return str(at(r, 0)) + " " + str(at(r, 1))
}

func addressForm(_ *command, r []any) string {
	b, _ := at(r, 1).([]byte)
	return fmt.Sprintf("%s/%d", addressText(b), num(at(r, 2)))
}

func bindForm(_ *command, r []any) string {
	s := str(at(r, 0)) + ":" + str(at(r, 1))
	if at(r, 2) == true {
		s = "-" + s
	}
	if num(at(r, 3)) != 0 {
		s += ":rbind"
	}
	return s
}

func colonForm(_ *command, r []any) string { return str(at(r, 0)) + ":" + str(at(r, 1)) }

// bindPortForm shows (iiqq): family, protocol, number of ports, first port.
func bindPortForm(_ *command, r []any) string {
	s := "any"
	if n, first := num(at(r, 2)), num(at(r, 3)); n > 0 {
		s = strconv.FormatUint(first, 10)
		if n > 1 {
			s += "-" + strconv.FormatUint(first+n-1, 10)
		}
	}
	for _, p := range []struct {
		i     int
		n     uint64
		words string
	}{{1, 6, "tcp"}, {1, 17, "udp"}, {0, 2, "ipv4"}, {0, 10, "ipv6"}} {
		if num(at(r, p.i)) == p.n {
			s = p.words + ":" + s
		}
	}
	return s
}

// ordered sorts property names as the manager declares them, the unit's own before those of its type. A manager that does
// not describe its objects gets them by name.
func (c *command) ordered(path string, names []string) {
	rank := c.declared(path)
	slices.SortStableFunc(names, func(a, b string) int {
		ra, oka := rank[a]
		rb, okb := rank[b]
		switch {
		case oka && okb:
			return ra - rb
		case oka:
			return -1
		case okb:
			return 1
		}
		return 0
	})
}

// declared are the positions of an object's properties in its description.
func (c *command) declared(path string) map[string]int {
	out, err := c.conn.Call(path, "org.freedesktop.DBus.Introspectable.Introspect")
	if err != nil || len(out) == 0 {
		return nil
	}
	rank := map[string]int{}
	base := 1 << 16
	for line := range strings.Lines(str(plain(out[0]))) {
		if _, rest, ok := strings.Cut(line, `<interface name="`); ok {
			base = 1 << 16
			if name, _, _ := strings.Cut(rest, `"`); name == unitIface {
				base = 0
			}
		}
		if _, rest, ok := strings.Cut(line, `<property name="`); ok {
			name, _, _ := strings.Cut(rest, `"`)
			if _, twice := rank[name]; !twice {
				rank[name] = base + len(rank)
			}
		}
	}
	return rank
}
