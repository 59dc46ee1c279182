// Command davit is the whole product in one file: it acts by the name that it is called by.
//
//	davitd, init, systemd          the manager
//	davitctl, systemctl            the control command
//	davit-journal, davit-executor  roles that the manager gives to copies of itself
//	davit                          the manager as PID 1 or with --user or --directory, "davit ctl …" the control
//	                               command, else help
//
// Nothing but flags and wiring is here.
package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"davit/cmd/ctl"
	"davit/cmd/notify"
	"davit/journal"
	"davit/process"
)

func main() { os.Exit(act(filepath.Base(os.Args[0]), os.Args[1:])) }

// act plays the role that name and arguments ask for, and returns the exit status.
func act(name string, args []string) int {
	switch strings.TrimPrefix(name, "-") { // a login shell's dash
	case "davit-journal":
		return journal.Main(args)
	case "davit-executor":
		return process.ExecutorMain()
	case "davitctl", "systemctl":
		return control(name, args)
	case "davitd", "init", "systemd":
		return manage(args)
	case "systemd-notify":
		return notify.Main(args)
	}
	switch {
	case len(args) > 0 && args[0] == "ctl":
		return control("davitctl", args[1:])
	case len(args) > 0 && args[0] == "notify":
		return notify.Main(args[1:])
	case slices.Contains(args, "--version"):
		fmt.Println("davit " + ctl.Version)
		return 0
	case os.Getpid() == 1 || wantsManager(args):
		return manage(args)
	}
	fmt.Print(help)
	if len(args) > 0 && args[0] != "help" && args[0] != "--help" && args[0] != "-h" {
		return 2
	}
	return 0
}

// wantsManager reports whether options that only a manager has are there.
func wantsManager(args []string) bool {
	return slices.ContainsFunc(args, func(a string) bool {
		return a == "--user" || a == "--system" || a == "--directory" || strings.HasPrefix(a, "--directory=")
	})
}

const help = `davit manages services: it runs systemd's unit files, on a machine, in a container, in a directory.

  davit --directory DIR   manage the units that lie in DIR
  davit --user            manage the units of this user
  davit                   as PID 1: manage this machine or container
  davit ctl VERB …        control a manager; the same as davitctl VERB … (davit ctl help lists the verbs)
  davit notify …          tell the manager about the service that this runs in (davit notify --help)

Called as davitd it is the manager, called as davitctl the control command.
`
