package cgroup

import (
	"math"
	"strings"
)

// Infinity is the number that means "no limit".
const Infinity = math.MaxUint64

// Amount is bytes, tasks, microseconds or a weight. The zero Amount says nothing: the kernel's default stands.
type Amount struct {
	N   uint64
	Set bool
}

// Of returns the Amount n.
func Of(n uint64) Amount { return Amount{N: n, Set: true} }

// Limits is what systemd.resource-control(5) lets a unit ask of its group. Two equal Limits have equal effects.
type Limits struct {
	MemoryMin, MemoryLow, MemoryHigh, MemoryMax, MemorySwapMax Amount // bytes, or Infinity

	CPUWeight      Amount // 1 to 10000, default 100
	CPUIdle        bool   // CPUWeight=idle
	CPUQuota       Amount // microseconds of CPU per second of wall time, or Infinity
	CPUQuotaPeriod Amount // microseconds, 1 ms to 1 s, default 100 ms

	TasksMax Amount // tasks, or Infinity
	IOWeight Amount // 1 to 10000, default 100

	OOMGroup bool // memory.oom.group: a kill for memory takes the whole group (OOMPolicy=kill)
	Account  Controllers
}

// Controllers is a set of resource controllers.
type Controllers uint8

// The controllers that davit uses. A Limits' Account asks for one without limiting anything (MemoryAccounting= and so on).
const (
	CPU Controllers = 1 << iota
	Memory
	Pids
	IO
	allControllers = CPU | Memory | Pids | IO
)

var controllerTable = []struct {
	bit    Controllers
	v2, v1 string
}{
	{CPU, "cpu", "cpu"},
	{Memory, "memory", "memory"},
	{Pids, "pids", "pids"},
	{IO, "io", "blkio"},
}

// String lists the controllers by their version 2 names.
func (c Controllers) String() string {
	var names []string
	for _, row := range controllerTable {
		if c&row.bit != 0 {
			names = append(names, row.v2)
		}
	}
	return strings.Join(names, " ")
}

// parseControllers reads names as they stand in cgroup.controllers and in mount options of version 1.
func parseControllers(text string) Controllers {
	var c Controllers
	for _, name := range strings.FieldsFunc(text, func(r rune) bool { return r == ' ' || r == ',' || r == '\n' }) {
		for _, row := range controllerTable {
			if name == row.v2 || name == row.v1 {
				c |= row.bit
			}
		}
	}
	return c
}

// Needs returns the controllers without which the limits cannot be applied.
func (l *Limits) Needs() Controllers { return l.Account | l.limiting() }

// limiting returns the controllers that limit something, without those that only account.
func (l *Limits) limiting() Controllers {
	var c Controllers
	if l.MemoryMin.Set || l.MemoryLow.Set || l.MemoryHigh.Set || l.MemoryMax.Set || l.MemorySwapMax.Set || l.OOMGroup {
		c |= Memory
	}
	if l.CPUWeight.Set || l.CPUIdle || l.CPUQuota.Set {
		c |= CPU
	}
	if l.TasksMax.Set {
		c |= Pids
	}
	if l.IOWeight.Set {
		c |= IO
	}
	return c
}

// everything is the Limits of a group whose history is unknown: whatever is not asked for must be reset.
var everything = Limits{
	MemoryMin: Of(0), MemoryLow: Of(0), MemoryHigh: Of(0), MemoryMax: Of(0), MemorySwapMax: Of(0),
	CPUWeight: Of(0), CPUIdle: true, CPUQuota: Of(0), TasksMax: Of(0), IOWeight: Of(0), OOMGroup: true,
}

// keep clears what belongs to controllers outside the set: it cannot have been set.
func (l *Limits) keep(c Controllers) {
	none := Limits{}
	if c&Memory == 0 {
		l.MemoryMin, l.MemoryLow, l.MemoryHigh = none.MemoryMin, none.MemoryLow, none.MemoryHigh
		l.MemoryMax, l.MemorySwapMax, l.OOMGroup = none.MemoryMax, none.MemorySwapMax, false
	}
	if c&CPU == 0 {
		l.CPUWeight, l.CPUIdle, l.CPUQuota = none.CPUWeight, false, none.CPUQuota
	}
	if c&Pids == 0 {
		l.TasksMax = none.TasksMax
	}
	if c&IO == 0 {
		l.IOWeight = none.IOWeight
	}
}

const (
	second        = 1_000_000 // microseconds
	defaultPeriod = 100_000
	shortest      = 1_000 // of both quota and period: the kernel refuses less
)

// quota returns the microseconds of CPU in each period, and the period: a quota that would be too short for the kernel
// lengthens the period instead, as systemd does, so that the ratio stays.
func (l *Limits) quota() (quota, period uint64) {
	period = defaultPeriod
	if l.CPUQuotaPeriod.Set {
		period = min(max(l.CPUQuotaPeriod.N, shortest), second)
	}
	if !l.CPUQuota.Set || l.CPUQuota.N == Infinity {
		return Infinity, period
	}
	perSecond := max(l.CPUQuota.N, 1)
	for perSecond*period/second < shortest && period < second {
		period = min(period*2, second)
	}
	return max(perSecond*period/second, shortest), period
}

// weightToShares converts a weight (1 to 10000, default 100) to version 1's cpu.shares (2 to 262144, default 1024).
func weightToShares(weight uint64) uint64 { return min(max(weight*1024/100, 2), 262144) }

// weightToBlkio converts a weight to version 1's blkio weights (10 to 1000, default 500).
func weightToBlkio(weight uint64) uint64 { return min(max(weight*500/100, 10), 1000) }
