package dbus

import (
	"encoding/binary"
	"errors"
	"io"

	"golang.org/x/sys/unix"
)

// readChunk is how much one read takes, in bytes.
const readChunk = 64 << 10

// wouldBlock says that an error only means "later".
func wouldBlock(err error) bool { return errors.Is(err, unix.EAGAIN) || errors.Is(err, unix.EINTR) }

// receiver is where reads go; one serves all connections.
type receiver struct {
	buf     [readChunk]byte
	control [1040]byte // holds maxFDs descriptors
}

// receive reads once without blocking, and appends descriptors that come along to fds. The end of the stream is io.EOF.
func (r *receiver) receive(fd int, fds []int) (int, []int, error) {
	n, cn, flags, _, err := unix.Recvmsg(fd, r.buf[:], r.control[:], unix.MSG_DONTWAIT|unix.MSG_CMSG_CLOEXEC)
	if err != nil {
		return 0, fds, err
	}
	fds, err = rights(r.control[:cn], fds)
	switch {
	case err != nil:
		return n, fds, err
	case flags&unix.MSG_CTRUNC != 0:
		return n, fds, malformed("too many descriptors")
	case n == 0:
		return 0, fds, io.EOF
	}
	return n, fds, nil
}

func rights(control []byte, fds []int) ([]int, error) {
	if len(control) == 0 {
		return fds, nil
	}
	messages, err := unix.ParseSocketControlMessage(control)
	if err != nil {
		return fds, malformed("control message: %v", err)
	}
	for i := range messages {
		if messages[i].Header.Level != unix.SOL_SOCKET || messages[i].Header.Type != unix.SCM_RIGHTS {
			continue
		}
		for data := messages[i].Data; len(data) >= 4; data = data[4:] {
			fds = append(fds, int(int32(binary.NativeEndian.Uint32(data))))
		}
	}
	return fds, nil
}

// send writes once without blocking and without SIGPIPE.
func send(fd int, buf []byte, fds []int) (int, error) {
	var control []byte
	if len(fds) > 0 {
		control = unix.UnixRights(fds...)
	}
	return unix.SendmsgN(fd, buf, control, nil, unix.MSG_DONTWAIT|unix.MSG_NOSIGNAL)
}

func closeAll(fds []int) {
	for _, fd := range fds {
		_ = unix.Close(fd)
	}
}
