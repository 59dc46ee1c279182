package ctl

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

// serviceReasons are the words for a service's result; the sentence begins with "Job for x failed because".
var serviceReasons = map[string]string{
	"resources":       "of unavailable resources or another system error",
	"protocol":        "the service did not take the steps required by its unit configuration",
	"timeout":         "a timeout was exceeded",
	"exit-code":       "the control process exited with error code",
	"signal":          "a fatal signal was delivered to the control process",
	"core-dump":       "a fatal signal was delivered causing the control process to dump core",
	"watchdog":        "the service failed to send watchdog ping",
	"start-limit-hit": "start of the service was attempted too often",
	"oom-kill":        "of an out-of-memory (OOM) kill",
}

// report tells how a job ended, unless that is done or skipped: then silence says it.
func (c *command) report(j *job) {
	f := &failure{code: exitFailure, name: "org.davit.Job." + j.Result, unit: j.Unit}
	switch j.Result {
	case "done", "skipped":
		return
	case "canceled":
		f.text = "Job for " + j.Unit + " canceled."
	case "timeout":
		f.text = "Job for " + j.Unit + " timed out."
	case "dependency":
		f.text = "A dependency job for " + j.Unit + " failed. See '" + c.Name + " status " + j.Unit + "' for details."
		c.addWhy(f, j)
	case "invalid":
		f.text = j.Unit + " is not active, cannot reload."
	case "assert":
		f.text = "Assertion failed on job for " + j.Unit + "."
	case "unsupported":
		f.text = "Operation on or unit type of " + j.Unit + " not supported on this system."
	case "collected":
		f.text = "Queued job for " + j.Unit + " was garbage collected."
	case "once":
		f.text = "Unit " + j.Unit + " was started already once and can't be started again."
	default:
		c.explain(f, j)
	}
	c.fail(f)
}

// explain fills in why a unit failed: its result, the step that failed and how, the last lines of its log.
func (c *command) explain(f *failure, j *job) {
	p, err := c.properties(unitPath(j.Unit), "")
	if err != nil {
		p = props{}
	}
	result := p.str("Result")
	reason, known := serviceReasons[result]
	f.text = "Job for " + j.Unit + " failed"
	if known {
		f.text += " because " + reason
	}
	f.text += ".\n"
	f.more = map[string]any{"result": orElse(result, j.Result)}
	for _, step := range failedSteps(p) {
		f.text += "  " + step + "\n"
		f.more["step"] = step
	}
	c.addLog(f, p, j.Unit)
	f.text += fmt.Sprintf("See \"%s status %s\" and \"%s %s\" for details.", c.Name+c.layoutFlag(), j.Unit, c.logCommand(), j.Unit)
	if result == "start-limit-hit" {
		f.text += fmt.Sprintf("\nTo force a start use \"%s reset-failed %s\"\nfollowed by \"%s start %s\" again.", c.Name, j.Unit, c.Name, j.Unit)
	}
}

// logCommand is what prints the journal.
func (c *command) logCommand() string {
	if c.Name == "systemctl" {
		return "journalctl" + c.layoutFlag() + " -xeu"
	}
	return c.Name + c.layoutFlag() + " logs -u"
}

// addLog adds the last lines of the unit's present invocation to a failure.
func (c *command) addLog(f *failure, p props, unit string) {
	q := LogQuery{Units: []string{unit}, Lines: 5, Output: "short", NoHostname: true, Priorities: [2]int{0, 7}, Invocation: invocation(p)}
	lines := c.logLines(q)
	if len(lines) == 0 {
		return
	}
	f.more["log"] = lines
	f.text += "  " + strings.Join(lines, "\n  ") + "\n"
}

// logLines are formatted entries of the journal; a journal that cannot be read has none.
func (c *command) logLines(q LogQuery) []string {
	if c.Logs == nil || c.opt.lines == 0 || c.opt.quiet {
		return nil
	}
	if c.opt.lines > 0 {
		q.Lines = c.opt.lines
	}
	logs, err := c.Logs(c.layout)
	if err != nil {
		return nil
	}
	c.asUser(&q)
	q.Quiet = true
	var b bytes.Buffer
	if err := logs.Show(&b, q, nil); err != nil || b.Len() == 0 {
		return nil
	}
	return strings.Split(strings.TrimRight(b.String(), "\n"), "\n")
}

// invocation is a unit's invocation as 32 hex digits, "" when it has none.
func invocation(p props) string {
	id, _ := p["InvocationID"].([]byte)
	if len(id) != 16 {
		return ""
	}
	return fmt.Sprintf("%x", id)
}

// execSettings are the command lists of a service and of the other types that run something, in the order of their use.
var execSettings = []string{
	"ExecCondition", "ExecStartPre", "ExecStart", "ExecStartPost", "ExecReload", "ExecStop", "ExecStopPost",
	"ExecMount", "ExecUnmount", "ExecRemount", "ExecActivate", "ExecDeactivate",
}

// execRun is one command of a list and how it went (a(sasbttttuii)).
type execRun struct {
	setting, path string
	args          []string
	ignore        bool
	start, exit   uint64
	pid           uint64
	code, status  int
}

func execRuns(p props) []execRun {
	var list []execRun
	for _, name := range execSettings {
		for _, r := range rows(p[name]) {
			ignore, _ := at(r, 2).(bool)
			list = append(list, execRun{
				setting: name, path: str(at(r, 0)), args: strs(at(r, 1)), ignore: ignore, start: num(at(r, 3)), exit: num(at(r, 5)),
				pid: num(at(r, 7)), code: int(num(at(r, 8))), status: int(num(at(r, 9))),
			})
		}
	}
	return list
}

// failedSteps are the commands that ended badly and may not.
func failedSteps(p props) []string {
	var out []string
	for _, r := range execRuns(p) {
		if r.code == 0 || r.ignore || (r.code == codeExited && r.status == 0) {
			continue
		}
		out = append(out, r.setting+"="+strings.Join(r.args, " ")+" ("+ending(r.code, r.status)+")")
	}
	if n := int32(num(p["StatusErrno"])); len(out) == 0 && n > 0 {
		out = append(out, "the service reported error "+strconv.Itoa(int(n)))
	}
	return out
}

// addWhy adds the causes of a job that failed with its dependency, where the manager knows them.
func (c *command) addWhy(f *failure, j *job) {
	s, err := c.ours("Why", j.Unit)
	if err != nil {
		return
	}
	var w why
	if json.Unmarshal([]byte(s), &w) != nil {
		return
	}
	for _, cause := range w.Causes {
		f.text += "\n  " + cause.line(c)
	}
	f.more = map[string]any{"why": json.RawMessage(s)}
}
