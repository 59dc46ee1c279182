package ctl

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// why is the chain of causes of a unit's state, as org.davit.Manager.Why tells it.
type why struct {
	Unit    string  `json:"unit"`
	State   string  `json:"state"`
	Active  string  `json:"active"`
	Sub     string  `json:"sub"`
	Job     string  `json:"job"`
	Causes  []cause `json:"causes"`
	Unblock any     `json:"unblock"`
}

type cause struct {
	Text string `json:"text"`
	File string `json:"file"`
	Line int    `json:"line"`
	Time any    `json:"time"`
}

// usec is a cause's time in microseconds since the epoch, 0 when there is none.
func (k cause) usec() uint64 {
	switch t := k.Time.(type) {
	case float64:
		return uint64(t)
	case string:
		if n, err := strconv.ParseUint(t, 10, 64); err == nil {
			return n
		}
		if at, err := time.Parse(time.RFC3339Nano, t); err == nil {
			return uint64(at.UnixMicro())
		}
	}
	return 0
}

func (k cause) line(c *command) string {
	s := k.Text
	if at := place(k.File, k.Line); k.File != "" && !strings.Contains(s, at) {
		s += " (" + at + ")"
	}
	if at := k.usec(); at > 0 {
		s += c.paint(grey, ", "+c.relative(at))
	}
	return s
}

// runWhy prints why units are in their state: the chain of causes from the nearest to the first.
func runWhy(c *command, args []string) error {
	names, err := c.expand(args, ".service")
	if err != nil {
		return err
	}
	results := []json.RawMessage{}
	for i, name := range names {
		s, err := c.ours("Why", name)
		if err != nil {
			c.fail(failedTo(err, "cannot explain %s", name))
			continue
		}
		results = append(results, json.RawMessage(s))
		var w why
		if err := json.Unmarshal([]byte(s), &w); err != nil {
			return fmt.Errorf("cannot read the manager's answer about %s: %w", name, err)
		}
		if i > 0 {
			c.printf("\n")
		}
		c.printWhy(orElse(w.Unit, name), &w)
	}
	c.result = any(results)
	if len(results) == 1 {
		c.result = results[0]
	}
	return nil
}

func (c *command) printWhy(name string, w *why) {
	c.printf("%s is %s%s\n", c.paint(highlight, name), orElse(w.State, "in an unknown state"), w.detail())
	for i, k := range w.Causes {
		c.printf("%s%s%s\n", strings.Repeat("  ", i), c.glyph("└─"), k.line(c))
	}
	if len(w.Causes) == 0 {
		c.printf("%snothing has happened to it yet\n", c.glyph("└─"))
	}
	switch u := w.Unblock.(type) {
	case string:
		if u != "" {
			c.printf("to go on: %s\n", u)
		}
	case []any:
		for _, s := range u {
			c.printf("to go on: %v\n", s)
		}
	}
}

// detail is the state in systemd's words.
func (w *why) detail() string {
	switch {
	case w.Active == "":
		return ""
	case w.Job != "":
		return " (" + w.Active + ", " + w.Sub + "; job " + w.Job + ")"
	}
	return " (" + w.Active + ", " + w.Sub + ")"
}
