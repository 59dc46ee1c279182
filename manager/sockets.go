package manager

import (
	"strings"

	"davit/engine"
	"davit/socketact"
	"davit/unit"

	"golang.org/x/sys/unix"
)

// openSockets opens a socket unit's listeners. Names of users are looked up first, which may take a turn of the loop or more.
func (m *Manager) openSockets(x engine.OpenSockets) {
	def := m.definition(x.Unit)
	if def == nil || def.Socket == nil {
		m.answer(engine.SocketsOpened{Token: x.Token, Text: x.Unit + ": it has no [Socket] section"})
		return
	}
	m.resolve(def.Socket.SocketUser, def.Socket.SocketGroup, nil, func(id identity, err *stepError) {
		if err != nil {
			m.answer(engine.SocketsOpened{Token: x.Token, Text: x.Unit + ": " + err.Error()})
			return
		}
		m.openListeners(x, def, socketact.Owner{UID: id.uid, GID: id.gid})
	})
}

func (m *Manager) openListeners(x engine.OpenSockets, def *unit.Unit, owner socketact.Owner) {
	h := m.hold(x.Unit)
	kept := m.inherited[x.Unit]
	delete(m.inherited, x.Unit)
	list, warnings, err := socketact.Open(x.Unit, def.Socket, owner, append(kept, descriptors(h.listeners)...))
	h.listeners = nil
	for _, w := range warnings {
		m.log(entry{priority: levelWarning, unit: x.Unit, text: w.Error()})
	}
	if err != nil {
		m.answer(engine.SocketsOpened{Token: x.Token, Text: err.Error()})
		return
	}
	h.listeners = list
	m.answer(engine.SocketsOpened{Token: x.Token})
}

func descriptors(list []socketact.Listener) []int {
	fds := make([]int, len(list))
	for i := range list {
		fds[i] = list[i].FD
	}
	return fds
}

func (m *Manager) closeSockets(name string) {
	h := m.held[name]
	if h == nil || len(h.listeners) == 0 {
		return
	}
	m.watchSockets(name, false)
	def := m.definition(name)
	remove := def != nil && def.Socket != nil && def.Socket.RemoveOnStop
	socketact.Close(h.listeners, remove || m.opt.Mode == Directory)
	if remove {
		socketact.Unlink(def.Socket)
	}
	h.listeners = nil
}

// watchSockets starts or stops waiting for traffic.
func (m *Manager) watchSockets(name string, on bool) {
	h := m.held[name]
	if h == nil || h.watching == on {
		return
	}
	h.watching = on
	for i := range h.listeners {
		fd := h.listeners[i].FD
		if !on {
			m.poll.remove(fd)
			delete(m.listening, fd)
			continue
		}
		if err := m.poll.add(fd, fromListener, unix.EPOLLIN); err != nil {
			m.noteUnit(levelWarning, name, "cannot wait for traffic on %s: %v", h.listeners[i].Address, err)
			continue
		}
		m.listening[fd] = name
	}
}

// acceptsPerTurn bounds how many connections one listener gets per turn of the loop.
const acceptsPerTurn = 64

// deliverListeners reports traffic, and takes connections where the manager is to accept them.
func (m *Manager) deliverListeners() {
	for _, r := range m.poll.ready[fromListener] {
		name := m.listening[r.fd]
		def, h := m.definition(name), m.held[name]
		if def == nil || h == nil || !h.watching {
			continue
		}
		for i := range h.listeners {
			if l := h.listeners[i]; l.FD == r.fd {
				if def.Socket.Accept && l.Accepts {
					m.accept(name, l)
				} else {
					m.step(engine.Incoming{Unit: name})
				}
				break
			}
		}
	}
}

func (m *Manager) accept(name string, l socketact.Listener) {
	for range acceptsPerTurn {
		c, err := socketact.Accept(name, l, 0)
		if err == socketact.ErrNone {
			return
		} else if err != nil {
			m.log(entry{priority: levelWarning, unit: name, text: err.Error()})
			return
		}
		m.lastConn++
		m.conns[m.lastConn] = c
		m.step(engine.Accepted{
			Unit: name, Conn: m.lastConn, Instance: strings.TrimPrefix(c.Instance, "0-"), Source: c.Source,
		})
		if h := m.held[name]; h == nil || !h.watching {
			return
		}
	}
}

func (m *Manager) closeConnection(id uint64) {
	if c, ok := m.conns[id]; ok {
		unix.Close(c.FD)
		delete(m.conns, id)
	}
}

// storeFDs keeps or drops the descriptors that came with the notification that was just stepped.
func (m *Manager) storeFDs(x engine.StoreFDs) {
	if !x.Keep {
		m.unwatchStored(x.Unit, x.Name)
		m.store.Remove(x.Unit, x.Name)
		return
	}
	def := m.definition(x.Unit)
	if def == nil || def.Service == nil {
		return
	}
	fds := m.notifyFDs
	m.notifyFDs = nil
	for _, fd := range fds {
		k := socketact.Kept{Unit: x.Unit, Name: x.Name, FD: fd, Poll: x.Poll}
		if err := m.store.Add(k, int(def.Service.FileDescriptorStoreMax)); err != nil {
			m.log(entry{priority: levelWarning, unit: x.Unit, text: err.Error()})
			continue
		}
		if x.Poll {
			m.stored[fd] = x.Unit
			if m.poll.add(fd, fromStore, 0) != nil { // only hang-ups and errors are of interest
				delete(m.stored, fd)
			}
		}
	}
}

func (m *Manager) unwatchStored(name, fdName string) {
	for _, k := range m.store.Of(name) {
		if k.Name == fdName || fdName == "" {
			m.poll.remove(k.FD)
			delete(m.stored, k.FD)
		}
	}
}

// deliverStore drops kept descriptors whose other end hung up.
func (m *Manager) deliverStore() {
	for _, r := range m.poll.ready[fromStore] {
		if name, ok := m.stored[r.fd]; ok {
			m.poll.remove(r.fd)
			delete(m.stored, r.fd)
			m.store.RemoveFD(name, r.fd)
		}
	}
}
