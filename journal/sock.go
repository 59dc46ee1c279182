package journal

import (
	"encoding/binary"
	"fmt"
	"unsafe"

	"golang.org/x/sys/unix"
)

// creds is who wrote a message, as the kernel says.
type creds struct {
	pid      int32
	uid, gid uint32
}

// receiver reads from sockets without allocating. One serves all of a loop.
type receiver struct {
	buf   []byte
	oob   [512]byte
	iov   unix.Iovec
	msg   unix.Msghdr
	from  creds  // who sent the last message, if known
	known bool   // from is valid
	stamp uint64 // SCM_TIMESTAMP in microseconds, 0 none
	fds   []int  // descriptors that came along; the caller owns them
	cut   bool   // the message did not fit
}

// receive does one recvmsg of at most limit bytes into buf. It never blocks.
func (r *receiver) receive(fd, limit, flags int) (int, error) {
	return r.recvmsg(fd, limit, flags, len(r.oob))
}

// look peeks at the bytes of a message alone: descriptors that come along are left where they are.
func (r *receiver) look(fd int) (int, error) { return r.recvmsg(fd, len(r.buf), unix.MSG_PEEK, 0) }

func (r *receiver) recvmsg(fd, limit, flags, oob int) (int, error) {
	r.known, r.stamp, r.fds, r.cut = false, 0, r.fds[:0], false
	r.iov.Base = &r.buf[0]
	r.iov.SetLen(min(limit, len(r.buf)))
	r.msg = unix.Msghdr{Iov: &r.iov, Control: &r.oob[0]}
	r.msg.SetIovlen(1)
	r.msg.SetControllen(oob)
	for {
		n, _, errno := unix.RawSyscall(unix.SYS_RECVMSG, uintptr(fd), uintptr(unsafe.Pointer(&r.msg)),
			uintptr(flags|unix.MSG_DONTWAIT|unix.MSG_CMSG_CLOEXEC))
		if errno == unix.EINTR {
			continue
		}
		if errno != 0 {
			return 0, errno
		}
		r.cut = r.msg.Flags&unix.MSG_TRUNC != 0
		r.control(r.oob[:r.msg.Controllen])
		return int(n), nil
	}
}

// control reads what came beside the bytes.
func (r *receiver) control(p []byte) {
	for len(p) >= unix.SizeofCmsghdr {
		n := binary.NativeEndian.Uint64(p)
		if n < unix.SizeofCmsghdr || n > uint64(len(p)) {
			return
		}
		level, kind := binary.NativeEndian.Uint32(p[8:]), binary.NativeEndian.Uint32(p[12:])
		body := p[unix.SizeofCmsghdr:n]
		switch {
		case level != unix.SOL_SOCKET:
		case kind == unix.SCM_CREDENTIALS && len(body) >= 12:
			r.from = creds{
				int32(binary.NativeEndian.Uint32(body)), binary.NativeEndian.Uint32(body[4:]),
				binary.NativeEndian.Uint32(body[8:]),
			}
			r.known = r.from.pid > 0
		case kind == unix.SCM_RIGHTS:
			for ; len(body) >= 4; body = body[4:] {
				r.fds = append(r.fds, int(int32(binary.NativeEndian.Uint32(body))))
			}
		case kind == unix.SCM_TIMESTAMP && len(body) >= 16:
			r.stamp = binary.NativeEndian.Uint64(body)*1_000_000 + binary.NativeEndian.Uint64(body[8:])
		}
		p = p[min(align8(n), uint64(len(p))):]
	}
}

// drop closes the descriptors that came with the last message.
func (r *receiver) drop() {
	for _, fd := range r.fds {
		_ = unix.Close(fd)
	}
	r.fds = r.fds[:0]
}

// consume takes n bytes that were peeked at out of the socket.
func (r *receiver) consume(fd, n int) {
	for n > 0 {
		got, err := r.receive(fd, n, 0)
		r.drop()
		if err != nil || got == 0 {
			return
		}
		n -= got
	}
}

// peekOffset returns how much of the socket was peeked at and not consumed, -1 if nobody peeks.
func peekOffset(fd int) int {
	n, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_PEEK_OFF)
	if err != nil {
		return -1
	}
	return n
}

func setPeekOffset(fd, n int) error {
	return unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_PEEK_OFF, n)
}

// NewStream makes the connection between a service and the journal: the service's end, blocking, for its standard
// output and error, and the journal's end for Link.Attach. The kernel notes the sender of each message from the first
// one on. Both are closed on exec.
func NewStream() (service, journal int, err error) {
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return -1, -1, fmt.Errorf("cannot make a stream to the journal: %w", err)
	}
	if err = unix.SetsockoptInt(fds[1], unix.SOL_SOCKET, unix.SO_PASSCRED, 1); err != nil {
		_ = unix.Close(fds[0])
		_ = unix.Close(fds[1])
		return -1, -1, fmt.Errorf("cannot make a stream to the journal: %w", err)
	}
	_ = unix.Shutdown(fds[0], unix.SHUT_RD)
	return fds[0], fds[1], nil
}
