package process

import (
	"fmt"
	"os"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"
)

// The test program is also the executor, and a program that makes one system call and says how that went.
func TestMain(m *testing.M) {
	if os.Args[0] == ExecutorName {
		os.Exit(ExecutorMain())
	}
	if len(os.Args) == 2 && probes[os.Args[1]] != nil {
		fmt.Println(unix.ErrnoName(probes[os.Args[1]]()))
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// invoke makes a system call.
func invoke(nr uintptr, args ...uintptr) unix.Errno {
	var a [6]uintptr
	copy(a[:], args)
	_, _, errno := unix.RawSyscall6(nr, a[0], a[1], a[2], a[3], a[4], a[5])
	return errno
}

// probes are system calls that filters may forbid. Those that are allowed fail with another error, or do no harm.
var probes = map[string]func() unix.Errno{
	"inet":        func() unix.Errno { return invoke(unix.SYS_SOCKET, unix.AF_INET, unix.SOCK_DGRAM, 0) },
	"unix":        func() unix.Errno { return invoke(unix.SYS_SOCKET, unix.AF_UNIX, unix.SOCK_DGRAM, 0) },
	"unshare":     func() unix.Errno { return invoke(unix.SYS_UNSHARE, unix.CLONE_NEWUTS) },
	"setns":       func() unix.Errno { return invoke(unix.SYS_SETNS, ^uintptr(0), unix.CLONE_NEWUTS) },
	"setns0":      func() unix.Errno { return invoke(unix.SYS_SETNS, ^uintptr(0), 0) },
	"wx":          func() unix.Errno { return anonymous(unix.PROT_READ | unix.PROT_WRITE | unix.PROT_EXEC) },
	"rw":          func() unix.Errno { return anonymous(unix.PROT_READ | unix.PROT_WRITE) },
	"fifo":        func() unix.Errno { return invoke(unix.SYS_SCHED_SETSCHEDULER, ^uintptr(0), unix.SCHED_FIFO, 0) },
	"other":       func() unix.Errno { return invoke(unix.SYS_SCHED_SETSCHEDULER, ^uintptr(0), unix.SCHED_NORMAL, 0) },
	"personality": func() unix.Errno { return invoke(unix.SYS_PERSONALITY, 8) },
	"same":        func() unix.Errno { return invoke(unix.SYS_PERSONALITY, 0xffffffff) },
	"suid":        func() unix.Errno { return chmod(0o4755) },
	"plain":       func() unix.Errno { return chmod(0o755) },
	"hostname":    func() unix.Errno { return invoke(unix.SYS_SETHOSTNAME, 0, ^uintptr(0)) },
	"clock":       func() unix.Errno { return invoke(unix.SYS_CLOCK_SETTIME, ^uintptr(0), 0) },
	"module":      func() unix.Errno { return invoke(unix.SYS_DELETE_MODULE, 0, 0) },
	"syslog":      func() unix.Errno { return invoke(unix.SYS_SYSLOG, ^uintptr(0), 0, 0) },
	"mount":       func() unix.Errno { return invoke(unix.SYS_MOUNT, 0, 0, 0, 0, 0) },
	"swapoff":     func() unix.Errno { return invoke(unix.SYS_SWAPOFF, 0) },
}

// anonymous maps a page.
func anonymous(prot uintptr) unix.Errno {
	return invoke(unix.SYS_MMAP, 0, 4096, prot, unix.MAP_PRIVATE|unix.MAP_ANONYMOUS, ^uintptr(0), 0)
}

// chmod changes the mode of a file that is not there.
func chmod(mode uintptr) unix.Errno {
	path := []byte("/nonexistent\x00")
	at := unix.AT_FDCWD
	return invoke(unix.SYS_FCHMODAT, uintptr(at), uintptr(unsafe.Pointer(&path[0])), mode)
}
