package graph

import (
	"strings"

	"davit/unit"
)

// Implied is a dependency that no file states.
type Implied struct {
	Kind   Kind
	Target string
	Origin *Origin
}

type implied []Implied

func (l *implied) add(o *Origin, target string, kinds ...Kind) {
	for _, k := range kinds {
		*l = append(*l, Implied{k, target, o})
	}
}

// Defaults returns the implicit and default dependencies of u: the sections of that name in systemd.service(5), .socket, .timer,
// .path, .mount, .automount, .swap, .slice, .scope and .target. system is false for a user's manager.
func Defaults(u *unit.Unit, system bool) []Implied {
	if u.Load != unit.Loaded || u.Perpetual {
		return nil
	}
	var l implied
	l.slice(u, system)
	l.triggers(u)
	if u.Common != nil && u.Common.DefaultDependencies {
		l.defaults(u, system)
	}
	return l
}

// slice puts the unit below its slice, which is up before it.
func (l *implied) slice(u *unit.Unit, system bool) {
	parent := SliceOfUnit(u, system)
	if parent != "" {
		l.add(Implicit, parent, InSlice, Requires, After)
	}
}

// SliceOfUnit returns the slice that a unit's cgroup is in, empty for units without one and for -.slice.
func SliceOfUnit(u *unit.Unit, system bool) string {
	switch u.Type {
	case unit.TypeSlice:
		return unit.SliceParent(u.Name)
	case unit.TypeService, unit.TypeSocket, unit.TypeMount, unit.TypeSwap, unit.TypeScope:
	default:
		return ""
	}
	if u.Resources != nil && u.Resources.Slice.Value != "" {
		return u.Resources.Slice.Value
	}
	base := "app"
	if system {
		base = "system"
	}
	if prefix, instance, _, err := unit.SplitName(u.Name); err == nil && instance != "" && u.Type == unit.TypeService {
		return base + "-" + unit.Escape(prefix) + ".slice"
	}
	return base + ".slice"
}

// triggers joins a socket, timer or path with what it starts.
func (l *implied) triggers(u *unit.Unit) {
	var target string
	switch {
	case u.Type == unit.TypeSocket && !u.Socket.Accept:
		target = orService(u.Socket.Service.Value, u)
	case u.Type == unit.TypeTimer:
		target = orService(u.Timer.Unit.Value, u)
	case u.Type == unit.TypePath:
		target = orService(u.Path.Unit.Value, u)
	case u.Type == unit.TypeAutomount:
		target = strings.TrimSuffix(u.Name, ".automount") + ".mount"
	case u.Type == unit.TypeService:
		for _, s := range u.Service.Sockets {
			l.add(Implicit, s.Value, Wants, After, TriggeredBy)
		}
		return
	default:
		return
	}
	l.add(Implicit, target, Triggers, Before)
}

func orService(name string, u *unit.Unit) string {
	if name != "" {
		return name
	}
	return strings.TrimSuffix(u.Name, "."+u.Type.String()) + ".service"
}

func (l *implied) defaults(u *unit.Unit, system bool) {
	switch u.Type {
	case unit.TypeService:
		if system {
			l.add(Default, "sysinit.target", Requires, After)
		} else {
			l.add(Default, "basic.target", Requires)
		}
		l.add(Default, "basic.target", After)
		if u.Service.Type == unit.ServiceDBus {
			l.add(Implicit, "dbus.socket", Requires, After)
		}
	case unit.TypeSocket:
		l.early(system, "sockets.target")
	case unit.TypeTimer:
		l.early(system, "timers.target")
		if hasCalendar(u) {
			l.add(Default, "time-set.target", After)
			l.add(Default, "time-sync.target", After)
		}
	case unit.TypePath:
		l.early(system, "paths.target")
	case unit.TypeMount, unit.TypeAutomount, unit.TypeSwap:
		l.file(u)
		return
	default:
	}
	l.add(Default, "shutdown.target", Before, Conflicts)
}

// early is what sockets, timers and paths have in common: they are up before the target that collects them.
func (l *implied) early(system bool, target string) {
	l.add(Default, target, Before)
	if system {
		l.add(Default, "sysinit.target", Requires, After)
	}
}

// file is for what is mounted or swapped on.
func (l *implied) file(u *unit.Unit) {
	before := "local-fs.target"
	if u.Type == unit.TypeSwap {
		before = "swap.target"
	}
	l.add(Default, before, Before)
	l.add(Default, "umount.target", Before, Conflicts)
	if u.Type == unit.TypeMount {
		l.add(Default, "local-fs-pre.target", After)
	}
}

func hasCalendar(u *unit.Unit) bool {
	for _, t := range u.Timer.Timers {
		if t.Base == unit.OnCalendar {
			return true
		}
	}
	return false
}
