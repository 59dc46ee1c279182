package bench

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"davit/test/container"
)

// manager is davit or systemd, running.
type manager interface {
	name() string
	load(units map[string]string) error // write unit files and make the manager read them
	ctl(args ...string) error           // the control command, which waits for the job
	processes() []int                   // the manager and its log daemon
}

// davit runs in directory mode on this machine.
type davit struct{ *container.Directory }

func startDavit(b *testing.B, _ programs) manager {
	return davit{container.StartDirectory(b, map[string]string{"default.target": "[Unit]\n"})}
}

func (davit) name() string { return "davit" }

func (d davit) ctl(args ...string) error {
	_, err := d.Ctl(args...)
	return err
}

func (d davit) load(units map[string]string) error {
	if err := writeUnits(d.Dir, units); err != nil {
		return err
	}
	return d.ctl("daemon-reload")
}

// processes returns davit and those of its children that are davit too: the journal.
func (d davit) processes() []int {
	own, _ := os.Readlink(fmt.Sprintf("/proc/%d/exe", d.PID))
	all := []int{d.PID}
	for _, pid := range d.Cgroup.Processes() {
		exe, _ := os.Readlink(fmt.Sprintf("/proc/%d/exe", pid))
		if pid != d.PID && exe == own {
			all = append(all, pid)
		}
	}
	return all
}

// systemd is PID 1 of a container.
type systemd struct{ *container.Machine }

func startSystemd(b *testing.B, p programs) manager {
	m := container.Boot(b, container.Config{
		Image: container.Image(b, "systemd", "systemd-sysv"), Init: "/lib/systemd/systemd", Args: []string{"--bind=" + p.dir},
	})
	container.Wait(b, time.Minute, "systemd to boot", func() error {
		_, err := m.Run("systemctl", "is-active", "multi-user.target")
		return err
	})
	return systemd{m}
}

func (systemd) name() string { return "systemd" }

func (s systemd) ctl(args ...string) error {
	_, err := s.Run(append([]string{"systemctl"}, args...)...)
	return err
}

func (s systemd) load(units map[string]string) error {
	if err := writeUnits(s.Path("/run/systemd/system"), units); err != nil {
		return err
	}
	return s.ctl("daemon-reload")
}

func (s systemd) processes() []int {
	all := []int{s.PID}
	for _, pid := range s.Cgroup.Processes() {
		if name, _ := os.ReadFile(fmt.Sprintf("/proc/%d/comm", pid)); string(name) == "systemd-journal\n" {
			all = append(all, pid)
		}
	}
	return all
}

// writeUnits writes unit files into a directory.
func writeUnits(dir string, units map[string]string) error {
	for name, text := range units {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// timed is how long a control command takes.
func timed(b *testing.B, m manager, args ...string) time.Duration {
	b.Helper()
	begin := time.Now()
	if err := m.ctl(args...); err != nil {
		b.Fatalf("%s: %v", m.name(), err)
	}
	return time.Since(begin)
}

// measure takes every time of one manager once.
func measure(b *testing.B, m manager, p programs, all *results) {
	b.Helper()
	all.add(m.name(), "start 1,000", timed(b, m, "start", "many.target"))
	all.add(m.name(), "stop 1,000", timed(b, m, "stop", "many.slice"))
	all.add(m.name(), "start 5,000", timed(b, m, "start", "more.target"))
	all.add(m.name(), "stop 5,000", timed(b, m, "stop", "more.slice"))
	all.add(m.name(), "chain of 200", timed(b, m, "start", fmt.Sprintf("chain-%d.service", chain()-1)))
	all.add(m.name(), "10 layers of 100", timed(b, m, "start", fmt.Sprintf("layer-%d.target", layers-1)))
	for i := range layers { // targets stay active, so that the next run would not start their services
		timed(b, m, "stop", fmt.Sprintf("layer-%d.target", i))
	}
	for _, target := range []string{"many.target", "more.target"} {
		timed(b, m, "stop", target)
	}
	ear := listen(b, p)
	defer ear.close()
	timed(b, m, "start", "again.service")
	all.add(m.name(), "restart after kill -9", ear.kills(b))
	timed(b, m, "stop", "again.service")
}

// weigh takes what a manager needs while services run and nothing happens.
func weigh(b *testing.B, m manager, all *results) {
	b.Helper()
	timed(b, m, "start", "many.target")
	all.kilobytes(m.name(), "memory with 1,000", pss(m.processes()))
	threads, files := held(m.processes())
	before := processor(m.processes())
	time.Sleep(*idleFor) //nolint:forbidigo // idling is what is measured
	all.add(m.name(), "processor time, 20 s idle", processor(m.processes())-before)
	timed(b, m, "stop", "many.target")
	timed(b, m, "stop", "many.slice")
	idleThreads, idleFiles := held(m.processes())
	all.each(m.name(), "threads per service", float64(threads-idleThreads)/float64(many()))
	all.each(m.name(), "descriptors per service", float64(files-idleFiles)/float64(many()))
	timed(b, m, "start", "more.target")
	all.kilobytes(m.name(), "memory with 5,000", pss(m.processes()))
	timed(b, m, "stop", "more.target")
	timed(b, m, "stop", "more.slice")
}

// pss is the proportional share of memory of some processes, in kilobytes.
func pss(pids []int) int {
	sum := 0
	for _, pid := range pids {
		text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/smaps_rollup", pid))
		for line := range strings.Lines(string(text)) {
			if words := strings.Fields(line); words[0] == "Pss:" {
				n, _ := strconv.Atoi(words[1])
				sum += n
			}
		}
	}
	return sum
}

// held counts the threads and descriptors of some processes.
func held(pids []int) (threads, files int) {
	for _, pid := range pids {
		t, _ := os.ReadDir(fmt.Sprintf("/proc/%d/task", pid))
		f, _ := os.ReadDir(fmt.Sprintf("/proc/%d/fd", pid))
		threads, files = threads+len(t), files+len(f)
	}
	return threads, files
}

// processor is the time that all threads of some processes have run.
func processor(pids []int) time.Duration {
	var sum time.Duration
	for _, pid := range pids {
		all, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/schedstat", pid))
		for _, name := range all {
			text, _ := os.ReadFile(name)
			if words := strings.Fields(string(text)); len(words) > 0 {
				ns, _ := strconv.ParseInt(words[0], 10, 64)
				sum += time.Duration(ns)
			}
		}
	}
	return sum
}

// ear is a socket to which a service says hello when it begins; the kernel adds its process id.
type ear struct {
	fd   int
	path string
}

func listen(b *testing.B, p programs) ear {
	b.Helper()
	fd, err := syscall.Socket(syscall.AF_UNIX, syscall.SOCK_DGRAM|syscall.SOCK_CLOEXEC, 0)
	if err == nil {
		err = syscall.SetsockoptInt(fd, syscall.SOL_SOCKET, syscall.SO_PASSCRED, 1)
	}
	if err == nil {
		err = syscall.SetsockoptTimeval(fd, syscall.SOL_SOCKET, syscall.SO_RCVTIMEO, &syscall.Timeval{Sec: 10})
	}
	_ = os.Remove(p.hello)
	if err == nil {
		err = syscall.Bind(fd, &syscall.SockaddrUnix{Name: p.hello})
	}
	if err != nil {
		b.Fatalf("cannot listen for hellos: %v", err)
	}
	return ear{fd, p.hello}
}

// hear waits for a hello and returns who said it.
func (e ear) hear(b *testing.B) int {
	b.Helper()
	oob := make([]byte, 64)
	for {
		_, n, _, _, err := syscall.Recvmsg(e.fd, nil, oob, 0)
		if err == syscall.EINTR {
			continue
		}
		if err != nil {
			b.Fatalf("no hello: %v", err)
		}
		messages, err := syscall.ParseSocketControlMessage(oob[:n])
		if err != nil || len(messages) == 0 {
			b.Fatalf("a hello without credentials: %v", err)
		}
		who, err := syscall.ParseUnixCredentials(&messages[0])
		if err != nil {
			b.Fatal(err)
		}
		return int(who.Pid)
	}
}

// kills kills a service that says hello, again and again, and returns the mean time until the next one says hello.
func (e ear) kills(b *testing.B) time.Duration {
	b.Helper()
	const times = 200
	pid := e.hear(b)
	begin := time.Now()
	for range times {
		if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
			b.Fatal(err)
		}
		pid = e.hear(b)
	}
	return time.Since(begin) / times
}

func (e ear) close() {
	_ = syscall.Close(e.fd)
	_ = os.Remove(e.path)
}
