package ctl

import (
	"slices"
	"strconv"
	"strings"
)

// options are the options of one call, with systemctl(1)'s meanings.
type options struct {
	types, states, properties, what                []string
	all, recursive, full, value, showTypes, plain  bool
	reverse, after, before, withDependencies       bool
	user, system, global, runtime, now, dryRun     bool
	quiet, noBlock, wait, noWall, noReload, marked bool
	showTransaction, noPager, failHard, streamed   bool
	json, noLegend, help, version                  bool
	force                                          int
	directory, root, host, machine, jobMode        string
	killWhom, presetMode, output, timestamp        string
	message                                        string
	signal                                         int
	lines                                          int
	log                                            logOptions
}

// argument says whether an option takes one.
type argument uint8

const (
	none argument = iota
	required
	optional // only attached: --option=VALUE
)

// option is one row of an option table.
type option struct {
	long  string
	short byte
	takes argument
	what  string // placeholder of the argument
	help  string // empty: accepted, not shown
	set   func(o *options, v string) error
}

// defaults are the options before any is read.
func defaults() options {
	return options{signal: 15, lines: -1, presetMode: "full", output: "short", timestamp: "pretty"}
}

// commonOptions are accepted by every verb.
var commonOptions = []option{
	{"help", 'h', none, "", "show this help", func(o *options, _ string) error { o.help = true; return nil }},
	{"version", 0, none, "", "show the version", func(o *options, _ string) error { o.version = true; return nil }},
	{"system", 0, none, "", "connect to the system's manager", func(o *options, _ string) error { o.system, o.user = true, false; return nil }},
	{"user", 0, none, "", "connect to the user's manager", func(o *options, _ string) error { o.user, o.system = true, false; return nil }},
	{"directory", 0, required, "DIR", "connect to the manager of a directory", text(func(o *options) *string { return &o.directory })},
	{"host", 'H', required, "[USER@]HOST", "operate on a remote host", text(func(o *options) *string { return &o.host })},
	{"machine", 'M', required, "CONTAINER", "operate on a local container", text(func(o *options) *string { return &o.machine })},
	{"json", 0, none, "", "print results and errors as JSON", on(func(o *options) *bool { return &o.json })},
	{"quiet", 'q', none, "", "suppress output", on(func(o *options) *bool { return &o.quiet })},
	{"no-pager", 0, none, "", "never use a pager", on(func(o *options) *bool { return &o.noPager })},
	{"root", 0, required, "DIR", "edit the unit files below a root directory", text(func(o *options) *string { return &o.root })},
}

// ctlOptions are those of systemctl(1).
var ctlOptions = append(slices.Clone(commonOptions), []option{
	{"type", 't', required, "TYPE", "list units of a type", setTypes},
	{"state", 0, required, "STATE", "list units with a LOAD, SUB or ACTIVE state", setStates},
	{"failed", 0, none, "", "shortcut for --state=failed", func(o *options, _ string) error { o.states = append(o.states, "failed"); return nil }},
	{"property", 'p', required, "NAME", "show only these properties", setProperties},
	{"", 'P', required, "NAME", "shortcut for --value --property=NAME", func(o *options, v string) error { o.value = true; return setProperties(o, v) }},
	{"all", 'a', none, "", "show all units, properties or dependencies", on(func(o *options) *bool { return &o.all })},
	{"full", 'l', none, "", "do not ellipsize", on(func(o *options) *bool { return &o.full })},
	{"recursive", 'r', none, "", "", on(func(o *options) *bool { return &o.recursive })},
	{"reverse", 0, none, "", "reverse dependencies (list-dependencies)", on(func(o *options) *bool { return &o.reverse })},
	{"after", 0, none, "", "what a unit waits for (list-dependencies)", on(func(o *options) *bool { return &o.after })},
	{"before", 0, none, "", "what waits for a unit (list-dependencies)", on(func(o *options) *bool { return &o.before })},
	{"with-dependencies", 0, none, "", "with dependencies (status, cat, list-units, list-unit-files)", on(func(o *options) *bool { return &o.withDependencies })},
	{"job-mode", 0, required, "MODE", "what to do with jobs that are already queued", text(func(o *options) *string { return &o.jobMode })},
	{"fail", 0, none, "", "shortcut for --job-mode=fail; with kill: fail when nothing was killed", func(o *options, _ string) error { o.jobMode, o.failHard = "fail", true; return nil }},
	{"irreversible", 0, none, "", "", func(o *options, _ string) error { o.jobMode = "replace-irreversibly"; return nil }},
	{"ignore-dependencies", 0, none, "", "", func(o *options, _ string) error { o.jobMode = "ignore-dependencies"; return nil }},
	{"show-transaction", 'T', none, "", "show the whole transaction", on(func(o *options) *bool { return &o.showTransaction })},
	{"show-types", 0, none, "", "show the types of sockets", on(func(o *options) *bool { return &o.showTypes })},
	{"value", 0, none, "", "print only values of properties", on(func(o *options) *bool { return &o.value })},
	{"check-inhibitors", 0, required, "MODE", "", ignored},
	{"", 'i', none, "", "", ignored},
	{"kill-whom", 0, required, "WHOM", "whom to send the signal: main, control or all", text(func(o *options) *string { return &o.killWhom })},
	{"kill-who", 0, required, "WHOM", "", text(func(o *options) *string { return &o.killWhom })},
	{"signal", 's', required, "SIGNAL", "which signal to send", setSignal},
	{"what", 0, required, "RESOURCES", "which directories to remove (clean)", setWhat},
	{"now", 0, none, "", "also start or stop (enable, disable, mask)", on(func(o *options) *bool { return &o.now })},
	{"dry-run", 0, none, "", "only print what would be done (reboot and the like)", on(func(o *options) *bool { return &o.dryRun })},
	{"wait", 0, none, "", "until the units have stopped again; until boot is done", on(func(o *options) *bool { return &o.wait })},
	{"no-block", 0, none, "", "do not wait for the operation to finish", on(func(o *options) *bool { return &o.noBlock })},
	{"no-wall", 0, none, "", "", on(func(o *options) *bool { return &o.noWall })},
	{"message", 0, required, "TEXT", "", text(func(o *options) *string { return &o.message })},
	{"no-reload", 0, none, "", "do not reload after changing links", on(func(o *options) *bool { return &o.noReload })},
	{"legend", 0, required, "BOOL", "print headers and hints", setLegend},
	{"no-legend", 0, none, "", "do not print headers and hints", on(func(o *options) *bool { return &o.noLegend })},
	{"no-ask-password", 0, none, "", "", ignored},
	{"global", 0, none, "", "", on(func(o *options) *bool { return &o.global })},
	{"runtime", 0, none, "", "only until the next boot", on(func(o *options) *bool { return &o.runtime })},
	{"force", 'f', none, "", "replace links; reboot without stopping units", func(o *options, _ string) error { o.force++; return nil }},
	{"preset-mode", 0, required, "MODE", "full, enable-only or disable-only", setPresetMode},
	{"image", 0, required, "IMAGE", "", func(*options, string) error { return failed("cannot use --image: not supported") }},
	{"lines", 'n', required, "COUNT", "how many lines of the journal to show (status)", setLines},
	{"output", 'o', required, "FORMAT", "of lines of the journal, or json", setOutput},
	{"plain", 0, none, "", "a list instead of a tree", on(func(o *options) *bool { return &o.plain })},
	{"timestamp", 0, required, "FORMAT", "pretty, unix, us, utc or us+utc", setTimestamp},
	{"marked", 0, none, "", "", on(func(o *options) *bool { return &o.marked })},
	{"firmware-setup", 0, none, "", "", ignored},
	{"boot-loader-menu", 0, required, "TIME", "", ignored},
	{"boot-loader-entry", 0, required, "NAME", "", ignored},
	{"reboot-argument", 0, required, "ARG", "", text(func(o *options) *string { return &o.message })},
	{"read-only", 0, none, "", "", ignored},
	{"mkdir", 0, none, "", "", ignored},
}...)

func ignored(*options, string) error { return nil }

func on(field func(*options) *bool) func(*options, string) error {
	return func(o *options, _ string) error { *field(o) = true; return nil }
}

func text(field func(*options) *string) func(*options, string) error {
	return func(o *options, v string) error { *field(o) = v; return nil }
}

// unitTypes and loadStates are what --type accepts.
var (
	unitTypes  = []string{"service", "mount", "swap", "socket", "target", "device", "automount", "timer", "path", "slice", "scope"}
	loadStates = []string{"stub", "loaded", "not-found", "bad-setting", "error", "merged", "masked"}
)

func setTypes(o *options, v string) error {
	for _, t := range words(v) {
		switch {
		case t == "help":
			return &listing{"Available unit types:", unitTypes}
		case slices.Contains(unitTypes, t):
			o.types = append(o.types, t)
		case slices.Contains(loadStates, t):
			o.states = append(o.states, t)
		default:
			return failed("Unknown unit type or load state '%s'.\nUse -t help to see a list of allowed values.", t)
		}
	}
	return nil
}

func setStates(o *options, v string) error {
	for _, s := range words(v) {
		if s == "help" {
			return &listing{"Available unit load states:", loadStates}
		}
		o.states = append(o.states, s)
	}
	return nil
}

func setProperties(o *options, v string) error {
	if v == "" { // as in systemctl: no property at all
		o.properties = []string{}
		return nil
	}
	o.properties = append(o.properties, words(v)...)
	return nil
}

func setSignal(o *options, v string) error {
	if v == "help" || v == "list" {
		return &listing{"", signalNames[1:]}
	}
	n, ok := signalNumber(v)
	if !ok {
		return failed("Failed to parse signal string %q.", v)
	}
	o.signal = n
	return nil
}

func setWhat(o *options, v string) error {
	if v == "help" {
		return &listing{"", []string{"runtime", "state", "cache", "logs", "configuration", "fdstore"}}
	}
	o.what = append(o.what, words(v)...)
	return nil
}

func setLegend(o *options, v string) error {
	b, ok := boolean(v)
	if !ok {
		return failed("Failed to parse boolean argument to --legend: %s.", v)
	}
	o.noLegend = !b
	return nil
}

func setPresetMode(o *options, v string) error {
	modes := []string{"full", "enable-only", "disable-only"}
	if v == "help" {
		return &listing{"", modes}
	}
	if !slices.Contains(modes, v) {
		return failed("Failed to parse preset mode: %s.", v)
	}
	o.presetMode = v
	return nil
}

func setLines(o *options, v string) error {
	n, err := strconv.Atoi(v)
	if err != nil || n < 0 {
		return failed("Failed to parse lines '%s'", v)
	}
	o.lines = n
	return nil
}

// outputs are the formats of journalctl(1).
var outputs = []string{
	"short", "short-full", "short-iso", "short-iso-precise", "short-precise", "short-monotonic", "short-delta", "short-unix",
	"verbose", "export", "json", "json-pretty", "json-sse", "json-seq", "cat", "with-unit",
}

func setOutput(o *options, v string) error {
	if v == "help" {
		return &listing{"", outputs}
	}
	if !slices.Contains(outputs, v) {
		return failed("Unknown output '%s'.", v)
	}
	o.output = v
	return nil
}

func setTimestamp(o *options, v string) error {
	v = strings.ReplaceAll(v, "µ", "u")
	if !slices.Contains([]string{"pretty", "unix", "us", "utc", "us+utc"}, v) {
		return failed("Invalid value: %s.", v)
	}
	o.timestamp = v
	return nil
}

func words(v string) []string {
	return strings.FieldsFunc(v, func(r rune) bool { return r == ',' })
}

func boolean(v string) (value, ok bool) {
	switch strings.ToLower(v) {
	case "1", "yes", "y", "true", "t", "on":
		return true, true
	case "0", "no", "n", "false", "f", "off":
		return false, true
	}
	return false, false
}
