package ctl

import (
	"encoding/json"
	"fmt"
	"strings"
)

// plan is the transaction that a request would make, as org.davit.Manager.Plan tells it. --json prints what the manager
// said, with whatever a newer one adds.
type plan struct {
	Waves   [][]planJob `json:"waves"`
	Dropped []planJob   `json:"dropped"`
	Error   any         `json:"error"`
}

type planJob struct {
	Unit      string   `json:"unit"`
	Type      string   `json:"type"`
	Because   *edge    `json:"because"`
	After     []string `json:"after"`
	Installed bool     `json:"installed"` // there already, from an earlier request
	Skipped   string   `json:"skipped"`   // the condition that does not hold
	Text      string   `json:"text"`      // why it was dropped
}

// edge is the dependency that pulled a job in, and where it is written.
type edge struct {
	Kind string `json:"kind"`
	From string `json:"from"`
	File string `json:"file"`
	Line int    `json:"line"`
	Rule string `json:"rule"`
}

func (e *edge) String() string {
	switch {
	case e == nil || e.From == "":
		return "requested"
	case e.File != "":
		return e.Kind + "= of " + e.From + " (" + place(e.File, e.Line) + ")"
	case e.Rule != "":
		return e.Kind + "= of " + e.From + " (" + e.Rule + ")"
	}
	return e.Kind + "= of " + e.From
}

// remarks are what is to be said of a job besides.
func (j planJob) remarks() string {
	var out []string
	if len(j.After) > 0 {
		out = append(out, "after "+strings.Join(j.After, " "))
	}
	if j.Installed {
		out = append(out, "queued already")
	}
	if j.Skipped != "" {
		out = append(out, "will be skipped: "+j.Skipped)
	}
	return strings.Join(out, "; ")
}

func place(file string, line int) string {
	if line == 0 {
		return file
	}
	return fmt.Sprintf("%s:%d", file, line)
}

// planVerbs are the verbs that can be planned, and their job types.
var planVerbs = map[string]bool{
	"start": true, "stop": true, "restart": true, "try-restart": true, "reload": true, "reload-or-restart": true,
	"try-reload-or-restart": true, "isolate": true, "verify-active": true,
}

// runPlan prints what a verb would do to units, and does nothing.
func runPlan(c *command, args []string) error {
	verb := args[0]
	if !planVerbs[verb] {
		return failed("cannot plan %q: it is not a verb that makes jobs (start, stop, restart, reload, isolate, …)", verb)
	}
	op := operations[verb]
	names, err := c.expand(args[1:], orElse(op.suffix, ".service"))
	if err != nil {
		return err
	}
	results := []json.RawMessage{}
	for _, name := range names {
		s, p, err := c.plan(verb, name, orElse(c.opt.jobMode, orElse(op.mode, "replace")))
		if err != nil {
			c.fail(failedTo(err, "cannot plan to %s %s", verb, name))
			continue
		}
		results = append(results, json.RawMessage(s))
		if !c.opt.json {
			c.printPlan(verb, name, p)
		}
		if p.Error != nil {
			c.quiet(exitFailure)
		}
	}
	c.result = any(results)
	if len(results) == 1 {
		c.result = results[0]
	}
	return nil
}

func (c *command) plan(verb, unit, mode string) (string, *plan, error) {
	s, err := c.ours("Plan", verb, unit, mode)
	if err != nil {
		return "", nil, err
	}
	p := &plan{}
	if err := json.Unmarshal([]byte(s), p); err != nil {
		return "", nil, fmt.Errorf("cannot read the manager's plan: %w", err)
	}
	if text, ok := p.Error.(string); ok && text == "" {
		p.Error = nil
	}
	return s, p, nil
}

func (c *command) printPlan(verb, unit string, p *plan) {
	if p.Error != nil {
		c.say("cannot %s %s: %s", verb, unit, errorText(p.Error))
	}
	jobs := 0
	for _, w := range p.Waves {
		jobs += len(w)
	}
	if jobs == 0 && p.Error == nil {
		c.printf("%s %s: nothing to do\n", verb, unit)
	}
	for i, wave := range p.Waves {
		c.printf("%s\n", c.paint(highlight, fmt.Sprintf("wave %d", i+1)))
		t := &table{}
		for _, j := range wave {
			t.add(plainCells(" ", j.Type, j.Unit, j.Because.String(), j.remarks())...)
		}
		t.head = make([]string, 5)
		c.bare(t)
	}
	for _, d := range p.Dropped {
		c.printf("dropped: %s %s %s\n", d.Type, d.Unit, d.Text)
	}
	if jobs > 0 {
		c.printf("%d jobs in %d waves; nothing was done\n", jobs, len(p.Waves))
	}
}

// errorText is the message of an error in the manager's JSON, a string or an object.
func errorText(v any) string {
	switch e := v.(type) {
	case string:
		return e
	case map[string]any:
		for _, k := range []string{"message", "text", "Text"} {
			if s, ok := e[k].(string); ok {
				return s
			}
		}
	}
	return fmt.Sprint(v)
}

// bare prints a table without a header, whatever the options say.
func (c *command) bare(t *table) {
	old := c.opt.noLegend
	c.opt.noLegend = true
	c.print(t)
	c.opt.noLegend = old
}
