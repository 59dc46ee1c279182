package dbus

import (
	"bytes"
	"fmt"
	"net"
	"sync"

	godbus "github.com/godbus/dbus/v5"
	"golang.org/x/sys/unix"
)

// clientReader collects bytes and descriptors until they make a line or a message.
type clientReader struct {
	conn *net.UnixConn
	buf  []byte
	fds  []int
}

func (r *clientReader) fill() error {
	chunk := make([]byte, readChunk)
	var control [1040]byte
	n, cn, _, _, err := r.conn.ReadMsgUnix(chunk, control[:])
	if n > 0 || cn > 0 {
		r.buf = append(r.buf, chunk[:n]...)
		fds, bad := rights(control[:cn], r.fds)
		if r.fds = fds; bad != nil {
			return bad
		}
		return nil
	}
	if err == nil {
		err = ErrClosed
	}
	return err
}

func (r *clientReader) line() (string, error) {
	for {
		if i := bytes.Index(r.buf, []byte("\r\n")); i >= 0 {
			line := string(r.buf[:i])
			r.buf = r.buf[i+2:]
			return line, nil
		}
		if len(r.buf) > maxHandshake {
			return "", malformed("a line is too long")
		}
		if err := r.fill(); err != nil {
			return "", err
		}
	}
}

func (r *clientReader) message() (*message, error) {
	for {
		size, err := messageSize(r.buf, maxMessage)
		if err != nil {
			return nil, err
		}
		if size > 0 && len(r.buf) >= size {
			m := new(message)
			if err := m.parse(r.buf[:size:size], nil); err != nil {
				return nil, err
			}
			if int(m.nfds) > len(r.fds) {
				return nil, malformed("descriptors are missing")
			}
			m.fds, r.fds = r.fds[:m.nfds:m.nfds], r.fds[m.nfds:]
			r.buf = r.buf[size:]
			return m, nil
		}
		if err := r.fill(); err != nil {
			return nil, err
		}
	}
}

// receive hands out what comes until the connection ends.
func (c *Client) receive(r *clientReader) {
	for {
		m, err := r.message()
		if err != nil {
			c.end(err)
			return
		}
		switch m.typ {
		case godbus.TypeMethodReply, godbus.TypeError:
			c.replied(m)
		case godbus.TypeSignal:
			c.signalled(m)
		}
		closeAll(m.fds)
	}
}

// end fails what waits, and what is called from now on.
func (c *Client) end(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.err = fmt.Errorf("%w: %w", ErrClosed, err)
	if c.signals != nil {
		c.signals.close()
	}
	close(c.ended)
	_ = c.conn.Close()
}

func (c *Client) replied(m *message) {
	c.mu.Lock()
	answer := c.waiting[m.replySerial]
	delete(c.waiting, m.replySerial)
	c.mu.Unlock()
	if answer == nil {
		return
	}
	d := m.decoder()
	body := d.values(m.sig)
	if d.err != nil {
		answer <- result{err: d.err}
		return
	}
	if m.typ == godbus.TypeError {
		e := &Error{Name: m.errorName, Text: m.errorName}
		if len(body) > 0 {
			if text, ok := body[0].(string); ok {
				e.Text = text
			}
		}
		answer <- result{err: e}
		return
	}
	for i := range body {
		if index, ok := body[i].(godbus.UnixFDIndex); ok && int(index) < len(m.fds) {
			body[i] = godbus.UnixFD(m.fds[index])
			m.fds[index] = -1
		}
	}
	answer <- result{body: body}
}

func (c *Client) signalled(m *message) {
	c.mu.Lock()
	q := c.signals
	c.mu.Unlock()
	if q == nil {
		return
	}
	d := m.decoder()
	s := &godbus.Signal{Path: godbus.ObjectPath(m.path), Name: m.iface + "." + m.member, Body: d.values(m.sig)}
	if d.err == nil {
		q.put(s)
	}
}

// Signals returns the signals that come from now on, in order; the channel is closed when the connection ends. None is
// dropped: they are kept until they are taken. All calls share one channel.
func (c *Client) Signals() <-chan *godbus.Signal {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.signals == nil {
		c.signals = newSignalQueue()
		if c.err != nil {
			c.signals.close()
		}
	}
	return c.signals.out
}

// signalQueue is a channel without a bound.
type signalQueue struct {
	mu    sync.Mutex
	some  *sync.Cond
	list  []*godbus.Signal
	ended bool
	out   chan *godbus.Signal
}

func newSignalQueue() *signalQueue {
	q := &signalQueue{out: make(chan *godbus.Signal, 16)}
	q.some = sync.NewCond(&q.mu)
	go q.run()
	return q
}

func (q *signalQueue) put(s *godbus.Signal) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.list = append(q.list, s)
	q.some.Signal()
}

func (q *signalQueue) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.ended = true
	q.some.Signal()
}

func (q *signalQueue) run() {
	defer close(q.out)
	for {
		q.mu.Lock()
		for len(q.list) == 0 && !q.ended {
			q.some.Wait()
		}
		list := q.list
		q.list = nil
		q.mu.Unlock()
		if len(list) == 0 {
			return
		}
		for _, s := range list {
			q.out <- s
		}
	}
}

// send writes all of a message; descriptors go with its first byte.
func (c *Client) send(buf []byte, fds []int) error {
	var control []byte
	if len(fds) > 0 {
		control = unix.UnixRights(fds...)
	}
	n, _, err := c.conn.WriteMsgUnix(buf, control, nil)
	if err == nil && n < len(buf) {
		_, err = c.conn.Write(buf[n:])
	}
	if err != nil {
		return fmt.Errorf("%w: %w", ErrClosed, err)
	}
	return nil
}
