package unit

import (
	"io/fs"
	"slices"
	"strings"
)

// entryLink is one symbolic link in the search path or in a directory of links there.
type entryLink struct {
	dir    int    // of the search path
	inside string // "multi-user.target.wants", empty for links of the directory itself
	name   string
	target string // absolute, links in it unresolved
}

func (l *entryLink) path(v *View) string {
	p := v.dirs[l.dir].path
	if l.inside != "" {
		p += "/" + l.inside
	}
	return p + "/" + l.name
}

// linksIn lists the links of one directory of the search path and of those in it; visit learns which were looked at.
func (v *View) linksIn(dir int, visit func(real string, stamp int64)) []entryLink {
	var list []entryLink
	add := func(inside string) {
		where := v.dirs[dir].path
		if inside != "" {
			where += "/" + inside
		}
		real, err := v.tree.resolve(where)
		if err != nil {
			return
		}
		entries, stamp := v.tree.list(real)
		visit(real, stamp)
		for _, e := range entries {
			if e.Type()&fs.ModeSymlink == 0 || !ValidName(e.Name()) {
				continue
			}
			if text, ok := v.tree.readLink(real + "/" + e.Name()); ok {
				list = append(list, entryLink{dir, inside, e.Name(), pointsTo(where+"/"+e.Name(), text)})
			}
		}
	}
	add("")
	var insides []string
	for name, dirs := range v.beside {
		if !strings.HasSuffix(name, ".d") && slices.Contains(dirs, dir) {
			insides = append(insides, name)
		}
	}
	slices.Sort(insides)
	for _, name := range insides {
		add(name)
	}
	return list
}

// dirIndex finds a directory of the search path.
func (v *View) dirIndex(path string) int {
	return slices.IndexFunc(v.dirs, func(d dir) bool { return d.path == path })
}

// Disable removes all links to some units from the directory of configuration: those that Enable made, and any others. The units named
// in Also= are disabled too.
func (v *View) Disable(names []string, o EnableOptions) (Changes, error) {
	v.scan()
	var c Changes
	err := v.disable(&c, names, o)
	return c, err
}

func (v *View) disable(c *Changes, names []string, o EnableOptions) error {
	gone := map[string]bool{}
	var missing error
	for n, queue := 0, slices.Clone(names); n < len(queue); n++ {
		name := base(queue[n])
		if gone[name] {
			continue
		}
		gone[name] = true
		i, err := v.discover(name)
		if err != nil {
			if n < len(names) && missing == nil {
				missing = err
			}
			continue
		}
		gone[i.name] = true
		c.Carries = c.Carries || i.links || len(i.install.Also) > 0
		queue = append(queue, i.install.Also...)
	}
	before := len(c.Links)
	if dir := v.dirIndex(v.config(o)); dir >= 0 {
		v.removeLinks(c, dir, gone)
	}
	if len(c.Links) == before {
		return missing
	}
	return nil
}

// removeLinks removes the links by or to one of the names; the name of a removed alias counts as well.
func (v *View) removeLinks(c *Changes, dir int, gone map[string]bool) {
	links := v.linksIn(dir, func(string, int64) {})
	for again := true; again; {
		again = false
		for i := range links {
			l := &links[i]
			if l.name == "" || l.target == "/dev/null" && l.inside == "" {
				continue
			}
			to := base(l.target)
			if !gone[l.name] && !gone[to] && !gone[TemplateOf(l.name)] {
				continue
			}
			c.unlink(l.path(v))
			if l.inside == "" && !gone[l.name] {
				gone[l.name] = true
				again = true
			}
			l.name = ""
		}
	}
}

// Reenable removes all links to some units and makes those that their files ask for now.
func (v *View) Reenable(names []string, o EnableOptions) (Changes, error) {
	v.scan()
	var c Changes
	for _, n := range names {
		if _, err := v.discover(base(n)); err != nil && !strings.HasPrefix(n, "/") {
			return c, err
		}
	}
	if err := v.disable(&c, names, o); err != nil {
		return c, err
	}
	err := v.enable(&c, names, EnableOptions{o.Runtime, true})
	return c.simplify(v), err
}

// simplify leaves out links that are removed and made again as they were.
func (c Changes) simplify(v *View) Changes {
	var list []LinkChange
	for _, l := range c.Links {
		if l.Kind == ChangeSymlink || l.Kind == ChangeUnlink {
			if v.comesBack(c.Links, l.Path) {
				continue
			}
		}
		list = append(list, l)
	}
	c.Links = list
	return c
}

// comesBack says whether the changes remove a link and make one to the same place.
func (v *View) comesBack(list []LinkChange, path string) bool {
	text, ok := v.tree.readLink(v.tree.entry(path))
	removed := false
	for _, l := range list {
		switch {
		case l.Path != path:
		case l.Kind == ChangeUnlink:
			removed = true
		case l.Kind == ChangeSymlink:
			return ok && removed && pointsTo(path, text) == l.Target
		}
	}
	return false
}

// Mask makes it impossible to start some units: their names become links to /dev/null.
func (v *View) Mask(names []string, o EnableOptions) (Changes, error) {
	v.scan()
	var c Changes
	for _, name := range names {
		if !ValidName(name) {
			return c, problem(ProblemName, name, "not a unit name")
		}
		if err := v.place(&c, name, v.config(o)+"/"+name, "/dev/null", o.Force); err != nil {
			return c, err
		}
	}
	return c, nil
}

// Unmask undoes Mask.
func (v *View) Unmask(names []string, o EnableOptions) (Changes, error) {
	v.scan()
	var c Changes
	for _, name := range names {
		if !ValidName(name) {
			return c, problem(ProblemName, name, "not a unit name")
		}
		path := v.config(o) + "/" + name
		here := v.tree.entry(path)
		if text, ok := v.tree.readLink(here); ok && pointsTo(path, text) == "/dev/null" {
			c.unlink(path)
		} else if st, err := v.tree.lstat(here); err == nil && st.Mode().IsRegular() && st.Size() == 0 {
			c.unlink(path)
		}
	}
	return c, nil
}

// Revert brings some units back to what their package says: drop-ins and masks in the directories of configuration go, and overriding
// files where there is one to override.
func (v *View) Revert(names []string) (Changes, error) {
	v.scan()
	var c Changes
	for _, name := range names {
		if !ValidName(name) {
			return c, problem(ProblemName, name, "not a unit name")
		}
		vendor := v.hasVendor(name)
		for _, dir := range []string{v.opt.Config, v.opt.ConfigRuntime, v.opt.Control, v.opt.ControlRuntime, v.opt.Transient} {
			if dir == "" {
				continue
			}
			v.revertDropIns(&c, dir+"/"+name+".d")
			path := dir + "/" + name
			here := v.tree.entry(path)
			text, link := v.tree.readLink(here)
			masked := link && pointsTo(path, text) == "/dev/null"
			if st, err := v.tree.lstat(here); err == nil && (masked || vendor && !st.IsDir()) {
				c.unlink(path)
			}
		}
	}
	return c, nil
}

// hasVendor says whether a directory other than those of configuration has a file of that name.
func (v *View) hasVendor(name string) bool {
	for _, d := range v.dirs {
		if v.isConfig(d.path) || d.path == v.opt.Control || d.path == v.opt.ControlRuntime || d.path == v.opt.Transient {
			continue
		}
		if st, err := v.tree.lstat(d.real + "/" + name); err == nil && !st.IsDir() {
			return true
		}
	}
	_, embedded := v.special()[name]
	return embedded && !v.opt.NoSpecial
}

func (v *View) revertDropIns(c *Changes, dir string) {
	real, err := v.tree.resolve(dir)
	if err != nil {
		return
	}
	entries, stamp := v.tree.list(real)
	if stamp == 0 {
		return
	}
	for _, e := range entries {
		if !e.IsDir() {
			c.unlink(dir + "/" + e.Name())
		}
	}
	c.Links = append(c.Links, LinkChange{Kind: ChangeRmdir, Path: dir})
}

// AddDependency makes some units be wanted or required by target.
func (v *View) AddDependency(names []string, target string, kind DependencyKind, o EnableOptions) (Changes, error) {
	v.scan()
	var c Changes
	suffix := ".wants"
	if kind == Requires {
		suffix = ".requires"
	}
	if !ValidName(target) {
		return c, problem(ProblemName, target, "not a unit name")
	}
	for _, name := range names {
		i, err := v.discover(name)
		if err != nil {
			return c, err
		}
		if err := v.place(&c, i.name, v.config(o)+"/"+target+suffix+"/"+i.name, i.path, o.Force); err != nil {
			return c, err
		}
	}
	return c, nil
}

// SetDefault makes target what the machine boots into.
func (v *View) SetDefault(target string, o EnableOptions) (Changes, error) {
	v.scan()
	var c Changes
	if TypeOf(target) != TypeTarget || target == "default.target" {
		return c, problem(ProblemName, target, "cannot be the default target")
	}
	i, err := v.discover(v.follow(target))
	if err != nil {
		return c, err
	}
	return c, v.place(&c, target, v.config(o)+"/default.target", i.path, true)
}

// Default returns what the machine boots into: the unit that default.target leads to.
func (v *View) Default() (string, error) {
	v.Refresh()
	name := v.follow("default.target")
	if _, ok := v.file(name); !ok {
		return "", problem(ProblemMissing, "default.target", "unit file does not exist")
	}
	return name, nil
}
