package unit

import (
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// plain removes from a unit what its text does not carry: where things stand.
func plain(u *Unit) *Unit {
	c := *u
	c.Fragment, c.DropIns, c.Stamp, c.Warnings, c.LoadText, c.Names = "", nil, 0, nil, "", nil
	c.Dependencies = append([]Dependency{}, u.Dependencies...)
	for i := range c.Dependencies {
		c.Dependencies[i].At = Position{}
	}
	slices.SortStableFunc(c.Dependencies, func(a, b Dependency) int { return int(a.Kind) - int(b.Kind) })
	v := reflect.ValueOf(&c).Elem()
	for b := range numBlocks {
		f := v.Field(unitField[b])
		if f.IsNil() {
			continue
		}
		own := reflect.New(f.Type().Elem())
		own.Elem().Set(f.Elem())
		forget(own.Elem())
		f.Set(own)
	}
	return &c
}

// forget clears all positions in a value.
func forget(v reflect.Value) {
	switch v.Kind() {
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[Position]() {
			v.SetZero()
			return
		}
		if !v.CanSet() || v.NumField() > 0 && !v.Field(0).CanSet() {
			return
		}
		for i := range v.NumField() {
			forget(v.Field(i))
		}
	case reflect.Slice:
		if v.Len() == 0 {
			v.SetZero()
			return
		}
		if v.Type().Elem().Kind() == reflect.Struct {
			own := reflect.MakeSlice(v.Type(), v.Len(), v.Len())
			reflect.Copy(own, v)
			v.Set(own)
			for i := range own.Len() {
				forget(own.Index(i))
			}
		}
	default:
	}
}

// TestTextReadsBack writes the units of this machine and the embedded ones, and reads them again.
func TestTextReadsBack(t *testing.T) {
	for _, user := range []bool{false, true} {
		paths := SystemPaths("")
		if user {
			paths = []string{"/etc/systemd/user", "/usr/lib/systemd/user"}
		}
		v, err := Scan(os.DirFS("/"), Options{Paths: paths, User: user})
		if err != nil {
			t.Fatal(err)
		}
		for name := range v.files {
			if IsTemplate(name) {
				name = Instantiate(name, "x")
			}
			u := v.Load(name)
			if u.Load != Loaded || u.Type == TypeScope { // scopes come from no text
				continue
			}
			text := Text(u)
			again := FromText(u.Name, text, "/"+u.Name, Specifiers{})
			for _, w := range again.Warnings {
				t.Errorf("%s\n%s", w, text)
			}
			again.Perpetual, again.Transient = u.Perpetual, u.Transient
			differ(t, text, u, again)
		}
	}
}

// differ complains when two units are not the same apart from places.
func differ(t *testing.T, text string, a, b *Unit) {
	t.Helper()
	a, b = plain(a), plain(b)
	if reflect.DeepEqual(a, b) {
		return
	}
	va, vb := reflect.ValueOf(a).Elem(), reflect.ValueOf(b).Elem()
	for i := range va.NumField() {
		if fa, fb := va.Field(i).Interface(), vb.Field(i).Interface(); !reflect.DeepEqual(fa, fb) {
			t.Errorf("%s: %s differs after writing and reading:\n%+v\n%+v\n%s", a.Name, va.Type().Field(i).Name, fa, fb, text)
		}
	}
}

func TestAssignmentIsOneLine(t *testing.T) {
	for value, want := range map[string]string{
		"a\nExecStart=/bin/evil": "Description=a ExecStart=/bin/evil",
		`ends in \`:              `Description=ends in \ `,
		`two \\`:                 `Description=two \\`,
	} {
		if got := (Assignment{Key: "Description", Value: value}).String(); got != want {
			t.Errorf("%q: got %q, want %q", value, got, want)
		}
	}
}

func TestCheck(t *testing.T) {
	for _, c := range []struct{ name, section, key, value, want string }{
		{"a.service", "Service", "MemoryMax", "1G", ""},
		{"a.service", "Service", "Environment", "A=1 B=2", ""},
		{"a.service", "Unit", "After", "b.service", ""},
		{"a.service", "Service", "MemoryMax", "lots", "a.service: cannot set MemoryMax=lots: not a size"},
		{"a.service", "Service", "Environment", "1=2", `a.service: cannot set Environment=1=2: cannot read "1=2": not a variable name, ignored`},
		{"a.service", "Socket", "ListenStream", "/a", "a.service: cannot set ListenStream=: units of type service have no section [Socket]"},
		{"a.service", "Service", "Exec", "/a", "a.service: cannot set Exec=: unknown in section [Service]"},
		{"a.service", "Service", "User", "a\nb", "a.service: cannot set User=: the value has more than one line"},
	} {
		err := Check(c.name, Assignment{Section: c.section, Key: c.key, Value: c.value})
		if got := errorText(err); got != c.want {
			t.Errorf("%s=%s: got %q, want %q", c.key, c.value, got, c.want)
		}
	}
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return strings.TrimSpace(err.Error())
}
