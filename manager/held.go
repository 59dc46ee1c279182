package manager

import (
	"errors"
	"os"

	"davit/cgroup"
	"davit/engine"
	"davit/socketact"
	"davit/unit"

	"golang.org/x/sys/unix"
)

// held is what the manager has outside the engine for one unit: everything that must be let go of when the unit is.
type held struct {
	group     string // path of its cgroup once that was made, else empty
	groupID   uint64 // inode number of that, of units that notify
	listeners []socketact.Listener
	watching  bool          // traffic on listeners is waited for
	notify    *notifySocket // its own, where processes cannot be attributed by cgroup
	runtime   []string      // runtime directories that were made for it
	creds     string        // directory of its credentials
	ooms      uint64        // processes that the kernel had killed for memory when it was last asked
	notes     []string      // what is not enforced here, and why
}

// hold returns what is held for a unit, making the record.
func (m *Manager) hold(name string) *held {
	h := m.held[name]
	if h == nil {
		h = &held{}
		m.held[name] = h
	}
	return h
}

// definition returns what files say about a loaded unit, nil when it is not loaded.
func (m *Manager) definition(name string) *unit.Unit {
	if u := m.eng.Unit(name); u != nil {
		return u.Def
	}
	return nil
}

// groupPath returns the path of a unit's cgroup, whether it exists or not.
func (m *Manager) groupPath(u *unit.Unit) string {
	if u.Type == unit.TypeSlice {
		return cgroup.SlicePath(u.Name)
	}
	return cgroup.GroupPath(m.sliceOf(u), u.Name)
}

// realize makes a unit's cgroup, or gives it new limits.
func (m *Manager) realize(name string) {
	def := m.definition(name)
	if def == nil || m.tree.Mode() == cgroup.None {
		return
	}
	if _, err := m.ensureGroup(def); err != nil {
		m.noteUnit(levelWarning, name, "%v", err)
	}
}

// ensureGroup makes a unit's cgroup with those of its slices, each with its limits, and watches it. The group exists
// also when the error is a *cgroup.LimitError.
func (m *Manager) ensureGroup(def *unit.Unit) (string, error) {
	h := m.hold(def.Name)
	path := m.groupPath(def)
	var failed error
	if def.Type != unit.TypeSlice {
		m.ensureSlices(m.sliceOf(def))
	}
	if err := m.tree.Realize(path, m.limits(def)); err != nil {
		var limit *cgroup.LimitError
		if !errors.As(err, &limit) {
			return "", err
		}
		failed = err
	}
	if h.group != path {
		h.group = path
		m.groups[path] = def.Name
		if def.Type != unit.TypeSlice {
			if err := m.tree.Watch(path); err != nil {
				return path, err
			}
		}
	}
	return path, failed
}

// ensureSlices makes the cgroups of a slice and of those that it is in, each with its own limits.
func (m *Manager) ensureSlices(name string) {
	for s := name; s != "" && s != "-.slice"; s = unit.SliceParent(s) {
		if h := m.held[s]; h != nil && h.group != "" {
			return
		}
		def := m.definition(s)
		if def == nil {
			continue
		}
		if _, err := m.ensureGroup(def); err != nil {
			m.noteUnit(levelWarning, s, "%v", err)
		}
	}
}

// noteGroupID remembers the inode number of a unit's cgroup, by which the kernel names it for a process that was reaped.
func (m *Manager) noteGroupID(name string, fd int) {
	var st unix.Stat_t
	if unix.Fstat(fd, &st) == nil {
		m.hold(name).groupID = st.Ino
		m.groupIDs[st.Ino] = name
	}
}

// release lets go of what an inactive unit leaves.
func (m *Manager) release(x engine.Release) {
	m.dropFileWaits(x.Unit)
	h := m.held[x.Unit]
	if h == nil || x.Restarting {
		return
	}
	m.removeGroup(x.Unit, h)
	m.unwatchStored(x.Unit, "")
	m.store.Drop(x.Unit)
	if h.notify != nil {
		m.closeNotify(h)
	}
	if h.creds != "" {
		_ = os.RemoveAll(h.creds)
		h.creds = ""
	}
	if !x.KeepRuntime {
		for _, dir := range h.runtime {
			if err := os.RemoveAll(dir); err != nil {
				m.noteUnit(levelWarning, x.Unit, "cannot remove runtime directory: %v", err)
			}
		}
		h.runtime = nil
	}
	m.tracker.forget(x.Unit)
	if len(h.listeners) == 0 && len(h.runtime) == 0 {
		delete(m.held, x.Unit)
	}
}

func (m *Manager) removeGroup(name string, h *held) {
	if h.group == "" {
		return
	}
	if err := m.tree.Remove(h.group); err != nil {
		if !errors.Is(err, unix.EBUSY) {
			m.noteUnit(levelWarning, name, "cannot remove its cgroup: %v", err)
		}
		return // a process is left: the group is tried again when it is empty
	}
	delete(m.groups, h.group)
	delete(m.groupIDs, h.groupID)
	h.group, h.groupID = "", 0
}

// forget drops what is held for a unit that left memory.
func (m *Manager) forget(name string) {
	if h := m.held[name]; h != nil && len(h.listeners) == 0 && len(h.runtime) == 0 {
		m.release(engine.Release{Unit: name})
		delete(m.held, name)
	}
}
