package journal

import (
	"bytes"
	"fmt"
	"strconv"

	"golang.org/x/sys/unix"
)

// stream is one connection that text comes from. There may be thousands of them, so it is small.
type stream struct {
	fd      int32
	id      ID
	limit   *rate
	fixed   *Set // fields of every line
	sender  *Set // and those of the process that wrote last
	from    creds
	readAt  uint64 // when the process was looked at
	prio    int8
	max     int8
	prefix  bool
	naming  bool // SYSLOG_IDENTIFIER= is the name of the process
	header  bool // systemd's header has not come yet
	trusted bool // the unit is known from the header
	queued  bool // in daemon.ready
	unit    string
}

// rate is the limit of a stream that has one.
type rate struct {
	interval, burst, begin, count, dropped uint64
}

// refresh is how long what was read about a process is believed.
const refresh = 5_000_000

// newStream makes a stream of what its header says.
func (d *daemon) newStream(h *Stream, fd int) *stream {
	s := &stream{
		fd: int32(fd), id: h.ID, unit: h.Unit, prio: int8(h.Priority & 7), max: int8(h.MaxLevel & 7),
		prefix: h.LevelPrefix, naming: h.Identifier == "", trusted: h.attached || h.Unit != "",
	}
	fields := make([]string, 0, 12)
	add := func(name, v string) {
		if v != "" {
			fields = append(fields, name+"="+v)
		}
	}
	add("_TRANSPORT", "stdout")
	add("_STREAM_ID", h.ID.String())
	add("SYSLOG_IDENTIFIER", h.Identifier)
	if h.Facility >= 0 {
		add("SYSLOG_FACILITY", strconv.Itoa(h.Facility))
	}
	if s.trusted {
		kind := "_SYSTEMD_"
		if h.User {
			kind = "_SYSTEMD_USER_"
			add("_SYSTEMD_OWNER_UID", strconv.Itoa(h.Owner))
		}
		add(kind+"UNIT", h.Unit)
		add(kind+"SLICE", h.Slice)
		add("_SYSTEMD_CGROUP", h.Cgroup)
		if h.Invocation != (ID{}) {
			add("_SYSTEMD_INVOCATION_ID", h.Invocation.String())
		}
	}
	fields = append(fields, h.Extra...)
	s.fixed = NewSet(d.base, fields...)
	if h.Interval > 0 && h.Burst > 0 {
		s.limit = &rate{interval: h.Interval, burst: h.Burst}
	}
	if h.Unit != "" && h.Invocation != (ID{}) && !h.User {
		d.units[h.Unit] = h.Invocation
	}
	return s
}

// drain reads a stream until it is empty or its turn is over. It reports whether there may be more.
func (d *daemon) drain(s *stream) (more bool) {
	for range turnChunks {
		if s.header {
			if !d.readHeader(s) {
				return false
			}
			continue
		}
		n, err := d.recv.receive(int(s.fd), peekSize, unix.MSG_PEEK)
		d.recv.drop()
		switch {
		case err == unix.EAGAIN:
			return false
		case err != nil || n == 0:
			d.finish(s)
			return false
		}
		d.tick()
		d.report()
		d.begin(s.id, n, 0)
		d.take(s, d.recv.buf[:n], 0)
	}
	return true
}

// begin begins work in the ledger.
func (d *daemon) begin(source ID, n int, pos uint64) {
	d.pos = pos
	d.ledger.begin(source, n, d.store.Seqnum(), pos)
}

// take deals with a chunk that was peeked at and begun in the ledger. start is how far a killed daemon had come.
func (d *daemon) take(s *stream, chunk []byte, start uint64) {
	from := s.from
	if d.recv.known {
		from = d.recv.from
	}
	done := int(start >> 1)
	rest, author := d.ledger.rest(s.id)
	slot, length := -1, uint64(0)
	if len(rest) > 0 {
		slot = d.ledger.slots[s.id]
		if start&1 != 0 {
			rest = nil
		}
	}
	if len(rest) > 0 && author.pid != from.pid && author.pid != 0 && from.pid != 0 {
		d.store1(s, author, rest, nil, "pid-change", 0)
		rest = nil
	}
	for done < len(chunk) {
		p := chunk[done:]
		text, used, broken := cut(p, lineMax-len(rest))
		if used == 0 {
			break // an unfinished line
		}
		done += used
		d.store1(s, from, rest, text, broken, done)
		rest = nil
	}
	switch tail := chunk[done:]; {
	case len(tail) == 0:
	case len(chunk) == peekSize && done > 0: // there may be more of it: leave it where it is
		d.recv.drop()
	default:
		was := uint64(len(rest))
		i, n := d.ledger.spill(s.id, was, tail, from)
		if i < 0 { // no slot is free: a line ends here, rather than wait for ever
			d.store1(s, from, rest, tail, "line-max", len(chunk))
		} else {
			slot, length = i, n
		}
		done = len(chunk)
	}
	d.ledger.commit(done, slot, length)
	d.recv.consume(int(s.fd), done)
	if done < len(chunk) {
		_ = setPeekOffset(int(s.fd), 0)
	}
	d.ledger.end()
}

// cut finds the first line in p: its text, how many bytes it takes up with its end, and what ended it if not a newline.
// used is 0 if the line is unfinished.
func cut(p []byte, room int) (text []byte, used int, broken string) {
	room = max(room, 1)
	i := bytes.IndexByte(p, '\n')
	line := p
	if i >= 0 {
		line = p[:i]
	}
	if z := bytes.IndexByte(line, 0); z >= 0 && z <= room {
		return p[:z], z + 1, "nul"
	}
	if i < 0 && len(p) < room {
		return nil, 0, ""
	}
	if i < 0 || i > room {
		return p[:room], room, "line-max"
	}
	return line, i + 1, ""
}

// store1 stores one line, which begins in rest and ends in text. end is how many bytes of the chunk are dealt with
// then.
func (d *daemon) store1(s *stream, from creds, rest, text []byte, broken string, end int) {
	line := append(append(append(d.line[:0], "MESSAGE="...), rest...), text...)
	d.line = line
	level := s.prio
	if s.prefix {
		line, level = levelPrefix(line, level)
	}
	pos := uint64(end)<<1 | 1
	if len(line) == len("MESSAGE=") || level > s.max || !d.admit(s) {
		d.pos = pos
		d.ledger.skip(d.store.Seqnum(), pos)
		return
	}
	if s.sender == nil || from != s.from || d.now.Mono-s.readAt > refresh {
		d.identify(s, from)
	}
	d.pos = pos
	d.ledger.about(d.store.Seqnum(), pos)
	if broken == "" {
		d.append(s.sender, line, d.priority(int(level)))
	} else {
		d.append(s.sender, line, d.priority(int(level)), []byte("_LINE_BREAK="+broken))
	}
}

// levelPrefix takes <N> off the front of the text in a MESSAGE field.
func levelPrefix(line []byte, level int8) ([]byte, int8) {
	const name = len("MESSAGE=")
	p := line[name:]
	if len(p) < 3 || p[0] != '<' || p[1] < '0' || p[1] > '7' || p[2] != '>' {
		return line, level
	}
	level = int8(p[1] - '0')
	copy(line[3:], line[:name])
	return line[3:], level
}

// admit applies the rate limit. What it holds back is counted, and said when the next interval begins.
func (d *daemon) admit(s *stream) bool {
	r := s.limit
	if r == nil {
		return true
	}
	if d.now.Mono-r.begin >= r.interval {
		dropped := r.dropped
		r.begin, r.count, r.dropped = d.now.Mono, 0, 0
		if dropped > 0 {
			text := fmt.Sprintf("Suppressed %d messages from %s", dropped, s.unit)
			d.ledger.about(d.store.Seqnum(), d.pos)
			d.append(d.own, []byte("MESSAGE="+text), []byte("PRIORITY=4"), []byte("UNIT="+s.unit),
				[]byte("N_DROPPED="+strconv.FormatUint(dropped, 10)))
		}
	}
	if r.count >= r.burst {
		r.dropped++
		return false
	}
	r.count++
	return true
}

// identify looks at the process that writes now.
func (d *daemon) identify(s *stream, from creds) {
	var fields []string
	if from.pid > 0 {
		fields = d.proc.processFields("_", from)
	}
	if s.naming {
		for _, f := range fields {
			if v, ok := bytes.CutPrefix([]byte(f), []byte("_COMM=")); ok {
				fields = append(fields, "SYSLOG_IDENTIFIER="+string(v))
			}
		}
	}
	if !s.trusted && from.pid > 0 {
		fields = append(fields, d.placeFields(from)...)
	}
	fresh := NewSet(s.fixed, fields...)
	if s.sender == nil || !bytes.Equal(s.sender.packed, fresh.packed) {
		s.sender = fresh
	}
	s.from, s.readAt = from, d.now.Mono
}

// finish ends a stream that has come to its end: its last line may lack a newline.
func (d *daemon) finish(s *stream) {
	if rest, author := d.ledger.rest(s.id); len(rest) > 0 {
		slot := d.ledger.slots[s.id]
		d.begin(s.id, 0, 0)
		d.store1(s, author, rest, nil, "eof", 0)
		d.ledger.commit(0, slot, 0)
		d.ledger.end()
	}
	d.drop(s)
	d.done = append(d.done, s.id)
}

// drop closes a stream.
func (d *daemon) drop(s *stream) {
	_ = unix.EpollCtl(d.epoll, unix.EPOLL_CTL_DEL, int(s.fd), nil)
	_ = unix.Close(int(s.fd))
	delete(d.streams, s.fd)
	delete(d.byID, s.id)
	s.fd = -1
}

// attach begins to read a stream. It may be one that an earlier daemon was reading when it was killed.
func (d *daemon) attach(h *Stream, fd int) error {
	if d.byID[h.ID] != nil {
		return unix.Close(fd)
	}
	s := d.newStream(h, fd)
	if !h.attached {
		s.from = h.peer
	}
	if err := unix.SetNonblock(fd, true); err != nil {
		return fmt.Errorf("cannot read a stream: %w", err)
	}
	_ = unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_PASSCRED, 1)
	d.streams[s.fd], d.byID[s.id] = s, s
	if w, ok := d.ledger.pending(s.id); ok {
		d.catchUp(s, w)
	} else if peekOffset(fd) != 0 {
		if err := setPeekOffset(fd, 0); err != nil {
			return fmt.Errorf("cannot peek into a stream: %w", err)
		}
	}
	return d.watch(fd, unix.EPOLLIN|unix.EPOLLRDHUP|unix.EPOLLET)
}

// catchUp completes what a killed daemon was doing with the stream. Being killed here changes nothing: the next daemon
// finds either the pending work or, for the same stream, work in progress, which takes precedence.
func (d *daemon) catchUp(s *stream, w work) {
	fd := int(s.fd)
	switch {
	case w.done:
		d.ledger.resize(w.slot, w.length)
		consumed := uint64(0)
		if off := peekOffset(fd); off >= 0 && uint64(off) < w.peeked {
			consumed = w.peeked - uint64(off)
		}
		if consumed < w.through {
			d.recv.consume(fd, int(w.through-consumed))
		}
		d.ledger.forget(s.id)
		_ = setPeekOffset(fd, 0)
	case w.peeked == 0: // it was storing the last, unfinished line
		if i, ok := d.ledger.slots[s.id]; ok && w.pos != 0 {
			d.ledger.resize(i, 0)
		}
		d.ledger.forget(s.id)
		_ = setPeekOffset(fd, 0)
	default:
		_ = setPeekOffset(fd, 0)
		n, err := d.recv.receive(fd, int(w.peeked), unix.MSG_PEEK)
		d.recv.drop()
		if err != nil || n == 0 {
			d.ledger.forget(s.id)
			return
		}
		d.begin(s.id, n, w.pos)
		d.ledger.forget(s.id)
		d.take(s, d.recv.buf[:n], w.pos)
	}
}

// watch adds a descriptor to the epoll.
func (d *daemon) watch(fd int, events uint32) error {
	if err := unix.EpollCtl(d.epoll, unix.EPOLL_CTL_ADD, fd, &unix.EpollEvent{Events: events, Fd: int32(fd)}); err != nil {
		return fmt.Errorf("cannot watch descriptor %d: %w", fd, err)
	}
	return nil
}
