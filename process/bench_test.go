package process

import (
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// tiny builds a static program that exits at once.
func tiny(b testing.TB) string {
	b.Helper()
	if _, err := exec.LookPath("gcc"); err != nil {
		b.Skip("SKIP: no gcc")
	}
	dir := b.TempDir()
	src := filepath.Join(dir, "t.c")
	os.WriteFile(src, []byte(`void _start(void){__asm__ volatile("syscall"::"a"(231),"D"(0));}`), 0o600)
	bin := filepath.Join(dir, "t")
	if out, err := exec.Command("gcc", "-O2", "-static", "-nostdlib", "-o", bin, src).CombinedOutput(); err != nil {
		b.Fatalf("%v %s", err, out)
	}
	return bin
}

func BenchmarkForkExec(b *testing.B) {
	bin := tiny(b)
	null, _ := os.OpenFile("/dev/null", os.O_RDWR, 0)
	for b.Loop() {
		fd := -1
		attr := &syscall.ProcAttr{Files: []uintptr{null.Fd(), null.Fd(), null.Fd()}, Sys: &syscall.SysProcAttr{Setsid: true, PidFD: &fd}}
		pid, err := syscall.ForkExec(bin, []string{bin}, attr)
		if err != nil {
			b.Fatal(err)
		}
		unix.Close(fd)
		wait(b, pid)
	}
}

func BenchmarkSpawn(b *testing.B) {
	bin := tiny(b)
	s := newSpawner(b, Config{})
	spec := basic(bin)
	b.ReportAllocs()
	for b.Loop() {
		c, err := s.Spawn(&spec)
		if err != nil {
			b.Fatal(err)
		}
		unix.Close(c.PIDFD)
		wait(b, c.PID)
	}
}

// As many as may be in flight.
func BenchmarkSpawnMany(b *testing.B) {
	bin := tiny(b)
	s := newSpawner(b, Config{})
	spec := basic(bin)
	b.ReportAllocs()
	living := 0
	for b.Loop() {
		for {
			c, err := s.Spawn(&spec)
			if err == nil {
				unix.Close(c.PIDFD)
				living++
				break
			}
			var info siginfo
			waitid(unix.P_ALL, 0, &info, unix.WEXITED, nil)
			living--
		}
	}
	for ; living > 0; living-- {
		var info siginfo
		waitid(unix.P_ALL, 0, &info, unix.WEXITED, nil)
	}
}
