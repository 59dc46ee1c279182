package dbus

import (
	"encoding/binary"

	godbus "github.com/godbus/dbus/v5"
)

// Sizes of the D-Bus specification, in bytes.
const (
	fixedHeader = 16 // up to and with the length of the header fields
	maxMessage  = 1 << 27
	maxHeader   = 1 << 16 // ours: real headers stay under 1 KiB
	maxFDs      = 253     // the kernel's limit for one SCM_RIGHTS
)

// message is one message that came in. The strings are copies, body aliases the connection's buffer until the next read.
type message struct {
	typ         godbus.Type
	flags       godbus.Flags
	serial      uint32
	replySerial uint32
	path        string
	iface       string
	member      string
	errorName   string
	destination string
	sender      string
	sig         string
	nfds        uint32
	big         bool
	body        []byte
	fds         []int
}

// messageSize returns the length of the message that buf starts with, 0 when the fixed header is not complete yet.
func messageSize(buf []byte, limit int) (int, error) {
	if len(buf) > 3 && buf[3] != 1 {
		return 0, malformed("protocol version %d", buf[3])
	}
	if len(buf) > 0 && buf[0] != 'l' && buf[0] != 'B' {
		return 0, malformed("byte order %q", buf[0])
	}
	if len(buf) < fixedHeader {
		return 0, nil
	}
	var order binary.ByteOrder = binary.LittleEndian
	if buf[0] == 'B' {
		order = binary.BigEndian
	}
	body, fields := uint64(order.Uint32(buf[4:])), uint64(order.Uint32(buf[12:]))
	size := (fixedHeader+fields+7)&^7 + body
	if fields > maxHeader || size > uint64(limit) {
		return 0, malformed("a size of %d bytes is over the limit", size)
	}
	return int(size), nil
}

// parse reads buf, which is exactly one message, into m, and validates header and body.
func (m *message) parse(buf []byte, names *names) error {
	d := decoder{buf: buf, big: buf[0] == 'B', names: names}
	d.pos = 1
	*m = message{big: d.big, typ: godbus.Type(d.byte()), flags: godbus.Flags(d.byte())}
	d.byte() // version, tested by messageSize
	body := int(d.uint32())
	m.serial = d.uint32()
	var seen uint16
	for end := d.array(8); d.more(end); {
		m.field(&d, &seen)
	}
	d.align(8)
	if d.err == nil && len(buf)-d.pos != body {
		d.fail("the body has %d bytes, not %d", len(buf)-d.pos, body)
	}
	if d.err != nil {
		return d.err
	}
	m.body = buf[d.pos:]
	if err := m.complete(); err != nil {
		return err
	}
	check := m.decoder()
	check.skipAll(m.sig)
	if check.err == nil && check.pos != len(m.body) {
		check.fail("%d bytes follow the arguments", len(m.body)-check.pos)
	}
	return check.err
}

// fieldTypes are the signatures of the header fields, by code.
var fieldTypes = [...]string{
	godbus.FieldPath: "o", godbus.FieldInterface: "s", godbus.FieldMember: "s", godbus.FieldErrorName: "s",
	godbus.FieldReplySerial: "u", godbus.FieldDestination: "s", godbus.FieldSender: "s", godbus.FieldSignature: "g",
	godbus.FieldUnixFDs: "u",
}

// field reads one header field; unknown ones are skipped.
func (m *message) field(d *decoder, seen *uint16) {
	d.align(8)
	code := d.byte()
	sig := d.signature()
	if d.err != nil {
		return
	}
	if code == 0 || int(code) >= len(fieldTypes) {
		if code == 0 || !single(sig) {
			d.fail("header field %d of type %q", code, sig)
			return
		}
		d.skip(sig, 1)
		return
	}
	if sig != fieldTypes[code] || *seen&(1<<code) != 0 {
		d.fail("header field %d of type %q, or twice", code, sig)
		return
	}
	*seen |= 1 << code
	m.known(d, godbus.HeaderField(code))
}

func (m *message) known(d *decoder, code godbus.HeaderField) {
	ok := true
	switch code {
	case godbus.FieldPath:
		m.path = d.path()
	case godbus.FieldInterface:
		m.iface = d.string()
		ok = validInterface(m.iface)
	case godbus.FieldMember:
		m.member = d.string()
		ok = validMember(m.member)
	case godbus.FieldErrorName:
		m.errorName = d.string()
		ok = validInterface(m.errorName)
	case godbus.FieldReplySerial:
		m.replySerial = d.uint32()
		ok = m.replySerial != 0
	case godbus.FieldDestination:
		m.destination = d.string()
		ok = validBusName(m.destination)
	case godbus.FieldSender:
		m.sender = d.string()
		ok = validBusName(m.sender)
	case godbus.FieldSignature:
		m.sig = d.signature()
	case godbus.FieldUnixFDs:
		m.nfds = d.uint32()
		ok = m.nfds <= maxFDs
	}
	if !ok {
		d.fail("header field %d has a wrong value", code)
	}
}

// complete tests that the fields that the message type needs are there.
func (m *message) complete() error {
	ok := m.serial != 0
	switch m.typ {
	case godbus.TypeMethodCall:
		ok = ok && m.path != "" && m.member != ""
	case godbus.TypeSignal:
		ok = ok && m.path != "" && m.iface != "" && m.member != ""
	case godbus.TypeMethodReply:
		ok = ok && m.replySerial != 0
	case godbus.TypeError:
		ok = ok && m.replySerial != 0 && m.errorName != ""
	case 0:
		ok = false
	}
	if !ok {
		return malformed("a %v lacks a header field", m.typ)
	}
	return nil
}

// decoder reads the body.
func (m *message) decoder() decoder {
	return decoder{buf: m.body, big: m.big, nfds: m.nfds}
}

func single(sig string) bool {
	first, rest := next(sig)
	return first != "" && rest == ""
}
