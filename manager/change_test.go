package manager

import (
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"golang.org/x/sys/unix"
)

const echoService = "[Service]\nExecStart=%SELF% service-echo\nRestart=always\nRestartSec=0\n"

func TestTrafficStartsAService(t *testing.T) {
	w := boot(t, map[string]string{
		"e.socket":       "[Socket]\nListenStream=%DIR%/e.sock\n",
		"e.service":      echoService,
		"default.target": "[Unit]\nAllowIsolate=yes\nWants=e.socket\nAfter=e.socket\n",
	})
	if state := w.active("e.service"); state != "inactive" {
		t.Fatalf("e.service is %s before any traffic", state)
	}
	path := filepath.Join(w.dir, "e.sock")
	first := ask(t, path)
	if pid := w.mainPID("e.service"); first != strconv.Itoa(pid) {
		t.Errorf("process %s answered, the service has %d", first, pid)
	}
	pid, _ := strconv.Atoi(first)
	must(t, unix.Kill(pid, unix.SIGKILL)) // the socket stays bound while the service restarts
	if second := ask(t, path); second == first {
		t.Errorf("process %s answered after its death", second)
	}
	w.interrupt()
	w.await("end")
	w.nothingLeft()
}

func TestEachConnectionGetsAnInstance(t *testing.T) {
	w := boot(t, map[string]string{
		"i.socket":       "[Socket]\nListenStream=%DIR%/i.sock\nAccept=yes\n",
		"i@.service":     "[Service]\nExecStart=/bin/sh -c 'echo $$LISTEN_FDNAMES' \nStandardInput=socket\nStandardOutput=socket\n",
		"default.target": "[Unit]\nAllowIsolate=yes\nWants=i.socket\nAfter=i.socket\n",
	})
	for range 3 {
		if got := ask(t, filepath.Join(w.dir, "i.sock")); got != "connection\n" {
			t.Errorf("it said %q", got)
		}
	}
	if n := w.get("i.socket", "Socket", "NAccepted"); n != uint32(3) {
		t.Errorf("%v connections were accepted", n)
	}
}

func TestStoredDescriptorsComeBack(t *testing.T) {
	w := boot(t, map[string]string{
		"s.service":      "[Service]\nType=notify\nFileDescriptorStoreMax=4\nRestart=always\nRestartSec=0\nExecStart=%SELF% service-store\n",
		"default.target": "[Unit]\nAllowIsolate=yes\nWants=s.service\nAfter=s.service\n",
	})
	first := w.mainPID("s.service")
	must(t, unix.Kill(first, unix.SIGKILL))
	w.until("s.service has come back", func() bool {
		return w.mainPID("s.service") != first && w.active("s.service") == "active"
	})
	if names := w.get("s.service", "Service", "StatusText"); names != "chest" {
		t.Errorf("it got the descriptors %q", names)
	}
}

func TestReloadReadsFilesAnew(t *testing.T) {
	w := boot(t, map[string]string{
		"a.service":      "[Unit]\nDescription=old\n[Service]\nExecStart=/bin/sleep 1000\n",
		"default.target": "[Unit]\nAllowIsolate=yes\nWants=a.service\nAfter=a.service\n",
	})
	pid := w.mainPID("a.service")
	w.write(map[string]string{"a.service": "[Unit]\nDescription=new\n[Service]\nExecStart=/bin/sleep 1000\n"})
	if _, err := w.call("Reload"); err != nil {
		t.Fatal(err)
	}
	if text := w.get("a.service", "Unit", "Description"); text != "new" {
		t.Errorf("description %q", text)
	}
	if again := w.mainPID("a.service"); again != pid {
		t.Errorf("process %d became %d", pid, again)
	}
}

func TestReexecutionDisturbsNobody(t *testing.T) {
	w := boot(t, map[string]string{
		"a.service":      "[Service]\nExecStart=/bin/sleep 1000\nRestart=always\nRestartSec=0\n",
		"e.socket":       "[Socket]\nListenStream=%DIR%/e.sock\n",
		"e.service":      echoService,
		"s.service":      "[Service]\nType=notify\nFileDescriptorStoreMax=4\nRestart=always\nRestartSec=0\nExecStart=%SELF% service-store\n",
		"default.target": "[Unit]\nAllowIsolate=yes\nWants=a.service e.socket s.service\nAfter=a.service e.socket s.service\n",
	})
	pid, keeper := w.mainPID("a.service"), w.mainPID("s.service")
	for range 3 {
		if _, err := w.call("Reexecute"); err != nil {
			t.Fatal(err)
		}
		if again := w.mainPID("a.service"); again != pid {
			t.Fatalf("process %d became %d", pid, again)
		}
	}
	ask(t, filepath.Join(w.dir, "e.sock"))
	must(t, unix.Kill(pid, unix.SIGKILL))
	w.until("a.service has come back", func() bool { p := w.mainPID("a.service"); return p != 0 && p != pid })
	must(t, unix.Kill(keeper, unix.SIGKILL))
	w.until("s.service has come back", func() bool {
		return w.mainPID("s.service") != keeper && w.active("s.service") == "active"
	})
	if names := w.get("s.service", "Service", "StatusText"); names != "chest" {
		t.Errorf("it got the descriptors %q", names)
	}
	if result := w.do("Stop", "a.service"); result != "done" {
		t.Errorf("stop: %s", result)
	}
	w.interrupt()
	if status := w.await("end"); status != 0 {
		t.Errorf("exit status %d", status)
	}
	w.nothingLeft(pid)
}

func TestSignalsBeforeAReexecutionAreNotLost(t *testing.T) {
	w := boot(t, map[string]string{
		"a.service":      "[Service]\nExecStart=/bin/sleep 1000\n",
		"default.target": "[Unit]\nAllowIsolate=yes\nWants=a.service\nAfter=a.service\n",
	})
	pid := w.mainPID("a.service")
	for _, n := range []unix.Signal{unix.SIGSTOP, rtmin + 25, unix.SIGTERM, unix.SIGCONT} {
		must(t, w.cmd.Process.Signal(n))
	}
	if status := w.await("end"); status != 0 {
		t.Errorf("exit status %d", status)
	}
	w.nothingLeft(pid)
}

func TestAKilledManagersServicesDoNotRunTwice(t *testing.T) {
	w := boot(t, map[string]string{
		"a.service":      "[Service]\nExecStart=/bin/sleep 1000\n",
		"default.target": "[Unit]\nAllowIsolate=yes\nWants=a.service\nAfter=a.service\n",
	})
	first := w.mainPID("a.service")
	if w.get("a.service", "Service", "ControlGroup") == "" {
		must(t, unix.Kill(first, unix.SIGKILL))
		t.Skip("SKIP: no cgroups here, so nothing tells what an earlier manager left")
	}
	must(t, w.cmd.Process.Kill())
	w.await("death")
	must(t, os.Remove(filepath.Join(w.dir, ".ready")))
	again := &world{t: t, dir: w.dir, layout: w.layout, out: newOutput(t)}
	again.start()
	again.awaitReady()
	again.dial()
	if _, _, _, state := procStat(first); state != 0 && state != 'Z' {
		t.Errorf("process %d of the earlier manager runs on", first)
	}
	if again.active("a.service") != "active" {
		t.Error("a.service does not run again")
	}
}
