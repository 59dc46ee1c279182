package cgroup

import (
	"errors"
	"os"
	"slices"
	"strings"
	"testing"
)

const hybridMounts = `31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755
32 31 0:29 / /nowhere/cpu,cpuacct rw,relatime - cgroup cgroup rw,cpu,cpuacct
35 31 0:32 /docker/1 /nowhere/memory\040v1 rw,relatime - cgroup cgroup rw,memory
40 31 0:37 / /nowhere/systemd rw,relatime - cgroup cgroup rw,name=systemd
41 31 0:38 /docker/1 /nowhere/unified rw,relatime - cgroup2 cgroup2 rw
`

func TestReadMounts(t *testing.T) {
	want := []mount{
		{point: "/nowhere/cpu,cpuacct", root: "/", controllers: CPU},
		{point: "/nowhere/memory v1", root: "/docker/1", controllers: Memory},
		{point: "/nowhere/systemd", root: "/"},
		{point: "/nowhere/unified", root: "/docker/1", v2: true},
	}
	if got := readMounts(hybridMounts); !slices.Equal(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

func TestPlaceOfAGroupInAMount(t *testing.T) {
	for _, c := range []struct {
		root, group, want string
		ok                bool
	}{
		{"/", "/", "", true},
		{"/", "/user.slice/x", "/user.slice/x", true},
		{"/docker/1", "/docker/1", "", true},
		{"/docker/1", "/docker/1/sub", "/sub", true},
		{"/docker/1", "/docker/12", "", false},
		{"/docker/1", "/elsewhere", "", false},
		{"/", "/../other", "", false},
		{"/../..", "/", "", false},
	} {
		m := mount{root: c.root}
		if got, ok := m.place(c.group); got != c.want || ok != c.ok {
			t.Errorf("%s in %s: %q, %v", c.group, c.root, got, ok)
		}
	}
}

func TestWithoutATreeEverythingSaysSo(t *testing.T) {
	dir := t.TempDir()
	os.MkdirAll(dir+"/ro", 0o755)
	for _, c := range []struct {
		opt  Options
		want string
	}{
		{Options{Mountinfo: "\n", Self: "\n"}, "no cgroup version 2 hierarchy is mounted"},
		{Options{Mountinfo: "41 31 0:38 / /nowhere rw - cgroup2 cgroup2 rw\n", Self: "0::/\n"}, "cannot use /nowhere: not delegated: no such file or directory"},
		{Options{Mountinfo: "41 31 0:38 / /nowhere rw - cgroup2 cgroup2 rw\n", Self: "0::/\n", Machine: true}, "cannot write to /nowhere: no such file or directory"},
		{Options{Mountinfo: "41 31 0:38 /a /nowhere rw - cgroup2 cgroup2 rw\n", Self: "0::/b\n"}, "the manager's own cgroup /b is not below /nowhere"},
	} {
		tree, err := Detect(c.opt)
		if err != nil || tree.Mode() != None || tree.Reason() != c.want {
			t.Errorf("%v, %v, %q, want %q", err, tree.Mode(), tree.Reason(), c.want)
		}
		if err := tree.Realize("a.service", Limits{}); err != nil {
			t.Errorf("a service without limits: %v", err)
		}
		var limit *LimitError
		err = tree.Realize("a.service", Limits{TasksMax: Of(3)})
		if !errors.As(err, &limit) || !errors.Is(err, ErrNoTree) || !strings.HasPrefix(err.Error(), "a.service: cannot apply limits: no writable cgroup tree: ") {
			t.Error(err)
		}
		if _, err := tree.Procs("a.service"); !errors.Is(err, ErrNoTree) {
			t.Error(err)
		}
		if how, why := tree.Supports("MemoryMax"); how != Unavailable || why != c.want {
			t.Error(how, why)
		}
		tree.Read(func(string, Event) { t.Error("an event") })
		if err := errors.Join(tree.Remove("a.service"), tree.Close()); err != nil {
			t.Error(err)
		}
	}
}

func TestUnitInProcText(t *testing.T) {
	for _, c := range []struct {
		hidden, root, text, want string
	}{
		{"", "", "0::/system.slice/a.service\n", "system.slice/a.service"},
		{"", "", "0::/system.slice/a.service/sub/deep\n", "system.slice/a.service"},
		{"", "", "0::/system.slice/a.service (deleted)\n", "system.slice/a.service"},
		{"", "/davit-1", "9:name=systemd:/\n4:memory:/x\n0::/davit-1/a.slice/a-b.slice/c.service\n", "a.slice/a-b.slice/c.service"},
		{"", "/davit-1", "0::/davit-12/c.service\n", ""},
		{"", "/davit-1", "0::/davit-1\n", ""},
		{"/docker/1", "", "0::/docker/1/init.scope\n", "init.scope"},
		{"/docker/1", "", "0::/docker/2/init.scope\n", ""},
		{"", "", "4:memory:/x\n", ""},
	} {
		tree := &Tree{hidden: c.hidden, root: c.root}
		if got, ok := tree.unitIn([]byte(c.text)); got != c.want || ok != (c.want != "") {
			t.Errorf("%q in %q: %q, %v", c.text, c.root, got, ok)
		}
	}
}

func TestNames(t *testing.T) {
	for name, want := range map[string]string{
		"a.service": "a.service", "_x.service": "__x.service", ".x.service": "_.x.service", "cgroup.service": "_cgroup.service", "memory.service": "_memory.service",
		"cpu.slice": "_cpu.slice", "cpus.slice": "cpus.slice", "tasks": "_tasks", "pids-x.service": "pids-x.service",
	} {
		if got := Escape(name); got != want || Unescape(got) != name {
			t.Errorf("%s: %s, back to %s", name, got, Unescape(got))
		}
	}
	for _, c := range []struct{ slice, unit, want string }{
		{"", "a.service", "a.service"},
		{"-.slice", "a.service", "a.service"},
		{"system.slice", "nginx.service", "system.slice/nginx.service"},
		{"a-b-c.slice", "io.service", "a.slice/a-b.slice/a-b-c.slice/_io.service"},
		{"ignored.slice", "a-b.slice", "a.slice/a-b.slice"},
		{"", "-.slice", ""},
	} {
		if got := GroupPath(c.slice, c.unit); got != c.want || UnitName(got) != c.unit {
			t.Errorf("%s in %s: %q, %s", c.unit, c.slice, got, UnitName(got))
		}
	}
}
