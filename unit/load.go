package unit

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// defaults has the shared default of every block, as a pointer.
var defaults = buildDefaults()

// isolated is the default [Unit] block of the types that isolating leaves alone (systemd.unit(5), IgnoreOnIsolate=).
var isolated = func() *Common {
	c := *defaults[blockCommon].Interface().(*Common)
	c.IgnoreOnIsolate = true
	return &c
}()

// usual is the default block of a type's units.
func usual(t Type, b block) reflect.Value {
	if b == blockCommon && (t == TypeMount || t == TypeScope || t == TypeDevice) {
		return reflect.ValueOf(isolated).Elem()
	}
	return defaults[b].Elem()
}

func buildDefaults() (all [numBlocks]reflect.Value) {
	for b := range numBlocks {
		p := reflect.New(blockTypes[b].typ)
		for i := range blockTypes[b].typ.NumField() {
			f := blockTypes[b].typ.Field(i)
			if text := f.Tag.Get("default"); text != "" {
				a := assign{l: &loader{u: &Unit{Name: "default.service"}}, d: &Directive{Key: f.Tag.Get("unit")}, value: text}
				if err := codecOf(f.Type, f.Tag.Get("as")).parse(p.Elem().Field(i).Addr().Interface(), &a); err != nil {
					panic("unit: bad default of " + f.Name + ": " + err.Error())
				}
			}
		}
		if b == blockExec {
			e := p.Interface().(*Exec)
			e.LogLevelMax, e.CapabilityBoundingSet = LogLevelUnset, AllCapabilities
		}
		all[b] = p
	}
	return all
}

// New returns a unit of that name with the default settings of its type, load state Stub and no files. It is what the others
// start from in tests; its blocks are shared, so copy one before changing it.
func New(name string) *Unit {
	u := &Unit{Name: name, Names: []string{name}, Type: TypeOf(name)}
	v := reflect.ValueOf(u).Elem()
	for _, b := range typeBlocks[u.Type] {
		v.Field(unitField[b]).Set(defaults[b])
	}
	u.Common = usual(u.Type, blockCommon).Addr().Interface().(*Common)
	u.Install = defaults[blockInstall].Interface().(*Install)
	u.Davit = defaults[blockDavit].Interface().(*Davit)
	return u
}

// FromText reads one unit from a text instead of a search path. The path is for messages; no drop-ins or links belong to it.
func FromText(name, text, path string, spec Specifiers) *Unit {
	l := newLoader(&spec)
	l.begin(name)
	l.u.Fragment = path
	l.u.Load = Loaded
	l.read(path, text)
	return l.end()
}

// loader fills one unit after another.
type loader struct {
	u       *Unit
	spec    *Specifiers
	user    bool
	def     Defaults
	path    string // of the file being read
	blocks  [numBlocks]reflect.Value
	keys    [numBlocks][]byte        // what was assigned, to find an equal block
	spare   [numBlocks]reflect.Value // blocks that turned out to be superfluous, to be used for the next unit
	own     [numBlocks]bool          // has something that no other unit's block can have
	seen    []bool                   // directives assigned, by id
	now     assign                   // the assignment under way
	deps    []Dependency
	strings map[string]string // shared by all units: names and paths
	shared  map[string]any    // blocks by what was assigned to them
	bad     string            // the first error that makes the load state bad-setting
	broken  string            // what made a file unreadable
}

func newLoader(spec *Specifiers) *loader {
	return &loader{
		spec: spec, def: Defaults{}.complete(), seen: make([]bool, len(all)), strings: map[string]string{}, shared: map[string]any{},
	}
}

func (l *loader) begin(name string) {
	l.u = New(name)
	l.bad, l.broken, l.path = "", "", ""
	l.deps = l.deps[:0]
	clear(l.seen)
	for b := range l.blocks {
		l.blocks[b], l.keys[b], l.own[b] = reflect.Value{}, l.keys[b][:0], false
	}
}

// keep returns a copy of s that does not hold on to a file's text, the same one for all units.
func (l *loader) keep(s string) string {
	if s == "" || l.strings == nil {
		return strings.Clone(s)
	}
	if k, ok := l.strings[s]; ok {
		return k
	}
	s = strings.Clone(s)
	l.strings[s] = s
	return s
}

func (l *loader) warn(line int, section, key, text string) {
	l.u.Warnings = append(l.u.Warnings, Warning{Position{l.path, line}, strings.Clone(section), strings.Clone(key), text})
}

// String writes a warning as one line: path:line: Key=: text.
func (w Warning) String() string {
	switch {
	case w.Key != "":
		return w.Position.String() + ": " + w.Key + "=: " + w.Text
	case w.Section != "":
		return w.Position.String() + ": [" + w.Section + "]: " + w.Text
	}
	return w.Position.String() + ": " + w.Text
}

// read applies one file.
func (l *loader) read(path, text string) {
	l.path = path
	err := Parse(text, l.section, l.assign, l.warn)
	if err == nil {
		return
	}
	line := 0
	if e, ok := err.(*syntaxError); ok {
		line = e.line
	}
	w := Warning{Position{path, line}, "", "", "cannot read the file: " + err.Error()}
	l.u.Warnings = append(l.u.Warnings, w)
	if l.broken == "" {
		l.broken = w.String()
	}
}

// section says whether the assignments of a section are wanted.
func (l *loader) section(name string, line int) bool {
	if _, known := lookup(l.u.Type, name, ""); known && name != "" {
		return true
	}
	if !strings.HasPrefix(name, "X-") {
		l.warn(line, name, "", "unknown section, ignored")
	}
	return false
}

func (l *loader) assign(a Assignment) {
	d, _ := lookup(l.u.Type, a.Section, a.Key)
	if d == nil {
		switch {
		case strings.HasPrefix(a.Key, "X-"):
		case obsolete[a.Key]:
			l.warn(a.Line, a.Section, a.Key, "no longer supported, ignored")
		default:
			l.warn(a.Line, a.Section, a.Key, "unknown key in section ["+a.Section+"], ignored"+suggestion(a.Section, a.Key))
		}
		return
	}
	err := l.set(d, a.Key, a.Value, a.Line)
	if err == nil {
		return
	}
	text := fmt.Sprintf("cannot read %s: %v", quoted(a.Value), err)
	if _, bad := err.(fatal); bad {
		w := Warning{Position{l.path, a.Line}, strings.Clone(a.Section), d.Key, text}
		l.u.Warnings = append(l.u.Warnings, w)
		if l.bad == "" {
			l.bad = w.String()
		}
		return
	}
	l.warn(a.Line, a.Section, a.Key, text+", ignored")
}

// set applies one assignment to the unit.
func (l *loader) set(d *Directive, key, value string, line int) error {
	l.seen[d.id] = true
	if d.block == noBlock && d.Key == "TimeoutSec" {
		return l.timeouts(value, line)
	}
	a := &l.now
	*a = assign{l: l, d: d, key: key, value: value, line: line}
	if d.block == noBlock {
		return l.depend(a)
	}
	field := l.block(d.block).Field(d.index)
	l.note(d, value, line)
	if value == "" && !d.codec.empty {
		field.Set(usual(l.u.Type, d.block).Field(d.index))
		return nil
	}
	return d.codec.parse(field.Addr().Interface(), a)
}

// block returns the unit's own copy of a block, to be changed.
func (l *loader) block(b block) reflect.Value {
	if !l.blocks[b].IsValid() {
		pointer := reflect.ValueOf(l.u).Elem().Field(unitField[b])
		own := l.spare[b]
		if l.spare[b] = (reflect.Value{}); !own.IsValid() {
			own = reflect.New(blockTypes[b].typ)
		}
		own.Elem().Set(pointer.Elem())
		pointer.Set(own)
		l.blocks[b] = own.Elem()
	}
	return l.blocks[b]
}

// note remembers an assignment, so that an equal block can be found.
func (l *loader) note(d *Directive, value string, line int) {
	if d.block < blockExec || d.block > blockResources {
		return
	}
	k := append(l.keys[d.block], byte(d.id), byte(d.id>>8))
	k = append(k, value...)
	l.keys[d.block] = append(k, 0)
	if strings.Contains(value, "%") || d.Type == locatedType {
		l.own[d.block] = true
	}
}

var locatedType = reflect.TypeFor[Located]()

// share replaces blocks by equal ones that another unit already has.
func (l *loader) share() {
	for b := blockExec; b <= blockResources; b++ {
		if !l.blocks[b].IsValid() || l.own[b] || l.shared == nil {
			continue
		}
		pointer := reflect.ValueOf(l.u).Elem().Field(unitField[b])
		key := append(l.keys[b], byte(b))
		if p, ok := l.shared[string(key)]; ok {
			l.spare[b] = reflect.ValueOf(pointer.Interface())
			pointer.Set(reflect.ValueOf(p))
		} else {
			l.shared[string(key)] = pointer.Interface()
		}
	}
}

// timeouts is TimeoutSec= of a service: start and stop at once.
func (l *loader) timeouts(value string, line int) error {
	for _, key := range [...]string{"TimeoutStartSec", "TimeoutStopSec"} {
		if err := l.set(table["Service"][key], "TimeoutSec", value, line); err != nil {
			return err
		}
	}
	return nil
}

// depend is a dependency directive.
func (l *loader) depend(a *assign) error {
	for rest := a.value; ; {
		word, next, ok, err := nextWord(rest, keepEscapes)
		if err != nil || !ok {
			return err
		}
		rest = next
		target, err := l.spec.Expand(word, l.u.Name, l.u.Fragment)
		if err == nil {
			target, err = l.resolve(target)
		}
		if err != nil {
			a.warn("%v, ignored", err)
			continue
		}
		l.addDependency(DependencyKind(a.d.kind), target, a.at())
	}
}

func (l *loader) addDependency(kind DependencyKind, target string, at Position) {
	l.deps = append(l.deps, Dependency{kind, l.keep(target), at})
}

// resolve gives a template the instance of this unit, or this unit's prefix as instance.
func (l *loader) resolve(target string) (string, error) {
	_, _, _, err := SplitName(target)
	if err != nil || !IsTemplate(target) {
		return target, err
	}
	prefix, instance, _, err := SplitName(l.u.Name)
	if instance == "" {
		instance = prefix
	}
	return Instantiate(target, instance), err
}

// end finishes the unit: defaults that depend on other settings, and what must not be missing.
func (l *loader) end() *Unit {
	u := l.u
	if u.Load == Loaded {
		l.derive()
		switch bad := verify(u, l.user); {
		case l.broken != "":
			u.Load, u.LoadText = LoadError, l.broken
		case l.bad != "":
			u.Load, u.LoadText = BadSetting, l.bad
		case bad != "":
			at := Position{Path: u.Fragment}
			u.Load, u.LoadText = BadSetting, at.String()+": "+bad
			u.Warnings = append(u.Warnings, Warning{Position: at, Text: bad})
		}
	}
	l.share()
	u.Dependencies = slices.Clone(l.deps)
	u.Warnings = slices.Clip(u.Warnings)
	return u
}

// assigned says whether a file set the key in the unit's own section.
func (l *loader) assigned(keys ...string) bool {
	for _, key := range keys {
		if d := table[SectionOf(l.u.Type)][key]; d != nil && l.seen[d.id] {
			return true
		}
	}
	return false
}
