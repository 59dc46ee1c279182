package ctl

import (
	"os"
	"strings"
	"syscall"
	"testing"
	"time"
)

// pending makes StartUnit answer with a job that nobody ends.
func (s *session) pending() {
	s.bus.methods["StartUnit"] = func(args []any) ([]any, error) { return []any{objectPath(managerPath + "/job/50")}, nil }
}

func TestInterruptStopsWaiting(t *testing.T) {
	s := newSession()
	s.pending()
	c := make(chan os.Signal, 1)
	c <- syscall.SIGINT
	s.w.Interrupt = c
	if code := s.run("start", "slow"); code != 1 {
		t.Errorf("exit %d", code)
	}
	mustContain(t, s.out.String(), "stopped waiting; the jobs go on: slow.service")
}

func TestManagerGoesAway(t *testing.T) {
	s := newSession()
	s.pending()
	close(s.bus.signals)
	if code := s.run("start", "slow"); code != 1 {
		t.Errorf("exit %d", code)
	}
	mustContain(t, s.out.String(), "the manager closed the connection")
}

func TestNobodyAnswers(t *testing.T) {
	s := newSession()
	s.w.Env = func(name string) string { return map[string]string{"DAVIT_DIRECTORY": "/nowhere"}[name] }
	var asked string
	s.w.Dial = func(socket string) (Bus, error) { asked = socket; return nil, os.ErrNotExist }
	if code := s.run("start", "x"); code != 1 {
		t.Errorf("exit %d", code)
	}
	mustContain(t, s.out.String(), "Failed to connect to bus: no directory manager answers at /nowhere/.davit/run/private: file does not exist")
	s.out.Reset()
	if code := s.run("is-system-running"); code != 1 || s.out.String() != "offline\n" {
		t.Errorf("exit %d, %q", code, s.out.String())
	}
	if asked != "/nowhere/.davit/run/private" {
		t.Errorf("it dialled %s", asked)
	}
}

// TestSelection says whose manager is meant.
func TestSelection(t *testing.T) {
	env := map[string]string{"XDG_RUNTIME_DIR": "/run/user/7", "HOME": "/home/u"}
	for _, tt := range []struct {
		name string
		uid  int
		args string
		want string
	}{
		{"davitctl", 0, "is-active x", "/run/systemd/private"},
		{"davitctl", 7, "is-active x", "/run/user/7/systemd/private"},
		{"systemctl", 7, "is-active x", "/run/systemd/private"},
		{"davitctl", 7, "--system is-active x", "/run/systemd/private"},
		{"davitctl", 0, "--user is-active x", "/run/user/7/systemd/private"},
		{"davitctl", 0, "is-active x --directory=/d/e/", "/d/e/.davit/run/private"},
	} {
		s := newSession()
		s.w.Name, s.w.UID = tt.name, tt.uid
		s.w.Env = func(name string) string { return env[name] }
		var asked string
		dial := s.w.Dial
		s.w.Dial = func(socket string) (Bus, error) { asked = socket; return dial(socket) }
		s.run(strings.Fields(tt.args)...)
		if asked != tt.want {
			t.Errorf("%s as %d %s: dialled %s, want %s", tt.name, tt.uid, tt.args, asked, tt.want)
		}
	}
}

// TestProgress draws the line of a job that takes long, and takes it away.
func TestProgress(t *testing.T) {
	s := newSession()
	s.w.Progress, s.w.Width = true, 100
	now := fixedNow
	s.w.Now = func() time.Time { return now }
	c := &command{World: s.w, opt: defaults(), conn: s.bus}
	s.bus.objects[unitPath("web.service")]["SubState"] = "start"
	p := c.startProgress([]*job{{Unit: "web.service", Verb: "start", asked: now}, {Unit: "b.service", asked: now}})
	p.draw()
	if s.out.Len() > 0 {
		t.Errorf("it draws at once: %q", s.out.String())
	}
	now = now.Add(3 * time.Second)
	p.draw()
	mustContain(t, s.out.String(), "start web.service 3s / 1min 30s (and 1 more), start: serving 3 clients")
	p.open = nil
	p.clear()
	if !strings.HasSuffix(s.out.String(), "! \r\x1b[K\n") {
		t.Errorf("the line stays: %q", s.out.String())
	}
}

// TestWaitDown waits for units to come down again, and fails with them.
func TestWaitDown(t *testing.T) {
	s := newSession()
	web := s.bus.objects[unitPath("web.service")]
	s.bus.methods["StartUnit"] = func(args []any) ([]any, error) {
		p := objectPath(managerPath + "/job/50")
		s.bus.signals <- Signal{managerPath, managerIface + ".JobRemoved", []any{uint32(50), p, args[0], "done"}}
		return []any{p}, nil
	}
	go func() {
		s.bus.signals <- Signal{unitPath("web.service"), propsIface + ".PropertiesChanged", nil}
	}()
	web["ActiveState"] = "failed"
	if code := s.run("start", "--wait", "web"); code != 1 {
		t.Errorf("exit %d: %s", code, s.out.String())
	}
}

// TestEdit puts what the editor wrote into a drop-in and reloads.
func TestEdit(t *testing.T) {
	dir := t.TempDir()
	s := newSession()
	s.w.Env = func(name string) string { return map[string]string{"EDITOR": "fake -x"}[name] }
	s.w.Run = func(name string, args ...string) error {
		b, err := os.ReadFile(args[1])
		if err != nil {
			return err
		}
		mustContain(t, string(b), "### Editing", editAbove, editBelow)
		text := strings.Replace(string(b), editAbove+"\n", editAbove+"\n[Service]\nNice=3\n", 1)
		return os.WriteFile(args[1], []byte(text), 0o644)
	}
	if code := s.run("edit", "web", "--directory", dir); code != 0 {
		t.Fatalf("exit %d: %s", code, s.out.String())
	}
	b, err := os.ReadFile(dir + "/web.service.d/override.conf")
	if err != nil || string(b) != "[Service]\nNice=3\n" {
		t.Errorf("the drop-in is %q, %v", b, err)
	}
	if len(s.bus.calls) != 1 || s.bus.calls[0] != "Reload[]" {
		t.Errorf("calls: %v", s.bus.calls)
	}
	left, err := os.ReadDir(dir + "/web.service.d")
	if err != nil || len(left) != 1 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// TestCat shows files after their paths.
func TestCat(t *testing.T) {
	dir := t.TempDir()
	s := newSession()
	for name, text := range map[string]string{"/a.service": "[Unit]\n", "/x.conf": "[Service]"} {
		if err := os.WriteFile(dir+name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	web := s.bus.objects[unitPath("web.service")]
	web["FragmentPath"], web["DropInPaths"] = dir+"/a.service", []string{dir + "/x.conf"}
	if code := s.run("cat", "web", "nope"); code != 1 {
		t.Errorf("exit %d", code)
	}
	want := "# " + dir + "/a.service\n[Unit]\n\n# " + dir + "/x.conf\n[Service]\n! No files found for nope.service.\n"
	if s.out.String() != want {
		t.Errorf("%q, want %q", s.out.String(), want)
	}
}

// TestNoCgroups lists processes where the manager has no cgroups for them.
func TestNoCgroups(t *testing.T) {
	s := newSession()
	s.bus.methods["GetUnitProcesses"] = func(args []any) ([]any, error) {
		if args[0] != "web.service" {
			return []any{[][]any{}}, nil
		}
		return []any{[][]any{{"", uint32(930), "web"}, {"", uint32(1031), "worker"}}}, nil
	}
	web := s.bus.objects[unitPath("web.service")]
	web["ControlGroup"] = ""
	s.run("status", "web", "-n0")
	mustContain(t, s.out.String(), "  Processes:\n             ├─ 930 web\n             └─1031 worker\n")
	s.out.Reset()
	s.run("status")
	mustContain(t, s.out.String(), "Processes:\n           └─web.service\n             ├─ 930 web\n             └─1031 worker\n")
}

// TestHelpNamesEveryVerb and its arguments.
func TestHelpNamesEveryVerb(t *testing.T) {
	s := newSession()
	if code := s.run("--help"); code != 0 {
		t.Errorf("exit %d", code)
	}
	for _, sec := range sections {
		for _, v := range sec.verbs {
			mustContain(t, s.out.String(), "  "+v.name+" ", v.help)
		}
	}
	s.out.Reset()
	s.run("--help", "--json")
	mustContain(t, s.out.String(), `{"verbs":[{`, `"verb":"why"`)
	s.out.Reset()
	s.run("logs", "--help")
	mustContain(t, s.out.String(), "--follow", "--since=DATE")
}
