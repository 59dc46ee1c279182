package test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"davit/test/container"
)

// TestRealClients: systemd's own programs against davit as PID 1, in a container that has the package systemd. Its
// journald is masked, so that the journal is davit's.
func TestRealClients(t *testing.T) {
	container.Need(t)
	m := container.Boot(t, container.Config{
		Image: container.Image(t, append([]string{"systemd", "systemd-sysv"}, stockPackages...)...),
		Davit: container.Binary(t), Init: "/sbin/init",
		Files: map[string]string{
			"etc/systemd/system/talk.service": "[Service]\nExecStart=/bin/sh -c 'echo spoken; echo \"<3>cried\" >&2; exec sleep infinity'\n",
			"etc/davit/system/default.target": "[Unit]\nWants=talk.service nginx.service\nAfter=talk.service nginx.service\n",
		},
	})
	c := control{m, "systemctl", true}
	c.await(t, "default.target", "ActiveState", "active")
	t.Run("systemctl", func(t *testing.T) { testSystemctl(t, c) })
	t.Run("journalctl", func(t *testing.T) {
		container.Wait(t, 20*time.Second, "the lines of talk.service", func() error {
			out, err := c.Run("sh", "-c", "journalctl --no-pager -o short -u talk.service -D /var/log/journal || journalctl --no-pager -u talk.service -D /run/log/journal")
			return errors.Join(err, container.Contains(out, "spoken"), container.Contains(out, "cried"))
		})
	})
	c.PowerOff(60 * time.Second)
}

// testSystemctl goes through systemctl's everyday verbs.
func testSystemctl(t *testing.T, c control) {
	if out := c.Must("systemctl", "--no-pager", "list-units"); !strings.Contains(out, "nginx.service") {
		t.Errorf("list-units lacks nginx.service:\n%s", out)
	}
	if out := c.Must("systemctl", "--no-pager", "status", "nginx.service"); !strings.Contains(out, "active (running)") ||
		!strings.Contains(out, "Main PID: ") || !strings.Contains(out, "master process") {
		t.Errorf("status of nginx.service:\n%s", out)
	}
	c.Must("systemctl", "restart", "nginx.service")
	c.Must("systemctl", "stop", "nginx.service")
	if out, err := c.Run("systemctl", "is-active", "nginx.service"); err == nil || strings.TrimSpace(out) != "inactive" {
		t.Errorf("is-active after stop: %q %v", out, err)
	}
	c.Must("systemctl", "start", "nginx.service")
	if out := c.Must("systemctl", "is-enabled", "nginx.service"); strings.TrimSpace(out) != "enabled" {
		t.Errorf("is-enabled: %q", out)
	}
	c.Must("systemctl", "disable", "nginx.service")
	if out, err := c.Run("systemctl", "is-enabled", "nginx.service"); err == nil || strings.TrimSpace(out) != "disabled" {
		t.Errorf("is-enabled after disable: %q %v", out, err)
	}
	if out, err := c.Run("systemctl", "start", "no-such.service"); err == nil || !strings.Contains(out, "no-such.service not found") {
		t.Errorf("start of a unit that does not exist: %q %v", out, err)
	}
	c.Must("systemctl", "daemon-reload")
	if out := c.Must("systemctl", "--no-pager", "cat", "talk.service"); !strings.Contains(out, "echo spoken") {
		t.Errorf("cat: %q", out)
	}
}
