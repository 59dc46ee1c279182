package process

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"

	"davit/process/inherited"
	"davit/unit"

	"golang.org/x/sys/unix"
)

// Compile makes the list for a process. The error names the setting that cannot be expressed.
func Compile(spec Spec) (Steps, error) {
	var l Steps
	l.calls = make([]call, 0, 48)
	l.data = make([]byte, 0, 2048)
	err := compile(&l, &spec)
	return l, err
}

// Private says that the list runs in a copy of the manager's memory instead of in the memory itself, because it changes something
// that belongs to the memory (OOMScoreAdjust=, CoredumpFilter=), or because its cgroup limits memory: the kernel would count the
// manager's memory as the child's and kill the manager with it.
func (l Steps) Private() bool { return l.private }

// compile writes the list for spec into l. The order follows systemd: what needs privileges comes before they are dropped, and the
// working directory after, because only the user may be able to enter it.
func compile(l *Steps, spec *Spec) error {
	l.reset()
	if spec.Path == "" || spec.Path[0] != '/' {
		return fmt.Errorf("cannot start process: path %q is not absolute", spec.Path)
	}
	exec := spec.Exec
	if exec == nil {
		exec = plainExec
	}
	l.cgroup = spec.Cgroup
	l.private = spec.MemoryLimit
	l.raise(spec)
	l.joinCgroups(spec)
	l.signals(exec)
	l.add(stepSetsid, unix.SYS_SETSID, 0)
	l.streams(spec)
	l.descriptors(spec)
	l.memory(spec, exec)
	if err := l.scheduling(spec, exec); err != nil {
		return err
	}
	if err := l.personality(exec); err != nil {
		return err
	}
	l.directories(spec)
	l.add(stepUMask, unix.SYS_UMASK, 0, uint64(exec.UMask))
	if err := l.sandbox(spec, exec); err != nil {
		return err
	}
	l.limits(spec, exec)
	l.credentials(spec, exec)
	l.keyring(spec, exec)
	l.directory(spec)
	argv, envp := l.arguments(spec)
	if err := l.restrictions(spec, exec); err != nil {
		return err
	}
	l.add(stepExec, unix.SYS_EXECVE, ref0|ref1|ref2, l.text(spec.Path), argv, envp)
	if len(l.calls) > math.MaxUint16/2 {
		return errors.New("cannot start process: more steps than the list holds")
	}
	return nil
}

// plainExec has systemd's defaults.
var plainExec = &unit.Exec{UMask: 0o022, IgnoreSIGPIPE: true, CapabilityBoundingSet: unit.AllCapabilities, RestrictNamespaces: unit.AllNamespaces}

// joinCgroups moves the process into cgroups of the old hierarchies.
func (l *Steps) joinCgroups(spec *Spec) {
	for _, file := range spec.CgroupV1 {
		l.writeFile(stepCgroup, file, "0", 0)
	}
}

// writeFile opens a file, writes text and closes it. With errors to ignore at the opening, a file that cannot be opened is passed over.
func (l *Steps) writeFile(s step, path, text string, ignore uint64) {
	word := l.words(0)
	open := l.add(s, unix.SYS_OPENAT, ref1, atCWD, l.text(path), unix.O_WRONLY|unix.O_CLOEXEC|unix.O_NOCTTY)
	open.result = uint32(word)
	open.ignore = ignore
	open.skip = 2
	write := l.add(s, unix.SYS_WRITE, ref1, word, l.text(text), uint64(len(text)))
	write.word = true
	l.add(s, unix.SYS_CLOSE, 0, word).word = true
}

// atCWD is AT_FDCWD as an argument.
const atCWD = ^uint64(99)

// signals empties the mask and gives SIGPIPE its disposition; clone3 has reset the others.
func (l *Steps) signals(exec *unit.Exec) {
	if exec.IgnoreSIGPIPE {
		action := l.words(1, 0, 0, 0) // SIG_IGN
		l.add(stepSignals, unix.SYS_RT_SIGACTION, ref1, uint64(unix.SIGPIPE), action, 0, 8)
	}
	l.add(stepSignals, unix.SYS_RT_SIGPROCMASK, ref1, sigSetMask, l.words(0), 0, 8)
}

const sigSetMask = 2 // SIG_SETMASK

// limits sets the limits of resources; the soft limit of open files goes back to what davit itself was given.
func (l *Steps) limits(spec *Spec, exec *unit.Exec) {
	for _, limit := range [...]struct {
		resource uint64
		value    *unit.Rlimit
	}{
		{unix.RLIMIT_CPU, &exec.LimitCPU},
		{unix.RLIMIT_FSIZE, &exec.LimitFSIZE},
		{unix.RLIMIT_DATA, &exec.LimitDATA},
		{unix.RLIMIT_STACK, &exec.LimitSTACK},
		{unix.RLIMIT_CORE, &exec.LimitCORE},
		{unix.RLIMIT_RSS, &exec.LimitRSS},
		{unix.RLIMIT_AS, &exec.LimitAS},
		{unix.RLIMIT_NPROC, &exec.LimitNPROC},
		{unix.RLIMIT_MEMLOCK, &exec.LimitMEMLOCK},
		{unix.RLIMIT_LOCKS, &exec.LimitLOCKS},
		{unix.RLIMIT_SIGPENDING, &exec.LimitSIGPENDING},
		{unix.RLIMIT_MSGQUEUE, &exec.LimitMSGQUEUE},
		{unix.RLIMIT_NICE, &exec.LimitNICE},
		{unix.RLIMIT_RTPRIO, &exec.LimitRTPRIO},
		{unix.RLIMIT_RTTIME, &exec.LimitRTTIME},
	} {
		if limit.value.Set {
			l.closest(spec, limit.resource, limit.value)
		}
	}
	if exec.LimitNOFILE.Set {
		l.closest(spec, unix.RLIMIT_NOFILE, &exec.LimitNOFILE)
	} else if soft, hard, ok := inherited.OpenFiles(); ok {
		l.limit(unix.RLIMIT_NOFILE, soft, hard)
	}
}

// closest sets a limit, or as much of it as davit itself was given where it may not be raised: a container rarely may.
func (l *Steps) closest(spec *Spec, resource uint64, want *unit.Rlimit) {
	var own unix.Rlimit
	if err := unix.Getrlimit(int(resource), &own); err == nil && want.Hard > own.Max {
		l.limit(resource, min(want.Soft, own.Max), own.Max)
		l.limit(resource, want.Soft, want.Hard).ignore = denied | spec.lenient()
		return
	}
	l.limit(resource, want.Soft, want.Hard).ignore = spec.lenient()
}

// limit sets one limit.
func (l *Steps) limit(resource, soft, hard uint64) *call {
	return l.add(stepLimits, unix.SYS_PRLIMIT64, ref2, 0, resource, l.words(soft, hard))
}

// directory enters the root and the working directory.
func (l *Steps) directory(spec *Spec) {
	dir := spec.Dir
	if dir == "" {
		dir = "/"
	}
	if spec.DirMissingOK {
		l.add(stepChdir, unix.SYS_CHDIR, ref0, l.text("/"))
		l.add(stepChdir, unix.SYS_CHDIR, ref0, l.text(dir)).ignore = everyError
		return
	}
	l.add(stepChdir, unix.SYS_CHDIR, ref0, l.text(dir))
}

// arguments lays out arguments and environment for execve(2). Writing the own id into them comes before the filters, which may
// forbid to ask for it.
func (l *Steps) arguments(spec *Spec) (argv, envp uint64) {
	var memory [128]uint64
	offsets := memory[:0]
	for _, arg := range spec.Args {
		offsets = append(offsets, l.text(arg))
	}
	argv = l.vector(offsets)
	offsets = offsets[:0]
	for _, entry := range spec.Env {
		if strings.HasSuffix(entry, "_PID=") && takesPID(entry) {
			offsets = append(offsets, l.ownPID(entry))
		} else {
			offsets = append(offsets, l.text(entry))
		}
	}
	offsets = append(offsets, l.ownPID("SYSTEMD_EXEC_PID="))
	if len(spec.FDs) > 0 {
		offsets = append(offsets, l.ownPID("LISTEN_PID="), l.text("LISTEN_FDS="+strconv.Itoa(len(spec.FDs))))
		offsets = append(offsets, l.text("LISTEN_FDNAMES="+joinNames(spec.FDs)))
	}
	return argv, l.vector(offsets)
}

// takesPID says whether the entry of the environment is one whose value is the process's own id.
func takesPID(entry string) bool {
	return entry == "WATCHDOG_PID=" || entry == "SYSTEMD_EXEC_PID=" || entry == "LISTEN_PID="
}

// ownPID adds an entry of the environment that ends in the process's own id, and returns its offset.
func (l *Steps) ownPID(name string) uint64 {
	at := l.text(name)
	digits := uint64(len(l.data)) - 1
	l.data = append(l.data, "0000000000"...)
	l.data[len(l.data)-1] = 0
	l.calls = append(l.calls, call{nr: nrPID, args: [6]uint64{digits}, refs: ref0, step: stepMemory})
	return at
}

// joinNames returns LISTEN_FDNAMES.
func joinNames(fds []FD) string {
	names := make([]string, len(fds))
	for i, fd := range fds {
		names[i] = fd.Name
		if names[i] == "" {
			names[i] = "unknown"
		}
	}
	return strings.Join(names, ":")
}
