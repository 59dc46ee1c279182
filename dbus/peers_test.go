package dbus

import (
	"context"
	"errors"
	"net"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestCallsAreAnsweredInOrder: a call that waits for the manager holds up those behind it on the same connection, and
// none on others.
func TestCallsAreAnsweredInOrder(t *testing.T) {
	f := newFake(service("a.service"))
	path := filepath.Join(t.TempDir(), "private")
	f.serve(t, path)
	f.do(func() { f.hold = true })
	slow, other := dialRaw(t, path), dial(t, path)
	defer slow.Close()
	reload := callMessage(t, managerPath, managerInterface, "Reload", "")
	ping := callMessage(t, managerPath, peerInterface, "Ping", "")
	setSerial(ping, 8)
	if _, err := slow.Write(append(reload, ping...)); err != nil {
		t.Fatal(err)
	}
	for held := 0; held == 0; {
		invoke(t, other, managerPath, peerInterface+".Ping")
		f.do(func() { held = len(f.held) })
	}
	if got := replies(t, slow, 0); len(got) > 0 {
		t.Fatal("answered too early:", got)
	}
	f.do(func() { f.held[0]() })
	if got := replies(t, slow, 2); !slices.Equal(got, []uint32{7, 8}) {
		t.Error("answered in the order", got)
	}
}

// replies reads the serials that the next n replies answer; with n zero, what has come by now.
func replies(t *testing.T, conn net.Conn, n int) (list []uint32) {
	t.Helper()
	var in []byte
	buf := make([]byte, 1<<16)
	for {
		size, err := messageSize(in, maxMessage)
		if err == nil && size > 0 && size <= len(in) {
			var m message
			if err := m.parse(in[:size], nil); err != nil {
				t.Fatal(err)
			}
			if in = in[size:]; m.replySerial != 0 {
				list = append(list, m.replySerial)
			}
			continue
		}
		if err != nil || n > 0 && len(list) >= n {
			return list
		}
		wait := 20 * time.Second
		if n == 0 {
			wait = time.Millisecond
		}
		_ = conn.SetReadDeadline(time.Now().Add(wait))
		got, err := conn.Read(buf)
		if err != nil {
			return list
		}
		in = append(in, buf[:got]...)
	}
}

// TestMatchRules: a client that says Hello gets what it asks for, and nothing else.
func TestMatchRules(t *testing.T) {
	_, c := start(t, service("a.service"))
	if err := c.Match(context.Background(), "type='signal',member='JobRemoved',path='"+managerPath+"'"); err != nil {
		t.Fatal(err)
	}
	signals := c.Signals()
	manager(t, c, "StartUnit", "a.service", "replace")
	if s := <-signals; !strings.HasSuffix(s.Name, ".JobRemoved") {
		t.Error(s)
	}
	for text, want := range map[string]bool{
		"": true, "type='signal'": true, "type=signal,interface=" + unitInterface: false, "type='method_call'": false,
		"path_namespace='/org/freedesktop/systemd1'": true, "path_namespace='/org/free'": false, "sender='x.y'": false,
		"interface='" + propsInterface + "',arg0='" + unitInterface + "'": true,
	} {
		r, ok := parseRule(text)
		if !ok || r.matches(UnitPath("a.service"), propsInterface, "PropertiesChanged") != want {
			t.Errorf("%s: %v %v", text, ok, r)
		}
	}
	for _, text := range []string{"member", "member='x", "color='x'"} {
		if _, ok := parseRule(text); ok {
			t.Errorf("%s is accepted", text)
		}
	}
}

// TestMalformedCostsOnlyItsSender: bad bytes close their own connection.
func TestMalformedCostsOnlyItsSender(t *testing.T) {
	f := newFake()
	path := filepath.Join(t.TempDir(), "private")
	f.serve(t, path)
	good := dial(t, path)
	for _, bad := range []string{"x", "\x00AUTH EXTERNAL 30\r\nBEGIN\r\nnot a message at all", "\x00" + strings.Repeat("x", maxHandshake+2)} {
		conn, err := net.Dial("unix", path)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = conn.Write([]byte(bad))
		_ = conn.SetReadDeadline(time.Now().Add(20 * time.Second))
		buf := make([]byte, 4096)
		for err == nil {
			_, err = conn.Read(buf)
		}
		if ne := net.Error(nil); errors.As(err, &ne) && ne.Timeout() {
			t.Errorf("%.20q: the connection stays open", bad)
		}
		_ = conn.Close()
		invoke(t, good, managerPath, peerInterface+".Ping")
	}
}

// TestOverrunClosesTheReader: a client that never reads loses its connection, others keep theirs.
func TestOverrunClosesTheReader(t *testing.T) {
	f := newFake(service("a.service"))
	path := filepath.Join(t.TempDir(), "private")
	f.serve(t, path)
	deaf, good := dialRaw(t, path), dial(t, path)
	defer deaf.Close()
	signals := good.Signals()
	big := strings.Repeat("x", 1<<20)
	taken := make(chan int)
	go func() {
		n := 0
		for range signals {
			n++
		}
		taken <- n
	}()
	n := 0
	for ; n < 200; n++ {
		alive := 0
		f.do(func() {
			f.server.emit(managerPath, managerInterface, "UnitNew", "so", func(e *encoder) {
				e.string(big)
				e.unitPath("a.service")
			})
			f.server.Flush()
			alive = f.server.Connections()
		})
		invoke(t, good, managerPath, peerInterface+".Ping")
		if alive == 1 {
			break
		}
	}
	if most := maxQueue >> 20; n < most-8 || n > most+16 {
		t.Errorf("closed after %d MiB", n)
	}
	_ = good.Close()
	if got := <-taken; got < n {
		t.Errorf("the reader got %d of %d signals", got, n)
	}
}

// dialRaw connects and authenticates, and then does nothing.
func dialRaw(t *testing.T, path string) net.Conn {
	t.Helper()
	conn, err := net.Dial("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Write([]byte("\x00AUTH EXTERNAL\r\nDATA\r\nBEGIN\r\n")); err != nil {
		t.Fatal(err)
	}
	buf := make([]byte, 128)
	for text := ""; !strings.Contains(text, "OK "); {
		n, err := conn.Read(buf)
		if err != nil {
			t.Fatal(err)
		}
		text += string(buf[:n])
	}
	return conn
}

// TestOthersMayOnlyRead: a peer that is neither root nor the owner is refused what changes anything.
func TestOthersMayOnlyRead(t *testing.T) {
	f, c := start(t, service("a.service"))
	f.do(func() {
		f.server.owner = 1
		for _, conn := range f.server.conns {
			conn.peer.Uid = 65534
		}
	})
	if got := get(t, c, "a.service", "Unit", "LoadState"); got != "loaded" {
		t.Error(got)
	}
	_, err := c.Call(context.Background(), ManagerPath, managerInterface+".StartUnit", "a.service", "replace")
	if ErrorName(err) != errAccessDenied {
		t.Error(err)
	}
	for _, i := range theTree().manager[standardInterfaces].methods {
		reads := strings.HasPrefix(i.name, "Get") || strings.HasPrefix(i.name, "List") || strings.HasPrefix(i.name, "Lookup") ||
			strings.HasPrefix(i.name, "Dump") || i.name == "LoadUnit" || strings.HasSuffix(i.name, "ubscribe")
		if reads == i.change {
			t.Errorf("%s: change is %v", i.name, i.change)
		}
	}
}
