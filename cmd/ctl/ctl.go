// Package ctl is the control command: davitctl, or systemctl when it is called so.
//
// It is a client of org.freedesktop.systemd1 on the manager's private socket and of org.davit.Manager beside it
// (plan, why, enforcement), nothing more: all that it knows of a running manager it learnt over the bus. Options, exit
// codes and the texts that scripts match on are those of systemctl(1). With --json every verb, its errors included,
// prints exactly one JSON document on standard output (logs -f: one per line); exit codes stay the same.
//
// Only World touches the machine, so that tests give a fake one.
package ctl

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"davit/host"
	"davit/unit"
)

// World is what the command sees of its surroundings.
type World struct {
	Name      string // what the command is called: davitctl, systemctl
	In        io.Reader
	Out, Err  io.Writer
	Env       func(string) string
	Environ   []string
	UID       int
	Host      string // name of this machine
	Now       func() time.Time
	Width     int // columns of the terminal that Out is, 0: it is none
	Color     bool
	ASCII     bool // the locale cannot show more
	Progress  bool // Err is a terminal: a long start may draw a line there
	Dial      func(socket string) (Bus, error)
	Logs      func(host.Layout) (Logs, error)
	Interrupt <-chan os.Signal
	Change    func(root string, changes []unit.LinkChange) error
	Run       func(name string, args ...string) error // an editor, man, a pager: with the terminal as it is
	Comm      func(pid int) string                    // the name of a local process, "" when it is gone
	Monotonic func() uint64                           // CLOCK_MONOTONIC in microseconds
}

// command is one call of the control command.
type command struct {
	World
	opt    options
	verb   *verb
	layout host.Layout
	conn   Bus
	code   int        // exit status so far
	sheets int        // units that status and cat have shown
	failed []*failure // for --json
	result any        // for --json
}

// Main runs the control command with the arguments after its name and returns its exit status (systemctl(1)).
func Main(w World, args []string) int {
	c := &command{World: w}
	err := c.run(args)
	if err != nil {
		c.fail(err)
	}
	if c.conn != nil {
		c.conn.Close()
	}
	c.finish()
	return c.code
}

func (c *command) run(args []string) error {
	rest, err := c.parse(args)
	if err != nil || rest == nil {
		return err
	}
	name := "list-units"
	if len(rest) > 0 {
		name, rest = rest[0], rest[1:]
	}
	v := findVerb(name)
	if v == nil {
		return failed("Unknown command verb %s.", name)
	}
	if err := v.count(len(rest)); err != nil {
		return err
	}
	c.verb = v
	if c.opt.root != "" && !v.files {
		return failed("Verb '%s' cannot be used with --root= or --image=.", name)
	}
	if err := c.place(); err != nil {
		return err
	}
	if v.files && c.offline() {
		return c.runOffline(v.name, rest)
	}
	return v.run(c, rest)
}

// place decides which manager is meant: --directory, --user, --system, then DAVIT_DIRECTORY, then root's is the
// system's and everybody else's their own.
func (c *command) place() error {
	dir := c.opt.directory
	if dir == "" && !c.opt.user && !c.opt.system && c.opt.root == "" {
		dir = c.Env("DAVIT_DIRECTORY")
	}
	switch {
	case dir != "":
		abs, err := filepath.Abs(dir)
		if err != nil {
			return fmt.Errorf("cannot find directory %s: %w", dir, err)
		}
		if real, err := filepath.EvalSymlinks(abs); err == nil {
			abs = real
		}
		c.layout = host.DirectoryLayout(abs)
	case c.opt.user || c.opt.global || (c.UID != 0 && !c.opt.system && c.opt.root == "" && c.Name != "systemctl"):
		c.layout = host.UserLayout(c.UID, c.Env)
	default:
		c.layout = host.SystemLayout()
	}
	return nil
}

// bus connects to the manager on first use.
func (c *command) bus() (Bus, error) {
	if c.conn != nil {
		return c.conn, nil
	}
	switch {
	case c.opt.machine != "" && c.opt.machine != ".host":
		return nil, failed("cannot reach machine %s: --machine is not supported yet", c.opt.machine)
	case c.opt.host != "":
		return nil, failed("cannot reach host %s: --host is not supported yet", c.opt.host)
	}
	conn, err := c.Dial(c.layout.Private)
	if err != nil {
		if c.layout.Mode == host.System {
			c.say("System has not been booted with systemd as init system (PID 1). Can't operate.")
		}
		return nil, &failure{code: exitFailure, name: "org.freedesktop.DBus.Error.NoServer", text: fmt.Sprintf(
			"Failed to connect to bus: no %s manager answers at %s: %v", c.layout.Mode, c.layout.Private, root(err))}
	}
	c.conn = conn
	return conn, nil
}

// root is the innermost cause of an error, which says most in the fewest words.
func root(err error) error {
	for {
		next := errors.Unwrap(err)
		if next == nil {
			return err
		}
		err = next
	}
}

// printf writes to standard output, unless the result is JSON.
func (c *command) printf(format string, args ...any) {
	if !c.opt.json {
		fmt.Fprintf(c.Out, format, args...)
	}
}

// say tells the caller something that is no result.
func (c *command) say(format string, args ...any) {
	if !c.opt.json {
		fmt.Fprintf(c.Err, format+"\n", args...)
	}
}
