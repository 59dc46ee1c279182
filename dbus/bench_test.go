package dbus

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"

	godbus "github.com/godbus/dbus/v5"
)

// called is a call to a server in memory, without a socket.
func called(b testing.TB, f *fake, raw []byte) (*conn, func()) {
	c := &conn{id: 1, fd: -1}
	c.hs.phase = connected
	f.server.byID[1] = c
	return c, func() {
		c.out = c.out[:0]
		if err := f.server.take(c, raw); err != nil {
			b.Fatal(err)
		}
		f.server.touched, c.queued = f.server.touched[:0], false
	}
}

func loaded(n int) *fake {
	f := newFake()
	for i := range n {
		u := service(fmt.Sprintf("unit-%d.service", i))
		f.defs[u.Name] = u
		f.engine.Load(u.Name)
	}
	return f
}

func benchmark(b *testing.B, units int, path, iface, member, sig string, args ...any) {
	f := loaded(units)
	c, run := called(b, f, callMessage(b, path, iface, member, sig, args...))
	run()
	b.ReportAllocs()
	b.SetBytes(int64(len(c.out)))
	for b.Loop() {
		run()
	}
}

const benchUnit = unitPrefix + "unit_2d1_2eservice"

func BenchmarkGet(b *testing.B) {
	benchmark(b, 2, benchUnit, propsInterface, "Get", "ss", unitInterface, "ActiveState")
}

func BenchmarkGetAllUnit(b *testing.B) {
	benchmark(b, 2, benchUnit, propsInterface, "GetAll", "s", unitInterface)
}

func BenchmarkGetAllService(b *testing.B) {
	benchmark(b, 2, benchUnit, propsInterface, "GetAll", "s", "org.freedesktop.systemd1.Service")
}

func BenchmarkListUnits5000(b *testing.B) {
	benchmark(b, 5000, managerPath, managerInterface, "ListUnits", "")
}

// BenchmarkSignals is a state change told to ten clients.
func BenchmarkSignals(b *testing.B) {
	f := loaded(2)
	for i := range 10 {
		c := &conn{id: uint64(i), fd: -1}
		c.hs.phase = connected
		f.server.conns = append(f.server.conns, c)
	}
	b.ReportAllocs()
	for b.Loop() {
		f.server.markDirty("unit-1.service")
		f.server.announceUnit("unit-1.service")
		f.server.dirty = f.server.dirty[:0]
		for _, c := range f.server.conns {
			c.out = c.out[:0]
		}
	}
}

// BenchmarkGetOverSocket is Get with everything: our client, the socket, the loop.
func BenchmarkGetOverSocket(b *testing.B) {
	f := loaded(2)
	path := filepath.Join(b.TempDir(), "private")
	f.serve(b, path)
	c, err := Dial(path)
	if err != nil {
		b.Fatal(err)
	}
	defer c.Close()
	for b.Loop() {
		if _, err := c.Get(context.Background(), godbus.ObjectPath(benchUnit), unitInterface, "ActiveState"); err != nil {
			b.Fatal(err)
		}
	}
}

// TestGetDoesNotAllocate holds the encoder to its promise.
func TestGetDoesNotAllocate(t *testing.T) {
	f := loaded(2)
	_, run := called(t, f, callMessage(t, benchUnit, propsInterface, "Get", "ss", unitInterface, "ActiveState"))
	run()
	if n := testing.AllocsPerRun(100, run); n > 3 {
		t.Errorf("Get allocates %.0f times", n)
	}
}
