package unit

import (
	"reflect"
	"slices"
	"strings"
)

// Directive is one row of the table that the block types declare: a key of a section, and where and how its value is kept.
type Directive struct {
	Section string // "Service"
	Key     string // "TimeoutStartSec"
	Block   string // name of the Unit field that holds the block: "Service", "Exec"; empty for dependencies and joint keys
	Field   string // field of the block
	Type    reflect.Type
	As      string // form of the value, see codec.go
	Default string // in unit file syntax
	Since   string // systemd version, empty for 252 and before
	Status  string // "ignored", or empty for enforced
	Alias   bool   // a former name of the same field

	block block
	index int // of the field
	kind  int // for one field of several keys: which of them
	codec *codec
	id    int // among all directives
}

// block numbers the blocks of a Unit.
type block uint8

const (
	blockCommon block = iota
	blockInstall
	blockService
	blockSocket
	blockTimer
	blockPath
	blockMount
	blockAutomount
	blockSwap
	blockSlice
	blockScope
	blockExec
	blockKill
	blockResources
	blockDavit
	numBlocks
	noBlock // dependencies, joint keys
)

// blockTypes has the Unit field and the type of every block.
var blockTypes = [numBlocks]struct {
	name string
	typ  reflect.Type
}{
	blockCommon:    {"Common", reflect.TypeFor[Common]()},
	blockInstall:   {"Install", reflect.TypeFor[Install]()},
	blockService:   {"Service", reflect.TypeFor[Service]()},
	blockSocket:    {"Socket", reflect.TypeFor[Socket]()},
	blockTimer:     {"Timer", reflect.TypeFor[Timer]()},
	blockPath:      {"Path", reflect.TypeFor[Path]()},
	blockMount:     {"Mount", reflect.TypeFor[Mount]()},
	blockAutomount: {"Automount", reflect.TypeFor[Automount]()},
	blockSwap:      {"Swap", reflect.TypeFor[Swap]()},
	blockSlice:     {"Slice", reflect.TypeFor[Slice]()},
	blockScope:     {"Scope", reflect.TypeFor[Scope]()},
	blockExec:      {"Exec", reflect.TypeFor[Exec]()},
	blockKill:      {"Kill", reflect.TypeFor[Kill]()},
	blockResources: {"Resources", reflect.TypeFor[Resources]()},
	blockDavit:     {"Davit", reflect.TypeFor[Davit]()},
}

// unitField is the index of each block's pointer in Unit.
var unitField = func() (index [numBlocks]int) {
	t := reflect.TypeFor[Unit]()
	for b := range numBlocks {
		f, ok := t.FieldByName(blockTypes[b].name)
		if !ok {
			panic("unit: no field for block " + blockTypes[b].name)
		}
		index[b] = f.Index[0]
	}
	return index
}()

// typeBlocks lists the blocks that the section of each unit type fills. Every type has Common, Install and Davit besides.
var typeBlocks = map[Type][]block{
	TypeService:   {blockService, blockExec, blockKill, blockResources},
	TypeSocket:    {blockSocket, blockExec, blockKill, blockResources},
	TypeTarget:    nil,
	TypeDevice:    nil,
	TypeMount:     {blockMount, blockExec, blockKill, blockResources},
	TypeAutomount: {blockAutomount},
	TypeSwap:      {blockSwap, blockExec, blockKill, blockResources},
	TypeTimer:     {blockTimer},
	TypePath:      {blockPath},
	TypeSlice:     {blockSlice, blockResources},
	TypeScope:     {blockScope, blockKill, blockResources},
}

// Section names.
const (
	sectionUnit    = "Unit"
	sectionInstall = "Install"
	sectionDavit   = "X-Davit"
)

// SectionOf returns the name of a type's own section: "Service". That of targets and devices has no keys.
func SectionOf(t Type) string {
	switch {
	case len(typeBlocks[t]) > 0:
		return blockTypes[typeBlocks[t][0]].name
	case t == TypeTarget:
		return "Target"
	case t == TypeDevice:
		return "Device"
	}
	return ""
}

// sections has SectionOf for every type.
var sections = func() (s [TypeScope + 1]string) {
	for t := range s {
		s[t] = SectionOf(Type(t))
	}
	return s
}()

// table is all directives by section and key; tables of types that share a section name do not exist.
var table = buildTable()

// all is the directives in the order of declaration, by section.
var all []*Directive

func buildTable() map[string]map[string]*Directive {
	t := map[string]map[string]*Directive{}
	addBlock(t, sectionUnit, blockCommon)
	addDependencies(t)
	for typ := TypeService; typ <= TypeScope; typ++ {
		for _, b := range typeBlocks[typ] {
			addBlock(t, SectionOf(typ), b)
		}
	}
	addBlock(t, sectionInstall, blockInstall)
	addBlock(t, sectionDavit, blockDavit)
	addJoint(t)
	addLegacy(t)
	return t
}

func addRow(t map[string]map[string]*Directive, d Directive) {
	if t[d.Section] == nil {
		t[d.Section] = map[string]*Directive{}
	}
	if t[d.Section][d.Key] != nil {
		return // a block's own setting goes before that of a shared block
	}
	d.id = len(all)
	t[d.Section][d.Key] = &d
	all = append(all, &d)
}

func addBlock(t map[string]map[string]*Directive, section string, b block) {
	typ := blockTypes[b].typ
	for i := range typ.NumField() {
		f := typ.Field(i)
		d := Directive{
			Section: section, Block: blockTypes[b].name, Field: f.Name, Type: f.Type, As: f.Tag.Get("as"),
			Default: f.Tag.Get("default"), Since: f.Tag.Get("since"), Status: f.Tag.Get("status"),
			block: b, index: i,
		}
		d.codec = codecOf(f.Type, d.As)
		for kind, key := range keysOf(f.Tag.Get("unit")) {
			d.Key, d.kind = key, kind
			addRow(t, d)
		}
		d.Alias, d.kind = true, 0
		for _, key := range splitTag(f.Tag.Get("also")) {
			d.Key = key
			addRow(t, d)
		}
	}
}

func splitTag(s string) []string {
	if s == "" {
		return nil
	}
	return strings.Split(s, ",")
}

// keysOf lists the keys of one field.
func keysOf(tag string) []string {
	prefix, ok := strings.CutSuffix(tag, "*")
	if !ok {
		return splitTag(tag)
	}
	keys := make([]string, NumConditionKinds)
	for k := range NumConditionKinds {
		keys[k] = prefix + k.String()
	}
	return keys
}

// addJoint adds the keys that set several fields at once.
func addJoint(t map[string]map[string]*Directive) {
	addRow(t, Directive{Section: "Service", Key: "TimeoutSec", block: noBlock, Type: reflect.TypeFor[Timespan](), Block: "", Field: ""})
}

// addLegacy adds the keys that systemd once had in [Service] and still reads there.
func addLegacy(t map[string]map[string]*Directive) {
	for _, key := range []string{
		"StartLimitInterval", "StartLimitBurst", "StartLimitAction", "FailureAction", "SuccessAction", "RebootArgument",
	} {
		d := *t[sectionUnit][key]
		d.Section, d.Alias = "Service", true
		addRow(t, d)
	}
	for _, key := range [][2]string{
		{"BindTo", "BindsTo"}, {"PropagateReloadTo", "PropagatesReloadTo"}, {"PropagateReloadFrom", "ReloadPropagatedFrom"},
	} {
		d := *t[sectionUnit][key[1]]
		d.Key, d.Alias = key[0], true
		addRow(t, d)
	}
}

// lookup finds a directive for a type's unit; known says whether the section exists.
func lookup(t Type, section, key string) (d *Directive, known bool) {
	if section != sectionUnit && section != sectionInstall && section != sectionDavit && section != sections[t] {
		return nil, false
	}
	return table[section][key], true
}

// obsolete is the keys that systemd knows to be gone: they are no news to anybody, and nothing to warn of twice.
var obsolete = map[string]bool{
	"OnFailureIsolate": true, "RequiresOverridable": true, "RequisiteOverridable": true, "SysVStartPriority": true,
	"Capabilities": true, "TCPWrapName": true, "FsckPassNo": true, "PermissionsStartOnly": true, "NetClass": true, "IOSchedulingNice": true,
}

// Directives returns the whole table, in the order of declaration, section by section.
func Directives() []*Directive { return slices.Clone(all) }

// FindDirective returns the directive that a unit of type t has in a section, nil when there is none.
func FindDirective(t Type, section, key string) *Directive {
	d, _ := lookup(t, section, key)
	return d
}

// SettingOf finds the directive that a type's units have by that key, in whatever section: D-Bus properties come without one.
func SettingOf(t Type, key string) *Directive {
	for _, section := range []string{SectionOf(t), sectionUnit, sectionInstall} {
		if d := table[section][key]; d != nil && section != "" {
			return d
		}
	}
	return nil
}
