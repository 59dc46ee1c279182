package dbus

import (
	"slices"
	"sync"

	"davit/unit"
)

const typePrefix = "org.freedesktop.systemd1."

// theTree is made once: the tables never change.
var theTree = sync.OnceValue(newTree)

func newTree() *tree {
	standard := []*iface{
		{name: peerInterface, methods: peerMethods},
		{name: introInterface, methods: introMethods},
		{name: propsInterface, methods: propsMethods, signals: propsSignals},
	}
	for _, i := range standard {
		i.index()
	}
	with := func(own ...*iface) []*iface {
		for _, i := range own {
			i.bind().index()
		}
		return append(slices.Clone(standard), own...)
	}
	t := &tree{node: standard}
	t.manager = with(
		&iface{name: managerInterface, methods: managerMethods, properties: managerProperties, signals: managerSignals},
		&iface{name: "org.davit.Manager", methods: davitMethods})
	t.job = with(&iface{name: jobInterface, methods: jobMethods, properties: jobProperties})
	t.bus = with(&iface{name: busInterface, methods: busMethods, signals: busSignals})
	t.logControl = with(&iface{name: "org.freedesktop.LogControl1", properties: logControlProperties})
	common := &iface{name: unitInterface, methods: unitMethods, properties: unitProperties}
	common.bind().index()
	for kind, own := range typeInterfaces() {
		t.units[kind] = append(append(slices.Clone(standard), common), own.bind().index())
	}
	t.units[unit.TypeInvalid] = append(slices.Clone(standard), common)
	return t
}

// typeInterfaces are the interfaces of the unit types, whose properties are their own ones, then what they share.
func typeInterfaces() map[unit.Type]*iface {
	executes := [][]property{cgroupProperties, execProperties, killProperties}
	make := func(name string, own []property, shared [][]property, methods ...method) *iface {
		return &iface{
			name: typePrefix + name, methods: methods,
			properties: slices.Concat(append([][]property{own}, shared...)...),
		}
	}
	scope := make("Scope", scopeProperties, [][]property{cgroupProperties, killProperties}, append(scopeMethods, cgroupMethods...)...)
	scope.signals = scopeSignals
	return map[unit.Type]*iface{
		unit.TypeService:   make("Service", serviceProperties, executes, append(serviceMethods, cgroupMethods...)...),
		unit.TypeSocket:    make("Socket", socketProperties, executes, cgroupMethods...),
		unit.TypeTarget:    make("Target", nil, nil),
		unit.TypeDevice:    make("Device", deviceProperties, nil),
		unit.TypeMount:     make("Mount", mountProperties, executes, cgroupMethods...),
		unit.TypeAutomount: make("Automount", automountProperties, nil),
		unit.TypeSwap:      make("Swap", swapProperties, executes, cgroupMethods...),
		unit.TypeTimer:     make("Timer", timerProperties, nil),
		unit.TypePath:      make("Path", pathProperties, nil),
		unit.TypeSlice:     make("Slice", nil, [][]property{cgroupProperties}, cgroupMethods...),
		unit.TypeScope:     scope,
	}
}
