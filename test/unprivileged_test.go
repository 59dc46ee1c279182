package test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"davit/test/container"
)

// volumes are the directories that stock services write to.
var volumes = []string{"var/log", "var/lib/nginx", "var/lib/redis", "var/lib/dbus"}

// bootUnprivileged boots the stock packages with davit as PID 1 and no privilege.
func bootUnprivileged(t *testing.T, ids container.Ids, files map[string]string) control {
	t.Helper()
	container.Need(t)
	c := control{container.BootUnprivileged(t, container.Config{
		Image: container.Image(t, stockPackages...), Davit: container.Binary(t), Init: "/sbin/init", Files: files,
	}, ids, volumes...), "davitctl", false}
	c.await(t, "multi-user.target", "ActiveState", "active")
	return c
}

// stockNamed returns the stock services with the given names.
func stockNamed(names ...string) []stock {
	var all []stock
	for _, s := range stockServices {
		for _, name := range names {
			if s.name == name {
				all = append(all, s)
			}
		}
	}
	return all
}

// TestUnprivilegedManyIds: 65,536 ids, so that User= is enforced; limits are not, for there is no cgroup tree.
func TestUnprivilegedManyIds(t *testing.T) {
	c := bootUnprivileged(t, container.ManyIds, nil)
	for _, s := range stockNamed("nginx.service", "redis-server.service", "memcached.service") {
		t.Run(s.name, func(t *testing.T) { testService(t, c, s) })
	}
	owner := strings.TrimSpace(c.Must("stat", "-c", "%U", "/proc/"+c.state("redis-server.service", "MainPID")))
	if owner != "redis" {
		t.Errorf("redis-server runs as %s, want redis", owner)
	}
	if out := c.Must(c.ctl, "status"); !strings.Contains(out, "Not kept:") || !strings.Contains(out, "redis-server.service") {
		t.Errorf("status does not list what is not enforced:\n%s", out)
	}
	c.PowerOff(30 * time.Second)
}

// TestUnprivilegedSingleID: one id and no setgroups(2). User= is approximated; nginx and memcached, which change their
// id themselves, are told to stay root in their own configuration; sshd and dbus-daemon insist.
func TestUnprivilegedSingleID(t *testing.T) {
	image := container.Image(t, stockPackages...)
	c := bootUnprivileged(t, container.SingleID, map[string]string{
		"etc/nginx/nginx.conf": edited(t, image, "etc/nginx/nginx.conf", "user www-data;", "user root;"),
		"etc/memcached.conf":   edited(t, image, "etc/memcached.conf", "-u memcache", "-u root"),
	})
	for _, s := range stockNamed("nginx.service", "redis-server.service", "memcached.service") {
		t.Run(s.name, func(t *testing.T) { testService(t, c, s) })
	}
	out := c.Must(c.ctl, "status")
	for _, want := range []string{"approximated", "unavailable", "User="} {
		if !strings.Contains(out, want) {
			t.Errorf("status does not say %q:\n%s", want, out)
		}
	}
	c.PowerOff(30 * time.Second)
}

// edited returns a file of the image with one text replaced by another.
func edited(t *testing.T, image, name, from, to string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(image, name))
	if err != nil || !strings.Contains(string(text), from) {
		t.Fatalf("no %q in %s: %v", from, name, err)
	}
	return strings.Replace(string(text), from, to, 1)
}
