package ctl

import (
	"slices"
	"strings"
)

// states asks for the active state of each unit, one per argument; globs give those that match.
func (c *command) states(args []string) (names, states []string, err error) {
	if names, err = c.expand(args, ".service"); err != nil {
		return nil, nil, err
	}
	if _, err = c.bus(); err != nil {
		return nil, nil, err
	}
	for _, n := range names {
		v, err := c.property(unitPath(n), unitIface, "ActiveState")
		if err != nil {
			return nil, nil, failedTo(err, "Failed to retrieve unit state")
		}
		states = append(states, str(v))
	}
	return names, states, nil
}

// check is the function of is-active and is-failed: it prints states, and succeeds when one of them is wanted.
func check(otherwise int, wanted ...string) func(*command, []string) error {
	return func(c *command, args []string) error {
		names, states, err := c.states(args)
		if err != nil {
			return err
		}
		result := map[string]string{}
		code := otherwise
		for i, s := range states {
			result[names[i]] = s
			if slices.Contains(wanted, s) {
				code = 0
			}
			if !c.opt.quiet {
				c.printf("%s\n", s)
			}
		}
		c.result = result
		c.quiet(code)
		return nil
	}
}

// runIsSystemRunning prints the manager's state; only running is success.
func runIsSystemRunning(c *command, _ []string) error {
	state := "offline"
	b, err := c.quietBus()
	if err == nil {
		for {
			v, err := c.property(managerPath, managerIface, "SystemState")
			state = orElse(str(v), "unknown")
			if err != nil || !c.opt.wait || (state != "initializing" && state != "starting") {
				break
			}
			if !c.nextSignal(b) {
				break
			}
		}
	}
	c.result = map[string]string{"state": state}
	if !c.opt.quiet {
		c.printf("%s\n", state)
	}
	if state != "running" {
		c.quiet(exitFailure)
	}
	return nil
}

// quietBus connects without telling when nobody answers.
func (c *command) quietBus() (Bus, error) {
	if c.conn != nil {
		return c.conn, nil
	}
	conn, err := c.Dial(c.layout.Private)
	if err == nil {
		c.conn = conn
	}
	return conn, err
}

// nextSignal waits for something to happen: the end of start-up, a job's end. False means that waiting is over.
func (c *command) nextSignal(b Bus) bool {
	for {
		select {
		case s, ok := <-b.Signals():
			if !ok {
				return false
			}
			if strings.HasSuffix(s.Member, ".StartupFinished") || strings.HasSuffix(s.Member, ".JobRemoved") || strings.HasSuffix(s.Member, ".PropertiesChanged") {
				c.drain()
				return true
			}
		case <-c.Interrupt:
			return false
		}
	}
}
