package dbus

import (
	"strings"

	"davit/engine"

	"golang.org/x/sys/unix"
)

func nothingToDo(*call) error { return nil }

// notSupported is the answer of methods for which davit has nothing yet.
func notSupported(k *call) error {
	return errorf(errNotSupported, "%s() is not supported.", k.method.name)
}

// notTracked is the answer to references: there is no bus name to follow on the private socket, as systemd has it.
func notTracked(*call) error {
	return errorf(systemdError+"NotReferenced", "References to units need a bus connection.")
}

func noDynamicUser(k *call) error {
	return errorf(systemdError+"NoSuchDynamicUser", "Dynamic user does not exist.")
}

func noDynamicUsers(k *call) error {
	k.out.end(k.out.array(8))
	return nil
}

func enqueueMarkedJobs(k *call) error {
	k.out.end(k.out.array(4)) // no unit carries a marker
	return nil
}

func reload(k *call) error {
	k.s.backend.Reload(k.park(answerNothing), k.by())
	return errParked
}

func reexecute(k *call) error {
	k.s.backend.Reexecute(k.park(answerNothing), k.by())
	return errParked
}

func machine(what string) func(*call) error {
	return func(k *call) error {
		a := MachineAction{What: what, By: k.by()}
		if what == "switch-root" {
			a.Root, a.Init = k.in.string(), k.in.string()
			if !strings.HasPrefix(a.Root, "/") {
				return errorf(errInvalidArgs, "Switch root path '%s' is not absolute.", a.Root)
			}
		}
		return k.s.backend.Machine(a)
	}
}

// setValue makes a method that sets one of the manager's values to its first argument.
func setValue(name string) func(*call) error {
	return func(k *call) error { return k.s.backend.Set(name, k.in.value(k.m.sig)) }
}

// environment is SetEnvironment, UnsetEnvironment and UnsetAndSetEnvironment.
func environment(k *call) error {
	var unset, set []string
	if k.method.name != "SetEnvironment" {
		unset = k.in.strings()
	}
	if k.method.name != "UnsetEnvironment" {
		set = k.in.strings()
	}
	for _, a := range set {
		name, _, ok := strings.Cut(a, "=")
		if !ok || !validVariable(name) {
			return errorf(errInvalidArgs, "Invalid environment assignments")
		}
	}
	for _, a := range unset {
		if name, _, _ := strings.Cut(a, "="); !validVariable(name) {
			return errorf(errInvalidArgs, "Invalid environment variable names or assignments")
		}
	}
	return k.s.backend.Environment(unset, set)
}

func validVariable(name string) bool { return validMember(name) }

func dump(k *call) error {
	k.out.string(k.s.backend.Dump(nil))
	return nil
}

func dumpMatching(k *call) error {
	k.out.string(k.s.backend.Dump(k.in.strings()))
	return nil
}

func dumpFD(k *call) error { return k.dumpFD(nil) }

func dumpMatchingFD(k *call) error { return k.dumpFD(k.in.strings()) }

// dumpFD answers with a descriptor to read the dump from.
func (k *call) dumpFD(patterns []string) error {
	if !k.c.hs.fds {
		return errorf(errNotSupported, "The connection passes no file descriptors.")
	}
	fd, err := unix.MemfdCreate("dump", unix.MFD_CLOEXEC|unix.MFD_ALLOW_SEALING)
	if err != nil {
		return err
	}
	rest := []byte(k.s.backend.Dump(patterns))
	for len(rest) > 0 {
		n, err := unix.Write(fd, rest)
		if err != nil {
			_ = unix.Close(fd)
			return err
		}
		rest = rest[n:]
	}
	_, _ = unix.Seek(fd, 0, unix.SEEK_SET)
	k.out.fd(fd)
	return nil
}

// davitMethods are our own, beside systemd's: answers are JSON.
var davitMethods = []method{
	{name: "Plan", in: "sss", out: "s", args: "verb unit mode > plan", call: plan},
	{name: "Why", in: "s", out: "s", args: "unit > causes", call: why},
	{name: "Enforcement", in: "s", out: "s", args: "unit > settings", call: enforcement},
}

func plan(k *call) error {
	verb, name, mode := k.in.string(), k.in.string(), k.in.string()
	if _, ok := engine.ParseVerb(verb); !ok {
		return errorf(errInvalidArgs, "Job type %s invalid", verb)
	}
	if _, ok := engine.ParseMode(mode); !ok {
		return errorf(errInvalidArgs, "Job mode %s invalid", mode)
	}
	text, err := k.s.backend.Plan(verb, name, mode)
	if err == nil {
		k.out.string(text)
	}
	return err
}

func enforcement(k *call) error {
	text, err := k.s.backend.Enforcement(k.in.string())
	if err == nil {
		k.out.string(text)
	}
	return err
}

func why(k *call) error {
	text, err := k.s.backend.Why(k.in.string())
	if err == nil {
		k.out.string(text)
	}
	return err
}
