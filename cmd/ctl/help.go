package ctl

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Version is the program's version, set by the build.
var Version = "0.1"

// systemdVersion is the systemd whose interfaces davit follows; clients read it from systemctl --version.
const systemdVersion = "252"

func (c *command) printVersion() {
	c.result = map[string]string{"version": Version, "systemd": systemdVersion}
	if c.Name == "systemctl" {
		c.printf("systemd %s (davit %s)\n", systemdVersion, Version)
		return
	}
	c.printf("davit %s\ncompatible with systemd %s\n", Version, systemdVersion)
}

// printHelp shows all verbs and options, or those of logs.
func (c *command) printHelp(rest []string) {
	c.result = helpObject()
	if len(rest) > 0 && rest[0] == "logs" {
		c.printf("%s logs [OPTION…] [UNIT…] [FIELD=VALUE…]\n\nShow the journal of the manager's units.\n\n", c.Name)
		c.printOptions(logTable)
		return
	}
	c.printf("%s [OPTION…] VERB [UNIT…]\n\nControl a davit manager, or explain what it does.\n", c.Name)
	for _, s := range sections {
		c.printf("\n%s:\n", c.paint(highlight, s.title))
		for _, v := range s.verbs {
			c.printf("  %s %s\n", pad(v.name+" "+v.args, 36), v.help)
		}
	}
	c.printf("\n")
	c.printOptions(ctlOptions)
	c.printf("\nThe manager is the one of --directory (or $DAVIT_DIRECTORY), of --user, else root's is the system's and\n" +
		"everybody else's their own.\n")
}

// helpObject is the help for programs: the verbs with their arguments.
func helpObject() any {
	list := []map[string]string{}
	eachVerb(func(v verb) {
		list = append(list, map[string]string{"verb": v.name, "arguments": v.args, "help": v.help})
	})
	return map[string]any{"verbs": list}
}

func (c *command) printOptions(table []option) {
	c.printf("%s:\n", c.paint(highlight, "Options"))
	for _, o := range table {
		if o.help == "" {
			continue
		}
		s := "   "
		if o.short != 0 {
			s = "-" + string(o.short) + " "
		}
		switch {
		case o.long == "":
			s += o.what
		case o.takes == required:
			s += "--" + o.long + "=" + o.what
		case o.takes == optional:
			s += "--" + o.long + "[=" + o.what + "]"
		default:
			s += "--" + o.long
		}
		c.printf("  %s %s\n", pad(s, 28), o.help)
	}
}

func pad(s string, n int) string {
	return s + strings.Repeat(" ", max(n-utf8.RuneCountInString(s), 0))
}

func (c *command) printListing(l *listing) {
	c.result = l.values
	if l.title != "" && !c.opt.noLegend {
		c.printf("%s\n", l.title)
	}
	for _, v := range l.values {
		c.printf("%s\n", v)
	}
}

// runHelp shows the manual pages that units name in Documentation=; of a verb, its line of the help.
func runHelp(c *command, args []string) error {
	if len(args) == 0 {
		c.printHelp(nil)
		return nil
	}
	if v := findVerb(args[0]); v != nil && len(args) == 1 {
		c.result = map[string]string{"verb": v.name, "arguments": v.args, "help": v.help}
		c.printf("%s %s %s\n\n  %s\n", c.Name, v.name, v.args, v.help)
		return nil
	}
	names, err := c.statusNames(args, true)
	if err != nil {
		return err
	}
	docs := map[string][]string{}
	for _, n := range names {
		p, err := c.properties(unitPath(n), unitIface)
		if err != nil {
			return failedTo(err, "Failed to get properties")
		}
		if p.str("LoadState") == "not-found" {
			c.fail(&failure{code: exitFailure, name: "org.freedesktop.systemd1.NoSuchUnit", unit: n, text: "Unit " + n + " could not be found."})
			continue
		}
		docs[n] = p.list("Documentation")
		if len(docs[n]) == 0 {
			c.say("Documentation for %s not known.", n)
		}
		if !c.opt.json {
			c.openDocs(docs[n])
		}
	}
	c.result = docs
	return nil
}

// openDocs shows manual pages with man and prints other addresses.
func (c *command) openDocs(docs []string) {
	for _, d := range docs {
		page, ok := strings.CutPrefix(d, "man:")
		if !ok {
			c.printf("%s\n", d)
			continue
		}
		args := []string{page}
		if name, rest, ok := strings.Cut(page, "("); ok {
			args = []string{strings.TrimSuffix(rest, ")"), name}
		}
		if err := c.Run("man", args...); err != nil {
			c.fail(fmt.Errorf("cannot show manual page %s: %w", strconv.Quote(page), err))
		}
	}
}
