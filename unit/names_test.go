package unit

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

func TestNames(t *testing.T) {
	for _, c := range []struct {
		name             string
		ok               bool
		prefix, instance string
	}{
		{"a.service", true, "a", ""},
		{"a@.service", true, "a", ""},
		{"a@b.service", true, "a", "b"},
		{"a@b@c.service", true, "a", "b@c"},
		{"a.b.socket", true, "a.b", ""},
		{"-.slice", true, "-", ""},
		{"dev-disk-by\\x2duuid-1.device", true, "dev-disk-by\\x2duuid-1", ""},
		{"x:y_z.mount", true, "x:y_z", ""},
		{"a", false, "", ""},
		{"a.", false, "", ""},
		{".service", false, "", ""},
		{"a.unit", false, "", ""},
		{"a.snapshot", false, "", ""},
		{"@a.service", false, "", ""},
		{"a/b.service", false, "", ""},
		{"a b.service", false, "", ""},
		{"ä.service", false, "", ""},
		{"", false, "", ""},
		{strings.Repeat("a", 247) + ".service", true, strings.Repeat("a", 247), ""},
		{strings.Repeat("a", 248) + ".service", false, "", ""},
	} {
		prefix, instance, _, err := SplitName(c.name)
		if (err == nil) != c.ok || prefix != c.prefix || instance != c.instance {
			t.Errorf("%q: %q %q %v", c.name, prefix, instance, err)
		}
	}
	for name, want := range map[string]string{"a@b.service": "a@.service", "a@.service": "", "a.service": ""} {
		if have := TemplateOf(name); have != want {
			t.Errorf("template of %s is %q", name, have)
		}
	}
	if !IsTemplate("a@.service") || IsTemplate("a@b.service") || IsTemplate("a.service") || !IsInstance("a@b.service") || IsInstance("a@.service") {
		t.Error("templates and instances are mixed up")
	}
}

func TestSlices(t *testing.T) {
	for name, parent := range map[string]string{"a-b-c.slice": "a-b.slice", "a.slice": "-.slice", "-.slice": "", "a.service": ""} {
		if have := SliceParent(name); have != parent {
			t.Errorf("parent of %s is %q", name, have)
		}
	}
	for name, path := range map[string]string{"a-b-c.slice": "a.slice/a-b.slice/a-b-c.slice", "-.slice": "", "a.slice": "a.slice"} {
		if have := SlicePath(name); have != path {
			t.Errorf("path of %s is %q", name, have)
		}
	}
	for name, ok := range map[string]bool{"a-b.slice": true, "-.slice": true, "a--b.slice": false, "-a.slice": false, "a-.slice": false, "a@b.slice": false, "a.service": false} {
		if ValidSlice(name) != ok {
			t.Errorf("%s is a slice: %v", name, !ok)
		}
	}
}

func TestMangle(t *testing.T) {
	for in, want := range map[string]string{
		"nginx": "nginx.service", "nginx.service": "nginx.service", "a.b": "a.b.service", "x.target": "x.target", "/dev/sda1": "dev-sda1.device",
		"/home/user": "home-user.mount", "/": "-.mount", "/home//user/": "home-user.mount", "foo bar": "foo\\x20bar.service", "a/b": "a-b.service",
		"a-b": "a-b.service", "a\\x2db": "a\\x2db.service", "ünit": "\\xc3\\xbcnit.service", "/sys/x": "sys-x.device", "a@b": "a@b.service",
	} {
		if have, err := Mangle(in, ".service", false); err != nil || have != want {
			t.Errorf("%q becomes %q, want %q (%v)", in, have, want, err)
		}
	}
	for in, want := range map[string]string{"ssh*": "ssh*", "a?.service": "a?.service", "x*.y": "x*.y.service"} {
		if have, err := Mangle(in, ".service", true); err != nil || have != want {
			t.Errorf("pattern %q becomes %q, want %q (%v)", in, have, want, err)
		}
	}
	for _, in := range []string{"", "/a/../b", "@x"} {
		if have, err := Mangle(in, ".service", false); err == nil {
			t.Errorf("%q becomes %q", in, have)
		}
	}
}

var escapeSamples = []string{"foo", "foo/bar", "/foo/bar", "a-b", ".hidden", "a.b", "ü/x", "a b", `c\d`, "x:y_z", "//", "a//b/", "%", "-", "@home", "a=b"}

func TestEscapeReadsBack(t *testing.T) {
	for _, s := range escapeSamples {
		if back, err := Unescape(Escape(s)); err != nil || back != s {
			t.Errorf("%q is %q, and back %q (%v)", s, Escape(s), back, err)
		}
	}
	for _, bad := range []string{`\`, `\x`, `\x4`, `\xzz`, `a\y`} {
		if s, err := Unescape(bad); err == nil {
			t.Errorf("%q unescapes to %q", bad, s)
		}
	}
	for _, bad := range []string{"", "-foo", "foo-", "..", "a-..-b"} {
		if s, err := UnescapePath(bad); err == nil {
			t.Errorf("%q unescapes to path %q", bad, s)
		}
	}
}

// TestEscapeAgainstSystemd compares with systemd-escape(1).
func TestEscapeAgainstSystemd(t *testing.T) {
	if _, err := exec.LookPath("systemd-escape"); err != nil {
		t.Skip("SKIP: no systemd-escape to compare with")
	}
	ask := func(args ...string) string {
		out, err := exec.Command("systemd-escape", args...).Output()
		if err != nil {
			return "!"
		}
		return strings.TrimSuffix(string(out), "\n")
	}
	for _, s := range escapeSamples {
		if want, have := ask("--", s), Escape(s); have != want {
			t.Errorf("%q escapes to %q, systemd %q", s, have, want)
		}
		have, err := EscapePath(s)
		if err != nil {
			have = "!"
		}
		if want := ask("--path", "--", s); have != want {
			t.Errorf("path %q escapes to %q, systemd %q", s, have, want)
		}
	}
	for _, s := range []string{"nginx", "a.b", "/dev/sda1", "/home/user", "foo bar", "a/b", `a\x2db`, "a@b", "ssh.socket", "a-b", "x y.mount", "/", "/a//b/"} {
		have, err := Mangle(s, ".service", false)
		if err != nil {
			have = "!"
		}
		if want := ask("--mangle", "--", s); have != want {
			t.Errorf("%q mangles to %q, systemd %q", s, have, want)
		}
	}
}

func TestSearchPaths(t *testing.T) {
	def := SystemPaths("")
	if have := SystemPaths("/a:/b"); !slices.Equal(have, []string{"/a", "/b"}) {
		t.Errorf("%q", have)
	}
	if have := SystemPaths("/a:"); !slices.Equal(have, append([]string{"/a"}, def...)) {
		t.Errorf("%q", have)
	}
	if a, b := slices.Index(def, "/etc/davit/system"), slices.Index(def, "/etc/systemd/system"); a < 0 || a > b {
		t.Errorf("davit's own directory is not before systemd's: %q", def)
	}
	env := map[string]string{"HOME": "/home/u", "XDG_RUNTIME_DIR": "/run/user/1000"}
	user := UserPaths("", func(k string) string { return env[k] })
	for _, want := range []string{"/home/u/.config/systemd/user", "/run/user/1000/systemd/user", "/home/u/.local/share/systemd/user", "/usr/share/systemd/user", "/usr/lib/systemd/user"} {
		if !slices.Contains(user, want) {
			t.Errorf("no %s in %q", want, user)
		}
	}
}
