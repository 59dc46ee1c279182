package test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"davit/host"
	"davit/test/container"
)

// sample is the sample system, run as `make run` does, in a copy of the parts of the tree that it needs.
type sample struct {
	t      *testing.T
	top    string // of the copy
	net    string // the network namespace that all its processes share, empty without root
	run    *exec.Cmd
	ended  chan struct{}
	output string
}

// sampleUser is the ordinary user of the test when it runs as root.
const sampleUser = 59998

// startSample boots it, as root or as an ordinary user, in a network namespace of its own when that can be had.
func startSample(t *testing.T, root bool) *sample {
	t.Helper()
	top, err := container.Top()
	if err != nil {
		t.Fatal(err)
	}
	dir, err := os.MkdirTemp("", "davit-sample-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	s := &sample{t: t, top: dir, ended: make(chan struct{}), output: filepath.Join(dir, "output")}
	copying := `set -e
cd "$1" && mkdir bin docs
cp "$2" bin/davit && ln -s davit bin/davitd && ln -s davit bin/davitctl
cp -a "$3/docs/examples" docs/
if [ "$(id -u)" = 0 ]; then chown -R "$4:$4" .; fi`
	owner := 0
	if !root {
		owner = sampleUser
	}
	if out, err := exec.Command("sh", "-c", copying, "sh", dir, container.Binary(t), top, fmt.Sprint(owner)).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	command := `exec docs/examples/run`
	attr := &syscall.SysProcAttr{Setsid: true}
	if os.Geteuid() == 0 {
		attr.Unshareflags = syscall.CLONE_NEWNET
		command = "ip link set lo up\n" + command
		if !root {
			command = fmt.Sprintf("ip link set lo up\nexec setpriv --reuid=%d --regid=%d --clear-groups docs/examples/run", owner, owner)
		}
	}
	s.run = exec.Command("sh", "-c", command)
	s.run.Dir, s.run.SysProcAttr = dir, attr
	s.run.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + dir}
	out, err := os.Create(s.output)
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	s.run.Stdout, s.run.Stderr = out, out
	if err := s.run.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { _ = s.run.Wait(); close(s.ended) }()
	t.Cleanup(s.close)
	if os.Geteuid() == 0 {
		s.net, err = os.Readlink(fmt.Sprintf("/proc/%d/ns/net", s.run.Process.Pid))
		if err != nil {
			t.Fatal(err)
		}
	}
	return s
}

// processes are those of the sample's network namespace.
func (s *sample) processes() []string {
	var all []string
	links, _ := filepath.Glob("/proc/[0-9]*/ns/net")
	for _, link := range links {
		if net, err := os.Readlink(link); err == nil && net == s.net && s.net != "" {
			args, _ := os.ReadFile(filepath.Join(filepath.Dir(filepath.Dir(link)), "cmdline"))
			all = append(all, strings.ReplaceAll(string(args), "\x00", " "))
		}
	}
	return all
}

// ctl runs one of the commands that the sample prints.
func (s *sample) ctl(args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	var out bytes.Buffer
	cmd := exec.CommandContext(ctx, "bin/davitctl", append([]string{"--directory", "bin/sample"}, args...)...)
	cmd.Dir = s.top
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Run(); err != nil {
		return out.String(), fmt.Errorf("davitctl %s: %w: %s", strings.Join(args, " "), err, out.String())
	}
	return out.String(), nil
}

// must is ctl for a command that has to succeed.
func (s *sample) must(args ...string) string {
	s.t.Helper()
	out, err := s.ctl(args...)
	if err != nil {
		text, _ := os.ReadFile(s.output)
		s.t.Fatalf("%v\nmake run said:\n%s", err, text)
	}
	return out
}

// await waits until a unit's property has the value.
func (s *sample) await(unit, property, value string) {
	s.t.Helper()
	container.Wait(s.t, 30*time.Second, unit+" "+property+"="+value, func() error {
		out, err := s.ctl("show", "-p", property, "--value", unit)
		if err == nil && strings.TrimSpace(out) != value {
			err = errors.New(property + "=" + out)
		}
		return err
	})
}

// close ends a sample that the test did not.
func (s *sample) close() {
	_ = syscall.Kill(-s.run.Process.Pid, syscall.SIGINT)
	select {
	case <-s.ended:
	case <-time.After(20 * time.Second):
		_ = syscall.Kill(-s.run.Process.Pid, syscall.SIGKILL)
		<-s.ended
	}
	if s.t.Failed() {
		text, _ := os.ReadFile(s.output)
		s.t.Logf("make run said:\n%s", text)
	}
}

func TestSampleAsRoot(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("SKIP: the sample system as root needs root")
	}
	testSample(t, true)
}

func TestSampleAsOrdinaryUser(t *testing.T) { testSample(t, false) }

func testSample(t *testing.T, root bool) {
	s := startSample(t, root)
	s.await("harbour.target", "ActiveState", "active")
	for _, unit := range []string{
		"tide.service", "lighthouse.service", "crane.service", "ferry.service", "pilot.service", "customs.service",
		"buoy@north.service", "buoy@south.service", "radio.socket",
	} {
		s.await(unit, "ActiveState", "active")
	}
	s.await("storm.service", "ConditionResult", "no")
	tree := s.must("status")
	want := []string{"crane.service", "buoy@north.service"}
	if root {
		want = append(want, "dock.slice") // there are no slices without cgroups
	}
	for _, want := range want {
		if !strings.Contains(tree, want) {
			t.Errorf("the tree lacks %s:\n%s", want, tree)
		}
	}
	s.radio()
	s.control()
	s.leaveNothing()
}

// radio calls the socket-activated service.
func (s *sample) radio() {
	s.t.Helper()
	call := []string{"timeout", "10", "bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/7416; echo ahoy >&3; cat <&3"}
	if s.net != "" {
		call = append([]string{"nsenter", "-t", fmt.Sprint(s.run.Process.Pid), "-n", "--"}, call...)
	}
	out, err := exec.Command(call[0], call[1:]...).CombinedOutput()
	if err != nil || !strings.Contains(string(out), "you said: ahoy") {
		s.t.Errorf("the radio answers %q, %v", out, err)
	}
}

// control goes through the commands that the sample prints.
func (s *sample) control() {
	t := s.t
	t.Helper()
	if plan := s.must("plan", "stop", "crane.service"); !strings.Contains(plan, "ferry.service") {
		t.Errorf("the plan to stop the crane does not stop the ferry:\n%s", plan)
	}
	s.await("ferry.service", "ActiveState", "active") // a plan performs nothing
	before := s.must("show", "-p", "MainPID", "--value", "ferry.service")
	s.must("restart", "crane.service")
	if after := s.must("show", "-p", "MainPID", "--value", "ferry.service"); after == before {
		t.Errorf("the ferry kept its main process %s over the restart of what it requires", strings.TrimSpace(before))
	}
	s.must("start", "buoy@east.service")
	s.await("buoy@east.service", "ActiveState", "active")
	s.must("reload", "customs.service")
	container.Wait(t, 10*time.Second, "the reload in the log", func() error {
		out, err := s.ctl("logs", "-u", "customs.service")
		return errors.Join(err, container.Contains(out, "rules read again"))
	})
	pid := s.must("show", "-p", "MainPID", "--value", "lighthouse.service")
	s.must("kill", "-s", "KILL", "lighthouse.service")
	container.Wait(t, 10*time.Second, "the lighthouse to come back", func() error {
		now, err := s.ctl("show", "-p", "MainPID", "--value", "lighthouse.service")
		if err == nil && (now == pid || now == "0\n") {
			err = errors.New("MainPID=" + now)
		}
		return err
	})
	container.Wait(t, 20*time.Second, "the gull to be started again", func() error {
		out, err := s.ctl("show", "-p", "NRestarts", "--value", "gull.service")
		if err == nil && strings.TrimSpace(out) == "0" {
			err = errors.New("NRestarts=0")
		}
		return err
	})
	if why := s.must("why", "gull.service"); !strings.Contains(why, "restart") && !strings.Contains(why, "Restart") {
		t.Errorf("why does not tell of the restart:\n%s", why)
	}
}

// leaveNothing presses Ctrl-C and looks for what is left: a process, a file, a socket, a cgroup.
func (s *sample) leaveNothing() {
	t := s.t
	t.Helper()
	if err := syscall.Kill(-s.run.Process.Pid, syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	select {
	case <-s.ended:
	case <-time.After(30 * time.Second):
		t.Fatalf("still running 30 s after Ctrl-C: %v", s.processes())
	}
	if left := s.processes(); len(left) > 0 {
		t.Errorf("processes are left: %v", left)
	}
	layout := host.DirectoryLayout(filepath.Join(s.top, "bin/sample"))
	for _, path := range []string{layout.Dir, layout.Runtime} {
		if _, err := os.Lstat(path); err == nil {
			t.Errorf("%s is left", path)
		}
	}
	mounts, _ := container.Hierarchies()
	for _, mount := range mounts {
		found, _ := exec.Command("find", mount, "-type", "d", "-name", "*"+layout.ID()+"*").Output()
		if len(found) > 0 {
			t.Errorf("cgroups are left: %s", found)
		}
	}
}
