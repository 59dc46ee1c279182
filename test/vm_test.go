package test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"davit/test/container"
)

// vmPackages are the packages whose tests also run under a kernel that mounts cgroup version 2 and nothing else.
var vmPackages = []string{"cgroup"}

// TestVirtualMachine boots Debian's cloud kernel in QEMU, emulated (no hardware acceleration needed), with a test
// program as init, and passes on what the tests in there did.
func TestVirtualMachine(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("SKIP: installing QEMU and a kernel needs root")
	}
	if os.Getenv("DAVIT_VM") != "" {
		t.Skip("SKIP: inside the virtual machine")
	}
	kernel, err := container.Cached("kernel-cloud-1", fetchKernel)
	if err != nil {
		t.Fatal(err)
	}
	root := container.Image(t)
	base, err := container.Cached(filepath.Base(root)+".cpio", func(path string) error { return archive(root, path) })
	if err != nil {
		t.Fatal(err)
	}
	own := filepath.Join(t.TempDir(), "own.cpio")
	if err := archive(vmFiles(t), own); err != nil {
		t.Fatal(err)
	}
	image := filepath.Join(t.TempDir(), "initramfs") // the kernel unpacks archive after archive
	if out, err := exec.Command("sh", "-c", `cat "$1" "$2" >"$3"`, "sh", base, own, image).CombinedOutput(); err != nil {
		t.Fatalf("cannot join the archives: %v\n%s", err, out)
	}
	console := bootVM(t, kernel, image)
	if !strings.Contains(console, "@done") {
		t.Fatalf("the machine did not come to its end:\n%s", console)
	}
	reportVM(t, console)
}

// fetchKernel downloads Debian's cloud kernel and keeps its image at path.
func fetchKernel(path string) error {
	dir, err := os.MkdirTemp("", "davit-kernel-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	script := `set -e
cd "$1"
package=$(apt-cache depends linux-image-cloud-amd64 2>/dev/null | sed -n 's/.*Depends: \(linux-image-.*-cloud-amd64\)$/\1/p' | head -n 1)
[ -n "$package" ] || { apt-get update -q >/dev/null; package=$(apt-cache depends linux-image-cloud-amd64 | sed -n 's/.*Depends: \(linux-image-.*\)$/\1/p' | head -n 1); }
chmod 777 .
apt-get download -q "$package" || { apt-get update -q >/dev/null; apt-get download -q "$package"; }
dpkg-deb --fsys-tarfile ./*.deb | tar -x --wildcards './boot/vmlinuz-*'
cp boot/vmlinuz-* "$2"`
	if out, err := exec.Command("sh", "-c", script, "sh", dir, path).CombinedOutput(); err != nil {
		return fmt.Errorf("%w: %s", err, out)
	}
	return nil
}

// archive packs the tree below dir, without what no test reads, in the format that kernels boot from.
func archive(dir, path string) error {
	script := `cd "$1" && find . -path ./usr/share -prune -o -path ./var/cache -prune -o -path ./var/lib/apt -prune -o \
	-path ./usr/lib/x86_64-linux-gnu/gconv -prune -o -print | cpio -o -H newc --quiet >"$2"`
	if out, err := exec.Command("sh", "-c", script, "sh", dir, path).CombinedOutput(); err != nil {
		return fmt.Errorf("cannot pack %s: %w: %s", dir, err, out)
	}
	return nil
}

// vmFiles builds what lies over the Debian root: the init, the test binaries and davit. It returns the directory.
func vmFiles(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	top, err := container.Top()
	if err != nil {
		t.Fatal(err)
	}
	build := func(args ...string) {
		t.Helper()
		cmd := exec.Command("go", args...)
		cmd.Dir = top
		cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("go %s: %v\n%s", strings.Join(args, " "), err, out)
		}
	}
	build("build", "-o", filepath.Join(dir, "init"), "./test/vm")
	for _, name := range vmPackages {
		build("test", "-c", "-o", filepath.Join(dir, "tests", name), "./"+name)
	}
	return dir
}

// bootVM runs the machine until it powers off and returns what it wrote on its serial console.
func bootVM(t *testing.T, kernel, image string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Minute)
	defer cancel()
	out, err := exec.CommandContext(
		ctx, "qemu-system-x86_64",
		"-accel", "tcg", "-cpu", "max", "-smp", "1", "-m", "1024", "-nodefaults", "-nographic", "-no-reboot", "-serial", "stdio",
		"-kernel", kernel, "-initrd", image, "-append", "console=ttyS0 quiet panic=-1 cgroup_no_v1=all",
	).CombinedOutput()
	if err != nil {
		t.Fatalf("qemu: %v\n%s", err, out)
	}
	return strings.ReplaceAll(string(out), "\r", "")
}

var vmResult = regexp.MustCompile(`^--- (PASS|FAIL|SKIP): (\S+)`)

// reportVM turns every test that ran in the machine into a subtest with the same result.
func reportVM(t *testing.T, console string) {
	t.Helper()
	var name string
	var said []string
	for line := range strings.Lines(console) {
		words := strings.Fields(line)
		said = append(said, line)
		switch m := vmResult.FindStringSubmatch(line); {
		case strings.Contains(line, "@begin "):
			name, said = words[len(words)-1], nil
		case len(words) == 3 && words[0] == "@end" && words[2] != "0":
			t.Errorf("the tests of %s end with status %s:\n%s", name, words[2], strings.Join(said, ""))
		case m != nil:
			t.Run(name+"/"+m[2], func(t *testing.T) {
				switch m[1] {
				case "SKIP":
					t.Skip("SKIP: in the virtual machine: " + reasonOf(said))
				case "FAIL":
					t.Fail()
				}
			})
		}
	}
}

// reasonOf finds the newest "SKIP: reason" in a test's output.
func reasonOf(said []string) string {
	for i := len(said) - 1; i >= 0; i-- {
		if _, reason, ok := strings.Cut(said[i], "SKIP: "); ok && !strings.HasPrefix(said[i], "---") {
			return strings.TrimSpace(reason)
		}
	}
	return "says no reason"
}
