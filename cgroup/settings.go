package cgroup

import (
	"bytes"
	"math/bits"

	"davit/unit"

	"golang.org/x/sys/unix"
)

// Limits converts the settings of a unit. Shares ("MemoryMax=20%") are of the machine's memory, or of the tree's own limit
// where that is less; of tasks, of what the kernel can have. A setting that is not given limits nothing: default limits are
// the manager's business.
func (t *Tree) Limits(r *unit.Resources) Limits {
	lim := Limits{
		MemoryMin: t.bytes(r.MemoryMin), MemoryLow: t.bytes(r.MemoryLow), MemoryHigh: t.bytes(r.MemoryHigh),
		MemoryMax: t.bytes(r.MemoryMax), MemorySwapMax: t.bytes(r.MemorySwapMax),
		CPUIdle: r.CPUWeight == unit.WeightIdle,
	}
	if r.CPUWeight != 0 && !lim.CPUIdle {
		lim.CPUWeight = Of(uint64(r.CPUWeight))
	}
	if r.CPUQuota != 0 {
		lim.CPUQuota = Of(uint64(r.CPUQuota))
		if r.CPUQuotaPeriod > 0 {
			lim.CPUQuotaPeriod = Of(uint64(r.CPUQuotaPeriod))
		}
	}
	if r.TasksMax.Set {
		lim.TasksMax = t.share(r.TasksMax, t.totals().tasks)
	}
	if r.IOWeight != 0 {
		lim.IOWeight = Of(uint64(r.IOWeight))
	}
	lim.Account = accounting(r)
	return lim
}

// accounting says which controllers figures alone are wanted from. CPU time is counted without a controller.
func accounting(r *unit.Resources) Controllers {
	var c Controllers
	for _, row := range []struct {
		setting unit.Tristate
		bit     Controllers
	}{{r.MemoryAccounting, Memory}, {r.TasksAccounting, Pids}, {r.IOAccounting, IO}} {
		if row.setting == unit.Yes {
			c |= row.bit
		}
	}
	return c
}

func (t *Tree) bytes(a unit.Amount) Amount {
	if !a.Set {
		return Amount{}
	}
	return t.share(a, t.totals().memory)
}

func (t *Tree) share(a unit.Amount, whole uint64) Amount {
	if a.Permyriad == 0 {
		return Of(a.Value)
	}
	if whole == Infinity {
		return Of(Infinity)
	}
	hi, lo := bits.Mul64(whole, uint64(a.Permyriad))
	if hi >= 10_000 {
		return Of(Infinity)
	}
	n, _ := bits.Div64(hi, lo, 10_000)
	return Of(n)
}

// totals is what shares are of.
type totals struct{ memory, tasks uint64 }

// totals reads what there is, once: memory and the kernel's bound on tasks do not change while we run.
func (t *Tree) totals() totals {
	if t.whole != (totals{}) {
		return t.whole
	}
	t.whole = totals{memory: Infinity, tasks: Infinity}
	if text, err := readAttr(unix.AT_FDCWD, t.proc+"/meminfo", nil); err == nil {
		if f := bytes.Fields(text); len(f) > 1 && string(f[0]) == "MemTotal:" {
			if kb, ok := number(f[1]); ok {
				t.whole.memory = kb * 1024
			}
		}
	}
	for _, file := range []string{"/sys/kernel/pid_max", "/sys/kernel/threads-max"} {
		if text, err := readAttr(unix.AT_FDCWD, t.proc+file, nil); err == nil {
			if n, ok := number(text); ok {
				t.whole.tasks = min(t.whole.tasks, n)
			}
		}
	}
	t.whole.memory = min(t.whole.memory, t.own(Memory, "memory.max", "memory.limit_in_bytes"))
	t.whole.tasks = min(t.whole.tasks, t.own(Pids, "pids.max", "pids.max"))
	return t.whole
}

// own returns the limit that the tree itself is under: that of the group that the manager came from.
func (t *Tree) own(c Controllers, v2, v1 string) uint64 {
	if t.mode == None {
		return Infinity
	}
	dir := t.mountPoint + t.origin + "/" + v2
	for _, h := range t.v1 {
		if h.bit == c {
			dir = h.mount + h.origin + "/" + v1
		}
	}
	if text, err := readAttr(unix.AT_FDCWD, dir, nil); err == nil {
		if n, ok := number(text); ok {
			return n
		}
	}
	return Infinity
}
