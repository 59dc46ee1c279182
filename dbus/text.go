package dbus

import (
	"encoding/binary"
	"strings"
	"unicode/utf8"
)

const (
	ones  = 0x0101010101010101
	highs = 0x8080808080808080
)

// validText says whether b is UTF-8 without NUL. Almost all text is ASCII: that goes eight bytes at a time.
func validText(b []byte) bool {
	for len(b) >= 8 {
		if w := binary.LittleEndian.Uint64(b); (w|(w-ones))&highs != 0 {
			break // a byte over 127, or a NUL
		}
		b = b[8:]
	}
	ascii := true
	for _, c := range b {
		if c == 0 {
			return false
		}
		ascii = ascii && c < utf8.RuneSelf
	}
	return ascii || utf8.Valid(b)
}

func cleanString(s string) string {
	if i := strings.IndexByte(s, 0); i >= 0 {
		s = s[:i]
	}
	return strings.ToValidUTF8(s, "\uFFFD")
}

func letter(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' }
func digit(c byte) bool  { return c >= '0' && c <= '9' }

const maxName = 255 // bytes in a name, as the specification has it

func validMember(s string) bool {
	if s == "" || len(s) > maxName || digit(s[0]) {
		return false
	}
	for i := 0; i < len(s); i++ {
		if !letter(s[i]) && !digit(s[i]) {
			return false
		}
	}
	return true
}

// validInterface tests interface and error names: two or more members with dots between them.
func validInterface(s string) bool {
	if len(s) > maxName {
		return false
	}
	parts := 0
	for len(s) > 0 {
		part, rest, more := strings.Cut(s, ".")
		if !validMember(part) || more && rest == "" {
			return false
		}
		parts++
		s = rest
	}
	return parts >= 2
}

// validBusName tests unique and well-known bus names.
func validBusName(s string) bool {
	if s == "" || len(s) > maxName {
		return false
	}
	unique := s[0] == ':'
	s = strings.TrimPrefix(s, ":")
	parts := 0
	for s != "" {
		part, rest, more := strings.Cut(s, ".")
		if part == "" || more && rest == "" || !unique && digit(part[0]) {
			return false
		}
		for i := 0; i < len(part); i++ {
			if c := part[i]; !letter(c) && !digit(c) && c != '-' {
				return false
			}
		}
		parts++
		s = rest
	}
	return parts >= 2
}

func validPath(s string) bool {
	if s == "/" {
		return true
	}
	if s == "" || s[0] != '/' || s[len(s)-1] == '/' {
		return false
	}
	for i := 1; i < len(s); i++ {
		c := s[i]
		if c == '/' {
			if s[i-1] == '/' {
				return false
			}
		} else if !letter(c) && !digit(c) {
			return false
		}
	}
	return true
}
