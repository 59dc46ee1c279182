package dbus

import (
	"slices"
	"strings"
	"unicode/utf8"
)

func contains(list []string, s string) bool { return slices.Contains(list, s) }

// base is the last element of a path.
func base(path string) string { return path[strings.LastIndexByte(path, '/')+1:] }

// matchesAny says whether one of the patterns matches name; no pattern matches everything.
func matchesAny(patterns []string, name string) bool {
	return len(patterns) == 0 || slices.ContainsFunc(patterns, func(p string) bool { return match(p, name) })
}

// match is glob(7) matching as systemctl(1) has it for unit names: a backslash stands for itself.
func match(pattern, name string) bool {
	star, mark := -1, 0 // the last star, and how far it reaches
	p, n := 0, 0
	for n < len(name) {
		if p < len(pattern) && pattern[p] == '*' {
			star, mark = p, n
			p++
			continue
		}
		if width, next, ok := matchOne(pattern, p, name[n:]); ok {
			p, n = next, n+width
			continue
		}
		if star < 0 {
			return false
		}
		mark++
		p, n = star+1, mark
	}
	return strings.Trim(pattern[p:], "*") == ""
}

// matchOne matches the element of pattern at p with the first character of s: how long that is, and where the next
// element starts.
func matchOne(pattern string, p int, s string) (width, next int, ok bool) {
	if p >= len(pattern) {
		return 0, 0, false
	}
	switch pattern[p] {
	case '?':
		_, width = utf8.DecodeRuneInString(s)
		return width, p + 1, true
	case '[':
		if end := classEnd(pattern, p); end > 0 {
			return 1, end + 1, inClass(pattern[p+1:end], s[0])
		}
	}
	return 1, p + 1, pattern[p] == s[0]
}

// classEnd is where the bracket expression at p ends, 0 when it does not.
func classEnd(pattern string, p int) int {
	i := p + 1
	if i < len(pattern) && (pattern[i] == '!' || pattern[i] == '^') {
		i++
	}
	end := strings.IndexByte(pattern[min(i+1, len(pattern)):], ']')
	if end < 0 {
		return 0
	}
	return i + 1 + end
}

func inClass(class string, c byte) bool {
	negate := class[0] == '!' || class[0] == '^'
	if negate {
		class = class[1:]
	}
	for i := 0; i < len(class); i++ {
		last := class[i]
		if i+2 < len(class) && class[i+1] == '-' {
			last = class[i+2]
		}
		if class[i] <= c && c <= last {
			return !negate
		}
		if last != class[i] {
			i += 2
		}
	}
	return negate
}
