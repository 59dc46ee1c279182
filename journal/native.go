package journal

import (
	"bytes"
	"encoding/binary"
	"strconv"

	"golang.org/x/sys/unix"
)

// sender is what is known of a process that sends datagrams.
type sender struct {
	from creds
	at   uint64 // monotonic time
	set  *Set
}

// maxSenders bounds how many processes are remembered.
const maxSenders = 256

// accept takes a connection with systemd's header in front, as systemd-cat(1) makes it.
func (d *daemon) accept() {
	for {
		fd, _, err := unix.Accept4(d.stdout, unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK)
		if err != nil {
			return
		}
		peer := creds{}
		if c, err := unix.GetsockoptUcred(fd, unix.SOL_SOCKET, unix.SO_PEERCRED); err == nil {
			peer = creds{c.Pid, c.Uid, c.Gid}
		}
		_ = unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_PASSCRED, 1)
		s := &stream{fd: int32(fd), header: true, from: peer, prio: 6, max: 7}
		d.streams[s.fd] = s
		if d.watch(fd, unix.EPOLLIN|unix.EPOLLRDHUP|unix.EPOLLET) != nil {
			d.dropHeaderless(s)
		}
	}
}

func (d *daemon) dropHeaderless(s *stream) {
	_ = unix.Close(int(s.fd))
	delete(d.streams, s.fd)
	s.fd = -1
}

// maxHeader bounds systemd's stream header.
const maxHeader = 4096

// readHeader reads the seven lines of the header once they are there, and makes the connection a stream. It reports whether to
// go on.
func (d *daemon) readHeader(s *stream) bool {
	n, err := d.recv.receive(int(s.fd), maxHeader, unix.MSG_PEEK)
	d.recv.drop()
	if err == unix.EAGAIN {
		return false
	}
	end := headerEnd(d.recv.buf[:max(n, 0)])
	if err != nil || n == 0 || end < 0 && n >= maxHeader {
		d.dropHeaderless(s)
		return false
	}
	if end < 0 {
		return false
	}
	h := d.parseHeader(d.recv.buf[:end], s.from)
	d.recv.consume(int(s.fd), end)
	fd := s.fd
	*s = *d.newStream(h, int(fd))
	s.from = h.peer
	d.byID[s.id] = s
	_ = setPeekOffset(int(fd), 0)
	d.send(h.encode(verbKeep), int(fd))
	return true
}

// headerEnd returns the length of seven lines, -1 while they are not complete.
func headerEnd(p []byte) int {
	at := 0
	for range 7 {
		i := bytes.IndexByte(p[at:], '\n')
		if i < 0 {
			return -1
		}
		at += i + 1
	}
	return at
}

// parseHeader reads identifier, unit, priority, level prefix and three forwards, which are not done. Only root says what unit it is.
func (d *daemon) parseHeader(p []byte, peer creds) *Stream {
	lines := bytes.Split(p, []byte("\n"))
	h := &Stream{Identifier: string(lines[0]), Priority: 6, Facility: 3, MaxLevel: 7, LevelPrefix: string(lines[3]) == "1", peer: peer}
	if peer.uid == 0 {
		h.Unit = string(lines[1])
	}
	if v, err := strconv.Atoi(string(lines[2])); err == nil && v >= 0 {
		h.Priority, h.Facility = v&7, v>>3
	}
	h.ID = NewID()
	return h
}

// readNative stores datagrams of the native protocol. Each is peeked at, stored, and then consumed, so that a kill loses none.
func (d *daemon) readNative() {
	d.datagrams(d.native, func(p []byte, from creds) {
		if len(p) == 0 && len(d.recv.fds) == 1 {
			d.readMemfd(d.recv.fds[0], from)
			return
		}
		d.storeNative(p, from)
	})
}

// maxMemfd bounds an entry that comes as a file.
const maxMemfd = 64 << 20

// readMemfd stores an entry that was too long for a datagram.
func (d *daemon) readMemfd(fd int, from creds) {
	var st unix.Stat_t
	if unix.Fstat(fd, &st) != nil || st.Mode&unix.S_IFMT != unix.S_IFREG || st.Size <= 0 || st.Size > maxMemfd {
		return
	}
	text := make([]byte, st.Size)
	for at := 0; at < len(text); {
		n, err := unix.Pread(fd, text[at:], int64(at))
		if err != nil || n == 0 {
			return
		}
		at += n
	}
	d.storeNative(text, from)
}

func (d *daemon) storeNative(p []byte, from creds) {
	if fields := parseNative(p, false); len(fields) > 0 {
		d.append(d.senderSet(from, "journal"), fields...)
	}
}

// datagrams gives each datagram of a socket to take.
func (d *daemon) datagrams(fd int, take func(p []byte, from creds)) {
	if fd < 0 {
		return
	}
	for range 256 {
		n, err := d.recv.receive(fd, peekSize, unix.MSG_PEEK)
		if err != nil {
			return
		}
		take(d.recv.buf[:n], d.recv.from)
		d.recv.drop()
		_, _ = d.recv.receive(fd, peekSize, 0)
		d.recv.drop()
	}
}

// senderSet returns the trusted fields of a process, looked up anew now and then.
func (d *daemon) senderSet(from creds, transport string) *Set {
	x := d.senders[from.pid]
	if x != nil && x.from == from && d.now.Mono-x.at < refresh {
		return x.set
	}
	if len(d.senders) >= maxSenders {
		clear(d.senders)
	}
	fields := append(d.proc.processFields("_", from), "_TRANSPORT="+transport)
	x = &sender{from, d.now.Mono, NewSet(d.base, append(fields, d.placeFields(from)...)...)}
	d.senders[from.pid] = x
	return x.set
}

// placeFields returns the fields that say in which unit a process is.
func (d *daemon) placeFields(from creds) []string {
	cgroup := d.proc.cgroup(from.pid, d.cfg.root)
	p := placeOf(cgroup)
	fields := p.fields(cgroup, from.uid)
	if id, ok := d.units[p.unit]; ok {
		fields = append(fields, "_SYSTEMD_INVOCATION_ID="+id.String())
	} else if id := d.proc.invocation(from.pid); len(id) == 32 {
		fields = append(fields, "_SYSTEMD_INVOCATION_ID="+id)
	}
	return fields
}

// parseNative splits a message of the native protocol into fields, each NAME=value. Names that are not valid are left out, and
// so are trusted ones (with a leading underscore) unless the sender is.
func parseNative(p []byte, trusted bool) (fields [][]byte) {
	for len(p) > 0 && len(fields) < 1024 {
		i := bytes.IndexByte(p, '\n')
		line := p
		if i >= 0 {
			line = p[:i]
		}
		eq := bytes.IndexByte(line, '=')
		if eq >= 0 || i < 0 {
			if eq > 0 && validName(line[:eq], trusted) {
				fields = append(fields, line)
			}
			if i < 0 {
				break
			}
			p = p[i+1:]
			continue
		}
		rest := p[i+1:]
		if len(rest) < 8 {
			break
		}
		n := binary.LittleEndian.Uint64(rest)
		if n > uint64(len(rest)-8) {
			break
		}
		if len(line) > 0 && validName(line, trusted) {
			fields = append(fields, append(append(bytes.Clone(line), '='), rest[8:8+n]...))
		}
		p = rest[8+n:]
		if len(p) > 0 && p[0] == '\n' {
			p = p[1:]
		}
	}
	return fields
}

// validName reports whether a field may have that name: upper-case letters, digits and underscores, not beginning with a digit.
func validName(name []byte, trusted bool) bool {
	if len(name) == 0 || len(name) > 64 || name[0] == '_' && !trusted || name[0] >= '0' && name[0] <= '9' {
		return false
	}
	for _, c := range name {
		if (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '_' {
			return false
		}
	}
	return true
}
