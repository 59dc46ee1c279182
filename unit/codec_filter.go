package unit

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

var capabilityNames = strings.Fields("chown dac_override dac_read_search fowner fsetid kill setgid setuid setpcap linux_immutable " +
	"net_bind_service net_broadcast net_admin net_raw ipc_lock ipc_owner sys_module sys_rawio sys_chroot sys_ptrace sys_pacct sys_admin " +
	"sys_boot sys_nice sys_resource sys_time sys_tty_config mknod lease audit_write audit_control setfcap mac_override mac_admin syslog " +
	"wake_alarm block_suspend audit_read perfmon bpf checkpoint_restore")

// CapabilityName returns the name of a capability in lower case: "cap_net_admin".
func CapabilityName(n int) string {
	if n < 0 || n >= len(capabilityNames) {
		return "0x" + fmt.Sprintf("%x", n)
	}
	return "cap_" + capabilityNames[n]
}

func capability(s string) (int, error) {
	name, ok := strings.CutPrefix(strings.ToLower(s), "cap_")
	if i := slices.Index(capabilityNames, name); ok && i >= 0 {
		return i, nil
	}
	if n, err := parseUint(s, 6); err == nil && n < 63 {
		return int(n), nil
	}
	return 0, errors.New("not a capability")
}

// parseCapabilities merges as systemd does: the first assignment replaces the default, later ones add, or remove with "~"; the empty
// value is the empty set, "~" alone the full one.
func parseCapabilities(p any, a *assign) error {
	set := p.(*Capabilities)
	switch a.value {
	case "":
		*set = 0
		return nil
	case "~":
		*set = AllCapabilities
		return nil
	}
	s, invert := strings.CutPrefix(a.value, "~")
	words, err := splitWords(s, keepEscapes)
	if err != nil {
		return err
	}
	var sum Capabilities
	for _, w := range words {
		n, err := capability(w)
		if err != nil {
			a.warn("cannot read %s: %v, ignored", quoted(w), err)
			continue
		}
		sum |= 1 << n
	}
	initial := Capabilities(0)
	if a.d.Key == "CapabilityBoundingSet" {
		initial = AllCapabilities
	}
	switch {
	case *set == initial && invert:
		*set = ^sum
	case *set == initial:
		*set = sum
	case invert:
		*set &^= sum
	default:
		*set |= sum
	}
	return nil
}

func formatCapabilities(p any) []string {
	set := *p.(*Capabilities)
	if set == 0 {
		return []string{""}
	}
	prefix := ""
	if set&(1<<62) != 0 {
		prefix, set = "~", ^set
	}
	var list []string
	for n := range 63 {
		if set&(1<<n) != 0 {
			list = append(list, strings.ToUpper(CapabilityName(n)))
		}
	}
	return []string{prefix + strings.ReplaceAll(strings.Join(list, " "), "0X", "0x")}
}

// parseFilter reads a list that allows, or forbids with "~". The first assignment says which; one of the other direction takes names
// out again, or notes the exception with "~" when they are not literally there.
func parseFilter(check func(string) error) func(any, *assign) error {
	return func(p any, a *assign) error {
		f := p.(*Filter)
		s, forbid := strings.CutPrefix(a.value, "~")
		words, err := splitWords(s, keepEscapes)
		if err != nil {
			return err
		}
		if !f.Set {
			f.Set, f.Allow = true, !forbid
		}
		f.Names = slices.Clip(f.Names)
		for _, w := range words {
			w, err := a.expand(w)
			if w == "none" && len(words) == 1 && a.d.As == "families" {
				f.Allow, f.Names = true, nil
				return nil
			}
			if err == nil {
				err = check(w)
			}
			if err != nil {
				a.warn("cannot read %s: %v, ignored", quoted(w), err)
				continue
			}
			f.merge(w, forbid != f.Allow)
		}
		return nil
	}
}

// merge adds a name, or takes it out again. What a group brought in cannot be taken out of the list: it is noted as an exception.
func (f *Filter) merge(name string, same bool) {
	if same {
		if last := f.Names; !slices.Contains(last, name) || slices.Contains(last, "~"+name) {
			f.Names = append(last, name)
		}
		return
	}
	grouped := strings.HasPrefix(name, "@") || slices.ContainsFunc(f.Names, func(s string) bool { return strings.HasPrefix(s, "@") })
	f.Names = slices.DeleteFunc(slices.Clone(f.Names), func(s string) bool { return s == name })
	if grouped && f.Names != nil && !slices.Contains(f.Names, "~"+name) {
		f.Names = append(f.Names, "~"+name)
	}
}

// formatFilter writes names and exceptions in their order, as it matters.
func formatFilter(p any) []string {
	f := p.(*Filter)
	switch {
	case !f.Set:
		return nil
	case len(f.Names) == 0 && f.Allow:
		return []string{"none"}
	case len(f.Names) == 0:
		return []string{"~"}
	}
	var lines []string
	exception := false
	for i, n := range f.Names {
		name, except := strings.CutPrefix(n, "~")
		if i > 0 && except == exception {
			lines[len(lines)-1] += " " + percent(name)
			continue
		}
		exception = except
		lines = append(lines, tilde(except == f.Allow)+percent(name))
	}
	return lines
}

func tilde(on bool) string {
	if on {
		return "~"
	}
	return ""
}

func addressFamily(s string) error {
	return orError(strings.HasPrefix(s, "AF_") && strings.Trim(s[3:], letters[26:]+digits) == "" && len(s) > 3, errors.New("not an address family"))
}

func systemCall(s string) error {
	name, errno, ok := strings.Cut(s, ":")
	if ok {
		if _, err := parseErrno(errno, nil); err != nil {
			return err
		}
	}
	return orError(name != "" && strings.Trim(name, letters+digits+"_@-") == "", errors.New("not a system call"))
}
