package test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"davit/test/container"
)

// stockPackages are Debian's packages whose units must work as they are.
var stockPackages = []string{"nginx-light", "redis-server", "cron", "openssh-server", "memcached", "dbus", "procps"}

// stock is one service of Debian: a real request to it, and what its unit file promises.
type stock struct {
	name    string
	request []string // a command that fails unless the service answers
	answer  string   // what the command's output contains
	restart bool     // the unit has a Restart= that brings the main process back after kill -9
	reload  bool     // the unit has an ExecReload=
	socket  string   // the socket unit that would start it again at the next request
}

// bashTCP is a command that sends text to a local port and prints what comes back.
func bashTCP(port int, text string) []string {
	return []string{"timeout", "10", "bash", "-c", fmt.Sprintf("exec 3<>/dev/tcp/127.0.0.1/%d; printf '%s' >&3; cat <&3", port, text)}
}

var stockServices = []stock{
	{
		name:    "nginx.service",
		request: bashTCP(80, `GET / HTTP/1.0\r\nHost: localhost\r\n\r\n`), answer: "Welcome to nginx",
		reload: true,
	},
	{
		name:    "redis-server.service",
		request: []string{"redis-cli", "set", "davit", "swings"}, answer: "OK",
		restart: true,
	},
	{
		name:    "cron.service",
		request: []string{"cat", "/run/cron-ran"}, answer: "ran",
		restart: true,
	},
	{
		name: "ssh.service",
		request: []string{
			"ssh", "-i", "/root/key", "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", "-o", "BatchMode=yes",
			"root@127.0.0.1", "echo logged in",
		}, answer: "logged in",
		restart: true, reload: true,
	},
	{
		name:    "memcached.service",
		request: bashTCP(11211, `version\r\nquit\r\n`), answer: "VERSION",
		restart: true,
	},
	{
		name:    "dbus.service",
		request: []string{"dbus-send", "--system", "--print-reply", "--dest=org.freedesktop.DBus", "/", "org.freedesktop.DBus.ListNames"},
		answer:  "org.freedesktop.DBus",
		reload:  true, socket: "dbus.socket",
	},
}

// control is a booted machine with the command that controls its PID 1: systemctl or davitctl.
type control struct {
	*container.Machine
	ctl     string
	cgroups bool // the manager can make cgroups there
}

// state returns a property of a unit, as show prints it.
func (c control) state(unit, property string) string {
	out, err := c.Run(c.ctl, "show", "-p", property, "--value", unit)
	if err != nil {
		return err.Error()
	}
	return strings.TrimSpace(out)
}

// await waits until a unit's property has the value.
func (c control) await(t *testing.T, unit, property, value string) {
	t.Helper()
	container.Wait(t, 60*time.Second, unit+" "+property+"="+value, func() error {
		if got := c.state(unit, property); got != value {
			return fmt.Errorf("%s=%s", property, got)
		}
		return nil
	})
}

// serves waits until the service answers a real request.
func (c control) serves(t *testing.T, s stock) {
	t.Helper()
	container.Wait(t, 30*time.Second, "an answer of "+s.name, func() error {
		out, err := c.Run(s.request...)
		return errors.Join(err, container.Contains(out, s.answer))
	})
}

// leftNothing checks that a unit's cgroup was its own and has no process any more.
func (c control) leftNothing(t *testing.T, name, group string) {
	t.Helper()
	if !strings.HasSuffix(group, "/"+name) {
		t.Errorf("the cgroup was %q, want one with the unit's name", group)
	}
	procs := "/sys/fs/cgroup/unified" + group + "/cgroup.procs /sys/fs/cgroup" + group + "/cgroup.procs"
	if out, _ := c.Run("sh", "-c", "cat "+procs+" 2>/dev/null"); strings.TrimSpace(out) != "" {
		t.Errorf("processes are left in %s: %s", group, out)
	}
}

// bootStock boots Debian with the stock packages under the given PID 1 and waits for multi-user.target.
func bootStock(t *testing.T, davit bool) control {
	t.Helper()
	container.Need(t)
	cfg := container.Config{Files: map[string]string{
		"etc/cron.d/ran": "@reboot root echo ran >/run/cron-ran\n",
	}}
	ctl := "systemctl"
	if davit {
		ctl = "davitctl"
		cfg.Image = container.Image(t, stockPackages...)
		cfg.Davit, cfg.Init = container.Binary(t), "/sbin/init"
	} else {
		cfg.Image = container.Image(t, append([]string{"systemd", "systemd-sysv"}, stockPackages...)...)
		cfg.Init = "/lib/systemd/systemd"
	}
	c := control{container.Boot(t, cfg), ctl, true}
	c.await(t, "multi-user.target", "ActiveState", "active")
	c.Must("sh", "-c", "mkdir -m 700 -p /root/.ssh && ssh-keygen -q -t ed25519 -N '' -f /root/key && cp /root/key.pub /root/.ssh/authorized_keys")
	return c
}

// testStock runs the whole story for every stock service, then powers the machine off.
func testStock(t *testing.T, davit bool) {
	c := bootStock(t, davit)
	for _, s := range stockServices {
		t.Run(s.name, func(t *testing.T) { testService(t, c, s) })
	}
	t.Run("ssh.socket", func(t *testing.T) { testSSHSocket(t, c) })
	c.PowerOff(60 * time.Second)
}

// testService is the story of one service after the boot.
func testService(t *testing.T, c control, s stock) {
	if got := c.state(s.name, "ActiveState"); got != "active" {
		status, _ := c.Run(c.ctl, "status", "-n", "60", s.name)
		why, _ := c.Run(c.ctl, "why", s.name)
		t.Fatalf("not started by the boot: %s\n%s\n%s", got, status, why)
	}
	c.serves(t, s)
	testReload(t, c, s)
	testKill(t, c, s)
	testStop(t, c, s)
}

// testReload reloads, which keeps the main process, or is refused where the unit says nothing about it.
func testReload(t *testing.T, c control, s stock) {
	before := c.state(s.name, "MainPID")
	out, err := c.Run(c.ctl, "reload", s.name)
	if !s.reload {
		if err == nil {
			t.Errorf("reload of a unit without ExecReload= succeeds: %s", out)
		}
		return
	}
	if err != nil {
		t.Errorf("cannot reload: %v", err)
	}
	if after := c.state(s.name, "MainPID"); after != before {
		t.Errorf("reload changed the main process from %s to %s", before, after)
	}
	c.serves(t, s)
}

// testKill kills the main process: a unit with Restart= comes back with another one, any other is failed until started.
func testKill(t *testing.T, c control, s stock) {
	before := c.state(s.name, "MainPID")
	c.Must("kill", "-9", before)
	if s.restart {
		container.Wait(t, 30*time.Second, "another main process", func() error {
			if pid := c.state(s.name, "MainPID"); pid == before || pid == "0" {
				return fmt.Errorf("MainPID=%s", pid)
			}
			return nil
		})
		c.await(t, s.name, "ActiveState", "active")
	} else {
		c.await(t, s.name, "ActiveState", "failed")
		if got := c.state(s.name, "Result"); got != "signal" {
			t.Errorf("after kill -9 the result is %s, want signal", got)
		}
		c.Must(c.ctl, "start", s.name)
	}
	c.serves(t, s)
}

// testStop stops the service and starts it again; nothing of it is left in between.
func testStop(t *testing.T, c control, s stock) {
	group := c.state(s.name, "ControlGroup")
	c.Must(slices.DeleteFunc([]string{c.ctl, "stop", s.socket, s.name}, func(arg string) bool { return arg == "" })...)
	if got := c.state(s.name, "ActiveState"); got != "inactive" {
		t.Errorf("after stop the unit is %s, want inactive", got)
	}
	if got := c.state(s.name, "Result"); got != "success" {
		t.Errorf("after stop the result is %s, want success", got)
	}
	if s.name != "cron.service" {
		if out, err := c.Run(s.request...); err == nil && strings.Contains(out, s.answer) {
			t.Errorf("the service still answers after stop: %s", out)
		}
	}
	if c.cgroups {
		c.leftNothing(t, s.name, group)
	}
	c.Must(c.ctl, "start", s.name)
	c.serves(t, s)
}

// testSSHSocket swaps ssh.service for ssh.socket, whose first connection starts the service.
func testSSHSocket(t *testing.T, c control) {
	ssh := stockServices[3]
	c.Must(c.ctl, "disable", "ssh.service")
	c.Must(c.ctl, "enable", "ssh.socket")
	if _, err := c.Run(c.ctl, "start", "ssh.socket"); err == nil {
		t.Error("ssh.socket starts although its service runs and holds the port")
	}
	c.Must(c.ctl, "stop", "ssh.service")
	c.Must(c.ctl, "start", "ssh.socket")
	if got := c.state("ssh.socket", "SubState"); got != "listening" {
		t.Errorf("ssh.socket is %s, want listening", got)
	}
	if got := c.state("ssh.service", "ActiveState"); got != "inactive" {
		t.Errorf("ssh.service is %s before any connection, want inactive", got)
	}
	c.serves(t, ssh)
	if got := c.state("ssh.service", "ActiveState"); got != "active" {
		t.Errorf("ssh.service is %s after a connection, want active", got)
	}
	testKill(t, c, ssh)
	c.Must(c.ctl, "stop", "ssh.socket", "ssh.service")
	if out, err := c.Run(ssh.request...); err == nil {
		t.Errorf("ssh still answers after its socket was stopped: %s", out)
	}
}

// TestStockUnitsOnSystemd is the oracle: the same story under the real systemd.
func TestStockUnitsOnSystemd(t *testing.T) {
	testStock(t, false)
}

// TestStockUnits boots Debian's unmodified services with davit as PID 1.
func TestStockUnits(t *testing.T) {
	testStock(t, true)
}
