package dbus

import (
	"testing"

	"davit/unit"
)

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

// FuzzServer feeds a whole server, handshake and calls: it must not panic, and what it answers must be well-formed.
func FuzzServer(f *testing.F) {
	const hello = "\x00AUTH EXTERNAL\r\nDATA\r\nNEGOTIATE_UNIX_FD\r\nBEGIN\r\n"
	for _, raw := range [][]byte{
		callMessage(f, managerPath, managerInterface, "StartUnit", "ss", "a.service", "replace"),
		callMessage(f, UnitPath("a.service"), propsInterface, "GetAll", "s", ""),
		callMessage(f, managerPath, managerInterface, "ListUnitsByPatterns", "asas", []string{"active"}, []string{"[a-z]*"}),
		callMessage(f, managerPath, propsInterface, "Set", "ssv", managerInterface, "LogLevel", "debug"),
		callMessage(f, managerPath, introInterface, "Introspect", ""),
		callMessage(f, managerPath, managerInterface, "StartTransientUnit", "ssa(sv)a(sa(sv))", "t.service", "fail", []struct {
			A string
			B any
		}{{"ExecStart", []struct {
			P string
			A []string
			I bool
		}{{"/bin/true", []string{"true"}, true}}}, {"MemoryMax", uint64(7)}}, []struct {
			A string
			B []struct {
				A string
				B any
			}
		}{}),
	} {
		f.Add(append([]byte(hello), raw...))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		fake := newFake(service("a.service"), service("b.socket", func(u *unit.Unit) { u.Common = &unit.Common{} }))
		c := &conn{id: 1, fd: -1, hs: handshake{guid: testGUID}}
		fake.server.byID[1] = c
		fake.server.conns = append(fake.server.conns, c)
		for step := 0; len(in) > 0 && step < 50; step++ {
			used, ok := fake.server.consume(c, in)
			if !ok || used == 0 {
				break
			}
			in = in[used:]
			for range 20 {
				if len(fake.events) == 0 {
					break
				}
				ev := fake.events[0]
				fake.events = fake.events[1:]
				fake.step(ev)
			}
			fake.server.announce()
		}
		for out := c.out[c.hs.answered(c.out):]; len(out) > 0; {
			size, err := messageSize(out, maxMessage)
			if err != nil || size == 0 || size > len(out) {
				t.Fatalf("the answer is cut: %v", err)
			}
			var m message
			if err := m.parse(out[:size], nil); err != nil {
				t.Fatal("the answer is malformed:", err)
			}
			out = out[size:]
		}
	})
}

// answered is how many bytes of out are the handshake's.
func (h *handshake) answered(out []byte) (n int) {
	for n < len(out) && out[n] != 'l' {
		for n < len(out) && out[n] != '\n' {
			n++
		}
		n = min(n+1, len(out))
	}
	return n
}
