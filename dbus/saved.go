package dbus

import (
	"slices"

	"davit/engine"

	"golang.org/x/sys/unix"
)

// Saved is a server's state as plain data, for re-execution: the descriptors in it must stay open over exec.
type Saved struct {
	GUID   string
	LastID uint64
	Tokens engine.Token
	Conns  []SavedConn
	Parked []SavedCall
}

// SavedConn is one connection.
type SavedConn struct {
	ID            uint64
	FD            int
	UID, GID      uint32
	PID           int32
	Phase         uint8
	HandshakeRead int
	PassesFDs     bool
	In            []byte     `json:",omitempty"` // received, not yet acted on
	InFDs         []int      `json:",omitempty"`
	Out           []byte     `json:",omitempty"` // not yet sent
	OutFDs        []SavedFDs `json:",omitempty"`
	Serial        uint32
	Bus           bool     `json:",omitempty"`
	Rules         []string `json:",omitempty"`
	EOF           bool     `json:",omitempty"`
}

// SavedFDs are descriptors that go out with the byte at an offset of SavedConn.Out.
type SavedFDs struct {
	At  int
	FDs []int
}

// SavedCall is a call without its answer. Token is 0 for those that no event of the engine answers: they fail after
// Restore.
type SavedCall struct {
	Token  engine.Token
	Conn   uint64
	Serial uint32
	Silent bool
	Answer uint8
}

// FDs are all descriptors in the state, for which the caller clears close-on-exec.
func (v *Saved) FDs() (fds []int) {
	for _, c := range v.Conns {
		fds = append(append(fds, c.FD), c.InFDs...)
		for _, r := range c.OutFDs {
			fds = append(fds, r.FDs...)
		}
	}
	return fds
}

// Save returns the state of all connections. The server is not to be used afterwards, unless exec fails.
func (s *Server) Save() *Saved {
	s.announce()
	v := &Saved{GUID: s.guid, LastID: s.lastID, Tokens: s.tokens}
	for _, c := range s.conns {
		v.Conns = append(v.Conns, c.save())
	}
	for t, p := range s.parked {
		v.Parked = append(v.Parked, p.save(t))
	}
	for p := range s.open {
		v.Parked = append(v.Parked, p.save(0))
	}
	slices.SortFunc(v.Parked, func(a, b SavedCall) int {
		if a.Conn != b.Conn {
			return int(int64(a.Conn) - int64(b.Conn))
		}
		return int(int64(a.Serial) - int64(b.Serial))
	})
	return v
}

func (p parkedCall) save(t engine.Token) SavedCall {
	return SavedCall{Token: t, Conn: p.Conn, Serial: p.Serial, Silent: p.Silent, Answer: uint8(p.Answer)}
}

func (c *conn) save() SavedConn {
	v := SavedConn{
		ID: c.id, FD: c.fd, UID: c.peer.Uid, GID: c.peer.Gid, PID: c.peer.Pid, Phase: uint8(c.hs.phase),
		HandshakeRead: c.hs.read, PassesFDs: c.hs.fds, In: slices.Clone(c.in), InFDs: slices.Clone(c.inFDs),
		Out: slices.Clone(c.out[c.sent:]), Serial: c.serial, EOF: c.eof, Bus: c.bus,
	}
	for _, r := range c.rules {
		v.Rules = append(v.Rules, r.text)
	}
	for _, r := range c.rights {
		v.OutFDs = append(v.OutFDs, SavedFDs{r.at - c.sent, slices.Clone(r.fds)})
	}
	return v
}

// Restore takes over the connections of a server that Save described, in a fresh server. Calls that no event answers
// fail; all others wait for Perform as before.
func (s *Server) Restore(v *Saved) {
	s.guid, s.lastID, s.tokens = v.GUID, v.LastID, v.Tokens
	for i := range v.Conns {
		s.restore(&v.Conns[i])
	}
	for _, p := range v.Parked {
		c := s.byID[p.Conn]
		if c == nil {
			continue
		}
		c.parked++
		call := parkedCall{Conn: p.Conn, Serial: p.Serial, Silent: p.Silent, Answer: answer(p.Answer)}
		if p.Token != 0 {
			s.parked[p.Token] = call
			continue
		}
		s.answer(call, "", errorf(errFailed, "The manager was re-executed before it could answer."), nil)
	}
	for _, c := range s.conns {
		s.update(c)
	}
}

func (s *Server) restore(v *SavedConn) {
	c := &conn{
		id: v.ID, fd: v.FD, peer: unix.Ucred{Uid: v.UID, Gid: v.GID, Pid: v.PID}, in: v.In, inFDs: v.InFDs, out: v.Out,
		serial: v.Serial, eof: v.EOF, bus: v.Bus,
		hs: handshake{phase: phase(v.Phase), guid: s.guid, uid: v.UID, fds: v.PassesFDs, read: v.HandshakeRead},
	}
	for _, text := range v.Rules {
		if r, ok := parseRule(text); ok {
			c.rules = append(c.rules, r)
		}
	}
	for _, r := range v.OutFDs {
		c.rights = append(c.rights, rightsAt{r.At, r.FDs})
	}
	for _, fd := range append(append([]int{v.FD}, v.InFDs...), rightsOf(v)...) {
		unix.CloseOnExec(fd)
	}
	s.buffered += len(c.in)
	s.insert(c)
	s.touch(c)
}

func rightsOf(v *SavedConn) (fds []int) {
	for _, r := range v.OutFDs {
		fds = append(fds, r.FDs...)
	}
	return fds
}
