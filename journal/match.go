package journal

import (
	"path"
	"strings"
)

// source is the entries of one file that something selects, as offsets in the file, which grow with time.
type source interface {
	next(off uint64) uint64 // the first at off or after it, 0 if there is none
	prev(off uint64) uint64 // the last at off or before it, 0 if there is none
}

// expr is a condition on the fields of an entry. A nil expr selects everything.
type expr interface {
	in(f *file) source
}

type (
	hasField string // NAME=value
	allOf    []expr
	anyOf    []expr
)

// none is the source without entries.
type none struct{}

func (none) next(uint64) uint64 { return 0 }
func (none) prev(uint64) uint64 { return 0 }

func (e hasField) in(f *file) source {
	if l := f.fieldEntries([]byte(e)); l != nil {
		return l
	}
	return none{}
}

func (e allOf) in(f *file) source {
	all := make(both, len(e))
	for i, x := range e {
		all[i] = x.in(f)
	}
	return all
}

func (e anyOf) in(f *file) source {
	all := make(either, len(e))
	for i, x := range e {
		all[i] = x.in(f)
	}
	return all
}

// both is the entries that all of the sources have.
type both []source

func (b both) next(off uint64) uint64 {
	for i := 0; i < len(b); {
		n := b[i].next(off)
		switch {
		case n == 0:
			return 0
		case n > off && i > 0: // the others have to have this one
			off, i = n, 0
		default:
			off = n
			i++
		}
	}
	return off
}

func (b both) prev(off uint64) uint64 {
	for i := 0; i < len(b); {
		n := b[i].prev(off)
		switch {
		case n == 0:
			return 0
		case n < off && i > 0:
			off, i = n, 0
		default:
			off = n
			i++
		}
	}
	return off
}

// either is the entries that one of the sources has.
type either []source

func (e either) next(off uint64) (best uint64) {
	for _, s := range e {
		if n := s.next(off); n != 0 && (best == 0 || n < best) {
			best = n
		}
	}
	return best
}

func (e either) prev(off uint64) (best uint64) {
	for _, s := range e {
		best = max(best, s.prev(off))
	}
	return best
}

// The ids of messages that systemd's coredump handler logs for a unit.
const messageCoredump = "fc2e22bc6ee647b6b90729ab34a250b1"

// unitExpr selects what journalctl -u selects: what the unit's processes said, and what the manager and the coredump
// handler said of it. The manager is who is in init.scope, or PID 1.
func unitExpr(name string) expr {
	e := anyOf{
		hasField("_SYSTEMD_UNIT=" + name),
		allOf{hasField("UNIT=" + name), anyOf{hasField("_PID=1"), hasField("_SYSTEMD_UNIT=init.scope")}},
		allOf{hasField("MESSAGE_ID=" + messageCoredump), hasField("_UID=0"), hasField("COREDUMP_UNIT=" + name)},
		allOf{hasField("OBJECT_SYSTEMD_UNIT=" + name), hasField("_UID=0")},
	}
	if strings.HasSuffix(name, ".slice") {
		e = append(e, hasField("_SYSTEMD_SLICE="+name))
	}
	return e
}

// userUnitExpr is unitExpr for a unit of the user manager of a user.
func userUnitExpr(name, uid string) expr {
	e := anyOf{
		allOf{hasField("_SYSTEMD_USER_UNIT=" + name), anyOf{hasField("_UID=" + uid), hasField("_SYSTEMD_OWNER_UID=" + uid)}},
		allOf{hasField("USER_UNIT=" + name), hasField("_UID=" + uid)},
		allOf{hasField("COREDUMP_USER_UNIT=" + name), hasField("_UID=0")},
		allOf{hasField("OBJECT_SYSTEMD_USER_UNIT=" + name), anyOf{hasField("_UID=" + uid), hasField("_UID=0")}},
	}
	if strings.HasSuffix(name, ".slice") {
		e = append(e, allOf{hasField("_SYSTEMD_USER_SLICE=" + name), hasField("_UID=" + uid)})
	}
	return e
}

// invocationExpr selects what belongs to one run of a unit.
func invocationExpr(id string) expr {
	return anyOf{
		hasField("_SYSTEMD_INVOCATION_ID=" + id), hasField("OBJECT_SYSTEMD_INVOCATION_ID=" + id),
		hasField("INVOCATION_ID=" + id), hasField("USER_INVOCATION_ID=" + id),
	}
}

// fieldsExpr reads matches as journalctl does: the same field is an alternative, different ones must all be there, and
// "+" separates alternatives of all that.
func fieldsExpr(matches []string) expr {
	var whole anyOf
	groups := map[string]anyOf{}
	var order []string
	finish := func() {
		var e allOf
		for _, name := range order {
			e = append(e, groups[name])
		}
		if len(e) > 0 {
			whole = append(whole, e)
		}
		groups, order = map[string]anyOf{}, nil
	}
	for _, m := range matches {
		if m == "+" {
			finish()
			continue
		}
		name, _, _ := strings.Cut(m, "=")
		if groups[name] == nil {
			order = append(order, name)
		}
		groups[name] = append(groups[name], hasField(m))
	}
	finish()
	if len(whole) == 0 {
		return nil
	}
	return whole
}

// isGlob reports whether a name is a pattern.
func isGlob(name string) bool { return strings.ContainsAny(name, "*?[") }

// expand replaces patterns by the values that the fields have in the files.
func (r *Reader) expand(names []string, fields ...string) []string {
	var all []string
	seen := map[string]bool{}
	add := func(name string) {
		if !seen[name] {
			seen[name] = true
			all = append(all, name)
		}
	}
	for _, name := range names {
		if !isGlob(name) {
			add(name)
			continue
		}
		for _, field := range fields {
			for _, v := range r.Values(field) {
				if ok, _ := path.Match(name, v); ok {
					add(v)
				}
			}
		}
	}
	return all
}
