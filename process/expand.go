package process

import "strings"

// Expand replaces environment variables in the arguments of a command (systemd.service(5), "COMMAND LINES"). args[0], the name of the
// program, stays as it is. It also returns the names of variables that are not set, which count as empty.
//
//   - "$NAME" as a word of its own becomes the words of the value: none, one or several. Quotes in the value keep a word together.
//   - "${NAME}" anywhere becomes the value as it is, and never splits.
//   - "$$" is a dollar sign; any other dollar sign stays.
func Expand(args, env []string) (expanded, unset []string) {
	dollar := false
	for _, arg := range args {
		dollar = dollar || strings.IndexByte(arg, '$') >= 0
	}
	if !dollar || len(args) == 0 {
		return args, nil
	}
	x := expansion{env: env}
	out := append(make([]string, 0, len(args)+4), args[0])
	for _, arg := range args[1:] {
		if len(arg) > 1 && arg[0] == '$' && arg[1] != '{' && arg[1] != '$' {
			out = append(out, splitWords(x.value(arg[1:]))...)
		} else {
			out = append(out, x.braces(arg))
		}
	}
	return out, x.unset
}

// expansion looks variables up and remembers which are not set.
type expansion struct {
	env   []string
	unset []string
}

// value returns a variable's value.
func (x *expansion) value(name string) string {
	value, ok := lookup(x.env, name)
	if !ok {
		x.unset = append(x.unset, name)
	}
	return value
}

// braces replaces "${NAME}" and "$$" in s.
func (x *expansion) braces(s string) string {
	if strings.IndexByte(s, '$') < 0 {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '$' || i+1 == len(s) {
			b.WriteByte(s[i])
			continue
		}
		switch s[i+1] {
		case '$':
			b.WriteByte('$')
			i++
		case '{':
			name, _, ok := strings.Cut(s[i+2:], "}")
			if !ok {
				b.WriteString(s[i:])
				return b.String()
			}
			b.WriteString(x.value(name))
			i += len(name) + 2
		default:
			b.WriteByte('$')
		}
	}
	return b.String()
}

// splitWords splits at white space; quotes keep a word together and vanish, a backslash keeps what follows it.
func splitWords(s string) []string {
	var words []string
	var word []byte
	in, quote := false, byte(0)
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case c == '\\' && quote != '\'' && i+1 < len(s):
			i++
			word, in = append(word, s[i]), true
		case quote != 0 && c == quote:
			quote = 0
		case quote == 0 && (c == '"' || c == '\''):
			quote, in = c, true
		case quote == 0 && (c == ' ' || c == '\t' || c == '\n' || c == '\r'):
			if in {
				words = append(words, string(word))
			}
			word, in = word[:0], false
		default:
			word, in = append(word, c), true
		}
	}
	if in {
		words = append(words, string(word))
	}
	return words
}
