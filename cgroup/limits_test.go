package cgroup

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// attributes are the files that the kernel puts into a group whose parent has all controllers enabled.
var attributes = []string{
	"cgroup.procs", "cgroup.events", "cgroup.subtree_control", "cgroup.controllers", "cgroup.kill", "cgroup.freeze", "cpu.stat",
	"cpu.weight", "cpu.idle", "cpu.max", "memory.min", "memory.low", "memory.high", "memory.max", "memory.swap.max", "memory.oom.group",
	"memory.events", "pids.max", "io.weight",
}

// fake is a version 2 tree of plain files: what is written can be read, and nothing else happens. Groups have to be named.
func fake(t *testing.T, groups ...string) *Tree {
	t.Helper()
	dir := t.TempDir()
	for _, g := range append(groups, "") {
		if err := os.MkdirAll(dir+"/"+g, 0o755); err != nil {
			t.Fatal(err)
		}
		for _, name := range attributes {
			if err := os.WriteFile(dir+"/"+g+"/"+name, nil, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		os.WriteFile(dir+"/"+g+"/cgroup.controllers", []byte("cpuset cpu io memory pids\n"), 0o644)
	}
	tree, err := Detect(Options{
		Machine: true, Self: "0::/\n",
		Mountinfo: "30 23 0:26 / " + strings.ReplaceAll(dir, " ", `\040`) + " rw,nosuid shared:4 - cgroup2 cgroup2 rw\n",
	})
	if err != nil || tree.Mode() != V2 {
		t.Fatal(err, tree.Mode(), tree.Reason())
	}
	t.Cleanup(func() { tree.Close() })
	return tree
}

// written returns the attributes of a group that have been written, and empties them.
func written(t *testing.T, tree *Tree, path string) string {
	t.Helper()
	var found []string
	for _, name := range attributes {
		file := tree.Dir(path) + "/" + name
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if len(b) > 0 && name != "cgroup.controllers" {
			found = append(found, name+"="+strings.TrimSpace(string(b)))
			os.Truncate(file, 0)
		}
	}
	return strings.Join(found, " ")
}

func TestLimitsBecomeAttributesOfVersion2(t *testing.T) {
	for _, c := range []struct {
		lim     Limits
		enabled string
		want    string
		reset   string
	}{
		{lim: Limits{}},
		{
			Limits{MemoryMax: Of(1 << 20), MemoryHigh: Of(Infinity), MemoryMin: Of(4096), MemoryLow: Of(8192), MemorySwapMax: Of(0)},
			"+memory",
			"memory.min=4096 memory.low=8192 memory.high=9223372036854775807 memory.max=1048576 memory.swap.max=0",
			"memory.min=0 memory.low=0 memory.high=9223372036854775807 memory.max=9223372036854775807 memory.swap.max=9223372036854775807",
		},
		{Limits{CPUWeight: Of(50)}, "+cpu", "cpu.weight=50", "cpu.weight=100"},
		{Limits{CPUWeight: Of(20000)}, "+cpu", "cpu.weight=10000", "cpu.weight=100"},
		{Limits{CPUIdle: true}, "+cpu", "cpu.idle=1", "cpu.idle=0"},
		{Limits{CPUQuota: Of(200_000)}, "+cpu", "cpu.max=20000 100000", "cpu.max=max 100000"},
		{Limits{CPUQuota: Of(2_000_000), CPUQuotaPeriod: Of(10_000)}, "+cpu", "cpu.max=20000 10000", "cpu.max=max 100000"},
		{Limits{CPUQuota: Of(5_000)}, "+cpu", "cpu.max=1000 200000", "cpu.max=max 100000"},
		{Limits{CPUQuota: Of(1)}, "+cpu", "cpu.max=1000 1000000", "cpu.max=max 100000"},
		{Limits{CPUQuota: Of(Infinity)}, "+cpu", "cpu.max=max 100000", "cpu.max=max 100000"},
		{Limits{TasksMax: Of(4915)}, "+pids", "pids.max=4915", "pids.max=max"},
		{Limits{TasksMax: Of(Infinity)}, "+pids", "pids.max=max", "pids.max=max"},
		{Limits{IOWeight: Of(500)}, "+io", "io.weight=default 500", "io.weight=default 100"},
		{Limits{OOMGroup: true}, "+memory", "memory.oom.group=1", "memory.oom.group=0"},
		{Limits{Account: Memory | Pids}, "+memory +pids", "", ""},
		{Limits{CPUWeight: Of(7), TasksMax: Of(3)}, "+cpu +pids", "cpu.weight=7 pids.max=3", "cpu.weight=100 pids.max=max"},
	} {
		const path = "a.slice/b.service"
		tree := fake(t, "a.slice", path)
		tree.make(path)
		tree.groups[path].found = false // the fake's directory stands for one that we made
		name := fmt.Sprintf("%+v", c.lim)
		if err := tree.Realize(path, c.lim); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if got := written(t, tree, path); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", name, got, c.want)
		}
		for _, above := range []string{"", "a.slice"} {
			want := ""
			if c.enabled != "" {
				want = "cgroup.subtree_control=" + c.enabled
			}
			if got := written(t, tree, above); got != want {
				t.Errorf("%s: in %q: %s, want %s", name, above, got, want)
			}
		}
		tree.Realize(path, c.lim)
		if got := written(t, tree, path); got != "" {
			t.Errorf("%s: the same again wrote %s", name, got)
		}
		if err := tree.Realize(path, Limits{}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if got := written(t, tree, path); got != c.reset {
			t.Errorf("%s: reset:\n got %s\nwant %s", name, got, c.reset)
		}
	}
}

func TestControllersAreEnabledOnce(t *testing.T) {
	tree := fake(t, "a.slice", "a.slice/b.service", "a.slice/c.service")
	for _, path := range []string{"a.slice/b.service", "a.slice/c.service"} {
		if err := tree.Realize(path, Limits{TasksMax: Of(5)}); err != nil {
			t.Fatal(err)
		}
	}
	os.Truncate(tree.Dir("a.slice")+"/cgroup.subtree_control", 0)
	if err := tree.Realize("a.slice/c.service", Limits{TasksMax: Of(6), MemoryMax: Of(1 << 30)}); err != nil {
		t.Fatal(err)
	}
	if got := written(t, tree, "a.slice"); got != "cgroup.subtree_control=+memory" {
		t.Errorf("wrote %s", got)
	}
}

func TestEventsOfVersion2(t *testing.T) {
	const path = "a.service"
	tree := fake(t, path)
	if err := tree.Realize(path, Limits{MemoryMax: Of(1 << 20)}); err != nil {
		t.Fatal(err)
	}
	if err := tree.Watch(path); err != nil {
		t.Fatal(err)
	}
	change := func(name, text string) string {
		if err := os.WriteFile(tree.Dir(path)+"/"+name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		last := ""
		tree.Read(func(p string, ev Event) { last = fmt.Sprint(p, " ", ev) })
		return last
	}
	for _, c := range []struct{ file, text, want string }{
		{"memory.events", "low 0\nhigh 4\nmax 2\noom 1\noom_kill 0\noom_group_kill 0\n", ""},
		{"memory.events", "low 0\nhigh 4\nmax 2\noom 1\noom_kill 2\noom_group_kill 0\n", fmt.Sprint(path, " ", OOMKill)},
		{"memory.events", "low 1\nhigh 4\nmax 2\noom 1\noom_kill 2\noom_group_kill 0\n", ""},
		{"cgroup.events", "populated 1\nfrozen 0\n", ""},
		{"cgroup.events", "populated 1\nfrozen 1\n", fmt.Sprint(path, " ", Frozen)},
		{"cgroup.events", "populated 0\nfrozen 0\n", fmt.Sprint(path, " ", Empty)},
	} {
		if got := change(c.file, c.text); got != c.want {
			t.Errorf("%s %q: got %q, want %q", c.file, c.text, got, c.want)
		}
	}
	if n := tree.OOMKills(path); n != 2 {
		t.Errorf("OOMKills() = %d", n)
	}
}

func TestLimitsBecomeAttributesOfVersion1(t *testing.T) {
	tree := limited(t, "MemoryMax", "TasksMax", "CPUWeight")
	if len(tree.v1) == 0 {
		t.Skip("SKIP: no version 1 controllers here")
	}
	const path = "a.slice/b.service"
	read := func(names string) string {
		var found []string
		for _, name := range strings.Fields(names) {
			v, err := tree.Attribute(path, name)
			if err != nil {
				t.Fatal(err)
			}
			found = append(found, v)
		}
		return strings.Join(found, " ")
	}
	const all = "memory.limit_in_bytes memory.soft_limit_in_bytes memory.memsw.limit_in_bytes cpu.shares cpu.cfs_quota_us cpu.cfs_period_us pids.max"
	const unlimited = "9223372036854771712"
	for _, c := range []struct {
		lim  Limits
		want string
	}{
		{
			Limits{MemoryMax: Of(64 << 20), MemoryHigh: Of(32 << 20), MemorySwapMax: Of(16 << 20), CPUWeight: Of(50), CPUQuota: Of(200_000), TasksMax: Of(77)},
			"67108864 33554432 83886080 512 20000 100000 77",
		},
		{ // all of them up
			Limits{MemoryMax: Of(256 << 20), MemorySwapMax: Of(0), CPUWeight: Of(10000), CPUQuota: Of(5_000), TasksMax: Of(Infinity)},
			"268435456 " + unlimited + " 268435456 102400 1000 200000 max",
		},
		{Limits{MemoryMax: Of(64 << 20)}, "67108864 " + unlimited + " " + unlimited + " 1024 -1 100000 max"},
		{Limits{MemoryMax: Of(Infinity), CPUIdle: true}, unlimited + " " + unlimited + " " + unlimited + " 3 -1 100000 max"},
		{Limits{}, unlimited + " " + unlimited + " " + unlimited + " 1024 -1 100000 max"},
	} {
		if err := tree.Realize(path, c.lim); err != nil {
			t.Errorf("%+v: %v", c.lim, err)
		}
		if got := read(all); got != c.want {
			t.Errorf("%+v:\n got %s\nwant %s", c.lim, got, c.want)
		}
	}
}

func TestASliceLimitedLaterTakesItsServicesAlong(t *testing.T) {
	tree := limited(t, "TasksMax")
	if len(tree.v1) == 0 {
		t.Skip("SKIP: no version 1 controllers here")
	}
	const path = "a.slice/b.service"
	if err := tree.Realize(path, Limits{}); err != nil {
		t.Fatal(err)
	}
	if files := tree.V1Procs(path); len(files) != 0 {
		t.Errorf("no limit, and yet %v", files)
	}
	cmd := spawn(t, tree, path, "exec sleep 1000")
	if err := tree.Realize("a.slice", Limits{TasksMax: Of(50)}); err != nil {
		t.Fatal(err)
	}
	pids, _ := os.ReadFile(filepath.Dir(tree.V1Procs(path)[0]) + "/cgroup.procs")
	if strings.TrimSpace(string(pids)) != fmt.Sprint(cmd.Process.Pid) {
		t.Errorf("the running process was not moved: %q", pids)
	}
	if err := tree.Realize("a.slice/later.service", Limits{}); err != nil {
		t.Fatal(err)
	}
	if files := tree.V1Procs("a.slice/later.service"); len(files) != 1 {
		t.Errorf("a later service of the limited slice joins %v", files)
	}
}

func TestConfinement(t *testing.T) {
	tree := limited(t, "MemoryMax", "CPUQuota", "TasksMax")
	const path = "a.slice/hungry.service"
	if err := tree.Realize(path, Limits{MemoryMax: Of(32 << 20), MemorySwapMax: Of(0), TasksMax: Of(20)}); err != nil {
		t.Fatal(err)
	}
	cmd := spawn(t, tree, path, "exec perl -e '$x = \"x\" x (200 << 20)'")
	if err := cmd.Wait(); err == nil || cmd.ProcessState.Sys().(syscall.WaitStatus).Signal() != unix.SIGKILL {
		t.Errorf("it ended with %v", err)
	}
	if n := tree.OOMKills(path); n != 1 {
		t.Errorf("OOMKills() = %d", n)
	}
	if first, again := tree.KilledForMemory(path), tree.KilledForMemory(path); !first || again {
		t.Errorf("KilledForMemory() = %v, then %v", first, again)
	}
	if u, _ := tree.Stat(path); u.MemoryPeak < 16<<20 || u.MemoryPeak > 32<<20 || u.CPUUsageNSec == Unknown {
		t.Errorf("%+v", u)
	}
	if err := tree.Realize("a.slice/busy.service", Limits{CPUQuota: Of(200_000)}); err != nil {
		t.Fatal(err)
	}
	spawn(t, tree, "a.slice/busy.service", "while :; do :; done")
	// On a busy machine a process may get less than its quota; it must never get more, and has to get it once.
	for try := 1; ; try++ {
		used, wall := measure(tree, "a.slice/busy.service", 1_500_000_000)
		share := float64(used) / float64(wall)
		if share > 0.22 || try == 8 && share < 0.18 {
			t.Errorf("CPUQuota=20%% gave %.1f%%", 100*share)
		}
		if share >= 0.18 || try == 8 {
			return
		}
	}
}

// measure returns the CPU time that a group uses within about the given wall time, in nanoseconds.
func measure(tree *Tree, path string, span int64) (used uint64, wall int64) {
	now := func() int64 {
		var ts unix.Timespec
		unix.ClockGettime(unix.CLOCK_MONOTONIC, &ts)
		return ts.Nano()
	}
	from, start := tree.CPUUsage(path), now()
	for now()-start < span {
		unix.Poll(nil, int((span-(now()-start))/1_000_000)+1)
	}
	return tree.CPUUsage(path) - from, now() - start
}
