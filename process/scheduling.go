package process

import (
	"fmt"
	"runtime"
	"strconv"

	"davit/unit"

	"golang.org/x/sys/unix"
)

// memory sets what belongs to a process's memory: the score by which the kernel picks a victim when memory runs out, and what goes
// into core dumps. Both would change the manager, too, if the child were in its memory.
func (l *Steps) memory(spec *Spec, exec *unit.Exec) {
	if exec.OOMScoreAdjust.Set {
		l.private = true
		l.writeFile(stepOOMAdjust, "/proc/self/oom_score_adj", strconv.Itoa(int(exec.OOMScoreAdjust.Value)), denied|spec.lenient())
		l.calls[len(l.calls)-2].ignore = denied | spec.lenient()
	}
	if exec.CoredumpFilter.Set {
		l.private = true
		l.writeFile(stepCoredump, "/proc/self/coredump_filter", fmt.Sprintf("%#x", exec.CoredumpFilter.Mask), 0)
	}
}

// scheduling sets nice level, CPU and I/O scheduling, affinity, memory policy and timer slack.
func (l *Steps) scheduling(spec *Spec, exec *unit.Exec) error {
	if exec.Nice.Set {
		l.add(stepNice, unix.SYS_SETPRIORITY, 0, unix.PRIO_PROCESS, 0, uint64(int64(exec.Nice.Value))).ignore = spec.lenient()
	}
	if exec.CPUSchedulingPolicy != unit.SchedUnset || exec.CPUSchedulingResetOnFork {
		l.scheduler(spec, exec)
	}
	if len(exec.CPUAffinity) > 0 {
		mask := cpuMask(exec.CPUAffinity)
		l.add(stepAffinity, unix.SYS_SCHED_SETAFFINITY, ref2, 0, uint64(len(mask)), l.bytes(mask))
	}
	if exec.NUMAPolicy != unit.NUMAUnset {
		mask := cpuMask(exec.NUMAMask)
		l.add(stepNUMA, unix.SYS_SET_MEMPOLICY, ref1, uint64(exec.NUMAPolicy-1), l.bytes(mask), uint64(len(mask))*8)
		if len(exec.NUMAMask) == 0 {
			c := &l.calls[len(l.calls)-1]
			c.args, c.refs = [6]uint64{c.args[0]}, 0
		}
	}
	if exec.IOSchedulingClass != unit.IOClassUnset || exec.IOSchedulingPriority.Set {
		l.ioPriority(spec, exec)
	}
	if exec.TimerSlackNSec != 0 {
		l.add(stepTimerSlack, unix.SYS_PRCTL, 0, unix.PR_SET_TIMERSLACK, uint64(exec.TimerSlackNSec))
	}
	return nil
}

// scheduler sets CPUSchedulingPolicy= and its priority.
func (l *Steps) scheduler(spec *Spec, exec *unit.Exec) {
	policy := uint64(unix.SCHED_NORMAL)
	switch exec.CPUSchedulingPolicy {
	case unit.SchedUnset, unit.SchedOther:
	case unit.SchedBatch:
		policy = unix.SCHED_BATCH
	case unit.SchedIdle:
		policy = unix.SCHED_IDLE
	case unit.SchedFIFO:
		policy = unix.SCHED_FIFO
	case unit.SchedRR:
		policy = unix.SCHED_RR
	}
	priority := uint64(0)
	if policy == unix.SCHED_FIFO || policy == unix.SCHED_RR {
		priority = 1
		if exec.CPUSchedulingPriority.Set {
			priority = uint64(exec.CPUSchedulingPriority.Value)
		}
	}
	if exec.CPUSchedulingResetOnFork {
		policy |= unix.SCHED_RESET_ON_FORK
	}
	l.add(stepScheduler, unix.SYS_SCHED_SETSCHEDULER, ref2, 0, policy, l.words(priority)).ignore = spec.lenient()
}

// ioPriority sets IOSchedulingClass= and IOSchedulingPriority=.
func (l *Steps) ioPriority(spec *Spec, exec *unit.Exec) {
	class := uint64(exec.IOSchedulingClass)
	if class > 0 {
		class-- // the kernel's number
	}
	if class == 0 && exec.IOSchedulingClass == unit.IOClassUnset {
		class = uint64(unit.IOClassBestEffort - 1)
	}
	priority := uint64(4) // IOPRIO_NORM
	if exec.IOSchedulingPriority.Set {
		priority = uint64(exec.IOSchedulingPriority.Value)
	}
	if class == 0 || class == uint64(unit.IOClassIdle-1) {
		priority = 0
	}
	const whoProcess, classShift = 1, 13
	l.add(stepIOPriority, unix.SYS_IOPRIO_SET, 0, whoProcess, 0, class<<classShift|priority).ignore = spec.lenient()
}

// cpuMask makes a set of numbers as long as the kernel's words.
func cpuMask(set unit.CPUSet) []byte {
	mask := make([]byte, (len(set)+7)&^7)
	copy(mask, set)
	return mask
}

// personality sets the execution domain: 32-bit personalities make uname(2) say so.
func (l *Steps) personality(exec *unit.Exec) error {
	if exec.Personality == "" {
		return nil
	}
	value, err := personalityOf(exec)
	if err == nil {
		l.add(stepPersonality, unix.SYS_PERSONALITY, 0, value)
	}
	return err
}

// personalityOf returns the number of Personality=; without it, that of an ordinary process.
func personalityOf(exec *unit.Exec) (uint64, error) {
	const linux, linux32 = 0, 8 // PER_LINUX, PER_LINUX32
	domains := map[string]map[string]uint64{
		"amd64": {"x86-64": linux, "x86": linux32},
		"arm64": {"arm64": linux, "arm": linux32},
	}
	if exec.Personality == "" {
		return linux, nil
	}
	value, ok := domains[runtime.GOARCH][exec.Personality]
	if !ok {
		return 0, fmt.Errorf("cannot set Personality=%s on this architecture", exec.Personality)
	}
	return value, nil
}
