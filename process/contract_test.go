package process

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"davit/unit"
)

// performers runs a test with both performers of a list.
func performers(t *testing.T, run func(t *testing.T, s *Spawner)) {
	t.Helper()
	t.Run("direct", func(t *testing.T) {
		if !hasInterpreter {
			t.Skip("SKIP: no assembly for this architecture")
		}
		run(t, newSpawner(t, Config{}))
	})
	t.Run("direct by clone", func(t *testing.T) {
		if !hasInterpreter {
			t.Skip("SKIP: no assembly for this architecture")
		}
		s := newSpawner(t, Config{})
		s.version1 = true
		run(t, s)
	})
	t.Run("direct in a copy", func(t *testing.T) {
		if !hasInterpreter {
			t.Skip("SKIP: no assembly for this architecture")
		}
		s := newSpawner(t, Config{})
		s.copy = true
		run(t, s)
	})
	t.Run("executor", func(t *testing.T) { run(t, newSpawner(t, Config{Executor: true})) })
}

// plain returns exec settings with systemd's defaults, changed by change.
func plain(change func(*unit.Exec)) *unit.Exec {
	e := *plainExec
	change(&e)
	return &e
}

// script is a Spec that runs a shell script.
func script(text string) Spec {
	spec := basic("/bin/sh", "-c", text)
	spec.Env = []string{"PATH=" + SystemPath}
	return spec
}

// outcome is one row of the contract: a process made as setup says prints want.
type outcome struct {
	name   string
	root   bool // needs privileges
	setup  func(t *testing.T) Spec
	want   string
	status int
}

// with is script with exec settings.
func with(text string, change func(*unit.Exec)) func(*testing.T) Spec {
	return func(*testing.T) Spec {
		spec := script(text)
		spec.Exec = plain(change)
		return spec
	}
}

var outcomes = []outcome{
	{name: "arguments and environment", setup: func(*testing.T) Spec {
		spec := script(`echo "$0|$1|$2|$A"`)
		spec.Args = append(spec.Args, "zero", "", "two words")
		spec.Env = append(spec.Env, "A=x=y")
		return spec
	}, want: "zero||two words|x=y\n"},
	{name: "own pid", setup: func(*testing.T) Spec {
		spec := script(`[ $$ = $SYSTEMD_EXEC_PID ] && [ $$ = $WATCHDOG_PID ] && echo same`)
		spec.Env = append(spec.Env, "WATCHDOG_PID=")
		return spec
	}, want: "same\n"},
	{name: "signals", setup: func(*testing.T) Spec {
		return script(`read -r _ blocked < /dev/stdin; grep -E '^Sig(Blk|Ign)' /proc/self/status`)
	}, want: "SigBlk:\t0000000000000000\nSigIgn:\t0000000000001000\n"},
	{
		name: "SIGPIPE kept", setup: with(`grep -E '^SigIgn' /proc/self/status`, func(e *unit.Exec) { e.IgnoreSIGPIPE = false }),
		want: "SigIgn:\t0000000000000000\n",
	},
	{name: "session", setup: func(*testing.T) Spec {
		return script(`read -r pid _ _ _ pgrp session _ < /proc/self/stat; [ $$ = $session ] && [ $$ = $pgrp ] && echo leader`)
	}, want: "leader\n"},
	{name: "only its own descriptors", setup: func(*testing.T) Spec {
		return script(`for n in 0 1 2 3 4 5 6 7 8 9 10 11 12 13 20 30 40; do [ -e /proc/$$/fd/$n ] && echo $n; done; true`)
	}, want: "0\n1\n2\n"},
	{name: "standard input is null", setup: func(*testing.T) Spec {
		return script(`readlink /proc/self/fd/0; cat`)
	}, want: "/dev/null\n"},
	{
		name: "umask", setup: with(`umask`, func(e *unit.Exec) { e.UMask = 0o137 }),
		want: "0137\n",
	},
	{name: "limits", setup: with(`ulimit -Sn; ulimit -Hn; ulimit -Sc`, func(e *unit.Exec) {
		e.LimitNOFILE = unit.Rlimit{Soft: 100, Hard: 200, Set: true}
		e.LimitCORE = unit.Rlimit{Set: true}
	}), want: "100\n200\n0\n"},
	{name: "nice", setup: with(`read -r _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ nice _ < /proc/self/stat; echo $nice`, func(e *unit.Exec) {
		e.Nice = unit.OptInt{Value: 7, Set: true}
	}), want: "7\n"},
	{name: "working directory", setup: func(t *testing.T) Spec {
		spec := script(`pwd`)
		spec.Dir = "/usr/bin"
		return spec
	}, want: "/usr/bin\n"},
	{name: "missing working directory", setup: func(t *testing.T) Spec {
		spec := script(`pwd`)
		spec.Dir = "/nonexistent"
		return spec
	}, status: 200},
	{name: "missing working directory that may be missing", setup: func(t *testing.T) Spec {
		spec := script(`pwd`)
		spec.Dir, spec.DirMissingOK = "/nonexistent", true
		return spec
	}, want: "/\n"},
	{name: "missing program", setup: func(t *testing.T) Spec { return basic("/nonexistent") }, status: 203},
	{
		name: "OOM score", root: true, want: "123\n",
		setup: with(`cat /proc/self/oom_score_adj`, func(e *unit.Exec) { e.OOMScoreAdjust = unit.OptInt{Value: 123, Set: true} }),
	},
	{
		name: "core dump filter", want: "0000000f\n",
		setup: with(`cat /proc/self/coredump_filter`, func(e *unit.Exec) { e.CoredumpFilter = unit.CoredumpFilter{Mask: 15, Set: true} }),
	},
	{
		name: "no new privileges", want: "NoNewPrivs:\t1\n",
		setup: with(`grep NoNewPrivs /proc/self/status`, func(e *unit.Exec) { e.NoNewPrivileges = true }),
	},
	{
		name: "affinity", want: "Cpus_allowed_list:\t0\n",
		setup: with(`grep Cpus_allowed_list /proc/self/status`, func(e *unit.Exec) { e.CPUAffinity = unit.CPUSet{1} }),
	},
	{name: "user and groups", root: true, setup: func(*testing.T) Spec {
		spec := script(`grep -E '^(Uid|Gid|Groups)' /proc/self/status; cat /proc/self/oom_score_adj >/dev/null && echo readable`)
		spec.UID, spec.GID, spec.Groups = 12345, 23456, []uint32{34567, 45678}
		return spec
	}, want: "Uid:\t12345\t12345\t12345\t12345\nGid:\t23456\t23456\t23456\t23456\nGroups:\t34567 45678 \nreadable\n"},
	{name: "user that is not to be had", setup: func(*testing.T) Spec {
		spec := script(`grep -E '^Uid' /proc/self/status | cut -f2`)
		spec.UID, spec.GID, spec.Groups, spec.UserApproximated = 12345, 23456, []uint32{1}, true
		return spec
	}, want: fmt.Sprintf("%d\n", os.Getuid())},
	{name: "bounding set", root: true, setup: with(`grep -E '^Cap(Prm|Bnd)' /proc/self/status`, func(e *unit.Exec) {
		e.CapabilityBoundingSet = 1<<5 | 1<<10
	}), want: "CapPrm:\t0000000000000420\nCapBnd:\t0000000000000420\n"},
	{name: "ambient capabilities", root: true, setup: func(*testing.T) Spec {
		spec := script(`grep -E '^Cap(Inh|Prm|Eff|Amb)' /proc/self/status`)
		spec.UID, spec.GID, spec.Groups = 12345, 23456, []uint32{}
		spec.Exec = plain(func(e *unit.Exec) { e.AmbientCapabilities = 1 << 10 })
		return spec
	}, want: "CapInh:\t0000000000000400\nCapPrm:\t0000000000000400\nCapEff:\t0000000000000400\nCapAmb:\t0000000000000400\n"},
	{name: "directories", root: true, setup: func(t *testing.T) Spec {
		base := t.TempDir()
		spec := script(fmt.Sprintf(`cd %s; stat -c '%%n %%a %%u' a a/b state; readlink link; umask`, base))
		spec.Directories = []Directory{
			{Kind: RuntimeDirectory, Base: base, Path: "a/b", Mode: 0o750, UID: 12345, GID: -1, Symlinks: []string{"link"}},
			{Kind: StateDirectory, Base: base, Path: "state", Mode: 0o777, UID: -1, GID: -1},
		}
		spec.Exec = plain(func(e *unit.Exec) { e.UMask = 0o77 })
		return spec
	}, want: "a 755 0\na/b 750 12345\nstate 777 0\nBASE/a/b\n0077\n"},
	{name: "directory that cannot be made", setup: func(t *testing.T) Spec {
		spec := script(`echo no`)
		spec.Directories = []Directory{{Kind: CacheDirectory, Base: "/dev/null", Path: "x", Mode: 0o755, UID: -1, GID: -1}}
		return spec
	}, status: 239},
	{name: "input from file", setup: func(t *testing.T) Spec {
		file := filepath.Join(t.TempDir(), "in")
		if err := os.WriteFile(file, []byte("hello\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		spec := script(`cat`)
		spec.OpenStdin = &OpenFile{Path: file, Flags: os.O_RDONLY}
		return spec
	}, want: "hello\n"},
	{name: "input from missing file", setup: func(t *testing.T) Spec {
		spec := script(`cat`)
		spec.OpenStdin = &OpenFile{Path: "/nonexistent", Flags: os.O_RDONLY}
		return spec
	}, status: 208},
	{name: "notice", setup: func(t *testing.T) Spec {
		spec := script(`for n in 0 1 2 3 4 5 6 7 8 9 10 11 12 13 20 30 40; do [ -e /proc/$$/fd/$n ] && echo $n; done; true`)
		spec.ExecNotice = true
		return spec
	}, want: "0\n1\n2\n"},
	{name: "large environment", setup: func(t *testing.T) Spec {
		spec := script(`echo ${#BIG}`)
		spec.Env = append(spec.Env, "BIG="+strings.Repeat("x", 100000))
		return spec
	}, want: "100000\n"},
}

// mapped says whether this user namespace has more ids than a few.
func mapped() bool {
	text, err := os.ReadFile("/proc/self/uid_map")
	var inside, outside, n int
	if _, scan := fmt.Sscan(string(text), &inside, &outside, &n); err != nil || scan != nil {
		return true
	}
	return n > 50000
}

func TestContract(t *testing.T) {
	performers(t, func(t *testing.T, s *Spawner) {
		for _, row := range outcomes {
			t.Run(row.name, func(t *testing.T) {
				if row.root && os.Getuid() != 0 {
					t.Skip("SKIP: needs root")
				}
				if row.root && !mapped() {
					t.Skip("SKIP: needs more than one user id")
				}
				spec := row.setup(t)
				out, exit := output(t, s, spec)
				if len(spec.Directories) > 0 {
					out = strings.ReplaceAll(out, spec.Directories[0].Base, "BASE")
				}
				if out != row.want || exit != (Exit{exit.PID, CLDExited, row.status}) {
					t.Errorf("exit %d (code %d), output:\n%q\nwant %d,\n%q", exit.Status, exit.Code, out, row.status, row.want)
				}
			})
		}
	})
}
