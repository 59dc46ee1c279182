package host

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// apiMount is a file system that the kernel offers and that user space counts on.
type apiMount struct {
	source, target, kind, options string
	flags                         uintptr
	fatal                         bool // a machine cannot do without
	container                     bool // wanted in containers as well
}

const (
	plain  = unix.MS_NOSUID | unix.MS_NOEXEC | unix.MS_NODEV
	devfs  = unix.MS_NOSUID | unix.MS_STRICTATIME
	tmpdir = unix.MS_NOSUID | unix.MS_NODEV | unix.MS_STRICTATIME
)

// apiMounts in the order of mounting.
var apiMounts = []apiMount{
	{"proc", "/proc", "proc", "", plain, true, true},
	{"sysfs", "/sys", "sysfs", "", plain, true, false},
	{"devtmpfs", "/dev", "devtmpfs", "mode=0755,size=4m,nr_inodes=1m", devfs, true, false},
	{"securityfs", "/sys/kernel/security", "securityfs", "", plain, false, false},
	{"tmpfs", "/dev/shm", "tmpfs", "mode=01777", tmpdir, true, true},
	{"devpts", "/dev/pts", "devpts", "mode=0620,gid=5,ptmxmode=0666", unix.MS_NOSUID | unix.MS_NOEXEC, false, true},
	{"tmpfs", "/run", "tmpfs", "mode=0755,size=20%,nr_inodes=800k", tmpdir, true, true},
	{"cgroup2", "/sys/fs/cgroup", "cgroup2", "nsdelegate,memory_recursiveprot", plain, false, false},
	{"pstore", "/sys/fs/pstore", "pstore", "", plain, false, false},
	{"efivarfs", "/sys/firmware/efi/efivars", "efivarfs", "", plain, false, false},
	{"bpf", "/sys/fs/bpf", "bpf", "mode=0700", plain, false, false},
}

// MountAPI mounts what is missing of the kernel's file systems and of /run. In a container it mounts only what every
// container needs and takes every failure, because its maker decides what there is. The errors are those of mounts
// that a machine cannot do without.
func MountAPI(container bool) error {
	var failed []error
	for _, m := range apiMounts {
		if container && !m.container {
			continue
		}
		if err := m.mount(); err != nil && m.fatal && !container {
			failed = append(failed, err)
		}
	}
	return errors.Join(failed...)
}

func (m apiMount) mount() error {
	machine := &Machine{}
	if on, err := isMountPoint(machine, m.target); on || err != nil {
		return err
	}
	if err := os.MkdirAll(m.target, 0o755); err != nil {
		return fmt.Errorf("cannot mount %s: %w", m.target, err)
	}
	err := unix.Mount(m.source, m.target, m.kind, m.flags, m.options)
	if errors.Is(err, unix.EINVAL) && m.options != "" { // an option that this kernel lacks
		err = unix.Mount(m.source, m.target, m.kind, m.flags, "")
	}
	if err != nil {
		return fmt.Errorf("cannot mount %s: %w", m.target, err)
	}
	return nil
}

// UnmountAll unmounts what can be unmounted, the last mount first, and makes the rest read-only. It is for the end of a
// machine, when no process is left; its errors have nobody to hear them.
func UnmountAll() {
	for range 3 {
		points := mountPoints()
		left := 0
		for i := len(points) - 1; i >= 0; i-- {
			switch points[i] {
			case "/", "/proc", "/sys", "/dev", "/run":
				continue
			}
			if unix.Unmount(points[i], unix.UMOUNT_NOFOLLOW) != nil {
				_ = unix.Mount("", points[i], "", unix.MS_REMOUNT|unix.MS_RDONLY, "")
				left++
			}
		}
		if left == 0 {
			break
		}
	}
	unix.Sync()
	_ = unix.Mount("", "/", "", unix.MS_REMOUNT|unix.MS_RDONLY, "")
}

// mountPoints lists the mount points of /proc/self/mountinfo in its order.
func mountPoints() []string {
	raw, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		return nil
	}
	var points []string
	for line := range strings.Lines(string(raw)) {
		if f := strings.Fields(line); len(f) > 4 {
			points = append(points, unescapeMount(f[4]))
		}
	}
	return points
}

// unescapeMount undoes the octal escapes of proc_pid_mountinfo(5).
func unescapeMount(s string) string {
	return strings.NewReplacer(`\040`, " ", `\011`, "\t", `\012`, "\n", `\134`, `\`).Replace(s)
}
