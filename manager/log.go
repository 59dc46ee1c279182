package manager

import (
	"encoding/hex"
	"fmt"
	"os"
	"strconv"

	"davit/engine"
	"davit/host"
)

// Priorities of messages, which are syslog's.
const (
	levelCritical = 2
	levelError    = 3
	levelWarning  = 4
	levelNotice   = 5
	levelInfo     = 6
	levelDebug    = 7
)

// identifier is the name under which the manager logs.
const identifier = "davit"

// entry is one message of the manager.
type entry struct {
	priority   int
	unit       string
	text       string
	messageID  string
	invocation engine.ID
	fields     []engine.Field
}

// note logs a message of the manager about itself.
func (m *Manager) note(priority int, format string, args ...any) {
	m.log(entry{priority: priority, text: fmt.Sprintf(format, args...)})
}

// noteUnit logs a message of the manager about a unit.
func (m *Manager) noteUnit(priority int, name, format string, args ...any) {
	m.log(entry{priority: priority, unit: name, text: name + ": " + fmt.Sprintf(format, args...)})
}

func (m *Manager) logEffect(x engine.Log) {
	m.log(entry{
		priority: x.Priority, unit: x.Unit, text: x.Text, messageID: x.MessageID, invocation: x.Invocation, fields: x.Fields,
	})
}

// log sends a message where messages go: to the journal once that runs, else to the kernel's log (PID 1) or to standard
// error. The terminal also shows the ends of jobs, and what went wrong. Nothing waits; what cannot be taken is counted.
func (m *Manager) log(e entry) {
	if e.priority > m.verbosity {
		return
	}
	target := m.target()
	kept := target == "journal" && m.journal.write(&e)
	if m.jobEnd(&e) && m.opt.ShowStatus {
		return
	}
	switch {
	case target == "null":
	case m.kmsg != nil && (!kept || e.priority <= levelError):
		m.kmsg.Write(e.priority, identifier, e.text)
	case m.kmsg == nil && (!kept || e.priority <= levelWarning && m.opt.ShowStatus):
		m.screen.line(e.priority, e.text)
	}
}

// target says where messages are to go: journal (the default), kmsg, console or null.
func (m *Manager) target() string {
	if m.opt.LogTarget == "" || m.opt.LogTarget == "auto" || m.opt.LogTarget == "journal-or-kmsg" {
		return "journal"
	}
	return m.opt.LogTarget
}

// openLogs opens what messages go to before the journal runs.
func (m *Manager) openLogs() {
	m.verbosity = levelInfo
	m.screen = &screen{fd: int(os.Stderr.Fd())}
	m.screen.colour = host.Terminal(m.screen.fd) && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
	if m.pid == 1 && m.opt.Mode == System && !m.opt.contained {
		m.kmsg, _ = host.OpenKmsg()
	}
}

// journalFields are the fields of a message as journald names them, beside MESSAGE and PRIORITY.
func (e *entry) journalFields(mode Mode) []engine.Field {
	fields := []engine.Field{{Key: "SYSLOG_IDENTIFIER", Value: identifier}}
	if e.messageID != "" {
		fields = append(fields, engine.Field{Key: "MESSAGE_ID", Value: e.messageID})
	}
	if e.unit != "" {
		unitKey, invocationKey := "UNIT", "INVOCATION_ID"
		if mode == User {
			unitKey, invocationKey = "USER_UNIT", "USER_INVOCATION_ID"
		}
		fields = append(fields, engine.Field{Key: unitKey, Value: e.unit})
		if e.invocation != (engine.ID{}) {
			fields = append(fields, engine.Field{Key: invocationKey, Value: hex.EncodeToString(e.invocation[:])})
		}
	}
	return append(fields, e.fields...)
}

func itoa(n int) string { return strconv.Itoa(n) }
