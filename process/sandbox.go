package process

import (
	"strings"

	"davit/unit"

	"golang.org/x/sys/unix"
)

// sandbox gives the process namespaces of its own. A machine that has none to give (a container without privileges) is no reason to
// fail, except where the settings are more than hardening: then the process would see files that it should not see, or miss some.
func (l *Steps) sandbox(spec *Spec, exec *unit.Exec) error {
	if spec.Privileged {
		return nil
	}
	if exec.PrivateNetwork && exec.NetworkNamespacePath == "" {
		from := l.unshare(stepNetwork, unix.CLONE_NEWNET, false)
		l.loopback()
		l.guard(from)
	}
	if exec.NetworkNamespacePath != "" {
		l.enter(stepNetwork, exec.NetworkNamespacePath, unix.CLONE_NEWNET)
	}
	if exec.IPCNamespacePath != "" {
		l.enter(stepNamespace, exec.IPCNamespacePath, unix.CLONE_NEWIPC)
	} else if exec.PrivateIPC {
		l.unshare(stepNamespace, unix.CLONE_NEWIPC, false)
	}
	if exec.ProtectHostname {
		l.unshare(stepNamespace, unix.CLONE_NEWUTS, false)
	}
	return l.mounts(spec, exec)
}

// unshareErrors are what unshare(2) gives where there are no namespaces to be had.
const unshareErrors = 1<<uint(unix.EPERM) | 1<<uint(unix.EACCES) | 1<<uint(unix.ENOSYS) | 1<<uint(unix.EINVAL) | 1<<uint(unix.ENOSPC)

// unshare leaves a namespace, and returns the call's index for guard. Unless must is set, not being able to is no error.
func (l *Steps) unshare(s step, flag uint64, must bool) int {
	c := l.add(s, unix.SYS_UNSHARE, 0, flag)
	if !must {
		c.ignore = unshareErrors
	}
	return len(l.calls) - 1
}

// guard makes everything that was added since depend on the call at index from: it is passed over when that failed and may.
func (l *Steps) guard(from int) { l.calls[from].skip = uint16(len(l.calls) - from - 1) }

// enter joins the namespace that a file stands for.
func (l *Steps) enter(s step, path string, kind uint64) {
	word := l.words(0)
	l.add(s, unix.SYS_OPENAT, ref1, atCWD, l.text(path), unix.O_RDONLY|unix.O_CLOEXEC).result = uint32(word)
	l.add(s, unix.SYS_SETNS, 0, word, kind).word = true
	l.add(s, unix.SYS_CLOSE, 0, word).word = true
}

// loopback brings the loopback device of a new network namespace up.
func (l *Steps) loopback() {
	word := l.words(0)
	var request [40]byte // struct ifreq: name, then flags
	copy(request[:], "lo")
	request[16] = unix.IFF_UP
	l.add(stepNetwork, unix.SYS_SOCKET, 0, unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0).result = uint32(word)
	l.add(stepNetwork, unix.SYS_IOCTL, ref2, word, unix.SIOCSIFFLAGS, l.bytes(request[:])).word = true
	l.add(stepNetwork, unix.SYS_CLOSE, 0, word).word = true
}

// mounts gives the process a view of the file system of its own, and its root directory.
func (l *Steps) mounts(spec *Spec, exec *unit.Exec) error {
	view := mountView{root: strings.TrimRight(spec.Root, "/")}
	view.collect(spec, exec)
	if len(view.entries) == 0 && exec.PrivateMounts != unit.Yes && exec.MountFlags == unit.PropagationUnset {
		l.chroot(spec)
		return nil
	}
	from := l.unshare(stepNamespace, unix.CLONE_NEWNS, view.must && !spec.Lenient)
	l.add(stepNamespace, unix.SYS_MOUNT, ref1, 0, l.text("/"), 0, unix.MS_REC|unix.MS_SLAVE, 0)
	if view.root != "" {
		l.bind(view.root, view.root, unix.MS_REC)
	}
	l.arrange(&view)
	if exec.MountFlags == unit.PropagationPrivate {
		l.add(stepNamespace, unix.SYS_MOUNT, ref1, 0, l.text("/"), 0, unix.MS_REC|unix.MS_PRIVATE, 0)
	}
	l.guard(from)
	l.chroot(spec)
	return nil
}

// chroot changes the root directory.
func (l *Steps) chroot(spec *Spec) {
	if spec.Root != "" && spec.Root != "/" {
		l.add(stepChroot, unix.SYS_CHDIR, ref0, l.text(spec.Root))
		l.add(stepChroot, unix.SYS_CHROOT, ref0, l.text("."))
	}
}

// restrictions limits what the process can do from here on; exec is the last thing that it has to be able to do.
func (l *Steps) restrictions(spec *Spec, exec *unit.Exec) error {
	if spec.Privileged {
		return nil
	}
	l.secureBits(spec, exec)
	filter, err := seccompFilter(exec)
	if err != nil {
		return err
	}
	if exec.NoNewPrivileges || len(filter) > 0 && (spec.UserMode || spec.Lenient || !spec.NoUser && spec.UID > 0) {
		l.add(stepNoNewPrivileges, unix.SYS_PRCTL, 0, unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
	}
	if len(filter) > 0 {
		l.seccomp(spec, filter)
	}
	return nil
}
