package unit

import (
	"embed"
	"io/fs"
)

// The units of systemd.special(7), so that a tree without systemd's own has them: plain files, lowest in the search path.
//
//go:embed special
var specialFiles embed.FS

// The embedded units by mode.
var specialSystem, specialUser = readSpecial("special/system"), readSpecial("special/user")

// specialAliases are links that the embedded units would be reached by if they were files.
var specialAliases = map[string]string{
	"default.target": "multi-user.target", "ctrl-alt-del.target": "reboot.target",
	"runlevel0.target": "poweroff.target", "runlevel1.target": "rescue.target", "runlevel2.target": "multi-user.target",
	"runlevel3.target": "multi-user.target", "runlevel4.target": "multi-user.target", "runlevel5.target": "graphical.target",
	"runlevel6.target": "reboot.target",
}

func readSpecial(where string) map[string]string {
	m := map[string]string{}
	entries, err := fs.ReadDir(specialFiles, where)
	if err != nil {
		panic("unit: " + err.Error())
	}
	for _, e := range entries {
		text, err := fs.ReadFile(specialFiles, where+"/"+e.Name())
		if err != nil {
			panic("unit: " + err.Error())
		}
		m[e.Name()] = string(text)
	}
	return m
}

// special returns the embedded units of the view's mode.
func (v *View) special() map[string]string {
	if v.opt.User {
		return specialUser
	}
	return specialSystem
}

// enterSpecial puts the embedded units and their aliases below everything else.
func (v *View) enterSpecial() {
	for name := range v.special() {
		if _, taken := v.files[name]; !taken {
			v.files[name] = file{kind: fileEmbedded}
		}
	}
	if v.opt.User {
		return
	}
	for name, target := range specialAliases {
		if _, taken := v.files[name]; !taken {
			v.files[name] = file{kind: fileAlias, dir: embeddedDir, target: target}
		}
	}
}

// embeddedDir stands for the directory of what is embedded.
const embeddedDir = -1
