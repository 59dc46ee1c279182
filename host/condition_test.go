package host

import (
	"os"
	"path/filepath"
	"strconv"
	"testing"
)

// tree makes a root directory with the files given.
func tree(t *testing.T, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	for path, content := range files {
		path = filepath.Join(root, path)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

func TestConditionsOfATree(t *testing.T) {
	root := tree(t, map[string]string{
		"etc/os-release":                         "ID=debian\nVERSION_ID=\"12\"\nNAME='Debian GNU/Linux'\n",
		"etc/machine-id":                         "0123456789abcdef0123456789abcdef\n",
		"proc/cmdline":                           "quiet root=/dev/vda davit.debug=\"a b\" systemd.condition_first_boot=yes\n",
		"proc/meminfo":                           "MemTotal: 2048 kB\n",
		"proc/pressure/memory":                   "some avg10=1.50 avg60=2.00 avg300=3.00 total=1\nfull avg10=0.50 avg60=0.20 avg300=0.10 total=1\n",
		"data/file":                              "text",
		"data/empty":                             "",
		"creds/token":                            "x",
		"sys/module/kvm_amd/x":                   "",
		"sys/class/dmi/id/name":                  "Fire 2.10\n",
		"sys/module/apparmor/parameters/enabled": "Y\n",
	})
	must(t, os.Mkdir(root+"/data/none", 0o755))
	must(t, os.Symlink("file", root+"/data/link"))
	must(t, os.WriteFile(root+"/data/run", nil, 0o755))
	m := &Machine{
		Root: root, Accounts: Accounts{Root: root}, CredentialDirectory: root + "/creds",
		Environ: []string{"A=1", "B="}, Controllers: []string{"memory", "pids"},
	}
	for _, c := range []struct {
		kind, param string
		want        bool
	}{
		{"PathExists", "/data/file", true},
		{"PathExists", "/data/absent", false},
		{"PathExists", "/data/file/below", false},
		{"PathExistsGlob", "/data/f*", true},
		{"PathExistsGlob", "/data/x*", false},
		{"PathIsDirectory", "/data", true},
		{"PathIsDirectory", "/data/file", false},
		{"PathIsSymbolicLink", "/data/link", true},
		{"PathIsSymbolicLink", "/data/file", false},
		{"PathIsMountPoint", "/data", false},
		{"PathIsReadWrite", "/data", true},
		{"PathIsSocket", "/data/file", false},
		{"PathIsEncrypted", "/data", false},
		{"DirectoryNotEmpty", "/data", true},
		{"DirectoryNotEmpty", "/data/none", false},
		{"DirectoryNotEmpty", "/data/absent", false},
		{"FileNotEmpty", "/data/file", true},
		{"FileNotEmpty", "/data/empty", false},
		{"FileIsExecutable", "/data/run", true},
		{"FileIsExecutable", "/data/file", false},
		{"Host", "01234567-89ab-cdef-0123-456789abcdef", true},
		{"Host", "no-such-host-*", false},
		{"OSRelease", "ID=debian", true},
		{"OSRelease", "VERSION_ID>=12", true},
		{"OSRelease", "VERSION_ID<12", false},
		{"OSRelease", "\"NAME=Debian GNU/Linux\" ID$=deb*", true},
		{"OSRelease", "ABSENT=", true},
		{"Environment", "A", true},
		{"Environment", "A=1", true},
		{"Environment", "A=2", false},
		{"Environment", "C", false},
		{"Credential", "token", true},
		{"Credential", "other", false},
		{"Memory", "2M", true},
		{"Memory", ">2M", false},
		{"Memory", "< 3M", true},
		{"MemoryPressure", "5%", true},
		{"MemoryPressure", "0.3%/10sec", false},
		{"CPUPressure", "5%", true},
		{"ControlGroupController", "memory pids", true},
		{"ControlGroupController", "cpu", false},
		{"ControlGroupController", "v1", true},
		{"KernelModuleLoaded", "kvm-amd", true},
		{"KernelModuleLoaded", "absent", false},
		{"Firmware", "smbios-field(name >= Fire 2.9)", true},
		{"Firmware", "smbios-field(name $= Fire*)", true},
		{"Firmware", "uefi", false},
		{"Security", "apparmor", true},
		{"Security", "selinux", false},
		{"ACPower", "true", true},
		{"CPUs", ">=1", true},
		{"CPUs", "1000000", false},
		{"KernelVersion", ">=2.6", true},
		{"KernelVersion", "<3", false},
		{"User", strconv.Itoa(os.Getuid()), true},
		{"User", "4294967290", false},
		{"User", "nobody-at-all", false},
		{"Group", strconv.Itoa(os.Getgid()), true},
		{"NeedsUpdate", "/etc", false},
		{"Nonsense", "", false},
		{"ACPower", "maybe", false},
	} {
		if got, text := m.Test(c.kind, c.param); got != c.want {
			t.Errorf("%s=%s: %v (%s), want %v", c.kind, c.param, got, text, c.want)
		}
	}
}

func TestKernelCommandLineOutsideContainers(t *testing.T) {
	root := tree(t, map[string]string{"proc/cmdline": "quiet a=1 b=\"x y\"\n"})
	must(t, os.MkdirAll(root+"/proc/self/ns", 0o755))
	must(t, os.Symlink("pid:[4026531836]", root+"/proc/self/ns/pid"))
	m := &Machine{Root: root}
	for param, want := range map[string]bool{"quiet": true, "a": true, "a=1": true, "a=2": false, "b=x y": true, "c": false} {
		if got, _ := m.Test("KernelCommandLine", param); got != want {
			t.Errorf("%s: %v, want %v", param, got, want)
		}
	}
}

func TestVirtualizationOfContainers(t *testing.T) {
	for file, want := range map[string]string{".dockerenv": "docker", "run/.containerenv": "podman"} {
		root := tree(t, map[string]string{file: ""})
		must(t, os.MkdirAll(root+"/proc/self/ns", 0o755))
		must(t, os.Symlink("pid:[4026531836]", root+"/proc/self/ns/pid"))
		m := &Machine{Root: root}
		if got := m.Container(); got != want {
			t.Errorf("%s: %q, want %q", file, got, want)
		}
		for param, holds := range map[string]bool{"container": true, "vm": false, "yes": true, "no": false, want: true} {
			if got, _ := m.Test("Virtualization", param); got != holds {
				t.Errorf("%s: %s is %v", file, param, got)
			}
		}
	}
}

func TestVersions(t *testing.T) {
	ascending := []string{"1~rc1", "1", "1-1", "1^post", "1.0", "1.1", "1.2a", "1.10", "2", "10", "122.1", "123"}
	for i, a := range ascending {
		for j, b := range ascending {
			want := min(max(i-j, -1), 1)
			if got := compareVersions(a, b); got != want {
				t.Errorf("compare %q with %q: %d, want %d", a, b, got, want)
			}
		}
	}
}

func TestAQuestionWithoutAnswerIsANo(t *testing.T) {
	m := &Machine{Root: t.TempDir()}
	for kind, param := range map[string]string{"ACPower": "maybe", "Nonsense": "", "CPUs": "many", "Memory": "", "Security": "hope"} {
		if yes, text := m.Test(kind, param); yes || text == "" {
			t.Errorf("%s=%s: %v, %q", kind, param, yes, text)
		}
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
