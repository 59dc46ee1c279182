package dbus

import (
	"context"
	"encoding/json"
	"path/filepath"
	"testing"
)

// TestConnectionsSurviveReexecution: the state goes through JSON into another server, while one call waits for the
// engine's token, one for a function that is lost, and a third one is only half received.
func TestConnectionsSurviveReexecution(t *testing.T) {
	f := newFake(service("a.service"))
	path := filepath.Join(t.TempDir(), "private")
	f.serve(t, path)
	f.do(func() { f.hold = true })
	kept, lost, half := dial(t, path), dial(t, path), dialRaw(t, path)
	defer half.Close()
	signals := kept.Signals()

	results := make(chan error, 2)
	go func() {
		_, err := kept.Call(context.Background(), ManagerPath, managerInterface+".Reload")
		results <- err
	}()
	waitFor(t, signals, "Reloading", "")
	lostResult := make(chan error, 1)
	lostSignals := lost.Signals()
	go func() {
		_, err := lost.Call(context.Background(), ManagerPath, managerInterface+".EnableUnitFiles", []string{"a.service"}, false, false)
		lostResult <- err
	}()
	ping := callMessage(t, managerPath, peerInterface, "Ping", "")
	if _, err := half.Write(ping[:20]); err != nil {
		t.Fatal(err)
	}
	for parked := 0; parked < 2; { // the loop has taken both calls, and half of the third
		f.do(func() {
			f.server.Flush()
			parked = len(f.held)
			if conn := f.server.conns[2]; len(conn.in) < 20 {
				parked = 0
			}
		})
	}
	f.do(func() {
		old := f.server
		text, err := json.Marshal(old.Save())
		if err != nil {
			t.Error(err)
		}
		v := new(Saved)
		if err := json.Unmarshal(text, v); err != nil {
			t.Error(err)
		}
		if len(v.FDs()) != 3 || len(v.Parked) != 2 {
			t.Errorf("%d descriptors, %d calls", len(v.FDs()), len(v.Parked))
		}
		listen := old.listen
		f.watched = map[int]int16{}
		f.server = NewServer(f, f.watch)
		f.server.Serve(listen[0])
		f.server.Restore(v)
		f.held[0]() // the reload ends, in the next process
	})
	if err := <-results; err != nil {
		t.Error("reload:", err)
	}
	if err := <-lostResult; ErrorName(err) != errFailed {
		t.Error("the lost call:", err)
	}
	if _, err := half.Write(ping[20:]); err != nil {
		t.Fatal(err)
	}
	buf := make([]byte, 256)
	for seen := false; !seen; {
		n, err := half.Read(buf)
		if err != nil {
			t.Fatal(err)
		}
		var m message
		for rest := buf[:n]; len(rest) > 0; {
			size, err := messageSize(rest, maxMessage)
			if err != nil || size == 0 || size > len(rest) {
				break
			}
			if err := m.parse(rest[:size], nil); err != nil {
				t.Fatal(err)
			}
			seen = seen || m.replySerial == 7
			rest = rest[size:]
		}
	}
	f.do(func() {
		f.server.Reloading(false)
		f.server.Flush()
	})
	waitFor(t, lostSignals, "Reloading", "")
	invoke(t, kept, managerPath, peerInterface+".Ping")
}
