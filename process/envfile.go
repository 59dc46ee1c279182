package process

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"davit/unit"
)

// ReadEnvironmentFiles reads what EnvironmentFile= names, in order; the names may be patterns. A file that is missing is an error
// unless it is optional. The second result says which lines were passed over.
func ReadEnvironmentFiles(files []unit.EnvironmentFile) (assignments, warnings []string, err error) {
	for _, file := range files {
		paths := []string{file.Path}
		if strings.ContainsAny(file.Path, "*?[") {
			if paths, err = filepath.Glob(file.Path); err != nil || len(paths) == 0 && !file.Optional {
				return nil, warnings, fmt.Errorf("cannot read environment file %s: %w", file.Path, fs.ErrNotExist)
			}
		}
		for _, path := range paths {
			text, err := os.ReadFile(path)
			if file.Optional && errors.Is(err, fs.ErrNotExist) {
				continue
			}
			if err != nil {
				return nil, warnings, fmt.Errorf("cannot read environment file: %w", err)
			}
			more, odd := ParseEnvironmentFile(string(text))
			assignments = append(assignments, more...)
			for _, w := range odd {
				warnings = append(warnings, path+":"+w)
			}
		}
	}
	return assignments, warnings, nil
}

// ParseEnvironmentFile returns the assignments of an environment file (systemd.exec(5), EnvironmentFile=), and "line: complaint" for
// what it passes over.
func ParseEnvironmentFile(text string) (assignments, warnings []string) {
	p := envParser{text: strings.TrimPrefix(text, "\ufeff")}
	for p.at < len(p.text) {
		line := 1 + strings.Count(p.text[:p.at], "\n")
		p.blank()
		if p.at == len(p.text) {
			break
		}
		if c := p.text[p.at]; c == '\n' || c == '#' || c == ';' {
			p.line()
			continue
		}
		name, ok := p.name()
		if !ok {
			continue
		}
		value := p.value()
		switch {
		case !validName(name):
			warnings = append(warnings, fmt.Sprintf("%d: %q is no name of a variable", line, name))
		case strings.IndexByte(value, 0) >= 0 || !utf8.ValidString(value):
			warnings = append(warnings, fmt.Sprintf("%d: the value of %s is not UTF-8", line, name))
		default:
			assignments = append(assignments, name+"="+value)
		}
	}
	return assignments, warnings
}

// envParser is at one place of an environment file.
type envParser struct {
	text string
	at   int
}

// blank passes over white space within the line.
func (p *envParser) blank() {
	for p.at < len(p.text) && isBlank(p.text[p.at]) {
		p.at++
	}
}

func isBlank(c byte) bool { return c == ' ' || c == '\t' || c == '\r' }

// line passes over the rest of the line.
func (p *envParser) line() {
	if i := strings.IndexByte(p.text[p.at:], '\n'); i >= 0 {
		p.at += i + 1
	} else {
		p.at = len(p.text)
	}
}

// name reads up to the "="; a line without one is passed over.
func (p *envParser) name() (string, bool) {
	rest := p.text[p.at:]
	i := strings.IndexAny(rest, "=\n")
	if i < 0 || rest[i] == '\n' {
		p.line()
		return "", false
	}
	p.at += i + 1
	return strings.TrimRight(rest[:i], " \t\r"), true
}

// value reads a value with its end of line. Quoted parts are put together; white space around them is dropped.
func (p *envParser) value() string {
	var v []byte
	for {
		p.blank()
		if p.at == len(p.text) {
			return string(v)
		}
		switch p.text[p.at] {
		case '\n':
			p.at++
			return string(v)
		case '\'':
			v = p.singleQuoted(v)
		case '"':
			v = p.doubleQuoted(v)
		default:
			return string(p.plain(v))
		}
	}
}

// singleQuoted reads up to the closing quote, as it is.
func (p *envParser) singleQuoted(v []byte) []byte {
	p.at++
	rest := p.text[p.at:]
	i := strings.IndexByte(rest, '\'')
	if i < 0 {
		p.at = len(p.text)
		return append(v, rest...)
	}
	p.at += i + 1
	return append(v, rest[:i]...)
}

// doubleQuoted reads up to the closing quote, with the escapes of a shell.
func (p *envParser) doubleQuoted(v []byte) []byte {
	for p.at++; p.at < len(p.text); p.at++ {
		c := p.text[p.at]
		if c == '"' {
			p.at++
			return v
		}
		if c == '\\' && p.at+1 < len(p.text) {
			p.at++
			switch next := p.text[p.at]; next {
			case '"', '\\', '`', '$':
				v = append(v, next)
			case '\n':
			default:
				v = append(v, c, next)
			}
			continue
		}
		v = append(v, c)
	}
	return v
}

// plain reads to the end of the line; a backslash keeps what follows it, and joins lines.
func (p *envParser) plain(v []byte) []byte {
	keep := len(v) // trailing white space goes, unless it was escaped
	for ; p.at < len(p.text); p.at++ {
		c := p.text[p.at]
		if c == '\n' {
			p.at++
			break
		}
		if c == '\\' && p.at+1 < len(p.text) {
			p.at++
			if p.text[p.at] != '\n' {
				v = append(v, p.text[p.at])
				keep = len(v)
			}
			continue
		}
		v = append(v, c)
		if !isBlank(c) {
			keep = len(v)
		}
	}
	return v[:keep]
}

// validName says whether s can be the name of a variable.
func validName(s string) bool {
	for i := range len(s) {
		c := s[i]
		letter := c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
		if !letter && (i == 0 || c < '0' || c > '9') {
			return false
		}
	}
	return s != ""
}
