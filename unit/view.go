package unit

import (
	"hash/maphash"
	"io/fs"
	"slices"
	"strings"
)

// Options says where a View looks and what it knows about the machine.
type Options struct {
	Paths      []string // directories of units, absolute, highest priority first
	User       bool     // a user's manager instead of the system's
	Specifiers Specifiers
	Defaults   Defaults

	// For enablement and states; all absolute.
	Config         string   // where enable makes links: /etc/systemd/system
	ConfigRuntime  string   // where enable --runtime does: /run/systemd/system
	Control        string   // where set-property makes drop-ins: /etc/systemd/system.control
	ControlRuntime string   // where set-property --runtime does
	Transient      string   // fragments of transient units
	Generated      []string // directories of generators
	Presets        []string // directories of *.preset files, highest priority first
	Memory         Memory   // what the view before this one remembers
	NoSpecial      bool     // without the embedded units of systemd.special(7)
}

// Embedded is how the paths of embedded units start.
const Embedded = "embedded:/"

// View is what the search path holds. The listing of directories is kept; unit files are read when they are asked for. It belongs to
// one goroutine at a time.
type View struct {
	tree    tree
	opt     Options
	dirs    []dir
	files   map[string]file      // by unit name: the entry of the highest priority
	aliases map[string][]string  // names that lead to a name
	beside  map[string][]int     // "foo.service.d" and its like: which dirs have one
	inside  map[string][]listing // entries of those, by path
	loader  *loader
	loaded  map[string]record // for the next view
	old     map[string]record // from the last one
	prune   int               // how many in loaded are worth a look for unused ones
	seed    maphash.Seed
	links   *linkIndex // nil: not made yet
	levels  [][]string // of the unit being loaded: what its directories may be called, for each of its names
	key     []byte
	wrong   []Warning
}

// dir is one directory of the search path.
type dir struct {
	path  string // as the search path says it
	real  string // with links resolved
	stamp int64
}

// fileKind says what an entry of the search path is.
type fileKind uint8

const (
	fileRegular fileKind = iota
	fileAlias            // a link to another unit's name
	fileLinked           // a link to a file outside of the search path
	fileMask             // a link to /dev/null, or an empty file
	fileEmbedded
)

// file is one entry of the search path.
type file struct {
	kind   fileKind
	dir    int    // index of its directory
	target string // alias: the name; linked: the path of the file
}

// listing is one entry of a directory beside the units.
type listing struct {
	name string
	link bool
}

// Scan lists the search path. Reading the units waits for Load.
func Scan(fsys fs.FS, opt Options) (*View, error) {
	v := &View{tree: newTree(fsys), opt: opt}
	v.loader = newLoader(&v.opt.Specifiers)
	v.loader.user = opt.User
	v.loader.def = opt.Defaults.complete()
	v.loaded, v.seed = map[string]record{}, maphash.MakeSeed()
	if opt.Memory.fits(v) {
		v.old, v.seed = opt.Memory.units, opt.Memory.seed
	}
	v.opt.Memory = Memory{}
	v.scan()
	return v, nil
}

// Paths returns the search path: the directories that exist, highest priority first.
func (v *View) Paths() []string {
	var list []string
	for _, d := range v.dirs {
		if d.stamp != 0 {
			list = append(list, d.path)
		}
	}
	return list
}

// Warnings returns what is wrong with links in the search path.
func (v *View) Warnings() []Warning { return v.wrong }

func (v *View) scan() {
	v.dirs, v.wrong, v.links = v.dirs[:0], nil, nil
	v.files, v.aliases = map[string]file{}, map[string][]string{}
	v.beside, v.inside = map[string][]int{}, map[string][]listing{}
	seen := map[string]bool{}
	for _, path := range v.opt.Paths {
		path = pointsTo("/", path)
		real, err := v.tree.resolve(path)
		if err != nil || seen[real] {
			continue
		}
		seen[real] = true
		v.dirs = append(v.dirs, dir{path: path, real: real})
	}
	for i := range v.dirs {
		entries, stamp := v.tree.list(v.dirs[i].real)
		v.dirs[i].stamp = stamp
		for _, e := range entries {
			v.enter(i, e)
		}
	}
	if !v.opt.NoSpecial {
		v.enterSpecial()
	}
	for name, f := range v.files {
		if f.kind == fileAlias {
			if final := v.follow(name); final != name {
				v.aliases[final] = append(v.aliases[final], name)
			}
		}
	}
	for _, names := range v.aliases {
		slices.Sort(names)
	}
}

// besides are the suffixes of the directories that belong to a unit.
var besides = [...]string{".d", ".wants", ".requires", ".upholds"}

// enter notes one entry of a directory of the search path.
func (v *View) enter(i int, e fs.DirEntry) {
	name := e.Name()
	if TypeOf(name) == TypeInvalid {
		for _, suffix := range besides {
			if strings.HasSuffix(name, suffix) && (e.IsDir() || e.Type()&fs.ModeSymlink != 0) {
				v.beside[name] = append(v.beside[name], i)
			}
		}
		return
	}
	if _, taken := v.files[name]; taken || e.IsDir() || !ValidName(name) {
		return
	}
	f := file{dir: i}
	if e.Type()&fs.ModeSymlink != 0 {
		var ok bool
		if f, ok = v.link(i, name); !ok {
			return
		}
	}
	v.files[name] = f
}

// link finds out what a link in the search path means.
func (v *View) link(i int, name string) (file, bool) {
	path := v.dirs[i].path + "/" + name
	text, ok := v.tree.readLink(v.dirs[i].real + "/" + name)
	if !ok {
		return file{}, false
	}
	target := pointsTo(path, text)
	if target == "/dev/null" {
		return file{kind: fileMask, dir: i}, true
	}
	if v.searched(parent(target)) {
		to := base(target)
		switch bad := badAlias(name, to); {
		case name == to: // the same name at another place: that file
		case bad != "":
			v.complain(path, "link to "+text+" ignored: "+bad)
			return file{}, false
		default:
			return file{kind: fileAlias, dir: i, target: to}, true
		}
	}
	real, err := v.tree.resolve(target)
	switch {
	case err != nil:
		v.complain(path, err.Error())
		return file{}, false
	case real == "/dev/null":
		return file{kind: fileMask, dir: i}, true
	case v.searched(parent(real)) && base(real) != name && badAlias(name, base(real)) == "" && !v.searched(parent(target)):
		return file{kind: fileAlias, dir: i, target: base(real)}, true
	}
	return file{kind: fileLinked, dir: i, target: real}, true
}

func (v *View) complain(path, text string) {
	v.wrong = append(v.wrong, Warning{Position: Position{Path: path}, Text: text})
}

// searched says whether a directory is in the search path.
func (v *View) searched(path string) bool {
	for i := range v.dirs {
		if v.dirs[i].path == path || v.dirs[i].real == path {
			return true
		}
	}
	return false
}

// badAlias says why one name cannot be an alias of another (systemd.unit(5), "Alias=").
func badAlias(name, target string) string {
	_, instance, t, err := SplitName(target)
	switch {
	case err != nil:
		return err.Error()
	case t != TypeOf(name):
		return "a " + TypeOf(name).String() + " cannot be an alias of a " + t.String()
	case t == TypeSlice || t == TypeMount || t == TypeAutomount || t == TypeSwap:
		return "units of type " + t.String() + " cannot have aliases"
	case IsTemplate(name) && !IsTemplate(target):
		return "a template cannot be an alias of " + target
	case !IsTemplate(name) && !IsInstance(name) && (IsTemplate(target) || IsInstance(target)):
		return "a name without instance cannot be an alias of " + target
	case IsInstance(name) && !IsTemplate(target) && !sameInstance(name, instance):
		return "the instances differ"
	}
	return ""
}

func sameInstance(name, instance string) bool {
	_, have, _, err := SplitName(name)
	return err == nil && have == instance
}

// follow leads through aliases to the name that a file has, or would have.
func (v *View) follow(name string) string {
	for range maxLinks {
		f, ok := v.file(name)
		if !ok || f.kind != fileAlias {
			break
		}
		next := f.target
		if IsTemplate(next) && IsInstance(name) {
			_, instance, _, err := SplitName(name)
			if err != nil {
				break
			}
			next = Instantiate(next, instance)
		}
		if next == name {
			break
		}
		name = next
	}
	return name
}

// file finds the entry for a name, or for its template.
func (v *View) file(name string) (file, bool) {
	if f, ok := v.files[name]; ok {
		return f, true
	}
	if t := TemplateOf(name); t != "" {
		f, ok := v.files[t]
		return f, ok
	}
	return file{}, false
}

// Refresh lists the directories again when one of them changed, and says whether that was so. Names that a view does not know make it
// do that by itself.
func (v *View) Refresh() bool {
	for i := range v.dirs {
		if v.tree.stamp(v.dirs[i].real) != v.dirs[i].stamp {
			v.scan()
			return true
		}
	}
	return false
}
