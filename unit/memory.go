package unit

import (
	"hash/maphash"
	"io/fs"
	"strings"
	"weak"
)

// Memory is what a view remembers of the units it loaded, for the next view: a unit whose files did not change is not read again,
// and stays the same *Unit. The zero value remembers nothing. A Memory may be handed to another goroutine.
type Memory struct {
	units map[string]record
	spec  Specifiers
	def   Defaults
	user  bool
	seed  maphash.Seed
}

// record is one unit that was loaded, and a fingerprint of what it was made of.
type record struct {
	unit  weak.Pointer[Unit]
	print uint64
}

// Memory returns what the view remembers now.
func (v *View) Memory() Memory {
	m := Memory{units: make(map[string]record, len(v.loaded)), spec: v.opt.Specifiers, def: v.opt.Defaults, user: v.opt.User, seed: v.seed}
	for name, r := range v.loaded {
		if r.unit.Value() != nil {
			m.units[name] = r
		}
	}
	return m
}

// fits says whether units made for m would come out the same in v.
func (m *Memory) fits(v *View) bool {
	return m.units != nil && m.spec == v.opt.Specifiers && m.def == v.opt.Defaults && m.user == v.opt.User
}

// remember notes a unit. Those that nobody uses any more are forgotten now and then.
func (v *View) remember(u *Unit, print uint64) {
	if len(v.loaded) > v.prune {
		for name, r := range v.loaded {
			if r.unit.Value() == nil {
				delete(v.loaded, name)
			}
		}
		v.prune = 2*len(v.loaded) + 1000
	}
	v.loaded[u.Name] = record{weak.Make(u), print}
}

// recall returns the unit that was made of the same files before, nil when there is none.
func (v *View) recall(m *makings) *Unit {
	r, ok := v.old[m.final]
	if !ok {
		return nil
	}
	u := r.unit.Value()
	if u != nil && v.fingerprint(m) == r.print {
		v.remember(u, r.print)
		return u
	}
	return nil
}

// makings is what a unit is made of: all that its loading reads.
type makings struct {
	final   string
	names   []string
	file    file
	found   bool
	dropIns []string
	links   [len(linkKinds)][]string
}

// linkKinds are the directories of links to other units, and the dependencies that they mean.
var linkKinds = [...]struct {
	suffix string
	kind   DependencyKind
}{{".wants", Wants}, {".requires", Requires}, {".upholds", Upholds}}

// gather finds out what the unit called name is made of, reading nothing.
func (v *View) gather(name string) makings {
	m := makings{final: v.follow(name)}
	m.names = v.namesOf(m.final)
	m.file, m.found = v.file(m.final)
	v.levels = v.levels[:0]
	for _, n := range m.names {
		v.levels = append(v.levels, levels(n))
	}
	m.dropIns = v.collect(TypeOf(m.final), ".d")
	for i, k := range linkKinds {
		m.links[i] = v.collect(TypeOf(m.final), k.suffix)
	}
	return m
}

// fingerprint sums up what a unit is made of: which files, when they changed and how long they are.
func (v *View) fingerprint(m *makings) uint64 {
	var h maphash.Hash
	h.SetSeed(v.seed)
	text := func(s string) {
		h.WriteString(s)
		h.WriteByte(0)
	}
	text(strings.Join(m.names, " "))
	if m.found {
		text(v.pathOf(m.file, m.final))
		h.WriteByte(byte(m.file.kind))
		if m.file.kind == fileRegular || m.file.kind == fileLinked {
			v.sumUp(&h, v.placeOf(m.file, m.final))
		}
	}
	for _, path := range m.dropIns {
		text(path)
		if real, err := v.tree.resolve(path); err == nil {
			v.sumUp(&h, real)
		}
	}
	for _, links := range m.links {
		h.WriteByte(1)
		for _, path := range links {
			text(path)
		}
	}
	return h.Sum64()
}

// sumUp adds a file's time and size.
func (v *View) sumUp(h *maphash.Hash, path string) {
	stamp, size, ok := v.tree.noted(path)
	if !ok {
		if st, err := fs.Stat(v.tree.fsys, rel(path)); err == nil {
			stamp, size = st.ModTime().UnixNano(), st.Size()
		}
	}
	var n [16]byte
	for i := range 8 {
		n[i], n[8+i] = byte(stamp>>(8*i)), byte(size>>(8*i))
	}
	h.Write(n[:])
}
