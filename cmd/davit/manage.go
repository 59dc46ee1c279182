package main

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"davit/cmd/ctl"
	"davit/manager"
)

// managerOption is one option of the manager, as systemd(1) has them.
type managerOption struct {
	name  string
	takes bool // needs a value
	help  string
	set   func(o *manager.Options, value string) error
}

var managerOptions = []managerOption{
	{"system", false, "manage the machine, even when not PID 1", func(o *manager.Options, _ string) error { o.Mode = manager.System; return nil }},
	{"user", false, "manage the units of this user", func(o *manager.Options, _ string) error { o.Mode = manager.User; return nil }},
	{"directory", true, "manage the units that lie in a directory", func(o *manager.Options, v string) error {
		o.Mode, o.Dir = manager.Directory, v
		return nil
	}},
	{"unit", true, "start this unit instead of default.target", func(o *manager.Options, v string) error { o.Unit = v; return nil }},
	{"unit-path", true, "search units here first (repeatable)", func(o *manager.Options, v string) error {
		o.UnitPaths = append(o.UnitPaths, v)
		return nil
	}},
	{"log-target", true, "journal, kmsg, console or null", setLogTarget},
	{"show-status", true, "tell on the terminal what is started (yes, no, auto)", setShowStatus},
	{"strict", false, "refuse units of which a setting cannot be enforced here", func(o *manager.Options, _ string) error { o.Strict = true; return nil }},
	// Options of systemd(1) that make no difference here; they come from command lines that are shared with systemd.
	{"log-level", true, "", accepted},
	{"log-color", true, "", accepted},
	{"log-location", true, "", accepted},
	{"log-time", true, "", accepted},
	{"default-standard-output", true, "", accepted},
	{"default-standard-error", true, "", accepted},
	{"dump-core", true, "", accepted},
	{"crash-shell", true, "", accepted},
	{"crash-reboot", true, "", accepted},
	{"crash-vt", true, "", accepted},
	{"crash-chvt", true, "", accepted},
	{"confirm-spawn", true, "", accepted},
	{"service-watchdogs", true, "", accepted},
	{"machine-id", true, "", accepted},
}

// optionalValue are options whose value may be left out.
var optionalValue = map[string]string{
	"show-status": "yes", "dump-core": "yes", "crash-shell": "yes", "crash-reboot": "yes", "confirm-spawn": "yes", "log-color": "yes",
	"log-location": "yes", "log-time": "yes",
}

func accepted(*manager.Options, string) error { return nil }

func setLogTarget(o *manager.Options, v string) error {
	switch v {
	case "journal", "kmsg", "console", "null":
		o.LogTarget = v
	case "journal-or-kmsg", "auto":
		o.LogTarget = "journal"
	case "console-prefixed":
		o.LogTarget = "console"
	default:
		return fmt.Errorf("cannot log to %q: not one of journal, kmsg, console, null", v)
	}
	return nil
}

func setShowStatus(o *manager.Options, v string) error {
	switch v {
	case "yes", "true", "1", "on", "auto", "error":
		o.ShowStatus = true
	case "no", "false", "0", "off":
		o.ShowStatus = false
	default:
		return fmt.Errorf("cannot set --show-status to %q: not a boolean", v)
	}
	return nil
}

var errHelp = errors.New("help")

// managerArgs reads the manager's command line. PID 1 gets the kernel's words too: those that it does not know are
// ignored, "systemd.unit=" and the runlevels are understood (kernel-command-line(7)).
func managerArgs(args []string, pid1 bool) (manager.Options, error) {
	o := manager.Options{Version: ctl.Version, Mode: manager.User}
	if pid1 || os.Getuid() == 0 {
		o.Mode = manager.System
	}
	for len(args) > 0 {
		a := args[0]
		args = args[1:]
		name, value, attached := strings.Cut(strings.TrimPrefix(a, "--"), "=")
		opt := findOption(name)
		switch {
		case a == "--help" || a == "-h":
			return o, errHelp
		case !strings.HasPrefix(a, "--"):
			if !pid1 {
				return o, fmt.Errorf("cannot use argument %q: the manager takes options only", a)
			}
			kernelWord(&o, a)
			continue
		case opt == nil && pid1:
			continue
		case opt == nil:
			return o, fmt.Errorf("cannot use option --%s: there is none of that name", name)
		case attached && !opt.takes:
			return o, fmt.Errorf("cannot use option --%s with a value", name)
		case opt.takes && !attached && optionalValue[name] != "":
			value = optionalValue[name]
		case opt.takes && !attached && len(args) == 0:
			return o, fmt.Errorf("cannot use option --%s without a value", name)
		case opt.takes && !attached:
			value, args = args[0], args[1:]
		}
		if err := opt.set(&o, value); err != nil && !pid1 {
			return o, err
		}
	}
	return o, nil
}

func findOption(name string) *managerOption {
	for i := range managerOptions {
		if managerOptions[i].name == name {
			return &managerOptions[i]
		}
	}
	return nil
}

// runlevels are the words that choose a target at boot.
var runlevels = map[string]string{
	"1": "rescue.target", "s": "rescue.target", "S": "rescue.target", "single": "rescue.target", "rescue": "rescue.target",
	"2": "multi-user.target", "3": "multi-user.target", "4": "multi-user.target", "5": "graphical.target",
	"emergency": "emergency.target", "-b": "emergency.target",
}

// kernelWord understands one word of the kernel's command line.
func kernelWord(o *manager.Options, word string) {
	name, value, _ := strings.Cut(word, "=")
	switch {
	case name == "systemd.unit" && value != "":
		o.Unit = value
	case name == "systemd.show_status":
		_ = setShowStatus(o, value)
	case runlevels[word] != "":
		o.Unit = runlevels[word]
	}
}

// manage runs the manager.
func manage(args []string) int {
	o, err := managerArgs(args, os.Getpid() == 1)
	switch {
	case errors.Is(err, errHelp):
		fmt.Print("davitd [OPTION…]\n\n")
		for _, opt := range managerOptions {
			if opt.help != "" {
				fmt.Printf("  --%-14s %s\n", opt.name, opt.help)
			}
		}
		return 0
	case err != nil:
		fmt.Fprintln(os.Stderr, "davitd: "+err.Error())
		return 2
	}
	return manager.Run(o)
}
