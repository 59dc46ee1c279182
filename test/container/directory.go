package container

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Directory is davit in directory mode on this machine, in a cgroup of its own when root.
type Directory struct {
	t      testing.TB
	Dir    string
	PID    int
	Cgroup *Cgroup // nil without root
	davit  string
	cmd    *exec.Cmd
	ended  chan struct{}
	output string
}

// StartDirectory writes the given unit files (by name) to a new directory, starts davit there and waits until it
// answers. The test's cleanup ends it.
func StartDirectory(t testing.TB, units map[string]string) *Directory {
	t.Helper()
	d := &Directory{t: t, Dir: filepath.Join(t.TempDir(), "units"), davit: Binary(t), ended: make(chan struct{})}
	d.output = filepath.Join(filepath.Dir(d.Dir), "output")
	for name, text := range units {
		file := filepath.Join(d.Dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	join := ""
	if os.Geteuid() == 0 {
		group, err := NewCgroup(fmt.Sprintf("davit-test-%d-%d", os.Getpid(), serial.Add(1)))
		if err != nil {
			t.Fatal(err)
		}
		d.Cgroup = group
		join = group.join()
	}
	t.Cleanup(d.close)
	output, err := os.Create(d.output)
	if err != nil {
		t.Fatal(err)
	}
	defer output.Close()
	d.cmd = exec.Command("sh", "-c", "set -e\n"+join+`exec "$0" --directory "$1"`, d.davit, d.Dir)
	d.cmd.Args[0] = "sh"
	d.cmd.Stdout, d.cmd.Stderr = output, output
	d.cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := d.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	d.PID = d.cmd.Process.Pid
	go func() { _ = d.cmd.Wait(); close(d.ended) }()
	Wait(t, 20*time.Second, "davit to answer", func() error {
		if d.Ended() {
			t.Fatalf("davit ended early:\n%s", d.Output())
		}
		_, err := d.Ctl("list-jobs")
		return err
	})
	return d
}

// Ended says whether davit has ended.
func (d *Directory) Ended() bool {
	select {
	case <-d.ended:
		return true
	default:
		return false
	}
}

// Output returns what davit has printed so far.
func (d *Directory) Output() string {
	text, _ := os.ReadFile(d.output)
	return string(text)
}

// Ctl runs davitctl with the arguments and returns what it printed on both streams.
func (d *Directory) Ctl(args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	var out bytes.Buffer
	cmd := exec.CommandContext(ctx, d.davit, append([]string{"ctl", "--directory", d.Dir}, args...)...)
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Run(); err != nil {
		return out.String(), fmt.Errorf("davitctl %s: %w: %s", strings.Join(args, " "), err, strings.TrimSpace(out.String()))
	}
	return out.String(), nil
}

// Must is Ctl for a command that has to succeed.
func (d *Directory) Must(args ...string) string {
	d.t.Helper()
	out, err := d.Ctl(args...)
	if err != nil {
		d.t.Fatalf("%v\ndavit said:\n%s", err, d.Output())
	}
	return out
}

// Property returns a property of a unit, as show prints it.
func (d *Directory) Property(unit, name string) string {
	out, err := d.Ctl("show", "-p", name, "--value", unit)
	if err != nil {
		return err.Error()
	}
	return strings.TrimSpace(out)
}

// Await waits until a unit's property has the value.
func (d *Directory) Await(unit, name, value string) {
	d.t.Helper()
	Wait(d.t, 30*time.Second, unit+" "+name+"="+value, func() error {
		if got := d.Property(unit, name); got != value {
			return fmt.Errorf("%s=%s", name, got)
		}
		return nil
	})
}

// MainPID returns the main process of a unit; it must have one.
func (d *Directory) MainPID(unit string) int {
	d.t.Helper()
	pid, err := strconv.Atoi(d.Property(unit, "MainPID"))
	if err != nil || pid == 0 {
		d.t.Fatalf("%s has no main process: %d %v", unit, pid, err)
	}
	return pid
}

// Interrupt asks davit to stop everything, as Ctrl-C does, and waits for its end.
func (d *Directory) Interrupt(limit time.Duration) {
	d.t.Helper()
	if err := syscall.Kill(d.PID, syscall.SIGINT); err != nil {
		d.t.Fatal(err)
	}
	select {
	case <-d.ended:
	case <-time.After(limit):
		d.t.Fatalf("davit still runs %v after SIGINT:\n%s", limit, d.Output())
	}
}

// close ends davit and everything below it.
func (d *Directory) close() {
	if d.cmd != nil && d.cmd.Process != nil && !d.Ended() {
		_ = syscall.Kill(d.PID, syscall.SIGINT)
		select {
		case <-d.ended:
		case <-time.After(20 * time.Second):
			_ = syscall.Kill(d.PID, syscall.SIGKILL)
			<-d.ended
		}
	}
	if d.Cgroup != nil {
		if err := d.Cgroup.Kill(); err != nil {
			d.t.Errorf("cannot end what is left: %v", err)
		}
		if err := d.Cgroup.Remove(); err != nil {
			d.t.Errorf("cannot remove the cgroup: %v", err)
		}
	}
	if d.t.Failed() {
		d.t.Logf("davit said:\n%s", d.Output())
	}
}
