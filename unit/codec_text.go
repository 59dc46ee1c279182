package unit

import (
	"errors"
	"strings"
)

// textCodecs registers strings and lists of strings.
func textCodecs(m map[codecKey]*codec) {
	text := func(check func(string) (string, error)) *codec {
		return scalar(func(s string, a *assign) (string, error) {
			s, err := a.expand(s)
			if err != nil {
				return "", err
			}
			return check(s)
		}, percent)
	}
	register[string](m, text(func(s string) (string, error) { return s, nil }))
	register[string](m, text(cleanPath), "path")
	register[string](m, text(fatalCheck(cleanPath)), "rootpath")
	register[string](m, text(runPath), "runpath")
	register[string](m, text(busName), "busname")
	register[string](m, text(fatalCheck(userName)), "user")
	register[string](m, text(interfaceName), "interface")
	register[string](m, text(func(s string) (string, error) { return s, nil }), "resource")
	register[string](m, text(descriptorName), "fdname")
	register[string](m, text(personality), "personality")

	words := func(mode escapes, check func(string) (string, error), format func(string) string) *codec {
		return list(perWord(mode, func(w string, a *assign) (string, error) {
			w, err := a.expand(w)
			if err == nil {
				w, err = check(w)
			}
			return a.l.keep(w), err
		}), format)
	}
	quotedPercent := func(s string) string { return quoteWord(percent(s)) }
	register[[]string](m, words(dropEscapes, uri, percent), "uris")
	register[[]string](m, words(keepEscapes, unitName, percent), "names")
	register[[]string](m, words(cEscapes, cleanPath, quotedPercent), "paths", "pathlist")
	register[[]string](m, words(cEscapes, markedPath("-"), quotedPercent), "paths-")
	register[[]string](m, words(cEscapes, markedPath("-+"), quotedPercent), "paths+")
	register[[]string](m, words(keepEscapes, fatalCheck(userName), percent), "users")
	register[[]string](m, words(keepEscapes, func(s string) (string, error) { return s, nil }, quotedPercent), "words", "globs")
	register[[]string](m, words(keepEscapes, variableName, percent), "variables")
	register[[]string](m, words(cEscapes, variableOrAssignment, quotedPercent), "assignments")
	register[[]string](m, words(cEscapes, journalField, quotedPercent), "fields")
	register[[]string](m, list(environment, quotedPercent), "environment")
	register[[]string](m, list(searchPath, percent), "colonpaths")
	register[[]string](m, list(func(have []string, a *assign) ([]string, error) {
		return append(have, a.l.keep(a.value)), nil
	}, func(s string) string { return s }), "patterns")

	located := func(check func(string) (string, error), mode escapes) func(string, *assign) (Located, error) {
		return func(w string, a *assign) (Located, error) {
			w, err := a.expand(w)
			if err != nil {
				return Located{}, err
			}
			w, err = check(w)
			return Located{w, a.at()}, err
		}
	}
	value := func(l Located) string { return percent(l.Value) }
	register[Located](m, scalar(located(unitName, keepEscapes), value), "name")
	register[Located](m, scalar(located(sliceName, keepEscapes), value), "slice")
	register[[]Located](m, list(perWord(keepEscapes, located(unitName, keepEscapes)), value), "names")
	register[[]Located](m, list(perWord(cEscapes, located(cleanPath, cEscapes)), func(l Located) string { return quotedPercent(l.Value) }), "paths")
}

// fatalCheck makes what check refuses fail the unit, as systemd does where a wrong default would be dangerous.
func fatalCheck(check func(string) (string, error)) func(string) (string, error) {
	return func(s string) (string, error) {
		s, err := check(s)
		if err != nil {
			return "", fatal{err}
		}
		return s, nil
	}
}

var (
	errAbsolute   = errors.New("not an absolute path")
	errNormalized = errors.New("path with \"..\"")
	errPathLength = errors.New("path too long")
)

// cleanPath checks an absolute path, and removes what is superfluous in it.
func cleanPath(s string) (string, error) {
	switch {
	case !strings.HasPrefix(s, "/"):
		return "", errAbsolute
	case len(s) >= maxPath:
		return "", errPathLength
	}
	s = simplify(s)
	if !normalized(s) {
		return "", errNormalized
	}
	return s, nil
}

// runPath is for PIDFile=: relative paths are below /run.
func runPath(s string) (string, error) {
	if s != "" && s[0] != '/' {
		s = "/run/" + s
	}
	return cleanPath(s)
}

// markedPath checks a path that may have marks before it.
func markedPath(marks string) func(string) (string, error) {
	return func(s string) (string, error) {
		n := 0
		for n < len(s) && n < len(marks) && strings.IndexByte(marks, s[n]) >= 0 {
			n++
		}
		path, err := cleanPath(s[n:])
		return s[:n] + path, err
	}
}

func unitName(s string) (string, error) {
	_, _, _, err := SplitName(s)
	return s, err
}

func sliceName(s string) (string, error) {
	if s, err := unitName(s); err != nil {
		return s, err
	}
	return s, orError(ValidSlice(s), errors.New("not a slice"))
}

func uri(s string) (string, error) {
	for _, scheme := range [...]string{"http://", "https://", "file:/", "info:", "man:"} {
		if strings.HasPrefix(s, scheme) && len(s) > len(scheme) {
			return s, nil
		}
	}
	return "", errors.New("not a URI of http, https, file, info or man")
}

// userName checks a user or group: a number, or a name that no tool would trip over.
func userName(s string) (string, error) {
	bad := errors.New("not a user or group name")
	if s == "" || len(s) > 256 || s[0] == '-' || s == "." || s == ".." || strings.TrimSpace(s) != s {
		return "", bad
	}
	if strings.Trim(s, digits) == "" {
		n, err := parseUint(strings.TrimLeft(s[:len(s)-1], "0")+s[len(s)-1:], 32)
		if err != nil || n == 1<<32-1 || n == 1<<16-1 {
			return "", errors.New("not a user or group number")
		}
		return s, nil
	}
	if strings.ContainsAny(s, ":/") || strings.ContainsFunc(s, unprintable) {
		return "", bad
	}
	return s, nil
}

func interfaceName(s string) (string, error) {
	if s == "" || len(s) > 15 || s == "." || s == ".." || strings.ContainsAny(s, "/:% \t") || strings.ContainsFunc(s, unprintable) {
		return "", errors.New("not a network interface name")
	}
	return s, nil
}

func descriptorName(s string) (string, error) {
	if s == "" || len(s) > 255 || strings.ContainsRune(s, ':') || strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r > 126 }) {
		return "", errors.New("not a name for descriptors")
	}
	return s, nil
}

// busName checks a well-known D-Bus name: two or more parts, none of which starts with a digit.
func busName(s string) (string, error) {
	bad := errors.New("not a D-Bus name")
	if len(s) > 255 || !strings.Contains(s, ".") {
		return "", bad
	}
	for part := range strings.SplitSeq(s, ".") {
		if part == "" || strings.Trim(part, letters+digits+"_-") != "" || part[0] >= '0' && part[0] <= '9' {
			return "", bad
		}
	}
	return s, nil
}

func personality(s string) (string, error) {
	for _, known := range strings.Fields("x86 x86-64 ppc ppc-le ppc64 ppc64-le s390 s390x arm arm64 loongarch64 mips mips-le mips64 mips64-le riscv64") {
		if s == known {
			return s, nil
		}
	}
	return "", errors.New("not an architecture")
}

// variableName checks the name of an environment variable.
func variableName(s string) (string, error) {
	if s == "" || s[0] >= '0' && s[0] <= '9' || strings.Trim(s, letters+digits+"_") != "" {
		return "", errors.New("not a variable name")
	}
	return s, nil
}

func assignment(s string) (string, error) {
	name, value, ok := strings.Cut(s, "=")
	if !ok {
		return "", errors.New("not an assignment NAME=value")
	}
	if _, err := variableName(name); err != nil {
		return "", err
	}
	if strings.ContainsFunc(value, func(r rune) bool { return r < ' ' && r != '\n' && r != '\t' || r == 127 }) {
		return "", errors.New("control character in the value")
	}
	return s, nil
}

func variableOrAssignment(s string) (string, error) {
	if strings.Contains(s, "=") {
		return assignment(s)
	}
	return variableName(s)
}

func journalField(s string) (string, error) {
	name, _, ok := strings.Cut(s, "=")
	if !ok || name == "" || len(name) > 64 || name[0] == '_' || name[0] <= '9' || strings.Trim(name, letters[26:]+digits+"_") != "" {
		return "", errors.New("not a journal field FIELD=value")
	}
	return s, nil
}

// environment adds assignments; a later one of the same name takes the place of the earlier.
func environment(have []string, a *assign) ([]string, error) {
	fresh, err := perWord(cEscapes, func(w string, a *assign) (string, error) {
		w, err := a.expand(w)
		if err != nil {
			return "", err
		}
		return assignment(w)
	})(nil, a)
next:
	for _, s := range fresh {
		name := s[:strings.IndexByte(s, '=')+1]
		for i, old := range have {
			if strings.HasPrefix(old, name) {
				have = append(have[:i:i], have[i+1:]...)
				have = append(have, s)
				continue next
			}
		}
		have = append(have, s)
	}
	return have, err
}

// searchPath adds colon-separated absolute directories.
func searchPath(have []string, a *assign) ([]string, error) {
	for part := range strings.SplitSeq(a.value, ":") {
		part, err := a.expand(part)
		if err == nil {
			part, err = cleanPath(part)
		}
		if err != nil {
			a.warn("cannot read %s: %v, ignored", quoted(part), err)
			continue
		}
		have = append(have, part)
	}
	return have, nil
}
