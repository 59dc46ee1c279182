package ctl

import (
	"slices"
	"strings"
)

// runKill sends a signal to the processes of units.
func runKill(c *command, args []string) error {
	names, err := c.expand(args, ".service")
	if err != nil {
		return err
	}
	whom := orElse(c.opt.killWhom, "all")
	if c.opt.failHard && !strings.HasSuffix(whom, "-fail") {
		whom += "-fail"
	}
	for _, n := range names {
		if _, err := c.manager("KillUnit", n, whom, int32(c.opt.signal)); err != nil {
			c.fail(failedTo(err, "Failed to kill unit %s", n))
		}
	}
	return nil
}

// runResetFailed forgets failures of units, of all without arguments.
func runResetFailed(c *command, args []string) error {
	if len(args) == 0 {
		if _, err := c.manager("ResetFailed"); err != nil {
			return failedTo(err, "Failed to reset failed state")
		}
		return nil
	}
	names, err := c.expand(args, ".service")
	if err != nil {
		return err
	}
	for _, n := range names {
		if _, err := c.manager("ResetFailedUnit", n); err != nil {
			c.fail(failedTo(err, "Failed to reset failed state of unit %s", n))
		}
	}
	return nil
}

// each is the function of a verb that calls a method with each unit's name.
func each(method, word string) func(*command, []string) error {
	return func(c *command, args []string) error {
		names, err := c.expand(args, ".service")
		if err != nil {
			return err
		}
		for _, n := range names {
			if _, err := c.manager(method, n); err != nil {
				c.fail(failedTo(err, "Failed to %s unit %s", word, n))
			}
		}
		return nil
	}
}

// runClean removes directories of units.
func runClean(c *command, args []string) error {
	what := c.opt.what
	if len(what) == 0 {
		what = []string{"cache", "runtime"}
	}
	if slices.Contains(what, "all") {
		what = []string{"runtime", "state", "cache", "logs", "configuration"}
	}
	names, err := c.expand(args, ".service")
	if err != nil {
		return err
	}
	for _, n := range names {
		if _, err := c.manager("CleanUnit", n, what); err != nil {
			c.fail(failedTo(err, "Failed to clean unit %s", n))
		}
	}
	return nil
}
