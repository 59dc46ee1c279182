package dbus

import (
	"reflect"

	"davit/unit"
)

// codec shows values of one type as one signature. The first one of a type is its default.
type codec struct {
	typ  reflect.Type
	sig  string
	show func(*object, reflect.Value, *encoder)
}

// as makes a codec out of a function on the type itself.
func as[T any](sig string, show func(v *T, e *encoder)) codec {
	return codec{reflect.TypeFor[T](), sig, func(_ *object, v reflect.Value, e *encoder) {
		show(v.Addr().Interface().(*T), e)
	}}
}

// each makes a codec for a list, whose elements are aligned to 8.
func each[T any](sig string, show func(v *T, e *encoder)) codec {
	return as(sig, func(list *[]T, e *encoder) {
		a := e.array(8)
		for i := range *list {
			e.structure()
			show(&(*list)[i], e)
		}
		e.end(a)
	})
}

// plain is a codec for types that are shown as a number; directive.number writes those.
func plain[T any](sig string) codec { return codec{typ: reflect.TypeFor[T](), sig: sig} }

const mountRecursive = 1 << 14 // MS_REC

var codecs = []codec{
	plain[bool]("b"), plain[unit.Tristate]("b"), plain[unit.Delegate]("b"),
	plain[unit.Timespan]("t"), plain[unit.Nanoseconds]("t"), plain[uint64]("t"), plain[unit.Amount]("t"), plain[unit.Weight]("t"),
	plain[unit.Quota]("t"), plain[unit.Capabilities]("t"), plain[unit.Namespaces]("t"), plain[unit.CoredumpFilter]("t"),
	plain[int64]("x"), plain[uint32]("u"), plain[unit.Mode]("u"), plain[uint16]("q"),
	plain[unit.OptInt]("i"), plain[unit.Signal]("i"), plain[unit.SecureBits]("i"), plain[unit.LogLevel]("i"),
	as("s", func(v *string, e *encoder) { e.string(*v) }),
	as("s", func(v *unit.Located, e *encoder) { e.string(v.Value) }),
	as("as", func(v *[]string, e *encoder) { e.strings(*v) }),
	as("aay", func(v *[]string, e *encoder) {
		a := e.array(4)
		for _, s := range *v {
			e.bytes([]byte(s))
		}
		e.end(a)
	}),
	as("ay", func(v *[]byte, e *encoder) { e.bytes(*v) }),
	as("ay", func(v *unit.CPUSet, e *encoder) { e.bytes(*v) }),
	as("ay", func(v *unit.RootHash, e *encoder) { e.bytes(v.Bytes) }),
	as("as", func(v *[]unit.Located, e *encoder) {
		a := e.array(4)
		for i := range *v {
			e.string((*v)[i].Value)
		}
		e.end(a)
	}),
	as("as", func(v *[]unit.Directory, e *encoder) {
		a := e.array(4)
		for i := range *v {
			e.string((*v)[i].Path)
		}
		e.end(a)
	}),
	as("s", showWorkingDirectory),
	as("s", func(v *unit.Input, e *encoder) { e.string(v.Kind.String()) }),
	as("s", func(v *unit.Output, e *encoder) { e.string(v.Kind.String()) }),
	as("(aiai)", showStatuses),
	as("(bas)", func(v *unit.Filter, e *encoder) {
		e.structure()
		e.bool(v.Allow && v.Set)
		e.strings(v.Names)
	}),
	as("(bs)", func(v *unit.Label, e *encoder) {
		e.structure()
		e.bool(v.IgnoreFailure)
		e.string(v.Name)
	}),
	as("a(iayu)", showAddresses),
	each("a(ss)", func(v *unit.Pair, e *encoder) {
		e.string(v.Name)
		e.string(v.Value)
	}),
	each("a(st)", func(v *unit.DeviceValue, e *encoder) {
		e.string(v.Path)
		e.uint64(v.Value)
	}),
	each("a(sb)", func(v *unit.EnvironmentFile, e *encoder) {
		e.string(v.Path)
		e.bool(v.Optional)
	}),
	each("a(say)", func(v *unit.Credential, e *encoder) {
		e.string(v.Name)
		e.bytes(v.Value)
	}),
	each("a(ssbt)", func(v *unit.Bind, e *encoder) {
		e.string(v.Source)
		e.string(v.Destination)
		e.bool(v.IgnoreMissing)
		var flags uint64
		if v.Recursive {
			flags = mountRecursive
		}
		e.uint64(flags)
	}),
	each("a(ssba(ss))", func(v *unit.Image, e *encoder) {
		e.string(v.Source)
		e.string(v.Destination)
		e.bool(v.IgnoreMissing)
		showOptions(v.Options, e)
	}),
	each("a(sba(ss))", func(v *unit.Image, e *encoder) {
		e.string(v.Source)
		e.bool(v.IgnoreMissing)
		showOptions(v.Options, e)
	}),
	each("a(iiqq)", func(v *unit.BindRule, e *encoder) {
		e.int32(int32(v.Family))
		e.int32(int32(v.Protocol))
		e.uint16(v.Ports)
		e.uint16(v.MinPort)
	}),
	each("a(ss)", func(v *unit.Listener, e *encoder) {
		e.string(v.Kind.String())
		e.string(v.Address)
	}),
	each("a(ss)", func(v *unit.Watch, e *encoder) {
		e.string(v.Kind.String())
		e.string(v.Path)
	}),
	each("a(sst)", func(v *unit.OpenFile, e *encoder) {
		e.string(v.Path)
		e.string(v.Name)
		e.uint64(openFlags(v))
	}),
}

func showOptions(list []unit.Pair, e *encoder) {
	a := e.array(8)
	for _, p := range list {
		e.structure()
		e.string(p.Name)
		e.string(p.Value)
	}
	e.end(a)
}

// openFlags are systemd's bits for the words of OpenFile=.
func openFlags(v *unit.OpenFile) (flags uint64) {
	for i, on := range [...]bool{v.ReadOnly, v.Append, v.Truncate, v.Graceful} {
		if on {
			flags |= 1 << i
		}
	}
	return flags
}

func showWorkingDirectory(v *unit.WorkingDirectory, e *encoder) {
	path := v.Path
	if v.Home {
		path = "~"
	}
	if v.MissingOK && path != "" {
		path = "!" + path
	}
	e.string(path)
}

// lastRealTime is the signal that StatusSet keeps in bit 0.
const lastRealTime = 64

func showStatuses(v *unit.StatusSet, e *encoder) {
	e.structure()
	a := e.array(4)
	for n := range 256 {
		if v.Codes[n/64]&(1<<(n%64)) != 0 {
			e.int32(int32(n))
		}
	}
	e.end(a)
	a = e.array(4)
	for n := 1; n <= lastRealTime; n++ {
		if v.Signals&(1<<(n%64)) != 0 {
			e.int32(int32(n))
		}
	}
	e.end(a)
}

func showAddresses(v *unit.AddressSet, e *encoder) {
	a := e.array(8)
	for _, p := range *v {
		family := int32(2)
		if p.Addr().Is6() {
			family = 10
		}
		e.structure()
		e.int32(family)
		e.bytes(p.Addr().AsSlice())
		e.uint32(uint32(p.Bits()))
	}
	e.end(a)
}
