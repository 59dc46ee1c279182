package process

import (
	"sync/atomic"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// lowSlots are low descriptor numbers that the Spawner keeps occupied. A child that shares our descriptor table at first gets its
// descriptors there, and copies only the table's low end: a manager with ten thousand descriptors otherwise pays for each of them
// at each start.
type lowSlots struct {
	filler int // what occupies a slot that is not in use
	free   []int
	bottom int
	top    int // highest slot plus 1
}

// reserve occupies n slots.
func (l *lowSlots) reserve(n int) error {
	filler, err := unix.Eventfd(0, unix.EFD_CLOEXEC|unix.EFD_NONBLOCK)
	if err != nil {
		return err
	}
	l.filler = filler
	for fd := range 3 { // a list opens files and counts on getting neither of these
		if _, err := unix.FcntlInt(uintptr(fd), unix.F_GETFD, 0); err != nil {
			_ = unix.Dup3(filler, fd, 0)
		}
	}
	for range n {
		fd, err := unix.FcntlInt(uintptr(filler), unix.F_DUPFD_CLOEXEC, 3)
		if err != nil {
			l.close()
			return err
		}
		l.free = append(l.free, fd)
	}
	l.bottom, l.top = l.free[0], l.free[n-1]+1
	return nil
}

// close gives all slots up.
func (l *lowSlots) close() {
	for _, fd := range l.free {
		unix.Close(fd)
	}
	unix.Close(l.filler)
}

// hold copies the descriptors that b's list uses to slots; it says whether there was room.
func (l *lowSlots) hold(b *block) bool {
	if len(b.steps.passed) > len(l.free) || b.steps.top > l.bottom {
		return false
	}
	for _, p := range b.steps.passed {
		slot := l.free[len(l.free)-1]
		if unix.Dup3(p.fd, slot, unix.O_CLOEXEC) != nil {
			return l.unhold(b)
		}
		l.free = l.free[:len(l.free)-1]
		b.slots = append(b.slots, slot)
	}
	return true
}

// unhold gives b's slots back.
func (l *lowSlots) unhold(b *block) bool {
	for _, slot := range b.slots {
		unix.Dup3(l.filler, slot, unix.O_CLOEXEC)
		l.free = append(l.free, slot)
	}
	b.slots = b.slots[:0]
	return false
}

func (s *Spawner) unhold(b *block) { s.low.unhold(b) }

// unshared says whether the child has its own descriptor table by now.
func (b *block) unshared() bool { return atomic.LoadUint32(&b.header().progress) > 0 }

// joinFile is what the child opens in its cgroup's directory, and the "0" that it writes there, when clone3 is missing.
const joinFile = "cgroup.procs\x000"

// prefix appends the calls that go before the list, depending on how the child is made; their offsets count from the block's start.
// The one that ends the sharing of descriptors comes first.
func (s *Spawner) prefix(calls []call, b *block, sharedFDs bool) []call {
	var h header
	if sharedFDs {
		const closeRangeUnshare = 2
		args := [6]uint64{uint64(s.low.top), maxFD, closeRangeUnshare}
		calls = append(calls, call{nr: unix.SYS_CLOSE_RANGE, args: args, step: stepFDs})
	}
	if b.private {
		robust := [6]uint64{uint64(unsafe.Offsetof(h.robust)), 24}
		calls = append(calls,
			call{nr: unix.SYS_GETTID, result: uint32(unsafe.Offsetof(h.lock)), step: stepMemory},
			call{nr: unix.SYS_SET_ROBUST_LIST, args: robust, refs: ref0, step: stepMemory})
	}
	for sig := uint64(1); sig <= 64; sig++ {
		if s.ignored>>(sig-1)&1 != 0 || s.direct && s.version1 && sig != uint64(unix.SIGKILL) && sig != uint64(unix.SIGSTOP) {
			args := [6]uint64{sig, uint64(unsafe.Offsetof(h.zero)), 0, 8}
			calls = append(calls, call{nr: unix.SYS_RT_SIGACTION, args: args, refs: ref1, step: stepSignals})
		}
	}
	if s.direct && s.version1 && b.steps.cgroup >= 0 {
		path, word := uint64(unsafe.Offsetof(h.path)), uint64(unsafe.Offsetof(h.word))
		open := [6]uint64{uint64(b.steps.cgroup), path, unix.O_WRONLY | unix.O_CLOEXEC}
		write := [6]uint64{word, path + uint64(len(joinFile)) - 1, 1}
		calls = append(calls,
			call{nr: unix.SYS_OPENAT, args: open, refs: ref1, result: uint32(word), step: stepCgroup},
			call{nr: unix.SYS_WRITE, args: write, refs: ref1, word: true, step: stepCgroup})
	}
	return calls
}

// maxFD is the highest descriptor number that close_range(2) takes.
const maxFD = uint64(^uint32(0))

// alive says whether pid is a process that is not dead yet.
func alive(pid int) bool {
	var info siginfo
	_, _, errno := syscall.RawSyscall6(unix.SYS_WAITID, unix.P_PID, uintptr(pid), uintptr(unsafe.Pointer(&info)),
		unix.WEXITED|unix.WNOHANG|unix.WNOWAIT, 0, 0)
	return errno == 0 && info.pid == 0
}

// ignoredSignals returns the signals that this process ignores: bit n-1 for signal n. A child would inherit that.
func ignoredSignals() uint64 {
	var set uint64
	for sig := 1; sig <= 64; sig++ {
		var action [4]uint64 // struct sigaction: the disposition comes first
		_, _, errno := syscall.RawSyscall6(unix.SYS_RT_SIGACTION, uintptr(sig), 0, uintptr(unsafe.Pointer(&action)), 8, 0, 0)
		const ignore = 1 // SIG_IGN
		if errno == 0 && action[0] == ignore {
			set |= 1 << (sig - 1)
		}
	}
	return set
}
