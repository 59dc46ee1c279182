package dbus

import (
	"fmt"
	"reflect"

	godbus "github.com/godbus/dbus/v5"
)

var (
	variantType   = reflect.TypeFor[godbus.Variant]()
	signatureType = reflect.TypeFor[godbus.Signature]()
	pathType      = reflect.TypeFor[godbus.ObjectPath]()
	fdType        = reflect.TypeFor[godbus.UnixFD]()
	anysType      = reflect.TypeFor[[]any]()
)

// value reads one value of the complete type sig, in the Go types that godbus uses ([]any for structures), so that
// godbus.Store takes it. It is for clients and rare calls: it allocates.
func (d *decoder) value(sig string) any {
	switch sig[0] {
	case 'y':
		return d.byte()
	case 'b':
		return d.bool()
	case 'n':
		return int16(d.uint16())
	case 'q':
		return d.uint16()
	case 'i':
		return d.int32()
	case 'u':
		return d.uint32()
	case 'x':
		return int64(d.uint64())
	case 't':
		return d.uint64()
	case 'd':
		return d.double()
	case 's':
		return d.string()
	case 'o':
		return godbus.ObjectPath(d.path())
	case 'g':
		return d.parsed(d.signature())
	case 'h':
		return godbus.UnixFDIndex(d.uint32())
	case 'v':
		inner := d.signature()
		if !single(inner) {
			d.fail("%q is no variant's type", inner)
			return godbus.Variant{}
		}
		return godbus.MakeVariantWithSignature(d.value(inner), d.parsed(inner))
	case '(':
		d.align(8)
		return d.values(sig[1 : len(sig)-1])
	}
	return d.arrayValue(sig[1:])
}

// parsed is s as godbus has it.
func (d *decoder) parsed(s string) godbus.Signature {
	sig, err := godbus.ParseSignature(s)
	if err != nil {
		d.fail("%q is no signature", s)
	}
	return sig
}

// values reads values of all the complete types of sig.
func (d *decoder) values(sig string) []any {
	var list []any
	for sig != "" && d.err == nil {
		var first string
		first, sig = next(sig)
		list = append(list, d.value(first))
	}
	return list
}

func (d *decoder) arrayValue(elem string) any {
	end := d.array(alignment(elem[0]))
	if elem[0] == '{' {
		return d.mapValue(elem, end)
	}
	list := reflect.MakeSlice(reflect.SliceOf(goType(elem)), 0, 0)
	for d.more(end) {
		v := d.value(elem)
		if d.err == nil {
			list = reflect.Append(list, reflect.ValueOf(v))
		}
	}
	return list.Interface()
}

func (d *decoder) mapValue(elem string, end int) any {
	key, val := elem[1:2], elem[2:len(elem)-1]
	m := reflect.MakeMap(reflect.MapOf(goType(key), goType(val)))
	for d.more(end) {
		d.align(8)
		k, v := d.value(key), d.value(val)
		if d.err == nil {
			m.SetMapIndex(reflect.ValueOf(k), reflect.ValueOf(v))
		}
	}
	return m.Interface()
}

// basicTypes are the Go types of values, by the first byte of their signature.
var basicTypes = map[byte]reflect.Type{
	'y': reflect.TypeFor[byte](), 'b': reflect.TypeFor[bool](), 'n': reflect.TypeFor[int16](), 'q': reflect.TypeFor[uint16](),
	'i': reflect.TypeFor[int32](), 'u': reflect.TypeFor[uint32](), 'x': reflect.TypeFor[int64](), 't': reflect.TypeFor[uint64](),
	'd': reflect.TypeFor[float64](), 's': reflect.TypeFor[string](), 'o': pathType, 'g': signatureType,
	'h': reflect.TypeFor[godbus.UnixFDIndex](), 'v': variantType, '(': anysType,
}

func goType(sig string) reflect.Type {
	if sig[0] != 'a' {
		return basicTypes[sig[0]]
	}
	if sig[1] == '{' {
		return reflect.MapOf(goType(sig[2:3]), goType(sig[3:len(sig)-1]))
	}
	return reflect.SliceOf(goType(sig[1:]))
}

// value writes v as the complete type sig.
func (e *encoder) value(v reflect.Value, sig string) error {
	for v.Kind() == reflect.Interface {
		v = v.Elem()
	}
	switch sig[0] {
	case 'v':
		return e.variantValue(v)
	case 'a':
		return e.arrayValue(v, sig[1:])
	case '(':
		return e.structValue(v, sig[1:len(sig)-1])
	case 'g':
		s, ok := v.Interface().(godbus.Signature)
		if !ok {
			return mismatch(v, sig)
		}
		e.signature(s.String())
		return nil
	}
	return e.basicValue(v, sig)
}

func mismatch(v reflect.Value, sig string) error {
	if !v.IsValid() {
		return fmt.Errorf("cannot encode nothing as %q", sig)
	}
	return fmt.Errorf("cannot encode a %s as %q", v.Type(), sig)
}

func (e *encoder) basicValue(v reflect.Value, sig string) error {
	switch c := sig[0]; {
	case !v.IsValid():
		return mismatch(v, sig)
	case (c == 's' || c == 'o') && v.Kind() == reflect.String:
		if c == 'o' && !validPath(v.String()) {
			return fmt.Errorf("cannot encode %q as an object path", v.String())
		}
		e.string(v.String())
	case c == 'b' && v.Kind() == reflect.Bool:
		e.bool(v.Bool())
	case c == 'd' && v.CanFloat():
		e.double(v.Float())
	case c == 'h' && v.Type() == fdType:
		e.fd(int(v.Int()))
	case v.CanInt():
		e.integer(c, uint64(v.Int()))
	case v.CanUint():
		e.integer(c, v.Uint())
	default:
		return mismatch(v, sig)
	}
	return nil
}

func (e *encoder) integer(c byte, n uint64) {
	switch alignment(c) {
	case 1:
		e.byte(byte(n))
	case 2:
		e.uint16(uint16(n))
	case 4:
		e.uint32(uint32(n))
	default:
		e.uint64(n)
	}
}

func (e *encoder) variantValue(v reflect.Value) error {
	if !v.IsValid() {
		return mismatch(v, "v")
	}
	inner, ok := v.Interface().(godbus.Variant)
	if !ok {
		inner = godbus.MakeVariant(v.Interface())
	}
	sig := inner.Signature().String()
	e.signature(sig)
	return e.value(reflect.ValueOf(inner.Value()), sig)
}

func (e *encoder) arrayValue(v reflect.Value, elem string) error {
	if !v.IsValid() {
		return mismatch(v, "a"+elem)
	}
	a := e.array(alignment(elem[0]))
	switch {
	case v.Kind() == reflect.Map && elem[0] == '{':
		for it := v.MapRange(); it.Next(); {
			e.structure()
			if err := e.value(it.Key(), elem[1:2]); err != nil {
				return err
			}
			if err := e.value(it.Value(), elem[2:len(elem)-1]); err != nil {
				return err
			}
		}
	case v.Kind() == reflect.Slice || v.Kind() == reflect.Array:
		for i := range v.Len() {
			if err := e.value(v.Index(i), elem); err != nil {
				return err
			}
		}
	default:
		return mismatch(v, "a"+elem)
	}
	e.end(a)
	return nil
}

func (e *encoder) structValue(v reflect.Value, fields string) error {
	e.structure()
	for i := 0; fields != ""; i++ {
		var first string
		first, fields = next(fields)
		f, ok := member(v, i)
		if !ok {
			return mismatch(v, "("+first+fields+")")
		}
		if err := e.value(f, first); err != nil {
			return err
		}
	}
	return nil
}

// member is the i-th member of a structure: a field of a struct, an element of a list.
func member(v reflect.Value, i int) (reflect.Value, bool) {
	switch v.Kind() {
	case reflect.Struct:
		if i < v.NumField() {
			return v.Field(i), true
		}
	case reflect.Slice, reflect.Array:
		if i < v.Len() {
			return v.Index(i), true
		}
	}
	return reflect.Value{}, false
}
