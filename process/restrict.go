package process

import (
	"fmt"

	"davit/unit"

	"golang.org/x/sys/unix"
)

// addressFamilies is RestrictAddressFamilies=: it looks at the first argument of socket(2).
func addressFamilies(f unit.Filter) (func(*program), error) {
	denied := refuse(unix.EAFNOSUPPORT)
	numbers := make([]uint32, 0, len(f.Names))
	for _, name := range f.Names {
		n, ok := familyNumbers[name]
		if !ok {
			return nil, fmt.Errorf("cannot restrict address families: no family %q", name)
		}
		numbers = append(numbers, n)
	}
	return func(p *program) {
		p.loadArg(0, 0)
		for _, n := range numbers {
			p.emit(jumpEqual, n, 0, 1)
			if f.Allow {
				p.give(allow)
			} else {
				p.give(denied)
			}
		}
		if f.Allow {
			p.give(denied)
		}
	}, nil
}

// allNamespaceBits are the CLONE_NEW* flags.
const allNamespaceBits = unix.CLONE_NEWCGROUP | unix.CLONE_NEWIPC | unix.CLONE_NEWNET | unix.CLONE_NEWNS | unix.CLONE_NEWPID |
	unix.CLONE_NEWUSER | unix.CLONE_NEWUTS | unix.CLONE_NEWTIME

// restrictNamespaces is RestrictNamespaces=. The flags of clone3(2) lie in memory, where a filter cannot look; that the call does not
// exist makes C libraries fall back to clone(2).
func restrictNamespaces(p *program, bits uint32) {
	denied := refuse(unix.EPERM)
	p.on("clone3", always(refuse(unix.ENOSYS)))
	p.on("clone", refuseArg(0, bits&^uint32(unix.CLONE_NEWTIME), denied)) // that bit is part of the signal there
	p.on("unshare", refuseArg(0, bits, denied))
	p.on("setns", func(p *program) {
		p.loadArg(1, 0)
		p.emit(jumpEqual, 0, 0, 1) // any kind
		p.give(denied)
		p.emit(jumpAnyBit, bits, 0, 1)
		p.give(denied)
	})
}

// denyWriteExecute is MemoryDenyWriteExecute=.
func denyWriteExecute(p *program) {
	denied := refuse(unix.EPERM)
	const both = unix.PROT_WRITE | unix.PROT_EXEC
	p.on("mmap", func(p *program) {
		p.loadArg(2, 0)
		p.emit(maskWith, both, 0, 0)
		p.emit(jumpEqual, both, 0, 1)
		p.give(denied)
	})
	p.on("mprotect", refuseArg(2, unix.PROT_EXEC, denied))
	p.on("pkey_mprotect", refuseArg(2, unix.PROT_EXEC, denied))
	const shmExec = 0o100000
	p.on("shmat", refuseArg(2, shmExec, denied))
}

// restrictRealtime is RestrictRealtime=.
func restrictRealtime(p *program) {
	denied := refuse(unix.EPERM)
	p.on("sched_setscheduler", func(p *program) {
		p.loadArg(1, 0)
		for _, policy := range [...]uint32{unix.SCHED_NORMAL, unix.SCHED_BATCH, unix.SCHED_IDLE} {
			for _, flag := range [...]uint32{0, unix.SCHED_RESET_ON_FORK} {
				p.emit(jumpEqual, policy|flag, 0, 1)
				p.give(allow)
			}
		}
		p.give(denied)
	})
	p.on("sched_setattr", always(denied)) // its policy lies in memory
}

// lockPersonality is LockPersonality=: the personality may be asked for, and set to what it is.
func lockPersonality(p *program, own uint32) {
	p.on("personality", func(p *program) {
		p.loadArg(0, 0)
		p.emit(jumpEqual, own, 0, 1)
		p.give(allow)
		p.emit(jumpEqual, 0xffffffff, 0, 1)
		p.give(allow)
		p.give(refuse(unix.EPERM))
	})
}

// restrictSetID is RestrictSUIDSGID=.
func restrictSetID(p *program) {
	denied := refuse(unix.EPERM)
	const bits = unix.S_ISUID | unix.S_ISGID
	for _, call := range [...]struct {
		name string
		arg  uint32
	}{
		{"chmod", 1},
		{"fchmod", 1},
		{"fchmodat", 2},
		{"fchmodat2", 2},
		{"mkdir", 1},
		{"mkdirat", 2},
		{"mknod", 1},
		{"mknodat", 2},
		{"creat", 1},
	} {
		p.on(call.name, refuseArg(call.arg, bits, denied))
	}
	for _, call := range [...]struct {
		name        string
		flags, mode uint32
	}{{"open", 1, 2}, {"openat", 2, 3}} {
		p.on(call.name, func(p *program) {
			p.loadArg(call.flags, 0)
			p.emit(jumpAnyBit, unix.O_CREAT|unix.O_TMPFILE&^unix.O_DIRECTORY, 0, 3)
			p.loadArg(call.mode, 0)
			p.emit(jumpAnyBit, bits, 0, 1)
			p.give(denied)
		})
	}
	p.on("openat2", always(refuse(unix.ENOSYS))) // its mode lies in memory
}

// familyNumbers are the address families of socket(2).
var familyNumbers = map[string]uint32{
	"AF_UNIX": unix.AF_UNIX, "AF_LOCAL": unix.AF_LOCAL, "AF_INET": unix.AF_INET, "AF_AX25": unix.AF_AX25, "AF_IPX": unix.AF_IPX,
	"AF_APPLETALK": unix.AF_APPLETALK, "AF_NETROM": unix.AF_NETROM, "AF_BRIDGE": unix.AF_BRIDGE, "AF_ATMPVC": unix.AF_ATMPVC,
	"AF_X25": unix.AF_X25, "AF_INET6": unix.AF_INET6, "AF_ROSE": unix.AF_ROSE, "AF_DECnet": unix.AF_DECnet,
	"AF_NETBEUI": unix.AF_NETBEUI, "AF_SECURITY": unix.AF_SECURITY, "AF_KEY": unix.AF_KEY, "AF_NETLINK": unix.AF_NETLINK,
	"AF_ROUTE": unix.AF_ROUTE, "AF_PACKET": unix.AF_PACKET, "AF_ASH": unix.AF_ASH, "AF_ECONET": unix.AF_ECONET,
	"AF_ATMSVC": unix.AF_ATMSVC, "AF_RDS": unix.AF_RDS, "AF_IRDA": unix.AF_IRDA, "AF_PPPOX": unix.AF_PPPOX,
	"AF_WANPIPE": unix.AF_WANPIPE, "AF_LLC": unix.AF_LLC, "AF_IB": unix.AF_IB, "AF_MPLS": unix.AF_MPLS, "AF_CAN": unix.AF_CAN,
	"AF_TIPC": unix.AF_TIPC, "AF_BLUETOOTH": unix.AF_BLUETOOTH, "AF_IUCV": unix.AF_IUCV, "AF_RXRPC": unix.AF_RXRPC,
	"AF_ISDN": unix.AF_ISDN, "AF_PHONET": unix.AF_PHONET, "AF_IEEE802154": unix.AF_IEEE802154, "AF_CAIF": unix.AF_CAIF,
	"AF_ALG": unix.AF_ALG, "AF_NFC": unix.AF_NFC, "AF_VSOCK": unix.AF_VSOCK, "AF_KCM": unix.AF_KCM,
	"AF_QIPCRTR": unix.AF_QIPCRTR, "AF_SMC": unix.AF_SMC, "AF_XDP": unix.AF_XDP,
}
