package ctl

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"davit/unit"
)

// rootTree is a root directory with three unit files, in which the session changes links for real.
func rootTree(t *testing.T, s *session) string {
	t.Helper()
	root := t.TempDir()
	units := filepath.Join(root, "usr/lib/systemd/system")
	if err := os.MkdirAll(units, 0o755); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"a.service":         "[Service]\nExecStart=/bin/true\n[Install]\nWantedBy=multi-user.target\n",
		"static.service":    "[Service]\nExecStart=/bin/true\n",
		"multi-user.target": "[Unit]\n",
	} {
		if err := os.WriteFile(filepath.Join(units, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	s.w.Change = func(root string, changes []unit.LinkChange) error {
		for _, c := range changes {
			p := filepath.Join(root, c.Path)
			switch c.Kind {
			case unit.ChangeSymlink:
				if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
					return err
				}
				if err := os.Symlink(c.Target, p); err != nil {
					return err
				}
			case unit.ChangeUnlink:
				if err := os.Remove(p); err != nil {
					return err
				}
			case unit.ChangeRmdir, unit.ChangeMasked, unit.ChangeAuxiliaryFailed, unit.ChangeDestination:
			}
		}
		return nil
	}
	s.w.Dial = func(string) (Bus, error) { return nil, fmt.Errorf("cannot reach the manager: %w", os.ErrNotExist) }
	return root
}

// TestRoot edits the unit files of a tree in which nothing runs.
func TestRoot(t *testing.T) {
	s := newSession()
	s.w.Name = "systemctl"
	root := rootTree(t, s)
	link := root + "/etc/systemd/system/multi-user.target.wants/a.service"
	for _, step := range []struct {
		args string
		code int
		out  string
	}{
		{"is-enabled a static", 0, "disabled\nstatic\n"},
		{"enable a", 0, "! Created symlink " + link + " → /usr/lib/systemd/system/a.service.\n"},
		{"is-enabled a", 0, "enabled\n"},
		{"enable a", 0, ""},
		{"list-unit-files --no-legend -t service", 0, "a.service      enabled enabled\nstatic.service static  -\n"},
		{"disable a", 0, "! Removed \"" + link + "\".\n"},
		{"mask a", 0, "! Created symlink " + root + "/etc/systemd/system/a.service → /dev/null.\n"},
		{"is-enabled a", 1, "masked\n"},
		{"enable a", 1, "! Failed to enable unit, unit a.service is masked.\n"},
		{"unmask a", 0, "! Removed \"" + root + "/etc/systemd/system/a.service\".\n"},
		{"enable nope", 1, "! Failed to enable unit, unit nope.service does not exist.\n"},
		{"is-enabled nope", 1, "! Failed to get unit file state for nope.service: No such file or directory\n"},
		{"set-default nope", 1, "! Failed to set default unit, unit nope.target does not exist.\n"},
		{"mask /x", 1, "! Failed to mask unit: /x is a path, not a unit's name\n"},
		{"enable --now a", 1, "! --now cannot be used with --root=.\n"},
		{"start a", 1, "! Verb 'start' cannot be used with --root= or --image=.\n"},
		{"-q enable static", 0, ""},
	} {
		s.out.Reset()
		code := s.run(append([]string{"--root=" + root}, strings.Fields(step.args)...)...)
		if code != step.code || s.out.String() != step.out {
			t.Errorf("%s: exit %d\n%swant exit %d\n%s", step.args, code, s.out.String(), step.code, step.out)
		}
	}
	s.out.Reset()
	if s.run("--root="+root, "enable", "static"); !strings.Contains(s.out.String(), "no installation config") {
		t.Errorf("no word about the missing [Install]: %s", s.out.String())
	}
	s.out.Reset()
	if code := s.run("--root="+root+"/none", "enable", "a"); code != 1 {
		t.Errorf("exit %d for a root that is not there", code)
	}
}

// TestNoManager edits unit files when nobody answers, and says so only when a verb needs somebody.
func TestNoManager(t *testing.T) {
	s := newSession()
	dir := t.TempDir()
	rootTree(t, s)
	if err := os.WriteFile(dir+"/a.service", []byte("[Service]\nExecStart=/bin/true\n[Install]\nWantedBy=default.target\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if code := s.run("--directory", dir, "enable", "a"); code != 0 {
		t.Errorf("exit %d: %s", code, s.out.String())
	}
	if _, err := os.Lstat(dir + "/default.target.wants/a.service"); err != nil {
		t.Error(err)
	}
	if code := s.run("--directory", dir, "enable", "--now", "a"); code != 1 {
		t.Errorf("exit %d", code)
	}
	mustContain(t, s.out.String(), "no directory manager answers")
}
