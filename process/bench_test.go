package process

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"syscall"
	"testing"
	"time"

	"davit/unit"

	"golang.org/x/sys/unix"
)

// tinySource is a program without a library, that exits at once.
var tinySource = map[string]string{
	"amd64": `void _start(void) { __asm__ volatile("syscall" :: "a"(231), "D"(0)); }`,
	"arm64": `void _start(void) { __asm__ volatile("mov x8, 94; mov x0, 0; svc 0"); }`,
}

// tiny builds the program, or takes /bin/true.
func tiny(b testing.TB) string {
	b.Helper()
	gcc, err := exec.LookPath("gcc")
	source := tinySource[runtime.GOARCH]
	if err != nil || source == "" {
		return "/bin/true"
	}
	dir := b.TempDir()
	file, program := filepath.Join(dir, "tiny.c"), filepath.Join(dir, "tiny")
	if err := os.WriteFile(file, []byte(source), 0o600); err != nil {
		b.Fatal(err)
	}
	if out, err := exec.Command(gcc, "-O2", "-static", "-nostdlib", "-o", program, file).CombinedOutput(); err != nil {
		b.Fatalf("%v: %s", err, out)
	}
	return program
}

// openMany makes n further descriptors, as a manager with many services has.
func openMany(b *testing.B, n int) {
	b.Helper()
	for range n {
		fd, err := unix.Eventfd(0, unix.EFD_CLOEXEC)
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { unix.Close(fd) })
	}
}

// reapOne waits for one child that has ended, whichever it is.
func reapOne(b *testing.B) {
	var info siginfo
	if errno := waitid(unix.P_ALL, 0, &info, unix.WEXITED, nil); errno != 0 {
		b.Fatal(errno)
	}
}

// benchmarkForkExec is what Go's own spawn costs, with a session, a pidfd and the standard streams only.
func benchmarkForkExec(b *testing.B) {
	program := tiny(b)
	null, err := unix.Open("/dev/null", unix.O_RDWR|unix.O_CLOEXEC, 0)
	if err != nil {
		b.Fatal(err)
	}
	defer unix.Close(null)
	for b.Loop() {
		pidfd := -1
		files := []uintptr{uintptr(null), uintptr(null), uintptr(null)}
		attr := &syscall.ProcAttr{Files: files, Sys: &syscall.SysProcAttr{Setsid: true, PidFD: &pidfd}}
		if _, err := syscall.ForkExec(program, []string{program}, attr); err != nil {
			b.Fatal(err)
		}
		unix.Close(pidfd)
		reapOne(b)
	}
}

// serviceSpec is what a small service asks for.
func serviceSpec(program string) Spec {
	spec := basic(program)
	spec.UserMode = false
	spec.Env = []string{"PATH=" + SystemPath, "INVOCATION_ID=0123456789abcdef0123456789abcdef", "JOURNAL_STREAM=9:123456"}
	return spec
}

// sandboxSpec is a service with about thirty settings.
func sandboxSpec(program string) Spec {
	spec := serviceSpec(program)
	spec.Exec = plain(func(e *unit.Exec) {
		e.Nice = unit.OptInt{Value: 5, Set: true}
		e.CapabilityBoundingSet = 1<<10 | 1<<5
		e.LimitNOFILE = unit.Rlimit{Soft: 1024, Hard: 4096, Set: true}
		e.LimitCORE = unit.Rlimit{Set: true}
		e.IOSchedulingClass = unit.IOClassBestEffort
		e.NoNewPrivileges = true
	})
	if os.Getuid() == 0 {
		spec.UID, spec.GID, spec.Groups = 12345, 12345, []uint32{12345}
	}
	return spec
}

// benchmarkSpawn starts spec with at most inFlight processes alive at once.
func benchmarkSpawn(b *testing.B, s *Spawner, spec Spec, alive int) {
	var starting time.Duration
	living := 0
	b.ReportAllocs()
	for b.Loop() {
		for living == alive {
			reapOne(b)
			living--
		}
		began := time.Now()
		child, err := s.Spawn(&spec)
		for err == ErrBusy {
			reapOne(b)
			living--
			child, err = s.Spawn(&spec)
		}
		starting += time.Since(began)
		if err != nil {
			b.Fatal(err)
		}
		unix.Close(child.PIDFD)
		living++
	}
	b.ReportMetric(float64(starting.Nanoseconds())/float64(b.N), "ns/start")
	for range living {
		reapOne(b)
	}
}

// BenchmarkStart compares ways to start, run and reap a tiny program. "ns/start" is how long the caller of Spawn is held up.
func BenchmarkStart(b *testing.B) {
	program := tiny(b)
	spawner := newSpawner(b, Config{}) // early, as a manager does: its low descriptors have to be low
	for _, descriptors := range []int{0, 5000} {
		b.Run("fds="+strconv.Itoa(descriptors), func(b *testing.B) {
			openMany(b, descriptors)
			b.Run("ForkExec", benchmarkForkExec)
			b.Run("Spawn", func(b *testing.B) { benchmarkSpawn(b, spawner, serviceSpec(program), 1) })
			b.Run("Spawn/sandbox", func(b *testing.B) { benchmarkSpawn(b, spawner, sandboxSpec(program), 1) })
			b.Run("Spawn/16", func(b *testing.B) { benchmarkSpawn(b, spawner, serviceSpec(program), 16) })
			b.Run("Spawn/copy", func(b *testing.B) {
				spec := serviceSpec(program)
				spec.MemoryLimit = true
				benchmarkSpawn(b, spawner, spec, 1)
			})
		})
	}
}

// BenchmarkExecutor is what a list costs that the direct performer cannot run.
func BenchmarkExecutor(b *testing.B) {
	s := newSpawner(b, Config{Executor: true})
	spec := serviceSpec(tiny(b))
	for b.Loop() {
		child, err := s.Spawn(&spec)
		if err != nil {
			b.Fatal(err)
		}
		unix.Close(child.PIDFD)
		reapOne(b)
	}
}

// BenchmarkCompile is the part without system calls.
func BenchmarkCompile(b *testing.B) {
	spec := sandboxSpec("/bin/true")
	var l Steps
	b.ReportAllocs()
	for b.Loop() {
		if err := compile(&l, &spec); err != nil {
			b.Fatal(err)
		}
	}
}
