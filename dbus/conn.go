package dbus

import (
	"golang.org/x/sys/unix"
)

// Bounds of one connection, in bytes.
const (
	maxQueue = 64 << 20 // unsent signals, enough for 5,000 units that start at once; more closes the connection
	pauseAt  = 1 << 20  // unsent bytes from which no further call is taken
	keptOut  = 16 << 10
	maxIdle  = 253 // descriptors received ahead of their message
)

// conn is one client. Only the loop touches it.
type conn struct {
	id     uint64
	fd     int
	peer   unix.Ucred
	hs     handshake
	in     []byte // received, not consumed
	inFDs  []int
	out    []byte // out[sent:] waits to be sent
	sent   int
	rights []rightsAt
	serial uint32
	parked int  // calls whose answer is to come; the next call waits for them
	bus    bool // it said Hello: it gets what its rules match
	rules  []rule
	eof    bool // the peer will send no more
	closed bool
	queued bool // stands in Server.touched
	read   bool // what is watched
	write  bool
}

// rightsAt are descriptors that go out together with the byte at an offset of the queue.
type rightsAt struct {
	at  int
	fds []int
}

func (c *conn) pending() int { return len(c.out) - c.sent }

// paused says that nothing more is taken from the peer for now.
func (c *conn) paused() bool { return c.parked > 0 || c.pending() > pauseAt }

func (c *conn) nextSerial() uint32 {
	if c.serial++; c.serial == 0 {
		c.serial = 1
	}
	return c.serial
}

// push queues a finished message, and takes over its descriptors.
func (c *conn) push(e *encoder) {
	if len(e.fds) > 0 {
		c.rights = append(c.rights, rightsAt{len(c.out), append([]int(nil), e.fds...)})
		e.fds = e.fds[:0]
	}
	c.out = append(c.out, e.buf...)
}

// flush sends what the kernel takes.
func (c *conn) flush() error {
	for c.sent < len(c.out) {
		chunk, fds := c.chunk()
		n, err := send(c.fd, chunk, fds)
		if err != nil {
			if wouldBlock(err) {
				return nil
			}
			return err
		}
		if len(fds) > 0 {
			closeAll(fds)
			c.rights = c.rights[1:]
		}
		c.sent += n
	}
	c.sent = 0
	if cap(c.out) > keptOut {
		c.out = nil
	}
	c.out = c.out[:0]
	return nil
}

// chunk is what may go out in one write: descriptors start a chunk, and end the one before.
func (c *conn) chunk() ([]byte, []int) {
	rest := c.out[c.sent:]
	if len(c.rights) == 0 {
		return rest, nil
	}
	var fds []int
	following := c.rights
	if c.rights[0].at == c.sent {
		fds, following = c.rights[0].fds, c.rights[1:]
	}
	if len(following) > 0 {
		rest = c.out[c.sent:following[0].at]
	}
	return rest, fds
}

// compact drops what was sent, once it is the larger part.
func (c *conn) compact() {
	if c.sent < keptOut || c.sent < len(c.out)/2 {
		return
	}
	n := copy(c.out, c.out[c.sent:])
	c.out = c.out[:n]
	for i := range c.rights {
		c.rights[i].at -= c.sent
	}
	c.sent = 0
}

// takeFDs hands the descriptors that came with a message to it.
func (c *conn) takeFDs(n int) ([]int, bool) {
	if n > len(c.inFDs) {
		return nil, false
	}
	fds := c.inFDs[:n:n]
	c.inFDs = c.inFDs[n:]
	return fds, true
}
