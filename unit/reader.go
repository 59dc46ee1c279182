package unit

import (
	"errors"
	"strings"
	"unicode/utf8"
)

// maxLine is how long a line may be, its continuations included (systemd.syntax(7)).
const maxLine = 1 << 20

var errLongLine = errors.New("line longer than 1 MB")

// lines cuts the text of a unit file into logical lines, as systemd.syntax(7) says: continuations are joined, comments and empty
// lines are gone, a byte order mark is skipped, LF, CR, NUL and their pairs end a line. What it returns are substrings of the
// text; only joined lines are copied.
type lines struct {
	text string // what is left
	line int    // number of the last physical line
	bom  bool   // the first line was seen
}

// next returns the next logical line, without surrounding white space, and the number of its first physical line. It is empty at the end.
func (r *lines) next() (string, int, error) {
	var joined []byte
	first := 0
	for len(r.text) > 0 {
		s := r.physical()
		if len(s) > maxLine || len(joined)+len(s) > maxLine {
			return "", r.line, errLongLine
		}
		trimmed := trimLeft(s)
		if trimmed != "" && (trimmed[0] == '#' || trimmed[0] == ';') {
			continue
		}
		if first == 0 {
			if trimmed == "" {
				continue
			}
			first = r.line
		}
		if continued(s) {
			joined = append(append(joined, s[:len(s)-1]...), ' ')
			continue
		}
		if joined == nil {
			return trimRight(trimmed), first, nil
		}
		if whole := strings.TrimSpace(string(append(joined, s...))); whole != "" {
			return whole, first, nil
		}
		joined, first = nil, 0
	}
	return strings.TrimSpace(string(joined)), first, nil
}

// physical takes the next line off the text, without what ends it.
func (r *lines) physical() string {
	r.line++
	if !r.bom {
		r.bom = true
		r.text = strings.TrimPrefix(r.text, "\uFEFF")
	}
	end := strings.IndexByte(r.text, '\n')
	s := r.text
	if end >= 0 {
		s = r.text[:end]
	}
	if i := strings.IndexByte(s, '\r'); i >= 0 {
		s = s[:i]
	}
	if i := strings.IndexByte(s, 0); i >= 0 {
		s = s[:i]
	}
	rest := r.text[len(s):]
	for seen := 0; len(rest) > 0; rest = rest[1:] {
		kind := 0
		switch rest[0] {
		case '\n':
			kind = 1
		case '\r':
			kind = 2
		case 0:
			kind = 4
		}
		if kind == 0 || seen&kind != 0 {
			break
		}
		seen |= kind
	}
	r.text = rest
	return s
}

// continued says whether a line ends in a backslash that is not itself escaped.
func continued(s string) bool {
	n := 0
	for n < len(s) && s[len(s)-1-n] == '\\' {
		n++
	}
	return n%2 == 1
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }

func trimLeft(s string) string {
	for s != "" && isSpace(s[0]) {
		s = s[1:]
	}
	return s
}

func trimRight(s string) string {
	for s != "" && isSpace(s[len(s)-1]) {
		s = s[:len(s)-1]
	}
	return s
}

// Assignment is one key and value of a unit file, as written.
type Assignment struct {
	Section, Key, Value string
	Line                int // of the key
}

// Parse reads the text of a unit file and calls assign for every assignment, in order; section is called for every section
// header and says whether its assignments are wanted. warn gets what is wrong with a line. Assignments share the text's memory.
// The error is for what makes the whole file unreadable: a line over 1 MB, or a broken section header.
func Parse(text string, section func(name string, line int) bool, assign func(Assignment), warn func(line int, section, key, text string)) error {
	r := lines{text: text}
	current, wanted := "", false
	for {
		s, n, err := r.next()
		switch {
		case err != nil:
			return &syntaxError{n, err.Error()}
		case s == "":
			return nil
		case !utf8.ValidString(s):
			warn(n, current, "", "invalid UTF-8, line ignored")
			continue
		}
		if s[0] == '[' {
			if s[len(s)-1] != ']' || len(s) < 3 {
				return &syntaxError{n, "invalid section header " + quoted(s)}
			}
			current = s[1 : len(s)-1]
			wanted = section(current, n)
			continue
		}
		eq := strings.IndexByte(s, '=')
		switch {
		case current == "":
			warn(n, "", "", "assignment outside of a section, ignored")
		case !wanted:
		case eq < 0:
			warn(n, current, "", "missing \"=\" in "+quoted(s)+", line ignored")
		case eq == 0:
			warn(n, current, "", "missing key before \"=\", line ignored")
		default:
			assign(Assignment{current, trimRight(s[:eq]), trimLeft(s[eq+1:]), n})
		}
	}
}

// syntaxError is what makes a file unreadable.
type syntaxError struct {
	line int
	text string
}

func (e *syntaxError) Error() string { return e.text }
