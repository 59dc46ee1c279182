package dbus

import "testing"

// FuzzMessage feeds the parser with anything: it must neither panic nor accept what godbus's types cannot hold.
func FuzzMessage(f *testing.F) {
	f.Add(callMessage(f, "/a", "x.y", "M", "sasb", "text", []string{"a"}, true))
	f.Add(callMessage(f, managerPath, managerInterface, "StartUnit", "ss", "a.service", "replace"))
	f.Add(callMessage(f, "/a", "x.y", "M", "a{sv}", map[string]any{"k": []int32{1}}))
	f.Add(callMessage(f, "/a", "x.y", "M", "a(sv)v", []struct {
		A string
		B any
	}{{"x", uint64(1)}}, "y"))
	f.Fuzz(func(t *testing.T, in []byte) {
		for len(in) > 0 {
			size, err := messageSize(in, 1<<20)
			if err != nil || size == 0 || size > len(in) {
				return
			}
			var m message
			if m.parse(in[:size], newNames()) == nil {
				d := m.decoder()
				d.values(m.sig)
				if d.err != nil {
					t.Fatalf("a valid message of type %q does not decode: %v", m.sig, d.err)
				}
			}
			in = in[size:]
		}
	})
}

// FuzzHandshake feeds the handshake with anything, in two pieces.
func FuzzHandshake(f *testing.F) {
	f.Add([]byte("\x00AUTH EXTERNAL 31303030\r\nNEGOTIATE_UNIX_FD\r\nBEGIN\r\nl"), 10)
	f.Add([]byte("\x00AUTH EXTERNAL\r\nDATA\r\nBEGIN\r\n"), 3)
	f.Fuzz(func(t *testing.T, in []byte, cut int) {
		h := handshake{guid: testGUID, uid: 1000}
		cut = min(max(cut, 0), len(in))
		n, out, err := h.feed(in[:cut], nil)
		if err != nil {
			return
		}
		m, out, err := h.feed(in[n:], out)
		if err == nil && (n+m > len(in) || len(out) > 64*maxHandshake) {
			t.Fatalf("used %d and %d of %d bytes, answered %d", n, m, len(in), len(out))
		}
	})
}
