// Package manager is the loop around the engine: it takes what happens on the machine in a fixed order, lets the engine
// decide, and does what was decided. Boot, reload, re-execution and the end are its stories, too.
//
// Contract. One goroutine owns the engine and everything here; others only post wake-ups. Nothing in the loop waits: not for a
// child, a disk that is away, a name service, a client. Every effect that can fail is answered by exactly one event. What
// the manager makes (processes, cgroups, sockets, directories) is gone when Run returns.
package manager

import (
	"fmt"
	"os"
	"path/filepath"

	"davit/host"
)

// Mode says for whom the manager runs.
type Mode = host.Mode

// The three kinds of manager.
const (
	System    = host.System
	User      = host.User
	Directory = host.Directory
)

// Options are what the command line says.
type Options struct {
	Mode       Mode
	Dir        string   // Directory: where the units are
	UnitPaths  []string // searched before all others
	Unit       string   // what to start, default default.target
	LogTarget  string   // journal (default), kmsg, console, null
	ShowStatus bool     // a line on the terminal for each unit that was started or stopped
	Quiet      bool     // not even in directory mode on a terminal, where that is the default
	Strict     bool     // refuse to start units of which a setting cannot be enforced here
	Version    string   // of the program, for the status
	// Layout is where everything lies; the zero value means the mode's standard.
	Layout host.Layout
	// Self is the program that plays the manager's other roles (journal, executor) when it is called by their names;
	// default /proc/self/exe.
	Self string

	contained bool // in a container: the machine is not ours
}

// complete fills in what was left open, and refuses what makes no sense.
func (o *Options) complete() error {
	if o.Layout.Runtime == "" {
		switch o.Mode {
		case System:
			o.Layout = host.SystemLayout()
		case User:
			o.Layout = host.UserLayout(os.Getuid(), os.Getenv)
		case Directory:
			dir, err := filepath.Abs(o.Dir)
			if err != nil {
				return fmt.Errorf("cannot find directory %s: %w", o.Dir, err)
			}
			o.Layout = host.DirectoryLayout(dir)
		}
	}
	if o.Mode == Directory {
		st, err := os.Stat(o.Layout.Dir)
		if err != nil {
			return fmt.Errorf("cannot use directory: %w", err)
		}
		if !st.IsDir() {
			return fmt.Errorf("cannot use %s: it is not a directory", o.Layout.Dir)
		}
	}
	if o.Unit == "" {
		o.Unit = "default.target"
	}
	if o.Mode == Directory && host.Terminal(int(os.Stderr.Fd())) {
		o.ShowStatus = true
	}
	o.ShowStatus = o.ShowStatus && !o.Quiet
	if o.Self == "" {
		o.Self = "/proc/self/exe"
	}
	o.Layout.UnitPaths = append(append([]string(nil), o.UnitPaths...), o.Layout.UnitPaths...)
	return nil
}
