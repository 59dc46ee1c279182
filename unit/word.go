package unit

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// escapes says what a backslash means in a word.
type escapes uint8

const (
	keepEscapes escapes = iota // nothing: unit names are full of them
	dropEscapes                // it makes the next byte literal
	cEscapes                   // the C escapes of systemd.syntax(7); unknown ones are an error
	laxEscapes                 // the same; unknown ones stay as they are
)

var (
	errQuote  = errors.New("unbalanced quoting")
	errEscape = errors.New("unknown escape sequence")
)

// nextWord takes the first word off s: words are separated by white space, quotes group and are removed. ok is false when there is
// none. A word without quotes and escapes shares the memory of s.
func nextWord(s string, mode escapes) (word, rest string, ok bool, err error) {
	s = trimLeft(s)
	if s == "" {
		return "", "", false, nil
	}
	i := 0
	for i < len(s) && !isSpace(s[i]) && s[i] != '"' && s[i] != '\'' && s[i] != '\\' {
		i++
	}
	if i == len(s) || isSpace(s[i]) {
		return s[:i], trimLeft(s[i:]), true, nil
	}
	return quotedWord(s, i, mode)
}

// quotedWord is nextWord for a word with quotes or backslashes; the first of them is s[i].
func quotedWord(s string, i int, mode escapes) (word, rest string, ok bool, err error) {
	b := append(make([]byte, 0, 64), s[:i]...)
	quote := byte(0)
	for i < len(s) {
		c := s[i]
		switch {
		case c == '\\' && mode != keepEscapes:
			var n int
			b, n, err = appendEscape(b, s[i:], mode)
			if err != nil {
				return "", "", false, err
			}
			i += n
			continue
		case quote != 0 && c == quote:
			quote = 0
		case quote != 0:
			b = append(b, c)
		case c == '"' || c == '\'':
			quote = c
		case isSpace(c):
			return string(b), trimLeft(s[i:]), true, nil
		default:
			b = append(b, c)
		}
		i++
	}
	if quote != 0 {
		return "", "", false, errQuote
	}
	return string(b), "", true, nil
}

// appendEscape appends what the escape sequence at the start of s means, and returns its length.
func appendEscape(b []byte, s string, mode escapes) ([]byte, int, error) {
	if len(s) == 1 {
		if mode == laxEscapes {
			return append(b, '\\'), 1, nil
		}
		return b, 0, errEscape
	}
	if mode == dropEscapes {
		return append(b, s[1]), 2, nil
	}
	if out, n := unescapeOne(b, s); n > 0 {
		return out, n, nil
	}
	if mode == laxEscapes {
		return append(b, '\\', s[1]), 2, nil
	}
	return b, 0, errEscape
}

// simpleEscapes are those of one character.
var simpleEscapes = map[byte]byte{
	'a': 7, 'b': 8, 'f': 12, 'n': 10, 'r': 13, 't': 9, 'v': 11, '\\': '\\', '"': '"', '\'': '\'', 's': ' ',
}

// unescapeOne appends the meaning of one C escape; n is 0 when it is unknown. No escape may yield a NUL.
func unescapeOne(b []byte, s string) ([]byte, int) {
	if c, ok := simpleEscapes[s[1]]; ok {
		return append(b, c), 2
	}
	digits, base := 0, 16
	switch s[1] {
	case 'x':
		digits = 2
	case 'u':
		digits = 4
	case 'U':
		digits = 8
	case '0', '1', '2', '3', '4', '5', '6', '7':
		v, err := strconv.ParseUint(s[1:min(4, len(s))], 8, 16)
		if err != nil || len(s) < 4 || v == 0 || v > 255 {
			return b, 0
		}
		return append(b, byte(v)), 4
	default:
		return b, 0
	}
	if len(s) < 2+digits {
		return b, 0
	}
	v, err := strconv.ParseUint(s[2:2+digits], base, 32)
	if err != nil || v == 0 {
		return b, 0
	}
	if digits == 2 {
		return append(b, byte(v)), 4
	}
	if !utf8.ValidRune(rune(v)) {
		return b, 0
	}
	return utf8.AppendRune(b, rune(v)), 2 + digits
}

// splitWords splits s into its words.
func splitWords(s string, mode escapes) ([]string, error) {
	var list []string
	for {
		word, rest, ok, err := nextWord(s, mode)
		if err != nil {
			return list, err
		}
		if !ok {
			return list, nil
		}
		list = append(list, word)
		s = rest
	}
}

// quoteWord writes a word so that nextWord reads it back with C escapes: bare when it can be.
func quoteWord(s string) string {
	if s != "" && s != ";" && !strings.ContainsAny(s, " \t\n\r\"'\\\a\b\f\v") && strings.IndexFunc(s, unprintable) < 0 {
		return s
	}
	var b strings.Builder
	b.WriteByte('"')
	escapeInto(&b, s)
	b.WriteByte('"')
	return b.String()
}

// quoteKept writes a word so that nextWord reads it back without escapes. A word with both kinds of quotes cannot be written.
func quoteKept(s string) string {
	switch {
	case !strings.ContainsAny(s, " \t\"'"):
		return s
	case strings.Contains(s, `"`):
		return "'" + s + "'"
	}
	return `"` + s + `"`
}

func unprintable(r rune) bool { return r < ' ' || r == 127 || r == utf8.RuneError }

// escapeInto writes s with C escapes.
func escapeInto(b *strings.Builder, s string) {
	for i := range len(s) {
		switch c := s[i]; c {
		case '"', '\\':
			b.WriteByte('\\')
			b.WriteByte(c)
		case '\n':
			b.WriteString(`\n`)
		case '\t':
			b.WriteString(`\t`)
		case '\r':
			b.WriteString(`\r`)
		default:
			if c < ' ' || c == 127 {
				fmt.Fprintf(b, `\x%02x`, c)
			} else {
				b.WriteByte(c)
			}
		}
	}
}

// quoted is a value in a message, cut when it is long.
func quoted(s string) string {
	if len(s) > 120 {
		return strconv.Quote(s[:120]) + "…"
	}
	return strconv.Quote(s)
}
