package ctl

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"davit/host"
)

// runShowEnvironment prints the manager's environment, quoted for a shell.
func runShowEnvironment(c *command, _ []string) error {
	v, err := c.property(managerPath, managerIface, "Environment")
	if err != nil {
		return failedTo(err, "Failed to get environment")
	}
	result := map[string]string{}
	for _, e := range strs(v) {
		name, value, _ := strings.Cut(e, "=")
		result[name] = value
		c.printf("%s=%s\n", name, shellQuote(value))
	}
	c.result = result
	return nil
}

// shellQuote leaves plain values alone and writes others as $'…'.
func shellQuote(s string) string {
	if !strings.ContainsAny(s, " \t\n\r\a\b\f\v\x1b\\'\"$`&|;<>()*?[]{}!~#%^") {
		return s
	}
	var b strings.Builder
	b.WriteString("$'")
	for _, r := range s {
		switch {
		case r == '\'' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteString(`\t`)
		case r < ' ' || r == 0x7f:
			fmt.Fprintf(&b, "\\x%02x", r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('\'')
	return b.String()
}

func runSetEnvironment(c *command, args []string) error {
	if _, err := c.manager("SetEnvironment", args); err != nil {
		return failedTo(err, "Failed to set environment")
	}
	return nil
}

func runUnsetEnvironment(c *command, args []string) error {
	if _, err := c.manager("UnsetEnvironment", args); err != nil {
		return failedTo(err, "Failed to set environment")
	}
	return nil
}

// runImportEnvironment passes variables of the caller on, all of them without arguments.
func runImportEnvironment(c *command, args []string) error {
	var set []string
	for _, e := range c.Environ {
		name, _, ok := strings.Cut(e, "=")
		if ok && (len(args) == 0 || slices.Contains(args, name)) {
			set = append(set, e)
		}
	}
	for _, a := range args {
		if !slices.ContainsFunc(set, func(e string) bool { return strings.HasPrefix(e, a+"=") }) {
			c.say("Environment variable $%s not set, ignoring.", a)
		}
	}
	if len(set) == 0 {
		return nil
	}
	return runSetEnvironment(c, set)
}

// managerProperty is the function of a verb that shows or sets one property of the manager.
func managerProperty(name, what string) func(*command, []string) error {
	return func(c *command, args []string) error {
		if len(args) == 0 {
			v, err := c.property(managerPath, managerIface, name)
			if err != nil {
				return failedTo(err, "Failed to get %s", what)
			}
			c.result = map[string]any{name: v}
			c.printf("%s\n", c.scalar(name, v))
			return nil
		}
		var value any = args[0]
		if name == "ServiceWatchdogs" {
			b, ok := boolean(args[0])
			if !ok {
				return failed("Failed to parse service-watchdogs argument: Invalid argument")
			}
			value = b
		}
		b, err := c.bus()
		if err != nil {
			return err
		}
		if _, err := b.Call(managerPath, propsIface+".Set", managerIface, name, Variant{value}); err != nil {
			return failedTo(err, "Failed to set %s to %s", what, args[0])
		}
		return nil
	}
}

// runReload is daemon-reload: it returns when all unit files have been read again.
func runReload(c *command, _ []string) error {
	if _, err := c.manager("Reload"); err != nil {
		return failedTo(err, "Failed to reload daemon")
	}
	return nil
}

// runReexec is daemon-reexec. The connection may end before the answer comes; that is no failure.
func runReexec(c *command, _ []string) error {
	if _, err := c.bus(); err != nil {
		return err
	}
	_, err := c.manager("Reexecute")
	if _, answered := err.(Named); answered {
		if f := failedTo(err, "Failed to reexecute daemon"); !strings.HasSuffix(f.name, ".NoReply") && !strings.HasSuffix(f.name, ".Disconnected") {
			return f
		}
	}
	return nil
}

// machineTargets are the units that shut the machine down in order.
var machineTargets = map[string]string{
	"reboot": "reboot.target", "poweroff": "poweroff.target", "halt": "halt.target", "kexec": "kexec.target", "exit": "exit.target",
	"suspend": "suspend.target", "hibernate": "hibernate.target", "hybrid-sleep": "hybrid-sleep.target",
	"suspend-then-hibernate": "suspend-then-hibernate.target",
}

// machine is the function of a verb that ends the machine or the manager: it starts a target, or with --force asks the
// manager to do it at once.
func machine(verb string) func(*command, []string) error {
	methods := map[string]string{"reboot": "Reboot", "poweroff": "PowerOff", "halt": "Halt", "kexec": "KExec", "exit": "Exit"}
	return func(c *command, args []string) error {
		if verb != "exit" && c.layout.Mode != host.System {
			return failed("Bad action for --%s mode.", c.layout.Mode)
		}
		if verb == "exit" && len(args) > 0 {
			n, err := strconv.ParseUint(args[0], 10, 8)
			if err != nil {
				return failed("Invalid exit code.")
			}
			if _, err := c.manager("SetExitCode", byte(n)); err != nil {
				return failedTo(err, "Failed to set exit code")
			}
		}
		switch {
		case c.opt.dryRun:
			c.printf("Would %s.\n", verb)
			return nil
		case c.opt.force > 0 && methods[verb] != "":
			if _, err := c.manager(methods[verb]); err != nil {
				return failedTo(err, "Failed to %s", verb)
			}
			return nil
		}
		c.opt.noBlock = true
		return c.apply(operation{method: "StartUnit", word: "start", mode: "replace-irreversibly"}, []string{machineTargets[verb]})
	}
}
