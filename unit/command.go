package unit

import (
	"errors"
	"strings"
)

// fatal is an error that makes the unit's load state bad-setting.
type fatal struct{ error }

func (f fatal) Unwrap() error { return f.error }

// ParseCommands reads the value of an Exec*= setting (systemd.service(5), "Command lines"): one or more commands, separated by ";".
// expand replaces specifiers in one word; lax tells of words whose unknown escapes stay as they are. A command with the prefix "-"
// that cannot be read is left out, as systemd does; any other is an error.
func ParseCommands(value string, expand func(string) (string, error), lax func(value string)) ([]Command, error) {
	p := commandParser{rest: value, expand: expand, lax: lax}
	var list []Command
	for trimLeft(p.rest) != "" {
		c, err := p.command()
		switch {
		case err == nil:
			list = append(list, c)
		case c.IgnoreFailure:
			return list, err
		default:
			return list, fatal{err}
		}
	}
	return list, nil
}

type commandParser struct {
	rest   string
	expand func(string) (string, error)
	lax    func(string)
}

// word takes the next word, tolerating unknown escapes with a warning.
func (p *commandParser) word() (string, bool, error) {
	w, rest, ok, err := nextWord(p.rest, cEscapes)
	if errors.Is(err, errEscape) {
		if w, rest, ok, err = nextWord(p.rest, laxEscapes); err == nil && p.lax != nil {
			p.lax(p.rest)
		}
	}
	if err != nil {
		return "", false, err
	}
	p.rest = rest
	return w, ok, nil
}

func (p *commandParser) command() (c Command, err error) {
	first, ok, err := p.word()
	if err != nil || !ok {
		c.IgnoreFailure = strings.HasPrefix(trimLeft(p.rest), "-")
		if err == nil {
			err = errors.New("empty command line")
		}
		return c, err
	}
	path, ownArgv0 := c.prefixes(first)
	if c.Path, err = p.executable(path); err != nil {
		return c, err
	}
	if !ownArgv0 {
		c.Args = []string{c.Path}
	}
	for p.rest != "" {
		if p.rest[0] == ';' && (len(p.rest) == 1 || isSpace(p.rest[1])) {
			p.rest = trimLeft(p.rest[1:])
			break
		}
		if strings.HasPrefix(p.rest, `\;`) && (len(p.rest) == 2 || isSpace(p.rest[2])) {
			c.Args = append(c.Args, ";")
			p.rest = trimLeft(p.rest[2:])
			continue
		}
		word, ok, err := p.word()
		if err != nil {
			return c, err
		}
		if !ok {
			break
		}
		if word, err = p.expand(word); err != nil {
			return c, err
		}
		c.Args = append(c.Args, word)
	}
	if len(c.Args) == 0 {
		return c, errors.New("no argument after a path with \"@\"")
	}
	return c, nil
}

// prefixes takes the special prefixes off the first word.
func (c *Command) prefixes(s string) (path string, ownArgv0 bool) {
	for s != "" {
		switch {
		case s[0] == '-' && !c.IgnoreFailure:
			c.IgnoreFailure = true
		case s[0] == '@' && !ownArgv0:
			ownArgv0 = true
		case s[0] == ':' && !c.NoExpand:
			c.NoExpand = true
		case s[0] == '+' && !c.Privileged && !c.NoSetUser && !c.AmbientOK:
			c.Privileged = true
		case s[0] == '!' && !c.Privileged && !c.NoSetUser && !c.AmbientOK:
			c.NoSetUser = true
		case s[0] == '!' && c.NoSetUser:
			c.NoSetUser, c.AmbientOK = false, true
		default:
			return s, ownArgv0
		}
		s = s[1:]
	}
	return s, ownArgv0
}

func (p *commandParser) executable(path string) (string, error) {
	path, err := p.expand(path)
	switch {
	case err != nil:
		return "", err
	case path == "":
		return "", errors.New("no path in the command line")
	case strings.HasSuffix(path, "/"):
		return "", errors.New("executable " + quoted(path) + " is a directory")
	case strings.ContainsFunc(path, func(r rune) bool { return unprintable(r) }):
		return "", errors.New("executable " + quoted(path) + " has special characters")
	case strings.HasPrefix(path, "/"):
		path = simplify(path)
		if !normalized(path) {
			return "", errors.New("path " + quoted(path) + " is not normalized")
		}
		if path == "/" {
			return "", errors.New("executable " + quoted(path) + " is a directory")
		}
		return path, nil
	case strings.Contains(path, "/") || path == "." || path == "..":
		return "", errors.New(quoted(path) + " is neither a name nor an absolute path")
	}
	return path, nil
}

// String writes the command so that it reads back as the same.
func (c Command) String() string {
	var b strings.Builder
	for _, p := range [...]struct {
		on     bool
		prefix string
	}{{c.IgnoreFailure, "-"}, {c.NoExpand, ":"}, {c.Privileged, "+"}, {c.NoSetUser, "!"}, {c.AmbientOK, "!!"}} {
		if p.on {
			b.WriteString(p.prefix)
		}
	}
	args := c.Args
	if len(args) > 0 && args[0] == c.Path && !strings.HasPrefix(c.Path, "@") {
		args = args[1:]
	} else {
		b.WriteByte('@')
	}
	var line strings.Builder
	line.WriteString(b.String())
	line.WriteString(percent(c.Path))
	out := line.String()
	if strings.ContainsAny(out, " \t\"'\\") {
		out = quoteWord(out)
	}
	for _, a := range args {
		if a == ";" {
			out += ` \;`
			continue
		}
		out += " " + quoteWord(percent(a))
	}
	return out
}

// percent protects "%" from being read as a specifier.
func percent(s string) string { return strings.ReplaceAll(s, "%", "%%") }
