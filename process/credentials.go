package process

import (
	"encoding/binary"
	"sync"

	"davit/unit"

	"golang.org/x/sys/unix"
)

// credentials gives the process its groups, user and capabilities, in the only order that works: groups need privileges that the
// change of user takes away, and ambient capabilities need the change to be over.
func (l *Steps) credentials(spec *Spec, exec *unit.Exec) {
	if spec.Privileged {
		return
	}
	bounding := exec.CapabilityBoundingSet &^ withheld(exec)
	l.boundingSet(spec, bounding)
	drop := !spec.NoUser && !spec.UserApproximated
	ambient := exec.AmbientCapabilities & bounding
	keep := ambient != 0 || exec.SecureBits != 0
	if drop {
		l.groups(spec)
		if spec.UID >= 0 {
			if keep && spec.UID != 0 {
				l.add(stepUser, unix.SYS_PRCTL, 0, unix.PR_SET_KEEPCAPS, 1).ignore = spec.lenient()
			}
			id := uint64(spec.UID)
			l.add(stepUser, unix.SYS_SETRESUID, 0, id, id, id)
		}
	}
	if keep {
		l.ambientSet(spec, ambient, drop && spec.UID > 0)
	}
}

// withheld returns the capabilities that settings other than CapabilityBoundingSet= take away.
func withheld(exec *unit.Exec) unit.Capabilities {
	var set unit.Capabilities
	if exec.PrivateDevices {
		set |= 1<<unix.CAP_MKNOD | 1<<unix.CAP_SYS_RAWIO
	}
	if exec.ProtectKernelModules {
		set |= 1 << unix.CAP_SYS_MODULE
	}
	if exec.ProtectKernelLogs {
		set |= 1 << unix.CAP_SYSLOG
	}
	if exec.ProtectClock {
		set |= 1<<unix.CAP_SYS_TIME | 1<<unix.CAP_WAKE_ALARM
	}
	return set
}

// groups sets the group and the supplementary groups.
func (l *Steps) groups(spec *Spec) {
	if spec.Groups != nil {
		list := make([]byte, 0, 64)
		for _, id := range spec.Groups {
			list = binary.NativeEndian.AppendUint32(list, id)
		}
		l.add(stepGroup, unix.SYS_SETGROUPS, ref1, uint64(len(spec.Groups)), l.bytes(list))
	}
	if spec.GID >= 0 {
		id := uint64(spec.GID)
		l.add(stepGroup, unix.SYS_SETRESGID, 0, id, id, id)
	}
}

// boundingSet takes away what is not in set. Capabilities that the kernel does not know are not there to be taken.
func (l *Steps) boundingSet(spec *Spec, set unit.Capabilities) {
	for n := uint64(0); n <= unix.CAP_LAST_CAP; n++ {
		if set>>n&1 == 0 {
			c := l.add(stepCapabilities, unix.SYS_PRCTL, 0, unix.PR_CAPBSET_DROP, n)
			c.ignore = 1<<uint(unix.EINVAL) | spec.lenient()
		}
	}
}

// ambientSet raises the ambient capabilities: they must be permitted and inheritable.
func (l *Steps) ambientSet(spec *Spec, ambient unit.Capabilities, dropped bool) {
	permitted := permittedCapabilities()
	if dropped {
		permitted &= ambient | 1<<unix.CAP_SETPCAP
	}
	header := l.words(0x20080522) // _LINUX_CAPABILITY_VERSION_3, the calling process
	set := func(c unit.Capabilities) (low, high uint64) { return uint64(uint32(c)), uint64(c >> 32) }
	pl, ph := set(permitted)
	al, ah := set(ambient)
	data := l.words(pl|pl<<32, al|ph<<32, ph|ah<<32) // effective, permitted, inheritable; low halves, then high
	l.add(stepCapabilities, unix.SYS_CAPSET, ref0|ref1, header, data).ignore = spec.lenient()
	for n := uint64(0); n <= unix.CAP_LAST_CAP; n++ {
		if ambient>>n&1 != 0 {
			l.add(stepCapabilities, unix.SYS_PRCTL, 0, unix.PR_CAP_AMBIENT, unix.PR_CAP_AMBIENT_RAISE, n, 0, 0).ignore = spec.lenient()
		}
	}
}

// permittedCapabilities returns what this process may have; that never grows.
var permittedCapabilities = sync.OnceValue(func() unit.Capabilities {
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var data [2]unix.CapUserData
	if unix.Capget(&header, &data[0]) != nil {
		return 0
	}
	return unit.Capabilities(data[0].Permitted) | unit.Capabilities(data[1].Permitted)<<32
})

// secureBits sets SecureBits=.
func (l *Steps) secureBits(spec *Spec, exec *unit.Exec) {
	if exec.SecureBits != 0 && !spec.Privileged {
		l.add(stepSecureBits, unix.SYS_PRCTL, 0, unix.PR_SET_SECUREBITS, uint64(exec.SecureBits)).ignore = spec.lenient()
	}
}

// keyring gives the process a session keyring of its own. Sandboxes often forbid keyctl(2), and quotas are small: no keyring is no
// error.
func (l *Steps) keyring(spec *Spec, exec *unit.Exec) {
	mode := exec.KeyringMode
	if mode == unit.KeyringUnset && !spec.UserMode {
		mode = unit.KeyringPrivate
	}
	if mode != unit.KeyringPrivate && mode != unit.KeyringShared || spec.Privileged {
		return
	}
	l.add(stepKeyring, unix.SYS_KEYCTL, 0, unix.KEYCTL_JOIN_SESSION_KEYRING, 0).ignore = everyError
	if mode == unit.KeyringShared {
		link := l.add(stepKeyring, unix.SYS_KEYCTL, 0, unix.KEYCTL_LINK, keyringUser, keyringSession)
		link.ignore = everyError
	}
}

// The special keyrings of keyctl(2).
const (
	keyringSession = ^uint64(2) // -3
	keyringUser    = ^uint64(3) // -4
)
