package ctl

import (
	"maps"
	"slices"
	"strconv"
	"strings"
)

// runShow prints properties: of units, of jobs (by number), or of the manager when there are no arguments.
func runShow(c *command, args []string) error {
	if len(args) == 0 && len(c.opt.types)+len(c.opt.states) == 0 {
		p, err := c.properties(managerPath, managerIface)
		if err != nil {
			return failedTo(err, "Failed to get properties")
		}
		c.result = c.showProps(managerPath, p)
		return nil
	}
	if len(args) == 0 {
		args = []string{"*"}
	}
	objects := []any{}
	first := true
	for _, a := range args {
		paths, err := c.showPaths(a)
		if err != nil {
			return err
		}
		for _, path := range paths {
			p, err := c.properties(path, "")
			if err != nil {
				return failedTo(err, "Failed to get properties")
			}
			if !first {
				c.printf("\n")
			}
			first = false
			objects = append(objects, c.showProps(path, p))
		}
	}
	c.result = any(objects)
	if len(objects) == 1 {
		c.result = objects[0]
	}
	return nil
}

// showPaths are the objects that an argument means.
func (c *command) showPaths(arg string) ([]string, error) {
	if _, err := strconv.ParseUint(arg, 10, 32); err == nil {
		return []string{managerPath + "/job/" + arg}, nil
	}
	names, err := c.expand([]string{arg}, ".service")
	if err != nil {
		return nil, err
	}
	for i, n := range names {
		names[i] = unitPath(n)
	}
	return names, nil
}

// showProps prints the properties that --property selects, or all, in the manager's order, and returns them.
func (c *command) showProps(path string, p props) map[string]any {
	names := sortedKeys(p)
	if c.opt.properties != nil {
		names = nil
		for _, n := range c.opt.properties {
			if _, ok := p[n]; ok && !slices.Contains(names, n) {
				names = append(names, n)
			}
		}
	}
	if len(names) > 1 && !c.opt.json {
		c.ordered(path, names)
	}
	selected := map[string]any{}
	for _, n := range names {
		selected[n] = jsonValue(n, p[n])
		for _, text := range c.propertyLines(n, p[n]) {
			switch {
			case !c.opt.all && c.opt.properties == nil && saysNothing(n, text):
			case c.opt.value:
				c.printf("%s\n", text)
			default:
				c.printf("%s=%s\n", n, text)
			}
		}
	}
	return selected
}

// saysNothing are values that show leaves out unless they are asked for: empty ones, and some that mean "not set".
func saysNothing(name, text string) bool {
	return text == "" || text == "~" || text == "[not set]" && (strings.HasSuffix(name, "ActionExitStatus") || strings.HasPrefix(name, "TTY"))
}

func sortedKeys(p props) []string { return slices.Sorted(maps.Keys(p)) }
