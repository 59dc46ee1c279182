package ctl

import "path/filepath"

// absolute makes a path absolute; one that cannot be stays.
func absolute(p string) string {
	if a, err := filepath.Abs(p); err == nil {
		return a
	}
	return p
}

// offline runs a verb on the unit files below --root, without a manager.
func (c *command) offline(verb string, args []string) error {
	return failed("cannot %s below %s: not supported yet", verb, c.opt.root)
}
