package dbus

import "strings"

// Depths that the D-Bus specification allows.
const (
	maxArrayDepth  = 32
	maxStructDepth = 32
	maxDepth       = 64 // variants included
)

// alignment is how a value of the type that starts with c is aligned.
func alignment(c byte) int {
	switch c {
	case 'y', 'g', 'v':
		return 1
	case 'n', 'q':
		return 2
	case 'x', 't', 'd', '(', '{':
		return 8
	}
	return 4
}

func basic(c byte) bool { return strings.IndexByte("ybnqiuxtdsogh", c) >= 0 }

// fixedSize is the size of a fixed-length type, 0 for others. Booleans are left out: their values need a check.
func fixedSize(c byte) int {
	switch c {
	case 'y':
		return 1
	case 'n', 'q':
		return 2
	case 'i', 'u', 'h':
		return 4
	case 'x', 't', 'd':
		return 8
	}
	return 0
}

// next splits the first complete type off s. It returns "" for first when s does not start with one.
func next(s string) (first, rest string) {
	n := typeLen(s, 0, 0)
	if n <= 0 {
		return "", s
	}
	return s[:n], s[n:]
}

// typeLen is the length of the complete type that s starts with, -1 when there is none.
func typeLen(s string, arrays, structs int) int {
	if s == "" || arrays > maxArrayDepth || structs > maxStructDepth {
		return -1
	}
	switch c := s[0]; {
	case c == 'v' || basic(c):
		return 1
	case c == 'a':
		return arrayLen(s, arrays, structs)
	case c == '(':
		return structLen(s, arrays, structs)
	}
	return -1
}

func arrayLen(s string, arrays, structs int) int {
	if len(s) > 1 && s[1] == '{' {
		if len(s) < 3 || !basic(s[2]) {
			return -1
		}
		n := typeLen(s[3:], arrays+1, structs+1)
		if n < 0 || len(s) <= 3+n || s[3+n] != '}' {
			return -1
		}
		return n + 4
	}
	n := typeLen(s[1:], arrays+1, structs)
	if n < 0 {
		return -1
	}
	return n + 1
}

func structLen(s string, arrays, structs int) int {
	i := 1
	for i < len(s) && s[i] != ')' {
		n := typeLen(s[i:], arrays, structs+1)
		if n < 0 {
			return -1
		}
		i += n
	}
	if i >= len(s) || i == 1 {
		return -1
	}
	return i + 1
}

// validSignature tests a signature of any number of complete types.
func validSignature(s string) bool {
	if len(s) > maxName {
		return false
	}
	for s != "" {
		first, rest := next(s)
		if first == "" {
			return false
		}
		s = rest
	}
	return true
}
