package unit

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// Value returns the field that the directive fills in u. It is nil for dependencies and joint keys, and when the unit's type does
// not have the block.
func (d *Directive) Value(u *Unit) any {
	if f := d.field(u); f.IsValid() {
		return f.Interface()
	}
	return nil
}

func (d *Directive) field(u *Unit) reflect.Value {
	if d.block == noBlock {
		return reflect.Value{}
	}
	pointer := reflect.ValueOf(u).Elem().Field(unitField[d.block])
	if pointer.IsNil() {
		return reflect.Value{}
	}
	return pointer.Elem().Field(d.index)
}

// Assignments returns what makes the directive's field in u from nothing, in unit file syntax. Where several keys fill one field it
// returns all of them, in order, for the first key only. It returns none for a field that has its default.
func (d *Directive) Assignments(u *Unit) []Assignment { return d.assignments(u, nil) }

// assignments leaves out what is the same in base, or has the default when base is nil.
func (d *Directive) assignments(u, base *Unit) []Assignment {
	if d.block == noBlock {
		return d.dependencies(u)
	}
	field := d.field(u)
	if !field.IsValid() || d.Alias || d.kind > 0 {
		return nil
	}
	usual := usual(u.Type, d.block).Field(d.index)
	if base != nil {
		usual = d.field(base)
	}
	if reflect.DeepEqual(field.Interface(), usual.Interface()) {
		return nil
	}
	own := reflect.New(field.Type())
	own.Elem().Set(field)
	keys := keysOf(blockTypes[d.block].typ.Field(d.index).Tag.Get("unit"))
	var list []Assignment
	for i, value := range d.codec.format(own.Interface()) {
		kind := 0
		switch {
		case d.As == "input":
			kind = 1 // text may hold anything, so it is written as base64
		case len(keys) > 1:
			kind = kindOf(field.Index(i).Interface())
		}
		list = append(list, Assignment{Section: d.Section, Key: keys[kind], Value: value})
	}
	return list
}

// dependencies lists the assignments of one dependency directive.
func (d *Directive) dependencies(u *Unit) []Assignment {
	if d.Alias || d.Section != sectionUnit {
		return nil // an old name, or TimeoutSec=, which sets others
	}
	var list []Assignment
	for _, dep := range u.Dependencies {
		if dep.Kind == DependencyKind(d.kind) {
			list = append(list, Assignment{Section: sectionUnit, Key: d.Key, Value: percent(dep.Target)})
		}
	}
	return list
}

// derived is the keys whose default depends on other settings.
var derived = map[string]bool{
	"TimeoutStartSec": true, "TimeoutAbortSec": true, "NotifyAccess": true, "OOMPolicy": true, "StandardOutput": true, "StandardError": true,
	"RestartKillSignal": true, "TriggerLimitIntervalSec": true, "TriggerLimitBurst": true, "PollLimitIntervalSec": true,
	"PollLimitBurst": true, "MaxConnectionsPerSource": true, "Where": true,
}

// Text writes a unit as one file that reads back as the same unit: every setting that is not what it would be by default, and links in
// .wants/ and its sisters as dependencies. Comments and the order of keys are gone.
func Text(u *Unit) string {
	stated := text(u, func(d *Directive) []Assignment {
		if derived[d.Key] {
			return nil
		}
		return d.Assignments(u)
	})
	base := FromText(u.Name, stated, "", Specifiers{})
	return text(u, func(d *Directive) []Assignment {
		if derived[d.Key] && d.block != noBlock && d.field(u).IsValid() {
			return d.assignments(u, base)
		}
		return d.Assignments(u)
	})
}

// text writes the assignments of a unit's directives, section by section.
func text(u *Unit, assignments func(*Directive) []Assignment) string {
	var b strings.Builder
	for _, section := range [...]string{sectionUnit, SectionOf(u.Type), sectionInstall, sectionDavit} {
		if section == "" {
			continue
		}
		var lines []string
		for _, d := range all {
			if d.Section != section {
				continue
			}
			list := assignments(d)
			if list == nil && section == "Service" && d.Key == "Type" {
				list = []Assignment{{section, d.Key, u.Service.Type.String(), 0}} // its default depends on too much
			}
			for _, a := range list {
				lines = append(lines, a.String()+"\n")
			}
		}
		if lines == nil {
			continue
		}
		if b.Len() > 0 {
			b.WriteByte('\n')
		}
		b.WriteString("[" + section + "]\n" + strings.Join(lines, ""))
	}
	return b.String()
}

// String writes the assignment as one line, whatever its value has in it.
func (a Assignment) String() string {
	value := strings.NewReplacer("\n", " ", "\r", " ", "\x00", "").Replace(a.Value)
	if continued(value) {
		value += " " // else the next line would belong to it
	}
	return a.Key + "=" + value
}

// Check says what is wrong with one setting of a unit called name, nil when nothing is: for transient units and set-property, where
// a setting that cannot be read is refused instead of ignored.
func Check(name string, a Assignment) error {
	l := newLoader(&Specifiers{})
	l.begin(name)
	d, known := lookup(l.u.Type, a.Section, a.Key)
	switch {
	case !known:
		return fmt.Errorf("%s: cannot set %s=: units of type %s have no section [%s]", name, a.Key, l.u.Type, a.Section)
	case d == nil:
		return fmt.Errorf("%s: cannot set %s=: unknown in section [%s]", name, a.Key, a.Section)
	case strings.ContainsAny(a.Value, "\n\r\x00"):
		return fmt.Errorf("%s: cannot set %s=: the value has more than one line", name, a.Key)
	}
	err := l.set(d, a.Key, a.Value, 0)
	if err == nil && len(l.u.Warnings) > 0 {
		err = errors.New(l.u.Warnings[0].Text)
	}
	if err != nil {
		return fmt.Errorf("%s: cannot set %s=%s: %w", name, a.Key, a.Value, err)
	}
	return nil
}

// Choices lists the names that a directive takes, nil when it is no enumeration.
func (d *Directive) Choices() []string {
	if n := enums[d.Type]; n != nil {
		return slices.DeleteFunc(slices.Clone(n.first), func(s string) bool { return s == "" })
	}
	return nil
}
