package ctl

// verb is one row of the table from which the command line, the help and the shells' completions are made.
type verb struct {
	name     string
	args     string // as the help shows them
	min, max int    // number of arguments, max -1: any
	what     completion
	help     string
	run      func(*command, []string) error
	files    bool // works on files alone, too (--root)
}

// completion says what a verb's arguments are.
type completion uint8

const (
	nothing completion = iota
	units
	unitFiles
	jobIDs
	targets
	paths
	variables
)

// section is a group of verbs in the help.
type section struct {
	title string
	verbs []verb
}

// sections are all verbs. It is filled in by init, because help is itself a verb.
var sections []section

func init() {
	sections = []section{
		{"Units", []verb{
			{"list-units", "[PATTERN…]", 0, -1, units, "list units in memory", runListUnits, false},
			{"list-sockets", "[PATTERN…]", 0, -1, units, "list sockets and what they activate", runListSockets, false},
			{"list-timers", "[PATTERN…]", 0, -1, units, "list timers and when they elapse", runListTimers, false},
			{"is-active", "UNIT…", 1, -1, units, "check whether units are active", check(exitNotRunning, "active", "reloading", "refreshing"), false},
			{"is-failed", "UNIT…", 0, -1, units, "check whether units have failed", runIsFailed, false},
			{"status", "[UNIT…|PID…]", 0, -1, units, "show units, or the whole system", runStatus, false},
			{"show", "[UNIT…|JOB…]", 0, -1, units, "show properties of units, jobs or the manager", runShow, false},
			{"cat", "UNIT…", 1, -1, units, "show the files of units", runCat, false},
			{"help", "[VERB|UNIT…|PID…]", 0, -1, units, "show this help, or the manual of units", runHelp, false},
			{"list-dependencies", "[UNIT…]", 0, -1, units, "show what units depend on, as a tree", runListDependencies, false},
			{"start", "UNIT…", 1, -1, units, "start units", operate("start"), false},
			{"stop", "UNIT…", 1, -1, units, "stop units", operate("stop"), false},
			{"reload", "UNIT…", 1, -1, units, "reload units", operate("reload"), false},
			{"restart", "UNIT…", 1, -1, units, "start or restart units", operate("restart"), false},
			{"try-restart", "UNIT…", 1, -1, units, "restart units that are active", operate("try-restart"), false},
			{"reload-or-restart", "UNIT…", 1, -1, units, "reload units if possible, else restart or start them", operate("reload-or-restart"), false},
			{"try-reload-or-restart", "UNIT…", 1, -1, units, "the same for units that are active", operate("try-reload-or-restart"), false},
			{"isolate", "UNIT", 1, 1, targets, "start a unit and stop all others", operate("isolate"), false},
			{"kill", "UNIT…", 1, -1, units, "send a signal to the processes of units", runKill, false},
			{"clean", "UNIT…", 1, -1, units, "remove directories of units", runClean, false},
			{"freeze", "UNIT…", 1, -1, units, "freeze the processes of units", each("FreezeUnit", "freeze"), false},
			{"thaw", "UNIT…", 1, -1, units, "resume frozen units", each("ThawUnit", "thaw"), false},
			{"reset-failed", "[UNIT…]", 0, -1, units, "forget failures of units, or of all", runResetFailed, false},
		}},
		{"Understanding", []verb{
			{"plan", "VERB UNIT…", 2, -1, units, "show what a verb would do, wave by wave, and do nothing", runPlan, false},
			{"why", "UNIT…", 1, -1, units, "show the chain of causes of a unit's state", runWhy, false},
			{"logs", "[UNIT…] [FIELD=VALUE…]", 0, -1, units, "show the journal (logs --help lists its options)", runLogs, false},
		}},
		{"Unit files", []verb{
			{"list-unit-files", "[PATTERN…]", 0, -1, unitFiles, "list unit files", runListUnitFiles, true},
			{"enable", "UNIT…|PATH…", 1, -1, unitFiles, "enable unit files", changeFiles("enable"), true},
			{"disable", "UNIT…", 1, -1, unitFiles, "disable unit files", changeFiles("disable"), true},
			{"reenable", "UNIT…", 1, -1, unitFiles, "disable, then enable unit files", changeFiles("reenable"), true},
			{"preset", "UNIT…", 1, -1, unitFiles, "enable or disable unit files as the presets say", changeFiles("preset"), true},
			{"preset-all", "", 0, 0, nothing, "apply the presets to all unit files", runPresetAll, true},
			{"is-enabled", "UNIT…", 1, -1, unitFiles, "check whether unit files are enabled", runIsEnabled, true},
			{"mask", "UNIT…", 1, -1, unitFiles, "mask units", changeFiles("mask"), true},
			{"unmask", "UNIT…", 1, -1, unitFiles, "unmask units", changeFiles("unmask"), true},
			{"link", "PATH…", 1, -1, paths, "link unit files into the search path", changeFiles("link"), true},
			{"revert", "UNIT…", 1, -1, unitFiles, "return unit files to the vendor's version", changeFiles("revert"), true},
			{"add-wants", "TARGET UNIT…", 2, -1, unitFiles, "add Wants= to a target", addDependency("Wants"), true},
			{"add-requires", "TARGET UNIT…", 2, -1, unitFiles, "add Requires= to a target", addDependency("Requires"), true},
			{"edit", "UNIT…", 1, -1, unitFiles, "edit unit files", runEdit, false},
			{"get-default", "", 0, 0, nothing, "show the default target", runGetDefault, true},
			{"set-default", "TARGET", 1, 1, targets, "set the default target", runSetDefault, true},
		}},
		{"Jobs", []verb{
			{"list-jobs", "[PATTERN…]", 0, -1, units, "list jobs", runListJobs, false},
			{"cancel", "[JOB…]", 0, -1, jobIDs, "cancel jobs, all without arguments", runCancel, false},
		}},
		{"Environment", []verb{
			{"show-environment", "", 0, 0, nothing, "show the manager's environment", runShowEnvironment, false},
			{"set-environment", "NAME=VALUE…", 1, -1, variables, "set variables", runSetEnvironment, false},
			{"unset-environment", "NAME…", 1, -1, variables, "remove variables", runUnsetEnvironment, false},
			{"import-environment", "NAME…", 0, -1, variables, "set variables as they are here", runImportEnvironment, false},
		}},
		{"Manager", []verb{
			{"daemon-reload", "", 0, 0, nothing, "read all unit files again", runReload, false},
			{"daemon-reexec", "", 0, 0, nothing, "replace the manager's program; services notice nothing", runReexec, false},
			{"log-level", "[LEVEL]", 0, 1, nothing, "show or set the manager's log level", managerProperty("LogLevel", "log level"), false},
			{"log-target", "[TARGET]", 0, 1, nothing, "show or set where the manager logs to", managerProperty("LogTarget", "log target"), false},
			{"completion", "SHELL", 1, 1, nothing, "print the script that completes command lines in bash, zsh or fish", runCompletion, false},
			{"service-watchdogs", "[BOOL]", 0, 1, nothing, "show or set whether watchdogs act", managerProperty("ServiceWatchdogs", "service-watchdog state"), false},
		}},
		{"System", []verb{
			{"is-system-running", "", 0, 0, nothing, "check whether everything is up", runIsSystemRunning, false},
			{"default", "", 0, 0, nothing, "isolate default.target", isolateTo("default.target"), false},
			{"rescue", "", 0, 0, nothing, "isolate rescue.target", isolateTo("rescue.target"), false},
			{"emergency", "", 0, 0, nothing, "isolate emergency.target", isolateTo("emergency.target"), false},
			{"halt", "", 0, 0, nothing, "shut down and halt", machine("halt"), false},
			{"poweroff", "", 0, 0, nothing, "shut down and power off", machine("poweroff"), false},
			{"reboot", "", 0, 0, nothing, "shut down and reboot", machine("reboot"), false},
			{"kexec", "", 0, 0, nothing, "shut down and reboot with kexec", machine("kexec"), false},
			{"exit", "[CODE]", 0, 1, nothing, "end the manager of a user, directory or container", machine("exit"), false},
			{"suspend", "", 0, 0, nothing, "suspend the machine", machine("suspend"), false},
			{"hibernate", "", 0, 0, nothing, "hibernate the machine", machine("hibernate"), false},
			{"hybrid-sleep", "", 0, 0, nothing, "hibernate and suspend the machine", machine("hybrid-sleep"), false},
			{"suspend-then-hibernate", "", 0, 0, nothing, "suspend, and hibernate later", machine("suspend-then-hibernate"), false},
		}},
	}
}

// otherNames are verbs that systemctl also accepts.
var otherNames = map[string]string{
	"condrestart": "try-restart", "force-reload": "try-reload-or-restart", "condreload": "try-reload-or-restart",
	"reload-or-try-restart": "try-reload-or-restart", "condstop": "stop", "is-up": "is-active", "version": "",
}

// findVerb returns the row of a verb, nil when there is none.
func findVerb(name string) *verb {
	if n := otherNames[name]; n != "" {
		name = n
	}
	for _, s := range sections {
		for i := range s.verbs {
			if s.verbs[i].name == name {
				return &s.verbs[i]
			}
		}
	}
	return nil
}

// count checks the number of arguments.
func (v *verb) count(n int) error {
	switch {
	case n < v.min:
		return failed("Too few arguments.")
	case v.max >= 0 && n > v.max:
		return failed("Too many arguments.")
	}
	return nil
}

// runIsFailed checks units, or without arguments whether the system is degraded.
func runIsFailed(c *command, args []string) error {
	if len(args) > 0 {
		return check(exitFailure, "failed")(c, args)
	}
	v, err := c.property(managerPath, managerIface, "SystemState")
	if err != nil {
		return failedTo(err, "Failed to query system state")
	}
	c.result = map[string]string{"state": str(v)}
	if !c.opt.quiet {
		c.printf("%s\n", str(v))
	}
	if str(v) != "degraded" {
		c.quiet(exitFailure)
	}
	return nil
}
