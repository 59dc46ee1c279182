package unit

import (
	"fmt"
	"strings"
)

const hexDigits = "0123456789abcdef"

// Escape makes any string part of a unit name: "/" becomes "-", other special bytes become \xNN (systemd-escape(1)).
func Escape(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	for i := range len(s) {
		switch c := s[i]; {
		case c == '/':
			b.WriteByte('-')
		case c == '-' || c == '\\' || !nameChar[c] || c == '.' && i == 0:
			b.WriteString(`\x`)
			b.WriteByte(hexDigits[c>>4])
			b.WriteByte(hexDigits[c&15])
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}

// Unescape undoes Escape.
func Unescape(s string) (string, error) {
	if !strings.ContainsAny(s, `-\`) {
		return s, nil
	}
	var b strings.Builder
	b.Grow(len(s))
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '-':
			b.WriteByte('/')
		case '\\':
			if i+3 >= len(s) || s[i+1] != 'x' || unhex(s[i+2]) < 0 || unhex(s[i+3]) < 0 {
				return "", fmt.Errorf("cannot unescape %q: bad escape at byte %d", s, i)
			}
			b.WriteByte(byte(unhex(s[i+2])<<4 | unhex(s[i+3])))
			i += 3
		default:
			b.WriteByte(s[i])
		}
	}
	return b.String(), nil
}

func unhex(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c >= 'a' && c <= 'f':
		return int(c-'a') + 10
	case c >= 'A' && c <= 'F':
		return int(c-'A') + 10
	}
	return -1
}

// EscapePath makes an absolute path part of a unit name: "-" for the root, else without leading and trailing slashes
// (systemd-escape --path). A path with ".." is an error.
func EscapePath(path string) (string, error) {
	clean := simplify("/" + path)
	if !normalized(clean) {
		return "", fmt.Errorf("cannot escape path %q: not normalized", path)
	}
	if clean == "/" {
		return "-", nil
	}
	return Escape(clean[1:]), nil
}

// UnescapePath undoes EscapePath.
func UnescapePath(s string) (string, error) {
	if s == "-" {
		return "/", nil
	}
	path, err := Unescape(s)
	if err != nil {
		return "", err
	}
	if path == "" || path[0] == '/' || path[len(path)-1] == '/' || !normalized("/"+path) {
		return "", fmt.Errorf("cannot unescape %q as a path", s)
	}
	return "/" + path, nil
}

// NameFromPath returns the name of the unit of type t for a path: "home-lennart.mount" for "/home/lennart".
func NameFromPath(path string, t Type) (string, error) {
	escaped, err := EscapePath(path)
	if err != nil {
		return "", err
	}
	name := escaped + "." + t.String()
	if len(name) >= maxName {
		return "", fmt.Errorf("cannot name a unit after path %.40q…: too long", path)
	}
	return name, nil
}

// Mangle completes what a user typed to a unit name, as systemctl does: "nginx" becomes nginx.service (or has the suffix given),
// "/dev/sda" a device, "/home" a mount; bytes that a name cannot have are escaped. With glob, patterns stay as they are.
func Mangle(s, suffix string, glob bool) (string, error) {
	if s == "" {
		return "", fmt.Errorf("cannot use %q as a unit name: empty", s)
	}
	if ValidName(s) {
		return s, nil
	}
	if glob && strings.ContainsAny(s, "*?[") && globChars(s) {
		if TypeOf(s) == TypeInvalid && !strings.ContainsAny(s[strings.LastIndexByte(s, '.')+1:], "*?[") {
			return s + suffix, nil
		}
		return s, nil
	}
	if strings.HasPrefix(s, "/dev/") || strings.HasPrefix(s, "/sys/") {
		return NameFromPath(s, TypeDevice)
	}
	if s[0] == '/' {
		return NameFromPath(s, TypeMount)
	}
	name := mangle(s)
	if TypeOf(name) == TypeInvalid {
		name += suffix
	}
	if !ValidName(name) {
		_, _, _, err := SplitName(name)
		return "", err
	}
	return name, nil
}

func globChars(s string) bool {
	for i := range len(s) {
		if !nameChar[s[i]] && strings.IndexByte("@[]!-*?", s[i]) < 0 {
			return false
		}
	}
	return true
}

// mangle escapes only what a name cannot have, so that escaped names pass unchanged.
func mangle(s string) string {
	var b strings.Builder
	for i := range len(s) {
		switch c := s[i]; {
		case c == '/':
			b.WriteByte('-')
		case !nameChar[c] && c != '@':
			b.WriteString(`\x`)
			b.WriteByte(hexDigits[c>>4])
			b.WriteByte(hexDigits[c&15])
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}

// simplify removes doubled and trailing slashes and "." components, and nothing else (".." stays).
func simplify(path string) string {
	if !strings.Contains(path, "//") && !strings.Contains(path, "./") && !strings.HasSuffix(path, "/") && !strings.HasSuffix(path, "/.") {
		return path
	}
	var b strings.Builder
	if strings.HasPrefix(path, "/") {
		b.WriteByte('/')
	}
	for part := range strings.SplitSeq(path, "/") {
		if part == "" || part == "." {
			continue
		}
		if b.Len() > 1 || b.Len() == 1 && b.String() != "/" {
			b.WriteByte('/')
		}
		b.WriteString(part)
	}
	return b.String()
}

// normalized says whether a path has no ".." component (and, after simplify, nothing else to remove).
func normalized(path string) bool {
	if len(path) >= maxPath {
		return false
	}
	for part := range strings.SplitSeq(path, "/") {
		if part == ".." {
			return false
		}
	}
	return true
}

// maxPath is PATH_MAX.
const maxPath = 4096
