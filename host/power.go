package host

import (
	"fmt"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Power is what can be done to a machine as a whole.
type Power string

// The actions of systemctl(1) that end a boot.
const (
	Halt     Power = "halt"
	PowerOff Power = "poweroff"
	Reboot   Power = "reboot"
	Kexec    Power = "kexec"
)

// Do performs p by reboot(2), at once: the caller has stopped everything and synced. It returns only on failure.
// argument is passed to the firmware on a reboot (reboot(2), LINUX_REBOOT_CMD_RESTART2). Never call it in a container:
// the call would end the container, or the host when the container is not well made.
func (p Power) Do(argument string) error {
	command := map[Power]int{
		Halt: unix.LINUX_REBOOT_CMD_HALT, PowerOff: unix.LINUX_REBOOT_CMD_POWER_OFF,
		Reboot: unix.LINUX_REBOOT_CMD_RESTART, Kexec: unix.LINUX_REBOOT_CMD_KEXEC,
	}
	cmd, ok := command[p]
	if !ok {
		return fmt.Errorf("cannot %s: no such action", p)
	}
	if p == Reboot && argument != "" {
		if err := rebootWith(argument); err != nil {
			return fmt.Errorf("cannot %s with %q: %w", p, argument, err)
		}
	}
	if err := unix.Reboot(cmd); err != nil {
		return fmt.Errorf("cannot %s: %w", p, err)
	}
	return nil
}

// rebootWith passes the argument as a C string, which unix.Reboot cannot.
func rebootWith(argument string) error {
	p, err := unix.BytePtrFromString(argument)
	if err != nil {
		return err
	}
	_, _, errno := unix.Syscall6(unix.SYS_REBOOT, unix.LINUX_REBOOT_MAGIC1, unix.LINUX_REBOOT_MAGIC2,
		unix.LINUX_REBOOT_CMD_RESTART2, uintptr(unsafe.Pointer(p)), 0, 0)
	if errno != 0 {
		return errno
	}
	return nil
}

// CatchCtrlAltDel makes the kernel send SIGINT to PID 1 instead of rebooting at once.
func CatchCtrlAltDel() error { return unix.Reboot(unix.LINUX_REBOOT_CMD_CAD_OFF) }
