package main

import (
	"context"
	"os"
	"os/exec"
	"os/signal"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"davit/cmd/ctl"
	"davit/dbus"
	"davit/host"

	"golang.org/x/sys/unix"
)

// control runs the control command in the world as it is.
func control(name string, args []string) int {
	interrupt := interrupts()
	width := columns(os.Stdout)
	machine, _ := os.Hostname()
	return ctl.Main(ctl.World{
		Name: name, Host: machine, In: os.Stdin, Out: os.Stdout, Err: os.Stderr, Env: os.Getenv, Environ: os.Environ(), UID: os.Getuid(),
		Now: time.Now, Width: width, ASCII: ascii(), Color: colored(width > 0), Progress: columns(os.Stderr) > 0,
		Dial: dial, Logs: openLogs, Change: host.Change, Interrupt: interrupt, Run: run, Comm: comm, Monotonic: monotonic,
	}, args)
}

// patience is how long a signal waits for somebody who wants to end in order.
const patience = 300 * time.Millisecond

// foreground is set while another program has the terminal, and gets the signals too.
var foreground atomic.Bool

// interrupts delivers SIGINT and SIGTERM to whoever waits for jobs or follows a log; when nobody does, they end the
// command at once.
func interrupts() <-chan os.Signal {
	in, out := make(chan os.Signal, 1), make(chan os.Signal)
	signal.Notify(in, syscall.SIGINT, syscall.SIGTERM)
	go func() {
		for s := range in {
			if foreground.Load() {
				continue
			}
			select {
			case out <- s:
			case <-time.After(patience):
				os.Exit(128 + int(s.(syscall.Signal)))
			}
		}
	}()
	return out
}

// columns is the width of the terminal that f is, 0 when it is none.
func columns(f *os.File) int {
	size, err := unix.IoctlGetWinsize(int(f.Fd()), unix.TIOCGWINSZ)
	if err != nil {
		return 0
	}
	if size.Col == 0 {
		return 80
	}
	return int(size.Col)
}

// colored follows SYSTEMD_COLORS, NO_COLOR and TERM, on terminals.
func colored(terminal bool) bool {
	switch strings.ToLower(os.Getenv("SYSTEMD_COLORS")) {
	case "0", "no", "false", "off":
		return false
	case "1", "yes", "true", "on", "16", "256", "24bit":
		return true
	}
	return terminal && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
}

// run calls a program with the terminal as it is.
func run(name string, args ...string) error {
	c := exec.Command(name, args...)
	c.Stdin, c.Stdout, c.Stderr = os.Stdin, os.Stdout, os.Stderr
	foreground.Store(true)
	defer foreground.Store(false)
	return c.Run()
}

// comm is the name of a process of this machine.
func comm(pid int) string {
	b, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/comm")
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(b))
}

func monotonic() uint64 {
	var ts unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_MONOTONIC, &ts); err != nil {
		return 0
	}
	return uint64(ts.Nano()) / 1000
}

// bus is a connection of package dbus as the control command wants it.
type bus struct {
	client  *dbus.Client
	signals chan ctl.Signal
}

func dial(socket string) (ctl.Bus, error) {
	c, err := dbus.Dial(socket)
	if err != nil {
		return nil, err
	}
	b := &bus{client: c, signals: make(chan ctl.Signal)}
	in := c.Signals()
	go func() {
		defer close(b.signals)
		for s := range in {
			b.signals <- ctl.Signal{Path: string(s.Path), Member: s.Name, Body: s.Body}
		}
	}()
	return b, nil
}

// named gives an error of the manager its name.
type named struct {
	error
	name string
}

func (n named) ErrorName() string { return n.name }
func (n named) Unwrap() error     { return n.error }

func (b *bus) Call(path, member string, args ...any) ([]any, error) {
	out, err := b.client.Call(context.Background(), as(path, dbus.ManagerPath), member, args...)
	if name := dbus.ErrorName(err); err != nil && name != "" {
		return out, named{err, name}
	}
	return out, err
}

// as converts a string to the type of another.
func as[T ~string](s string, _ T) T { return T(s) }

func (b *bus) Signals() <-chan ctl.Signal { return b.signals }
func (b *bus) Close() error               { return b.client.Close() }

// ascii reports whether the environment chooses a locale that has no UTF-8; without a choice there is UTF-8.
func ascii() bool {
	for _, name := range []string{"LC_ALL", "LC_CTYPE", "LANG"} {
		if v := os.Getenv(name); v != "" {
			v = strings.ToLower(v)
			return !strings.Contains(v, "utf-8") && !strings.Contains(v, "utf8")
		}
	}
	return false
}
