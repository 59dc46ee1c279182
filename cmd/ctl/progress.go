package ctl

import (
	"fmt"
	"strings"
	"time"
)

// progress is the line that a terminal shows while jobs take long: which unit, for how long, its limit, and what it
// waits for. Without a terminal it does nothing.
type progress struct {
	c      *command
	open   []*job
	tick   <-chan time.Time
	ticker *time.Ticker
	drawn  bool
	frame  int
	// What is known of the first job, asked for about once a second.
	about        *job
	asked        int // the frame at which
	limit, facts string
}

// The line appears only when somebody would begin to wonder, and moves without flicker.
const (
	progressAfter = 700 * time.Millisecond
	progressEvery = 250 * time.Millisecond
)

var frames = []string{"⠋", "⠙", "⠸", "⠴", "⠦", "⠇"}

func (c *command) startProgress(open []*job) *progress {
	p := &progress{c: c, open: open}
	if c.Progress && !c.opt.quiet && !c.opt.json {
		p.ticker = time.NewTicker(progressEvery)
		p.tick = p.ticker.C
	}
	return p
}

// clear takes the line away.
func (p *progress) clear() {
	if p.drawn {
		fmt.Fprint(p.c.Err, "\r\x1b[K")
		p.drawn = false
	}
	if p.ticker != nil && len(p.open) == 0 {
		p.ticker.Stop()
	}
}

// draw shows the job that has run longest, and how many others there are.
func (p *progress) draw() {
	if len(p.open) == 0 || p.c.Now().Sub(p.open[0].asked) < progressAfter {
		return
	}
	j := p.open[0]
	if p.frame++; p.about != j || p.frame >= p.asked+int(time.Second/progressEvery) {
		p.about, p.asked = j, p.frame
		p.limit, p.facts = p.c.limitOf(j), p.c.waitsFor(j)
	}
	sign := frames[p.frame%len(frames)]
	if p.c.ASCII {
		sign = string(`|/-\`[p.frame%4])
	}
	elapsed := spanText(uint64(p.c.Now().Sub(j.asked).Microseconds()), 1e6)
	s := fmt.Sprintf("%s %s %s %s%s", sign, j.Verb, j.Unit, elapsed, p.limit)
	if len(p.open) > 1 {
		s += fmt.Sprintf(" (and %d more)", len(p.open)-1)
	}
	if p.facts != "" {
		s += ", " + p.facts
	}
	if p.c.Width > 0 {
		s = p.c.ellipsize(s, p.c.Width-1)
	}
	fmt.Fprint(p.c.Err, "\r\x1b[K"+s)
	p.drawn = true
}

// limitOf is how long a job's unit may take, "" when it has no such limit.
func (c *command) limitOf(j *job) string {
	name := "TimeoutStartUSec"
	if j.Verb == "stop" {
		name = "TimeoutStopUSec"
	}
	limit, err := c.property(unitPath(j.Unit), typeIface(j.Unit), name)
	switch n := num(limit); {
	case err != nil || n == 0:
		return ""
	case n == never:
		return " / no limit"
	default:
		return " / " + spanText(n, 1e6)
	}
}

// waitsFor says what a job waits for: the jobs before it, else the state that its unit is in.
func (c *command) waitsFor(j *job) string {
	if j.ID != 0 {
		out, err := c.manager("GetJobBefore", uint32(j.ID))
		if before := rows(at(out, 0)); err == nil && len(before) > 0 {
			var names []string
			for _, r := range before {
				names = append(names, str(at(r, 1)))
			}
			return "waits for " + strings.Join(names, ", ")
		}
	}
	p, err := c.properties(unitPath(j.Unit), "")
	if err != nil {
		return ""
	}
	s := p.str("SubState")
	if t := p.str("StatusText"); t != "" {
		s += ": " + t
	}
	return s
}

// typeIface is the interface of a unit's type.
func typeIface(unit string) string {
	s := suffix(unit)
	if s == "" {
		return unitIface
	}
	return "org.freedesktop.systemd1." + strings.ToUpper(s[:1]) + s[1:]
}
