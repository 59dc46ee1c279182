package unit

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// plant makes a tree from a list of "path: text" or "path -> target" entries.
func plant(t testing.TB, entries map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for path, text := range entries {
		full := filepath.Join(dir, path)
		if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
			t.Fatal(err)
		}
		var err error
		if target, ok := strings.CutPrefix(text, "-> "); ok {
			err = os.Symlink(target, full)
		} else {
			err = os.WriteFile(full, []byte(text), 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func viewOf(t testing.TB, root string) *View {
	t.Helper()
	v, err := Scan(os.DirFS(root), Options{
		Paths: SystemPaths(""), Config: "/etc/systemd/system", ConfigRuntime: "/run/systemd/system", Control: "/etc/systemd/system.control",
		ControlRuntime: "/run/systemd/system.control", Transient: "/run/systemd/transient", NoSpecial: true,
		Presets: []string{"/etc/systemd/system-preset", "/usr/lib/systemd/system-preset", "/lib/systemd/system-preset"},
	})
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// perform makes changes in a tree.
func perform(t testing.TB, root string, changes []LinkChange) {
	t.Helper()
	for _, c := range changes {
		path := filepath.Join(root, c.Path)
		var err error
		switch c.Kind {
		case ChangeSymlink:
			if err = os.MkdirAll(filepath.Dir(path), 0o755); err == nil {
				err = os.Symlink(c.Target, path)
			}
		case ChangeUnlink, ChangeRmdir:
			err = os.Remove(path)
			if d := filepath.Dir(path); filepath.Ext(d) == ".wants" || filepath.Ext(d) == ".requires" {
				os.Remove(d)
			}
		default:
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// leaves lists the files and links of a tree's /etc and /run.
func leaves(t testing.TB, root string) []string {
	t.Helper()
	var list []string
	for _, top := range []string{"etc", "run"} {
		filepath.WalkDir(filepath.Join(root, top), func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return nil
			}
			line := strings.TrimPrefix(path, root)
			if target, err := os.Readlink(path); err == nil {
				if !strings.HasPrefix(target, "/") { // systemd writes some links relative, some absolute
					target = filepath.Join(filepath.Dir(line), target)
				}
				line += " -> " + strings.TrimPrefix(target, root)
			}
			list = append(list, line)
			return nil
		})
	}
	slices.Sort(list)
	return list
}

// orchard is a tree with one of each.
var orchard = map[string]string{
	"usr/lib/systemd/system/plain.service":     "[Service]\nExecStart=/bin/true\n[Install]\nWantedBy=multi-user.target\nRequiredBy=graphical.target\n",
	"usr/lib/systemd/system/aliased.service":   "[Service]\nExecStart=/bin/true\n[Install]\nAlias=other.service third.service\n",
	"usr/lib/systemd/system/also.service":      "[Service]\nExecStart=/bin/true\n[Install]\nAlso=plain.service aliased.service\n",
	"usr/lib/systemd/system/both.service":      "[Service]\nExecStart=/bin/true\n[Install]\nWantedBy=multi-user.target\nAlso=plain.service missing.service\n",
	"usr/lib/systemd/system/static.service":    "[Service]\nExecStart=/bin/true\n",
	"usr/lib/systemd/system/tmpl@.service":     "[Service]\nExecStart=/bin/true\n[Install]\nWantedBy=multi-user.target\n",
	"usr/lib/systemd/system/def@.service":      "[Service]\nExecStart=/bin/true\n[Install]\nWantedBy=multi-user.target\nDefaultInstance=one\n",
	"usr/lib/systemd/system/link.service":      "-> plain.service",
	"usr/lib/systemd/system/vmask.service":     "-> /dev/null",
	"etc/systemd/system/masked.service":        "-> /dev/null",
	"usr/lib/systemd/system/masked.service":    "[Service]\nExecStart=/bin/true\n[Install]\nWantedBy=multi-user.target\n",
	"usr/lib/systemd/system/over.service":      "[Service]\nExecStart=/bin/true\n[Install]\nWantedBy=multi-user.target\n",
	"etc/systemd/system/over.service":          "[Service]\nExecStart=/bin/false\n[Install]\nWantedBy=graphical.target\n",
	"etc/systemd/system/over.service.d/x.conf": "[Install]\nWantedBy=basic.target\n",
	"usr/lib/systemd/system/multi-user.target": "[Unit]\nDescription=Multi\n",
	"usr/lib/systemd/system/graphical.target":  "[Unit]\nDescription=Graphical\n",
	"usr/lib/systemd/system/basic.target":      "[Unit]\nDescription=Basic\n",
	"opt/extern.service":                       "[Service]\nExecStart=/bin/true\n[Install]\nWantedBy=multi-user.target\n",
	"usr/lib/systemd/system-preset/50.preset":  "enable plain.service\nenable def@.service a b\ndisable *\n",
}

// errands are what the orchard goes through: the arguments of systemctl.
var errands = []string{
	"enable plain.service", "enable aliased.service", "enable also.service", "enable both.service", "enable static.service",
	"enable tmpl@.service", "enable tmpl@x.service", "enable def@.service", "enable def@y.service", "enable link.service",
	"enable masked.service", "enable vmask.service", "enable missing.service", "enable over.service", "enable /opt/extern.service",
	"enable --runtime plain.service",
	"enable plain.service; disable plain.service", "enable both.service; disable both.service", "enable def@.service; disable def@.service",
	"enable def@y.service def@z.service; disable def@.service", "enable aliased.service; disable aliased.service",
	"enable aliased.service; disable other.service", "enable /opt/extern.service; disable extern.service",
	"enable also.service; disable also.service", "enable --runtime plain.service; disable plain.service",
	"enable --runtime plain.service; disable --runtime plain.service",
	"mask plain.service", "mask over.service", "mask missing.service", "mask masked.service", "mask --runtime plain.service",
	"mask plain.service; unmask plain.service", "unmask plain.service", "unmask masked.service", "mask plain.service; enable plain.service",
	"link /opt/extern.service", "link /opt/missing.service", "link /opt/extern.service; disable extern.service",
	"link /opt/extern.service; enable extern.service", "revert over.service", "revert masked.service", "revert plain.service",
	"enable plain.service; reenable plain.service", "reenable both.service", "enable aliased.service; reenable aliased.service",
	"preset plain.service", "preset def@.service", "enable over.service; preset over.service", "preset static.service",
	"enable over.service; preset --preset-mode=enable-only over.service", "preset --preset-mode=disable-only plain.service",
	"add-wants multi-user.target static.service", "add-requires graphical.target static.service plain.service",
	"add-wants multi-user.target missing.service", "add-wants multi-user.target masked.service",
	"set-default graphical.target", "set-default multi-user.target; set-default graphical.target", "set-default missing.target",
	"set-default plain.service", "enable --force over.service", "preset-all",
}

// errand does what systemctl would.
func errand(t *testing.T, v *View, root, line string) error {
	words := strings.Fields(line)
	verb, o, mode := words[0], EnableOptions{}, PresetFull
	var names []string
	for _, w := range words[1:] {
		switch {
		case w == "--runtime":
			o.Runtime = true
		case w == "--force":
			o.Force = true
		case strings.HasPrefix(w, "--preset-mode="):
			mode, _ = ParsePresetMode(w[len("--preset-mode="):])
		default:
			names = append(names, w)
		}
	}
	var c Changes
	var err error
	switch verb {
	case "enable":
		c, err = v.Enable(names, o)
	case "disable":
		c, err = v.Disable(names, o)
	case "reenable":
		c, err = v.Reenable(names, o)
	case "mask":
		c, err = v.Mask(names, o)
	case "unmask":
		c, err = v.Unmask(names, o)
	case "link":
		c, err = v.Link(names, o)
	case "revert":
		c, err = v.Revert(names)
	case "preset":
		c, err = v.Preset(names, mode, o)
	case "preset-all":
		c, err = v.PresetAll(mode, o)
	case "add-wants":
		c, err = v.AddDependency(names[1:], names[0], Wants, o)
	case "add-requires":
		c, err = v.AddDependency(names[1:], names[0], Requires, o)
	case "set-default":
		c, err = v.SetDefault(names[0], o)
	default:
		t.Fatalf("no verb %q", verb)
	}
	perform(t, root, c.Links)
	return err
}

// states are what is-enabled says of all units of the orchard.
func states(v *View) map[string]string {
	m := map[string]string{}
	for _, f := range v.UnitFiles() {
		m[f.Name] = f.State.String()
	}
	return m
}

// TestEnablementAgainstSystemctl does every errand with this package and with the real systemctl, and compares the trees and states.
func TestEnablementAgainstSystemctl(t *testing.T) {
	if _, err := exec.LookPath("systemctl"); err != nil {
		t.Skip("SKIP: no systemctl to compare with")
	}
	for _, story := range errands {
		t.Run(story, func(t *testing.T) {
			ours, theirs := plant(t, orchard), plant(t, orchard)
			v := viewOf(t, ours)
			for line := range strings.SplitSeq(story, "; ") {
				err := errand(t, v, ours, line)
				out, err2 := exec.Command("systemctl", append([]string{"--root=" + theirs}, strings.Fields(line)...)...).CombinedOutput()
				if (err == nil) != (err2 == nil) {
					t.Errorf("%s: we say %v, systemctl %v: %s", line, err, err2, out)
				}
			}
			if a, b := leaves(t, ours), leaves(t, theirs); !slices.Equal(a, b) {
				t.Errorf("we make\n%s\nsystemctl makes\n%s", strings.Join(a, "\n"), strings.Join(b, "\n"))
			}
			have, want := states(v), theirStates(t, theirs)
			for name, state := range want {
				if have[name] != state {
					t.Errorf("%s is %q for us, %q for systemctl", name, have[name], state)
				}
			}
		})
	}
}

func theirStates(t *testing.T, root string) map[string]string {
	out, err := exec.Command("systemctl", "--root="+root, "list-unit-files", "--no-legend", "--plain").Output()
	if err != nil {
		var e *exec.ExitError
		if !errors.As(err, &e) {
			t.Fatal(err)
		}
	}
	m := map[string]string{}
	for line := range strings.Lines(string(out)) {
		if f := strings.Fields(line); len(f) >= 2 {
			m[f[0]] = f[1]
		}
	}
	return m
}

// TestEnablementErrors pins down what the errors say.
func TestEnablementErrors(t *testing.T) {
	root := plant(t, orchard)
	v := viewOf(t, root)
	for _, c := range []struct{ line, want string }{
		{"enable missing.service", "missing.service: unit file does not exist"},
		{"enable masked.service", "masked.service: unit file is masked"},
		{"disable missing.service", "missing.service: unit file does not exist"},
		{"enable tmpl@.service", "tmpl@.service: a template without DefaultInstance= needs an instance to be wanted by multi-user.target"},
		{"mask over.service", "over.service: /etc/systemd/system/over.service already exists"},
		{"link opt/extern.service", "opt/extern.service: cannot link what is not an absolute path"},
		{"set-default plain.service", "plain.service: cannot be the default target"},
	} {
		if err := errand(t, v, root, c.line); fmt.Sprint(err) != c.want {
			t.Errorf("%s: %v, want %s", c.line, err, c.want)
		}
	}
}
