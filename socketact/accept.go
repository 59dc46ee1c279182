package socketact

import (
	"errors"
	"fmt"
	"net/netip"
	"strconv"

	"golang.org/x/sys/unix"
)

// Connection is one that was accepted for a socket unit with Accept=yes.
type Connection struct {
	FD       int      // close-on-exec; blocks, as programs written for inetd expect
	Instance string   // "N-LOCAL-REMOTE": what stands behind the "@" in the name of its service
	Source   string   // the peer's address, user or context id, for MaxConnectionsPerSource=
	Env      []string // REMOTE_ADDR= and REMOTE_PORT=, as far as the peer has them
}

// ErrNone says that no connection waits (any more).
var ErrNone = errors.New("no connection is waiting")

// Accept takes one connection from a listener of the unit. Number counts the connections that the unit accepted so far. The
// error is ErrNone when there is nothing to take: callers go on until then or leave the rest to the next wake-up.
func Accept(unitName string, l Listener, number uint64) (Connection, error) {
	for {
		fd, _, err := unix.Accept4(l.FD, unix.SOCK_CLOEXEC)
		switch err {
		case nil:
			c := describe(fd, number)
			return c, nil
		case unix.EAGAIN:
			return Connection{}, ErrNone
		case unix.EINTR, unix.ECONNABORTED:
			continue
		// accept(2): errors that were pending on the new connection, which is gone
		case unix.ENETDOWN, unix.EPROTO, unix.ENOPROTOOPT, unix.EHOSTDOWN, unix.ENONET, unix.EHOSTUNREACH, unix.EOPNOTSUPP, unix.ENETUNREACH, unix.EPERM, unix.ETIMEDOUT:
			return Connection{}, ErrNone
		}
		return Connection{}, fmt.Errorf("%s: cannot accept on %s: %w", unitName, l.Address, err)
	}
}

// describe names a connection as systemd does.
func describe(fd int, number uint64) Connection {
	c := Connection{FD: fd, Instance: strconv.FormatUint(number, 10)}
	local, _ := unix.Getsockname(fd)
	peer, err := unix.Getpeername(fd)
	if err != nil { // gone already: it still gets a unique name
		c.Instance += "-unknown"
		return c
	}
	switch p := peer.(type) {
	case *unix.SockaddrUnix:
		c.describeUnix(p)
	case *unix.SockaddrVM:
		if l, ok := local.(*unix.SockaddrVM); ok {
			c.Instance += fmt.Sprintf("-%d:%d-%d:%d", l.CID, l.Port, p.CID, p.Port)
		}
		c.Source = strconv.FormatUint(uint64(p.CID), 10)
		c.remote(fmt.Sprintf("vsock:%d", p.CID), strconv.FormatUint(uint64(p.Port), 10))
	default:
		c.describeIP(local, peer)
	}
	return c
}

// describeUnix names the peer's process and user: "N-PID-UID".
func (c *Connection) describeUnix(peer *unix.SockaddrUnix) {
	cred, err := unix.GetsockoptUcred(c.FD, unix.SOL_SOCKET, unix.SO_PEERCRED)
	if err != nil {
		c.Instance += "-unknown"
		return
	}
	c.Instance += fmt.Sprintf("-%d-%d", cred.Pid, cred.Uid)
	c.Source = strconv.FormatUint(uint64(cred.Uid), 10)
	if peer.Name != "" && peer.Name != "@" { // neither is the name of a socket without one
		c.remote(peer.Name, "")
	}
}

func (c *Connection) describeIP(local, peer unix.Sockaddr) {
	l, okLocal := addrPort(local)
	p, okPeer := addrPort(peer)
	if !okLocal || !okPeer {
		c.Instance += "-unknown"
		return
	}
	c.Instance += "-" + plain(l) + "-" + plain(p)
	c.Source = p.Addr().String()
	c.remote(p.Addr().String(), strconv.Itoa(int(p.Port())))
}

func (c *Connection) remote(addr, port string) {
	c.Env = append(c.Env, "REMOTE_ADDR="+addr)
	if port != "" {
		c.Env = append(c.Env, "REMOTE_PORT="+port)
	}
}

// addrPort returns an IP address and port; an IPv4 peer of an IPv6 socket counts as what it is.
func addrPort(sa unix.Sockaddr) (netip.AddrPort, bool) {
	switch a := sa.(type) {
	case *unix.SockaddrInet4:
		return netip.AddrPortFrom(netip.AddrFrom4(a.Addr), uint16(a.Port)), true
	case *unix.SockaddrInet6:
		return netip.AddrPortFrom(netip.AddrFrom16(a.Addr).Unmap(), uint16(a.Port)), true
	}
	return netip.AddrPort{}, false
}

// plain is address and port without the brackets that a unit's name does not have.
func plain(ap netip.AddrPort) string {
	return ap.Addr().String() + ":" + strconv.Itoa(int(ap.Port()))
}
