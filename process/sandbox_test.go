package process

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"davit/unit"
)

// sandboxes is the contract for the file system's view and the namespaces. BASE is a directory with a file "f" and a directory "d"
// with a file "g".
var sandboxes = []outcome{
	{
		name: "ProtectSystem=strict", want: "ro\nro\nrw\nrw\n",
		setup: within(writable("BASE/x", "/usr/x", "BASE/d/x", "/dev/shm/davit-test"), func(e *unit.Exec, base string) {
			e.ProtectSystem, e.ReadWritePaths = unit.ProtectSystemStrict, []string{base + "/d"}
		}),
	},
	{
		name: "ProtectSystem=full", want: "ro\nro\nrw\n",
		setup: within(writable("/usr/x", "/etc/x", "BASE/x"), func(e *unit.Exec, _ string) { e.ProtectSystem = unit.ProtectSystemFull }),
	},
	{
		name: "ReadOnlyPaths with a writable path in it", want: "ro\nrw\n",
		setup: within(writable("BASE/x", "BASE/d/x"), func(e *unit.Exec, base string) {
			e.ReadOnlyPaths, e.ReadWritePaths = []string{base}, []string{base + "/d"}
		}),
	},
	{
		name: "InaccessiblePaths", want: "no f\n0\n",
		setup: within("cat BASE/f 2>/dev/null || echo no f; ls BASE/d | wc -l", func(e *unit.Exec, base string) {
			e.InaccessiblePaths = []string{base + "/f", base + "/d", "-" + base + "/none"}
		}),
	},
	{
		name: "missing path", status: 226,
		setup: within("true", func(e *unit.Exec, base string) { e.ReadOnlyPaths = []string{base + "/none"} }),
	},
	{
		name: "ProtectHome", want: "0\n",
		setup: within("ls -A /root /home 2>/dev/null | grep -v : | grep -c .", func(e *unit.Exec, _ string) { e.ProtectHome = unit.ProtectHomeYes }), status: 1,
	},
	{
		name: "PrivateTmp", want: "0\n1777\n",
		setup: within("ls -A /tmp | wc -l; stat -c %a /tmp", func(e *unit.Exec, _ string) { e.PrivateTmp = unit.PrivateTmpConnected }),
	},
	{
		name: "PrivateDevices", want: "full\nnull\nrandom\ntty\nurandom\nzero\nnull works\n",
		setup: within("ls -l /dev | grep ^c | sed 's/.* //'; echo x > /dev/null && echo null works",
			func(e *unit.Exec, _ string) { e.PrivateDevices = true }),
	},
	{
		name: "ProtectKernelTunables", want: "ro\nhidden\n",
		setup: within(writable("/proc/sys/kernel/domainname")+"cat /proc/kallsyms 2>/dev/null || echo hidden",
			func(e *unit.Exec, _ string) { e.ProtectKernelTunables = true }),
	},
	{
		name: "TemporaryFileSystem with a bind mount in it", want: "d\ng\nhello\n",
		setup: within("ls BASE; ls BASE/d; cat BASE/d/g", func(e *unit.Exec, base string) {
			e.TemporaryFileSystem = []unit.Pair{{Name: base}}
			e.BindReadOnlyPaths = []unit.Bind{{Source: base + "/d", Destination: base + "/d", Recursive: true}}
		}),
	},
	{
		name: "BindPaths of a file", want: "hello\n",
		setup: within("cat BASE/f", func(e *unit.Exec, base string) {
			e.BindPaths = []unit.Bind{{Source: base + "/d/g", Destination: base + "/f"}}
		}),
	},
	{
		name: "NoExecPaths", want: "no\nyes\n",
		setup: within("cp /bin/true BASE/t; cp /bin/true BASE/d/t; BASE/t 2>/dev/null || echo no; BASE/d/t && echo yes",
			func(e *unit.Exec, base string) { e.NoExecPaths, e.ExecPaths = []string{base}, []string{base + "/d"} }),
	},
	{
		name: "ProtectProc and ProcSubset", want: "no\n",
		setup: within("[ -e /proc/meminfo ] || echo no", func(e *unit.Exec, _ string) {
			e.ProtectProc, e.ProcSubset = unit.ProtectProcInvisible, unit.ProcSubsetPID
		}),
	},
	{
		name: "PrivateNetwork", want: "lo 00000001\n",
		setup: within("tail -n +3 /proc/net/dev | cut -d: -f1 | tr -d ' \\n'; echo -n ' '; head -1 /proc/net/if_inet6 | cut -c25-32",
			func(e *unit.Exec, _ string) { e.PrivateNetwork = true }),
	},
	{
		name: "ProtectHostname", want: "changed\n",
		setup: within("[ $(readlink /proc/self/ns/uts) != $(readlink /proc/$PPID/ns/uts) ] && echo changed",
			func(e *unit.Exec, _ string) { e.ProtectHostname = true }),
	},
	{
		name: "ProtectClock and others withhold capabilities", want: "0 0 0\n",
		setup: within(`b=0x$(grep CapBnd /proc/self/status | cut -f2); echo $((b>>25&1)) $((b>>16&1)) $((b>>34&1))`, func(e *unit.Exec, _ string) {
			e.ProtectClock, e.ProtectKernelModules, e.ProtectKernelLogs = true, true, true
		}),
	},
}

// writable is a script that says for each path whether it can be written.
func writable(paths ...string) string {
	text := ""
	for _, path := range paths {
		text += fmt.Sprintf("if (: >> %s) 2>/dev/null; then echo rw; else echo ro; fi; ", path)
	}
	return text + "rm -f /dev/shm/davit-test; "
}

// within is a Spec of a script in a fresh BASE. It is not below /tmp, which some of the settings hide.
func within(text string, change func(e *unit.Exec, base string)) func(t *testing.T) Spec {
	return func(t *testing.T) Spec {
		base, err := os.MkdirTemp("/var", "davit-test-")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { os.RemoveAll(base) })
		if err := os.Mkdir(filepath.Join(base, "d"), 0o755); err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"f", "d/g"} {
			if err := os.WriteFile(filepath.Join(base, name), []byte("hello\n"), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		spec := script(strings.ReplaceAll(text, "BASE", base))
		spec.Exec = plain(func(e *unit.Exec) { change(e, base) })
		return spec
	}
}

func TestSandbox(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("SKIP: needs root")
	}
	before, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		t.Fatal(err)
	}
	performers(t, func(t *testing.T, s *Spawner) {
		for _, row := range sandboxes {
			t.Run(row.name, func(t *testing.T) {
				out, exit := output(t, s, row.setup(t))
				if out != row.want || exit != (Exit{exit.PID, CLDExited, row.status}) {
					t.Errorf("exit %d (code %d), output:\n%q\nwant %d,\n%q", exit.Status, exit.Code, out, row.status, row.want)
				}
			})
		}
	})
	if after, err := os.ReadFile("/proc/self/mountinfo"); err != nil || string(after) != string(before) {
		t.Errorf("the mounts of this process have changed: %v\n%s\n%s", err, before, after)
	}
}

// The root directory; also together with mounts in it.
func TestRootDirectory(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("SKIP: needs root")
	}
	root := t.TempDir()
	program, err := os.ReadFile(tiny(t))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(root, "program"), program, 0o755); err != nil {
		t.Fatal(err)
	}
	performers(t, func(t *testing.T, s *Spawner) {
		for _, tmp := range []unit.PrivateTmp{unit.PrivateTmpNo, unit.PrivateTmpConnected} {
			spec := basic("/program")
			spec.Root = root
			spec.Exec = plain(func(e *unit.Exec) { e.PrivateTmp = tmp })
			if _, exit := output(t, s, spec); exit.Code != CLDExited || exit.Status != 0 {
				t.Errorf("PrivateTmp %d: exit %+v", tmp, exit)
			}
		}
	})
}
