package ctl

import (
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Logs reads a manager's journal.
type Logs interface {
	// Show writes the entries that q asks for in q's format. With Follow it goes on until stop delivers.
	Show(w io.Writer, q LogQuery, stop <-chan os.Signal) error
}

// LogQuery says which entries are wanted and how they look. Zero fields do not matter.
type LogQuery struct {
	Units        []string // names or patterns; several are alternatives
	User         bool     // they are units of the user's manager
	Invocation   string   // 32 hex digits
	Identifiers  []string
	Priorities   [2]int // the most and the least important one, inclusive; {0, 7} is all
	Since, Until time.Time
	Boot         string // "" any, "0" this one, "-1" the one before, or an id
	Grep         string // regular expression on MESSAGE
	Matches      []string
	Cursor       string // start there
	AfterCursor  string // start behind it
	Lines        int    // the last ones, -1: all
	Reverse      bool
	Follow       bool
	Output       string // a format of journalctl(1)
	Fields       []string
	UTC          bool
	All          bool // long and unprintable fields in full
	NoHostname   bool
	Quiet        bool // only entries: no marks between boots, no word when there is none
	Color        bool
	Width        int // ellipsize to so many columns, 0: do not
}

// logOptions are the options of logs, which are journalctl(1)'s.
type logOptions struct {
	query        LogQuery
	since, until string
	tail         bool
	noTail       bool
}

// logTable are the options behind the verb logs.
var logTable = append(slices.Clone(commonOptions), []option{
	{"unit", 'u', required, "UNIT", "entries of a unit", appendTo(func(o *options) *[]string { return &o.log.query.Units })},
	{"user-unit", 0, required, "UNIT", "entries of a user's unit", func(o *options, v string) error {
		o.log.query.User = true
		o.log.query.Units = append(o.log.query.Units, v)
		return nil
	}},
	{"identifier", 't', required, "NAME", "entries of an identifier", appendTo(func(o *options) *[]string { return &o.log.query.Identifiers })},
	{"priority", 'p', required, "RANGE", "entries of these priorities (err, 3, 1..4)", setPriority},
	{"since", 'S', required, "DATE", "entries not older than a date", text(func(o *options) *string { return &o.log.since })},
	{"until", 'U', required, "DATE", "entries not newer than a date", text(func(o *options) *string { return &o.log.until })},
	{"boot", 'b', optional, "ID", "entries of this boot, or of another", func(o *options, v string) error {
		o.log.query.Boot = v
		if v == "" {
			o.log.query.Boot = "0"
		}
		return nil
	}},
	{"invocation", 0, required, "ID", "entries of an invocation", text(func(o *options) *string { return &o.log.query.Invocation })},
	{"grep", 'g', required, "PATTERN", "entries whose message matches", text(func(o *options) *string { return &o.log.query.Grep })},
	{"lines", 'n', optional, "COUNT", "the last entries (10)", setLogLines},
	{"follow", 'f', none, "", "go on with new entries", on(func(o *options) *bool { return &o.log.query.Follow })},
	{"no-tail", 0, none, "", "all entries, even with --follow", on(func(o *options) *bool { return &o.log.noTail })},
	{"reverse", 'r', none, "", "the newest first", on(func(o *options) *bool { return &o.log.query.Reverse })},
	{"output", 'o', required, "FORMAT", "short, cat, json, export, verbose, … (help lists them)", setOutput},
	{"output-fields", 0, required, "LIST", "only these fields", func(o *options, v string) error { o.log.query.Fields = words(v); return nil }},
	{"cursor", 'c', required, "CURSOR", "start at a cursor", text(func(o *options) *string { return &o.log.query.Cursor })},
	{"after-cursor", 0, required, "CURSOR", "start behind a cursor", text(func(o *options) *string { return &o.log.query.AfterCursor })},
	{"utc", 0, none, "", "times in UTC", on(func(o *options) *bool { return &o.log.query.UTC })},
	{"no-hostname", 0, none, "", "leave the host's name out", on(func(o *options) *bool { return &o.log.query.NoHostname })},
	{"all", 'a', none, "", "all of long and unprintable fields", on(func(o *options) *bool { return &o.log.query.All })},
	{"full", 'l', none, "", "", on(func(o *options) *bool { return &o.full })},
	{"no-full", 0, none, "", "ellipsize", on(func(o *options) *bool { return &o.log.tail })},
	{"pager-end", 'e', none, "", "", func(o *options, _ string) error { return tailEnd(o) }},
	{"catalog", 'x', none, "", "", ignored},
}...)

// tailEnd is --pager-end without a pager: the last 1000 lines of this boot.
func tailEnd(o *options) error {
	if o.lines < 0 {
		o.lines = 1000
	}
	if o.log.query.Boot == "" {
		o.log.query.Boot = "0"
	}
	return nil
}

func appendTo(field func(*options) *[]string) func(*options, string) error {
	return func(o *options, v string) error { *field(o) = append(*field(o), v); return nil }
}

// setLogLines reads --lines: a count, or "all"; without one it is 10.
func setLogLines(o *options, v string) error {
	switch v {
	case "":
		o.lines = 10
		return nil
	case "all":
		o.lines, o.log.noTail = -1, true
		return nil
	}
	return setLines(o, v)
}

var priorityNames = []string{"emerg", "alert", "crit", "err", "warning", "notice", "info", "debug"}

// priority reads one level of syslog(3).
func priority(v string) (int, bool) {
	if n, err := strconv.Atoi(v); err == nil {
		return n, n >= 0 && n <= 7
	}
	switch v {
	case "error":
		v = "err"
	case "warn":
		v = "warning"
	case "panic":
		v = "emerg"
	}
	n := slices.Index(priorityNames, v)
	return n, n >= 0
}

// setPriority reads a level, which means that one and all above, or a range FROM..TO.
func setPriority(o *options, v string) error {
	from, to, isRange := strings.Cut(v, "..")
	a, ok := priority(from)
	if !ok {
		return failed("Unknown log level %s", v)
	}
	if !isRange {
		o.log.query.Priorities = [2]int{0, a}
		return nil
	}
	b, ok := priority(to)
	if !ok {
		return failed("Failed to parse log level range %s", v)
	}
	o.log.query.Priorities = [2]int{min(a, b), max(a, b)}
	return nil
}

// runLogs prints entries of the journal. Arguments are units or matches (FIELD=value).
func runLogs(c *command, args []string) error {
	q := c.opt.log.query
	for _, a := range args {
		if field, _, ok := strings.Cut(a, "="); ok && field == strings.ToUpper(field) {
			q.Matches = append(q.Matches, a)
			continue
		}
		q.Units = append(q.Units, a)
	}
	for i, u := range q.Units {
		if !isGlob(u) {
			q.Units[i] = c.mangle(u, ".service")
		}
	}
	if q.Priorities == [2]int{} && c.opt.log.query.Priorities == [2]int{} {
		q.Priorities = [2]int{0, 7}
	}
	var err error
	if q.Since, err = c.when(c.opt.log.since); err != nil {
		return err
	}
	if q.Until, err = c.when(c.opt.log.until); err != nil {
		return err
	}
	q.Lines, q.Output, q.Color, q.Quiet = c.opt.lines, c.opt.output, c.Color, c.opt.quiet
	if c.opt.json {
		q.Output, c.opt.streamed = "json", true
	}
	if q.Follow && q.Lines < 0 && !c.opt.log.noTail && q.Since.IsZero() {
		q.Lines = 10
	}
	if c.opt.log.tail {
		q.Width = c.Width
	}
	c.asUser(&q)
	logs, err := c.Logs(c.layout)
	if err == nil {
		err = logs.Show(c.Out, q, c.Interrupt)
	}
	if err != nil {
		c.opt.streamed = false
		return &failure{code: exitFailure, text: "cannot read the journal: " + err.Error()}
	}
	return nil
}
