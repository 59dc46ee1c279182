package unit

import (
	"reflect"
	"strings"
	"testing"
)

// FuzzParse reads any text as a unit of each type: it must not panic, and what was read must be the same after writing.
func FuzzParse(f *testing.F) {
	seen := map[[2]string]bool{}
	for _, d := range Directives() {
		field := [2]string{d.Block, d.Key}
		if seen[field] { // the same in another section
			continue
		}
		seen[field] = true
		for _, value := range sampleOf(d) {
			f.Add("["+d.Section+"]\n"+d.Key+"="+value+"\n", uint8(TypeOf(nameFor(d.Section))))
		}
	}
	f.Add("\ufeff[Unit]\r\n# a\\\n;b\nDescription=a\\\n#c\n b\n[Service]\nExecStart=/a ; -/b \\; c\n", uint8(TypeService))
	f.Fuzz(func(t *testing.T, text string, kind uint8) {
		name := "a-b." + (TypeService + Type(kind)%(TypeScope-TypeService+1)).String()
		u := FromText(name, text, "/"+name, Specifiers{})
		for _, w := range u.Warnings {
			if w.Text == "" || w.Path == "" {
				t.Errorf("empty warning %+v", w)
			}
		}
		if u.Load != Loaded {
			if u.LoadText == "" {
				t.Errorf("%v without a reason", u.Load)
			}
			return
		}
		once := Text(u)
		again := FromText(name, once, "/"+name, Specifiers{})
		if again.Load != Loaded {
			t.Fatalf("wrote what cannot be read: %s\n%q", again.LoadText, once)
		}
		if twice := Text(again); twice != once {
			t.Errorf("wrote\n%s\nand then\n%s", once, twice)
		}
	})
}

// FuzzCommandLine reads command lines, writes them, and reads them again.
func FuzzCommandLine(f *testing.F) {
	for _, s := range samples["[]unit.Command"] {
		f.Add(s)
	}
	keep := func(s string) (string, error) { return strings.ReplaceAll(s, "%%", "%"), nil }
	f.Fuzz(func(t *testing.T, line string) {
		list, err := ParseCommands(line, keep, nil)
		if err != nil || strings.ContainsAny(line, "\n\r\x00") {
			return
		}
		for _, c := range list {
			if c.Path == "" || len(c.Args) == 0 {
				t.Fatalf("%q: %+v", line, c)
			}
			again, err := ParseCommands(c.String(), keep, nil)
			if err != nil || len(again) != 1 || !reflect.DeepEqual(again[0], c) {
				t.Errorf("%q: read %+v, wrote %q, read back %+v %v", line, c, c.String(), again, err)
			}
		}
	})
}

// FuzzTimespan reads time spans, writes them, and reads them again.
func FuzzTimespan(f *testing.F) {
	for _, s := range samples["unit.Timespan"] {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		span, err := ParseTimespan(s, Second)
		if err != nil {
			return
		}
		if span < 0 {
			t.Fatalf("%q: negative: %d", s, span)
		}
		if again, err := ParseTimespan(span.String(), Second); err != nil || again != span {
			t.Errorf("%q: %d, written %q, read back %d %v", s, span, span, again, err)
		}
	})
}

// FuzzSpecifiers expands any text. What percent has protected comes back as it was.
func FuzzSpecifiers(f *testing.F) {
	f.Add("%n %N %p %i %I %j %J %f %% %y %Y %z %", "foo-bar@a-b.service")
	f.Add("100%", `dev-a\x2db.device`)
	f.Fuzz(func(t *testing.T, text, name string) {
		s := &Specifiers{Hostname: "host.example", RuntimeDir: "/run", CredentialsRoot: "/run/credentials"}
		if _, _, _, err := SplitName(name); err != nil {
			return
		}
		if _, err := s.Expand(text, name, "/etc/"+name); err != nil && !strings.HasPrefix(err.Error(), "cannot resolve %") {
			t.Errorf("%q: %v", text, err)
		}
		if got, err := s.Expand(percent(text), name, ""); err != nil || got != text {
			t.Errorf("%q: protected and expanded to %q, %v", text, got, err)
		}
	})
}

// FuzzNames escapes and mangles any string: what comes out is a name, and escaping can be undone.
func FuzzNames(f *testing.F) {
	for _, s := range []string{"nginx", "/dev/sda", "a@b.service", "..", "/", "a b", `a\x2db`, "é.mount", "*.service"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if back, err := Unescape(Escape(s)); err != nil || back != s {
			t.Errorf("%q: escaped to %q, back to %q, %v", s, Escape(s), back, err)
		}
		if name, err := Mangle(s, ".service", false); err == nil && !ValidName(name) {
			t.Errorf("%q: mangled to %q", s, name)
		}
		if name, err := NameFromPath(s, TypeMount); err == nil {
			prefix := strings.TrimSuffix(name, ".mount")
			back, err := UnescapePath(prefix)
			again, err2 := NameFromPath(back, TypeMount)
			if err != nil || err2 != nil || again != name {
				t.Errorf("%q: named %q, path %q %v, named %q %v", s, name, back, err, again, err2)
			}
		}
	})
}
