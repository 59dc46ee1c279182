package dbus

import (
	"davit/engine"
	"davit/unit"
)

// emits says how clients learn that a property changed (the annotation EmitsChangedSignal).
type emits uint8

const (
	changes     emits = iota // PropertiesChanged carries the value
	invalidates              // PropertiesChanged names it
	silent                   // never told
	constant                 // never changes while the object lives
)

// property is one row of a property table. get appends the value to a message; without it the property shows the unit
// file's directive of that name.
type property struct {
	name  string
	sig   string
	emits emits
	get   func(*object, *encoder)
	set   bool // clients may write it
}

// method is one row of a method table. args names the arguments, outputs after ">".
type method struct {
	name    string
	in, out string
	args    string
	change  bool // changes something: only root and the owner may call it
	noReply bool // annotated so
	call    func(*call) error
}

// signalShape is one row of a table of signals.
type signalShape struct{ name, sig, args string }

// iface is one interface of an object.
type iface struct {
	name       string
	methods    []method
	properties []property
	signals    []signalShape
	byMethod   map[string]*method
	byProperty map[string]*property
}

func (i *iface) index() *iface {
	i.byMethod = make(map[string]*method, len(i.methods))
	for n := range i.methods {
		i.byMethod[i.methods[n].name] = &i.methods[n]
	}
	i.byProperty = make(map[string]*property, len(i.properties))
	for n := range i.properties {
		i.byProperty[i.properties[n].name] = &i.properties[n]
	}
	return i
}

// The interfaces that every object has stand first in its list.
const standardInterfaces = 3

// tree is all interfaces, by the kind of object that has them.
type tree struct {
	node       []*iface // objects that only have children
	manager    []*iface
	job        []*iface
	units      [unit.TypeScope + 1][]*iface
	bus        []*iface // /org/freedesktop/DBus
	logControl []*iface
}

// object is what a path leads to, with what its properties need, for the time of one call.
type object struct {
	s      *Server
	ifaces []*iface
	unit   *engine.Unit
	job    *engine.Job
	values *Values // by manager()
	used   Usage
	asked  bool // used is filled
}

// usage asks the backend at most once per call.
func (o *object) usage() *Usage {
	if !o.asked {
		o.used, o.asked = o.s.backend.Usage(o.unit), true
	}
	return &o.used
}

// manager is the manager's values, asked for at most once per call.
func (o *object) manager() *Values {
	if o.values == nil {
		o.values = o.s.backend.Values()
	}
	return o.values
}

// lookup finds the object at a path. Units are loaded on demand.
func (s *Server) lookup(path string, o *object) bool {
	*o = object{s: s}
	switch path {
	case managerPath:
		o.ifaces = s.tree.manager
		return true
	case busPath:
		o.ifaces = s.tree.bus
		return true
	case logControlPath:
		o.ifaces = s.tree.logControl
		return true
	case "/", "/org", "/org/freedesktop", managerPath + "/unit", managerPath + "/job":
		o.ifaces = s.tree.node
		return true
	}
	if name, ok := unitOfPath(path); ok {
		if u := s.unitAt(name); u != nil {
			s.setUnit(o, u)
			return true
		}
		return false
	}
	if id, ok := jobOfPath(path); ok {
		o.job, o.ifaces = s.backend.Engine().Job(id), s.tree.job
		return o.job != nil
	}
	return false
}

func (s *Server) setUnit(o *object, u *engine.Unit) {
	o.unit, o.ifaces = u, s.tree.units[u.Def.Type]
}

// unitAt finds a unit by the name in its path, which may also be an invocation's id.
func (s *Server) unitAt(name string) *engine.Unit {
	e := s.backend.Engine()
	if u := e.Unit(name); u != nil {
		return u
	}
	if checkName(name) == nil {
		return e.Load(name)
	}
	if id, ok := parseID(name); ok {
		return s.byInvocation(id)
	}
	return nil
}

func (s *Server) byInvocation(id engine.ID) *engine.Unit {
	for _, u := range s.backend.Engine().Units() {
		if u.Invocation == id && id != (engine.ID{}) {
			return u
		}
	}
	return nil
}
