package ctl

import (
	"errors"
	"fmt"
	"strings"
)

// listing is what an option prints instead of doing something: the values that it takes.
type listing struct {
	title  string
	values []string
}

func (l *listing) Error() string { return "a list was asked for" }

// parse reads the options, wherever they stand, and returns the other arguments; nil means that there is nothing left
// to do.
func (c *command) parse(args []string) ([]string, error) {
	c.opt = defaults()
	p := parser{name: c.Name, table: ctlOptions, opt: &c.opt}
	rest, err := p.parse(args)
	var list *listing
	switch {
	case errors.As(err, &list):
		c.printListing(list)
		return nil, nil
	case err != nil:
		c.opt.json = c.opt.json || wantsJSON(args)
		return nil, err
	case c.opt.help:
		c.printHelp(rest)
		return nil, nil
	case c.opt.version:
		c.printVersion()
		return nil, nil
	case c.opt.wait && c.opt.noBlock:
		return nil, failed("--wait may not be combined with --no-block.")
	}
	c.opt.json = c.opt.json || strings.HasPrefix(c.opt.output, "json") && !p.logs
	c.opt.noLegend = c.opt.noLegend || c.opt.quiet
	if rest == nil {
		rest = []string{}
	}
	return rest, nil
}

// wantsJSON finds --json in a command line that could not be parsed.
func wantsJSON(args []string) bool {
	for _, a := range args {
		if a == "--json" {
			return true
		}
	}
	return false
}

// parser reads a command line as getopt_long(3) does: options and arguments in any order, clusters of short options,
// unique prefixes of long ones, "--" as the end.
type parser struct {
	name  string
	table []option
	opt   *options
	logs  bool
}

func (p *parser) parse(args []string) (rest []string, err error) {
	for len(args) > 0 {
		a := args[0]
		args = args[1:]
		switch {
		case a == "--":
			return append(rest, args...), nil
		case strings.HasPrefix(a, "--"):
			args, err = p.long(a[2:], args)
		case len(a) > 1 && a[0] == '-':
			args, err = p.cluster(a[1:], args)
		default:
			if len(rest) == 0 && a == "logs" { // its options are journalctl's
				p.table, p.logs = logTable, true
			}
			rest = append(rest, a)
		}
		if err != nil {
			return nil, err
		}
	}
	return rest, nil
}

// long reads one long option and returns the arguments that follow it.
func (p *parser) long(a string, args []string) ([]string, error) {
	name, value, attached := strings.Cut(a, "=")
	o, err := p.find(name, a)
	if err != nil {
		return nil, err
	}
	switch {
	case attached && o.takes == none:
		return nil, p.complain("option '--%s' doesn't allow an argument", o.long)
	case !attached && o.takes == required:
		if len(args) == 0 {
			return nil, p.complain("option '--%s' requires an argument", o.long)
		}
		value, args = args[0], args[1:]
	case !attached && o.follows(args):
		value, args = args[0], args[1:]
	}
	return args, o.set(p.opt, value)
}

// follows reports whether the next argument is the option's value although it is optional: journalctl(1) takes "-n 5".
func (o *option) follows(args []string) bool {
	if o.takes != optional || len(args) == 0 {
		return false
	}
	a := args[0]
	if a == "all" && o.long == "lines" {
		return true
	}
	digits := strings.TrimLeft(a, "+-")
	if o.long == "boot" && len(a) == 32 && strings.Trim(a, "0123456789abcdef") == "" {
		return true
	}
	return digits != "" && strings.Trim(digits, "0123456789") == "" && (o.long == "boot" || digits == a)
}

// find looks a long option up by its name or a prefix that only it has.
func (p *parser) find(name, written string) (*option, error) {
	var found []*option
	for i := range p.table {
		o := &p.table[i]
		if o.long == name && name != "" {
			return o, nil
		}
		if o.long != "" && strings.HasPrefix(o.long, name) {
			found = append(found, o)
		}
	}
	switch len(found) {
	case 0:
		return nil, p.complain("unrecognized option '--%s'", written)
	case 1:
		return found[0], nil
	}
	list := ""
	for _, o := range found {
		list += " '--" + o.long + "'"
	}
	return nil, p.complain("option '--%s' is ambiguous; possibilities:%s", written, list)
}

// cluster reads the short options of one argument; the last may take what follows it.
func (p *parser) cluster(a string, args []string) ([]string, error) {
	for a != "" {
		o := p.short(a[0])
		if o == nil {
			return nil, p.complain("invalid option -- '%c'", a[0])
		}
		a = a[1:]
		value := ""
		switch {
		case o.takes == none:
		case a != "":
			value, a = a, ""
		case o.takes == required:
			if len(args) == 0 {
				return nil, p.complain("option requires an argument -- '%c'", o.short)
			}
			value, args = args[0], args[1:]
		case o.follows(args):
			value, args = args[0], args[1:]
		}
		if err := o.set(p.opt, value); err != nil {
			return nil, err
		}
	}
	return args, nil
}

func (p *parser) short(b byte) *option {
	for i := range p.table {
		if p.table[i].short == b {
			return &p.table[i]
		}
	}
	return nil
}

func (p *parser) complain(format string, args ...any) *failure {
	return failed("%s: %s", p.name, fmt.Sprintf(format, args...))
}
