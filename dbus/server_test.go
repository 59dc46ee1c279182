package dbus

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"davit/unit"

	godbus "github.com/godbus/dbus/v5"
)

// start serves a fake with the units and connects to it.
func start(t *testing.T, units ...*unit.Unit) (*fake, *Client) {
	t.Helper()
	f := newFake(units...)
	path := filepath.Join(t.TempDir(), "private")
	f.serve(t, path)
	return f, dial(t, path)
}

func dial(t *testing.T, path string) *Client {
	t.Helper()
	c, err := Dial(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

func invoke(t *testing.T, c *Client, path godbus.ObjectPath, method string, args ...any) []any {
	t.Helper()
	body, err := c.Call(context.Background(), path, method, args...)
	if err != nil {
		t.Fatalf("%s%v: %v (%s)", method, args, err, ErrorName(err))
	}
	return body
}

func manager(t *testing.T, c *Client, method string, args ...any) []any {
	t.Helper()
	return invoke(t, c, managerPath, managerInterface+"."+method, args...)
}

func get(t *testing.T, c *Client, name, iface, property string) any {
	t.Helper()
	v, err := c.Get(context.Background(), godbus.ObjectPath(UnitPath(name)), typePrefix+iface, property)
	if err != nil {
		t.Fatal(name, property, err)
	}
	return v
}

// TestStartAndStop is the way of a job on the bus: the reply, JobNew, PropertiesChanged, JobRemoved.
func TestStartAndStop(t *testing.T) {
	_, c := start(t, service("a.service"))
	signals := c.Signals()
	job := manager(t, c, "StartUnit", "a.service", "replace")[0]
	var seen []string
	for s := range signals {
		switch {
		case strings.HasSuffix(s.Name, "PropertiesChanged") && s.Body[0] == unitInterface:
			changed, _ := s.Body[1].(map[string]godbus.Variant)
			seen = append(seen, fmt.Sprint("changed ", changed["ActiveState"].Value()))
		case strings.HasSuffix(s.Name, "JobNew"):
			seen = append(seen, "new")
		case strings.HasSuffix(s.Name, "JobRemoved") && s.Body[1] == job:
			seen = append(seen, fmt.Sprint("removed ", s.Body[3]))
		}
		if len(seen) > 0 && strings.HasPrefix(seen[len(seen)-1], "removed") {
			break
		}
	}
	i, j := slices.Index(seen, "changed active"), slices.Index(seen, "removed done")
	if n := slices.Index(seen, "new"); n < 0 || i < 0 || j < i {
		t.Errorf("signals in the order %q", seen)
	}
	if got := get(t, c, "a.service", "Unit", "ActiveState"); got != "active" {
		t.Error("ActiveState", got)
	}
	if got := get(t, c, "a.service", "Service", "MainPID"); got == uint32(0) {
		t.Error("MainPID", got)
	}
	manager(t, c, "StopUnit", "a.service", "replace")
	waitFor(t, signals, "JobRemoved", "a.service")
	if got := get(t, c, "a.service", "Unit", "SubState"); got != "dead" {
		t.Error("SubState", got)
	}
}

// waitFor takes signals until one with that name whose third argument is the unit.
func waitFor(t *testing.T, signals <-chan *godbus.Signal, member, name string) *godbus.Signal {
	t.Helper()
	timeout := time.After(20 * time.Second)
	for {
		select {
		case s, ok := <-signals:
			if !ok {
				t.Fatal("the connection ended")
			}
			if strings.HasSuffix(s.Name, "."+member) && (name == "" || len(s.Body) > 2 && s.Body[2] == name) {
				return s
			}
		case <-timeout:
			t.Fatalf("no %s of %s", member, name)
		}
	}
}

// TestEveryPropertyIsWellFormed reads all properties of an object of each type: the client validates what it gets.
func TestEveryPropertyIsWellFormed(t *testing.T) {
	var units []*unit.Unit
	for k := unit.TypeService; k <= unit.TypeScope; k++ {
		units = append(units, service("a."+k.String()))
	}
	_, c := start(t, units...)
	for _, u := range units {
		path := godbus.ObjectPath(UnitPath(u.Name))
		all, err := c.GetAll(context.Background(), path, "")
		if err != nil {
			t.Fatal(u.Name, err)
		}
		if all["Id"].Value() != u.Name {
			t.Errorf("%s: Id is %v", u.Name, all["Id"])
		}
		for _, i := range theTree().units[u.Type] {
			for _, p := range i.properties {
				v, ok := all[p.name]
				if !ok || v.Signature().String() != p.sig {
					t.Errorf("%s: %s is %v, want type %s", u.Name, p.name, v, p.sig)
				}
			}
		}
	}
	if _, err := c.GetAll(context.Background(), ManagerPath, managerInterface); err != nil {
		t.Error("manager:", err)
	}
}

// TestErrors tests the names that clients match on.
func TestErrors(t *testing.T) {
	_, c := start(t, service("a.service"), service("masked.service", func(u *unit.Unit) { u.Load = unit.Masked }),
		service("bad.service", func(u *unit.Unit) { u.Load, u.LoadText = unit.BadSetting, "bad.service:3: broken" }))
	props := []struct {
		A string
		B godbus.Variant
	}{{"Fantasy", godbus.MakeVariant("x")}}
	aux := []struct {
		Name       string
		Properties []struct {
			A string
			B godbus.Variant
		}
	}{}
	for _, x := range []struct {
		want, method string
		args         []any
	}{
		{systemdError + "NoSuchUnit", "StartUnit", []any{"none.service", "replace"}},
		{systemdError + "UnitMasked", "StartUnit", []any{"masked.service", "replace"}},
		{systemdError + "BadUnitSetting", "StartUnit", []any{"bad.service", "replace"}},
		{systemdError + "NoSuchUnit", "GetUnit", []any{"none.service"}},
		{systemdError + "NoSuchJob", "GetJob", []any{uint32(99)}},
		{systemdError + "NoSuchJob", "CancelJob", []any{uint32(99)}},
		{systemdError + "JobTypeNotApplicable", "ReloadUnit", []any{"a.service", "replace"}},
		{systemdError + "NoIsolation", "StartUnit", []any{"a.service", "isolate"}},
		{systemdError + "UnitExists", "StartTransientUnit", []any{"a.service", "fail", props[:0], aux}},
		{errPropertyReadOnly, "StartTransientUnit", []any{"t.service", "fail", props, aux}},
		{systemdError + "NoUnitForPID", "GetUnitByPID", []any{uint32(999999)}},
		{errInvalidArgs, "StartUnit", []any{"a.service", "testdelegate"}},
		{errInvalidArgs, "StartUnit", []any{"no name", "replace"}},
		{errInvalidArgs, "StartUnit", []any{"a.service"}},
		{errInvalidArgs, "StartUnit", []any{"a@.service", "replace"}},
		{errUnknownMethod, "Fantasy", nil},
		{systemdError + "NoSuchUnit", "EnableUnitFiles", []any{[]string{"none.service"}, false, false}},
		{errFileNotFound, "GetUnitFileState", []any{"none.service"}},
	} {
		_, err := c.Call(context.Background(), ManagerPath, managerInterface+"."+x.method, x.args...)
		if ErrorName(err) != x.want {
			t.Errorf("%s%v: %s (%v), want %s", x.method, x.args, ErrorName(err), err, x.want)
		}
	}
	if _, err := c.Get(context.Background(), "/org/fantasy", unitInterface, "Id"); ErrorName(err) != errUnknownObject {
		t.Error("unknown object:", ErrorName(err))
	}
	if _, err := c.Get(context.Background(), ManagerPath, managerInterface, "Fantasy"); ErrorName(err) != errUnknownProperty {
		t.Error("unknown property:", ErrorName(err))
	}
	if _, err := c.Get(context.Background(), ManagerPath, "x.y", "Z"); ErrorName(err) != errUnknownInterface {
		t.Error("unknown interface:", ErrorName(err))
	}
}

func TestListsAndFiles(t *testing.T) {
	f, c := start(t, service("a.service"), service("b.socket"))
	manager(t, c, "LoadUnit", "a.service")
	if got := manager(t, c, "ListUnitsByNames", []string{"a.service", "none.service"})[0].([][]any); len(got) != 2 || got[1][2] != "not-found" {
		t.Error(got)
	}
	manager(t, c, "StartUnit", "a.service", "replace")
	if got := manager(t, c, "ListUnitsByPatterns", []string{"active"}, []string{"a.*"})[0].([][]any); len(got) != 1 || got[0][1] != "Test a.service" {
		t.Error(got)
	}
	if got := manager(t, c, "ListUnitFilesByPatterns", []string{}, []string{"*.socket"})[0].([][]any); len(got) != 1 {
		t.Error(got)
	}
	got := manager(t, c, "EnableUnitFiles", []string{"a.service"}, true, false)
	if got[0] != true || len(got[1].([][]any)) != 1 {
		t.Error(got)
	}
	manager(t, c, "PresetUnitFilesWithMode", []string{"a.service"}, "enable-only", false, true)
	f.do(func() {
		if len(f.files) != 2 || f.files[0].Verb != "enable" || !f.files[0].Runtime || f.files[1].Preset != "enable-only" || !f.files[1].Force {
			t.Errorf("%+v", f.files)
		}
	})
	if got := manager(t, c, "GetUnitProcesses", "a.service")[0].([][]any); len(got) != 1 || got[0][2] != "/bin/sleep 1" {
		t.Error(got)
	}
	got = manager(t, c, "EnqueueUnitJob", "a.service", "restart", "replace")
	if got[2] != "a.service" || got[4] != "restart" {
		t.Error(got)
	}
}

func TestDumpPassesADescriptor(t *testing.T) {
	_, c := start(t)
	fd, ok := manager(t, c, "DumpByFileDescriptor")[0].(godbus.UnixFD)
	if !ok || fd < 0 {
		t.Fatal(fd, ok)
	}
	closeAll([]int{int(fd)})
}

func TestOwnInterface(t *testing.T) {
	_, c := start(t)
	if got := invoke(t, c, managerPath, DavitInterface+".Plan", "start", "a.service", "replace")[0]; got != `["start a.service"]` {
		t.Error(got)
	}
	if got := invoke(t, c, managerPath, DavitInterface+".Why", "a.service")[0]; got != `{"a.service":1}` {
		t.Error(got)
	}
}

func TestTransientUnit(t *testing.T) {
	f, c := start(t)
	type property struct {
		Name  string
		Value godbus.Variant
	}
	v := godbus.MakeVariant
	type command struct {
		Path   string
		Args   []string
		Ignore bool
	}
	type span struct {
		Base string
		USec uint64
	}
	type aux struct {
		Name       string
		Properties []property
	}
	manager(t, c, "StartTransientUnit", "t.service", "fail", []property{
		{"Description", v("100% sure")},
		{"Slice", v("system.slice")},
		{"MemoryMax", v(uint64(1 << 20))},
		{"ExecStart", v([]command{{"/bin/sh", []string{"sh", "-c", "echo \"a b\""}, true}})},
		{"CPUQuotaPerSecUSec", v(uint64(205000))},
		{"TimeoutStopUSec", v(uint64(5000000))},
		{"Delegate", v(true)},
		{"Wants", v([]string{"b.service"})},
		{"Environment", v([]string{"A=b c"})},
		{"TasksMax", v(Unknown)},
		{"AddRef", v(true)},
		{"UMask", v(uint32(0o27))},
		{"AllowedCPUs", v([]byte{5})},
		{"StandardOutputFileDescriptor", v(godbus.UnixFD(1))},
	}, []aux{{"t.timer", []property{{"TimersMonotonic", v([]span{{"OnActiveSec", 7}})}}}})
	f.do(func() {
		want := "[Unit]\nDescription=100%% sure\nWants=b.service\n\n[Service]\nSlice=system.slice\nMemoryMax=1048576\n" +
			"ExecStart=-@/bin/sh sh -c \"echo \\\"a b\\\"\"\nCPUQuota=20.50%\nTimeoutStopSec=5000000us\nDelegate=yes\n" +
			"Environment=\"A=b c\"\nTasksMax=infinity\nUMask=0027\nAllowedCPUs=0 2\n"
		if got := f.started.Units[0].Text; got != want {
			t.Errorf("text\n%s\nwant\n%s", got, want)
		}
		if fds := f.started.Units[0].FDs; fds[0] != -1 || fds[1] < 3 || fds[2] != -1 {
			t.Error("descriptors", fds)
		}
		if got := f.started.Units[1].Text; got != "[Timer]\nOnActiveSec=7us\n" {
			t.Errorf("timer %q", got)
		}
	})
	manager(t, c, "SetUnitProperties", "t.service", true, []property{{"CPUWeight", v(uint64(50))}})
	f.do(func() {
		if got := f.dropIns["t.service"]; got != "[Service]\nCPUWeight=50\n" {
			t.Errorf("drop-in %q", got)
		}
	})
	_, err := c.Call(context.Background(), ManagerPath, managerInterface+".SetUnitProperties", "t.service", true,
		[]property{{"ExecStart", v([]command{})}})
	if ErrorName(err) != errPropertyReadOnly {
		t.Error(err)
	}
}
