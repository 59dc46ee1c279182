package manager

import (
	"os"
	"slices"
)

// remark notes, once, that something of a unit is not enforced here; its status shows that.
func (m *Manager) remark(name, text string) {
	h := m.hold(name)
	if slices.Contains(h.notes, text) {
		return
	}
	h.notes = append(h.notes, text)
	m.noteUnit(levelNotice, name, "%s", text)
}

// canSetUser says whether a process can be given these ids here.
func (m *Manager) canSetUser(uid, gid int) bool {
	if os.Geteuid() != 0 {
		if m.whyOneUser = "the manager runs as an ordinary user"; true {
			return uid == os.Geteuid() && (gid < 0 || gid == os.Getegid())
		}
	}
	if _, single := mappedIDs(); single {
		m.whyOneUser = "only one id is mapped in this user namespace"
		return uid <= 0 && gid <= 0
	}
	return true
}
