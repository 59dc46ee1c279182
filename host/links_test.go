package host

import (
	"os"
	"path/filepath"
	"testing"

	"davit/unit"
)

func TestChangesOfLinks(t *testing.T) {
	root := t.TempDir()
	wants := "/etc/systemd/system/multi-user.target.wants"
	link := unit.LinkChange{Kind: unit.ChangeSymlink, Path: wants + "/a.service", Target: "/usr/lib/systemd/system/a.service"}
	for range 2 {
		must(t, Change(root, []unit.LinkChange{link, {Kind: unit.ChangeMasked, Path: "/x", Target: "b.service"}}))
	}
	if target, err := os.Readlink(filepath.Join(root, link.Path)); err != nil || target != link.Target {
		t.Errorf("link to %q, %v", target, err)
	}
	link.Target = "/etc/systemd/system/a.service"
	must(t, Change(root, []unit.LinkChange{link}))
	if target, _ := os.Readlink(filepath.Join(root, link.Path)); target != link.Target {
		t.Errorf("link to %q after its change", target)
	}
	for range 2 {
		must(t, Change(root, []unit.LinkChange{{Kind: unit.ChangeUnlink, Path: link.Path}}))
	}
	if _, err := os.Lstat(filepath.Join(root, wants)); err == nil {
		t.Error("an empty directory is left")
	}
	if left, _ := filepath.Glob(filepath.Join(root, "etc/systemd/system/.*")); len(left) > 0 {
		t.Errorf("left: %v", left)
	}
}
