package process

import (
	"os"
	"strings"
	"testing"

	"davit/unit"

	"golang.org/x/sys/unix"
)

// Each row runs the test program's probes under exec settings, and says what they print; "" is success.
var filterRows = []struct {
	name   string
	change func(*unit.Exec)
	want   map[string]string
}{
	{"RestrictAddressFamilies", func(e *unit.Exec) {
		e.RestrictAddressFamilies = unit.Filter{Set: true, Allow: true, Names: []string{"AF_UNIX"}}
	}, map[string]string{"inet": "EAFNOSUPPORT", "unix": ""}},
	{"RestrictAddressFamilies forbids", func(e *unit.Exec) {
		e.RestrictAddressFamilies = unit.Filter{Set: true, Names: []string{"AF_UNIX"}}
	}, map[string]string{"inet": "", "unix": "EAFNOSUPPORT"}},
	{"RestrictNamespaces", func(e *unit.Exec) {
		e.RestrictNamespaces = 0
	}, map[string]string{"unshare": "EPERM", "setns": "EPERM", "setns0": "EPERM"}},
	{"RestrictNamespaces in part", func(e *unit.Exec) {
		e.RestrictNamespaces = unit.Namespaces(unix.CLONE_NEWUTS)
	}, map[string]string{"setns": "EBADF"}},
	{"MemoryDenyWriteExecute", func(e *unit.Exec) { e.MemoryDenyWriteExecute = true }, map[string]string{"wx": "EPERM", "rw": ""}},
	{"RestrictRealtime", func(e *unit.Exec) { e.RestrictRealtime = true }, map[string]string{"fifo": "EPERM", "other": "EINVAL"}},
	{"LockPersonality", func(e *unit.Exec) { e.LockPersonality = true }, map[string]string{"personality": "EPERM", "same": ""}},
	{"RestrictSUIDSGID", func(e *unit.Exec) { e.RestrictSUIDSGID = true }, map[string]string{"suid": "EPERM", "plain": "ENOENT"}},
	{"Protect*", func(e *unit.Exec) {
		e.ProtectHostname, e.ProtectClock, e.ProtectKernelModules, e.ProtectKernelLogs = true, true, true, true
	}, map[string]string{"hostname": "EPERM", "clock": "EPERM", "module": "EPERM", "syslog": "EPERM"}},
	{"SystemCallFilter allows", func(e *unit.Exec) {
		e.SystemCallFilter = unit.Filter{Set: true, Allow: true, Names: []string{"@system-service"}}
		e.SystemCallErrorNumber = unit.OptInt{Value: int32(unix.EACCES), Set: true}
	}, map[string]string{"mount": "EACCES", "swapoff": "EACCES", "unix": ""}},
	{"SystemCallFilter allows with exceptions", func(e *unit.Exec) {
		e.SystemCallFilter = unit.Filter{Set: true, Allow: true, Names: []string{"@system-service", "@mount", "~umount2", "~@swap"}}
		e.SystemCallErrorNumber = unit.OptInt{Value: int32(unix.EACCES), Set: true}
	}, map[string]string{"swapoff": "EACCES", "unix": ""}},
	{"SystemCallFilter forbids with exceptions", func(e *unit.Exec) {
		e.SystemCallFilter = unit.Filter{Set: true, Names: []string{"@swap:7", "~swapoff", "@mount:EXDEV"}}
	}, map[string]string{"mount": "EXDEV", "unix": ""}},
	{"SystemCallFilter forbids", func(e *unit.Exec) {
		e.SystemCallFilter = unit.Filter{Set: true, Names: []string{"@mount:EXDEV", "swapoff:7"}}
	}, map[string]string{"mount": "EXDEV", "swapoff": "E2BIG", "unix": ""}},
	{"SystemCallFilter kills", func(e *unit.Exec) {
		e.SystemCallFilter = unit.Filter{Set: true, Names: []string{"@mount"}}
	}, map[string]string{"mount": "SIGSYS", "unix": ""}},
	{"SystemCallArchitectures", func(e *unit.Exec) { e.SystemCallArchitectures = []string{"native"} }, map[string]string{"unix": ""}},
}

func TestFilters(t *testing.T) {
	if nativeArch == 0 {
		t.Skip("SKIP: no filters for this architecture")
	}
	performers(t, func(t *testing.T, s *Spawner) {
		for _, row := range filterRows {
			for probe, want := range row.want {
				spec := basic(self(t), probe)
				spec.Exec = plain(row.change)
				spec.Env = []string{"GORACE=atexit_sleep_ms=0"}
				out, exit := output(t, s, spec)
				got := strings.TrimSpace(out)
				if exit.Code != CLDExited {
					got = unix.SignalName(unix.Signal(exit.Status))
				} else if exit.Status != 0 {
					got = "exit status " + StatusName(exit.Status)
				}
				if got != want {
					t.Errorf("%s: %s gives %q, want %q", row.name, probe, got, want)
				}
			}
		}
	})
}

// self is the path of the test program.
func self(t *testing.T) string {
	t.Helper()
	path, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// run interprets a filter for one system call.
func (p program) run(t *testing.T, number, arch uint32, args [6]uint64) verdict {
	t.Helper()
	var a uint32
	for at := 0; at < len(p); at++ {
		i := p[at]
		jump := func(yes bool) {
			if yes {
				at += int(i.Jt)
			} else {
				at += int(i.Jf)
			}
		}
		switch i.Code {
		case loadWord:
			switch {
			case i.K == atNumber:
				a = number
			case i.K == atArch:
				a = arch
			default:
				a = uint32(args[(i.K-atArgs)/8] >> ((i.K - atArgs) % 8 * 8))
			}
		case jumpEqual:
			jump(a == i.K)
		case jumpNotBelow:
			jump(a >= i.K)
		case jumpAnyBit:
			jump(a&i.K != 0)
		case maskWith:
			a &= i.K
		case unix.BPF_JMP | unix.BPF_JA:
			at += int(i.K)
		case giveBack:
			return verdict(i.K)
		default:
			t.Fatalf("instruction %#x", i.Code)
		}
	}
	t.Fatal("the filter has no end")
	return 0
}

// The search decides for every number what the table says, also when the program is too long for short jumps.
func TestSearch(t *testing.T) {
	if nativeArch == 0 {
		t.Skip("SKIP: no filters for this architecture")
	}
	single := map[uint32]verdict{}
	for n := range uint32(1500) {
		if n%2 == 0 && n%7 != 3 {
			single[n] = refuse(unix.Errno(1 + n%90))
		}
	}
	for _, table := range []map[uint32]verdict{single, {}, {0: killProcess}, {5: allow, 6: allow, 7: killProcess}} {
		var p program
		p.begin(killProcess)
		p.search(spans(table, allow))
		for n := range uint32(1600) {
			want, ok := table[n]
			if !ok {
				want = allow
			}
			if got := p.run(t, n, nativeArch, [6]uint64{}); got != want {
				t.Fatalf("%d gives %#x, want %#x", n, got, want)
			}
		}
		if got := p.run(t, 1, 0x40000003, [6]uint64{}); got != killProcess {
			t.Errorf("another architecture gives %#x", got)
		}
	}
}

// Settings that name what there is not are errors, with the name.
func TestFilterErrors(t *testing.T) {
	for want, change := range map[string]func(*unit.Exec){
		"cannot filter system calls: no set @nonsense": func(e *unit.Exec) {
			e.SystemCallFilter = unit.Filter{Set: true, Names: []string{"@nonsense"}}
		},
		`cannot filter system call read:ENONSENSE: no error "ENONSENSE"`: func(e *unit.Exec) {
			e.SystemCallFilter = unit.Filter{Set: true, Names: []string{"read:ENONSENSE"}}
		},
		`cannot restrict address families: no family "AF_NONE"`: func(e *unit.Exec) {
			e.RestrictAddressFamilies = unit.Filter{Set: true, Names: []string{"AF_NONE"}}
		},
	} {
		spec := basic("/bin/true")
		spec.Exec = plain(change)
		if _, err := Compile(spec); nativeArch != 0 && (err == nil || err.Error() != want) {
			t.Errorf("error %v, want %s", err, want)
		}
	}
}

// The tables are sorted, and every set's member is a call, a set, or known for another architecture.
func TestSystemCallTable(t *testing.T) {
	for i := 1; i < len(systemCalls); i++ {
		if systemCalls[i-1].name >= systemCalls[i].name {
			t.Errorf("%s is not before %s", systemCalls[i-1].name, systemCalls[i].name)
		}
	}
	for set, members := range systemCallSets {
		for member := range strings.FieldsSeq(members) {
			if _, ok := systemCallSets[member]; strings.HasPrefix(member, "@") && !ok {
				t.Errorf("%s has %s, which is no set", set, member)
			}
		}
	}
}
