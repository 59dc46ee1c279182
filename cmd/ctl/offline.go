package ctl

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"syscall"

	"davit/host"
	"davit/unit"
)

// absolute makes a path absolute; one that cannot be stays.
func absolute(p string) string {
	if a, err := filepath.Abs(p); err == nil {
		return a
	}
	return p
}

// offline reports whether verbs on unit files act on the files themselves: with --root or --global, with
// SYSTEMD_OFFLINE=1, and where no manager runs, as in the making of an image.
func (c *command) offline() bool {
	if c.opt.root != "" || c.opt.global {
		return true
	}
	if off, ok := boolean(c.Env("SYSTEMD_OFFLINE")); ok {
		return off
	}
	_, err := c.quietBus()
	return errors.Is(err, os.ErrNotExist) || errors.Is(err, syscall.ECONNREFUSED)
}

// unitFilesBelow reads the unit files of the layout below a root directory.
func (c *command) unitFilesBelow(root string) (*unit.View, error) {
	l := c.layout
	if c.opt.global {
		l.Config, l.ConfigRun = "/etc/systemd/user", "/run/systemd/user"
	}
	if _, err := os.Stat(root); err != nil {
		return nil, failed("Failed to initialize unit search paths for root directory %s: No such file or directory", root)
	}
	return unit.Scan(os.DirFS(root), unit.Options{
		Paths: l.UnitPaths, User: l.Mode == host.User, Config: l.Config, ConfigRuntime: l.ConfigRun, Control: l.Control,
		Transient: l.Transient, Generated: l.Generated, Presets: l.Presets,
	})
}

// runOffline runs a verb on unit files without a manager.
func (c *command) runOffline(verb string, args []string) error {
	root := orElse(c.opt.root, "/")
	if c.opt.now && c.opt.root != "" {
		return failed("--now cannot be used with --root=.")
	}
	view, err := c.unitFilesBelow(root)
	if err != nil {
		return err
	}
	switch verb {
	case "list-unit-files":
		c.listBelow(view, args)
		return nil
	case "is-enabled":
		return c.isEnabledBelow(view, c.fileNames(args, verb))
	case "get-default":
		name, err := view.Default()
		if err != nil {
			return failedTo(err, "Failed to get default target")
		}
		c.result = map[string]string{"default": name}
		c.printf("%s\n", name)
		return nil
	}
	return c.changeBelow(view, root, verb, args)
}

// changeBelow makes the links that a verb asks for.
func (c *command) changeBelow(view *unit.View, root, verb string, args []string) error {
	if i := slices.IndexFunc(args, filepath.IsAbs); i >= 0 && (verb == "mask" || verb == "unmask") {
		return failed("Failed to %s unit: %s is a path, not a unit's name", verb, args[i])
	}
	names := c.fileNames(args, verb)
	changes, err := c.wanted(view, verb, names)
	if perform := c.Change(root, changes.Links); perform != nil {
		return failedTo(perform, "Failed to %s unit", verb)
	}
	if err == nil && !changes.Carries && (verb == "enable" || verb == "reenable") && !c.opt.quiet {
		c.say("%s", c.glyph(noInstall(c.Name)))
	}
	list := []change{}
	for _, l := range changes.Links {
		ch := change{l.Kind.String(), l.Path, l.Target}
		if root != "/" && filepath.IsAbs(l.Path) {
			ch.Path = filepath.Join(root, l.Path)
		}
		list = append(list, ch)
	}
	c.result = map[string]any{"units": names, "changes": list}
	c.printChanges(verb, list)
	if err != nil {
		return installFailure(verb, err)
	}
	if c.opt.now {
		return c.apply(operations[fileVerbs[verb].now], names)
	}
	return nil
}

// wanted asks the view for the changes of a verb.
func (c *command) wanted(view *unit.View, verb string, names []string) (unit.Changes, error) {
	o := unit.EnableOptions{Runtime: c.opt.runtime, Force: c.opt.force > 0}
	mode, _ := unit.ParsePresetMode(c.opt.presetMode)
	switch verb {
	case "enable":
		return view.Enable(names, o)
	case "disable":
		return view.Disable(names, o)
	case "reenable":
		return view.Reenable(names, o)
	case "preset":
		return view.Preset(names, mode, o)
	case "preset-all":
		return view.PresetAll(mode, o)
	case "mask":
		return view.Mask(names, o)
	case "unmask":
		return view.Unmask(names, o)
	case "link":
		return view.Link(names, o)
	case "revert":
		return view.Revert(names)
	case "add-wants":
		return view.AddDependency(names[1:], names[0], unit.Wants, o)
	case "add-requires":
		return view.AddDependency(names[1:], names[0], unit.Requires, o)
	case "set-default":
		o.Force = true
		return view.SetDefault(names[0], o)
	}
	return unit.Changes{}, failed("Verb '%s' cannot be used with --root= or --image=.", verb)
}

// verbWords are verbs as their failures call them, where that is not their name.
var verbWords = map[string]string{"set-default": "set default", "add-wants": "add dependency on", "add-requires": "add dependency on", "preset-all": "preset"}

// installFailure puts an error of enablement in systemctl's words.
func installFailure(verb string, err error) error {
	var e *unit.InstallError
	if !errors.As(err, &e) {
		return failedTo(err, "Failed to %s unit", verb)
	}
	verb = orElse(verbWords[verb], verb)
	f := failedTo(err, "Failed to %s unit", verb)
	f.unit = e.Unit
	switch e.Problem {
	case unit.ProblemMissing:
		f.name, f.text = "org.freedesktop.systemd1.NoSuchUnit", "Failed to "+verb+" unit, unit "+e.Unit+" does not exist."
	case unit.ProblemMasked:
		f.name, f.text = "org.freedesktop.systemd1.UnitMasked", "Failed to "+verb+" unit, unit "+e.Unit+" is masked."
	case unit.ProblemExists, unit.ProblemAlias, unit.ProblemName, unit.ProblemInstall, unit.ProblemFile:
	}
	return f
}

// isEnabledBelow is is-enabled on files.
func (c *command) isEnabledBelow(view *unit.View, names []string) error {
	states := map[string]string{}
	good := false
	for _, n := range names {
		state, err := view.State(n)
		if err != nil {
			c.fail(&failure{
				code: exitFailure, name: "org.freedesktop.DBus.Error.FileNotFound", unit: n,
				text: "Failed to get unit file state for " + n + ": No such file or directory",
			})
			continue
		}
		states[n] = state.String()
		good = good || isEnabled(state.String())
		if !c.opt.quiet {
			c.printf("%s\n", state)
		}
		if c.opt.full {
			for _, l := range view.Links(n, c.opt.runtime) {
				c.printf("  %s\n", l)
			}
		}
	}
	c.result = states
	if !good {
		c.code = exitFailure
	}
	return nil
}

// listBelow is list-unit-files on files. Embedded units have no file and are left out.
func (c *command) listBelow(view *unit.View, args []string) {
	list := []fileRow{}
	for _, f := range view.UnitFiles() {
		if len(f.Path) >= len(unit.Embedded) && f.Path[:len(unit.Embedded)] == unit.Embedded {
			continue
		}
		list = append(list, fileRow{UnitFile: f.Name, State: f.State.String()})
	}
	list = c.filterFiles(list, args)
	for i := range list {
		if p := view.PresetOf(list[i].UnitFile); p != "" && !noPreset(list[i].State) {
			list[i].Preset = &p
		}
	}
	c.printFiles(slices.Clip(list))
}
