package host

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// SetHostname gives the kernel the name that hostname(5) says, unless it has one already (a container's, say).
func (m *Machine) SetHostname() error {
	if name := uname().node; name != "" && name != "(none)" && name != "localhost" {
		return nil
	}
	raw, err := os.ReadFile(m.Root + "/etc/hostname")
	if errors.Is(err, os.ErrNotExist) {
		return nil
	} else if err != nil {
		return fmt.Errorf("cannot set the host name: %w", err)
	}
	for line := range strings.Lines(string(raw)) {
		name := strings.TrimSpace(line)
		if name == "" || name[0] == '#' {
			continue
		}
		if err := unix.Sethostname([]byte(name)); err != nil && !errors.Is(err, unix.EPERM) {
			return fmt.Errorf("cannot set the host name to %s: %w", name, err)
		}
		return nil
	}
	return nil
}

// RaiseLoopback brings the loopback interface up, which nobody else does in a new network namespace or on a machine.
func RaiseLoopback() error {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return fmt.Errorf("cannot raise the loopback interface: %w", err)
	}
	defer unix.Close(fd)
	request, err := unix.NewIfreq("lo")
	if err == nil {
		err = unix.IoctlIfreq(fd, unix.SIOCGIFFLAGS, request)
	}
	if err == nil && request.Uint16()&unix.IFF_UP == 0 {
		request.SetUint16(request.Uint16() | unix.IFF_UP)
		err = unix.IoctlIfreq(fd, unix.SIOCSIFFLAGS, request)
	}
	if err != nil {
		return fmt.Errorf("cannot raise the loopback interface: %w", err)
	}
	return nil
}
