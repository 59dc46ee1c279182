package process

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"

	"davit/unit"

	"golang.org/x/sys/unix"
)

// filterSet is the compiled filters of one exec block, each installed on its own: the kernel runs them all, and the strictest wins.
type filterSet struct {
	programs [][]byte
	err      error
}

// filters are the filter sets of exec blocks, which never change. They are few, and dear to make.
var filters struct {
	sync.Mutex
	byExec map[*unit.Exec]filterSet
}

// mostFilters bounds what is kept; blocks that a reload has dropped go with all others then.
const mostFilters = 256

// seccompFilter returns the filters for the settings.
func seccompFilter(exec *unit.Exec) ([][]byte, error) {
	if !wantsFilter(exec) {
		return nil, nil
	}
	if nativeArch == 0 {
		return nil, nil // no tables for this architecture
	}
	filters.Lock()
	defer filters.Unlock()
	set, ok := filters.byExec[exec]
	if !ok {
		var programs []program
		programs, set.err = makeFilters(exec)
		for _, p := range programs {
			set.programs = append(set.programs, p.encode())
		}
		if filters.byExec == nil || len(filters.byExec) >= mostFilters {
			filters.byExec = map[*unit.Exec]filterSet{}
		}
		filters.byExec[exec] = set
	}
	return set.programs, set.err
}

// wantsFilter says whether any of the settings needs a filter.
func wantsFilter(e *unit.Exec) bool {
	return e.RestrictAddressFamilies.Set || e.RestrictNamespaces != unit.AllNamespaces || e.MemoryDenyWriteExecute ||
		e.RestrictRealtime || e.LockPersonality || e.RestrictSUIDSGID || e.ProtectHostname || e.ProtectClock ||
		e.ProtectKernelModules || e.ProtectKernelLogs || e.PrivateDevices || len(e.SystemCallArchitectures) > 0 ||
		e.SystemCallFilter.Set || e.SystemCallLog.Set
}

// seccomp installs filters.
func (l *Steps) seccomp(spec *Spec, programs [][]byte) {
	for _, p := range programs {
		code := l.bytes(p)
		prog := l.words(uint64(len(p) / 8)) // struct sock_fprog: how many instructions, address
		l.link(code)
		const setModeFilter = 1
		l.add(stepSeccomp, unix.SYS_SECCOMP, ref2, setModeFilter, 0, prog).ignore = spec.lenient()
	}
}

// makeFilters compiles the settings; the one that may forbid seccomp(2) itself comes last.
func makeFilters(e *unit.Exec) ([]program, error) {
	var all []program
	add := func(build func(*program)) {
		p := program{}
		p.begin(foreignVerdict(e))
		build(&p)
		p.give(allow)
		all = append(all, p)
	}
	denied := refuse(unix.EPERM)
	if names := refusedCalls(e); len(names) > 0 {
		add(func(p *program) {
			for _, name := range names {
				p.on(name, always(denied))
			}
		})
	}
	if e.RestrictAddressFamilies.Set {
		families, err := addressFamilies(e.RestrictAddressFamilies)
		if err != nil {
			return nil, err
		}
		add(func(p *program) { p.on("socket", families) })
	}
	if e.RestrictNamespaces != unit.AllNamespaces {
		add(func(p *program) { restrictNamespaces(p, uint32(^e.RestrictNamespaces&allNamespaceBits)) })
	}
	if e.MemoryDenyWriteExecute {
		add(denyWriteExecute)
	}
	if e.RestrictRealtime {
		add(restrictRealtime)
	}
	if e.LockPersonality {
		personality, err := personalityOf(e)
		if err != nil {
			return nil, err
		}
		add(func(p *program) { lockPersonality(p, uint32(personality)) })
	}
	if e.RestrictSUIDSGID {
		add(restrictSetID)
	}
	if len(e.SystemCallArchitectures) > 0 && len(all) == 0 {
		add(func(*program) {})
	}
	for _, filter := range []func(*unit.Exec) (program, error){callLog, callFilter} {
		p, err := filter(e)
		if err != nil {
			return nil, err
		}
		if p != nil {
			all = append(all, p)
		}
	}
	return all, nil
}

// foreignVerdict is what becomes of system calls in the manner of another architecture (32-bit programs): with
// SystemCallArchitectures= the process ends, as systemd has it; else the calls do not exist, because no filter looks at them.
func foreignVerdict(e *unit.Exec) verdict {
	if len(e.SystemCallArchitectures) > 0 {
		return killProcess
	}
	return refuse(unix.ENOSYS)
}

// refusedCalls lists the calls that Protect*= settings forbid as a whole.
func refusedCalls(e *unit.Exec) []string {
	var names []string
	if e.ProtectHostname {
		names = append(names, "sethostname", "setdomainname")
	}
	for _, set := range [...]struct {
		on   bool
		name string
	}{{e.ProtectClock, "@clock"}, {e.ProtectKernelModules, "@module"}, {e.PrivateDevices, "@raw-io"}} {
		if set.on {
			names = append(names, strings.Fields(systemCallSets[set.name])...)
		}
	}
	if e.ProtectKernelLogs {
		names = append(names, "syslog")
	}
	return names
}

// callFilter is SystemCallFilter=.
func callFilter(e *unit.Exec) (program, error) {
	f := e.SystemCallFilter
	if !f.Set {
		return nil, nil
	}
	unlisted, listed := allow, killProcess
	if e.SystemCallErrorNumber.Set && e.SystemCallErrorNumber.Value > 0 {
		listed = refuse(unix.Errno(e.SystemCallErrorNumber.Value))
	}
	single := map[uint32]verdict{}
	if f.Allow {
		unlisted, listed = listed, allow
		if err := putCalls(single, "@default", allow); err != nil {
			return nil, err
		}
	}
	for _, entry := range f.Names {
		name, errno, ok := strings.Cut(entry, ":")
		v := listed
		if exception, is := strings.CutPrefix(name, "~"); is {
			name, v = exception, unlisted
		}
		if ok {
			var err error
			if v, err = errorVerdict(errno); err != nil {
				return nil, fmt.Errorf("cannot filter system call %s: %w", entry, err)
			}
		}
		if err := putCalls(single, name, v); err != nil {
			return nil, err
		}
	}
	p := program{}
	p.begin(foreignVerdict(e))
	p.search(spans(single, unlisted))
	return p, nil
}

// callLog is SystemCallLog=.
func callLog(e *unit.Exec) (program, error) {
	f := e.SystemCallLog
	if !f.Set {
		return nil, nil
	}
	single, listed, unlisted := map[uint32]verdict{}, logCall, allow
	if !f.Allow {
		listed, unlisted = allow, logCall
	}
	for _, entry := range f.Names {
		v := listed
		name, exception := strings.CutPrefix(entry, "~")
		if exception {
			v = unlisted
		}
		if err := putCalls(single, name, v); err != nil {
			return nil, err
		}
	}
	p := program{}
	p.begin(allow)
	p.search(spans(single, unlisted))
	return p, nil
}

// putCalls gives a call, or all calls of a set, a verdict. A call that this architecture lacks is passed over.
func putCalls(single map[uint32]verdict, name string, v verdict) error {
	if !strings.HasPrefix(name, "@") {
		if number, ok := callNumber(name); ok {
			single[number] = v
		}
		return nil
	}
	if name == "@known" {
		for _, c := range systemCalls {
			single[c.number] = v
		}
		return nil
	}
	members, ok := systemCallSets[name]
	if !ok {
		return fmt.Errorf("cannot filter system calls: no set %s", name)
	}
	for member := range strings.FieldsSeq(members) {
		if err := putCalls(single, member, v); err != nil {
			return err
		}
	}
	return nil
}

// errorVerdict reads what follows the colon of a filter's entry: "kill", the name of an error or its number.
func errorVerdict(text string) (verdict, error) {
	if text == "kill" {
		return killProcess, nil
	}
	if n, err := strconv.ParseUint(text, 10, 12); err == nil {
		return refuse(unix.Errno(n)), nil
	}
	if n := slices.IndexFunc(errnos[:], func(e unix.Errno) bool { return unix.ErrnoName(e) == text }); n >= 0 {
		return refuse(errnos[n]), nil
	}
	return 0, fmt.Errorf("no error %q", text)
}

// errnos are all errors.
var errnos = func() (all [134]unix.Errno) {
	for i := range all {
		all[i] = unix.Errno(i)
	}
	return all
}()
