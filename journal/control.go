package journal

import (
	"bytes"
	"strconv"

	"golang.org/x/sys/unix"
)

// readControl acts on the manager's messages. A message is only peeked at until it has been acted on, so that a kill loses none; the
// number of a log line tells whether it was stored before a kill.
func (d *daemon) readControl() {
	for d.control >= 0 {
		n, err := d.recv.look(d.control)
		if err == unix.EAGAIN {
			return
		}
		if err != nil || n == 0 {
			d.orphaned()
			return
		}
		head, body, _ := bytes.Cut(d.recv.buf[:n], []byte("\n"))
		verb, number, _ := bytes.Cut(head, []byte(" "))
		switch string(verb) {
		case verbAttach:
			d.takeStream()
			continue
		case verbLog:
			n, _ := strconv.ParseUint(string(number), 10, 64)
			d.logManager(body, n)
		case verbSync:
			d.syncs = append(d.syncs, string(body))
		}
		_, _ = d.recv.receive(d.control, 1, 0)
		d.recv.drop()
		if string(verb) == verbSync {
			d.drainStreams()
		}
	}
}

// orphaned is the end of the manager. The streams of services that go on are read to their end; for everything else there may soon be
// another daemon, which finds our file in use and begins its own.
func (d *daemon) orphaned() {
	for _, fd := range []*int{&d.control, &d.stdout, &d.native, &d.syslog} {
		if *fd >= 0 {
			_ = unix.EpollCtl(d.epoll, unix.EPOLL_CTL_DEL, *fd, nil)
			_ = unix.Close(*fd)
			*fd = -1
		}
	}
	d.out = nil
	d.stopping = d.stopping || len(d.streams) == 0
}

// takeStream receives a stream that the manager attaches.
func (d *daemon) takeStream() {
	n, err := d.recv.receive(d.control, peekSize, 0)
	if err != nil {
		return
	}
	if len(d.recv.fds) != 1 {
		d.recv.drop()
		return
	}
	fd := d.recv.fds[0]
	d.recv.fds = d.recv.fds[:0]
	_, body, _ := bytes.Cut(d.recv.buf[:n], []byte("\n"))
	h, ok := decodeStream(string(body))
	if !ok {
		_ = unix.Close(fd)
		return
	}
	if err := d.attach(h, fd); err != nil {
		d.say(4, "cannot attach the stream of "+h.Unit+": "+err.Error())
	}
	if d.fresh++; d.fresh >= ackEvery {
		d.send(append([]byte(verbAttached+"\n"), strconv.Itoa(d.fresh)...), -1)
		d.fresh = 0
	}
}

// ackEvery is after how many streams the manager is told that there is room for as many more.
const ackEvery = 64

// logManager stores a line of the manager's own, unless an earlier daemon did.
func (d *daemon) logManager(body []byte, number uint64) {
	if number != 0 && number <= d.logged {
		return
	}
	if fields, _ := parseNative(body, true); len(fields) > 0 {
		d.ledger.logging(d.store.Seqnum(), number)
		d.append(d.manager, fields...)
	}
}

// drainStreams reads everything once, so that what was written before a sync is stored by its end.
func (d *daemon) drainStreams() {
	d.accept()
	d.readNative()
	d.readSyslog()
	for _, s := range d.streams {
		if d.drain(s) && !s.queued {
			s.queued = true
			d.ready = append(d.ready, s)
		}
	}
}

// maxReport is how many ids one message holds.
const maxReport = 512

// reportFinished tells the manager which streams have come to their end, so that it lets go of them.
func (d *daemon) reportFinished() {
	for len(d.done) > 0 {
		n := min(len(d.done), maxReport)
		msg := []byte(verbFinished)
		for _, id := range d.done[:n] {
			msg = append(append(msg, '\n'), id.String()...)
		}
		d.done = d.done[n:]
		d.send(msg, -1)
	}
	d.done = nil
	if d.control < 0 && len(d.streams) == 0 {
		d.stopping = true
	}
}

// send gives the manager a message, with a descriptor unless that is negative. What finds no room waits.
func (d *daemon) send(msg []byte, fd int) {
	if d.control < 0 {
		return
	}
	if len(d.out) == 0 && sendMessage(d.control, msg, fd) != unix.EAGAIN {
		return
	}
	d.out = append(d.out, message{msg, fd})
	d.watchControl()
}

// flush sends what waited.
func (d *daemon) flush() {
	for len(d.out) > 0 {
		if sendMessage(d.control, d.out[0].text, d.out[0].fd) == unix.EAGAIN {
			return
		}
		d.out = d.out[1:]
	}
	d.out = nil
	d.watchControl()
}

func (d *daemon) watchControl() {
	events := uint32(unix.EPOLLIN)
	if len(d.out) > 0 {
		events |= unix.EPOLLOUT
	}
	_ = unix.EpollCtl(d.epoll, unix.EPOLL_CTL_MOD, d.control, &unix.EpollEvent{Events: events, Fd: int32(d.control)})
}

// message is one that waits to be sent. The descriptor stays its owner's.
type message struct {
	text []byte
	fd   int
}

// sendMessage sends without waiting.
func sendMessage(to int, text []byte, fd int) error {
	var oob []byte
	if fd >= 0 {
		oob = unix.UnixRights(fd)
	}
	for {
		err := unix.Sendmsg(to, text, oob, nil, unix.MSG_DONTWAIT|unix.MSG_NOSIGNAL)
		if err != unix.EINTR {
			return err
		}
	}
}
