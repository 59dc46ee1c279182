package host

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// Process is what the kernel says about the process behind a pidfd, also when it has ended and was reaped.
type Process struct {
	PID      int
	CgroupID uint64 // inode number of its version 2 cgroup, 0 unknown
	Ended    bool
	Status   unix.WaitStatus // when it has ended
}

// pidfdInfo is the first version of the kernel's struct pidfd_info.
type pidfdInfo struct {
	mask, cgroupID  uint64
	pid, tgid, ppid uint32
	ruid, rgid      uint32
	euid, egid      uint32
	suid, sgid      uint32
	fsuid, fsgid    uint32
	exitCode        int32
}

// pidfdGetInfo is PIDFD_GET_INFO for the first version of the struct.
const pidfdGetInfo = 0xc040ff0b

// ProcessOf asks about a pidfd. It reports false on kernels that cannot tell (before 6.13; of reaped processes before 6.15).
func ProcessOf(fd int) (Process, bool) {
	info := pidfdInfo{mask: unix.PIDFD_INFO_PID | unix.PIDFD_INFO_CGROUPID | unix.PIDFD_INFO_EXIT}
	_, _, errno := unix.Syscall(unix.SYS_IOCTL, uintptr(fd), pidfdGetInfo, uintptr(unsafe.Pointer(&info)))
	if errno != 0 {
		return Process{}, false
	}
	p := Process{PID: int(info.tgid)}
	if info.mask&unix.PIDFD_INFO_CGROUPID != 0 {
		p.CgroupID = info.cgroupID
	}
	if info.mask&unix.PIDFD_INFO_EXIT != 0 {
		p.Ended, p.Status = true, unix.WaitStatus(info.exitCode)
	}
	return p, true
}
