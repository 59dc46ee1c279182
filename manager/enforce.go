package manager

import (
	"os"
	"reflect"
	"slices"
	"strings"

	"davit/cgroup"
	"davit/engine"
	"davit/host"
	"davit/unit"
)

// unkept is one setting of a unit that is not enforced as its manual page has it, and why.
type unkept struct {
	Unit    string `json:"unit"`
	Setting string `json:"setting"`
	Status  string `json:"status"` // approximated or unavailable
	Because string `json:"because"`
}

// The two words for what is not enforced.
const (
	approximated = "approximated"
	unavailable  = "unavailable"
)

// Enforcement answers, as JSON, which settings of a unit, or of all loaded ones, are not enforced here.
func (m *Manager) Enforcement(name string) (string, error) {
	list := []unkept{}
	if name != "" {
		list = append(list, m.unkept(m.eng.Load(name))...)
		return jsonText(list)
	}
	for _, u := range m.eng.Units() {
		list = append(list, m.unkept(u)...)
	}
	return jsonText(list)
}

// unkept lists what is not enforced of one unit: of the settings that differ from the defaults.
func (m *Manager) unkept(u *engine.Unit) []unkept {
	var list []unkept
	def := u.Def
	if def.Load != unit.Loaded {
		return nil
	}
	standard := unit.New(u.ID)
	blocks, standards := reflect.ValueOf(def).Elem(), reflect.ValueOf(standard).Elem()
	for i := range blocks.NumField() {
		block, other := blocks.Field(i), standards.Field(i)
		if block.Kind() != reflect.Pointer || block.IsNil() || block.Pointer() == other.Pointer() || block.Elem().Kind() != reflect.Struct {
			continue
		}
		list = append(list, m.unkeptBlock(u.ID, block.Elem(), other)...)
	}
	if k, ok := m.unkeptUser(u); ok {
		list = append(list, k)
	}
	if h := m.held[u.ID]; h != nil {
		for _, note := range h.notes {
			setting, because, _ := strings.Cut(note, "= is approximated: ")
			if !slices.ContainsFunc(list, func(k unkept) bool { return k.Setting == setting }) {
				list = append(list, unkept{u.ID, setting, approximated, because})
			}
		}
	}
	return list
}

// unkeptUser says whether the unit's user cannot be had here.
func (m *Manager) unkeptUser(u *engine.Unit) (unkept, bool) {
	x := u.Def.Exec
	if x == nil || x.User == "" {
		return unkept{}, false
	}
	account, err := m.accounts.User(x.User)
	if err != nil || account.UID == os.Geteuid() || m.canSetUser(account.UID, account.GID) {
		return unkept{}, false
	}
	return unkept{u.ID, "User", approximated, m.whyOneUser + ": its processes run as the manager's user"}, true
}

func (m *Manager) unkeptBlock(name string, block, standard reflect.Value) []unkept {
	var list []unkept
	for i := range block.NumField() {
		f := block.Type().Field(i)
		if !standard.IsNil() && reflect.DeepEqual(block.Field(i).Interface(), standard.Elem().Field(i).Interface()) {
			continue
		}
		directive, _, _ := strings.Cut(f.Tag.Get("unit"), ",")
		if status, because := m.kept(directive, f.Tag.Get("status"), block.Type() == reflect.TypeFor[unit.Resources]()); status != "" {
			list = append(list, unkept{name, directive, status, because})
		}
	}
	return list
}

// kept says how far a directive is enforced here; an empty status means that it is.
func (m *Manager) kept(directive, status string, resource bool) (string, string) {
	switch {
	case status == "ignored":
		return unavailable, "davit does not implement it yet"
	case resource && directive != "Slice":
		switch s, why := m.tree.Supports(directive); s {
		case cgroup.Approximated:
			return approximated, why
		case cgroup.Unavailable:
			return unavailable, why
		case cgroup.Enforced:
		}
		return "", ""
	}
	why, lacks := privileged[directive]
	if !lacks || why.has() {
		return "", ""
	}
	return why.status, why.because
}

// privilege is something that a directive needs and that not every place has.
type privilege struct {
	has             func() bool
	status, because string
}

func capability(name, status string) privilege {
	return privilege{
		has:    func() bool { return os.Geteuid() == 0 && host.Capability(name) },
		status: status, because: "the manager lacks " + strings.ToUpper(name),
	}
}

// privileged are the directives that need a privilege. User= and Group= are reported when a process was started without.
var privileged = map[string]privilege{
	"SupplementaryGroups":   capability("cap_setgid", approximated),
	"CapabilityBoundingSet": capability("cap_setpcap", unavailable),
	"AmbientCapabilities":   capability("cap_setpcap", unavailable),
	"SecureBits":            capability("cap_setpcap", unavailable),
}
