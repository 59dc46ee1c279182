package socketact

import (
	"errors"
	"fmt"
	"unsafe"

	"golang.org/x/sys/unix"
)

func (r *request) openNetlink() (Listener, error) {
	family, groups, err := parseNetlink(r.listen.Address)
	if err != nil {
		return Listener{}, err
	}
	l := Listener{Kind: r.listen.Kind, Address: r.listen.Address}
	l.FD = r.take(func(fd int) bool {
		p, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_PROTOCOL)
		if err != nil || p != family {
			return false
		}
		sa, err := unix.Getsockname(fd)
		have, ok := sa.(*unix.SockaddrNetlink)
		return err == nil && ok && have.Groups == groups
	})
	a := address{family: unix.AF_NETLINK}
	if l.FD < 0 {
		l.FD, err = unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, family)
		if err != nil {
			return Listener{}, err
		}
		if err := unix.Bind(l.FD, &unix.SockaddrNetlink{Family: unix.AF_NETLINK, Groups: groups}); err != nil {
			unix.Close(l.FD)
			return Listener{}, err
		}
	}
	r.options(l.FD, a, unix.SOCK_RAW)
	return l, nil
}

// queueAttr is struct mq_attr of mq_getattr(3).
type queueAttr struct {
	flags, maxmsg, msgsize, curmsgs int
	_                               [4]int
}

// openQueue opens or makes a POSIX message queue (mq_overview(7)); the system call takes the name without its slash.
func (r *request) openQueue() (Listener, error) {
	name := r.listen.Address
	if len(name) < 2 || name[0] != '/' {
		return Listener{}, errors.New("the name of a message queue starts with a slash")
	}
	p, err := unix.BytePtrFromString(name[1:])
	if err != nil {
		return Listener{}, err
	}
	var attr *queueAttr // none: the kernel's defaults
	if s := r.socket; s.MessageQueueMaxMessages > 0 && s.MessageQueueMessageSize > 0 {
		attr = &queueAttr{maxmsg: int(s.MessageQueueMaxMessages), msgsize: int(s.MessageQueueMessageSize)}
	}
	flags := uintptr(unix.O_RDWR | unix.O_CLOEXEC | unix.O_NONBLOCK | unix.O_CREAT)
	fd, _, errno := unix.Syscall6(unix.SYS_MQ_OPEN, uintptr(unsafe.Pointer(p)), flags, 0o600, uintptr(unsafe.Pointer(attr)), 0, 0)
	if errno != 0 {
		return Listener{}, errno
	}
	l := Listener{FD: int(fd), Kind: r.listen.Kind, Address: name, path: name}
	if r.owner.UID >= 0 || r.owner.GID >= 0 {
		err = unix.Fchown(l.FD, r.owner.UID, r.owner.GID)
	}
	if err = errors.Join(err, unix.Fchmod(l.FD, uint32(r.socket.SocketMode))); err != nil {
		unix.Close(l.FD)
		return Listener{}, fmt.Errorf("cannot set owner and mode: %w", err)
	}
	return l, nil
}

func unlinkQueue(name string) {
	if p, err := unix.BytePtrFromString(name[1:]); err == nil {
		unix.Syscall(unix.SYS_MQ_UNLINK, uintptr(unsafe.Pointer(p)), 0, 0) //nolint:errcheck // gone is what was wanted
	}
}

// Flush throws away what waits on a listener: connections that nobody took, datagrams, bytes (FlushPending=yes).
func Flush(l Listener) error {
	if err := unix.SetNonblock(l.FD, true); err != nil {
		return fmt.Errorf("cannot flush %s: %w", l.Address, err)
	}
	var buf [4096]byte
	for range 100_000 { // who sends faster than we throw away does not stop the manager
		var err error
		if l.Accepts {
			var fd int
			if fd, _, err = unix.Accept4(l.FD, unix.SOCK_CLOEXEC); err == nil {
				unix.Close(fd)
			}
		} else {
			_, err = unix.Read(l.FD, buf[:])
		}
		switch err {
		case nil, unix.EINTR, unix.ECONNABORTED:
		case unix.EAGAIN:
			return nil
		default:
			return fmt.Errorf("cannot flush %s: %w", l.Address, err)
		}
	}
	return nil
}
