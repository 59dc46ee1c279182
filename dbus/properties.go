package dbus

// entry writes one property as an entry of a{sv}.
func (o *object) entry(e *encoder, p *property) {
	e.structure()
	e.string(p.name)
	e.signature(p.sig)
	p.get(o, e)
}

// interface finds an interface of the object by name.
func (o *object) iface(name string) *iface {
	for _, i := range o.ifaces {
		if i.name == name {
			return i
		}
	}
	return nil
}

// property finds a property; with an empty interface name in any of the object's interfaces.
func (o *object) property(iface, name string) (*property, error) {
	for _, i := range o.ifaces {
		if iface != "" && i.name != iface {
			continue
		}
		if p := i.byProperty[name]; p != nil {
			return p, nil
		}
	}
	if iface != "" && o.iface(iface) == nil {
		return nil, errorf(errUnknownInterface, "Unknown interface '%s'.", iface)
	}
	return nil, errorf(errUnknownProperty, "Unknown property '%s'.", name)
}

func getProperty(k *call) error {
	p, err := k.object.property(k.in.string(), k.in.string())
	if err != nil {
		return err
	}
	k.out.signature(p.sig)
	p.get(&k.object, k.out)
	return nil
}

func getAllProperties(k *call) error {
	name := k.in.string()
	if name != "" && k.object.iface(name) == nil {
		return errorf(errUnknownInterface, "Unknown interface '%s'.", name)
	}
	a := k.out.array(8)
	for _, i := range k.object.ifaces {
		if name != "" && i.name != name {
			continue
		}
		for n := range i.properties {
			k.object.entry(k.out, &i.properties[n])
		}
	}
	k.out.end(a)
	return nil
}

func setProperty(k *call) error {
	p, err := k.object.property(k.in.string(), k.in.string())
	if err != nil {
		return err
	}
	if !p.set {
		return errorf(errPropertyReadOnly, "Property '%s' is not writable.", p.name)
	}
	sig := k.in.signature()
	if sig != p.sig {
		return errorf(errInvalidArgs, "Incorrect parameters for property '%s', expected '%s', got '%s'.", p.name, p.sig, sig)
	}
	return k.s.backend.Set(p.name, k.in.value(sig))
}

// standardMethods are those of the interfaces that every object has.
var (
	peerMethods = []method{
		{name: "Ping", call: func(*call) error { return nil }},
		{name: "GetMachineId", out: "s", args: "> machine_uuid", call: func(k *call) error {
			k.out.string(k.s.backend.Values().MachineID)
			return nil
		}},
	}
	introMethods = []method{
		{name: "Introspect", out: "s", args: "> xml_data", call: introspect},
	}
	propsMethods = []method{
		{name: "Get", in: "ss", out: "v", args: "interface_name property_name > value", call: getProperty},
		{name: "GetAll", in: "s", out: "a{sv}", args: "interface_name > props", call: getAllProperties},
		{name: "Set", in: "ssv", args: "interface_name property_name value", change: true, call: setProperty},
	}
	propsSignals = []signalShape{
		{"PropertiesChanged", "sa{sv}as", "interface_name changed_properties invalidated_properties"},
	}
)
