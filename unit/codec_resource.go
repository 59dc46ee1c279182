package unit

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
)

// resourceCodecs registers what only systemd.resource-control(5) has.
func resourceCodecs(m map[codecKey]*codec) {
	amount := func(as string, check func(Amount) error, parse func(string) (uint64, error), format func(uint64) string) {
		register[Amount](m, scalar(func(s string, _ *assign) (Amount, error) {
			a, err := parseAmount(s, parse)
			if err == nil {
				err = check(a)
			}
			return a, err
		}, func(a Amount) string { return formatAmount(a, format) }), as)
	}
	anyAmount := func(Amount) error { return nil }
	positive := func(a Amount) error { return orError(a.Value > 0 || a.Permyriad > 0, errRange) }
	amount("memory", anyAmount, ParseBytes, formatBytes)
	amount("memorylimit", positive, ParseBytes, formatBytes)
	amount("tasks", positive, func(s string) (uint64, error) { return parseUint(s, 64) }, utoa)
	register[Weight](m, weight(false))
	register[Weight](m, weight(true), "idle")
	register[Quota](m, scalar(parseQuota, formatQuota))
	register[CPUSet](m, &codec{parse: parseCPUs(""), format: formatCPUs})
	register[CPUSet](m, &codec{parse: parseCPUs("numa"), format: formatCPUs}, "affinity")
	register[CPUSet](m, &codec{parse: parseCPUs("all"), format: formatCPUs}, "numa")
	register[[]DeviceValue](m, deviceValues(func(s string) (uint64, error) {
		n, err := parseUint(s, 64)
		if err == nil && (n < 1 || n > 10000) {
			err = errRange
		}
		return n, err
	}, utoa), "weight")
	register[[]DeviceValue](m, deviceValues(func(s string) (uint64, error) {
		if s == "infinity" {
			return NoLimit, nil
		}
		return parseSize(s, 1000)
	}, func(n uint64) string {
		if n == NoLimit {
			return "infinity"
		}
		return utoa(n)
	}), "bandwidth")
	register[[]DeviceValue](m, deviceValues(func(s string) (uint64, error) {
		t, err := ParseTimespan(s, Second)
		return uint64(t), err
	}, func(n uint64) string { return Timespan(n).String() }), "latency")
	register[AddressSet](m, &codec{parse: parseAddresses, format: formatAddresses})
	register[[]Pair](m, keyed(parseDevice, func(p Pair) string { return quoteWord(percent(p.Name)) + " " + p.Value }), "device")
	register[[]BindRule](m, list(perWord(keepEscapes, parseBindRule), BindRule.String))
	register[[]NFTSet](m, list(perWord(keepEscapes, func(w string, _ *assign) (NFTSet, error) {
		parts := strings.Split(w, ":")
		if len(parts) != 4 || slices.Contains(parts, "") || !slices.Contains([]string{"cgroup", "user", "group"}, parts[0]) {
			return NFTSet{}, errors.New("not source:family:table:set")
		}
		return NFTSet{parts[0], parts[1], parts[2], parts[3]}, nil
	}), func(n NFTSet) string { return n.Source + ":" + n.Family + ":" + n.Table + ":" + n.Set }))
	register[Delegate](m, &codec{parse: parseDelegate, format: formatDelegate, empty: true})
}

func weight(idle bool) *codec {
	return scalar(func(s string, _ *assign) (Weight, error) {
		if idle && s == "idle" {
			return WeightIdle, nil
		}
		n, err := parseUint(s, 64)
		if err == nil && (n < 1 || n > 10000) {
			err = errRange
		}
		return Weight(n), err
	}, func(w Weight) string {
		if w == WeightIdle {
			return "idle"
		}
		return nonZero(uint64(w))
	})
}

// parseQuota reads a percentage of one CPU, which may be over 100%.
func parseQuota(s string, _ *assign) (Quota, error) {
	p, err := parsePermyriad(s)
	if err == nil && p == 0 {
		err = errRange
	}
	return Quota(p) * 100, err
}

func formatQuota(q Quota) string {
	if q == 0 {
		return ""
	}
	return formatPermyriad(uint32(q / 100))
}

// maxCPU bounds the numbers in a CPU set, as a typing error must not allocate much.
const maxCPU = 8192

// parseCPUs adds numbers and ranges, separated by commas or white space. word is a name for all the machine decides.
func parseCPUs(word string) func(any, *assign) error {
	return func(p any, a *assign) error {
		if word != "" && a.value == word {
			*p.(*CPUSet) = nil
			return nil
		}
		set := slices.Clone(*p.(*CPUSet))
		for _, part := range strings.FieldsFunc(a.value, func(r rune) bool { return r == ',' || r == ' ' || r == '\t' }) {
			low, high, two := strings.Cut(part, "-")
			if !two {
				high = low
			}
			from, err1 := parseUint(low, 32)
			to, err2 := parseUint(high, 32)
			if err1 != nil || err2 != nil || from > to || to >= maxCPU {
				return fmt.Errorf("%s is not a number or range of CPUs or nodes", quoted(part))
			}
			for n := from; n <= to; n++ {
				for len(set) <= int(n/8) {
					set = append(set, 0)
				}
				set[n/8] |= 1 << (n % 8)
			}
		}
		*p.(*CPUSet) = set
		return nil
	}
}

func formatCPUs(p any) []string {
	set := *p.(*CPUSet)
	if len(set) == 0 {
		return nil
	}
	return []string{set.String()}
}

// Has says whether number n is in the set.
func (s CPUSet) Has(n int) bool { return n >= 0 && n/8 < len(s) && s[n/8]&(1<<(n%8)) != 0 }

// String writes the set as ranges: "0-3 7".
func (s CPUSet) String() string {
	var parts []string
	for n := 0; n < len(s)*8; n++ {
		if !s.Has(n) {
			continue
		}
		from := n
		for s.Has(n + 1) {
			n++
		}
		if from == n {
			parts = append(parts, itoa(int64(n)))
		} else {
			parts = append(parts, itoa(int64(from))+"-"+itoa(int64(n)))
		}
	}
	return strings.Join(parts, " ")
}

// deviceValues makes the codec of "path value" settings; one path has one value.
func deviceValues(parse func(string) (uint64, error), format func(uint64) string) *codec {
	return list(func(have []DeviceValue, a *assign) ([]DeviceValue, error) {
		path, rest, _, err := nextWord(a.value, cEscapes)
		if err == nil {
			path, err = a.expand(path)
		}
		if err == nil {
			path, err = cleanPath(path)
		}
		if err != nil {
			return have, err
		}
		n, err := parse(strings.TrimSpace(rest))
		if err != nil {
			return have, err
		}
		for i := range have {
			if have[i].Path == path {
				have = slices.Clone(have)
				have[i].Value = n
				return have, nil
			}
		}
		return append(have, DeviceValue{path, n}), nil
	}, func(v DeviceValue) string { return quoteWord(percent(v.Path)) + " " + format(v.Value) })
}

// addressNames are the short names of systemd.resource-control(5).
var addressNames = map[string][]string{
	"any":        {"0.0.0.0/0", "::/0"},
	"localhost":  {"127.0.0.0/8", "::1/128"},
	"link-local": {"169.254.0.0/16", "fe80::/64"},
	"multicast":  {"224.0.0.0/4", "ff00::/8"},
}

func parseAddresses(p any, a *assign) error {
	set := p.(*AddressSet)
	*set = slices.Clip(*set)
	for _, w := range strings.Fields(a.value) {
		texts := addressNames[w]
		if texts == nil {
			texts = []string{w}
		}
		for _, text := range texts {
			prefix, err := parsePrefix(text)
			if err != nil {
				a.warn("cannot read %s: not an IP address, ignored", quoted(w))
				continue
			}
			if !slices.Contains(*set, prefix) {
				*set = append(*set, prefix)
			}
		}
	}
	return nil
}

func parsePrefix(s string) (netip.Prefix, error) {
	if strings.Contains(s, "/") {
		p, err := netip.ParsePrefix(s)
		return p.Masked(), err
	}
	addr, err := netip.ParseAddr(s)
	return netip.PrefixFrom(addr, addr.BitLen()), err
}

func formatAddresses(p any) []string {
	var parts []string
	for _, prefix := range *p.(*AddressSet) {
		parts = append(parts, prefix.String())
	}
	if parts == nil {
		return nil
	}
	return []string{strings.Join(parts, " ")}
}

// parseDevice reads "node rwm"; the node is a path, or a group such as char-pts.
func parseDevice(a *assign) (Pair, error) {
	node, rest, _, err := nextWord(a.value, cEscapes)
	if err == nil {
		node, err = a.expand(node)
	}
	if err != nil {
		return Pair{}, err
	}
	if !strings.HasPrefix(node, "char-") && !strings.HasPrefix(node, "block-") {
		if node, err = cleanPath(node); err == nil && !strings.HasPrefix(node, "/dev/") && !strings.HasPrefix(node, "/run/systemd/inaccessible/") {
			err = errors.New("not a device node")
		}
		if err != nil {
			return Pair{}, err
		}
	}
	rights := strings.TrimSpace(rest)
	if rights == "" {
		rights = "rwm"
	}
	if strings.Trim(rights, "rwm") != "" {
		return Pair{}, fmt.Errorf("%s is no combination of r, w and m", quoted(rights))
	}
	return Pair{node, rights}, nil
}

// The numbers that BindRule uses.
const (
	familyIPv4  = 2
	familyIPv6  = 10
	protocolTCP = 6
	protocolUDP = 17
)

// parseBindRule reads [family:][protocol:][ports], or any.
func parseBindRule(word string, _ *assign) (BindRule, error) {
	var r BindRule
	if word == "any" {
		return r, nil
	}
	parts := strings.Split(word, ":")
	if i := slices.Index([]string{"ipv4", "ipv6"}, parts[0]); i >= 0 {
		r.Family = [...]uint16{familyIPv4, familyIPv6}[i]
		parts = parts[1:]
	}
	if len(parts) > 0 {
		if i := slices.Index([]string{"tcp", "udp"}, parts[0]); i >= 0 {
			r.Protocol = [...]uint16{protocolTCP, protocolUDP}[i]
			parts = parts[1:]
		}
	}
	switch {
	case len(parts) == 0:
		return r, nil
	case len(parts) > 1:
		return r, errors.New("not a rule family:protocol:ports")
	case parts[0] == "any":
		return r, nil
	}
	low, high, two := strings.Cut(parts[0], "-")
	if !two {
		high = low
	}
	from, err1 := parseUint(low, 16)
	to, err2 := parseUint(high, 16)
	if err1 != nil || err2 != nil || from == 0 || from > to {
		return r, errors.New("not a port or range of ports")
	}
	r.MinPort, r.Ports = uint16(from), uint16(to-from+1)
	return r, nil
}

// String writes one word of the setting.
func (r BindRule) String() string {
	s := map[uint16]string{familyIPv4: "ipv4:", familyIPv6: "ipv6:"}[r.Family] + map[uint16]string{protocolTCP: "tcp:", protocolUDP: "udp:"}[r.Protocol]
	switch {
	case r.Ports == 0:
		return s + "any"
	case r.Ports == 1:
		return s + itoa(int64(r.MinPort))
	}
	return s + itoa(int64(r.MinPort)) + "-" + itoa(int64(r.MinPort)+int64(r.Ports)-1)
}

var controllers = []string{"cpu", "cpuacct", "cpuset", "io", "blkio", "memory", "devices", "pids", "bpf-firewall", "bpf-devices", "bpf-foreign", "bpf-socket-bind", "bpf-restrict-network-interfaces"}

// parseDelegate reads a boolean or a list of controllers; the empty value delegates without any.
func parseDelegate(p any, a *assign) error {
	d := p.(*Delegate)
	if a.value == "" {
		*d = Delegate{On: true}
		return nil
	}
	if v, ok := ParseBool(a.value); ok {
		*d = Delegate{On: v, All: v}
		return nil
	}
	d.On = true
	d.Controllers = slices.Clip(d.Controllers)
	for _, w := range strings.Fields(a.value) {
		if !slices.Contains(controllers, w) {
			a.warn("cannot read %s: no such controller, ignored", quoted(w))
		} else if !slices.Contains(d.Controllers, w) {
			d.Controllers = append(d.Controllers, a.l.keep(w))
		}
	}
	return nil
}

func formatDelegate(p any) []string {
	d := p.(*Delegate)
	switch {
	case !d.On:
		return []string{"no"}
	case d.All:
		return []string{"yes"}
	}
	return []string{strings.Join(d.Controllers, " ")}
}
