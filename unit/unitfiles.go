package unit

import (
	"slices"
	"strings"
)

// UnitFileState is how a unit file is installed, in the words of systemctl(1), is-enabled.
type UnitFileState uint8

// The states of unit files.
const (
	FileBad UnitFileState = iota
	FileEnabled
	FileEnabledRuntime
	FileLinked
	FileLinkedRuntime
	FileAlias
	FileMasked
	FileMaskedRuntime
	FileStatic
	FileDisabled
	FileIndirect
	FileGenerated
	FileTransient
)

// String returns systemctl's word.
func (s UnitFileState) String() string {
	return [...]string{
		"bad", "enabled", "enabled-runtime", "linked", "linked-runtime", "alias", "masked", "masked-runtime", "static", "disabled",
		"indirect", "generated", "transient",
	}[s]
}

// UnitFile is one unit file in the search path.
type UnitFile struct {
	Name  string
	Path  string
	State UnitFileState
}

// UnitFiles lists all unit files of the search path by name, those hidden by others left out.
func (v *View) UnitFiles() []UnitFile {
	links := v.allLinks()
	list := make([]UnitFile, 0, len(v.files))
	for name, f := range v.files {
		list = append(list, UnitFile{name, v.shownPath(f, name), v.state(name, links)})
	}
	slices.SortFunc(list, func(a, b UnitFile) int { return strings.Compare(a.Name, b.Name) })
	return list
}

// shownPath is where a unit file's entry is.
func (v *View) shownPath(f file, name string) string {
	if f.dir == embeddedDir || f.kind == fileEmbedded {
		return Embedded + name
	}
	return v.dirs[f.dir].path + "/" + name
}

// State returns how a unit file is installed. The error is for a name without a file.
func (v *View) State(name string) (UnitFileState, error) {
	links := v.allLinks()
	if !ValidName(name) {
		return FileBad, problem(ProblemName, name, "not a unit name")
	}
	if _, ok := v.file(name); !ok {
		return FileBad, problem(ProblemMissing, name, "unit file does not exist")
	}
	return v.state(name, links), nil
}

// Links returns the links to a unit in the directory of configuration.
func (v *View) Links(name string, runtime bool) []string {
	v.scan()
	var c Changes
	if dir := v.dirIndex(v.config(EnableOptions{Runtime: runtime})); dir >= 0 {
		v.removeLinks(&c, dir, map[string]bool{v.follow(name): true})
	}
	var list []string
	for _, l := range c.Links {
		list = append(list, l.Path)
	}
	return list
}

// linkIndex is the links of the whole search path, by what they are called and by what they lead to.
type linkIndex struct {
	byName, byTarget map[string][]entryLink
	stamps           map[string]int64 // of the directories that were listed
}

// allLinks returns the index; it is made anew when a directory changed.
func (v *View) allLinks() *linkIndex {
	if v.links != nil && v.links.current(&v.tree) {
		return v.links
	}
	v.scan()
	x := &linkIndex{map[string][]entryLink{}, map[string][]entryLink{}, map[string]int64{}}
	for i := range v.dirs {
		for _, l := range v.linksIn(i, func(real string, stamp int64) { x.stamps[real] = stamp }) {
			x.byName[l.name] = append(x.byName[l.name], l)
			x.byTarget[base(l.target)] = append(x.byTarget[base(l.target)], l)
		}
	}
	v.links = x
	return x
}

func (x *linkIndex) current(t *tree) bool {
	for dir, stamp := range x.stamps {
		if t.stamp(dir) != stamp {
			return false
		}
	}
	return true
}

// state tells how the file of a name is installed (the order of tests is that of systemd's documentation of is-enabled).
func (v *View) state(name string, links *linkIndex) UnitFileState {
	f, _ := v.file(name)
	if f.kind == fileAlias {
		f, _ = v.file(v.follow(name))
		if f.kind != fileMask {
			return FileAlias
		}
	}
	switch f.kind {
	case fileMask:
		if v.isRuntime(f.dir) {
			return FileMaskedRuntime
		}
		return FileMasked
	case fileRegular:
		switch dir := v.dirs[f.dir].path; {
		case dir == v.opt.Transient:
			return FileTransient
		case v.generated(dir):
			return FileGenerated
		}
	default:
	}
	i, err := v.discover(name)
	if err != nil {
		if e, ok := err.(*InstallError); ok && e.Problem == ProblemMasked {
			return FileMasked
		}
		return FileBad
	}
	if s, ok := v.installed(name, f, i, links); ok {
		return s
	}
	switch {
	case i.links:
		return FileDisabled
	case len(i.install.Also) > 0:
		return FileIndirect
	}
	return FileStatic
}

// installed looks for links: by the unit's own name, by its Alias= names, by any others.
func (v *View) installed(name string, f file, i *installation, links *linkIndex) (UnitFileState, bool) {
	if s, ok := v.where(links.byName[name], func(l *entryLink) bool { return l.inside != "" }); ok {
		return s, true
	}
	if IsInstance(name) && slices.ContainsFunc(links.byName[name], func(l entryLink) bool { return l.inside != "" && !v.isConfig(v.dirs[l.dir].path) }) {
		return FileStatic, true
	}
	if f.kind == fileLinked {
		if v.isRuntime(f.dir) {
			return FileLinkedRuntime, true
		}
		return FileLinked, true
	}
	own := base(i.path)
	if s, ok := v.where(links.byTarget[own], func(l *entryLink) bool { return l.inside == "" && slices.Contains(i.install.Alias, l.name) }); ok {
		return s, true
	}
	if IsTemplate(name) && i.name != name { // by its default instance
		if s, ok := v.where(links.byName[i.name], func(l *entryLink) bool { return l.inside != "" }); ok {
			return s, true
		}
	}
	_, ok := v.where(links.byTarget[own], func(l *entryLink) bool {
		return l.name != name && (l.inside == "" || TemplateOf(l.name) == name)
	})
	return FileIndirect, ok
}

// where says in which directory of configuration one of the links is.
func (v *View) where(links []entryLink, counts func(*entryLink) bool) (UnitFileState, bool) {
	runtime := false
	for i := range links {
		l := &links[i]
		if l.target == "/dev/null" || !counts(l) {
			continue
		}
		switch dir := v.dirs[l.dir].path; {
		case dir == v.opt.Config || v.opt.User && strings.HasPrefix(dir, "/etc/"):
			return FileEnabled, true
		case v.isRuntime(l.dir):
			runtime = true
		}
	}
	return FileEnabledRuntime, runtime
}

func (v *View) isRuntime(dir int) bool { return dir >= 0 && v.dirs[dir].path == v.opt.ConfigRuntime }

func (v *View) generated(dir string) bool {
	for _, g := range v.opt.Generated {
		if dir == g {
			return true
		}
	}
	return strings.HasSuffix(dir, "/systemd/generator") || strings.HasSuffix(dir, "/systemd/generator.early") || strings.HasSuffix(dir, "/systemd/generator.late")
}
