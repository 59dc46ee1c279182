package process

import (
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Exit is how a process ended.
type Exit struct {
	PID    int
	Code   int // CLDExited, CLDKilled or CLDDumped
	Status int // exit status, or the signal's number
}

// How a process can end: the si_code of waitid(2).
const (
	CLDExited = 1
	CLDKilled = 2
	CLDDumped = 3
)

// Usage is what a process has used, with the children that it waited for.
type Usage struct {
	User, System time.Duration
	MaxRSS       int64 // bytes
}

// siginfo is siginfo_t as waitid(2) fills it, on 64-bit machines.
type siginfo struct {
	signo, errno, code, _ int32
	pid                   int32
	uid                   uint32
	status                int32
	_                     [100]byte
}

// Peek returns one child that has ended, without reaping it: the same one until Reap. It does not wait; false means that there is none.
func Peek() (Exit, bool) { return peek(unix.P_ALL, 0) }

// PeekFD is Peek for the process of a pidfd.
func PeekFD(pidfd int) (Exit, bool) { return peek(unix.P_PIDFD, pidfd) }

// PeekPID is Peek for one process.
func PeekPID(pid int) (Exit, bool) { return peek(unix.P_PID, pid) }

func peek(kind, id int) (Exit, bool) {
	var info siginfo
	if waitid(kind, id, &info, unix.WEXITED|unix.WNOHANG|unix.WNOWAIT, nil) != 0 || info.pid == 0 {
		return Exit{}, false
	}
	return Exit{int(info.pid), int(info.code), int(info.status)}, true
}

// Reap removes a child that has ended from the kernel's table. It does not wait; false means that pid has not ended, or is no child.
func Reap(pid int) (Exit, Usage, bool) {
	var info siginfo
	var used unix.Rusage
	if waitid(unix.P_PID, pid, &info, unix.WEXITED|unix.WNOHANG, &used) != 0 || info.pid == 0 {
		return Exit{}, Usage{}, false
	}
	usage := Usage{
		User:   time.Duration(used.Utime.Nano()),
		System: time.Duration(used.Stime.Nano()),
		MaxRSS: int64(used.Maxrss) << 10,
	}
	return Exit{int(info.pid), int(info.code), int(info.status)}, usage, true
}

// waitid is waitid(2); it repeats itself when a signal interrupts it.
func waitid(kind, id int, info *siginfo, options int, used *unix.Rusage) unix.Errno {
	for {
		_, _, errno := unix.RawSyscall6(unix.SYS_WAITID, uintptr(kind), uintptr(id), uintptr(unsafe.Pointer(info)),
			uintptr(options), uintptr(unsafe.Pointer(used)), 0)
		if errno != unix.EINTR {
			return errno
		}
	}
}

// BecomeSubreaper makes orphans among our descendants our children (PR_SET_CHILD_SUBREAPER), as process 1 has it anyway.
func BecomeSubreaper() error {
	return unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
}
