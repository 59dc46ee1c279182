package unit

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
)

// unitCodecs registers what conditions, command lines, sockets, timers and paths are made of.
func unitCodecs(m map[codecKey]*codec) {
	register[[]Condition](m, keyed(parseCondition, Condition.String))
	register[[]Command](m, list(parseCommandList, Command.String))
	register[[]Listener](m, keyed(parseListener, func(l Listener) string { return percent(l.Address) }))
	register[[]TimerSpec](m, keyed(parseTimer, func(t TimerSpec) string {
		if t.Base == OnCalendar {
			return percent(t.Calendar)
		}
		return t.Span.String()
	}))
	register[[]Watch](m, keyed(parseWatch, func(w Watch) string { return percent(w.Path) }))
	register[[]OpenFile](m, list(func(have []OpenFile, a *assign) ([]OpenFile, error) {
		f, err := parseOpenFile(a)
		if err != nil {
			return have, err
		}
		return append(have, f), nil
	}, OpenFile.String))
}

// keyed makes the codec of a list that several keys fill; each assignment is one element.
func keyed[T any](parse func(a *assign) (T, error), format func(T) string) *codec {
	return list(func(have []T, a *assign) ([]T, error) {
		v, err := parse(a)
		if err != nil {
			return have, err
		}
		return append(have, v), nil
	}, format)
}

// kindOf is which of the keys of its field an element came from, to write it back.
func kindOf(v any) int {
	switch v := v.(type) {
	case Condition:
		return int(v.Kind)
	case Listener:
		return int(v.Kind)
	case TimerSpec:
		return int(v.Base)
	case Watch:
		return int(v.Kind)
	}
	return 0
}

// parseCondition reads Condition*= and Assert*=: "|" makes it a triggering condition, "!" negates it.
func parseCondition(a *assign) (Condition, error) {
	c := Condition{Kind: ConditionKind(a.d.kind), Assert: strings.HasPrefix(a.d.Key, "Assert"), At: a.at()}
	s := a.value
	if strings.HasPrefix(s, "|") {
		c.Trigger, s = true, trimLeft(s[1:])
	}
	if strings.HasPrefix(s, "!") {
		c.Negate, s = true, trimLeft(s[1:])
	}
	s, err := a.expand(s)
	if err == nil {
		c.Param, err = conditionParam(c.Kind, s)
	}
	return c, err
}

// conditionParam checks what is known to be wrong before the test is made.
func conditionParam(k ConditionKind, s string) (string, error) {
	switch {
	case k >= ConditionPathExists && k <= ConditionFileIsExecutable:
		return cleanPath(s)
	case k == ConditionACPower || k == ConditionFirstBoot:
		if _, ok := ParseBool(s); !ok {
			return "", errBool
		}
	case k == ConditionNeedsUpdate:
		return cleanPath(s)
	case s == "":
		return "", errors.New("nothing to test")
	}
	return s, nil
}

// String writes the condition's value.
func (c Condition) String() string {
	s := percent(c.Param)
	if c.Negate {
		s = "!" + s
	}
	if c.Trigger {
		s = "|" + s
	}
	return s
}

func parseCommandList(have []Command, a *assign) ([]Command, error) {
	list, err := ParseCommands(a.value, a.expand, func(rest string) {
		a.warn("unknown escape sequence in %s, kept as it is", quoted(rest))
	})
	for i := range list {
		list[i].At = a.at()
		list[i].Path = a.l.keep(list[i].Path)
	}
	if have == nil {
		return list, err
	}
	return append(have, list...), err
}

func parseListener(a *assign) (Listener, error) {
	l := Listener{Kind: ListenKind(a.d.kind), At: a.at()}
	s, err := a.expand(a.value)
	if err != nil {
		return l, err
	}
	switch l.Kind {
	case ListenStream, ListenDatagram, ListenSequentialPacket:
		l.Address, err = socketAddress(s, l.Kind)
	case ListenFIFO, ListenSpecial, ListenUSBFunction:
		l.Address, err = cleanPath(s)
	case ListenMessageQueue:
		l.Address = s
		if len(s) < 2 || s[0] != '/' || strings.Contains(s[1:], "/") {
			err = errors.New("not a message queue name")
		}
	case ListenNetlink:
		l.Address = s
		if f := strings.Fields(s); len(f) == 0 || len(f) > 2 {
			err = errors.New("not a netlink family and group")
		}
	}
	return l, err
}

// socketAddress checks an address of Listen*=: a path, "@" and an abstract name, a port, an IP address with port, or vsock.
func socketAddress(s string, kind ListenKind) (string, error) {
	bad := errors.New("not a socket address")
	switch {
	case s == "":
		return "", bad
	case s[0] == '/':
		if len(s) > 107 {
			return "", errors.New("path of a socket longer than 107 bytes")
		}
		return cleanPath(s)
	case s[0] == '@':
		if len(s) > 108 {
			return "", errors.New("name of a socket longer than 107 bytes")
		}
		return s, orError(len(s) > 1, bad)
	case strings.HasPrefix(s, "vsock:"):
		cid, port, ok := strings.Cut(s[len("vsock:"):], ":")
		_, err1 := parseUint(port, 32)
		_, err2 := parseUint(cid, 32)
		return s, orError(ok && err1 == nil && (cid == "" || err2 == nil), bad)
	case kind == ListenSequentialPacket:
		return "", errors.New("sequential packets need a socket in the file system or an abstract one")
	case strings.Trim(s, digits) == "":
		n, err := parseUint(strings.TrimLeft(s, "0"), 16)
		return s, orError(err == nil && n > 0, errors.New("not a port number"))
	}
	host, zone := s, ""
	if i := strings.LastIndexByte(s, '%'); i >= 0 && s[0] == '[' {
		host, zone = s[:i], s[i+1:]
	}
	ap, err := netip.ParseAddrPort(host)
	if err == nil {
		return s, orError(ap.Port() > 0 && (zone == "" || ap.Addr().Is6()), bad)
	}
	if host[0] == '[' { // without a port it is no address to listen on
		return "", bad
	}
	return "", bad
}

// parseTimer reads the On*= settings of a timer.
func parseTimer(a *assign) (TimerSpec, error) {
	t := TimerSpec{Base: TimerBase(a.d.kind), At: a.at()}
	s, err := a.expand(a.value)
	if err != nil {
		return t, err
	}
	if t.Base == OnCalendar {
		t.Calendar = s
		return t, nil
	}
	t.Span, err = ParseTimespan(s, Second)
	return t, err
}

func parseWatch(a *assign) (Watch, error) {
	s, err := a.expand(a.value)
	if err == nil {
		s, err = cleanPath(s)
	}
	return Watch{WatchKind(a.d.kind), s, a.at()}, err
}

// parseOpenFile reads path[:name[:options]].
func parseOpenFile(a *assign) (OpenFile, error) {
	s, err := a.expand(a.value)
	if err != nil {
		return OpenFile{}, err
	}
	parts := splitColons(s)
	if len(parts) > 3 {
		return OpenFile{}, errors.New("more than a path, a name and options")
	}
	f := OpenFile{}
	if f.Path, err = cleanPath(parts[0]); err != nil {
		return f, err
	}
	f.Name = base(f.Path)
	if len(parts) > 1 && parts[1] != "" {
		if f.Name, err = descriptorName(parts[1]); err != nil {
			return f, err
		}
	}
	if len(parts) < 3 {
		return f, nil
	}
	for option := range strings.SplitSeq(parts[2], ",") {
		switch option {
		case "read-only":
			f.ReadOnly = true
		case "append":
			f.Append = true
		case "truncate":
			f.Truncate = true
		case "graceful":
			f.Graceful = true
		case "":
		default:
			return f, fmt.Errorf("no option %s", quoted(option))
		}
	}
	if f.ReadOnly && (f.Append || f.Truncate) || f.Append && f.Truncate {
		return f, errors.New("options exclude each other")
	}
	return f, nil
}

// String writes the file's value.
func (f OpenFile) String() string {
	var options []string
	for _, o := range [...]struct {
		on   bool
		name string
	}{{f.ReadOnly, "read-only"}, {f.Append, "append"}, {f.Truncate, "truncate"}, {f.Graceful, "graceful"}} {
		if o.on {
			options = append(options, o.name)
		}
	}
	s := joinColons(f.Path, f.Name)
	if options != nil {
		s += ":" + strings.Join(options, ",")
	}
	return percent(s)
}

// splitColons splits at colons; a backslash before a colon or backslash makes it literal.
func splitColons(s string) []string {
	if !strings.Contains(s, `\`) {
		return strings.Split(s, ":")
	}
	parts := []string{""}
	for i := 0; i < len(s); i++ {
		last := &parts[len(parts)-1]
		switch {
		case s[i] == '\\' && i+1 < len(s) && (s[i+1] == ':' || s[i+1] == '\\'):
			i++
			*last += s[i : i+1]
		case s[i] == ':':
			parts = append(parts, "")
		default:
			*last += s[i : i+1]
		}
	}
	return parts
}

var colonEscaper = strings.NewReplacer(`\`, `\\`, ":", `\:`)

func joinColons(parts ...string) string {
	for i := range parts {
		parts[i] = colonEscaper.Replace(parts[i])
	}
	return strings.Join(parts, ":")
}
