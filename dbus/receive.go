package dbus

import (
	godbus "github.com/godbus/dbus/v5"
)

// receive reads once from a connection and acts on what is complete.
func (s *Server) receive(c *conn) {
	if c.eof { // it hung up altogether
		s.close(c)
		return
	}
	n, fds, err := s.receiver.receive(c.fd, c.inFDs)
	c.inFDs = fds
	if err != nil {
		if wouldBlock(err) {
			return
		}
		s.ended(c)
		return
	}
	chunk := s.receiver.buf[:n]
	if len(c.in) > 0 {
		s.buffered += n
		c.in = append(c.in, chunk...)
		s.resume(c)
	} else if used, ok := s.consume(c, chunk); ok {
		c.in = append(c.in, chunk[used:]...)
		s.buffered += len(c.in)
	}
	if s.buffered > maxBuffered || len(c.inFDs) > maxIdle {
		s.close(c)
	}
	s.touch(c)
}

// ended ends a connection whose peer is gone. What it asked before it only closed its sending side is still answered.
func (s *Server) ended(c *conn) {
	c.eof = true
	if c.parked == 0 && c.pending() == 0 || c.hs.phase != connected {
		s.close(c)
		return
	}
	s.touch(c)
}

// resume acts on bytes that were kept.
func (s *Server) resume(c *conn) {
	in := c.in
	used, ok := s.consume(c, in)
	if !ok {
		return
	}
	s.buffered -= used
	if used == len(in) {
		c.in = nil
		return
	}
	if used > 0 {
		c.in = append([]byte(nil), in[used:]...)
	}
}

// consume acts on the messages at the start of buf, as far as they are complete and the connection is not paused. It
// returns how much of buf was used, and false when the connection was closed.
func (s *Server) consume(c *conn, buf []byte) (used int, ok bool) {
	if c.hs.phase != connected {
		n, answer, err := c.hs.feed(buf, c.out)
		c.out, used = answer, n
		if err != nil {
			s.close(c)
			return 0, false
		}
	}
	for c.hs.phase == connected && !c.paused() {
		size, err := messageSize(buf[used:], s.limit(c))
		if err == nil && (size == 0 || size > len(buf)-used) {
			break
		}
		if err == nil {
			err = s.take(c, buf[used:used+size])
		}
		if err != nil || c.closed {
			s.close(c)
			return 0, false
		}
		used += size
	}
	return used, true
}

// limit is the longest message that the peer may send.
func (s *Server) limit(c *conn) int {
	if s.mayChange(c) {
		return maxMessage
	}
	return strangerMax
}

// take acts on one whole message. An error means that the peer does not speak D-Bus.
func (s *Server) take(c *conn, buf []byte) error {
	var m message
	if err := m.parse(buf, s.names); err != nil {
		return err
	}
	fds, ok := c.takeFDs(int(m.nfds))
	if !ok {
		return malformed("descriptors are missing")
	}
	m.fds = fds
	if m.typ == godbus.TypeMethodCall {
		s.dispatch(c, &m)
	}
	closeAll(m.fds)
	return nil
}
