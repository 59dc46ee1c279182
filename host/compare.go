package host

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"os"
	"path"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// operators in the order of trying: no later one is a prefix of an earlier one.
var operators = []string{"!$=", "$=", "<=", ">=", "<>", "!=", "==", "<", ">", "="}

// operator splits a leading operator off, empty when there is none.
func operator(s string) (op, rest string) {
	for _, op := range operators {
		if rest, ok := strings.CutPrefix(s, op); ok {
			return op, strings.TrimSpace(rest)
		}
	}
	return "", s
}

// ordered applies an operator to a comparison's result.
func ordered(op string, c int) (bool, error) {
	switch op {
	case "<":
		return c < 0, nil
	case "<=":
		return c <= 0, nil
	case "=", "==":
		return c == 0, nil
	case "!=", "<>":
		return c != 0, nil
	case ">=":
		return c >= 0, nil
	case ">":
		return c > 0, nil
	}
	return false, fmt.Errorf("operator %q is unknown", op)
}

// matches compares a text with an expression's value: as strings for "=" and "!=", as patterns for "$=", else as versions.
func matches(op, text, value string) (bool, error) {
	switch op {
	case "=":
		return text == value, nil
	case "!=":
		return text != value, nil
	case "$=":
		return path.Match(value, text)
	case "!$=":
		ok, err := path.Match(value, text)
		return !ok, err
	}
	return ordered(op, compareVersions(text, value))
}

func isKernelVersion(_ *Machine, p string) (bool, error) { return version(uname().release, p) }

// isVersion is ConditionVersion= (systemd 258): "kernel 6.1", "systemd >=252", "glibc …".
func isVersion(_ *Machine, p string) (bool, error) {
	component, expression, _ := strings.Cut(p, " ")
	switch component {
	case "systemd":
		return version(CompatibleVersion, expression)
	case "kernel":
		return version(uname().release, expression)
	}
	if op, _ := operator(component); op != "" {
		return version(uname().release, p)
	}
	return false, fmt.Errorf("version of %q is not known", component)
}

// CompatibleVersion is the version of systemd whose interfaces davit offers.
const CompatibleVersion = "252"

func version(have, expressions string) (bool, error) {
	words := quotedWords(expressions)
	for i := 0; i < len(words); i++ {
		op, value := operator(words[i])
		if op == "" {
			op = "$="
		} else if value == "" && i+1 < len(words) {
			i++
			value = words[i]
		}
		if ok, err := matches(op, have, value); !ok || err != nil {
			return false, err
		}
	}
	return true, nil
}

func matchesOSRelease(m *Machine, p string) (bool, error) {
	release := m.OSRelease()
	for _, expression := range quotedWords(p) {
		at := strings.IndexAny(expression, "=!<>$")
		if at <= 0 {
			return false, fmt.Errorf("%q is not KEY=VALUE", expression)
		}
		op, value := operator(expression[at:])
		if ok, err := matches(op, release[expression[:at]], value); !ok || err != nil {
			return false, err
		}
	}
	return true, nil
}

func hasCPUs(_ *Machine, p string) (bool, error) {
	op, value := operator(p)
	want, err := strconv.Atoi(value)
	if err != nil {
		return false, err
	}
	var set unix.CPUSet
	if err := unix.SchedGetaffinity(0, &set); err != nil {
		return false, err
	}
	return ordered(or(op, ">="), cmp.Compare(set.Count(), want))
}

func hasMemory(m *Machine, p string) (bool, error) {
	op, value := operator(p)
	want, err := bytesOf(value)
	if err != nil {
		return false, err
	}
	return ordered(or(op, ">="), cmp.Compare(m.memory(), want))
}

// memory is what the machine has, or the container may use.
func (m *Machine) memory() uint64 {
	var total uint64
	raw, _ := os.ReadFile(m.Root + "/proc/meminfo")
	for line := range bytes.Lines(raw) {
		if f := strings.Fields(string(line)); len(f) >= 2 && f[0] == "MemTotal:" {
			kb, _ := strconv.ParseUint(f[1], 10, 64)
			total = kb << 10
		}
	}
	for _, file := range []string{"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"} {
		if limit, err := strconv.ParseUint(m.line(m.Root+file), 10, 64); err == nil && limit < total {
			total = limit
		}
	}
	return total
}

// bytesOf parses a size with the suffixes K, M, G, T, P, E to the base 1024.
func bytesOf(s string) (uint64, error) {
	s = strings.TrimSuffix(s, "B")
	if s == "" {
		return 0, errors.New("empty size")
	}
	shift := 0
	if at := strings.IndexByte("KMGTPE", s[len(s)-1]); at >= 0 {
		shift, s = 10*(at+1), s[:len(s)-1]
	}
	n, err := strconv.ParseFloat(strings.TrimSpace(s), 64)
	if err != nil || n < 0 {
		return 0, fmt.Errorf("%q is not a size", s)
	}
	return uint64(n * float64(uint64(1)<<shift)), nil
}

// pressure tests the pressure stall figures of the machine or of a slice: "[SLICE:]PERCENT%[/TIMESPAN]".
func pressure(resource string) test {
	return func(m *Machine, p string) (bool, error) {
		file := m.Root + "/proc/pressure/" + resource
		if slice, rest, ok := strings.Cut(p, ":"); ok {
			if m.SlicePath == nil {
				return true, nil
			}
			file, p = m.SlicePath(slice)+"/"+resource+".pressure", rest
		}
		limit, span, _ := strings.Cut(p, "/")
		want, err := strconv.ParseFloat(strings.TrimSuffix(strings.TrimSpace(limit), "%"), 64)
		if err != nil {
			return false, err
		}
		key := map[string]string{"10sec": "avg10", "1min": "avg60", "": "avg300", "5min": "avg300"}[strings.TrimSpace(span)]
		if key == "" {
			return false, fmt.Errorf("timespan %q is not one of 10sec, 1min, 5min", span)
		}
		raw, err := os.ReadFile(file)
		if err != nil {
			return true, nil // no pressure figures in this kernel: systemd lets the unit start
		}
		return stalled(string(raw), key) <= want, nil
	}
}

// stalled returns a figure of the line "full", or "some" when there is no such line.
func stalled(text, key string) float64 {
	figure := 0.0
	for line := range strings.Lines(text) {
		f := strings.Fields(line)
		if len(f) == 0 || f[0] != "some" && f[0] != "full" {
			continue
		}
		for _, word := range f[1:] {
			if k, v, _ := strings.Cut(word, "="); k == key {
				figure, _ = strconv.ParseFloat(v, 64)
			}
		}
	}
	return figure
}

// compareVersions compares as the version format specification of the UAPI group says: runs of digits by value, runs
// of letters by ASCII, "~" before everything, then the shorter one, "-" before "^" before ".".
func compareVersions(a, b string) int {
	for {
		a, b = skipSeparators(a), skipSeparators(b)
		for _, mark := range []byte("~-^.") {
			if c, both := leading(a, b, mark); c != 0 {
				return c
			} else if both {
				a, b = a[1:], b[1:]
			}
			if mark == '~' && (a == "" || b == "") {
				return cmp.Compare(len(a), len(b))
			}
		}
		var ra, rb string
		if digit(first(a)) || digit(first(b)) {
			ra, a = run(a, digit)
			rb, b = run(b, digit)
			ra, rb = strings.TrimLeft(ra, "0"), strings.TrimLeft(rb, "0")
			if c := cmp.Or(cmp.Compare(len(ra), len(rb)), strings.Compare(ra, rb)); c != 0 {
				return c
			}
			continue
		}
		ra, a = run(a, letter)
		rb, b = run(b, letter)
		if c := strings.Compare(ra, rb); c != 0 {
			return c
		}
		if a == "" && b == "" {
			return 0
		}
	}
}

// leading says which of a and b sorts first because only it begins with mark.
func leading(a, b string, mark byte) (c int, both bool) {
	la, lb := first(a) == mark, first(b) == mark
	switch {
	case la && lb:
		return 0, true
	case la:
		return -1, false
	case lb:
		return 1, false
	}
	return 0, false
}

func skipSeparators(s string) string {
	return strings.TrimLeftFunc(s, func(r rune) bool {
		return r > 127 || !digit(byte(r)) && !letter(byte(r)) && !strings.ContainsRune("~-^.", r)
	})
}

func first(s string) byte {
	if s == "" {
		return 0
	}
	return s[0]
}

func digit(c byte) bool  { return '0' <= c && c <= '9' }
func letter(c byte) bool { return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' }

func run(s string, of func(byte) bool) (head, rest string) {
	i := 0
	for i < len(s) && of(s[i]) {
		i++
	}
	return s[:i], s[i:]
}

// quotedWords splits at blanks, keeping quoted words whole.
func quotedWords(s string) []string {
	var words []string
	var word strings.Builder
	quote, open := byte(0), false
	for i := range len(s) {
		c := s[i]
		switch {
		case quote != 0 && c == quote:
			quote = 0
		case quote != 0:
			word.WriteByte(c)
		case c == '"' || c == '\'':
			quote, open = c, true
		case c == ' ' || c == '\t' || c == '\n':
			if open {
				words = append(words, word.String())
				word.Reset()
			}
			open = false
		default:
			word.WriteByte(c)
			open = true
		}
	}
	if open {
		words = append(words, word.String())
	}
	return words
}

// MemoryTotal returns how many bytes of memory the machine has, or the container may use.
func (m *Machine) MemoryTotal() uint64 { return m.memory() }
