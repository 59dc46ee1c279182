package unit

import (
	"path"
	"slices"
	"strings"
)

// PresetMode is which of the two a preset applies (systemctl(1), --preset-mode=).
type PresetMode uint8

// The preset modes.
const (
	PresetFull PresetMode = iota
	PresetEnableOnly
	PresetDisableOnly
)

// ParsePresetMode reads full, enable-only or disable-only; empty is full.
func ParsePresetMode(s string) (PresetMode, bool) {
	i := slices.Index([]string{"full", "enable-only", "disable-only"}, s)
	return PresetMode(max(i, 0)), i >= 0 || s == ""
}

// preset is one line of a *.preset file (systemd.preset(5)).
type preset struct {
	verb      string // enable, disable or ignore
	pattern   string
	instances []string
}

// presets reads all preset files, in the order in which they count.
func (v *View) presets() []preset {
	files := map[string]string{}
	for _, dir := range v.opt.Presets {
		real, err := v.tree.resolve(dir)
		if err != nil {
			continue
		}
		entries, _ := v.tree.list(real)
		for _, e := range entries {
			if _, taken := files[e.Name()]; !taken && strings.HasSuffix(e.Name(), ".preset") && !e.IsDir() {
				files[e.Name()] = real + "/" + e.Name()
			}
		}
	}
	var names []string
	for name := range files {
		names = append(names, name)
	}
	slices.Sort(names)
	var list []preset
	for _, name := range names {
		real, err := v.tree.resolve(files[name])
		if err != nil || real == "/dev/null" {
			continue
		}
		text, _, err := v.tree.read(real)
		if err != nil {
			continue
		}
		list = append(list, parsePresets(text)...)
	}
	return list
}

func parsePresets(text string) []preset {
	var list []preset
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		words := strings.Fields(line)
		if len(words) < 2 || line[0] == '#' || line[0] == ';' || !slices.Contains([]string{"enable", "disable", "ignore"}, words[0]) {
			continue
		}
		list = append(list, preset{words[0], words[1], words[2:]})
	}
	return list
}

// matches says whether the line is about a unit, and whether it is about all instances of that template or about this one.
func (p *preset) matches(name string) bool {
	if ok, _ := path.Match(p.pattern, name); ok {
		return true
	}
	if t := TemplateOf(name); t != "" && p.pattern == t && len(p.instances) > 0 {
		_, instance, _, _ := SplitName(name)
		return slices.Contains(p.instances, instance)
	}
	return false
}

// verdict is what the presets say about a unit. Without any word on it, it is to be enabled.
func verdict(list []preset, name string) preset {
	for _, p := range list {
		if p.matches(name) {
			return p
		}
	}
	return preset{verb: "enable"}
}

// PresetOf says whether presets want a unit enabled, disabled or left alone: "enabled", "disabled", "ignored". It is empty for a name
// without a file.
func (v *View) PresetOf(name string) string {
	if _, ok := v.file(name); !ok {
		return ""
	}
	return verdict(v.presets(), name).verb + "d"
}

// Preset enables and disables some units as the presets say.
func (v *View) Preset(names []string, mode PresetMode, o EnableOptions) (Changes, error) {
	v.scan()
	var c Changes
	list := v.presets()
	for _, name := range names {
		if err := v.applyPreset(&c, list, name, mode, o); err != nil {
			return c, err
		}
	}
	return c.simplify(v), nil
}

// PresetAll enables and disables all units as the presets say. Units that cannot be are left alone.
func (v *View) PresetAll(mode PresetMode, o EnableOptions) (Changes, error) {
	v.scan()
	var c Changes
	list := v.presets()
	var names []string
	for name, f := range v.files {
		if f.kind == fileRegular || f.kind == fileLinked {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		err := v.applyPreset(&c, list, name, mode, o)
		if e, ok := err.(*InstallError); ok && (e.Problem == ProblemMasked || e.Problem == ProblemMissing || e.Problem == ProblemInstall) {
			continue
		}
		if err != nil {
			return c, err
		}
	}
	return c.simplify(v), nil
}

func (v *View) applyPreset(c *Changes, list []preset, name string, mode PresetMode, o EnableOptions) error {
	if _, err := v.discover(name); err != nil {
		return err
	}
	p := verdict(list, name)
	switch {
	case p.verb == "enable" && mode != PresetDisableOnly:
		names := []string{name}
		if IsTemplate(name) && len(p.instances) > 0 {
			names = nil
			for _, i := range p.instances {
				names = append(names, Instantiate(name, i))
			}
		}
		return v.enable(c, names, EnableOptions{o.Runtime, true})
	case p.verb == "disable" && mode != PresetEnableOnly:
		return v.disable(c, []string{name}, o)
	}
	return nil
}
