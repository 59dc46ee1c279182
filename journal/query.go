package journal

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// Query says which entries are wanted. Conditions of different kinds must all hold; several values of one kind are
// alternatives. The zero Query, with Lines set to All, is everything.
type Query struct {
	Units       []string // as journalctl --unit=: full names or patterns
	UserUnits   []string // as --user-unit=, units of the user manager of UID
	UID         int
	Invocation  string   // of a unit's run, 32 hexadecimal digits
	Identifiers []string // SYSLOG_IDENTIFIER=
	Levels      []int    // 0 to 7, nil: all
	Facilities  []int
	Matches     []string  // NAME=value, and "+" between alternatives
	Boot        string    // "0" the present one, "-1" the one before, "1" the first one in the journal; an id; both: "ID-1"
	Since       time.Time // inclusive
	Until       time.Time // inclusive
	Cursor      string    // begin at the entry that this was the cursor of
	AfterCursor string    // begin behind it
	Grep        string    // regular expression on MESSAGE=; without an upper-case letter it ignores case
	Lines       int       // only the last ones (the first ones, behind a cursor), All: no limit
	Reverse     bool      // the newest first
}

// All is Query.Lines without a limit.
const All = -1

// plan is a query that was understood.
type plan struct {
	where        expr
	since, until uint64 // microseconds, 0 none
	from         *Entry // place of the cursor
	after        bool   // behind it
	grep         *regexp.Regexp
}

// plan understands a query.
func (r *Reader) plan(q *Query) (p plan, err error) {
	var all allOf
	add := func(e expr) {
		if e != nil {
			all = append(all, e)
		}
	}
	add(r.units(q))
	if q.Invocation != "" {
		id, ok := ParseID(q.Invocation)
		if !ok {
			return p, fmt.Errorf("cannot read the invocation id %q", q.Invocation)
		}
		add(invocationExpr(id.String()))
	}
	add(oneOf("SYSLOG_IDENTIFIER=", q.Identifiers))
	add(oneOfNumbers("PRIORITY=", q.Levels))
	add(oneOfNumbers("SYSLOG_FACILITY=", q.Facilities))
	for _, m := range q.Matches {
		if name, _, ok := strings.Cut(m, "="); m != "+" && (!ok || !validName([]byte(name), true)) {
			return p, fmt.Errorf("cannot read the match %q: not FIELD=value", m)
		}
	}
	add(fieldsExpr(q.Matches))
	if q.Boot != "" {
		id, err := r.boot(q.Boot)
		if err != nil {
			return p, err
		}
		add(hasField("_BOOT_ID=" + id.String()))
	}
	if len(all) > 0 {
		p.where = all
	}
	if !q.Since.IsZero() {
		p.since = uint64(max(q.Since.UnixMicro(), 1))
	}
	if !q.Until.IsZero() {
		p.until = uint64(max(q.Until.UnixMicro(), 1))
	}
	if p.grep, err = compileGrep(q.Grep); err != nil {
		return p, err
	}
	if c := q.Cursor + q.AfterCursor; c != "" {
		e, err := parseCursor(c)
		if err != nil {
			return p, err
		}
		p.from, p.after = &e, q.AfterCursor != ""
	}
	return p, nil
}

// units returns the condition on units, nil without one.
func (r *Reader) units(q *Query) expr {
	var any anyOf
	for _, name := range r.expand(q.Units, "_SYSTEMD_UNIT", "UNIT", "COREDUMP_UNIT", "OBJECT_SYSTEMD_UNIT", "_SYSTEMD_SLICE") {
		any = append(any, unitExpr(name))
	}
	uid := strconv.Itoa(q.UID)
	for _, name := range r.expand(q.UserUnits, "_SYSTEMD_USER_UNIT", "USER_UNIT", "COREDUMP_USER_UNIT", "OBJECT_SYSTEMD_USER_UNIT") {
		any = append(any, userUnitExpr(name, uid))
	}
	if len(any) == 0 && len(q.Units)+len(q.UserUnits) == 0 {
		return nil
	}
	return any
}

func oneOf(prefix string, values []string) expr {
	var any anyOf
	for _, v := range values {
		any = append(any, hasField(prefix+v))
	}
	if any == nil {
		return nil
	}
	return any
}

func oneOfNumbers(prefix string, values []int) expr {
	var any anyOf
	for _, v := range values {
		any = append(any, hasField(prefix+strconv.Itoa(v)))
	}
	if any == nil {
		return nil
	}
	return any
}

func compileGrep(pattern string) (*regexp.Regexp, error) {
	if pattern == "" {
		return nil, nil
	}
	if !strings.ContainsFunc(pattern, unicode.IsUpper) {
		pattern = "(?i)" + pattern
	}
	re, err := regexp.Compile(pattern)
	if err != nil {
		return nil, fmt.Errorf("cannot read the pattern: %w", err)
	}
	return re, nil
}

// boot finds the boot that a query names: by id, by number, or by id and number.
func (r *Reader) boot(name string) (ID, error) {
	const digits = 2 * len(ID{})
	if id, ok := ParseID(name); ok {
		return id, nil
	}
	var id ID
	offset, relative := name, false
	if len(name) > digits {
		if id, relative = ParseID(name[:digits]); relative {
			offset = name[digits:]
		}
	}
	n, err := strconv.Atoi(offset)
	if err != nil || relative && offset[0] != '+' && offset[0] != '-' {
		return ID{}, fmt.Errorf("cannot read the boot %q: neither a number nor an id", name)
	}
	present, known := presentBoot()
	if n == 0 && known && !relative {
		return present, nil
	}
	boots := r.Boots()
	at := n - 1
	switch {
	case relative:
		if at = slices.IndexFunc(boots, func(b Boot) bool { return b.ID == id }); at >= 0 {
			at += n
		}
	case n <= 0:
		at = len(boots) - 1 + n
		if known && (len(boots) == 0 || boots[len(boots)-1].ID != present) {
			at++ // the present boot has said nothing yet
		}
	}
	if at < 0 || at >= len(boots) {
		return ID{}, fmt.Errorf("cannot find boot %s in the journal", name)
	}
	return boots[at].ID, nil
}

// presentBoot returns the id of the running kernel.
func presentBoot() (ID, bool) {
	text, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return ID{}, false
	}
	return ParseID(strings.TrimSpace(string(text)))
}
