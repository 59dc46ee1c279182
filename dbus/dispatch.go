package dbus

import (
	"errors"

	"davit/engine"

	godbus "github.com/godbus/dbus/v5"
)

// call is one method call while it is being answered. Its method reads arguments from in and writes results to out.
type call struct {
	s      *Server
	c      *conn
	m      *message
	object object
	method *method
	in     decoder
	out    *encoder
}

// errParked is what a method returns whose answer comes later.
var errParked = errors.New("the answer comes later")

// dispatch answers a method call, or parks it.
func (s *Server) dispatch(c *conn, m *message) {
	k := call{s: s, c: c, m: m, in: m.decoder(), out: s.reply.reset()}
	k.in.names = s.names
	method, err := k.find()
	if err == nil {
		err = k.run(method)
	}
	switch {
	case errors.Is(err, errParked):
		c.parked++
	case err != nil:
		s.fail(c, m.serial, k.silent(), err)
	}
	s.touch(c)
}

// silent says that the caller wants no answer.
func (k *call) silent() bool { return k.m.flags&godbus.FlagNoReplyExpected != 0 }

// find looks up the object, the interface and the method.
func (k *call) find() (*method, error) {
	m := k.m
	if m.iface == peerInterface { // org.freedesktop.DBus.Peer is served at every path
		k.object = object{s: k.s, ifaces: k.s.tree.node}
	} else if !k.s.lookup(m.path, &k.object) {
		return nil, errorf(errUnknownObject, "Unknown object '%s'.", m.path)
	}
	for _, i := range k.object.ifaces {
		if m.iface != "" && i.name != m.iface {
			continue
		}
		if found := i.byMethod[m.member]; found != nil {
			return found, nil
		}
	}
	return nil, errorf(errUnknownMethod, "Unknown method %s or interface %s.", m.member, m.iface)
}

// run calls a method with a reply begun, and sends it when the method has written it.
func (k *call) run(f *method) error {
	k.method = f
	if k.m.sig != f.in {
		return errorf(errInvalidArgs, "Invalid arguments '%s' to call %s(), expecting '%s'.", k.m.sig, f.name, f.in)
	}
	if f.change && !k.s.mayChange(k.c) {
		return errorf(errAccessDenied, "Permission denied")
	}
	k.out.begin(&header{
		typ: godbus.TypeMethodReply, flags: godbus.FlagNoReplyExpected, replySerial: k.m.serial, sig: f.out,
	}, k.c.nextSerial())
	err := f.call(k)
	if err == nil && !k.silent() {
		k.out.finish()
		k.c.push(k.out)
	}
	return err
}

// later is what is needed to answer the call in another turn; its method then returns errParked.
func (k *call) later() parkedCall {
	return parkedCall{Conn: k.c.id, Serial: k.m.serial, Silent: k.silent()}
}

// by is who makes the call.
func (k *call) by() engine.Peer {
	return engine.Peer{UID: int(k.c.peer.Uid), PID: int(k.c.peer.Pid), Name: "bus"}
}

// fail answers a call with an error.
func (s *Server) fail(c *conn, serial uint32, silent bool, err error) {
	if silent {
		return
	}
	e := asError(err)
	out := s.reply.reset()
	out.begin(&header{
		typ: godbus.TypeError, flags: godbus.FlagNoReplyExpected, replySerial: serial, errorName: e.Name, sig: "s",
	}, c.nextSerial())
	out.string(e.Text)
	out.finish()
	c.push(out)
}
