package host

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

func TestAccountsFromFiles(t *testing.T) {
	root := tree(t, map[string]string{
		"etc/passwd": "root:x:0:0:root:/root:/bin/bash\nwww:x:33:33::/var/www:\nbad\n",
		"etc/group":  "root:x:0:\nwww:x:33:\nssl:x:101:www,root\nadm:x:4:www\n",
	})
	a := Accounts{Root: root}
	www, err := a.User("www")
	must(t, err)
	if www.UID != 33 || www.GID != 33 || www.Home != "/var/www" || www.Shell != "/bin/sh" ||
		!slices.Equal(www.Groups, []uint32{4, 33, 101}) {
		t.Errorf("www is %+v", www)
	}
	if byNumber, err := a.User("33"); err != nil || byNumber.Name != "www" {
		t.Errorf("33 is %+v, %v", byNumber, err)
	}
	if unknown, err := a.User("4711"); err != nil || unknown.UID != 4711 || unknown.GID != 4711 {
		t.Errorf("4711 is %+v, %v", unknown, err)
	}
	if _, err := a.User("absent"); !errors.Is(err, ErrUnknownName) {
		t.Errorf("absent: %v", err)
	}
	if gid, err := a.Group("ssl"); err != nil || gid != 101 {
		t.Errorf("ssl is %d, %v", gid, err)
	}
	if _, err := a.Group("-1"); !errors.Is(err, ErrUnknownName) {
		t.Errorf("-1: %v", err)
	}
	if name := a.GroupName(101); name != "ssl" {
		t.Errorf("101 is %q", name)
	}
}

func TestListenLeavesALiveSocketAlone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a", "private")
	for _, typ := range []int{unix.SOCK_STREAM, unix.SOCK_DGRAM, unix.SOCK_SEQPACKET} {
		fd, err := Listen(path, typ, 0o600)
		must(t, err)
		if _, err := Listen(path, typ, 0o600); !errors.Is(err, ErrInUse) {
			t.Errorf("type %d: second listener: %v", typ, err)
		}
		if st, err := os.Stat(path); err != nil || st.Mode().Perm() != 0o600 {
			t.Errorf("type %d: %v, %v", typ, st, err)
		}
		unix.Close(fd)
		fd, err = Listen(path, typ, 0o600)
		if err != nil {
			t.Errorf("type %d: a dead socket is in the way: %v", typ, err)
		}
		unix.Close(fd)
		must(t, os.Remove(path))
	}
}

func TestListenRefusesAFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "private")
	must(t, os.WriteFile(path, []byte("precious"), 0o600))
	if _, err := Listen(path, unix.SOCK_STREAM, 0o600); err == nil {
		t.Error("a file was replaced")
	}
	if text, _ := os.ReadFile(path); string(text) != "precious" {
		t.Error("a file was harmed")
	}
}

func TestLayoutsFitSocketAddresses(t *testing.T) {
	long := "/" + strings.Repeat("deep/", 40)
	for _, l := range []Layout{
		SystemLayout(), DirectoryLayout("/srv/app"), DirectoryLayout(long),
		UserLayout(1000, func(string) string { return "" }),
	} {
		for _, p := range []string{l.Private, l.Notify, l.JournalStdout, l.JournalNative, l.JournalDevLog} {
			if len(p) > 107 || !filepath.IsAbs(p) {
				t.Errorf("%s: %q is no address", l.Mode, p)
			}
		}
		if len(l.UnitPaths) == 0 || l.ID() == "" {
			t.Errorf("%s: incomplete", l.Mode)
		}
	}
	if DirectoryLayout(long).Runtime != DirectoryLayout(long+"/").Runtime {
		t.Error("one directory has two runtime directories")
	}
}

func TestUnitPathFromTheEnvironment(t *testing.T) {
	t.Setenv("SYSTEMD_UNIT_PATH", "/a:/b")
	if got := SystemLayout().UnitPaths; !slices.Equal(got, []string{"/a", "/b"}) {
		t.Errorf("replaced: %v", got)
	}
	t.Setenv("SYSTEMD_UNIT_PATH", "/a:")
	if got := SystemLayout().UnitPaths; got[0] != "/a" || len(got) < 10 {
		t.Errorf("prepended: %v", got)
	}
}

func TestMachineIDIsMadeOnce(t *testing.T) {
	root := tree(t, map[string]string{"etc/hostname": "x"})
	m := &Machine{Root: root}
	id, first, written := m.EnsureMachineID()
	if !isID(id) || !first || !written {
		t.Fatalf("%q %v %v", id, first, written)
	}
	if again, first, _ := m.EnsureMachineID(); again != id || first {
		t.Errorf("%q, then %q, first %v", id, again, first)
	}
}

func TestClocksAdvanceTogether(t *testing.T) {
	r1, m1, b1 := Now()
	r2, m2, b2 := Now()
	if r1 < 1e15 || m1 <= 0 || b1 < m1-1000 || m2 < m1 || b2 < b1 || r2 < r1-1e6 {
		t.Errorf("%d %d %d, then %d %d %d", r1, m1, b1, r2, m2, b2)
	}
}

func TestNameServices(t *testing.T) {
	for text, want := range map[string]bool{
		"passwd: files systemd\ngroup: files [SUCCESS=merge] systemd\nhosts: files dns\n": true,
		"passwd: files ldap\n":          false,
		"passwd: files # ldap\n":        true,
		"group: files sss\npasswd: x\n": false,
	} {
		a := Accounts{Root: tree(t, map[string]string{"etc/nsswitch.conf": text})}
		if got := a.OnlyFiles(); got != want {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
	}
}

func TestPidfdsTellOfTheDead(t *testing.T) {
	cmd := exec.Command("/bin/sh", "-c", "exit 3")
	must(t, cmd.Start())
	fd, err := unix.PidfdOpen(cmd.Process.Pid, 0)
	must(t, err)
	defer unix.Close(fd)
	if _, ok := ProcessOf(fd); !ok {
		t.Skip("SKIP: this kernel does not tell about pidfds")
	}
	_ = cmd.Wait()
	p, ok := ProcessOf(fd)
	if !ok {
		t.Skip("SKIP: this kernel does not tell about processes that were reaped")
	}
	if !p.Ended || p.Status.ExitStatus() != 3 {
		t.Errorf("%+v", p)
	}
}

func TestListenerIsKnown(t *testing.T) {
	path := filepath.Join(t.TempDir(), "private")
	fd, err := Listen(path, unix.SOCK_STREAM, 0o600)
	must(t, err)
	if pid := Listener(path); pid != os.Getpid() {
		t.Errorf("process %d listens, want %d", pid, os.Getpid())
	}
	unix.Close(fd)
	if pid := Listener(path); pid != 0 {
		t.Errorf("process %d listens on a closed socket", pid)
	}
}
