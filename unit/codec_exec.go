package unit

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// execCodecs registers what only systemd.exec(5) has, but for paths.
func execCodecs(m map[codecKey]*codec) {
	register[Input](m, scalar(parseInput, Input.String))
	register[Output](m, scalar(parseOutput, Output.String))
	register[[]EnvironmentFile](m, keyed(parseEnvironmentFile, func(f EnvironmentFile) string { return dash(f.Optional) + percent(f.Path) }))
	register[[]byte](m, &codec{parse: parseInputData, format: formatInputData}, "input")
	register[Capabilities](m, &codec{parse: parseCapabilities, format: formatCapabilities, empty: true})
	register[SecureBits](m, flagCodec("keep-caps:4", "keep-caps-locked:5", "no-setuid-fixup:2", "no-setuid-fixup-locked:3", "noroot:0", "noroot-locked:1"))
	register[Namespaces](m, scalar(parseNamespaces, formatNamespaces))
	register[Label](m, scalar(parseLabel, func(l Label) string { return dash(l.IgnoreFailure && l.Name != "") + percent(l.Name) }))
	register[CoredumpFilter](m, scalar(parseCoredumpFilter, func(f CoredumpFilter) string {
		if !f.Set {
			return ""
		}
		return fmt.Sprintf("0x%x", f.Mask)
	}))
	register[Filter](m, &codec{parse: parseFilter(func(s string) error { return nil }), format: formatFilter})
	register[Filter](m, &codec{parse: parseFilter(addressFamily), format: formatFilter}, "families")
	register[Filter](m, &codec{parse: parseFilter(systemCall), format: formatFilter}, "syscalls")
	register[[]Credential](m, keyed(parseCredential(false), func(c Credential) string {
		var b strings.Builder
		b.WriteString(c.Name + ":")
		escapeInto(&b, string(c.Value))
		return percent(b.String())
	}))
	register[[]Credential](m, keyed(parseCredential(true), func(c Credential) string { return c.Name + ":" + toBase64(c.Value) }), "base64")
}

func dash(on bool) string {
	if on {
		return "-"
	}
	return ""
}

func parseInput(s string, a *assign) (Input, error) {
	kind, name, ok := strings.Cut(s, ":")
	i, known := inputNames.value(kind)
	in := Input{Kind: InputKind(i)}
	var err error
	switch {
	case !known || ok != (in.Kind == InputFile || in.Kind == InputFD && ok):
		return in, fmt.Errorf("must be one of %s, file:PATH, fd:NAME", inputNames.choices())
	case in.Kind == InputFile:
		in.Name, err = a.streamPath(name)
	case in.Kind == InputFD:
		in.Name, err = a.streamName(name, "stdin")
	}
	return in, err
}

// String writes the setting's value.
func (i Input) String() string { return streamText(i.Kind.String(), i.Name) }

func parseOutput(s string, a *assign) (Output, error) {
	kind, name, ok := strings.Cut(s, ":")
	switch kind { // systemd wrote to syslog before it had a journal, and still reads that
	case "syslog":
		kind = "journal"
	case "syslog+console":
		kind = "journal+console"
	}
	i, known := outputNames.value(kind)
	out := Output{Kind: OutputKind(i)}
	named := out.Kind >= OutputFile
	var err error
	switch {
	case !known || ok != (named || out.Kind == OutputFD && ok):
		return out, fmt.Errorf("must be one of %s, file:PATH, append:PATH, truncate:PATH, fd:NAME",
			strings.TrimSuffix(outputNames.choices(), ", file, append, truncate"))
	case named:
		out.Name, err = a.streamPath(name)
	case out.Kind == OutputFD:
		def := "stdout"
		if a.d.Key == "StandardError" {
			def = "stderr"
		}
		out.Name, err = a.streamName(name, def)
	}
	return out, err
}

// String writes the setting's value.
func (o Output) String() string { return streamText(o.Kind.String(), o.Name) }

func streamText(kind, name string) string {
	if name != "" {
		return kind + ":" + percent(name)
	}
	return kind
}

// streamPath is the path of file: and its sisters. A bad one fails the unit: its output must not go astray.
func (a *assign) streamPath(s string) (string, error) {
	s, err := a.expand(s)
	if err == nil {
		s, err = cleanPath(s)
	}
	if err != nil {
		return "", fatal{err}
	}
	return s, nil
}

func (a *assign) streamName(s, def string) (string, error) {
	if s == "" {
		return def, nil
	}
	s, err := a.expand(s)
	if err != nil {
		return "", fatal{err}
	}
	return descriptorName(s)
}

func parseEnvironmentFile(a *assign) (EnvironmentFile, error) {
	s, optional := strings.CutPrefix(a.value, "-")
	s, err := a.expand(s)
	if err == nil {
		s, err = cleanPath(s)
	}
	return EnvironmentFile{s, optional}, err
}

// parseInputData adds a line of text, or base64, to what standard input gets.
func parseInputData(p any, a *assign) error {
	have := p.(*[]byte)
	if a.d.kind == 1 {
		b, err := fromBase64(a.value)
		*have = append(slices.Clip(*have), b...)
		return err
	}
	var text []byte
	for s := a.value; s != ""; {
		if s[0] != '\\' {
			text = append(text, s[0])
			s = s[1:]
			continue
		}
		var n int
		var err error
		if text, n, err = appendEscape(text, s, cEscapes); err != nil {
			return err
		}
		s = s[n:]
	}
	expanded, err := a.expand(string(text))
	if err != nil {
		return err
	}
	*have = append(append(slices.Clip(*have), expanded...), '\n')
	return nil
}

func formatInputData(p any) []string {
	b := *p.(*[]byte)
	if len(b) == 0 {
		return nil
	}
	return []string{toBase64(b)}
}

// flagCodec makes the codec of a small set of flags, "name:bit" each.
func flagCodec(flags ...string) *codec {
	number := map[string]SecureBits{}
	for _, f := range flags {
		number[f[:len(f)-2]] = 1 << (f[len(f)-1] - '0')
	}
	return &codec{
		parse: func(p any, a *assign) error {
			words, err := splitWords(a.value, keepEscapes)
			for _, w := range words {
				if number[w] == 0 {
					a.warn("cannot read %s: no such flag, ignored", quoted(w))
				}
				*p.(*SecureBits) |= number[w]
			}
			return err
		},
		format: func(p any) []string {
			var list []string
			for _, f := range flags {
				if name := f[:len(f)-2]; *p.(*SecureBits)&number[name] != 0 {
					list = append(list, name)
				}
			}
			if list == nil {
				return nil
			}
			return []string{strings.Join(list, " ")}
		},
	}
}

// namespaceBits are the CLONE_NEW* flags.
var namespaceBits = []struct {
	name string
	bit  Namespaces
}{
	{"cgroup", 0x02000000},
	{"ipc", 0x08000000},
	{"net", 0x40000000},
	{"mnt", 0x00020000},
	{"pid", 0x20000000},
	{"user", 0x10000000},
	{"uts", 0x04000000},
}

func parseNamespaces(s string, a *assign) (Namespaces, error) {
	if v, ok := ParseBool(s); ok {
		if v {
			return 0, nil
		}
		return AllNamespaces, nil
	}
	s, invert := strings.CutPrefix(s, "~")
	var set Namespaces
next:
	for _, w := range strings.Fields(s) {
		for _, n := range namespaceBits {
			if n.name == w {
				set |= n.bit
				continue next
			}
		}
		a.warn("cannot read %s: no namespace type, ignored", quoted(w))
	}
	if invert {
		return ^set, nil
	}
	return set, nil
}

func formatNamespaces(set Namespaces) string {
	switch set {
	case AllNamespaces:
		return "no"
	case 0:
		return "yes"
	}
	prefix := ""
	if set&(1<<63) != 0 {
		prefix, set = "~", ^set
	}
	var list []string
	for _, n := range namespaceBits {
		if set&n.bit != 0 {
			list = append(list, n.name)
		}
	}
	return prefix + strings.Join(list, " ")
}

func parseLabel(s string, a *assign) (Label, error) {
	s, ignore := strings.CutPrefix(s, "-")
	s, err := a.expand(s)
	return Label{s, ignore}, err
}

// coredumpBits are the names of CoredumpFilter=, by bit.
var coredumpBits = strings.Fields("private-anonymous shared-anonymous private-file-backed shared-file-backed elf-headers private-huge " +
	"shared-huge private-dax shared-dax")

func parseCoredumpFilter(s string, _ *assign) (CoredumpFilter, error) {
	f := CoredumpFilter{Set: true}
	for _, w := range strings.Fields(s) {
		if i := slices.Index(coredumpBits, w); i >= 0 {
			f.Mask |= 1 << i
			continue
		}
		switch w {
		case "all":
			f.Mask = ^uint64(0)
			continue
		case "default":
			f.Mask |= 0x33
			continue
		}
		n, err := parseHex(w)
		if err != nil {
			return CoredumpFilter{}, errors.New("not a kind of memory " + quoted(w))
		}
		f.Mask |= n
	}
	return f, nil
}

func parseCredential(encrypted bool) func(*assign) (Credential, error) {
	return func(a *assign) (Credential, error) {
		name, value, ok := strings.Cut(a.value, ":")
		if !ok {
			return Credential{}, errors.New("not ID:value")
		}
		name, err := a.expand(name)
		if err != nil || name == "" || strings.Contains(name, "/") || name[0] == '.' {
			return Credential{}, errors.New("not a credential's name")
		}
		c := Credential{Name: name}
		if encrypted {
			c.Value, err = fromBase64(value)
			return c, err
		}
		for err == nil && value != "" {
			n := 1
			if value[0] == '\\' {
				c.Value, n, err = appendEscape(c.Value, value, cEscapes)
			} else {
				c.Value = append(c.Value, value[0])
			}
			value = value[n*orOne(err):]
		}
		if err != nil {
			return c, err
		}
		text, err := a.expand(string(c.Value))
		c.Value = []byte(text)
		return c, err
	}
}

// orOne keeps a failed read from advancing.
func orOne(err error) int {
	if err != nil {
		return 0
	}
	return 1
}
