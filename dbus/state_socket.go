package dbus

import "davit/engine"

// noSocket stands in for the state of units whose definition says socket and whose engine part does not exist.
var noSocket engine.Socket

func (o *object) socket() *engine.Socket {
	if s := o.unit.Socket(); s != nil {
		return s
	}
	return &noSocket
}

func socketAccepted(o *object, e *encoder)    { e.uint32(uint32(o.socket().Accepted)) }
func socketConnections(o *object, e *encoder) { e.uint32(uint32(o.socket().Connections)) }
func socketRefused(o *object, e *encoder)     { e.uint32(uint32(o.socket().Refused)) }
