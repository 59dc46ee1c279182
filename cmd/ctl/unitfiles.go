package ctl

import (
	"path"
	"slices"
	"strings"
)

// fileRow is one unit file in list-unit-files.
type fileRow struct {
	UnitFile string  `json:"unit_file"`
	State    string  `json:"state"`
	Preset   *string `json:"preset"`
}

// stateColors are the colours of enablement states.
var stateColors = map[string]string{
	"enabled": green, "enabled-runtime": green, "masked": red, "masked-runtime": red, "bad": red, "disabled": yellow,
	"linked": yellow, "linked-runtime": yellow, "indirect": yellow,
}

// runListUnitFiles lists unit files with their states and what the presets say.
func runListUnitFiles(c *command, args []string) error {
	out, err := c.manager("ListUnitFiles")
	if err != nil {
		return failedTo(err, "Failed to list unit files")
	}
	list := []fileRow{}
	for _, r := range rows(at(out, 0)) {
		list = append(list, fileRow{UnitFile: path.Base(str(at(r, 0))), State: str(at(r, 1))})
	}
	list = c.filterFiles(list, args)
	for i, f := range list {
		if noPreset(f.State) {
			continue
		}
		p, err := c.property(unitPath(f.UnitFile), unitIface, "UnitFilePreset")
		if s := str(p); err == nil && s != "" {
			list[i].Preset = &s
		}
	}
	c.printFiles(list)
	return nil
}

// noPreset reports whether presets say nothing about files in a state, because they cannot be enabled.
func noPreset(state string) bool {
	return slices.Contains([]string{"static", "alias", "generated", "transient"}, state)
}

// filterFiles applies patterns, --type and --state, and sorts.
func (c *command) filterFiles(list []fileRow, args []string) []fileRow {
	patterns := c.patterns(args, ".service")
	list = slices.DeleteFunc(list, func(f fileRow) bool {
		switch {
		case !matches(patterns, f.UnitFile):
			return true
		case len(c.opt.types) > 0 && !slices.Contains(c.opt.types, suffix(f.UnitFile)):
			return true
		}
		return len(c.opt.states) > 0 && !slices.Contains(c.opt.states, f.State)
	})
	slices.SortFunc(list, func(a, b fileRow) int {
		if n := strings.Compare(suffix(a.UnitFile), suffix(b.UnitFile)); n != 0 {
			return n
		}
		return strings.Compare(a.UnitFile, b.UnitFile)
	})
	return list
}

func (c *command) printFiles(list []fileRow) {
	c.result = list
	if len(list) == 0 {
		c.quiet(exitFailure)
	}
	if c.opt.json {
		return
	}
	t := &table{head: []string{"UNIT FILE", "STATE", "PRESET"}, soft: []int{0}}
	for _, f := range list {
		preset := cell{text: "-"}
		if f.Preset != nil {
			preset = cell{*f.Preset, stateColors[*f.Preset]}
		}
		color := stateColors[f.State]
		t.add(cell{f.UnitFile, masked(color)}, cell{f.State, color}, preset)
	}
	c.print(t)
	if !c.opt.noLegend && !c.opt.quiet {
		c.printf("\n%d unit files listed.\n", len(list))
	}
}

func masked(color string) string {
	if color == red {
		return red
	}
	return ""
}

// change is one link made or removed, as the manager reports it.
type change struct {
	Type   string `json:"type"`
	Path   string `json:"path"`
	Source string `json:"source"`
}

// fileVerb is one of the verbs that change links to unit files.
type fileVerb struct {
	method  string
	force   bool // takes the argument force
	carries bool // answers whether there was an [Install] section
	now     string
}

var fileVerbs = map[string]fileVerb{
	"enable":   {"EnableUnitFiles", true, true, "start"},
	"disable":  {"DisableUnitFiles", false, false, "stop"},
	"reenable": {"ReenableUnitFiles", true, true, "start"},
	"link":     {"LinkUnitFiles", true, false, ""},
	"preset":   {"PresetUnitFilesWithMode", true, true, "start"},
	"mask":     {"MaskUnitFiles", true, false, "stop"},
	"unmask":   {"UnmaskUnitFiles", false, false, ""},
	"revert":   {"RevertUnitFiles", false, false, ""},
}

// changeFiles is the function of such a verb.
func changeFiles(name string) func(*command, []string) error {
	v := fileVerbs[name]
	return func(c *command, args []string) error {
		if i := slices.IndexFunc(args, func(a string) bool { return !strings.Contains(a, "/") }); name == "link" && i >= 0 {
			return failed("Link argument must contain at least one directory separator.\nIf you intended to link a file in the current directory, try ./%s instead.",
				c.mangle(args[i], ".service"))
		}
		names := c.fileNames(args, name)
		if name == "mask" {
			c.warnMissing(names)
		}
		call := []any{names}
		switch {
		case name == "preset":
			call = append(call, c.opt.presetMode, c.opt.runtime, c.opt.force > 0)
		case name == "revert":
		case v.force:
			call = append(call, c.opt.runtime, c.opt.force > 0)
		default:
			call = append(call, c.opt.runtime)
		}
		out, err := c.manager(v.method, call...)
		if err != nil {
			return failedTo(err, "Failed to %s unit", name)
		}
		c.changed(name, out, v.carries, names)
		return c.afterFiles(v, names)
	}
}

// warnMissing says which units there are not.
func (c *command) warnMissing(names []string) {
	for _, n := range names {
		if v, err := c.property(unitPath(n), unitIface, "LoadState"); err == nil && v == "not-found" && !c.opt.quiet {
			c.say("Unit %s does not exist, proceeding anyway.", n)
		}
	}
}

// fileNames completes names; paths stay, made absolute.
func (c *command) fileNames(args []string, verb string) []string {
	out := make([]string, len(args))
	for i, a := range args {
		switch {
		case strings.Contains(a, "/") && (verb == "enable" || verb == "link" || verb == "reenable"):
			out[i] = absolute(a)
		case verb == "set-default" || i == 0 && (verb == "add-wants" || verb == "add-requires"):
			out[i] = c.mangle(a, ".target")
		default:
			out[i] = c.mangle(a, ".service")
		}
	}
	return out
}

// changed prints the changes of a reply and the hint for files that cannot be enabled.
func (c *command) changed(verb string, out []any, carries bool, names []string) {
	if carries && len(out) > 0 {
		if out[0] == false && !c.opt.quiet && (verb == "enable" || verb == "reenable") {
			c.say("%s", c.glyph(noInstall(c.Name)))
		}
		out = out[1:]
	}
	changes := []change{}
	for _, r := range rows(at(out, 0)) {
		changes = append(changes, change{str(at(r, 0)), str(at(r, 1)), str(at(r, 2))})
	}
	c.result = map[string]any{"units": names, "changes": changes}
	c.printChanges(verb, changes)
}

func (c *command) printChanges(verb string, changes []change) {
	for _, ch := range changes {
		if c.opt.quiet {
			continue
		}
		switch ch.Type {
		case "symlink":
			c.say("Created symlink %s %s %s.", ch.Path, c.glyph("→"), ch.Source)
		case "unlink":
			c.say("Removed \"%s\".", ch.Path)
		case "masked":
			c.say("Unit %s is masked, ignoring.", ch.Path)
		case "dangling":
			c.say("Unit %s is an alias to a unit that is not present, ignoring.", ch.Path)
		case "destination not present":
			c.say("Unit %s is added as a dependency to a non-existent unit %s.", ch.Path, ch.Source)
		case "auxiliary unit failed":
			c.say("Failed to %s auxiliary unit %s, ignoring.", verb, ch.Path)
		default:
			c.say("%s: %s %s", ch.Type, ch.Path, ch.Source)
		}
	}
}

// afterFiles reloads the manager, and starts or stops the units with --now.
func (c *command) afterFiles(v fileVerb, names []string) error {
	if !c.opt.noReload {
		if _, err := c.manager("Reload"); err != nil {
			return failedTo(err, "Failed to reload daemon")
		}
	}
	if !c.opt.now || v.now == "" {
		return nil
	}
	for i, n := range names {
		names[i] = path.Base(n)
	}
	result := c.result
	err := c.apply(operations[v.now], names)
	if m, ok := result.(map[string]any); ok {
		if jobs, ok := c.result.(map[string]any); ok {
			m["jobs"] = jobs["jobs"]
		}
		c.result = m
	}
	return err
}

func noInstall(name string) string {
	return `The unit files have no installation config (WantedBy=, RequiredBy=, Also=,
Alias= settings in the [Install] section, and DefaultInstance= for template
units). This means they are not meant to be enabled using ` + name + `.

Possible reasons for having this kind of units are:
• A unit may be statically enabled by being symlinked from another unit's
  .wants/ or .requires/ directory.
• A unit may be part of another unit that requires it.
• A unit may be started when needed via activation (socket, path, timer,
  D-Bus, udev, scripted systemctl call, ...).
• A template needs an instance's name to be enabled.`
}

// runPresetAll applies the presets to all unit files.
func runPresetAll(c *command, _ []string) error {
	out, err := c.manager("PresetAllUnitFiles", c.opt.presetMode, c.opt.runtime, c.opt.force > 0)
	if err != nil {
		return failedTo(err, "Failed to preset all units")
	}
	c.changed("preset", out, false, nil)
	return c.afterFiles(fileVerb{}, nil)
}

// addDependency is add-wants or add-requires.
func addDependency(kind string) func(*command, []string) error {
	return func(c *command, args []string) error {
		target := c.mangle(args[0], ".target")
		names := c.fileNames(args[1:], "add")
		out, err := c.manager("AddDependencyUnitFiles", names, target, kind, c.opt.runtime, c.opt.force > 0)
		if err != nil {
			return failedTo(err, "Failed to add dependency")
		}
		c.changed("add dependency", out, false, names)
		return c.afterFiles(fileVerb{}, nil)
	}
}

// runIsEnabled prints the state of unit files; the exit code is 0 when one is enabled in some way.
func runIsEnabled(c *command, args []string) error {
	states := map[string]string{}
	good := false
	for _, name := range c.fileNames(args, "is-enabled") {
		out, err := c.manager("GetUnitFileState", name)
		if err != nil {
			if _, gone := err.(Named); gone {
				c.fail(failedTo(err, "Failed to get unit file state for %s", name))
				continue
			}
			return err
		}
		state := str(at(out, 0))
		states[name] = state
		good = good || isEnabled(state)
		if !c.opt.quiet {
			c.printf("%s\n", state)
		}
		if c.opt.full {
			c.printTargets(name)
		}
	}
	c.result = states
	c.code = exitFailure
	if good && len(c.failed) == 0 {
		c.code = 0
	}
	return nil
}

// isEnabled are the states for which is-enabled succeeds.
func isEnabled(state string) bool {
	return slices.Contains([]string{"enabled", "enabled-runtime", "static", "alias", "indirect", "generated", "transient"}, state)
}

// printTargets prints the links that enabled a unit (is-enabled --full).
func (c *command) printTargets(name string) {
	out, err := c.manager("GetUnitFileLinks", name, c.opt.runtime)
	if err != nil {
		return
	}
	for _, l := range strs(at(out, 0)) {
		c.printf("  %s\n", l)
	}
}

func runGetDefault(c *command, _ []string) error {
	out, err := c.manager("GetDefaultTarget")
	if err != nil {
		return failedTo(err, "Failed to get default target")
	}
	c.result = map[string]string{"default": str(at(out, 0))}
	c.printf("%s\n", str(at(out, 0)))
	return nil
}

func runSetDefault(c *command, args []string) error {
	name := c.mangle(args[0], ".target")
	out, err := c.manager("SetDefaultTarget", name, true)
	if err != nil {
		return failedTo(err, "Failed to set default target")
	}
	c.changed("set-default", out, false, []string{name})
	return c.afterFiles(fileVerb{}, nil)
}
