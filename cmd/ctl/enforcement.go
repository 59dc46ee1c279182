package ctl

import (
	"encoding/json"
	"fmt"
	"strings"
)

// unkept is a setting that is not enforced as its manual page has it, as org.davit.Manager.Enforcement tells it.
type unkept struct {
	Unit    string `json:"unit"`
	Setting string `json:"setting"`
	Status  string `json:"status"` // approximated or unavailable
	Because string `json:"because"`
}

func (k unkept) String() string {
	s := strings.TrimSuffix(k.Setting, "=") + "= is " + orElse(k.Status, "not enforced")
	if k.Because != "" {
		s += ": " + k.Because
	}
	return s
}

// enforcement asks which settings of a unit, or of all units, are not enforced here; nothing when the manager does not tell.
func (c *command) enforcement(name string) []unkept {
	s, err := c.ours("Enforcement", name)
	if err != nil {
		return nil
	}
	var list []unkept
	if json.Unmarshal([]byte(s), &list) != nil {
		return nil
	}
	return list
}

// namedUnits is how many units are named that share a line.
const namedUnits = 3

// enforcement shows what is not enforced: of the whole system one line for what several units share.
func (s *sheet) enforcement(list []unkept) {
	var lines []string
	units := map[string][]string{}
	for _, k := range list {
		line := k.String()
		if units[line] == nil {
			lines = append(lines, line)
		}
		units[line] = append(units[line], k.Unit)
	}
	label := "Unenforced"
	if s.system {
		label = "Not kept"
	}
	for _, line := range lines {
		text := s.c.paint(yellow, line)
		if s.system {
			text += " (" + someOf(units[line]) + ")"
		}
		if label != "" {
			s.row(label, "%s", text)
		} else {
			s.c.printf("%*s%s\n", s.width()+2, "", text)
		}
		label = ""
	}
}

// someOf names a few units, and says how many more there are.
func someOf(units []string) string {
	if len(units) <= namedUnits {
		return strings.Join(units, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(units[:namedUnits], ", "), len(units)-namedUnits)
}
