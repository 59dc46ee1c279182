package dbus

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"davit/engine"
	"davit/unit"
)

// tools runs systemd's own clients against a fake manager. They find its socket in a runtime directory of the test, and
// no bus: nothing of the host is touched.
type tools struct {
	t       *testing.T
	runtime string
	bus     string   // address that clients take for a bus
	booted  []string // command that shows the client a machine that runs systemd
}

func newTools(t *testing.T, units ...*unit.Unit) (*fake, *tools) {
	t.Helper()
	for _, tool := range []string{"systemctl", "busctl"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skip("SKIP: no " + tool)
		}
	}
	f := newFake(units...)
	w := &tools{t: t, runtime: t.TempDir()}
	f.serve(t, filepath.Join(w.runtime, "systemd", "private"))
	return f, w
}

// run runs a client and returns its output and exit code.
func (w *tools) run(args ...string) (string, int) {
	w.t.Helper()
	args = append(slices.Clone(w.booted), args...)
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Env = append(os.Environ(), "XDG_RUNTIME_DIR="+w.runtime, "DBUS_SESSION_BUS_ADDRESS="+w.bus, "SYSTEMD_PAGER=", "SYSTEMD_COLORS=0", "LC_ALL=C", "COLUMNS=200")
	cmd.WaitDelay = 5 * time.Second
	timer := time.AfterFunc(30*time.Second, func() { _ = cmd.Process.Kill() })
	defer timer.Stop()
	out, err := cmd.CombinedOutput()
	if cmd.ProcessState == nil {
		w.t.Fatal(args, err)
	}
	return strings.TrimSpace(string(out)), cmd.ProcessState.ExitCode()
}

// systemctl runs systemctl --user and expects the exit code.
func (w *tools) systemctl(code int, args ...string) string {
	w.t.Helper()
	out, got := w.run(append([]string{"systemctl", "--user", "--no-ask-password"}, args...)...)
	if got != code {
		w.t.Errorf("systemctl %s: exit %d, want %d: %s", strings.Join(args, " "), got, code, out)
	}
	return out
}

func (w *tools) busctl(args ...string) string {
	w.t.Helper()
	out, code := w.run(append([]string{"busctl", "--address=unix:path=" + filepath.Join(w.runtime, "systemd", "private")}, args...)...)
	if code != 0 {
		w.t.Errorf("busctl %s: exit %d: %s", strings.Join(args, " "), code, out)
	}
	return out
}

// has tests that all the texts are in an output.
func (w *tools) has(out string, texts ...string) {
	w.t.Helper()
	for _, text := range texts {
		if !strings.Contains(out, text) {
			w.t.Errorf("no %q in\n%s", text, out)
		}
	}
}

// boot makes the clients believe that the machine was booted with systemd: without that systemctl reads unit files itself.
// They run in a mount namespace of their own with an empty /run.
func (w *tools) boot() {
	w.t.Helper()
	const script = "mount -t tmpfs none /run && mkdir -p /run/systemd/system && exec \"$@\""
	w.booted = []string{"unshare", "--mount", "sh", "-c", script, "sh"}
	if os.Getuid() != 0 {
		w.booted = append([]string{"unshare", "--user", "--map-current-user", "--keep-caps"}, w.booted[1:]...)
	}
	if out, code := w.run("true"); code != 0 {
		w.t.Skip("SKIP: no mount namespaces: " + out)
	}
}

func TestSystemctl(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "a.service")
	if err := os.WriteFile(file, []byte("[Service]\nExecStart=/bin/sleep 1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	needs := func(u *unit.Unit) {
		u.Dependencies = []unit.Dependency{{Kind: unit.Requires, Target: "b.service"}, {Kind: unit.After, Target: "b.service"}}
		u.Fragment = file
	}
	failing := func(u *unit.Unit) { u.Service.Type = unit.ServiceOneshot }
	f, w := newTools(t, service("a.service", needs), service("b.service"), service("once.service", failing),
		service("multi-user.target", func(u *unit.Unit) { u.Common.AllowIsolate = true }))

	w.boot()

	w.systemctl(3, "is-active", "a.service")
	w.systemctl(0, "start", "a.service")
	if out := w.systemctl(0, "is-active", "a", "b"); out != "active\nactive" {
		t.Error(out)
	}
	w.has(w.systemctl(0, "status", "a.service"), "Loaded: loaded", "Active: active (running)", "Main PID: ", "Memory: 4.0K")
	w.has(w.systemctl(0, "show", "a.service"), "ActiveState=active", "Id=a.service", "ExecStart={ path=/bin/sleep ; argv[]=/bin/sleep 1 ;", "Requires=b.service")
	if out := w.systemctl(0, "show", "-P", "SubState", "a.service"); out != "running" {
		t.Error(out)
	}
	w.has(w.systemctl(0, "show"), "Version=257 (davit test)", "NNames=")
	w.has(w.systemctl(0, "cat", "a.service"), "ExecStart=/bin/sleep 1")
	w.has(w.systemctl(0, "list-units"), "a.service", "loaded active running Test a.service")
	w.has(w.systemctl(0, "list-dependencies", "a.service"), "b.service")
	w.has(w.systemctl(0, "list-jobs"), "No jobs running.")
	w.has(w.systemctl(0, "list-unit-files"), "a.service", "enabled")
	w.has(w.systemctl(0, "list-sockets"), "0 sockets listed")
	w.systemctl(0, "restart", "a.service")
	w.systemctl(0, "try-restart", "a.service")
	w.systemctl(0, "reload-or-restart", "a.service")
	w.has(w.systemctl(3, "reload", "a.service"), "Job type reload is not applicable")
	w.systemctl(0, "kill", "--signal=HUP", "a.service")
	w.systemctl(0, "stop", "a.service")
	w.systemctl(3, "status", "a.service")
	w.systemctl(4, "status", "none.service")
	w.has(w.systemctl(5, "start", "none.service"), "Unit none.service not found.")
	w.systemctl(1, "is-failed", "a.service")
	w.systemctl(0, "start", "once.service")
	w.systemctl(0, "reset-failed")
	w.systemctl(0, "daemon-reload")
	w.systemctl(0, "daemon-reexec")
	w.systemctl(0, "isolate", "multi-user.target")
	w.systemctl(0, "is-system-running")
	w.systemctl(0, "is-enabled", "a.service")
	w.systemctl(0, "enable", "a.service")
	w.systemctl(0, "disable", "a.service")
	w.systemctl(0, "mask", "a.service")
	w.systemctl(0, "set-environment", "X=1")
	w.has(w.systemctl(0, "show-environment"), "X=1")
	w.systemctl(0, "set-property", "--runtime", "b.service", "CPUWeight=50")
	w.systemctl(0, "log-level", "debug")
	if out := w.systemctl(0, "log-level"); out != "debug" {
		t.Error(out)
	}
	w.has(w.systemctl(0, "get-default"), "multi-user.target")
	f.do(func() {
		if f.reloads != 4 { // daemon-reload, and one each after enable, disable and mask
			t.Error("reloads:", f.reloads)
		}
		if got := f.dropIns["b.service"]; !strings.Contains(got, "CPUWeight=50") {
			t.Error(got)
		}
	})
}

// TestSystemctlSeesFailure: a start that fails says so, with systemd's words.
func TestSystemctlSeesFailure(t *testing.T) {
	f, w := newTools(t, service("bad.service", func(u *unit.Unit) { u.Service.Type = unit.ServiceNotify }))
	f.do(func() { f.fails = true })
	w.has(w.systemctl(1, "start", "bad.service"), "Job for bad.service failed because the control process exited with error code.")
	if out := w.systemctl(0, "is-failed", "bad.service"); out != "failed" {
		t.Error(out)
	}
	w.has(w.systemctl(0, "list-units", "--failed"), "bad.service")
	if out := w.systemctl(0, "show", "-P", "Result", "bad.service"); out != "exit-code" {
		t.Error(out)
	}
	f.do(func() {
		if u := f.engine.Unit("bad.service"); u == nil || u.ActiveState() != engine.Failed {
			t.Error("the unit is not failed")
		}
	})
}

func TestBusctl(t *testing.T) {
	_, w := newTools(t, service("a.service"))
	const name, unitPath = "org.freedesktop.systemd1", "/org/freedesktop/systemd1/unit/a_2eservice"
	if out := w.busctl("call", name, managerPath, managerInterface, "StartUnit", "ss", "a.service", "fail"); !strings.HasPrefix(out, `o "/org/freedesktop/systemd1/job/`) {
		t.Error(out)
	}
	if out := w.busctl("get-property", name, unitPath, unitInterface, "ActiveState"); out != `s "active"` {
		t.Error(out)
	}
	w.has(w.busctl("introspect", name, unitPath), ".ActiveState", ".MainPID", ".Start", "org.freedesktop.systemd1.Service")
	w.has(w.busctl("introspect", name, managerPath), ".StartTransientUnit", ".JobRemoved", "org.davit.Manager")
	w.has(w.busctl("tree", name), unitPath)
	w.busctl("set-property", name, managerPath, managerInterface, "LogLevel", "s", "notice")
	if out := w.busctl("get-property", name, managerPath, managerInterface, "LogLevel"); out != `s "notice"` {
		t.Error(out)
	}
}

// TestSystemdRun takes the private socket for a bus: systemd-run uses nothing else.
func TestSystemdRun(t *testing.T) {
	if _, err := exec.LookPath("systemd-run"); err != nil {
		t.Skip("SKIP: no systemd-run")
	}
	f, w := newTools(t)
	w.bus = "unix:path=" + filepath.Join(w.runtime, "systemd", "private")
	out, code := w.run("systemd-run", "--user", "--unit=test.service", "--property=MemoryMax=1M", "--setenv=A=b", "/bin/echo", "hello world")
	if code != 0 || !strings.Contains(out, "Running as unit: test.service") {
		t.Error(code, out)
	}
	f.do(func() {
		w.has(f.started.Units[0].Text, "ExecStart=/bin/echo \"hello world\"", "MemoryMax=1048576", "Environment=A=b")
	})
	w.run("systemd-run", "--user", "--unit=later", "--on-active=5s", "/bin/true") // whether timers start is the engine's
	f.do(func() {
		w.has(f.started.Units[0].Text, "OnActiveSec=5000000us")
		w.has(f.started.Units[1].Text, "ExecStart=/bin/true")
	})
}
