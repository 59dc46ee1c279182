package ctl

import (
	"reflect"
	"strings"
)

// Bus is a connection to a manager. Values are as the library of the transport has them; variants may be wrapped in
// anything with a method Value.
type Bus interface {
	// Call calls interface.member of the object at path and returns the reply's values. Errors that the manager answered
	// are Named.
	Call(path, member string, args ...any) ([]any, error)
	// Signals delivers what the manager broadcasts, from the moment of dialling; it never blocks the transport, and is
	// closed when the connection ends.
	Signals() <-chan Signal
	Close() error
}

// Signal is one broadcast of the manager. Member has the interface in front.
type Signal struct {
	Path, Member string
	Body         []any
}

// Named is an error with a D-Bus name.
type Named interface {
	error
	ErrorName() string
}

// Names of the bus.
const (
	managerPath  = "/org/freedesktop/systemd1"
	unitRoot     = managerPath + "/unit/"
	managerIface = "org.freedesktop.systemd1.Manager"
	unitIface    = "org.freedesktop.systemd1.Unit"
	jobIface     = "org.freedesktop.systemd1.Job"
	davitIface   = "org.davit.Manager"
	propsIface   = "org.freedesktop.DBus.Properties"
)

// manager calls a method of the Manager interface.
func (c *command) manager(method string, args ...any) ([]any, error) {
	b, err := c.bus()
	if err != nil {
		return nil, err
	}
	out, err := b.Call(managerPath, managerIface+"."+method, args...)
	return plainList(out), err
}

// ours calls a method of davit's own interface.
func (c *command) ours(method string, args ...any) (string, error) {
	b, err := c.bus()
	if err != nil {
		return "", err
	}
	out, err := b.Call(managerPath, davitIface+"."+method, args...)
	if err != nil || len(out) == 0 {
		return "", err
	}
	return str(plain(out[0])), nil
}

// properties reads all properties of an object; an empty interface means all interfaces that it has.
func (c *command) properties(path, iface string) (props, error) {
	b, err := c.bus()
	if err != nil {
		return nil, err
	}
	out, err := b.Call(path, propsIface+".GetAll", iface)
	if err != nil || len(out) == 0 {
		return nil, err
	}
	m, _ := plain(out[0]).(map[string]any)
	return m, nil
}

// property reads one property.
func (c *command) property(path, iface, name string) (any, error) {
	b, err := c.bus()
	if err != nil {
		return nil, err
	}
	out, err := b.Call(path, propsIface+".Get", iface, name)
	if err != nil || len(out) == 0 {
		return nil, err
	}
	return plain(out[0]), nil
}

// props are properties by name, as plain values.
type props map[string]any

func (p props) str(name string) string    { return str(p[name]) }
func (p props) num(name string) uint64    { return num(p[name]) }
func (p props) list(name string) []string { return strs(p[name]) }
func (p props) bool(name string) bool     { b, _ := p[name].(bool); return b }

// plain takes the wrappers of the transport off: variants, object paths and the like become Go's own types, structures
// []any, dictionaries map[string]any.
func plain(v any) any {
	if w, ok := v.(interface{ Value() any }); ok {
		return plain(w.Value())
	}
	r := reflect.ValueOf(v)
	switch r.Kind() {
	case reflect.String:
		return r.String()
	case reflect.Int, reflect.Int32:
		return int32(r.Int())
	case reflect.Map:
		m := make(map[string]any, r.Len())
		for it := r.MapRange(); it.Next(); {
			m[str(plain(it.Key().Interface()))] = plain(it.Value().Interface())
		}
		return m
	case reflect.Slice:
		switch r.Type().Elem().Kind() {
		case reflect.Uint8:
			return v
		case reflect.String:
			list := make([]string, r.Len())
			for i := range list {
				list[i] = r.Index(i).String()
			}
			return list
		default:
			list := make([]any, r.Len())
			for i := range list {
				list[i] = plain(r.Index(i).Interface())
			}
			return list
		}
	default:
		return v
	}
}

func plainList(in []any) []any {
	out := make([]any, len(in))
	for i, v := range in {
		out[i] = plain(v)
	}
	return out
}

func str(v any) string {
	s, _ := v.(string)
	return s
}

func strs(v any) []string {
	s, _ := v.([]string)
	return s
}

func num(v any) uint64 {
	switch n := v.(type) {
	case byte:
		return uint64(n)
	case uint16:
		return uint64(n)
	case uint32:
		return uint64(n)
	case uint64:
		return n
	case int16:
		return uint64(n)
	case int32:
		return uint64(n)
	case int64:
		return uint64(n)
	}
	return 0
}

// rows are the structures of an array.
func rows(v any) [][]any {
	list, _ := v.([]any)
	out := make([][]any, 0, len(list))
	for _, e := range list {
		if row, ok := e.([]any); ok {
			out = append(out, row)
		}
	}
	return out
}

// at is a member of a structure, nil when it is too short.
func at(row []any, i int) any {
	if i < len(row) {
		return row[i]
	}
	return nil
}

// unitPath is the object path of a unit: every byte but letters and digits is escaped, a leading digit too.
func unitPath(name string) string {
	const hex = "0123456789abcdef"
	var b strings.Builder
	b.WriteString(unitRoot)
	for i := range len(name) {
		switch ch := name[i]; {
		case ch >= 'a' && ch <= 'z', ch >= 'A' && ch <= 'Z', ch >= '0' && ch <= '9' && i > 0:
			b.WriteByte(ch)
		default:
			b.Write([]byte{'_', hex[ch>>4], hex[ch&15]})
		}
	}
	return b.String()
}

// Variant is an argument that goes as a variant; the transport wraps its value.
type Variant struct{ V any }
