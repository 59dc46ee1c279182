package unit

import "strings"

// SystemPaths returns the search path of the system manager (systemd.unit(5), "Unit file load path"), davit's own directories before
// systemd's. env is SYSTEMD_UNIT_PATH: when it is not empty it replaces the list, and an empty last component appends the list.
func SystemPaths(env string) []string {
	return override(env, []string{
		"/etc/systemd/system.control", "/run/systemd/system.control", "/run/systemd/transient", "/run/systemd/generator.early",
		"/etc/davit/system", "/etc/systemd/system", "/etc/systemd/system.attached",
		"/run/davit/system", "/run/systemd/system", "/run/systemd/system.attached", "/run/systemd/generator",
		"/usr/local/lib/davit/system", "/usr/lib/davit/system",
		"/usr/local/lib/systemd/system", "/usr/lib/systemd/system", "/lib/systemd/system",
		"/run/systemd/generator.late",
	})
}

// UserPaths returns the search path of a user's manager. get looks up HOME and the XDG_ variables.
func UserPaths(env string, get func(string) string) []string {
	or := func(name, def string) string {
		if v := get(name); v != "" {
			return v
		}
		return def
	}
	home, runtime := get("HOME"), get("XDG_RUNTIME_DIR")
	config, data := or("XDG_CONFIG_HOME", home+"/.config"), or("XDG_DATA_HOME", home+"/.local/share")
	list := []string{config + "/systemd/user.control"}
	inRuntime := func(names ...string) {
		for _, n := range names {
			if runtime != "" {
				list = append(list, runtime+"/"+n)
			}
		}
	}
	inRuntime("systemd/user.control", "systemd/transient", "systemd/generator.early")
	list = append(list, config+"/davit/user", config+"/systemd/user")
	for _, dir := range strings.Split(or("XDG_CONFIG_DIRS", "/etc/xdg"), ":") {
		list = append(list, dir+"/systemd/user")
	}
	list = append(list, "/etc/davit/user", "/etc/systemd/user")
	inRuntime("davit/user", "systemd/user")
	list = append(list, "/run/systemd/user")
	inRuntime("systemd/generator")
	list = append(list, data+"/davit/user", data+"/systemd/user")
	for _, dir := range strings.Split(or("XDG_DATA_DIRS", "/usr/local/share:/usr/share"), ":") {
		list = append(list, dir+"/systemd/user")
	}
	list = append(list, "/usr/local/lib/davit/user", "/usr/lib/davit/user", "/usr/local/lib/systemd/user", "/usr/lib/systemd/user")
	inRuntime("systemd/generator.late")
	return override(env, list)
}

// override applies SYSTEMD_UNIT_PATH to a search path.
func override(env string, list []string) []string {
	if env == "" {
		return list
	}
	rest, more := strings.CutSuffix(env, ":")
	var out []string
	for part := range strings.SplitSeq(rest, ":") {
		if strings.HasPrefix(part, "/") {
			out = append(out, part)
		}
	}
	if more {
		out = append(out, list...)
	}
	return out
}
