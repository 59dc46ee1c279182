package dbus

import (
	"reflect"
	"strings"

	"davit/unit"
)

// directive is one setting of a unit file as a property: where its field is, and how its type is shown.
type directive struct {
	name  string // of the property
	sig   string
	block int // index of the block in unit.Unit
	field int // index in the block
	typ   reflect.Type
}

// settings are the directives that can be shown, by block and property name. The unit package's declarations are their
// only source: a field added there is a property here.
func settings(block string) []directive {
	f, ok := reflect.TypeFor[unit.Unit]().FieldByName(block)
	if !ok {
		return nil
	}
	t := f.Type.Elem()
	var list []directive
	for i := range t.NumField() {
		d := directive{block: f.Index[0], field: i, typ: t.Field(i).Type}
		d.name, d.sig = propertyOf(t.Field(i))
		if d.name != "" {
			list = append(list, d)
		}
	}
	return list
}

// propertyOf is a directive's D-Bus name and signature: the tag "dbus" when it has one, else derived from name and type.
func propertyOf(f reflect.StructField) (name, sig string) {
	names, ok := f.Tag.Lookup("unit")
	tag := f.Tag.Get("dbus")
	if !ok || tag == "-" {
		return "", ""
	}
	name, sig, _ = strings.Cut(tag, ",")
	if name == "" {
		name, _, _ = strings.Cut(names, ",")
		if f.Type == reflect.TypeFor[unit.Timespan]() || strings.HasSuffix(name, "TargetSec") {
			name = strings.TrimSuffix(name, "Sec") + "USec"
		}
	}
	if sig == "" {
		sig = signatureOf(f.Type)
	}
	return name, sig
}

// signatureOf is how a type is shown when its directive does not say otherwise: as its first codec does.
func signatureOf(t reflect.Type) string {
	for _, c := range codecs {
		if c.typ == t {
			return c.sig
		}
	}
	if t.Kind() == reflect.Uint8 {
		return "s" // an enumeration
	}
	return ""
}

// blocks are where an interface's directives come from, by the last part of its name.
var blocks = map[string][]string{
	"Unit":      {"Common"},
	"Service":   {"Service", "Resources", "Exec", "Kill"},
	"Socket":    {"Socket", "Resources", "Exec", "Kill"},
	"Mount":     {"Mount", "Resources", "Exec", "Kill"},
	"Swap":      {"Swap", "Resources", "Exec", "Kill"},
	"Slice":     {"Resources"},
	"Scope":     {"Scope", "Resources", "Kill"},
	"Timer":     {"Timer"},
	"Path":      {"Path"},
	"Automount": {"Automount"},
}

// bind gives every property without get its directive, and appends the directives that the table does not have: those
// that came after the systemd version whose interface the table shows.
func (i *iface) bind() *iface {
	known := make(map[string]*property, len(i.properties))
	for n := range i.properties {
		known[i.properties[n].name] = &i.properties[n]
	}
	var added []property
	for _, block := range blocks[i.name[strings.LastIndexByte(i.name, '.')+1:]] {
		for _, d := range settings(block) {
			p := known[d.name]
			switch {
			case p == nil:
				added = append(added, property{name: d.name, sig: d.sig, emits: constant, get: d.show(d.sig)})
				known[d.name] = &property{get: nothing}
			case p.get == nil:
				p.get = d.show(p.sig)
			}
		}
	}
	for n := range i.properties {
		if p := &i.properties[n]; p.get == nil {
			p.get = absent(p)
		}
	}
	for _, p := range added {
		if p.get != nil {
			i.properties = append(i.properties, p)
		}
	}
	return i
}

// show returns what appends the directive's value as the type sig, nil when there is no way.
func (d directive) show(sig string) func(*object, *encoder) {
	if show := d.number(sig); show != nil {
		return show
	}
	for _, c := range codecs {
		if c.typ == d.typ && c.sig == sig {
			return func(o *object, e *encoder) { c.show(o, d.value(o.unit.Def), e) }
		}
	}
	if d.typ.Kind() == reflect.Uint8 && sig == "s" {
		return func(o *object, e *encoder) {
			e.string(d.value(o.unit.Def).Interface().(interface{ String() string }).String())
		}
	}
	return nil
}

// value is the directive's field in a unit.
func (d directive) value(u *unit.Unit) reflect.Value {
	b := reflect.ValueOf(u).Elem().Field(d.block)
	if b.IsNil() {
		return reflect.New(d.typ).Elem()
	}
	return b.Elem().Field(d.field)
}

// absent shows a property that davit has no directive for: what systemd shows when nothing is set.
func absent(p *property) func(*object, *encoder) {
	unset := unsetValues[p.name]
	switch p.sig {
	case "s":
		return nothing
	case "b":
		return func(_ *object, e *encoder) { e.bool(unset != 0) }
	case "t", "x":
		return func(_ *object, e *encoder) { e.uint64(unset) }
	case "u", "i":
		return func(_ *object, e *encoder) { e.uint32(uint32(unset)) }
	case "q":
		return func(_ *object, e *encoder) { e.uint16(uint16(unset)) }
	}
	zero := emptyValue(p.sig)
	return func(_ *object, e *encoder) {
		if err := e.value(zero, p.sig); err != nil {
			panic("dbus: " + p.name + ": " + err.Error())
		}
	}
}

// emptyValue is an empty value of a container type.
func emptyValue(sig string) reflect.Value {
	if sig[0] != '(' {
		return reflect.Zero(goType(sig))
	}
	var members []any
	for rest := sig[1 : len(sig)-1]; rest != ""; {
		var first string
		first, rest = next(rest)
		if first[0] == '(' {
			members = append(members, emptyValue(first).Interface())
		} else {
			members = append(members, reflect.Zero(goType(first)).Interface())
		}
	}
	return reflect.ValueOf(members)
}
