package dbus

import (
	"reflect"
	"strings"

	"davit/unit"
)

// unsetValues are what numbers show that are not set, where that is not zero.
var unsetValues = map[string]uint64{
	"CPUQuotaPeriodUSec":      Unknown,
	"CPUShares":               Unknown,
	"StartupCPUShares":        Unknown,
	"FailureActionExitStatus": Unknown,
	"SuccessActionExitStatus": Unknown,
	"IOSchedulingPriority":    4,
	"SystemCallErrorNumber":   1<<31 - 2, // kill
	"IPTOS":                   Unknown,
	"IPTTL":                   Unknown,
	"Mark":                    Unknown,
	"Priority":                Unknown,
	"TTYRows":                 1<<16 - 1,
	"TTYColumns":              1<<16 - 1,
	"TimerSlackNSec":          50000,
	"CoredumpFilter":          0x33,
	"MemoryLimit":             Unknown,
	"MemoryHigh":              Unknown,
	"MemoryMax":               Unknown,
	"MemorySwapMax":           Unknown,
	"MemoryZSwapMax":          Unknown,
	"StartupMemoryHigh":       Unknown,
	"StartupMemoryMax":        Unknown,
	"StartupMemorySwapMax":    Unknown,
	"StartupMemoryZSwapMax":   Unknown,
	"MountAPIVFS":             0,
	"NextElapseUSecMonotonic": 0,
}

// enumNumbers are the numbers that enumerations show as, by name; the empty name is the unset value.
var enumNumbers = map[reflect.Type]map[string]int64{
	reflect.TypeFor[unit.CPUSchedulingPolicy](): {"": 0, "other": 0, "fifo": 1, "rr": 2, "batch": 3, "idle": 5},
	reflect.TypeFor[unit.NUMAPolicy]():          {"": -1, "default": 0, "preferred": 1, "bind": 2, "interleave": 3, "local": 4},
	reflect.TypeFor[unit.IOSchedulingClass]():   {"": 2, "none": 0, "realtime": 1, "best-effort": 2, "idle": 3},
	reflect.TypeFor[unit.MountFlags]():          {"": 0, "shared": 1 << 20, "slave": 1 << 19, "private": 1 << 18},
	reflect.TypeFor[unit.SocketProtocol]():      {"": 0, "udplite": 136, "sctp": 132, "mptcp": 262},
}

// number returns what shows the directive as a number or a boolean, nil when it is none.
func (d directive) number(sig string) func(*object, *encoder) {
	of := d.numeric(sig)
	if of == nil {
		return nil
	}
	switch sig {
	case "b":
		return func(o *object, e *encoder) { e.bool(of(o) != 0) }
	case "q":
		return func(o *object, e *encoder) { e.uint16(uint16(of(o))) }
	case "u", "i":
		return func(o *object, e *encoder) { e.uint32(uint32(of(o))) }
	case "t", "x":
		return func(o *object, e *encoder) { e.uint64(of(o)) }
	}
	return nil
}

// numeric returns what reads the directive's value as a number.
func (d directive) numeric(sig string) func(*object) uint64 {
	unset := unsetValues[d.name]
	if of := d.special(unset); of != nil {
		return of
	}
	if numbers, ok := enumNumbers[d.typ]; ok && sig != "s" {
		return func(o *object) uint64 {
			return uint64(numbers[d.value(o.unit.Def).Interface().(interface{ String() string }).String()])
		}
	}
	switch d.typ.Kind() {
	case reflect.Bool:
		return func(o *object) uint64 {
			if d.value(o.unit.Def).Bool() {
				return 1
			}
			return 0
		}
	case reflect.Int, reflect.Int32, reflect.Int64:
		return func(o *object) uint64 { return orUnset(uint64(d.value(o.unit.Def).Int()), unset) }
	case reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		if sig != "s" {
			return func(o *object) uint64 { return orUnset(d.value(o.unit.Def).Uint(), unset) }
		}
	}
	return nil
}

func orUnset(v, unset uint64) uint64 {
	if v == 0 {
		return unset
	}
	return v
}

// special reads the types whose number on the bus is not their number in memory.
func (d directive) special(unset uint64) func(*object) uint64 {
	field := func(o *object) any { return d.value(o.unit.Def).Interface() }
	switch d.typ {
	case reflect.TypeFor[unit.Timespan]():
		return func(o *object) uint64 {
			v := unit.Timespan(d.value(o.unit.Def).Int())
			if v == unit.Infinity {
				return Unknown
			}
			return orUnset(uint64(v), unset)
		}
	case reflect.TypeFor[unit.Tristate]():
		return d.tristate()
	case reflect.TypeFor[unit.OptInt]():
		return func(o *object) uint64 {
			if v := d.value(o.unit.Def).Addr().Interface().(*unit.OptInt); v.Set {
				return uint64(int64(v.Value))
			}
			return unset
		}
	case reflect.TypeFor[unit.Amount]():
		return d.amount(unset)
	case reflect.TypeFor[unit.Weight]():
		return func(o *object) uint64 {
			switch v := field(o).(unit.Weight); v {
			case 0:
				return Unknown
			case unit.WeightIdle:
				return 0
			default:
				return uint64(v)
			}
		}
	case reflect.TypeFor[unit.Quota]():
		return func(o *object) uint64 {
			if v := d.value(o.unit.Def).Uint(); v != 0 {
				return v
			}
			return Unknown
		}
	case reflect.TypeFor[unit.Capabilities]():
		return func(o *object) uint64 { return d.value(o.unit.Def).Uint() & knownCapabilities }
	case reflect.TypeFor[unit.Namespaces]():
		return func(o *object) uint64 { return d.value(o.unit.Def).Uint() & knownNamespaces }
	case reflect.TypeFor[unit.CoredumpFilter]():
		return func(o *object) uint64 {
			if v := field(o).(unit.CoredumpFilter); v.Set {
				return v.Mask
			}
			return unset
		}
	case reflect.TypeFor[unit.Delegate]():
		return func(o *object) uint64 {
			if d.value(o.unit.Def).Addr().Interface().(*unit.Delegate).On {
				return 1
			}
			return 0
		}
	case reflect.TypeFor[unit.LogLevel]():
		return func(o *object) uint64 {
			if v := d.value(o.unit.Def).Uint(); v <= 7 {
				return v
			}
			return Unknown // -1
		}
	}
	return nil
}

const (
	knownCapabilities = 1<<41 - 1  // up to CAP_CHECKPOINT_RESTORE
	knownNamespaces   = 0x7e020080 // all CLONE_NEW… flags
)

// tristate shows what an unset boolean comes to: for accounting the manager's default.
func (d directive) tristate() func(*object) uint64 {
	accounting := strings.TrimSuffix(d.name, "Accounting")
	return func(o *object) uint64 {
		on := false
		switch v := unit.Tristate(d.value(o.unit.Def).Uint()); {
		case v != unit.Unset:
			on = v == unit.Yes
		case accounting == d.name:
		default:
			on = o.manager().accounting(accounting)
		}
		if on {
			return 1
		}
		return 0
	}
}

func (v *Values) accounting(of string) bool {
	switch of {
	case "CPU":
		return v.DefaultCPUAccounting
	case "Memory":
		return v.DefaultMemoryAccounting
	case "Tasks":
		return v.DefaultTasksAccounting
	case "BlockIO":
		return v.DefaultBlockIOAccounting
	}
	return false
}

// amount shows a number of bytes or tasks; shares are taken of what the machine has.
func (d directive) amount(unset uint64) func(*object) uint64 {
	tasks := d.name == "TasksMax"
	return func(o *object) uint64 {
		v := d.value(o.unit.Def).Addr().Interface().(*unit.Amount)
		switch {
		case !v.Set && tasks:
			return o.manager().DefaultTasksMax
		case !v.Set:
			return unset
		case v.Permyriad != 0 && tasks:
			return share(o.manager().TasksTotal, v.Permyriad)
		case v.Permyriad != 0:
			return share(o.manager().MemoryTotal, v.Permyriad)
		}
		return v.Value
	}
}

func share(total uint64, permyriad uint32) uint64 {
	return total/10000*uint64(permyriad) + total%10000*uint64(permyriad)/10000
}
