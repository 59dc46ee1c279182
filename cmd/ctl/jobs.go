package ctl

import (
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"davit/host"
)

// operation is what one of the verbs that change units asks for.
type operation struct {
	method string // of the Manager interface
	word   string // "Failed to word unit: …"
	mode   string // job mode, "" is replace
	suffix string
}

var operations = map[string]operation{
	"start":                 {method: "StartUnit", word: "start"},
	"stop":                  {method: "StopUnit", word: "stop"},
	"restart":               {method: "RestartUnit", word: "restart"},
	"reload":                {method: "ReloadUnit", word: "reload"},
	"try-restart":           {method: "TryRestartUnit", word: "try-restart"},
	"reload-or-restart":     {method: "ReloadOrRestartUnit", word: "reload-or-restart"},
	"try-reload-or-restart": {method: "ReloadOrTryRestartUnit", word: "try-reload-or-restart"},
	"isolate":               {method: "StartUnit", word: "start", mode: "isolate", suffix: ".target"},
}

// operate is the function of a verb that changes units.
func operate(name string) func(*command, []string) error {
	op := operations[name]
	return func(c *command, args []string) error {
		names, err := c.expand(args, orElse(op.suffix, ".service"))
		if err != nil {
			return err
		}
		return c.apply(op, names)
	}
}

// isolateTo is a verb such as rescue or default: it isolates a target.
func isolateTo(target string) func(*command, []string) error {
	return func(c *command, _ []string) error {
		if c.opt.dryRun {
			return nil
		}
		return c.apply(operations["isolate"], []string{target})
	}
}

func orElse(s, otherwise string) string {
	if s != "" {
		return s
	}
	return otherwise
}

// job is a job that this command asked for.
type job struct {
	ID     uint64 `json:"job,omitempty"`
	Unit   string `json:"unit"`
	Verb   string `json:"operation"`
	Result string `json:"result"` // "" while it is not known: with --no-block, or interrupted
	path   string
	asked  time.Time
}

// apply asks for an operation on all units, then waits for the jobs.
func (c *command) apply(op operation, names []string) error {
	b, err := c.bus()
	if err != nil {
		return err
	}
	if !c.opt.noBlock {
		// The private socket sends every signal anyway; a bus does after this. Somebody else's Subscribe is no error.
		_, _ = b.Call(managerPath, managerIface+".Subscribe")
	}
	mode := orElse(c.opt.jobMode, orElse(op.mode, "replace"))
	jobs := []*job{}
	for _, name := range names {
		j := &job{Unit: name, Verb: op.word, asked: c.Now()}
		if err := c.enqueue(j, op, mode); err != nil {
			c.fail(c.refused(op, name, err))
			continue
		}
		jobs = append(jobs, j)
		c.warnReload(name)
	}
	c.result = map[string]any{"jobs": jobs}
	if c.opt.noBlock || len(jobs) == 0 {
		return nil
	}
	if err := c.wait(jobs); err != nil {
		return err
	}
	if c.opt.wait && c.code == 0 {
		return c.waitDown(names)
	}
	return nil
}

// enqueue makes the job. With --show-transaction it tells of the jobs that came with it.
func (c *command) enqueue(j *job, op operation, mode string) error {
	if !c.opt.showTransaction {
		out, err := c.manager(op.method, j.Unit, mode)
		j.path = str(at(out, 0))
		j.ID, _ = strconv.ParseUint(path.Base(j.path), 10, 32)
		return err
	}
	typ := op.word
	if typ == "try-reload-or-restart" { // its name on the bus is the old one
		typ = "reload-or-try-restart"
	}
	out, err := c.manager("EnqueueUnitJob", j.Unit, typ, mode)
	if err != nil {
		return err
	}
	j.ID, j.path = num(at(out, 0)), str(at(out, 1))
	c.say("Enqueued anchor job %d %s/%s.", j.ID, str(at(out, 2)), str(at(out, 4)))
	others := rows(at(out, 5))
	if len(others) > 0 {
		c.say("Enqueued auxiliary jobs:")
	}
	for _, r := range others {
		c.say("  %d %s/%s", num(at(r, 0)), str(at(r, 2)), str(at(r, 4)))
	}
	return nil
}

// refused is the failure of a request that made no job.
func (c *command) refused(op operation, unit string, err error) *failure {
	f := failedTo(err, "Failed to %s %s", op.word, unit)
	f.unit = unit
	if code, ok := busCodes[f.name]; ok {
		f.code = code
	}
	switch {
	case strings.HasSuffix(f.name, ".NoSuchUnit"), strings.HasSuffix(f.name, ".UnitMasked"), strings.HasSuffix(f.name, ".LoadFailed"),
		strings.HasSuffix(f.name, ".JobTypeNotApplicable"):
	case f.name != "" && !strings.HasSuffix(f.name, ".NoReply"):
		word := c.layout.Mode.String()
		if c.layout.Mode == host.Directory {
			word = "the manager's"
		}
		f.text += "\nSee " + word + " logs and '" + c.Name + c.layoutFlag() + " status " + unit + "' for details."
	}
	return f
}

// warnReload says when a unit's files changed after the manager read them.
func (c *command) warnReload(unit string) {
	if c.opt.quiet || c.opt.json {
		return
	}
	if v, err := c.property(unitPath(unit), unitIface, "NeedDaemonReload"); err == nil && v == true {
		c.say("Warning: The unit file, source configuration file or drop-ins of %s changed on disk. Run '%s daemon-reload' to reload units.",
			unit, c.Name+c.layoutFlag())
	}
}

// layoutFlag is the option that selects the same manager again.
func (c *command) layoutFlag() string {
	switch {
	case c.opt.directory != "":
		return " --directory " + c.opt.directory
	case c.opt.user:
		return " --user"
	}
	return ""
}

// wait receives signals until all jobs have ended, and reports each that failed.
func (c *command) wait(jobs []*job) error {
	p := c.startProgress(jobs)
	defer p.clear()
	open := slices.Clone(jobs)
	for len(open) > 0 {
		select {
		case s, ok := <-c.conn.Signals():
			if !ok {
				return failed("Failed to wait for response: the manager closed the connection")
			}
			if !strings.HasSuffix(s.Member, ".JobRemoved") || len(s.Body) < 4 {
				continue
			}
			body := plainList(s.Body)
			i := slices.IndexFunc(open, func(j *job) bool { return j.path == str(body[1]) })
			if i < 0 {
				continue
			}
			open[i].Result = str(body[3])
			p.clear()
			c.report(open[i])
			open = slices.Delete(open, i, i+1)
			p.open = open
		case <-p.tick:
			p.draw()
		case <-c.Interrupt:
			p.clear()
			return &failure{code: exitFailure, text: "stopped waiting; the jobs go on: " + unitsOf(open)}
		}
	}
	return nil
}

func unitsOf(jobs []*job) string {
	names := make([]string, len(jobs))
	for i, j := range jobs {
		names[i] = j.Unit
	}
	return strings.Join(names, " ")
}

// waitDown waits until the units have come down again (--wait), and fails when one failed.
func (c *command) waitDown(names []string) error {
	open := slices.Clone(names)
	check := func() {
		open = slices.DeleteFunc(open, func(n string) bool {
			p, err := c.properties(unitPath(n), unitIface)
			if err != nil {
				return true
			}
			state := p.str("ActiveState")
			if state == "failed" {
				c.quiet(exitFailure)
			}
			return (state == "failed" || state == "inactive") && num(at(anys(p["Job"]), 0)) == 0
		})
	}
	for check(); len(open) > 0; check() {
		select {
		case _, ok := <-c.conn.Signals():
			if !ok {
				return failed("Failed to wait for units: the manager closed the connection")
			}
			c.drain()
		case <-c.Interrupt:
			return &failure{code: exitFailure}
		}
	}
	return nil
}

// drain takes the signals that are there already: one look at the units answers them all.
func (c *command) drain() {
	for {
		select {
		case _, ok := <-c.conn.Signals():
			if !ok {
				return
			}
		default:
			return
		}
	}
}

func anys(v any) []any {
	a, _ := v.([]any)
	return a
}
