package dbus

import (
	"bytes"
	"encoding/hex"
	"strconv"
)

// maxHandshake bounds what a peer may send before BEGIN, and each of its lines.
const maxHandshake = 4096

// phase is how far a connection's handshake has come.
type phase uint8

const (
	wantNUL   phase = iota // the byte that may carry credentials
	wantAuth               // AUTH
	wantData               // DATA, after AUTH EXTERNAL without an identity
	wantBegin              // BEGIN, or NEGOTIATE_UNIX_FD
	connected              // messages
)

// handshake is the server's side of D-Bus authentication, as sd-bus and the specification have it: EXTERNAL only. The
// identity that the peer claims must be that of its credentials.
type handshake struct {
	phase phase
	guid  string // 32 hex digits
	uid   uint32 // of the peer's credentials
	fds   bool   // descriptor passing was negotiated
	read  int    // bytes consumed so far
}

// feed consumes what it can of in, appends answers to out, and says how much it consumed. The peer may send everything,
// the first message included, in one go.
func (h *handshake) feed(in, out []byte) (n int, answer []byte, err error) {
	for h.phase != connected {
		rest := in[n:]
		if h.phase == wantNUL {
			if len(rest) == 0 {
				break
			}
			if rest[0] != 0 {
				return n, out, malformed("the handshake does not start with NUL")
			}
			n, h.phase = n+1, wantAuth
			h.read++
			continue
		}
		i := bytes.Index(rest, []byte("\r\n"))
		if i < 0 {
			if h.read+len(rest) > maxHandshake {
				return n, out, malformed("the handshake is too long")
			}
			break
		}
		n += i + 2
		if h.read += i + 2; h.read > maxHandshake {
			return n, out, malformed("the handshake is too long")
		}
		out = h.line(rest[:i], out)
	}
	return n, out, nil
}

// line answers one line.
func (h *handshake) line(line, out []byte) []byte {
	word, arg, _ := bytes.Cut(line, []byte(" "))
	switch string(word) {
	case "AUTH":
		return h.auth(arg, out)
	case "DATA":
		if h.phase == wantData {
			return h.identity(arg, out)
		}
	case "NEGOTIATE_UNIX_FD":
		if h.phase == wantBegin {
			h.fds = true
			return append(out, "AGREE_UNIX_FD\r\n"...)
		}
	case "BEGIN":
		if h.phase == wantBegin {
			h.phase = connected
			return out
		}
	case "CANCEL", "ERROR":
		h.phase = wantAuth
		return h.reject(out)
	}
	return append(out, "ERROR\r\n"...)
}

func (h *handshake) auth(arg, out []byte) []byte {
	mechanism, identity, given := bytes.Cut(arg, []byte(" "))
	if h.phase != wantAuth || string(mechanism) != "EXTERNAL" {
		h.phase = wantAuth
		return h.reject(out)
	}
	if given {
		return h.identity(identity, out)
	}
	h.phase = wantData
	return append(out, "DATA\r\n"...)
}

// identity tests the hexadecimal decimal uid that the peer claims; nothing at all means "what the credentials say".
func (h *handshake) identity(arg, out []byte) []byte {
	h.phase = wantAuth
	claimed := make([]byte, hex.DecodedLen(len(arg)))
	if _, err := hex.Decode(claimed, arg); err != nil {
		return h.reject(out)
	}
	if len(claimed) > 0 {
		uid, err := strconv.ParseUint(string(claimed), 10, 32)
		if err != nil || uint32(uid) != h.uid {
			return h.reject(out)
		}
	}
	h.phase = wantBegin
	out = append(append(out, "OK "...), h.guid...)
	return append(out, "\r\n"...)
}

func (h *handshake) reject(out []byte) []byte { return append(out, "REJECTED EXTERNAL\r\n"...) }
