package manager

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

func TestServiceRunsIsKilledAndComesBack(t *testing.T) {
	w := boot(t, map[string]string{
		"a.service":      "[Service]\nExecStart=/bin/sleep 1000\nRestart=always\nRestartSec=0\n",
		"default.target": "[Unit]\nAllowIsolate=yes\nWants=a.service\nAfter=a.service\n",
	})
	first := w.mainPID("a.service")
	if first == 0 || w.active("a.service") != "active" {
		t.Fatalf("a.service is %s with process %d", w.active("a.service"), first)
	}
	must(t, unix.Kill(first, unix.SIGKILL))
	w.until("a.service has come back", func() bool {
		pid := w.mainPID("a.service")
		return pid != 0 && pid != first
	})
	second := w.mainPID("a.service")
	if result := w.do("Stop", "a.service"); result != "done" {
		t.Errorf("stop: %s", result)
	}
	if state := w.active("a.service"); state != "inactive" {
		t.Errorf("after the stop a.service is %s", state)
	}
	w.interrupt()
	if status := w.await("end"); status != 0 {
		t.Errorf("exit status %d", status)
	}
	w.nothingLeft(first, second)
}

func TestOrderIsKeptAndReversed(t *testing.T) {
	note := func(word string) string { return "/bin/sh -c 'echo " + word + " >>%DIR%/order'" }
	oneshot := func(name, more string) string {
		return "[Unit]\n" + more + "[Service]\nType=oneshot\nRemainAfterExit=yes\nExecStartPre=" + note("pre-"+name) +
			"\nExecStart=" + note(name) + "\nExecStop=" + note("stop-"+name) + "\n"
	}
	w := boot(t, map[string]string{
		"a.service":      oneshot("a", ""),
		"b.service":      oneshot("b", "Requires=a.service\nAfter=a.service\n"),
		"c.service":      oneshot("c", "Requires=b.service\nAfter=b.service\n"),
		"default.target": "[Unit]\nAllowIsolate=yes\nWants=c.service\nAfter=c.service\n",
	})
	w.interrupt()
	w.await("end")
	want := "pre-a a pre-b b pre-c c stop-c stop-b stop-a"
	if got := strings.Join(strings.Fields(w.file("order")), " "); got != want {
		t.Errorf("%s, want %s", got, want)
	}
	w.nothingLeft()
}

func TestReadinessIsSeenBeforeTheExit(t *testing.T) {
	units := map[string]string{"default.target": "[Unit]\nAllowIsolate=yes\n"}
	for i := range 40 {
		units[fmt.Sprintf("n%d.service", i)] = "[Service]\nType=notify\nExecStart=%SELF% service-ready READY=1\n"
	}
	w := boot(t, units)
	for i := range 40 {
		if result := w.do("Start", fmt.Sprintf("n%d.service", i)); result != "done" {
			t.Errorf("n%d.service: %s, its READY=1 was lost", i, result)
		}
	}
}

func TestNotifyServiceTellsItsStatus(t *testing.T) {
	w := boot(t, map[string]string{
		"n.service":      "[Service]\nType=notify\nExecStart=%SELF% service-wait READY=1 STATUS=fine\n",
		"default.target": "[Unit]\nAllowIsolate=yes\nWants=n.service\nAfter=n.service\n",
	})
	if text := w.get("n.service", "Service", "StatusText"); text != "fine" {
		t.Errorf("status %q", text)
	}
}

func TestForkingServiceIsAdopted(t *testing.T) {
	w := boot(t, map[string]string{
		"f.service": "[Service]\nType=forking\nPIDFile=%DIR%/f.pid\n" +
			"ExecStart=/bin/sh -c '(sleep 1000 & echo $! >%DIR%/f.pid)'\n",
		"g.service":      "[Service]\nType=forking\nExecStart=/bin/sh -c '(sleep 1000 &)'\n",
		"default.target": "[Unit]\nAllowIsolate=yes\nWants=f.service g.service\nAfter=f.service g.service\n",
	})
	pid, _ := strconv.Atoi(strings.TrimSpace(w.file("f.pid")))
	if got := w.mainPID("f.service"); got != pid || pid == 0 {
		t.Errorf("the main process of f.service is %d, want %d", got, pid)
	}
	guessed := w.mainPID("g.service")
	if guessed == 0 {
		t.Errorf("the main process of g.service was not guessed")
	}
	must(t, unix.Kill(pid, unix.SIGKILL))
	w.until("f.service has failed", func() bool { return w.active("f.service") == "failed" })
	if result := w.get("f.service", "Service", "Result"); result != "signal" {
		t.Errorf("result %v", result)
	}
	w.interrupt()
	w.await("end")
	w.nothingLeft(guessed)
}

func TestFailuresBeforeExecSayWhere(t *testing.T) {
	w := boot(t, map[string]string{
		"exec.service":   "[Service]\nType=exec\nExecStart=/no/such/program\n",
		"dir.service":    "[Service]\nType=exec\nWorkingDirectory=/no/such/directory\nExecStart=/bin/true\n",
		"user.service":   "[Service]\nType=exec\nUser=nobody-at-all\nExecStart=/bin/true\n",
		"env.service":    "[Service]\nType=exec\nEnvironmentFile=/no/such/file\nExecStart=/bin/true\n",
		"default.target": "[Unit]\nAllowIsolate=yes\n",
	})
	for name, want := range map[string]int32{"exec.service": 203, "dir.service": 200, "user.service": 217} {
		if result := w.do("Start", name); result != "failed" {
			t.Errorf("%s: job %s", name, result)
		}
		if status := w.get(name, "Service", "ExecMainStatus"); status != want {
			t.Errorf("%s: status %v, want %d", name, status, want)
		}
	}
	if result := w.do("Start", "env.service"); result != "failed" {
		t.Errorf("env.service: job %s", result)
	}
}

func TestEnvironmentAndCommandLine(t *testing.T) {
	w := boot(t, map[string]string{
		"env": "FROM_FILE=file\nBOTH=file\n",
		"a.service": "[Service]\nType=oneshot\nEnvironment=BOTH=unit WORDS=\"one two\"\nEnvironmentFile=%DIR%/env\n" +
			"ExecStart=/bin/sh -c 'echo $# $1 $2 $3 $FROM_FILE $BOTH $$INVOCATION_ID >%DIR%/out' sh $WORDS ${WORDS}\n",
		"default.target": "[Unit]\nAllowIsolate=yes\nRequires=a.service\nAfter=a.service\n",
	})
	f := strings.Fields(w.file("out"))
	if len(f) < 7 || !slices.Equal(f[:5], []string{"3", "one", "two", "one", "two"}) {
		t.Errorf("the service saw %q", f)
	}
}

func TestRuntimeDirectoryLastsAsLongAsItsService(t *testing.T) {
	w := boot(t, map[string]string{
		"a.service": "[Service]\nRuntimeDirectory=box\nType=notify\nNotifyAccess=all\n" +
			"ExecStart=/bin/sh -c 'touch $RUNTIME_DIRECTORY/x && exec %SELF% service-wait READY=1'\n",
		"default.target": "[Unit]\nAllowIsolate=yes\nWants=a.service\nAfter=a.service\n",
	})
	box := filepath.Join(w.layout.RunRoot, "box")
	if _, err := os.Stat(box + "/x"); err != nil {
		t.Error(err)
	}
	w.do("Stop", "a.service")
	if _, err := os.Stat(box); err == nil {
		t.Error("the runtime directory is left")
	}
}

func TestStopTakesEverythingThatTheServiceStarted(t *testing.T) {
	w := boot(t, map[string]string{
		"main": `trap "" TERM
setsid sh %DIR%/other &
while ! [ -s %DIR%/child ]; do :; done
%SELF% service-ready READY=1
wait
`,
		"other": `trap : TERM
echo $$ >%DIR%/child
while :; do sleep 100; done
`,
		"a.service":      "[Service]\nType=notify\nNotifyAccess=all\nTimeoutStopSec=1s\nExecStart=/bin/sh %DIR%/main\n",
		"default.target": "[Unit]\nAllowIsolate=yes\nWants=a.service\nAfter=a.service\n",
	})
	child, _ := strconv.Atoi(strings.TrimSpace(w.file("child")))
	main := w.mainPID("a.service")
	if child == 0 || main == 0 {
		t.Fatalf("child %d, main %d", child, main)
	}
	w.do("Stop", "a.service")
	for _, pid := range []int{child, main} {
		if _, _, _, state := procStat(pid); state != 0 && state != 'Z' {
			t.Errorf("process %d is left in state %c", pid, state)
		}
	}
}

func TestSecondInterruptKills(t *testing.T) {
	w := boot(t, map[string]string{
		"main": `trap : TERM
%SELF% service-ready READY=1
while :; do sleep 1000 & wait; done
`,
		"a.service":      "[Service]\nType=notify\nNotifyAccess=all\nTimeoutStopSec=infinity\nExecStart=/bin/sh %DIR%/main\n",
		"default.target": "[Unit]\nAllowIsolate=yes\nWants=a.service\nAfter=a.service\n",
	})
	pid := w.mainPID("a.service")
	w.interrupt()
	w.until("a.service is being stopped", func() bool { return w.active("a.service") == "deactivating" })
	w.interrupt()
	w.await("end")
	w.nothingLeft(pid)
}

func TestASecondManagerIsRefused(t *testing.T) {
	w := boot(t, map[string]string{"default.target": "[Unit]\nAllowIsolate=yes\n"})
	second := &world{t: t, dir: w.dir, layout: w.layout, out: newOutput(t)}
	must(t, os.Remove(filepath.Join(w.dir, ".ready")))
	second.start()
	if status := second.await("refusal"); status != 1 {
		t.Errorf("exit status %d", status)
	}
	if !strings.Contains(second.out.String(), "another manager answers") {
		t.Errorf("it said %q", second.out)
	}
	if w.active("default.target") != "active" {
		t.Error("the first one suffered")
	}
}

func TestServicesCostNoThreadsAndFewDescriptors(t *testing.T) {
	const n = 60
	units, wants := map[string]string{}, ""
	for i := range n {
		name := fmt.Sprintf("s%d.service", i)
		units[name] = "[Service]\nExecStart=/bin/sleep 1000\n"
		wants += "Wants=" + name + "\nAfter=" + name + "\n"
	}
	units["default.target"] = "[Unit]\nAllowIsolate=yes\n"
	units["all.target"] = "[Unit]\n" + wants
	w := boot(t, units)
	threads, descriptors := cost(t, w.cmd.Process.Pid)
	if result := w.do("Start", "all.target"); result != "done" {
		t.Fatal(result)
	}
	w.call("GetUnit", "s0.service") //nolint:errcheck // a turn of the loop, so that nothing is in flight
	threadsThen, descriptorsThen := cost(t, w.cmd.Process.Pid)
	if more := threadsThen - threads; more > 4 {
		t.Errorf("%d services made %d threads", n, more)
	}
	if more := descriptorsThen - descriptors; more > 2*n+8 {
		t.Errorf("%d services made %d descriptors", n, more)
	}
}

func cost(t *testing.T, pid int) (threads, descriptors int) {
	t.Helper()
	tasks, err := os.ReadDir(fmt.Sprintf("/proc/%d/task", pid))
	must(t, err)
	fds, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", pid))
	must(t, err)
	return len(tasks), len(fds)
}
