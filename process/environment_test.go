package process

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"davit/unit"
)

func TestExpand(t *testing.T) {
	env := []string{"ONE='one'", "TWO='two two' too", "THREE=", "SPACES= a  b ", "TWO=again"}
	env = env[:4]
	for _, c := range []struct{ args, want, unset []string }{
		{[]string{"/bin/echo", "${ONE}", "${TWO}", "${THREE}"}, []string{"/bin/echo", "'one'", "'two two' too", ""}, nil},
		{[]string{"/bin/echo", "$ONE", "$TWO", "$THREE"}, []string{"/bin/echo", "one", "two two", "too"}, nil},
		{[]string{"$ONE", "x"}, []string{"$ONE", "x"}, nil},
		{[]string{"e", "$$ONE", "a$$b", "$$"}, []string{"e", "$ONE", "a$b", "$"}, nil},
		{[]string{"e", "x$ONE", "x${ONE}y", "$"}, []string{"e", "x$ONE", "x'one'y", "$"}, nil},
		{[]string{"e", "$SPACES", "${SPACES}"}, []string{"e", "a", "b", " a  b "}, nil},
		{[]string{"e", "$NONE", "${NONE}", "a${NONE}b"}, []string{"e", "", "ab"}, []string{"NONE", "NONE", "NONE"}},
		{[]string{"e", "${ONE", "a${"}, []string{"e", "${ONE", "a${"}, nil},
		{[]string{"e", "plain"}, []string{"e", "plain"}, nil},
	} {
		got, unset := Expand(c.args, env)
		if !slices.Equal(got, c.want) || !slices.Equal(unset, c.unset) {
			t.Errorf("%q gives %q, unset %q; want %q, unset %q", c.args, got, unset, c.want, c.unset)
		}
	}
}

func TestAssemble(t *testing.T) {
	e := Environment{
		Default: []string{"LANG=C", "X=default"},
		Manager: []string{"PASSED=yes", "SECRET=no"},
		Login:   &Login{"joe", "/home/joe", "/bin/sh"},
		Exec: &unit.Exec{
			Environment: []string{"X=unit", "Y=unit"}, PassEnvironment: []string{"PASSED", "MISSING"},
			UnsetEnvironment: []string{"LANG", "Y=other", "USER=joe"},
		},
		Invocation: "0123", JournalStream: "1:2", ManagerPID: 7, Run: []string{"MAINPID=9"},
		Directories: []Directory{{Kind: StateDirectory, Base: "/var/lib", Path: "a"}, {Kind: StateDirectory, Base: "/var/lib", Path: "b"}},
		Files:       []string{"Z=file", "X=file"},
	}
	want := []string{
		"PATH=" + SystemPath, "X=file", "HOME=/home/joe", "LOGNAME=joe", "SHELL=/bin/sh", "MANAGERPID=7", "INVOCATION_ID=0123",
		"JOURNAL_STREAM=1:2", "STATE_DIRECTORY=/var/lib/a:/var/lib/b", "MAINPID=9", "PASSED=yes", "Y=unit", "Z=file",
	}
	if got := e.Assemble(); !slices.Equal(got, want) {
		t.Errorf("got\n%q\nwant\n%q", got, want)
	}
}

func TestSanitize(t *testing.T) {
	got := Sanitize([]string{"A=b", "NOTIFY_SOCKET=/x", "MONITOR_UNIT=y", "INVOCATION_ID=1", "TERM=z"})
	if !slices.Equal(got, []string{"A=b", "TERM=z"}) {
		t.Errorf("got %q", got)
	}
}

func TestResolve(t *testing.T) {
	dir := t.TempDir()
	for name, mode := range map[string]os.FileMode{"run": 0o755, "data": 0o644} {
		if err := os.WriteFile(filepath.Join(dir, name), nil, mode); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := Resolve("run", []string{"/nonexistent", dir}, ""); err != nil || got != dir+"/run" {
		t.Errorf("%q, %v", got, err)
	}
	for name, want := range map[string]string{
		"data": "cannot find executable data: permission denied", "none": "cannot find executable none: no such file or directory",
	} {
		if _, err := Resolve(name, []string{dir}, ""); err == nil || err.Error() != want {
			t.Errorf("%v, want %s", err, want)
		}
	}
	if got, err := Resolve("/x/y", nil, ""); err != nil || got != "/x/y" {
		t.Errorf("%q, %v", got, err)
	}
}
