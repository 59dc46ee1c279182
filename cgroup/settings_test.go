package cgroup

import (
	"os"
	"strings"
	"testing"

	"davit/unit"
)

func TestSettingsBecomeLimits(t *testing.T) {
	proc := t.TempDir()
	os.MkdirAll(proc+"/sys/kernel", 0o755)
	for file, text := range map[string]string{"/meminfo": "MemTotal:        1000 kB\nMemFree: 5 kB\n", "/sys/kernel/pid_max": "4194304\n", "/sys/kernel/threads-max": "30000\n"} {
		if err := os.WriteFile(proc+file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	tree := &Tree{proc: proc}
	r := unit.Resources{
		MemoryMax:       unit.Amount{Permyriad: 2000, Set: true},
		MemoryHigh:      unit.Amount{Value: 4096, Set: true},
		MemorySwapMax:   unit.Amount{Set: true},
		MemoryLow:       unit.Amount{Value: unit.NoLimit, Set: true},
		TasksMax:        unit.Amount{Permyriad: 1500, Set: true},
		CPUWeight:       unit.WeightIdle,
		CPUQuota:        200_000,
		CPUQuotaPeriod:  10 * unit.Millisecond,
		IOWeight:        5,
		TasksAccounting: unit.Yes, MemoryAccounting: unit.No,
	}
	want := Limits{
		MemoryMax: Of(204_800), MemoryHigh: Of(4096), MemorySwapMax: Of(0), MemoryLow: Of(Infinity), TasksMax: Of(4500),
		CPUIdle: true, CPUQuota: Of(200_000), CPUQuotaPeriod: Of(10_000), IOWeight: Of(5), Account: Pids,
	}
	if got := tree.Limits(&r); got != want {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	if got := tree.Limits(&unit.Resources{}); got != (Limits{}) {
		t.Errorf("nothing set: %+v", got)
	}
}

func TestWeightsAreConverted(t *testing.T) {
	for weight, want := range map[uint64][2]uint64{1: {10, 10}, 100: {1024, 500}, 200: {2048, 1000}, 10000: {102400, 1000}, 50: {512, 250}} {
		if shares, blkio := weightToShares(weight), weightToBlkio(weight); shares != want[0] || blkio != want[1] {
			t.Errorf("weight %d: %d shares, %d", weight, shares, blkio)
		}
	}
}

func TestMemoryOfASliceIsCountedInItsServices(t *testing.T) {
	const first, second = "a.slice/b.service", "a.slice/c.service"
	tree := fake(t, "a.slice", first, second)
	for _, path := range []string{first, second} {
		if err := tree.Watch(path); err != nil {
			t.Fatal(err)
		}
	}
	if err := tree.Realize(first, Limits{}); err != nil {
		t.Fatal(err)
	}
	if got := written(t, tree, "a.slice"); got != "" {
		t.Errorf("without a limit: %s", got)
	}
	if err := tree.Realize("a.slice", Limits{MemoryMax: Of(1 << 20)}); err != nil {
		t.Fatal(err)
	}
	if got := written(t, tree, "a.slice"); !strings.Contains(got, "cgroup.subtree_control=+memory") || !strings.Contains(got, "memory.max=1048576") {
		t.Errorf("with a limit: %s", got)
	}
	os.WriteFile(tree.Dir(second)+"/memory.events", []byte("oom_kill 1\n"), 0o644)
	seen := ""
	tree.Read(func(path string, ev Event) {
		if ev == OOMKill {
			seen += path
		}
	})
	if seen != second {
		t.Errorf("a kill in %s was seen in %q", second, seen)
	}
}
