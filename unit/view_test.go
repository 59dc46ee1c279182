package unit

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestLevels holds the order that systemd has (found out by unit files whose drop-ins complain).
func TestLevels(t *testing.T) {
	want := strings.Fields("a-b-c@i.service a-b-c@.service a-b-.service a-.service a-b-@i.service a-b-@.service a-@i.service a-@.service")
	if have := levels("a-b-c@i.service"); !slices.Equal(have, want) {
		t.Errorf("levels are %v, want %v", have, want)
	}
}

const simple = "[Service]\nExecStart=/bin/true\n"

// TestHostUnits loads whatever this machine has. Whatever it is, nothing may be unknown, and no unit's file may be lost.
func TestHostUnits(t *testing.T) {
	v, err := Scan(os.DirFS("/"), Options{Paths: SystemPaths("")})
	if err != nil {
		t.Fatal(err)
	}
	for name := range v.files {
		if IsTemplate(name) {
			name = Instantiate(name, "x")
		}
		u := v.Load(name)
		if u.Load != Loaded && u.Load != Masked {
			t.Logf("%s is %s: %s", u.Name, u.Load, u.LoadText)
		}
		for _, w := range u.Warnings {
			if strings.Contains(w.Text, "unknown") {
				t.Error(w)
			}
		}
	}
}

func TestPrecedenceAndNames(t *testing.T) {
	root := plant(t, map[string]string{
		"usr/lib/systemd/system/a.service":                 simple + "[Unit]\nDescription=low\n",
		"etc/systemd/system/a.service":                     simple + "[Unit]\nDescription=high\n",
		"usr/lib/systemd/system/b.service":                 simple,
		"etc/systemd/system/alias.service":                 "-> /usr/lib/systemd/system/b.service",
		"etc/systemd/system/relative.service":              "-> ../../../usr/lib/systemd/system/b.service",
		"etc/systemd/system/gone.service":                  "-> /usr/lib/systemd/system/b.service",
		"etc/systemd/system/dbus-x.service":                "-> alias.service",
		"usr/lib/systemd/system/m.service":                 simple,
		"etc/systemd/system/m.service":                     "-> /dev/null",
		"usr/lib/systemd/system/e.service":                 "",
		"usr/lib/systemd/system/t@.service":                simple + "[Unit]\nDescription=%p of %i\n",
		"etc/systemd/system/u@.service":                    "-> /usr/lib/systemd/system/t@.service",
		"etc/systemd/system/t@one.service":                 simple + "[Unit]\nDescription=special\n",
		"etc/systemd/system/linked.service":                "-> /opt/far.service",
		"opt/far.service":                                  "-> real/far.file",
		"opt/real/far.file":                                simple + "[Unit]\nDescription=%n from %y\n",
		"etc/systemd/system/wrong.socket":                  "-> /usr/lib/systemd/system/b.service",
		"etc/systemd/system/a.service.d/20-x.conf":         "[Unit]\nDescription=from drop-in\n",
		"usr/lib/systemd/system/a.service.d/20-x.conf":     "[Unit]\nDescription=hidden\n",
		"usr/lib/systemd/system/a.service.d/10-y.conf":     "[Service]\nNice=5\n",
		"usr/lib/systemd/system/a.service.d/30-mask.conf":  "[Service]\nNice=6\n",
		"run/systemd/system/a.service.d/30-mask.conf":      "-> /dev/null",
		"usr/lib/systemd/system/service.d/05-all.conf":     "[Service]\nNice=1\nEnvironment=ALL=1\n",
		"etc/systemd/system/a.service.wants/b.service":     "-> ../b.service",
		"etc/systemd/system/a.service.wants/x.service":     "-> /dev/null",
		"etc/systemd/system/a.service.requires/t@.service": "-> /usr/lib/systemd/system/t@.service",
		"etc/systemd/system/a.service.upholds/q.service":   "-> /opt/q.service",
	})
	if err := os.Symlink("usr/lib", filepath.Join(root, "lib")); err != nil {
		t.Fatal(err)
	}
	v := viewOf(t, root)
	for _, c := range []struct{ name, want string }{
		{"a.service", "a.service loaded /etc/systemd/system/a.service \"from drop-in\""},
		{"alias.service", "b.service loaded /usr/lib/systemd/system/b.service \"\""},
		{"relative.service", "b.service loaded /usr/lib/systemd/system/b.service \"\""},
		{"dbus-x.service", "b.service loaded /usr/lib/systemd/system/b.service \"\""},
		{"m.service", "m.service masked /etc/systemd/system/m.service \"\""},
		{"e.service", "e.service masked /usr/lib/systemd/system/e.service \"\""},
		{"t@two.service", "t@two.service loaded /usr/lib/systemd/system/t@.service \"t of two\""},
		{"u@two.service", "t@two.service loaded /usr/lib/systemd/system/t@.service \"t of two\""},
		{"t@one.service", "t@one.service loaded /etc/systemd/system/t@one.service \"special\""},
		{"linked.service", "linked.service loaded /opt/real/far.file \"linked.service from /opt/real/far.file\""},
		{"wrong.socket", "wrong.socket not-found  \"\""},
		{"none.service", "none.service not-found  \"\""},
		{"bad name.service", "bad name.service error  \"\""},
		{"t@.service", "t@.service error  \"\""},
		{"x-y.slice", "x-y.slice loaded  \"\""},
	} {
		u := v.Load(c.name)
		if have := fmt.Sprintf("%s %s %s %q", u.Name, u.Load, u.Fragment, u.Common.Description); have != c.want {
			t.Errorf("%s: %s, want %s (%s)", c.name, have, c.want, u.LoadText)
		}
	}
	a := v.Load("a.service")
	if a.Exec.Nice.Value != 5 || !slices.Equal(a.Exec.Environment, []string{"ALL=1"}) {
		t.Errorf("drop-ins gave Nice=%d, Environment=%q", a.Exec.Nice.Value, a.Exec.Environment)
	}
	want := []string{"/usr/lib/systemd/system/service.d/05-all.conf", "/usr/lib/systemd/system/a.service.d/10-y.conf", "/etc/systemd/system/a.service.d/20-x.conf"}
	if !slices.Equal(a.DropIns, want) {
		t.Errorf("drop-ins are %q, want %q", a.DropIns, want)
	}
	var deps []string
	for _, d := range a.Dependencies {
		deps = append(deps, d.Kind.String()+"="+d.Target+" "+d.At.String())
	}
	wantDeps := []string{
		"Wants=b.service /etc/systemd/system/a.service.wants/b.service",
		"Requires=t@a.service /etc/systemd/system/a.service.requires/t@.service",
		"Upholds=q.service /etc/systemd/system/a.service.upholds/q.service",
	}
	if !slices.Equal(deps, wantDeps) {
		t.Errorf("dependencies are %q, want %q", deps, wantDeps)
	}
	if b := v.Load("b.service"); !slices.Equal(b.Names, strings.Fields("alias.service b.service dbus-x.service gone.service relative.service")) {
		t.Errorf("names are %q", b.Names)
	}
	if w := v.Warnings(); len(w) != 1 || w[0].String() != "/etc/systemd/system/wrong.socket: link to /usr/lib/systemd/system/b.service ignored: a socket cannot be an alias of a service" {
		t.Errorf("warnings are %v", w)
	}
}

// TestAbsoluteLinksStayBelowTheRoot is what --root trees are full of.
func TestAbsoluteLinksStayBelowTheRoot(t *testing.T) {
	root := plant(t, map[string]string{
		"usr/lib/systemd/system/a.service": simple,
		"lib":                              "-> /usr/lib",
		"etc/systemd/system":               "-> /srv/units",
		"srv/units/b.service":              "-> /lib/../opt/b.service",
		"opt/b.service":                    simple,
		"srv/units/loop.service":           "-> /srv/units2/loop.service",
		"srv/units2":                       "-> /srv/units2",
	})
	v := viewOf(t, root)
	if u := v.Load("a.service"); u.Load != Loaded {
		t.Error(u.LoadText)
	}
	if u := v.Load("b.service"); u.Load != Loaded || u.Fragment != "/opt/b.service" {
		t.Error(u.Load, u.Fragment, u.LoadText)
	}
	if u := v.Load("loop.service"); u.Load != NotFound {
		t.Error(u.Load, u.Fragment)
	}
}

// TestFreshNames: what was not there when the view was made is found when it is asked for.
func TestFreshNames(t *testing.T) {
	root := plant(t, map[string]string{"etc/systemd/system/a.service": simple})
	v := viewOf(t, root)
	if u := v.Load("b.service"); u.Load != NotFound {
		t.Fatal(u.Load)
	}
	if err := os.WriteFile(filepath.Join(root, "etc/systemd/system/b.service"), []byte(simple), 0o644); err != nil {
		t.Fatal(err)
	}
	if u := v.Load("b.service"); u.Load != Loaded {
		t.Fatal(u.LoadText)
	}
}

// TestMemory: a second view gives the same unit when nothing changed, another one when anything did.
func TestMemory(t *testing.T) {
	root := plant(t, map[string]string{
		"etc/systemd/system/a.service": simple, "etc/systemd/system/b.service": simple, "etc/systemd/system/c.service": simple,
		"etc/systemd/system/d.service": simple,
	})
	opt := Options{Paths: SystemPaths("")}
	v, _ := Scan(os.DirFS(root), opt)
	first := map[string]*Unit{}
	for _, n := range strings.Fields("a.service b.service c.service d.service") {
		first[n] = v.Load(n)
	}
	write := func(path, text string) {
		full := filepath.Join(root, path)
		os.MkdirAll(filepath.Dir(full), 0o755)
		if err := os.WriteFile(full, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("etc/systemd/system/b.service", simple+"[Unit]\nDescription=longer\n")
	write("etc/systemd/system/c.service.d/x.conf", "[Unit]\nDescription=longer\n")
	os.Symlink("a.service", filepath.Join(root, "etc/systemd/system/other.service"))
	write("etc/systemd/system/a.service.unused", "")
	opt.Memory = v.Memory()
	v2, _ := Scan(os.DirFS(root), opt)
	for name, same := range map[string]bool{"a.service": false, "b.service": false, "c.service": false, "d.service": true} {
		if u := v2.Load(name); (u == first[name]) != same {
			t.Errorf("%s is the same: %v", name, !same)
		}
	}
	opt.Memory, opt.Specifiers.Hostname = v2.Memory(), "elsewhere"
	v3, _ := Scan(os.DirFS(root), opt)
	if v3.Load("d.service") == first["d.service"] {
		t.Error("d.service is the same although a specifier changed")
	}
}

func TestSpecialUnits(t *testing.T) {
	for _, user := range []bool{false, true} {
		v, err := Scan(os.DirFS(t.TempDir()), Options{Paths: SystemPaths(""), User: user})
		if err != nil {
			t.Fatal(err)
		}
		for name := range v.files {
			u := v.Load(name)
			if u.Load != Loaded || len(u.Warnings) > 0 {
				t.Errorf("%s is %s: %s %v", name, u.Load, u.LoadText, u.Warnings)
			}
			for _, d := range u.Dependencies {
				if f := v.Load(d.Target); f.Load != Loaded && d.Kind == Requires {
					t.Errorf("%s requires %s, which is %s", name, d.Target, f.Load)
				}
			}
		}
		if u := v.Load("default.target"); u.Load != Loaded {
			t.Error("no default.target")
		}
	}
}
