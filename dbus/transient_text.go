package dbus

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"davit/unit"

	godbus "github.com/godbus/dbus/v5"
)

// settingWriter turns properties into the text of a unit file.
type settingWriter struct {
	typ      unit.Type
	existing bool // the unit exists: only what can change at run time
	common   strings.Builder
	own      strings.Builder
}

// section is the name of the type's own section, such as "Service".
func (w *settingWriter) section() string {
	s := w.typ.String()
	return strings.ToUpper(s[:1]) + s[1:]
}

func (w *settingWriter) text() string {
	var b strings.Builder
	if w.common.Len() > 0 {
		b.WriteString("[Unit]\n" + w.common.String())
	}
	if w.own.Len() > 0 {
		if b.Len() > 0 {
			b.WriteByte('\n')
		}
		b.WriteString("[" + w.section() + "]\n" + w.own.String())
	}
	return b.String()
}

// dependencies are the properties that are assignments of dependencies.
var dependencies = map[string]bool{
	"Requires": true, "Requisite": true, "Wants": true, "BindsTo": true, "PartOf": true, "Upholds": true, "Conflicts": true,
	"Before": true, "After": true, "OnFailure": true, "OnSuccess": true, "PropagatesReloadTo": true,
	"ReloadPropagatedFrom": true, "PropagatesStopTo": true, "StopPropagatedFrom": true, "JoinsNamespaceOf": true,
}

// set adds one property. The error is the one that clients expect for what cannot be set.
func (w *settingWriter) set(property string, v godbus.Variant) error {
	if dependencies[property] && !w.existing {
		list, ok := v.Value().([]string)
		for _, name := range list {
			if !unit.ValidName(name) {
				return errorf(errInvalidArgs, "Invalid unit name %s", name)
			}
			line(&w.common, property, name)
		}
		return expect(ok, property, v)
	}
	d, block, ok := w.find(property)
	if !ok || w.existing && block != "Resources" && property != "Description" {
		return errorf(errPropertyReadOnly, "Cannot set property %s, or unknown property.", property)
	}
	lines, ok := d.lines(property, v)
	for _, l := range lines {
		if strings.ContainsAny(l[1], "\n\x00") {
			return errorf(errInvalidArgs, "Property %s holds a line break.", property)
		}
		if block == "Common" {
			line(&w.common, l[0], l[1])
		} else {
			line(&w.own, l[0], l[1])
		}
	}
	return expect(ok, property, v)
}

func line(b *strings.Builder, key, value string) { b.WriteString(key + "=" + value + "\n") }

// writable is a directive as a property that can be written.
type writable struct {
	directive
	key string // the directive's name in unit files
}

// find looks for the directive behind a property: of all units, then of the type.
func (w *settingWriter) find(property string) (writable, string, bool) {
	name := strings.TrimSuffix(property, "Scale")
	if strings.HasPrefix(name, "Exec") {
		name = strings.TrimSuffix(name, "Ex")
	}
	if strings.HasPrefix(name, "Limit") {
		name = strings.TrimSuffix(name, "Soft")
	}
	if other, ok := writtenAs[name]; ok {
		name = other
	}
	for _, block := range append([]string{"Common"}, blocks[w.section()]...) {
		if d, ok := writables(block)[name]; ok {
			return d, block, true
		}
	}
	return writable{}, "", false
}

// writtenAs are properties that are written under a name of which the unit package has no directive.
var writtenAs = map[string]string{
	"DelegateControllers": "Delegate", "TimersMonotonic": "Timers", "TimersCalendar": "Timers", "StandardOutputFile": "StandardOutput",
}

// writables are a block's directives by the names of their properties.
func writables(block string) map[string]writable {
	f, ok := reflect.TypeFor[unit.Unit]().FieldByName(block)
	if !ok {
		return nil
	}
	all := map[string]writable{}
	t := f.Type.Elem()
	for i := range t.NumField() {
		names := t.Field(i).Tag.Get("unit")
		key, _, _ := strings.Cut(names, ",")
		d := writable{directive{block: f.Index[0], field: i, typ: t.Field(i).Type}, key}
		name, sig := propertyOf(t.Field(i))
		if name == "" {
			name = t.Field(i).Name // for those that are shown by other properties
		}
		d.name, d.sig = name, sig
		all[name] = d
	}
	return all
}

// lines are the assignments that a value comes to, as key and value.
func (d writable) lines(property string, v godbus.Variant) ([][2]string, bool) {
	if lines, ok := structured(d, property, v.Value()); ok {
		return lines, true
	}
	if list, ok := v.Value().([]string); ok {
		return [][2]string{{d.key, d.words(list)}}, true
	}
	s, ok := d.scalar(property, v.Value())
	return [][2]string{{d.key, s}}, ok
}

// words joins a list; an empty one resets the setting.
func (d writable) words(list []string) string {
	quoted := make([]string, len(list))
	for i, s := range list {
		quoted[i] = quote(s)
	}
	return strings.Join(quoted, " ")
}

func (d writable) scalar(property string, value any) (string, bool) {
	switch v := value.(type) {
	case string:
		return escapeSpecifiers(v), true
	case bool:
		if v {
			return "yes", true
		}
		return "no", true
	case int32:
		return strconv.Itoa(int(v)), true
	case int64:
		return strconv.FormatInt(v, 10), true
	case uint16:
		return strconv.Itoa(int(v)), true
	case uint32:
		switch {
		case strings.HasSuffix(property, "Scale"):
			return fmt.Sprintf("%.2f%%", float64(v)*100/(1<<32-1)), true
		case d.typ == reflect.TypeFor[unit.Mode]():
			return fmt.Sprintf("%04o", v), true
		}
		return strconv.FormatUint(uint64(v), 10), true
	case uint64:
		return d.big(property, v), true
	case []byte:
		if d.typ == reflect.TypeFor[unit.CPUSet]() {
			return cpuList(v), true
		}
	}
	return "", false
}

// big writes a number of 64 bits in its directive's unit.
func (d writable) big(property string, v uint64) string {
	n := strconv.FormatUint(v, 10)
	switch {
	case d.typ == reflect.TypeFor[unit.Quota]():
		if v == Unknown {
			return ""
		}
		return fmt.Sprintf("%d.%02d%%", v/10000, v/100%100)
	case v == Unknown && (d.typ == reflect.TypeFor[unit.Weight]() || d.typ.Kind() == reflect.Uint64):
		return ""
	case v == Unknown:
		return "infinity"
	case d.typ == reflect.TypeFor[unit.Timespan]():
		return n + "us"
	case d.typ == reflect.TypeFor[unit.Rlimit]() && strings.HasSuffix(property, "Soft"):
		return n + ":infinity"
	}
	return n
}

// cpuList writes a set of CPUs as numbers.
func cpuList(set []byte) string {
	var list []string
	for i := range len(set) * 8 {
		if set[i/8]&(1<<(i%8)) != 0 {
			list = append(list, strconv.Itoa(i))
		}
	}
	return strings.Join(list, " ")
}
