package dbus

import (
	"encoding/binary"

	godbus "github.com/godbus/dbus/v5"
)

// header is what a message to be sent says before its body. Empty fields are left out.
type header struct {
	typ         godbus.Type
	flags       godbus.Flags
	replySerial uint32
	path        string
	iface       string
	member      string
	errorName   string
	destination string
	sig         string
}

// Where a message keeps its flags and serial.
const (
	bodySizeAt = 4
	serialAt   = 8
	fieldsAt   = 12
)

// begin starts a message: after it the body's values are written, then finish is called.
func (e *encoder) begin(h *header, serial uint32) {
	e.base = len(e.buf)
	e.buf = append(e.buf, 'l', byte(h.typ), byte(h.flags), 1)
	e.uint32(0) // length of the body, by finish
	e.uint32(serial)
	fields := e.array(8)
	e.textField(godbus.FieldPath, "o", h.path)
	e.textField(godbus.FieldInterface, "s", h.iface)
	e.textField(godbus.FieldMember, "s", h.member)
	e.textField(godbus.FieldErrorName, "s", h.errorName)
	if h.replySerial != 0 {
		e.fieldStart(godbus.FieldReplySerial, "u")
		e.uint32(h.replySerial)
	}
	e.textField(godbus.FieldDestination, "s", h.destination)
	if h.sig != "" {
		e.fieldStart(godbus.FieldSignature, "g")
		e.signature(h.sig)
	}
	e.end(fields)
	e.align(8)
}

func (e *encoder) fieldStart(code godbus.HeaderField, sig string) {
	e.structure()
	e.byte(byte(code))
	e.signature(sig)
}

func (e *encoder) textField(code godbus.HeaderField, sig, value string) {
	if value != "" {
		e.fieldStart(code, sig)
		e.string(value)
	}
}

// finish completes the message that begin started.
func (e *encoder) finish() {
	m := e.buf[e.base:]
	fields := binary.LittleEndian.Uint32(m[fieldsAt:])
	start := (fixedHeader + int(fields) + 7) &^ 7
	binary.LittleEndian.PutUint32(m[bodySizeAt:], uint32(len(m)-start))
	if len(e.fds) > 0 {
		e.insertFDs(start, int(fields))
	}
}

// insertFDs adds the field that counts the descriptors, which is known only when the body is written. The body moves by
// a multiple of 8, so its alignment stays.
func (e *encoder) insertFDs(start, fields int) {
	body := append([]byte(nil), e.buf[e.base+start:]...)
	e.buf = e.buf[:e.base+fixedHeader+fields]
	e.fieldStart(godbus.FieldUnixFDs, "u")
	e.uint32(uint32(len(e.fds)))
	binary.LittleEndian.PutUint32(e.buf[e.base+fieldsAt:], uint32(len(e.buf)-e.base-fixedHeader))
	e.align(8)
	e.buf = append(e.buf, body...)
}

func setSerial(message []byte, serial uint32) {
	binary.LittleEndian.PutUint32(message[serialAt:], serial)
}
