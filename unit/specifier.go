package unit

import (
	"errors"
	"fmt"
	"strings"
)

// Specifiers is what the percent specifiers of systemd.unit(5) stand for, as far as they do not depend on the unit. The manager
// fills it in; this package asks nobody.
type Specifiers struct {
	Architecture    string // %a
	ImageVersion    string // %A
	BootID          string // %b
	BuildID         string // %B
	CacheDir        string // %C
	CredentialsRoot string // %d is below it, by unit name; empty: %d cannot be resolved
	SharedDir       string // %D
	ConfigDir       string // %E
	Group           string // %g
	GID             string // %G
	Home            string // %h
	Hostname        string // %H, and %l up to its first dot
	LogsDir         string // %L
	MachineID       string // %m
	ImageID         string // %M
	OSID            string // %o
	PrettyHostname  string // %q; empty: the short host name
	Shell           string // %s
	StateDir        string // %S
	RuntimeDir      string // %t
	TmpDir          string // %T
	User            string // %u
	UID             string // %U
	KernelRelease   string // %v
	VarTmpDir       string // %V
	VersionID       string // %w
	VariantID       string // %W
}

var (
	errNoFragment    = errors.New("the unit has no fragment")
	errNoCredentials = errors.New("there is no directory for credentials")
)

// value returns what one specifier stands for in a unit.
func (s *Specifiers) value(c byte, name, fragment string) (v string, known bool, err error) {
	switch c {
	case '%':
		return "%", true, nil
	case 'n':
		return name, true, nil
	case 'i', 'I', 'j', 'J', 'p', 'P', 'N', 'f':
		v, err = nameSpecifier(c, name)
		return v, true, err
	case 'y', 'Y':
		if fragment == "" {
			return "", true, errNoFragment
		}
		if c == 'Y' {
			fragment = parent(fragment)
		}
		return fragment, true, nil
	case 'd':
		if s.CredentialsRoot == "" {
			return "", true, errNoCredentials
		}
		return s.CredentialsRoot + "/" + name, true, nil
	}
	v, known = s.fixed(c)
	return v, known, nil
}

// fixed returns the specifiers that are the same for all units.
func (s *Specifiers) fixed(c byte) (string, bool) {
	switch c {
	case 'a':
		return s.Architecture, true
	case 'A':
		return s.ImageVersion, true
	case 'b':
		return s.BootID, true
	case 'B':
		return s.BuildID, true
	case 'C':
		return s.CacheDir, true
	case 'D':
		return s.SharedDir, true
	case 'E':
		return s.ConfigDir, true
	case 'g':
		return s.Group, true
	case 'G':
		return s.GID, true
	case 'h':
		return s.Home, true
	case 'H':
		return s.Hostname, true
	case 'l':
		return s.shortHostname(), true
	case 'L':
		return s.LogsDir, true
	case 'm':
		return s.MachineID, true
	case 'M':
		return s.ImageID, true
	case 'o':
		return s.OSID, true
	case 'q':
		if s.PrettyHostname != "" {
			return s.PrettyHostname, true
		}
		return s.shortHostname(), true
	case 's':
		return s.Shell, true
	case 'S':
		return s.StateDir, true
	case 't':
		return s.RuntimeDir, true
	case 'T':
		return s.TmpDir, true
	case 'u':
		return s.User, true
	case 'U':
		return s.UID, true
	case 'v':
		return s.KernelRelease, true
	case 'V':
		return s.VarTmpDir, true
	case 'w':
		return s.VersionID, true
	case 'W':
		return s.VariantID, true
	}
	return "", false
}

func (s *Specifiers) shortHostname() string {
	short, _, _ := strings.Cut(s.Hostname, ".")
	return short
}

// nameSpecifier returns the specifiers that are made from the unit's name.
func nameSpecifier(c byte, name string) (string, error) {
	prefix, instance, _, err := SplitName(name)
	if err != nil {
		return "", err
	}
	switch c {
	case 'N':
		return name[:strings.LastIndexByte(name, '.')], nil
	case 'i':
		return instance, nil
	case 'I':
		return Unescape(instance)
	case 'p':
		return prefix, nil
	case 'P':
		return Unescape(prefix)
	case 'j':
		return lastComponent(prefix), nil
	case 'J':
		return Unescape(lastComponent(prefix))
	}
	from := instance // 'f'
	if from == "" {
		from = prefix
	}
	s, err := Unescape(from)
	if err != nil {
		return "", err
	}
	if !strings.HasPrefix(s, "/") {
		s = "/" + s
	}
	return s, nil
}

func lastComponent(prefix string) string { return prefix[strings.LastIndexByte(prefix, '-')+1:] }

// Expand replaces the specifiers in s for the unit called name, whose main file is fragment. A "%" before anything that is no
// specifier stays. A string without "%" comes back as it is.
func (s *Specifiers) Expand(text, name, fragment string) (string, error) {
	i := strings.IndexByte(text, '%')
	if i < 0 {
		return text, nil
	}
	var b strings.Builder
	for i >= 0 && i+1 < len(text) {
		b.WriteString(text[:i])
		c := text[i+1]
		v, known, err := s.value(c, name, fragment)
		if err != nil {
			return "", fmt.Errorf("cannot resolve %%%c: %w", c, err)
		}
		if !known {
			v = text[i : i+2]
		}
		b.WriteString(v)
		text = text[i+2:]
		i = strings.IndexByte(text, '%')
	}
	b.WriteString(text)
	return b.String(), nil
}

// parent is the directory of a path.
func parent(path string) string {
	i := strings.LastIndexByte(path, '/')
	if i <= 0 {
		return path[:i+1]
	}
	return path[:i]
}

// base is the last component of a path.
func base(path string) string { return path[strings.LastIndexByte(path, '/')+1:] }
