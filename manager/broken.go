package manager

import (
	"fmt"
	"os"
	"runtime/debug"
	"strings"
	"time"

	"davit/host"
)

// guardedTurn is a turn of the loop that survives a broken invariant: it is told aloud, and the program begins anew with the
// state that there is. A PID 1 that died would take the machine along.
func (m *Manager) guardedTurn() {
	defer func() {
		if r := recover(); r != nil {
			m.broken(r, debug.Stack())
		}
	}()
	m.turn()
	if m.reexecBy != nil && m.ending == nil {
		m.tryReexec()
	}
}

// breaksPerHour is how often the manager goes on after something in it broke.
const breaksPerHour = 3

// broken tells what broke, and begins anew.
func (m *Manager) broken(reason any, stack []byte) {
	m.shout(fmt.Sprintf("an invariant is broken: %v", reason))
	for line := range strings.Lines(string(stack)) {
		m.shout(strings.TrimRight(line, "\n"))
	}
	at := now().Mono
	recent := m.breaks[:0]
	for _, b := range m.breaks {
		if at-b < 3600e6 {
			recent = append(recent, b)
		}
	}
	m.breaks = append(recent, at)
	if len(m.breaks) < breaksPerHour && m.beginAnew() {
		return
	}
	if m.pid == 1 && m.opt.Mode == System && !m.contained() {
		m.shout("this machine's manager is frozen: it cannot go on, and must not end")
		for {
			time.Sleep(time.Hour)
		}
	}
	m.end(ending{status: 1, force: true})
}

// beginAnew replaces the program, whose state may itself be what is broken. It returns false when that was not to be.
func (m *Manager) beginAnew() (ok bool) {
	defer func() {
		if r := recover(); r != nil {
			m.shout(fmt.Sprintf("cannot go on: %v", r))
			ok = false
		}
	}()
	m.reexecBy = &reexecution{since: time.Now()}
	m.reexecBy.by.Name = "a broken invariant"
	m.shout(m.replace().Error())
	m.reexecBy = nil
	return false
}

// shout tells something where nobody can miss it, past the journal.
func (m *Manager) shout(text string) {
	if k, err := host.OpenKmsg(); err == nil && m.pid == 1 {
		k.Write(levelCritical, identifier, text)
		k.Close()
		return
	}
	fmt.Fprintln(os.Stderr, "davit: "+text)
}
