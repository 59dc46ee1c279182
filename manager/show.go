package manager

import (
	"fmt"
	"slices"
	"strings"

	"davit/engine"
	"davit/graph"
	"davit/unit"
)

// treeMax bounds how many units the tree on the terminal shows.
const treeMax = 60

// showTree shows what runs, below its slices: the summary at the end of the boot in directory mode.
func (m *Manager) showTree() {
	if !m.opt.ShowStatus || m.opt.Mode != Directory {
		return
	}
	below := map[string][]*engine.Unit{}
	up, failed := 0, 0
	for _, u := range m.eng.Units() {
		switch u.ActiveState() {
		case engine.Active, engine.Reloading, engine.Refreshing:
			up++
		case engine.Failed:
			failed++
		default:
			continue
		}
		if in := u.Related(graph.InSlice); len(in) > 0 {
			below[in[0]] = append(below[in[0]], u)
		}
	}
	m.screen.write("")
	m.screen.write(m.layout.Dir)
	left := treeMax
	m.showBelow(below, "-.slice", "", &left)
	if left <= 0 {
		m.screen.write("└─ …")
	}
	m.screen.write(fmt.Sprintf("%d units are active, %d failed.", up, failed))
	m.screen.write("")
}

func (m *Manager) showBelow(below map[string][]*engine.Unit, slice, indent string, left *int) {
	units := below[slice]
	slices.SortFunc(units, func(a, b *engine.Unit) int { return strings.Compare(a.ID, b.ID) })
	for i, u := range units {
		if *left--; *left <= 0 {
			return
		}
		branch, next := "├─", "│ "
		if i == len(units)-1 {
			branch, next = "└─", "  "
		}
		m.screen.write(indent + branch + m.treeLine(u))
		if u.Def.Type == unit.TypeSlice {
			m.showBelow(below, u.ID, indent+next, left)
		}
	}
}

func (m *Manager) treeLine(u *engine.Unit) string {
	if u.Def.Type == unit.TypeSlice {
		return u.ID
	}
	colour := "32"
	if u.ActiveState() == engine.Failed {
		colour = "1;31"
	}
	line := m.screen.paint(colour, "●") + " " + u.ID + " (" + u.SubState() + ")"
	if main, _ := u.PIDs(); main > 0 {
		line += " " + itoa(main)
	}
	if text := u.Description(); text != u.ID {
		line += " " + text
	}
	return line
}
