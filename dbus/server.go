package dbus

import (
	"crypto/rand"
	"encoding/hex"
	"os"

	"davit/engine"

	godbus "github.com/godbus/dbus/v5"
	"golang.org/x/sys/unix"
)

// Bounds of a server.
const (
	maxConns     = 1024
	maxStrangers = 64        // connections that have not finished their handshake
	maxBuffered  = 256 << 20 // bytes received and not consumed, of all connections
	strangerMax  = 1 << 20   // longest message, in bytes, from a peer that may change nothing
)

// Server is the private socket's side of the manager. It is not safe for concurrent use: the loop owns it.
type Server struct {
	backend  Backend
	watch    func(fd int, read, write bool)
	owner    uint32 // uid that may do what root may
	guid     string
	listen   []int
	conns    []*conn // in the order of arrival
	byFD     map[int]*conn
	byID     map[uint64]*conn
	lastID   uint64
	buffered int
	receiver *receiver
	names    *names
	touched  []*conn // have output to flush, or calls to go on with
	parked   map[engine.Token]parkedCall
	tokens   engine.Token
	open     map[parkedCall]bool // parked calls that a function of the backend's answers
	dirty    []string            // units with changes to be announced, in order
	isDirty  map[string]bool
	signal   encoder // the signal being written
	reply    encoder // the reply being written
	tree     *tree
}

// NewServer makes a server without sockets. The loop calls Ready when a descriptor that watch named is readable or
// writable, level-triggered as epoll has it; watch with neither ends the interest (until the next watch of the descriptor),
// and always comes before the descriptor is closed.
func NewServer(backend Backend, watch func(fd int, read, write bool)) *Server {
	var id [16]byte
	_, _ = rand.Read(id[:])
	return &Server{
		backend: backend, watch: watch, owner: uint32(os.Getuid()), guid: hex.EncodeToString(id[:]),
		byFD: make(map[int]*conn), byID: make(map[uint64]*conn), receiver: new(receiver), names: newNames(),
		parked: make(map[engine.Token]parkedCall), open: make(map[parkedCall]bool), isDirty: make(map[string]bool), tree: theTree(),
	}
}

// Serve accepts connections on a listening stream socket, which must not block. The server does not close it.
func (s *Server) Serve(listenFD int) {
	s.listen = append(s.listen, listenFD)
	s.watch(listenFD, true, false)
}

// Ready does what a readable or writable descriptor allows. Effects of calls come out through the Backend; replies are
// sent by Flush.
func (s *Server) Ready(fd int, readable, writable bool) {
	for _, l := range s.listen {
		if l == fd {
			s.accept(fd)
			return
		}
	}
	c := s.byFD[fd]
	if c == nil {
		return
	}
	if writable {
		s.touch(c)
	}
	if readable {
		s.receive(c)
	}
}

// acceptBatch is how many connections one wake-up takes at most.
const acceptBatch = 32

func (s *Server) accept(listen int) {
	for range acceptBatch {
		fd, _, err := unix.Accept4(listen, unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK)
		if err != nil {
			return
		}
		s.add(fd)
	}
}

// add takes over a connected socket.
func (s *Server) add(fd int) {
	peer, err := unix.GetsockoptUcred(fd, unix.SOL_SOCKET, unix.SO_PEERCRED)
	if err != nil || len(s.conns) >= maxConns {
		_ = unix.Close(fd)
		return
	}
	s.dropStranger()
	s.lastID++
	c := &conn{id: s.lastID, fd: fd, peer: *peer, hs: handshake{guid: s.guid, uid: peer.Uid}}
	s.insert(c)
	s.update(c)
}

func (s *Server) insert(c *conn) {
	s.conns = append(s.conns, c)
	s.byFD[c.fd], s.byID[c.id] = c, c
}

// dropStranger makes room among those that have not finished their handshake: the oldest goes.
func (s *Server) dropStranger() {
	var oldest *conn
	n := 0
	for _, c := range s.conns {
		if c.hs.phase != connected {
			if oldest == nil {
				oldest = c
			}
			n++
		}
	}
	if n >= maxStrangers {
		s.close(oldest)
	}
}

// close ends a connection. Answers that are still to come find nobody.
func (s *Server) close(c *conn) {
	if c.closed {
		return
	}
	c.closed = true
	s.watch(c.fd, false, false)
	_ = unix.Close(c.fd)
	closeAll(c.inFDs)
	for _, r := range c.rights {
		closeAll(r.fds)
	}
	s.buffered -= len(c.in)
	c.in, c.out = nil, nil
	delete(s.byFD, c.fd)
	delete(s.byID, c.id)
	for i := range s.conns {
		if s.conns[i] == c {
			s.conns = append(s.conns[:i], s.conns[i+1:]...)
			break
		}
	}
}

// Close ends all connections and the interest in the listening sockets.
func (s *Server) Close() {
	for len(s.conns) > 0 {
		s.close(s.conns[0])
	}
	for _, fd := range s.listen {
		s.watch(fd, false, false)
	}
	s.listen = nil
}

// Connections is how many clients are connected.
func (s *Server) Connections() int { return len(s.conns) }

func (s *Server) touch(c *conn) {
	if !c.queued && !c.closed {
		c.queued = true
		s.touched = append(s.touched, c)
	}
}

// Flush announces changed units, goes on with calls whose turn came, and sends what is to be sent. The loop calls it
// once per turn, after the effects; events that it posts are the next turn's.
func (s *Server) Flush() {
	s.announce()
	for i := 0; i < len(s.touched); i++ {
		c := s.touched[i]
		c.queued = false
		if c.closed {
			continue
		}
		if !c.paused() && len(c.in) > 0 {
			s.resume(c)
		}
		s.transmit(c)
	}
	clear(s.touched)
	s.touched = s.touched[:0]
}

func (s *Server) transmit(c *conn) {
	if c.closed {
		return
	}
	paused := c.paused()
	if c.flush() != nil {
		s.close(c)
		return
	}
	c.compact()
	if paused && !c.paused() && len(c.in) > 0 {
		s.touch(c) // it was the queue that held it up
	}
	s.update(c)
}

// update tells the loop what the connection waits for now.
func (s *Server) update(c *conn) {
	if c.closed {
		return
	}
	if c.eof && c.parked == 0 && c.pending() == 0 {
		s.close(c)
		return
	}
	read, write := !c.eof && !c.paused(), c.pending() > 0
	if read != c.read || write != c.write {
		c.read, c.write = read, write
		s.watch(c.fd, read, write)
	}
}

// mayChange says whether the peer may change anything: root and the manager's own user.
func (s *Server) mayChange(c *conn) bool { return c.peer.Uid == 0 || c.peer.Uid == s.owner }

// emit sends a signal to every client that wants it.
func (s *Server) emit(path, iface, member, sig string, body func(*encoder)) {
	if !s.wanted(path, iface, member) {
		return
	}
	e := s.signal.reset()
	e.begin(&header{
		typ: godbus.TypeSignal, flags: godbus.FlagNoReplyExpected, path: path, iface: iface, member: member, sig: sig,
	}, 1)
	if body != nil {
		body(e)
	}
	e.finish()
	s.broadcast(e.buf, path, iface, member)
}

func (s *Server) broadcast(message []byte, path, iface, member string) {
	var overrun []*conn
	for _, c := range s.conns {
		if !c.wants(path, iface, member) {
			continue
		}
		if c.pending()+len(message) > maxQueue {
			overrun = append(overrun, c)
			continue
		}
		at := len(c.out)
		c.out = append(c.out, message...)
		setSerial(c.out[at:], c.nextSerial())
		s.touch(c)
	}
	for _, c := range overrun {
		s.close(c)
	}
}
