package bench

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"davit/dbus"
	"davit/host"
	"davit/test/container"
)

// manager is davit or systemd, running.
type manager interface {
	name() string
	load(units map[string]string) error // write unit files and make the manager read them
	job(method, unit string) error      // StartUnit or StopUnit, until the job is done
	processes() []int                   // the manager and its log daemon
}

// bus is a connection to a manager's private socket, as its control command has one.
type bus struct{ *dbus.Client }

const (
	managerPath  = "/org/freedesktop/systemd1"
	managerIface = "org.freedesktop.systemd1.Manager."
)

func dial(b *testing.B, path string) bus {
	b.Helper()
	client, err := dbus.Dial(path)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = client.Close() })
	client.Signals()
	if err := client.Match(b.Context(), "member='JobRemoved'"); err != nil { // systemd's private socket knows no rules
		if _, err := client.Call(b.Context(), managerPath, managerIface+"Subscribe"); err != nil {
			b.Fatal(err)
		}
	}
	return bus{client}
}

// job queues a job and waits for its end, which has to be "done".
func (c bus) job(method, unit string) error {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	reply, err := c.Call(ctx, managerPath, managerIface+method, unit, "replace")
	if err != nil {
		return err
	}
	path := fmt.Sprint(reply[0])
	for {
		select {
		case s, ok := <-c.Signals():
			if !ok {
				return fmt.Errorf("%s %s: the manager hung up", method, unit)
			}
			if s.Name != managerIface+"JobRemoved" || fmt.Sprint(s.Body[1]) != path {
				continue
			}
			if result := fmt.Sprint(s.Body[3]); result != "done" {
				return fmt.Errorf("%s %s: job %s", method, unit, result)
			}
			return nil
		case <-ctx.Done():
			return fmt.Errorf("%s %s: %w", method, unit, ctx.Err())
		}
	}
}

// reload makes the manager read its unit files again.
func (c bus) reload() error {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	_, err := c.Call(ctx, managerPath, managerIface+"Reload")
	return err
}

// davit runs in directory mode on this machine.
type davit struct {
	*container.Directory
	bus
}

func startDavit(b *testing.B, _ programs) manager {
	d := container.StartDirectory(b, map[string]string{"default.target": "[Unit]\n"})
	return davit{d, dial(b, host.DirectoryLayout(d.Dir).Private)}
}

func (davit) name() string { return "davit" }

func (d davit) load(units map[string]string) error {
	if err := writeUnits(d.Dir, units); err != nil {
		return err
	}
	return d.reload()
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
type systemd struct {
	*container.Machine
	bus
}

func startSystemd(b *testing.B, p programs) manager {
	m := container.Boot(b, container.Config{
		Image: container.Image(b, "systemd", "systemd-sysv"), Init: "/lib/systemd/systemd", Args: []string{"--bind=" + p.dir},
	})
	container.Wait(b, time.Minute, "systemd to boot", func() error {
		_, err := m.Run("systemctl", "is-active", "multi-user.target")
		return err
	})
	return systemd{m, dial(b, m.Path("/run/systemd/private"))}
}

func (systemd) name() string { return "systemd" }

func (s systemd) load(units map[string]string) error {
	if err := writeUnits(s.Path("/run/systemd/system"), units); err != nil {
		return err
	}
	return s.reload()
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

// timed is how long a job takes.
func timed(b *testing.B, m manager, method, unit string) time.Duration {
	b.Helper()
	begin := time.Now()
	if err := m.job(method, unit); err != nil {
		b.Fatalf("%s: %v", m.name(), err)
	}
	return time.Since(begin)
}

// measure takes every time of one manager once. Targets that are still active at the end are stopped: the next run has to
// start their services again.
func measure(b *testing.B, m manager, p programs, all *results) {
	b.Helper()
	all.add(m.name(), "start 1,000", timed(b, m, "StartUnit", "many.target"))
	all.add(m.name(), "stop 1,000", timed(b, m, "StopUnit", "many.slice"))
	all.add(m.name(), "start 5,000", timed(b, m, "StartUnit", "more.target"))
	all.add(m.name(), "stop 5,000", timed(b, m, "StopUnit", "more.slice"))
	all.add(m.name(), "chain of 200", timed(b, m, "StartUnit", fmt.Sprintf("chain-%d.service", chain()-1)))
	all.add(m.name(), "10 layers of 100", timed(b, m, "StartUnit", fmt.Sprintf("layer-%d.target", layers-1)))
	for i := range layers {
		timed(b, m, "StopUnit", fmt.Sprintf("layer-%d.target", i))
	}
	timed(b, m, "StopUnit", "many.target")
	timed(b, m, "StopUnit", "more.target")
	ear := listen(b, p)
	defer ear.close()
	timed(b, m, "StartUnit", "again.service")
	all.add(m.name(), "restart after kill -9", ear.kills(b))
	timed(b, m, "StopUnit", "again.service")
}

// weigh takes what a manager needs while services run and nothing happens.
func weigh(b *testing.B, m manager, all *results) {
	b.Helper()
	timed(b, m, "StartUnit", "many.target")
	all.kilobytes(m.name(), "memory with 1,000", pss(m.processes()))
	threads, files := held(m.processes())
	before := processor(m.processes())
	time.Sleep(*idleFor) // idling is what is measured
	all.add(m.name(), "processor time, 20 s idle", processor(m.processes())-before)
	timed(b, m, "StopUnit", "many.target")
	timed(b, m, "StopUnit", "many.slice")
	idleThreads, idleFiles := held(m.processes())
	all.each(m.name(), "threads per service", float64(threads-idleThreads)/float64(many()))
	all.each(m.name(), "descriptors per service", float64(files-idleFiles)/float64(many()))
	timed(b, m, "StartUnit", "more.target")
	all.kilobytes(m.name(), "memory with 5,000", pss(m.processes()))
	timed(b, m, "StopUnit", "more.target")
	timed(b, m, "StopUnit", "more.slice")
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
