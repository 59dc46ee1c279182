package unit

import (
	"errors"
	"io/fs"
	"slices"
	"strings"
)

// Load reads the unit of that name from its fragment, drop-ins and links. It never returns nil: Unit.Load and LoadText say what came
// of it. A name that leads to another unit returns that unit.
func (v *View) Load(name string) *Unit {
	l := v.loader
	if _, _, _, err := SplitName(name); err != nil || IsTemplate(name) {
		l.begin(name)
		l.u.Load, l.u.LoadText = LoadError, "cannot load a template without an instance: "+name
		if err != nil {
			l.u.LoadText = err.Error()
		}
		return l.end()
	}
	if _, ok := v.file(name); !ok {
		v.Refresh()
	}
	v.tree.notes = v.tree.notes[:0]
	m := v.gather(name)
	if u := v.recall(&m); u != nil {
		return u
	}
	l.begin(m.final)
	l.u.Names = m.names
	switch {
	case !m.found:
		v.loadBare()
	case m.file.kind == fileMask:
		l.u.Load, l.u.Fragment = Masked, v.pathOf(m.file, m.final)
		l.u.LoadText = "unit is masked by " + l.u.Fragment
	default:
		v.loadFragment(m.file, m.final)
	}
	l.u.Perpetual = perpetual(m.final, v.opt.User)
	if l.u.Load == Loaded {
		v.loadBeside(&m)
	}
	u := l.end()
	if u.Load != NotFound && !u.Transient {
		v.remember(u, v.fingerprint(&m))
	}
	return u
}

// loadBare is for a name without a fragment. Slices and devices need none.
func (v *View) loadBare() {
	u := v.loader.u
	switch {
	case u.Type == TypeSlice, u.Type == TypeDevice, perpetual(u.Name, v.opt.User):
		u.Load = Loaded
	default:
		u.Load, u.LoadText = NotFound, "unit "+u.Name+" not found in the search path"
	}
}

// perpetual says whether a unit is there as long as the manager.
func perpetual(name string, user bool) bool {
	return name == "-.slice" || name == "init.scope" || name == "-.mount" && !user
}

// namesOf lists all names of a unit, sorted.
func (v *View) namesOf(final string) []string {
	names := append([]string{final}, v.aliases[final]...)
	if t := TemplateOf(final); t != "" {
		_, instance, _, _ := SplitName(final)
		for _, alias := range v.aliases[t] {
			names = append(names, Instantiate(alias, instance))
		}
	}
	if len(names) > 1 {
		slices.Sort(names)
		names = slices.Compact(names)
	}
	return names
}

// pathOf is the path of a unit's main file, as it is shown.
func (v *View) pathOf(f file, name string) string {
	switch f.kind {
	case fileLinked:
		return f.target
	case fileEmbedded:
		return Embedded + v.nameIn(name)
	default:
		return v.dirs[f.dir].path + "/" + v.nameIn(name)
	}
}

// nameIn is the name that the entry for a unit has: its own, or its template's.
func (v *View) nameIn(name string) string {
	if _, ok := v.files[name]; ok {
		return name
	}
	return TemplateOf(name)
}

func (v *View) loadFragment(f file, name string) {
	u := v.loader.u
	u.Fragment = v.pathOf(f, name)
	text, stamp, err := v.readFragment(f, name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		u.Load, u.LoadText = NotFound, "unit file "+u.Fragment+" is gone"
	case err != nil:
		u.Load, u.LoadText = LoadError, u.Fragment+": "+err.Error()
	case text == "":
		u.Load, u.LoadText = Masked, "unit is masked by the empty file "+u.Fragment
	default:
		u.Load, u.Stamp = Loaded, stamp
		u.Transient = v.opt.Transient != "" && f.kind == fileRegular && v.dirs[f.dir].path == v.opt.Transient
		v.loader.read(u.Fragment, text)
	}
}

// readFragment reads a unit's main file.
func (v *View) readFragment(f file, name string) (string, int64, error) {
	if f.kind == fileEmbedded {
		return v.special()[v.nameIn(name)], 0, nil
	}
	return v.tree.read(v.placeOf(f, name))
}

// placeOf is where a unit's main file really is.
func (v *View) placeOf(f file, name string) string {
	if f.kind == fileLinked {
		return f.target
	}
	return v.dirs[f.dir].real + "/" + v.nameIn(name)
}

// loadBeside adds drop-ins and the links of .wants/ and its sisters.
func (v *View) loadBeside(m *makings) {
	l := v.loader
	for _, path := range m.dropIns {
		text, stamp, err := v.readBeside(path)
		if err != nil {
			l.u.Warnings = append(l.u.Warnings, Warning{Position: Position{Path: path}, Text: err.Error()})
			continue
		}
		if text == "" {
			continue
		}
		l.u.DropIns = append(l.u.DropIns, path)
		l.u.Stamp = max(l.u.Stamp, stamp)
		l.read(path, text)
	}
	for i, k := range linkKinds {
		for _, path := range m.links[i] {
			target, err := l.resolve(base(path))
			if err == nil && target != l.u.Name {
				l.addDependency(k.kind, target, Position{Path: path})
			}
		}
	}
}

func (v *View) readBeside(path string) (string, int64, error) {
	real, err := v.tree.resolve(path)
	if err != nil {
		return "", 0, err
	}
	return v.tree.read(real)
}

// collect lists the files in the directories with a suffix that belong to the unit, in the order of application: sorted by name, and of
// files of one name that with the highest priority. A link to /dev/null hides the name.
func (v *View) collect(t Type, suffix string) []string {
	var dirs []string
	for _, names := range v.levels {
		dirs = v.existing(dirs, names, suffix)
	}
	if suffix == ".d" {
		dirs = v.existing(dirs, []string{t.String()}, suffix)
	}
	if dirs == nil {
		return nil
	}
	best := map[string]string{}
	for _, d := range dirs {
		for _, e := range v.entries(d) {
			if suffix == ".d" && !strings.HasSuffix(e.name, ".conf") || suffix != ".d" && !ValidName(e.name) {
				continue
			}
			if _, taken := best[e.name]; taken {
				continue
			}
			path := d + "/" + e.name
			if text, ok := v.tree.readLink(path); e.link && ok && pointsTo(path, text) == "/dev/null" {
				path = ""
			}
			best[e.name] = path
		}
	}
	var list []string
	for _, path := range best {
		if path != "" {
			list = append(list, path)
		}
	}
	slices.SortFunc(list, func(a, b string) int { return strings.Compare(base(a), base(b)) })
	return list
}

// existing appends the existing directories for some names, by priority of the search path first.
func (v *View) existing(dirs, names []string, suffix string) []string {
	any := false
	for _, name := range names {
		v.key = append(append(v.key[:0], name...), suffix...)
		if _, ok := v.beside[string(v.key)]; ok {
			any = true
		}
	}
	if !any {
		return dirs
	}
	for i := range v.dirs {
		for _, name := range names {
			if slices.Contains(v.beside[name+suffix], i) {
				dirs = append(dirs, v.dirs[i].path+"/"+name+suffix)
			}
		}
	}
	return dirs
}

// entries lists a directory beside the units; the listing is kept.
func (v *View) entries(path string) []listing {
	if have, ok := v.inside[path]; ok {
		return have
	}
	real, err := v.tree.resolve(path)
	var list []listing
	if err == nil {
		entries, _ := v.tree.list(real)
		for _, e := range entries {
			if !e.IsDir() {
				list = append(list, listing{e.Name(), e.Type()&fs.ModeSymlink != 0})
			}
		}
	}
	v.inside[path] = list
	return list
}

// levels lists the names whose directories belong to a unit, the most specific first: the unit's own, its template's, and each shortened
// after a "-" ("foo-.service" for "foo-bar.service"). The order is systemd's.
func levels(name string) []string { return addLevels(make([]string, 0, 4), name) }

func addLevels(list []string, name string) []string {
	prefix, instance, t, err := SplitName(name)
	if err != nil || slices.Contains(list, name) {
		return list
	}
	list = append(list, name)
	if instance != "" {
		list = addLevels(list, TemplateOf(name))
		instance = "@" + instance
	}
	prefix = strings.TrimRight(prefix, "-")
	if i := strings.LastIndexByte(prefix, '-'); i > 0 {
		list = addLevels(list, prefix[:i+1]+instance+"."+t.String())
	}
	return list
}
