package dbus

import (
	"context"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"davit/unit"

	systemd "github.com/coreos/go-systemd/v22/dbus"
	godbus "github.com/godbus/dbus/v5"
	"golang.org/x/sys/unix"
)

// TestGoSystemd uses the client library that containerd, podman and node_exporter are built on, as its documentation
// shows it.
func TestGoSystemd(t *testing.T) {
	f := newFake(service("a.service"))
	path := filepath.Join(t.TempDir(), "private")
	f.serve(t, path)
	conn, err := systemd.NewConnection(func() (*godbus.Conn, error) {
		c, err := godbus.Dial("unix:path=" + path)
		if err != nil {
			return nil, err
		}
		return c, c.Auth([]godbus.Auth{godbus.AuthExternal(strconv.Itoa(unix.Getuid()))})
	})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	if err := conn.Subscribe(); err != nil {
		t.Fatal(err)
	}
	done := make(chan string, 1)
	if _, err := conn.StartUnitContext(ctx, "a.service", "replace", done); err != nil {
		t.Fatal(err)
	}
	if got := <-done; got != "done" {
		t.Error("job result", got)
	}
	props, err := conn.GetUnitPropertiesContext(ctx, "a.service")
	if err != nil || props["ActiveState"] != "active" {
		t.Error(props["ActiveState"], err)
	}
	list, err := conn.ListUnitsByNamesContext(ctx, []string{"a.service"})
	if err != nil || len(list) != 1 || list[0].SubState != "running" {
		t.Error(list, err)
	}
	exec := systemd.PropExecStart([]string{"/bin/true", "x"}, false)
	if _, err := conn.StartTransientUnitContext(ctx, "run-1.service", "fail", []systemd.Property{exec, systemd.PropSlice("system.slice")}, done); err != nil {
		t.Fatal(err)
	}
	if got := <-done; got != "done" {
		t.Error("transient job result", got)
	}
	f.do(func() {
		if got := f.started.Units[0].Text; got != "[Service]\nExecStart=/bin/true x\nSlice=system.slice\n" {
			t.Errorf("%q", got)
		}
	})
}

func TestGdbus(t *testing.T) {
	if _, err := exec.LookPath("gdbus"); err != nil {
		t.Skip("SKIP: no gdbus")
	}
	f, w := newTools(t, service("a.service"))
	f.do(func() { f.engine.Load("a.service") })
	address := "unix:path=" + filepath.Join(w.runtime, "systemd", "private")
	out, code := w.run("gdbus", "introspect", "--address", address, "--dest", serviceName, "--object-path", UnitPath("a.service"))
	if code != 0 || !strings.Contains(out, "readonly s ActiveState = 'inactive'") {
		t.Error(code, out)
	}
	out, code = w.run("gdbus", "call", "--address", address, "--dest", serviceName, "--object-path", managerPath, "--method", managerInterface+".GetDefaultTarget")
	if code != 0 || out != "('multi-user.target',)" {
		t.Error(code, out)
	}
}

// TestManyClients lets 200 clients start, read and stop units at once.
func TestManyClients(t *testing.T) {
	const clients, rounds = 200, 1
	var units []*unit.Unit
	for i := range clients {
		units = append(units, service("u"+strconv.Itoa(i)+".service"))
	}
	f := newFake(units...)
	path := filepath.Join(t.TempDir(), "private")
	f.serve(t, path)
	var group sync.WaitGroup
	for i := range clients {
		c := dial(t, path)
		group.Add(1)
		go func() {
			defer group.Done()
			name := units[i].Name
			for range rounds {
				for _, verb := range []string{"StartUnit", "StopUnit"} {
					if _, err := c.Call(context.Background(), ManagerPath, managerInterface+"."+verb, name, "replace"); err != nil {
						t.Error(name, err)
						return
					}
				}
				if _, err := c.GetAll(context.Background(), godbus.ObjectPath(UnitPath(name)), unitInterface); err != nil {
					t.Error(name, err)
				}
			}
		}()
	}
	group.Wait()
	f.do(func() {
		if n := f.server.Connections(); n != clients {
			t.Error("connections:", n)
		}
	})
}
