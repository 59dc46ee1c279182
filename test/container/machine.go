package container

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// Config says how to boot a machine.
type Config struct {
	Image string            // directory of the root (Image)
	Init  string            // path in the machine of PID 1, with arguments; "/sbin/init" is davit where Davit is set
	Davit string            // path of the davit binary to copy in, with its names; empty for none
	Files map[string]string // more files for the root, by path below it
	Args  []string          // more arguments of systemd-nspawn
}

// Machine is a booted container.
type Machine struct {
	t       testing.TB
	PID     int // of its PID 1, as the host sees it
	Cgroup  *Cgroup
	outer   *exec.Cmd     // systemd-nspawn, or what made the namespaces
	ended   chan struct{} // closed when outer has been waited for
	console string        // file with what the console showed
}

var serial atomic.Int32

// Boot starts a machine; the test's cleanup ends it. It returns once PID 1 runs its program.
func Boot(t testing.TB, cfg Config) *Machine {
	t.Helper()
	name := fmt.Sprintf("davit-test-%d-%d", os.Getpid(), serial.Add(1))
	group, err := NewCgroup(name)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	m := &Machine{t: t, Cgroup: group, ended: make(chan struct{}), console: filepath.Join(dir, "console")}
	t.Cleanup(m.Close)
	layer := filepath.Join(dir, "layer")
	if err := writeLayer(layer, cfg); err != nil {
		t.Fatal(err)
	}
	if err := m.start(name, dir, layer, cfg); err != nil {
		t.Fatal(err)
	}
	Wait(t, 30*time.Second, "PID 1 of the machine", m.findPID1)
	return m
}

// writeLayer makes the directory that lies over the image: davit under its names, and the files of cfg.
func writeLayer(layer string, cfg Config) error {
	if err := os.MkdirAll(layer, 0o755); err != nil {
		return err
	}
	if cfg.Davit != "" {
		bin := filepath.Join(layer, "usr/bin")
		sbin := filepath.Join(layer, "usr/sbin")
		if err := errors.Join(os.MkdirAll(bin, 0o755), os.MkdirAll(sbin, 0o755), copyFile(cfg.Davit, filepath.Join(bin, "davit")),
			os.Symlink("davit", filepath.Join(bin, "davitd")), os.Symlink("davit", filepath.Join(bin, "davitctl")),
			os.Symlink("../bin/davit", filepath.Join(sbin, "init"))); err != nil {
			return fmt.Errorf("cannot copy davit in: %w", err)
		}
	}
	for name, text := range cfg.Files {
		file := filepath.Join(layer, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o755), os.WriteFile(file, []byte(text), 0o644)); err != nil {
			return fmt.Errorf("cannot write %s: %w", name, err)
		}
	}
	return nil
}

// copyFile copies an executable.
func copyFile(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o755)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Close())
}

// start runs systemd-nspawn in a mount namespace of its own, on an overlay whose writable side is memory.
func (m *Machine) start(name, dir, layer string, cfg Config) error {
	mnt := filepath.Join(dir, "root")
	script := "set -e\n" + m.Cgroup.join() + `
mkdir -p "$MNT"
mount -t tmpfs -o mode=755 tmpfs /run # systemd-nspawn leaves directories there
mount -t tmpfs -o mode=755 tmpfs "$MNT"
mkdir "$MNT/up" "$MNT/work" "$MNT/root"
mount -t overlay -o "lowerdir=$LAYER:$IMAGE,upperdir=$MNT/up,workdir=$MNT/work" overlay "$MNT/root"
exec systemd-nspawn -q -D "$MNT/root" --keep-unit --register=no --machine="$NAME" --private-network \
	--kill-signal=SIGRTMIN+3 --resolv-conf=off --timezone=off --console=pipe "$@"
`
	console, err := os.Create(m.console)
	if err != nil {
		return err
	}
	defer console.Close()
	args := append([]string{"-c", script, "sh"}, cfg.Args...)
	m.outer = exec.Command("sh", append(args, strings.Fields(cfg.Init)...)...)
	m.outer.Env = append(os.Environ(), "MNT="+mnt, "LAYER="+layer, "IMAGE="+cfg.Image, "NAME="+name)
	if cfg.Davit != "" { // it would look for systemd's libraries in the image, and give one without them no version 2 tree
		m.outer.Env = append(m.outer.Env, "SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=1")
	}
	m.outer.Stdout, m.outer.Stderr = console, console
	m.outer.SysProcAttr = &syscall.SysProcAttr{Unshareflags: syscall.CLONE_NEWNS}
	if err := m.outer.Start(); err != nil {
		return fmt.Errorf("cannot start systemd-nspawn: %w", err)
	}
	go func() { _ = m.outer.Wait(); close(m.ended) }()
	return nil
}

// findPID1 looks for the process that is number 1 of its own namespace and already is a program of the machine.
func (m *Machine) findPID1() error {
	select {
	case <-m.ended:
		m.t.Fatalf("the machine ended early:\n%s", m.Console())
	default:
	}
	for _, pid := range m.Cgroup.Processes() {
		status, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
		for line := range strings.Lines(string(status)) {
			words := strings.Fields(line)
			if len(words) < 3 || words[0] != "NSpid:" || words[len(words)-1] != "1" {
				continue
			}
			exe, err := os.Readlink(fmt.Sprintf("/proc/%d/exe", pid))
			args, _ := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
			if err == nil && !strings.Contains(exe, "nspawn") && !strings.Contains(string(args), machineScriptName) {
				m.PID = pid
				return nil
			}
		}
	}
	return errors.New("there is none yet")
}

// Console returns what the machine has written on its console so far.
func (m *Machine) Console() string {
	text, _ := os.ReadFile(m.console)
	return string(text)
}

// Path returns where the host sees the machine's file name.
func (m *Machine) Path(name string) string {
	return filepath.Join("/proc", strconv.Itoa(m.PID), "root", name)
}

// Command returns a command that runs in all of the machine's namespaces.
func (m *Machine) Command(ctx context.Context, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, "nsenter", append([]string{"-t", strconv.Itoa(m.PID), "-a", "--"}, args...)...)
	cmd.Env = []string{"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG=C.UTF-8", "HOME=/root", "PAGER=cat"}
	cmd.WaitDelay = time.Second
	return cmd
}

// Run runs a command in the machine, for at most a minute, and returns what it printed on both streams.
func (m *Machine) Run(args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	var out bytes.Buffer
	cmd := m.Command(ctx, args...)
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Run(); err != nil {
		return out.String(), fmt.Errorf("%s: %w: %s", strings.Join(args, " "), err, strings.TrimSpace(out.String()))
	}
	return out.String(), nil
}

// Must is Run for a command that has to succeed.
func (m *Machine) Must(args ...string) string {
	m.t.Helper()
	out, err := m.Run(args...)
	if err != nil {
		m.t.Fatalf("%v\nconsole:\n%s", err, m.Console())
	}
	return out
}

// Ended says whether the machine is down.
func (m *Machine) Ended() bool {
	select {
	case <-m.ended:
		return true
	default:
		return false
	}
}

// PowerOff asks PID 1 to power off, as systemd-nspawn does (SIGRTMIN+4), and waits for the end.
func (m *Machine) PowerOff(limit time.Duration) {
	m.t.Helper()
	const sigrtmin = 34
	if err := syscall.Kill(m.PID, syscall.Signal(sigrtmin+4)); err != nil {
		m.t.Fatalf("cannot signal PID 1: %v", err)
	}
	select {
	case <-m.ended:
	case <-time.After(limit):
		m.t.Fatalf("the machine still runs %v after it was told to power off:\n%s", limit, m.Console())
	}
}

// Close ends the machine at once and removes what it made on the host.
func (m *Machine) Close() {
	if err := m.Cgroup.Kill(); err != nil {
		m.t.Errorf("cannot end the machine: %v", err)
	}
	if m.outer != nil && m.outer.Process != nil {
		<-m.ended
	}
	if err := m.Cgroup.Remove(); err != nil {
		m.t.Errorf("cannot remove the machine's cgroup: %v", err)
	}
	if m.t.Failed() {
		m.t.Logf("console:\n%s", m.Console())
	}
}
