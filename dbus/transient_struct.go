package dbus

import (
	"reflect"
	"strconv"
	"strings"

	"davit/unit"

	"golang.org/x/sys/unix"
)

// structured writes the properties whose values are structures or lists of them. It reports false for those of others
// types.
func structured(d writable, property string, value any) ([][2]string, bool) {
	switch v := value.(type) {
	case [][]any:
		return d.structs(property, v)
	case []any:
		if d.typ == reflect.TypeFor[unit.Filter]() && len(v) == 2 {
			return filterLine(d, v)
		}
		if d.typ == reflect.TypeFor[unit.StatusSet]() && len(v) == 2 {
			return statusLine(d, v)
		}
		if d.typ == reflect.TypeFor[unit.Label]() && len(v) == 2 {
			return [][2]string{{d.key, dash(v[0]) + word(v[1])}}, true
		}
	case []string:
		if d.typ == reflect.TypeFor[unit.Delegate]() {
			if len(v) == 0 {
				return [][2]string{{d.key, "no"}}, true
			}
			return [][2]string{{d.key, strings.Join(v, " ")}}, true
		}
	}
	return nil, false
}

func (d writable) structs(property string, list [][]any) ([][2]string, bool) {
	if len(list) == 0 {
		return [][2]string{{d.key, ""}}, true
	}
	var lines [][2]string
	for _, members := range list {
		key, value, ok := d.structLine(property, members)
		if !ok {
			return nil, false
		}
		lines = append(lines, [2]string{key, value})
	}
	return lines, true
}

// structLine writes one structure of a list.
func (d writable) structLine(property string, m []any) (key, value string, ok bool) {
	switch {
	case d.typ == reflect.TypeFor[[]unit.Command]():
		value, ok = commandLine(m)
		return d.key, value, ok
	case d.typ == reflect.TypeFor[[]unit.Listener]() && len(m) == 2:
		return "Listen" + word(m[0]), escapeSpecifiers(word(m[1])), true
	case d.typ == reflect.TypeFor[[]unit.Watch]() && len(m) == 2:
		return word(m[0]), escapeSpecifiers(word(m[1])), true
	case d.typ == reflect.TypeFor[[]unit.TimerSpec]() && len(m) == 2:
		return timerLine(m)
	case d.typ == reflect.TypeFor[[]unit.EnvironmentFile]() && len(m) == 2:
		return d.key, dash(m[1]) + escapeSpecifiers(word(m[0])), true
	case len(m) == 2 && property == "DeviceAllow":
		return d.key, escapeSpecifiers(word(m[0])) + " " + word(m[1]), true
	case len(m) == 2:
		return d.pairLine(m)
	}
	return "", "", false
}

func (d writable) pairLine(m []any) (key, value string, ok bool) {
	name, ok := m[0].(string)
	switch second := m[1].(type) {
	case string:
		return d.key, escapeSpecifiers(name + ":" + second), ok
	case uint64:
		n := strconv.FormatUint(second, 10)
		if second == Unknown {
			n = "infinity"
		}
		return d.key, escapeSpecifiers(name) + " " + n, ok
	}
	return "", "", false
}

// timerLine writes ("OnActiveSec", µs) or ("OnCalendar", expression).
func timerLine(m []any) (key, value string, ok bool) {
	base := strings.TrimSuffix(word(m[0]), "USec")
	if base != word(m[0]) {
		base += "Sec"
	}
	switch v := m[1].(type) {
	case uint64:
		return base, strconv.FormatUint(v, 10) + "us", true
	case string:
		return base, escapeSpecifiers(v), true
	}
	return "", "", false
}

// prefixes are the characters before a command line for the words of Exec…Ex.
var prefixes = map[string]string{
	"ignore-failure": "-", "privileged": "+", "no-setuid": "!", "ambient": "!!", "no-env-expand": ":",
}

// commandLine writes (path, argv, ignore failure) or (path, argv, words).
func commandLine(m []any) (string, bool) {
	if len(m) != 3 {
		return "", false
	}
	path, ok := m[0].(string)
	args, ok2 := m[1].([]string)
	if !ok || !ok2 || !strings.HasPrefix(path, "/") {
		return "", false
	}
	var b strings.Builder
	switch how := m[2].(type) {
	case bool:
		b.WriteString(dash(how))
	case []string:
		for _, w := range how {
			p, known := prefixes[w]
			if !known {
				return "", false
			}
			b.WriteString(p)
		}
	default:
		return "", false
	}
	if len(args) > 0 && args[0] != path {
		b.WriteString("@" + quote(path) + " " + quote(args[0]))
	} else {
		b.WriteString(quote(path))
	}
	for i := 1; i < len(args); i++ {
		b.WriteString(" " + quote(args[i]))
	}
	return b.String(), true
}

func filterLine(d writable, m []any) ([][2]string, bool) {
	allow, ok := m[0].(bool)
	names, ok2 := m[1].([]string)
	value := strings.Join(names, " ")
	if !allow {
		value = "~" + value
	}
	return [][2]string{{d.key, value}}, ok && ok2
}

func statusLine(d writable, m []any) ([][2]string, bool) {
	codes, ok := m[0].([]int32)
	signals, ok2 := m[1].([]int32)
	if !ok || !ok2 {
		return nil, false
	}
	var words []string
	for _, c := range codes {
		words = append(words, strconv.Itoa(int(c)))
	}
	for _, s := range signals {
		words = append(words, signalName(s))
	}
	return [][2]string{{d.key, strings.Join(words, " ")}}, true
}

// signalName is a signal's name, which a list of exit statuses tells from a status.
func signalName(n int32) string {
	if name := unix.SignalName(unix.Signal(n)); name != "" {
		return name
	}
	return "RTMIN+" + strconv.Itoa(int(n)-34)
}

// word is a value that is text, else the empty one.
func word(v any) string {
	s, _ := v.(string)
	return s
}

func dash(v any) string {
	if on, _ := v.(bool); on {
		return "-"
	}
	return ""
}

func escapeSpecifiers(s string) string { return strings.ReplaceAll(s, "%", "%%") }

// quote writes a word so that a unit file's reader finds it unchanged.
func quote(s string) string {
	s = escapeSpecifiers(s)
	if s != "" && s != ";" && !strings.ContainsAny(s, " \t\n\r\"'\\") {
		return s
	}
	var b strings.Builder
	b.WriteByte('"')
	for i := 0; i < len(s); i++ {
		switch c := s[i]; c {
		case '"', '\\':
			b.WriteByte('\\')
			b.WriteByte(c)
		case '\n':
			b.WriteString(`\n`)
		case '\r':
			b.WriteString(`\r`)
		case '\t':
			b.WriteString(`\t`)
		default:
			b.WriteByte(c)
		}
	}
	b.WriteByte('"')
	return b.String()
}
