package dbus

import (
	"strings"
	"testing"
)

const testGUID = "0123456789abcdef0123456789abcdef"

func TestHandshake(t *testing.T) {
	ok := "OK " + testGUID + "\r\n"
	for name, c := range map[string]struct {
		in, out string
		rest    int
		phase   phase
	}{
		"all in one, with a message behind": {
			"\x00AUTH EXTERNAL 31303030\r\nNEGOTIATE_UNIX_FD\r\nBEGIN\r\nl\x01", ok + "AGREE_UNIX_FD\r\n", 2, connected,
		},
		"DATA as sd-bus pipelines it": {
			"\x00AUTH EXTERNAL\r\nDATA\r\nNEGOTIATE_UNIX_FD\r\nBEGIN\r\n", "DATA\r\n" + ok + "AGREE_UNIX_FD\r\n", 0, connected,
		},
		"no descriptors":          {"\x00AUTH EXTERNAL 31303030\r\nBEGIN\r\n", ok, 0, connected},
		"another uid":             {"\x00AUTH EXTERNAL 30\r\n", "REJECTED EXTERNAL\r\n", 0, wantAuth},
		"not hexadecimal":         {"\x00AUTH EXTERNAL zz\r\n", "REJECTED EXTERNAL\r\n", 0, wantAuth},
		"which mechanisms":        {"\x00AUTH\r\n", "REJECTED EXTERNAL\r\n", 0, wantAuth},
		"another mechanism first": {"\x00AUTH ANONYMOUS\r\nAUTH EXTERNAL 31303030\r\nBEGIN\r\n", "REJECTED EXTERNAL\r\n" + ok, 0, connected},
		"BEGIN too early":         {"\x00BEGIN\r\n", "ERROR\r\n", 0, wantAuth},
		"half a line":             {"\x00AUTH EXTERNAL 3130", "", 18, wantAuth},
	} {
		h := handshake{guid: testGUID, uid: 1000}
		n, out, err := h.feed([]byte(c.in), nil)
		if err != nil || string(out) != c.out || len(c.in)-n != c.rest || h.phase != c.phase {
			t.Errorf("%s: answer %q, %d bytes left, phase %d, %v", name, out, len(c.in)-n, h.phase, err)
		}
	}
}

func TestHandshakeIsBounded(t *testing.T) {
	for _, in := range []string{
		"A", "\x00" + strings.Repeat("A", maxHandshake+1), "\x00" + strings.Repeat("AUTH X\r\n", maxHandshake/8+1),
	} {
		h := handshake{guid: testGUID}
		if _, _, err := h.feed([]byte(in), nil); err == nil {
			t.Errorf("%.10q… accepted", in)
		}
	}
}

// TestHandshakeByteByByte tests that it does not matter how the bytes are cut.
func TestHandshakeByteByByte(t *testing.T) {
	in := "\x00AUTH EXTERNAL 31303030\r\nNEGOTIATE_UNIX_FD\r\nBEGIN\r\n"
	h := handshake{guid: testGUID, uid: 1000}
	var kept, out []byte
	for i := range in {
		kept = append(kept, in[i])
		n, answer, err := h.feed(kept, out)
		if err != nil {
			t.Fatal(err)
		}
		kept, out = kept[n:], answer
	}
	if h.phase != connected || !h.fds || len(kept) != 0 || string(out) != "OK "+testGUID+"\r\nAGREE_UNIX_FD\r\n" {
		t.Errorf("phase %d, kept %q, answer %q", h.phase, kept, out)
	}
}
