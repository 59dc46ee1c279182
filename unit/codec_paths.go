package unit

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

func toBase64(b []byte) string { return base64.StdEncoding.EncodeToString(b) }

func parseHex(s string) (uint64, error) {
	return strconv.ParseUint(strings.TrimPrefix(s, "0x"), 16, 64)
}

// fileSystemCodecs registers directories, mounts and images.
func fileSystemCodecs(m map[codecKey]*codec) {
	register[WorkingDirectory](m, scalar(parseWorkingDirectory, WorkingDirectory.String))
	register[[]Directory](m, list(perWord(keepEscapes, parseDirectory), Directory.String), "", "plain")
	register[[]Bind](m, list(perWord(keepEscapes, parseBind), Bind.String))
	register[[]Image](m, list(perWord(keepEscapes, parseImage(true)), Image.String), "mount")
	register[[]Image](m, list(perWord(keepEscapes, parseImage(false)), Image.String), "extension")
	register[[]Pair](m, list(perWord(keepEscapes, parseColonPair), func(p Pair) string {
		s := colonEscaper.Replace(p.Name)
		if p.Value != "" {
			s += ":" + p.Value
		}
		return quoteKept(percent(s))
	}), "colon")
	register[[]Pair](m, list(perWord(cEscapes, parsePartition), func(p Pair) string { return quoteWord(percent(p.Name + ":" + p.Value)) }), "options")
	register[RootHash](m, scalar(parseRootHash(fromHex, ""), formatRootHash(func(b []byte) string { return fmt.Sprintf("%x", b) })), "hex")
	register[RootHash](m, scalar(parseRootHash(fromBase64, "base64:"), formatRootHash(func(b []byte) string { return "base64:" + toBase64(b) })), "base64")
}

// parseWorkingDirectory fails the unit on a bad path that is not marked with "-".
func parseWorkingDirectory(s string, a *assign) (WorkingDirectory, error) {
	s, missing := strings.CutPrefix(s, "-")
	w := WorkingDirectory{MissingOK: missing}
	if s == "~" {
		w.Home = true
		return w, nil
	}
	s, err := a.expand(s)
	if err == nil {
		w.Path, err = cleanPath(s)
	}
	if err != nil && !missing {
		err = fatal{err}
	}
	return w, err
}

// String writes the setting's value, empty when it is unset.
func (w WorkingDirectory) String() string {
	s := percent(w.Path)
	if w.Home {
		s = "~"
	}
	return dash(w.MissingOK && s != "") + s
}

// relativePath checks a path below one of the directories' roots.
func relativePath(s string) (string, error) {
	clean := simplify(s)
	switch {
	case strings.HasPrefix(s, "/"):
		return "", errors.New("not a relative path")
	case clean == "" || clean == "." || len(s) >= maxPath:
		return "", errors.New("not a path")
	case !normalized(clean):
		return "", errNormalized
	}
	return clean, nil
}

// parseDirectory reads path[:link[:flags]].
func parseDirectory(word string, a *assign) (Directory, error) {
	word, err := a.expand(word)
	if err != nil {
		return Directory{}, err
	}
	parts := splitColons(word)
	d := Directory{}
	if d.Path, err = relativePath(parts[0]); err != nil {
		return d, err
	}
	if d.Path == "private" || strings.HasPrefix(d.Path, "private/") {
		return d, errors.New("\"private\" is reserved")
	}
	d.Path = a.l.keep(d.Path)
	if len(parts) > 1 && a.d.As == "plain" {
		return d, errors.New("takes no link")
	}
	if len(parts) > 1 && parts[1] != "" {
		link, err := relativePath(parts[1])
		if err != nil {
			return d, err
		}
		d.Symlinks = []string{link}
	}
	if len(parts) > 2 {
		if d.ReadOnly = parts[2] == "ro"; !d.ReadOnly || len(parts) > 3 {
			return d, fmt.Errorf("no flags %s", quoted(strings.Join(parts[2:], ":")))
		}
	}
	return d, nil
}

// String writes one word of the setting.
func (d Directory) String() string {
	s := colonEscaper.Replace(d.Path)
	if len(d.Symlinks) > 0 || d.ReadOnly {
		s += ":"
	}
	for i, link := range d.Symlinks {
		if i > 0 {
			s += " " + colonEscaper.Replace(d.Path) + ":"
		}
		s += colonEscaper.Replace(link)
	}
	if d.ReadOnly {
		s += ":ro"
	}
	return quoteKept(percent(s))
}

// parseBind reads [-]source[:destination[:options]].
func parseBind(word string, a *assign) (Bind, error) {
	word, err := a.expand(word)
	if err != nil {
		return Bind{}, err
	}
	word, optional := strings.CutPrefix(word, "-")
	parts := splitColons(word)
	b := Bind{IgnoreMissing: optional, Recursive: true}
	if b.Source, err = cleanPath(parts[0]); err != nil {
		return b, err
	}
	b.Destination = b.Source
	if len(parts) > 1 {
		if b.Destination, err = cleanPath(parts[1]); err != nil {
			return b, err
		}
	}
	for _, option := range parts[min(2, len(parts)):] {
		switch option {
		case "rbind", "":
		case "norbind":
			b.Recursive = false
		default:
			return b, fmt.Errorf("no option %s", quoted(option))
		}
	}
	return b, nil
}

// String writes one word of the setting.
func (b Bind) String() string {
	s := dash(b.IgnoreMissing) + joinColons(b.Source, b.Destination)
	if !b.Recursive {
		s += ":norbind"
	}
	return quoteKept(percent(s))
}

// parseImage reads [-]image[:destination][:partition:options…].
func parseImage(mount bool) func(string, *assign) (Image, error) {
	return func(word string, a *assign) (Image, error) {
		word, err := a.expand(word)
		if err != nil {
			return Image{}, err
		}
		word, optional := strings.CutPrefix(word, "-")
		parts := splitColons(word)
		i := Image{IgnoreMissing: optional}
		if i.Source, err = cleanPath(parts[0]); err != nil {
			return i, err
		}
		parts = parts[1:]
		if mount {
			if len(parts) == 0 {
				return i, errors.New("no destination")
			}
			if i.Destination, err = cleanPath(parts[0]); err != nil {
				return i, err
			}
			parts = parts[1:]
		}
		switch {
		case len(parts) == 1:
			i.Options = []Pair{{"root", parts[0]}}
		case len(parts)%2 == 1:
			return i, errors.New("a partition without options")
		default:
			for n := 0; n < len(parts); n += 2 {
				i.Options = append(i.Options, Pair{parts[n], parts[n+1]})
			}
		}
		return i, nil
	}
}

// String writes one word of the setting.
func (i Image) String() string {
	parts := []string{i.Source}
	if i.Destination != "" {
		parts = append(parts, i.Destination)
	}
	for _, o := range i.Options {
		parts = append(parts, o.Name, o.Value)
	}
	return quoteKept(percent(dash(i.IgnoreMissing) + joinColons(parts...)))
}

func parseColonPair(word string, a *assign) (Pair, error) {
	word, err := a.expand(word)
	if err != nil {
		return Pair{}, err
	}
	parts := splitColons(word)
	p := Pair{Name: parts[0]}
	if len(parts) > 1 {
		p.Value = word[len(colonEscaper.Replace(parts[0]))+1:]
	}
	if p.Name == "" {
		return p, errors.New("nothing before the \":\"")
	}
	return p, nil
}

// parsePartition reads [partition:]options.
func parsePartition(word string, a *assign) (Pair, error) {
	word, err := a.expand(word)
	if err != nil {
		return Pair{}, err
	}
	if partition, options, ok := strings.Cut(word, ":"); ok {
		return Pair{partition, options}, nil
	}
	return Pair{"root", word}, nil
}

func parseRootHash(decode func(string) ([]byte, error), prefix string) func(string, *assign) (RootHash, error) {
	return func(s string, a *assign) (RootHash, error) {
		if strings.HasPrefix(s, "/") {
			s, err := a.expand(s)
			if err == nil {
				s, err = cleanPath(s)
			}
			return RootHash{Path: s}, err
		}
		s, ok := strings.CutPrefix(s, prefix)
		if !ok {
			return RootHash{}, errors.New("neither a path nor " + prefix)
		}
		b, err := decode(s)
		return RootHash{Bytes: b}, err
	}
}

func formatRootHash(encode func([]byte) string) func(RootHash) string {
	return func(h RootHash) string {
		switch {
		case h.Path != "":
			return percent(h.Path)
		case len(h.Bytes) > 0:
			return encode(h.Bytes)
		}
		return ""
	}
}
