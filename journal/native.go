package journal

import (
	"bytes"
	"encoding/binary"
	"strconv"
	"strings"

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

// readNative stores datagrams of the native protocol.
func (d *daemon) readNative() {
	d.datagrams(d.native, nativeSource, d.takeNative)
}

// takeNative stores a datagram, or what is in the file that came with it.
func (d *daemon) takeNative(p []byte, from creds, start uint64) {
	if len(p) == 0 && len(d.recv.fds) == 1 {
		d.readMemfd(d.recv.fds[0], from)
		return
	}
	d.storeNative(p, from, start)
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
	d.storeNative(text, from, 0)
}

// storeNative stores the entries in a message, all but the first start ones.
func (d *daemon) storeNative(p []byte, from creds, start uint64) {
	for n := uint64(1); len(p) > 0; n++ {
		var fields [][]byte
		if fields, p = parseNative(p, false); len(fields) == 0 || n <= start {
			continue
		}
		set := d.senderSet(from, "journal")
		fields = append(fields, d.objectFields(fields, from)...)
		d.ledger.about(d.store.Seqnum(), n)
		d.append(set, d.stamped(fields)...)
	}
}

// objectFields returns what is known about the process that root says the entry is about (OBJECT_PID=).
func (d *daemon) objectFields(fields [][]byte, from creds) (all [][]byte) {
	const name = "OBJECT_PID="
	for _, f := range fields {
		if from.uid != 0 || !bytes.HasPrefix(f, []byte(name)) {
			continue
		}
		pid, err := strconv.ParseInt(string(f[len(name):]), 10, 32)
		if err != nil || pid <= 0 {
			return nil
		}
		about := creds{pid: int32(pid)}
		more := append(d.proc.processFields("OBJECT_", about)[1:], d.placeFields(about)...)
		for _, m := range more {
			if strings.HasPrefix(m, "_") {
				m = "OBJECT" + m
			}
			all = append(all, []byte(m))
		}
		return all
	}
	return nil
}

// stamped adds when the kernel took the datagram.
func (d *daemon) stamped(fields [][]byte) [][]byte {
	if d.recv.stamp == 0 {
		return fields
	}
	return append(fields, strconv.AppendUint([]byte("_SOURCE_REALTIME_TIMESTAMP="), d.recv.stamp, 10))
}

// The sources that datagrams come from, in the ledger.
var (
	nativeSource = ID{'n', 'a', 't', 'i', 'v', 'e'}
	syslogSource = ID{'s', 'y', 's', 'l', 'o', 'g'}
)

// maxDatagram is how long a datagram may be; what is longer comes as a file, or is cut.
const maxDatagram = peekSize

// datagrams gives each datagram of a socket to take, which is to note in the ledger what it stores: as with streams, a datagram stays
// in the kernel until it is dealt with. start is what an earlier daemon stored of it before it was killed.
func (d *daemon) datagrams(fd int, source ID, take func(p []byte, from creds, start uint64)) {
	if fd < 0 {
		return
	}
	for range 256 {
		n, err := d.recv.receive(fd, maxDatagram, unix.MSG_PEEK)
		if err != nil {
			return
		}
		d.takeDatagram(fd, n, source, 0, take)
	}
}

func (d *daemon) takeDatagram(fd, n int, source ID, start uint64, take func(p []byte, from creds, start uint64)) {
	d.begin(source, n, start)
	d.ledger.forget(source)
	if d.recv.cut {
		d.lose(ErrTooBig)
	} else {
		take(d.recv.buf[:n], d.recv.from, start)
	}
	d.recv.drop()
	d.ledger.commit(n, -1, 0)
	_, _ = d.recv.receive(fd, 1, 0)
	d.recv.drop()
	d.ledger.end()
}

// resumeDatagrams completes what a killed daemon was doing with a socket. For a datagram without bytes, which brings a file, the kernel
// cannot say whether it was taken: it is stored again.
func (d *daemon) resumeDatagrams(fd int, source ID, take func(p []byte, from creds, start uint64)) {
	off := peekOffset(fd)
	_ = setPeekOffset(fd, -1) // the next one to be read, whatever was peeked at
	w, ok := d.ledger.pending(source)
	for ok || off > 0 {
		n, err := d.recv.receive(fd, maxDatagram, unix.MSG_PEEK)
		switch {
		case err != nil, w.peeked > 0 && off <= 0: // it was taken
			d.recv.drop()
			d.ledger.forget(source)
		case w.done && w.peeked > 0: // it is dealt with, and not taken yet
			d.recv.drop()
			_, _ = d.recv.receive(fd, 1, 0)
			d.recv.drop()
			d.ledger.forget(source)
		default:
			d.takeDatagram(fd, n, source, w.pos, take)
		}
		ok, off = false, 0
	}
	_ = setPeekOffset(fd, 0)
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

// parseNative takes the first entry off a message of the native protocol: its fields, each NAME=value, up to an empty line. Names that
// are not valid are left out, and so are trusted ones (with a leading underscore) unless the sender is.
func parseNative(p []byte, trusted bool) (fields [][]byte, rest []byte) {
	for len(p) > 0 {
		line, after, whole := bytes.Cut(p, []byte("\n"))
		if len(line) == 0 {
			return fields, after
		}
		if eq := bytes.IndexByte(line, '='); eq >= 0 {
			if validName(line[:eq], trusted) && len(fields) < maxFields {
				fields = append(fields, line)
			}
			p = after
			continue
		}
		if !whole || len(after) < 8 {
			return fields, nil
		}
		n := binary.LittleEndian.Uint64(after)
		if n > uint64(len(after)-8) {
			return fields, nil
		}
		if validName(line, trusted) && len(fields) < maxFields {
			fields = append(fields, append(append(bytes.Clone(line), '='), after[8:8+n]...))
		}
		p = bytes.TrimPrefix(after[8+n:], []byte("\n"))
	}
	return fields, nil
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
