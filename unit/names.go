package unit

import (
	"fmt"
	"strings"
)

// maxName is the length that a unit name must stay below.
const maxName = 256

const (
	digits    = "0123456789"
	letters   = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	nameChars = digits + letters + ":-_.\\"
)

// nameChar says of each byte whether a unit name may have it (the "@" apart).
var nameChar = func() (set [256]bool) {
	for _, c := range []byte(nameChars) {
		set[c] = true
	}
	return set
}()

// TypeOf returns the type that a name's suffix says, TypeInvalid when it says none.
func TypeOf(name string) Type {
	i := strings.LastIndexByte(name, '.')
	if i < 0 {
		return TypeInvalid
	}
	return typeOfSuffix(name[i+1:])
}

func typeOfSuffix(suffix string) Type {
	switch suffix {
	case "service":
		return TypeService
	case "target":
		return TypeTarget
	case "socket":
		return TypeSocket
	}
	for t := TypeService; t <= TypeScope; t++ {
		if typeNames.first[t] == suffix {
			return t
		}
	}
	return TypeInvalid
}

// ValidName says whether name is a unit name: plain, an instance or a template (systemd.unit(5)).
func ValidName(name string) bool {
	_, _, _, err := SplitName(name)
	return err == nil
}

// SplitName splits a name at its first "@" and its last dot. For a plain name instance is empty and prefix all before the dot; for
// a template the instance is empty and IsTemplate tells.
func SplitName(name string) (prefix, instance string, t Type, err error) {
	if len(name) >= maxName {
		return "", "", TypeInvalid, fmt.Errorf("cannot use %.40q… as a unit name: longer than %d bytes", name, maxName-1)
	}
	dot := strings.LastIndexByte(name, '.')
	if dot <= 0 {
		return "", "", TypeInvalid, fmt.Errorf("cannot use %q as a unit name: no type suffix", name)
	}
	t = typeOfSuffix(name[dot+1:])
	if t == TypeInvalid {
		return "", "", TypeInvalid, fmt.Errorf("cannot use %q as a unit name: no unit type %q", name, name[dot+1:])
	}
	at := -1
	for i := range dot {
		switch c := name[i]; {
		case c == '@':
			if at < 0 {
				at = i
			}
		case !nameChar[c]:
			return "", "", TypeInvalid, fmt.Errorf("cannot use %q as a unit name: character %q is not allowed", name, string(rune(c)))
		}
	}
	switch {
	case at == 0:
		return "", "", TypeInvalid, fmt.Errorf("cannot use %q as a unit name: nothing before the \"@\"", name)
	case at < 0:
		return name[:dot], "", t, nil
	}
	return name[:at], name[at+1 : dot], t, nil
}

// IsTemplate says whether name is that of a template, such as getty@.service.
func IsTemplate(name string) bool {
	dot := strings.LastIndexByte(name, '.')
	return dot > 1 && strings.IndexByte(name, '@') == dot-1
}

// IsInstance says whether name is that of an instance, such as getty@tty1.service.
func IsInstance(name string) bool {
	dot := strings.LastIndexByte(name, '.')
	at := strings.IndexByte(name, '@')
	return at > 0 && dot > at+1
}

// TemplateOf returns the template of an instance: getty@.service for getty@tty1.service. It is empty for other names.
func TemplateOf(name string) string {
	if !IsInstance(name) {
		return ""
	}
	return name[:strings.IndexByte(name, '@')+1] + name[strings.LastIndexByte(name, '.'):]
}

// Instantiate fills the instance into a template's name. Names that are no template come back as they are.
func Instantiate(template, instance string) string {
	if !IsTemplate(template) {
		return template
	}
	dot := strings.LastIndexByte(template, '.')
	return template[:dot] + instance + template[dot:]
}

// WithType returns name with its type suffix replaced.
func WithType(name string, t Type) string {
	dot := strings.LastIndexByte(name, '.')
	if dot < 0 {
		return name + "." + t.String()
	}
	return name[:dot+1] + t.String()
}

// ServiceOfSocket returns the service that a socket unit starts; with Accept=yes the template that is instantiated per connection.
func ServiceOfSocket(u *Unit) string {
	if u.Socket != nil && u.Socket.Service.Value != "" {
		return u.Socket.Service.Value
	}
	if u.Socket == nil || !u.Socket.Accept {
		return WithType(u.Name, TypeService)
	}
	prefix, _, _, err := SplitName(u.Name)
	if err != nil {
		return ""
	}
	return prefix + "@.service"
}

// SliceParent returns the slice that contains a slice: "a.slice" for "a-b.slice", "-.slice" for "a.slice", nothing for "-.slice".
func SliceParent(name string) string {
	prefix, ok := strings.CutSuffix(name, ".slice")
	if !ok || prefix == "-" {
		return ""
	}
	i := strings.LastIndexByte(prefix, '-')
	if i < 0 {
		return "-.slice"
	}
	return prefix[:i] + ".slice"
}

// ValidSlice says whether name is that of a slice: no instance, and no empty part between its dashes.
func ValidSlice(name string) bool {
	prefix, _, t, err := SplitName(name)
	if err != nil || t != TypeSlice || strings.ContainsRune(name, '@') {
		return false
	}
	if prefix == "-" {
		return true
	}
	return !strings.HasPrefix(prefix, "-") && !strings.HasSuffix(prefix, "-") && !strings.Contains(prefix, "--")
}

// SlicePath returns where the cgroup of a slice is, relative to the root: "a.slice/a-b.slice" for "a-b.slice", "" for "-.slice".
func SlicePath(name string) string {
	if !ValidSlice(name) || name == "-.slice" {
		return ""
	}
	path := name
	for p := SliceParent(name); p != "-.slice" && p != ""; p = SliceParent(p) {
		path = p + "/" + path
	}
	return path
}
