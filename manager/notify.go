package manager

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"strconv"
	"strings"

	"davit/engine"
	"davit/host"

	"golang.org/x/sys/unix"
)

// Bounds of one sd_notify(3) datagram.
const (
	notifyMax    = 4096 // bytes, as systemd has it
	notifyFDsMax = 768
)

// message is a datagram that was received and not delivered yet.
type message struct {
	unit   string // from a socket of the unit's own; else found by the sender's pid
	pid    int
	uid    int
	fields []engine.Field
	fds    []int
	pidfd  int // of the sender, -1 where the kernel does not pass it
}

// notifySocket receives sd_notify(3) datagrams with their senders' credentials.
type notifySocket struct {
	fd   int
	unit string // of whom it is, empty for the common one
	path string
}

func listenNotify(path, unit string, mode os.FileMode) (*notifySocket, error) {
	fd, err := host.Listen(path, unix.SOCK_DGRAM, mode)
	if err != nil {
		return nil, err
	}
	if err := unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_PASSCRED, 1); err != nil {
		unix.Close(fd)
		return nil, fmt.Errorf("cannot receive credentials on %s: %w", path, err)
	}
	_ = unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_PASSPIDFD, 1) // since 6.5
	_ = unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUFFORCE, 8<<20)
	return &notifySocket{fd: fd, unit: unit, path: path}, nil
}

// queueLength is how many datagrams can wait in a socket at most. Draining that many after exits were peeked has seen
// everything that was sent before those exits, and no flood can hold the loop longer.
func queueLength() int {
	raw, err := os.ReadFile("/proc/sys/net/unix/max_dgram_qlen")
	if err == nil {
		if n, err := strconv.Atoi(strings.TrimSpace(string(raw))); err == nil && n > 0 {
			return n + 1
		}
	}
	return 1024
}

// drain receives at most limit datagrams. What cannot be attributed to a sender is dropped.
func (n *notifySocket) drain(limit int, buf, oob []byte, take func(message)) {
	for range limit {
		size, control, flags, _, err := unix.Recvmsg(n.fd, buf, oob, unix.MSG_DONTWAIT|unix.MSG_CMSG_CLOEXEC)
		if err == unix.EINTR {
			continue
		} else if err != nil {
			return
		}
		m := message{unit: n.unit, pidfd: -1}
		if ok := m.credentials(oob[:control]); ok && flags&unix.MSG_TRUNC == 0 {
			m.fields = parseNotify(buf[:size])
			take(m)
		} else {
			closeAll(m.fds)
		}
		if m.pidfd >= 0 {
			unix.Close(m.pidfd)
		}
	}
}

// credentials takes the sender and the descriptors from the control messages.
func (m *message) credentials(oob []byte) (ok bool) {
	controls, err := unix.ParseSocketControlMessage(oob)
	if err != nil {
		return false
	}
	for i := range controls {
		switch c := &controls[i]; c.Header.Type {
		case unix.SCM_RIGHTS:
			if fds, err := unix.ParseUnixRights(c); err == nil {
				m.fds = append(m.fds, fds...)
			}
		case unix.SCM_PIDFD:
			if len(c.Data) >= 4 {
				m.pidfd = int(int32(binary.NativeEndian.Uint32(c.Data)))
			}
		case unix.SCM_CREDENTIALS:
			if cred, err := unix.ParseUnixCredentials(c); err == nil && cred.Pid > 0 {
				m.pid, m.uid, ok = int(cred.Pid), int(cred.Uid), true
			}
		}
	}
	return ok
}

// parseNotify splits a datagram into its assignments. Lines without "=" are ignored, as systemd does.
func parseNotify(text []byte) []engine.Field {
	var fields []engine.Field
	for line := range bytes.SplitSeq(text, []byte{'\n'}) {
		key, value, ok := bytes.Cut(bytes.TrimRight(line, "\x00"), []byte{'='})
		if ok && len(key) > 0 {
			fields = append(fields, engine.Field{Key: string(key), Value: string(value)})
		}
	}
	return fields
}

// barrier says whether the datagram is only sd_notify_barrier(3)'s: closing its descriptor is the answer.
func (m *message) barrier() bool {
	return len(m.fields) == 1 && m.fields[0].Key == "BARRIER" && m.fields[0].Value == "1"
}

func closeAll(fds []int) {
	for _, fd := range fds {
		unix.Close(fd)
	}
}

// notifyControlSize is room for the control messages of one datagram.
var notifyControlSize = unix.CmsgSpace(4*notifyFDsMax) + unix.CmsgSpace(binary.Size(unix.Ucred{})) + unix.CmsgSpace(4)
