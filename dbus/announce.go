package dbus

import (
	"davit/engine"
)

const (
	managerInterface = "org.freedesktop.systemd1.Manager"
	unitInterface    = "org.freedesktop.systemd1.Unit"
	jobInterface     = "org.freedesktop.systemd1.Job"
	propsInterface   = "org.freedesktop.DBus.Properties"
	peerInterface    = "org.freedesktop.DBus.Peer"
	introInterface   = "org.freedesktop.DBus.Introspectable"
)

// Perform does the effects that concern clients: Reply, Job… and Unit…, StartupFinished. It ignores all others, so the
// loop may pass every effect. What it writes is sent by Flush.
func (s *Server) Perform(effect engine.Effect) {
	switch x := effect.(type) {
	case engine.Reply:
		s.replied(x)
	case engine.JobNew:
		s.emit(managerPath, managerInterface, "JobNew", "uos", func(e *encoder) {
			e.uint32(x.ID)
			e.jobPath(x.ID)
			e.string(x.Unit)
		})
	case engine.JobRemoved:
		s.announceUnit(x.Unit) // clients expect the new state before the end of the job
		s.emit(managerPath, managerInterface, "JobRemoved", "uoss", func(e *encoder) {
			e.uint32(x.ID)
			e.jobPath(x.ID)
			e.string(x.Unit)
			e.string(x.Result.String())
		})
	case engine.UnitNew:
		s.unitSignal("UnitNew", x.Unit)
	case engine.UnitRemoved:
		delete(s.isDirty, x.Unit)
		s.unitSignal("UnitRemoved", x.Unit)
	case engine.UnitChanged:
		s.markDirty(x.Unit)
	case engine.StartupFinished:
		s.startupFinished()
	}
}

func (s *Server) unitSignal(member, name string) {
	s.emit(managerPath, managerInterface, member, "so", func(e *encoder) {
		e.string(name)
		e.unitPath(name)
	})
}

// Reloading tells clients that the manager begins or has ended reading its files anew.
func (s *Server) Reloading(active bool) {
	s.emit(managerPath, managerInterface, "Reloading", "b", func(e *encoder) { e.bool(active) })
}

// UnitFilesChanged tells clients that links to unit files changed.
func (s *Server) UnitFilesChanged() {
	s.emit(managerPath, managerInterface, "UnitFilesChanged", "", nil)
}

func (s *Server) startupFinished() {
	v := s.backend.Values()
	at := func(t Stamp) int64 { return v.Stamps[t].Mono }
	span := func(from, to int64) uint64 { return uint64(max(0, to-from)) }
	firmware := span(at(StampLoader), at(StampFirmware))
	loader := uint64(max(0, at(StampLoader)))
	kernel := span(0, at(StampUserspace))
	var initrd uint64
	if at(StampInitRD) > 0 {
		kernel, initrd = span(0, at(StampInitRD)), span(at(StampInitRD), at(StampUserspace))
	}
	userspace := span(at(StampUserspace), at(StampFinish))
	s.emit(managerPath, managerInterface, "StartupFinished", "tttttt", func(e *encoder) {
		for _, n := range [...]uint64{firmware, loader, kernel, initrd, userspace, firmware + loader + kernel + initrd + userspace} {
			e.uint64(n)
		}
	})
}

func (s *Server) markDirty(name string) {
	if len(s.conns) == 0 || s.isDirty[name] {
		return
	}
	s.isDirty[name] = true
	s.dirty = append(s.dirty, name)
}

// announce sends PropertiesChanged of all units that changed since the last turn.
func (s *Server) announce() {
	for _, name := range s.dirty {
		s.announceUnit(name)
	}
	clear(s.dirty)
	s.dirty = s.dirty[:0]
}

// announceUnit sends PropertiesChanged of one unit if it is due: first of its type's interface, then of Unit.
func (s *Server) announceUnit(name string) {
	if !s.isDirty[name] {
		return
	}
	delete(s.isDirty, name)
	u := s.backend.Engine().Unit(name)
	if u == nil {
		return
	}
	if u.Job != nil {
		s.changed(JobPath(u.Job.ID), &object{s: s, job: u.Job}, s.tree.job[standardInterfaces])
	}
	var o object
	o.s = s
	s.setUnit(&o, u)
	path := UnitPath(u.ID)
	for i := len(o.ifaces) - 1; i >= standardInterfaces; i-- {
		s.changed(path, &o, o.ifaces[i])
	}
}

// changed sends PropertiesChanged of one interface.
func (s *Server) changed(path string, o *object, i *iface) {
	told := false
	for n := range i.properties {
		told = told || i.properties[n].emits <= invalidates
	}
	if !told {
		return
	}
	s.emit(path, propsInterface, "PropertiesChanged", "sa{sv}as", func(e *encoder) {
		e.string(i.name)
		a := e.array(8)
		for n := range i.properties {
			if i.properties[n].emits == changes {
				o.entry(e, &i.properties[n])
			}
		}
		e.end(a)
		a = e.array(4)
		for n := range i.properties {
			if i.properties[n].emits == invalidates {
				e.string(i.properties[n].name)
			}
		}
		e.end(a)
	})
}
