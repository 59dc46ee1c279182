package unit

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
)

// LinkChange is one change that enablement wants in the file system. Package host performs them in order: a link's directory is made
// when it is missing, what is at a link's path is replaced, and a .wants/, .requires/ or .upholds/ directory that a removal leaves
// empty goes too.
type LinkChange struct {
	Kind   ChangeKind
	Path   string // absolute, below the root
	Target string // of a link: its text; of a note: what it is about
}

// ChangeKind says what a LinkChange does, in the words of systemd's D-Bus API.
type ChangeKind uint8

// The kinds of changes. The last three change nothing: they tell what was found.
const (
	ChangeSymlink         ChangeKind = iota
	ChangeUnlink                     // a link or file
	ChangeRmdir                      // a directory that revert emptied
	ChangeMasked                     // the unit in Path is masked and was left alone
	ChangeAuxiliaryFailed            // the unit in Path, named in Also=, is missing
	ChangeDestination                // the unit in Path is to be linked into Target, which is missing
)

// String returns systemd's word for the change.
func (k ChangeKind) String() string {
	return [...]string{"symlink", "unlink", "unlink", "masked", "auxiliary unit failed", "destination not present"}[k]
}

// Changes is the answer of enablement: what to change, and whether any of the files had an [Install] section with something to do.
type Changes struct {
	Links   []LinkChange
	Carries bool
}

func (c *Changes) link(path, target string) {
	c.Links = append(c.Links, LinkChange{ChangeSymlink, path, target})
}

func (c *Changes) unlink(path string) {
	for _, have := range c.Links {
		if have.Kind == ChangeUnlink && have.Path == path {
			return
		}
	}
	c.Links = append(c.Links, LinkChange{Kind: ChangeUnlink, Path: path})
}

// InstallProblem is why a unit file cannot be enabled, masked and so on.
type InstallProblem uint8

// The problems of enablement.
const (
	ProblemMissing InstallProblem = iota // no such unit file
	ProblemMasked                        // it is masked
	ProblemExists                        // something else is where the link belongs
	ProblemAlias                         // the name is an alias, or a linked file
	ProblemName                          // not a name, or one that cannot be meant
	ProblemInstall                       // its [Install] section asks for what cannot be
	ProblemFile                          // the file cannot be read
)

// InstallError is an error of enablement about one unit.
type InstallError struct {
	Problem InstallProblem
	Unit    string
	Text    string
}

func (e *InstallError) Error() string { return e.Unit + ": " + e.Text }

func problem(p InstallProblem, unit, format string, args ...any) *InstallError {
	return &InstallError{p, unit, fmt.Sprintf(format, args...)}
}

// EnableOptions says where links go and what they may replace.
type EnableOptions struct {
	Runtime bool // below /run, gone after a reboot
	Force   bool // replace what is in the way
}

// config is the directory in which links are made.
func (v *View) config(o EnableOptions) string {
	if o.Runtime {
		return v.opt.ConfigRuntime
	}
	return v.opt.Config
}

// installation is a unit file with what its [Install] section says.
type installation struct {
	name    string // with the default instance, for a template that has one
	path    string // of the file, as a link's target
	install *Install
	links   bool // something to do in [Install]
}

// discover finds the file of a unit and reads what it says about installation.
func (v *View) discover(name string) (*installation, error) {
	if !ValidName(name) {
		_, _, _, err := SplitName(name)
		return nil, problem(ProblemName, name, "%v", err)
	}
	f, ok := v.file(name)
	for range maxLinks {
		if !ok || f.kind != fileAlias {
			break
		}
		name = v.step(name, f)
		f, ok = v.file(name)
	}
	switch {
	case ok && f.kind == fileAlias:
		return nil, problem(ProblemAlias, name, "its aliases lead in a circle")
	case !ok:
		return nil, problem(ProblemMissing, name, "unit file does not exist")
	case f.kind == fileMask:
		return nil, problem(ProblemMasked, name, "unit file is masked")
	}
	text, _, err := v.readFragment(f, name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, problem(ProblemMissing, name, "unit file %s does not exist", v.pathOf(f, name))
	case err != nil:
		return nil, problem(ProblemFile, name, "%v", err)
	case text == "":
		return nil, problem(ProblemMasked, name, "unit file is masked")
	}
	i := &installation{name: name, path: v.linkTarget(f, name)}
	i.install = v.readInstall(name, text)
	if def := i.install.DefaultInstance; IsTemplate(name) && def != "" {
		if !ValidName(Instantiate(name, def)) {
			return nil, problem(ProblemInstall, name, "DefaultInstance=%s does not make a unit name", def)
		}
		i.name = Instantiate(name, def)
		i.install = v.readInstall(i.name, text)
	}
	in := i.install
	i.links = len(in.Alias)+len(in.WantedBy)+len(in.RequiredBy)+len(in.UpheldBy) > 0
	return i, nil
}

// step follows one alias.
func (v *View) step(name string, f file) string {
	if _, instance, _, err := SplitName(name); err == nil && instance != "" {
		return Instantiate(f.target, instance)
	}
	return f.target
}

// readInstall reads the [Install] sections of a fragment and its drop-ins. Other sections do not matter here.
func (v *View) readInstall(name, text string) *Install {
	l := newLoader(&v.opt.Specifiers)
	l.begin(name)
	v.levels = append(v.levels[:0], levels(name))
	l.read(name, text)
	for _, path := range v.collect(TypeOf(name), ".d") {
		if text, _, err := v.readBeside(path); err == nil {
			l.read(path, text)
		}
	}
	return l.u.Install
}

// linkTarget is what a link to a unit file says. Embedded units have no file; for them only the name and that it lies in the search
// path matters.
func (v *View) linkTarget(f file, name string) string {
	if f.kind != fileEmbedded {
		return v.pathOf(f, name)
	}
	dir := v.opt.Config
	for _, d := range v.dirs {
		if strings.HasSuffix(d.path, "/usr/lib/systemd/system") || strings.HasSuffix(d.path, "/usr/lib/systemd/user") {
			dir = d.path
		}
	}
	return dir + "/" + v.nameIn(name)
}

// isConfig says whether a directory is one in which enablement makes links.
func (v *View) isConfig(dir string) bool { return dir == v.opt.Config || dir == v.opt.ConfigRuntime }

// Enable makes the links that the [Install] sections of some units ask for, and of those that they name in Also=. Names may be absolute
// paths of unit files outside of the search path; they are linked in first.
func (v *View) Enable(names []string, o EnableOptions) (Changes, error) {
	v.scan()
	var c Changes
	err := v.enable(&c, names, o)
	return c, err
}

func (v *View) enable(c *Changes, names []string, o EnableOptions) error {
	done := map[string]bool{}
	for n, queue := 0, slices.Clone(names); n < len(queue); n++ {
		name := queue[n]
		if done[name] {
			continue
		}
		done[name] = true
		if strings.HasPrefix(name, "/") {
			if err := v.linkIn(c, name, o); err != nil {
				return err
			}
			name = base(name)
		}
		i, err := v.discover(name)
		if err != nil {
			if n < len(names) {
				return err
			}
			c.Links = append(c.Links, LinkChange{ChangeAuxiliaryFailed, name, ""})
			continue
		}
		done[i.name] = true
		if err := v.apply(c, i, o); err != nil {
			return err
		}
		queue = append(queue, i.install.Also...)
	}
	return nil
}

// apply makes the links of one unit.
func (v *View) apply(c *Changes, i *installation, o EnableOptions) error {
	dir := v.config(o)
	c.Carries = c.Carries || i.links || len(i.install.Also) > 0
	for _, alias := range i.install.Alias {
		if alias == i.name {
			continue
		}
		if bad := badAlias(alias, i.name); bad != "" {
			return problem(ProblemInstall, i.name, "cannot have Alias=%s: %s", alias, bad)
		}
		if err := v.place(c, i.name, dir+"/"+alias, i.path, o.Force); err != nil {
			return err
		}
	}
	for _, k := range [...]struct {
		targets []string
		suffix  string
	}{{i.install.WantedBy, ".wants"}, {i.install.RequiredBy, ".requires"}, {i.install.UpheldBy, ".upholds"}} {
		for _, target := range k.targets {
			if IsTemplate(i.name) && !IsTemplate(target) {
				return problem(ProblemInstall, i.name, "a template without DefaultInstance= needs an instance to be wanted by %s", target)
			}
			if err := v.place(c, i.name, dir+"/"+target+k.suffix+"/"+i.name, i.path, o.Force); err != nil {
				return err
			}
			if f, ok := v.file(target); !ok || f.kind == fileMask {
				c.Links = append(c.Links, LinkChange{ChangeDestination, i.name, target})
			}
		}
	}
	return nil
}

// place makes one link, unless it is there already.
func (v *View) place(c *Changes, unit, path, target string, force bool) error {
	for _, have := range c.Links {
		if have.Kind == ChangeSymlink && have.Path == path {
			return nil
		}
	}
	if path == target {
		return nil
	}
	real, err := v.tree.resolve(parent(path))
	if err != nil {
		return problem(ProblemFile, unit, "%v", err)
	}
	here := real + "/" + base(path)
	removed := slices.ContainsFunc(c.Links, func(l LinkChange) bool { return l.Kind == ChangeUnlink && l.Path == path })
	if text, ok := v.tree.readLink(here); ok && !removed {
		if v.samePlace(pointsTo(path, text), target) {
			return nil
		}
		if !force {
			return problem(ProblemExists, unit, "%s already exists and points to %s", path, text)
		}
		c.unlink(path)
	} else if st, err := v.tree.lstat(here); err == nil && !removed {
		if !force || st.IsDir() {
			return problem(ProblemExists, unit, "%s already exists", path)
		}
		c.unlink(path)
	}
	c.link(path, target)
	return nil
}

// samePlace says whether two paths are of one file, or would be.
func (v *View) samePlace(a, b string) bool {
	if a == b {
		return true
	}
	ra, err1 := v.tree.resolve(a)
	rb, err2 := v.tree.resolve(b)
	return err1 == nil && err2 == nil && ra == rb
}

// linkIn links a unit file outside of the search path into it.
func (v *View) linkIn(c *Changes, path string, o EnableOptions) error {
	name := base(path)
	if !ValidName(name) {
		return problem(ProblemName, path, "cannot link a file that is not called like a unit")
	}
	path = pointsTo("/", path)
	real, err := v.tree.resolve(path)
	if err != nil {
		return problem(ProblemFile, name, "%v", err)
	}
	if st, err := v.tree.lstat(real); err != nil || !st.Mode().IsRegular() {
		return problem(ProblemMissing, name, "unit file %s does not exist", path)
	}
	if v.searched(parent(path)) {
		return nil
	}
	if err := v.place(c, name, v.config(o)+"/"+name, path, o.Force); err != nil {
		return err
	}
	v.files[name] = file{kind: fileLinked, target: path}
	return nil
}

// Link links unit files outside of the search path into it, by absolute path.
func (v *View) Link(paths []string, o EnableOptions) (Changes, error) {
	v.scan()
	var c Changes
	for _, p := range paths {
		if !strings.HasPrefix(p, "/") {
			return c, problem(ProblemName, p, "cannot link what is not an absolute path")
		}
		if err := v.linkIn(&c, p, o); err != nil {
			return c, err
		}
	}
	return c, nil
}
