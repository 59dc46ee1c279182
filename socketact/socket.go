package socketact

import (
	"errors"
	"fmt"
	"os"

	"davit/unit"

	"golang.org/x/sys/unix"
)

var socketTypes = map[unit.ListenKind]int{
	unit.ListenStream:           unix.SOCK_STREAM,
	unit.ListenDatagram:         unix.SOCK_DGRAM,
	unit.ListenSequentialPacket: unix.SOCK_SEQPACKET,
}

// ipprotoUDPLite and ipprotoMPTCP are missing from package unix or not on every architecture.
const (
	ipprotoUDPLite = 136
	ipprotoMPTCP   = 262
)

func (r *request) openSocket() (Listener, error) {
	a, err := parseAddress(r.listen.Address)
	if err != nil {
		return Listener{}, err
	}
	kind := socketTypes[r.listen.Kind]
	l := Listener{Kind: r.listen.Kind, Address: r.listen.Address, Accepts: kind != unix.SOCK_DGRAM}
	l.FD = r.take(func(fd int) bool { return fits(fd, kind, a) })
	if l.FD >= 0 {
		r.options(l.FD, a, kind)
	} else if l.FD, err = r.bind(&a, kind); err != nil {
		return Listener{}, err
	}
	if l.Accepts { // again for a kept socket: Backlog= may have changed
		if err := unix.Listen(l.FD, r.backlog()); err != nil {
			unix.Close(l.FD)
			return Listener{}, err
		}
	}
	if a.path != "" {
		l.remember(a.path)
	}
	return l, nil
}

func (r *request) backlog() int {
	const most = 1<<31 - 1 // the kernel takes a signed number and caps it by net.core.somaxconn
	return int(min(uint64(r.socket.Backlog), most))
}

// fits says whether a kept descriptor is a socket of the type with the address.
func fits(fd, kind int, a address) bool {
	t, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_TYPE)
	if err != nil || t != kind {
		return false
	}
	have, err := unix.Getsockname(fd)
	return err == nil && sameAddress(have, a)
}

// bind makes a socket with its options and its address. a becomes the IPv4 address when a bare port finds no IPv6.
func (r *request) bind(a *address, kind int) (int, error) {
	fd, err := unix.Socket(a.family, kind|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, r.protocol(a.family))
	if a.anyIP && (err == unix.EAFNOSUPPORT || err == unix.EPROTONOSUPPORT) {
		*a = a.ipv4()
		fd, err = unix.Socket(a.family, kind|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, r.protocol(a.family))
	}
	if err != nil {
		return -1, err
	}
	if err := errors.Join(r.required(fd, *a), r.bindTo(fd, *a, kind)); err != nil {
		unix.Close(fd)
		return -1, err
	}
	r.options(fd, *a, kind)
	return fd, nil
}

func (r *request) protocol(family int) int {
	if family != unix.AF_INET && family != unix.AF_INET6 {
		return 0
	}
	switch r.socket.SocketProtocol {
	case unit.ProtocolUDPLite:
		return ipprotoUDPLite
	case unit.ProtocolSCTP:
		return unix.IPPROTO_SCTP
	case unit.ProtocolMPTCP:
		return ipprotoMPTCP
	}
	return 0
}

func (r *request) bindTo(fd int, a address, kind int) error {
	if a.path == "" {
		return unix.Bind(fd, a.sockaddr)
	}
	if err := r.parents(a.path); err != nil {
		return err
	}
	if err := makeRoom(a, kind); err != nil {
		return err
	}
	// The node appears with as few rights as the manager's umask leaves, and gets its owner before it gets its mode.
	unix.Fchmod(fd, 0o600) //nolint:errcheck // only narrows what chmod sets below anyway
	if err := unix.Bind(fd, a.sockaddr); err != nil {
		return err
	}
	return r.give(a.path)
}

// makeRoom removes a socket that nobody answers on any more. One that is alive, and anything else with that name, stays.
func makeRoom(a address, kind int) error {
	st, err := os.Lstat(a.path)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if st.Mode()&os.ModeSocket == 0 {
		return fmt.Errorf("%w: what stands there is not a socket", unix.EADDRINUSE)
	}
	if answers(a, kind) {
		return fmt.Errorf("%w: another process answers there", unix.EADDRINUSE)
	}
	return os.Remove(a.path)
}

// answers connects to see whether somebody has the socket open.
func answers(a address, kind int) bool {
	fd, err := unix.Socket(unix.AF_UNIX, kind|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
	if err != nil {
		return true
	}
	defer unix.Close(fd)
	// Refused means a name without a socket behind it. Success, a full backlog, and a socket of another type are life.
	err = unix.Connect(fd, a.sockaddr)
	return err != unix.ECONNREFUSED && err != unix.ENOENT
}
