package test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"davit/test/container"
)

// confined are the units of the confinement tests: two slices with services that try to get out.
var confined = map[string]string{
	"default.target": "[Unit]\nDescription=Nothing yet\n",
	"boats.slice":    "[Slice]\nTasksMax=100\n",
	"pool.slice":     "[Slice]\nMemoryMax=48M\n",
	"calm.service":   "[Service]\nSlice=boats.slice\nExecStart=/bin/sleep infinity\n",
	"other.service":  "[Service]\nExecStart=/bin/sleep infinity\n",
	"hog.service":    "[Service]\nSlice=boats.slice\nMemoryMax=32M\nExecStart=/usr/bin/tail /dev/zero\n",
	"pooled.service": "[Service]\nSlice=pool.slice\nExecStart=/usr/bin/tail /dev/zero\n",
	"bomb.service": "[Service]\nSlice=boats.slice\nTasksMax=20\nTimeoutStopSec=5s\n" +
		"ExecStart=/usr/bin/perl -e 'while (1) { defined(fork) or select(undef, undef, undef, 0.01) }'\n",
	"spin.service": "[Service]\nSlice=boats.slice\nCPUQuota=20%\nExecStart=/bin/sh -c 'while :; do :; done'\n",
	"daemon.service": "[Service]\nSlice=boats.slice\nTimeoutStopSec=2s\n" +
		"ExecStart=/bin/sh -c 'trap \"\" TERM HUP; setsid setsid sleep infinity & setsid sh -c \"setsid sleep infinity & exit\"; while :; do sleep 1; done'\n",
}

// cgroupOf returns the version 2 cgroup of a process.
func cgroupOf(t *testing.T, pid int) string {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/cgroup", pid))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if path, ok := strings.CutPrefix(line, "0::"); ok {
			return strings.TrimSpace(path)
		}
	}
	t.Fatalf("process %d has no version 2 cgroup", pid)
	return ""
}

// tasks returns the processes of a version 2 cgroup.
func tasks(t *testing.T, group string) []int {
	t.Helper()
	mounts, err := container.Hierarchies()
	if err != nil {
		t.Fatal(err)
	}
	text, _ := os.ReadFile(filepath.Join(mounts[0], group, "cgroup.procs"))
	var all []int
	for _, word := range strings.Fields(string(text)) {
		if pid, err := strconv.Atoi(word); err == nil {
			all = append(all, pid)
		}
	}
	return all
}

// gone waits until a cgroup has been removed.
func gone(t *testing.T, group string) {
	t.Helper()
	mounts, err := container.Hierarchies()
	if err != nil {
		t.Fatal(err)
	}
	container.Wait(t, 10*time.Second, group+" to be removed", func() error {
		if _, err := os.Stat(filepath.Join(mounts[0], group)); err == nil {
			return fmt.Errorf("it exists, with processes %v", tasks(t, group))
		}
		return nil
	})
}

func TestConfinement(t *testing.T) {
	container.Need(t)
	d := container.StartDirectory(t, confined)
	t.Run("alone", func(t *testing.T) { testAlone(t, d) })
	t.Run("memory", func(t *testing.T) { testMemory(t, d) })
	t.Run("tasks", func(t *testing.T) { testTasks(t, d) })
	t.Run("processor", func(t *testing.T) { testProcessor(t, d) })
	t.Run("stop", func(t *testing.T) { testNothingOutlivesStop(t, d) })
	d.Interrupt(30 * time.Second)
	if left := d.Cgroup.Processes(); len(left) > 0 {
		t.Errorf("processes are left after davit's end: %v", left)
	}
}

// testAlone: every service has a cgroup of its own, below its slice's, with its processes and no others.
func testAlone(t *testing.T, d *container.Directory) {
	d.Must("start", "calm.service", "other.service")
	for unit, want := range map[string]string{"calm.service": "/boats.slice/calm.service", "other.service": "/other.service"} {
		pid := d.MainPID(unit)
		group := cgroupOf(t, pid)
		if !strings.HasSuffix(group, want) {
			t.Errorf("%s is in %s, want it to end in %s", unit, group, want)
		}
		if got := tasks(t, group); !slices.Equal(got, []int{pid}) {
			t.Errorf("%s holds %v, want only %d", group, got, pid)
		}
	}
	d.Must("stop", "calm.service", "other.service")
}

// testMemory: the kernel kills what goes over MemoryMax=, of the unit or of its slice, and the result says so.
func testMemory(t *testing.T, d *container.Directory) {
	for _, unit := range []string{"hog.service", "pooled.service"} {
		d.Must("start", unit)
		d.Await(unit, "ActiveState", "failed")
		if got := d.Property(unit, "Result"); got != "oom-kill" {
			t.Errorf("%s ends with result %s, want oom-kill", unit, got)
		}
	}
}

// testTasks: a fork bomb stays at TasksMax= and a stop ends all of it.
func testTasks(t *testing.T, d *container.Directory) {
	d.Must("start", "bomb.service")
	group := cgroupOf(t, d.MainPID("bomb.service"))
	container.Wait(t, 10*time.Second, "the bomb to reach its limit", func() error {
		if n := len(tasks(t, group)); n < 20 {
			return fmt.Errorf("%d processes", n)
		}
		return nil
	})
	for range 200 {
		if n := len(tasks(t, group)); n > 20 {
			t.Fatalf("%d processes, the limit is 20", n)
		}
	}
	d.Must("stop", "bomb.service")
	gone(t, group)
}

// testProcessor: CPUQuota=20% holds within a tenth, measured over some periods of the kernel's.
func testProcessor(t *testing.T, d *container.Directory) {
	d.Must("start", "spin.service")
	pid := d.MainPID("spin.service")
	used, at := processorTime(t, pid), time.Now()
	container.Wait(t, 20*time.Second, "four seconds of work", func() error {
		if time.Since(at) < 4*time.Second {
			return fmt.Errorf("only %v so far", time.Since(at))
		}
		return nil
	})
	share := float64(processorTime(t, pid)-used) / float64(time.Since(at))
	if share < 0.18 || share > 0.22 {
		t.Errorf("the service got %.1f %% of a processor, want 20 %% within a tenth", 100*share)
	}
	d.Must("stop", "spin.service")
}

// processorTime is how long a process with one thread has run.
func processorTime(t *testing.T, pid int) time.Duration {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/schedstat", pid))
	if err != nil {
		t.Fatal(err)
	}
	ns, err := strconv.ParseInt(strings.Fields(string(text))[0], 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return time.Duration(ns)
}

// testNothingOutlivesStop: sessions of their own, ignored signals and lost parents do not save a process from a stop.
func testNothingOutlivesStop(t *testing.T, d *container.Directory) {
	d.Must("start", "daemon.service")
	group := cgroupOf(t, d.MainPID("daemon.service"))
	container.Wait(t, 10*time.Second, "three processes", func() error {
		if n := len(tasks(t, group)); n < 3 {
			return fmt.Errorf("%d processes", n)
		}
		return nil
	})
	all := tasks(t, group)
	d.Must("stop", "daemon.service")
	gone(t, group)
	for _, pid := range all {
		if _, err := os.Stat(fmt.Sprintf("/proc/%d", pid)); err == nil {
			t.Errorf("process %d outlives the stop", pid)
		}
	}
}
