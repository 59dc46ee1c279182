package manager

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"davit/dbus"
	"davit/host"
	"davit/journal"
	"davit/process"

	"golang.org/x/sys/unix"
)

// TestMain lets the test binary play all the roles that davit has, and those of services.
func TestMain(m *testing.M) {
	switch filepath.Base(os.Args[0]) {
	case "davit-journal":
		os.Exit(journal.Main(os.Args[1:]))
	case process.ExecutorName:
		os.Exit(process.ExecutorMain())
	}
	if len(os.Args) > 1 && roles[os.Args[1]] != nil {
		os.Exit(roles[os.Args[1]](os.Args[2:]))
	}
	if text := os.Getenv("DAVIT_TEST_MANAGER"); text != "" {
		var o Options
		if err := json.Unmarshal([]byte(text), &o); err != nil {
			panic(err)
		}
		os.Exit(Run(o))
	}
	os.Exit(m.Run())
}

// roles are services that a shell cannot play.
var roles = map[string]func([]string) int{
	// ready tells the manager and exits at once.
	"service-ready": func(args []string) int {
		notify(strings.Join(args, "\n"))
		return 0
	},
	// wait tells the manager and waits for the end.
	"service-wait": func(args []string) int {
		notify(strings.Join(args, "\n"))
		select {}
	},
	// store gives a descriptor away, or reports what it got.
	"service-store": func([]string) int {
		if os.Getenv("LISTEN_FDS") == "" {
			f, _ := os.CreateTemp("", "stored")
			_, _ = f.WriteString("treasure")
			_ = os.Remove(f.Name())
			notifyFD("FDSTORE=1\nFDNAME=chest", int(f.Fd()))
		}
		notify("READY=1\nSTATUS=" + os.Getenv("LISTEN_FDNAMES"))
		select {}
	},
	// echo answers on the socket that it got.
	"service-echo": func([]string) int {
		l, err := net.FileListener(os.NewFile(3, "socket"))
		if err != nil {
			return 1
		}
		for {
			c, err := l.Accept()
			if err != nil {
				return 1
			}
			_, _ = fmt.Fprintf(c, "%d", os.Getpid())
			_ = c.Close()
		}
	},
}

func notify(text string) { notifyFD(text, -1) }

func notifyFD(text string, fd int) {
	s, err := unix.Socket(unix.AF_UNIX, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		panic(err)
	}
	var rights []byte
	if fd >= 0 {
		rights = unix.UnixRights(fd)
	}
	if err := unix.Sendmsg(s, []byte(text), rights, &unix.SockaddrUnix{Name: os.Getenv("NOTIFY_SOCKET")}, 0); err != nil {
		panic(err)
	}
	_ = unix.Close(s)
}

// patience bounds every wait for something that must happen.
const patience = 20 * time.Second

// world is a manager with a directory of its own, and a connection to it.
type world struct {
	t      *testing.T
	dir    string
	layout host.Layout
	cmd    *exec.Cmd
	out    *output
	bus    *dbus.Client
	ready  *net.UnixConn
	exited chan error
}

// output is the file that the manager writes to: unlike a pipe, it is nothing that a survivor could hold open.
type output struct{ file *os.File }

func newOutput(t *testing.T) *output {
	t.Helper()
	f, err := os.CreateTemp("", "davit-output")
	must(t, err)
	t.Cleanup(func() { _ = f.Close() })
	_ = os.Remove(f.Name())
	return &output{f}
}

func (o *output) String() string {
	text, _ := io.ReadAll(io.NewSectionReader(o.file, 0, 1<<20))
	return string(text)
}

// boot starts a manager for units, and waits until it has started its default target. %SELF% and %DIR% stand for the test
// binary and the directory.
func boot(t *testing.T, units map[string]string) *world {
	t.Helper()
	w := prepare(t, units)
	w.start()
	w.awaitReady()
	w.dial()
	return w
}

func prepare(t *testing.T, units map[string]string) *world {
	t.Helper()
	dir, err := os.MkdirTemp("", "davit")
	must(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	w := &world{t: t, dir: dir, layout: host.DirectoryLayout(dir), out: newOutput(t)}
	w.write(units)
	return w
}

func (w *world) write(units map[string]string) {
	w.t.Helper()
	self, err := os.Executable()
	must(w.t, err)
	for name, text := range units {
		text = strings.NewReplacer("%SELF%", self, "%DIR%", w.dir).Replace(text)
		path := filepath.Join(w.dir, name)
		must(w.t, os.MkdirAll(filepath.Dir(path), 0o755))
		must(w.t, os.WriteFile(path, []byte(text), 0o644))
	}
}

func (w *world) start() {
	w.t.Helper()
	path := filepath.Join(w.dir, ".ready")
	ready, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	must(w.t, err)
	w.ready = ready
	text, err := json.Marshal(Options{Mode: Directory, Dir: w.dir, ShowStatus: true})
	must(w.t, err)
	self, err := os.Executable()
	must(w.t, err)
	w.cmd = exec.Command(self)
	w.cmd.Env = append(os.Environ(), "DAVIT_TEST_MANAGER="+string(text), "NOTIFY_SOCKET="+path)
	w.cmd.Stdout, w.cmd.Stderr = w.out.file, w.out.file
	w.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	must(w.t, w.cmd.Start())
	w.exited = make(chan error, 1)
	go func() { w.exited <- w.cmd.Wait() }()
	w.t.Cleanup(func() {
		if w.bus != nil {
			_ = w.bus.Close()
		}
		_ = ready.Close()
		select {
		case <-w.exited:
		default:
			_ = w.cmd.Process.Signal(unix.SIGINT)
			w.await("end")
		}
		if w.t.Failed() {
			w.t.Logf("the manager wrote:\n%s", w.out)
		}
	})
}

// awaitReady waits until the manager says that its boot is over.
func (w *world) awaitReady() {
	w.t.Helper()
	_ = w.ready.SetReadDeadline(time.Now().Add(patience))
	var buf [4096]byte
	if _, err := w.ready.Read(buf[:]); err != nil {
		w.t.Fatalf("the manager is not ready: %v\n%s", err, w.out)
	}
}

// await waits for the end of the manager and returns its exit status.
func (w *world) await(what string) int {
	w.t.Helper()
	select {
	case err := <-w.exited:
		w.exited <- err
		var status *exec.ExitError
		if errors.As(err, &status) {
			return status.ExitCode()
		}
		return 0
	case <-time.After(patience):
		_ = w.cmd.Process.Kill()
		w.t.Errorf("the manager does not come to its %s", what)
		return -1
	}
}

func (w *world) dial() {
	w.t.Helper()
	c, err := dbus.Dial(w.layout.Private)
	must(w.t, err)
	w.bus = c
	_ = c.Signals() // from now on
}

// call calls a method of the manager.
func (w *world) call(method string, args ...any) ([]any, error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	return w.bus.Call(ctx, "/org/freedesktop/systemd1", "org.freedesktop.systemd1.Manager."+method, args...)
}

// do asks for a job and returns its result.
func (w *world) do(verb, unitName string) string {
	w.t.Helper()
	out, err := w.call(verb+"Unit", unitName, "replace")
	if err != nil {
		w.t.Fatalf("%s %s: %v", verb, unitName, err)
	}
	job := fmt.Sprint(out[0])
	limit := time.After(patience)
	for {
		select {
		case s, ok := <-w.bus.Signals():
			if !ok {
				w.t.Fatalf("%s %s: the connection ended", verb, unitName)
			}
			if s.Name == "org.freedesktop.systemd1.Manager.JobRemoved" && fmt.Sprint(s.Body[1]) == job {
				return s.Body[3].(string)
			}
		case <-limit:
			w.t.Fatalf("%s %s: the job does not end", verb, unitName)
		}
	}
}

// get reads a property of a unit; iface is Unit, Service or Socket.
func (w *world) get(unitName, iface, name string) any {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	v, err := w.bus.Get(ctx, as(dbus.UnitPath(unitName), dbus.ManagerPath), "org.freedesktop.systemd1."+iface, name)
	if err != nil {
		w.t.Fatalf("%s of %s: %v", name, unitName, err)
	}
	if variant, ok := v.(interface{ Value() any }); ok {
		return variant.Value()
	}
	return v
}

// as converts a string to the type of another.
func as[T ~string](s string, _ T) T { return T(s) }

func (w *world) active(unitName string) string {
	return w.get(unitName, "Unit", "ActiveState").(string)
}

func (w *world) mainPID(unitName string) int {
	return int(w.get(unitName, "Service", "MainPID").(uint32))
}

// until waits until something holds, looking again whenever the manager sends a signal.
func (w *world) until(what string, holds func() bool) {
	w.t.Helper()
	limit := time.After(patience)
	for !holds() {
		select {
		case _, ok := <-w.bus.Signals():
			if !ok {
				w.t.Fatalf("waiting until %s: the connection ended", what)
			}
		case <-limit:
			w.t.Fatalf("waited in vain until %s", what)
		}
	}
}

// file reads a file in the directory.
func (w *world) file(name string) string {
	w.t.Helper()
	text, err := os.ReadFile(filepath.Join(w.dir, name))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		w.t.Fatal(err)
	}
	return string(text)
}

// interrupt is Ctrl-C.
func (w *world) interrupt() { must(w.t, w.cmd.Process.Signal(unix.SIGINT)) }

// nothingLeft checks that the manager, which has ended, left nothing behind.
func (w *world) nothingLeft(pids ...int) {
	w.t.Helper()
	for _, pid := range pids {
		if _, _, _, state := procStat(pid); state != 0 && state != 'Z' {
			w.t.Errorf("process %d is left", pid)
		}
	}
	for _, path := range []string{w.layout.Private, w.layout.Notify, w.layout.Runtime, w.layout.State} {
		if _, err := os.Lstat(path); err == nil {
			w.t.Errorf("%s is left", path)
		}
	}
	pattern := "*" + w.layout.ID() + "-" + strconv.Itoa(w.cmd.Process.Pid) + "*"
	for _, root := range []string{"/sys/fs/cgroup/", "/sys/fs/cgroup/*/", "/sys/fs/cgroup/*/*/"} {
		if found, _ := filepath.Glob(root + pattern); len(found) > 0 {
			w.t.Errorf("cgroups are left: %v", found)
		}
	}
}

// ask connects to a socket of a service and returns what it says.
func ask(t *testing.T, path string) string {
	t.Helper()
	c, err := net.DialTimeout("unix", path, patience)
	must(t, err)
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(patience))
	text, err := io.ReadAll(c)
	must(t, err)
	return string(text)
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
