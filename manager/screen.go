package manager

import "golang.org/x/sys/unix"

// screen writes status lines for people: "[  OK  ] Started …". It never waits: a terminal that takes nothing loses lines.
type screen struct {
	fd      int
	colour  bool
	dropped int
}

// line writes a message of the manager.
func (s *screen) line(priority int, text string) {
	switch {
	case priority <= levelError:
		text = s.paint("1;31", text)
	case priority == levelWarning:
		text = s.paint("1;33", text)
	}
	s.write(text)
}

// status writes a line with a word in brackets, as systemd does at boot.
func (s *screen) status(colour, word, text string) {
	if word == "" {
		s.write("         " + text)
		return
	}
	s.write("[" + s.paint(colour, word) + "] " + text)
}

func (s *screen) paint(colour, text string) string {
	if !s.colour {
		return text
	}
	return "\x1b[" + colour + "m" + text + "\x1b[0m"
}

func (s *screen) write(text string) {
	var ready [1]unix.PollFd
	ready[0] = unix.PollFd{Fd: int32(s.fd), Events: unix.POLLOUT}
	if n, err := unix.Poll(ready[:], 0); err != nil || n == 0 {
		s.dropped++
		return
	}
	_, _ = unix.Write(s.fd, []byte(text+"\n"))
}

// outcomes say how a line about the end of a job begins, by the job's result.
var outcomes = map[string]struct{ colour, word string }{
	"done":        {"32", "  OK  "},
	"timeout":     {"1;31", " TIME "},
	"failed":      {"1;31", "FAILED"},
	"invalid":     {"1;31", "FAILED"},
	"dependency":  {"1;33", "DEPEND"},
	"assert":      {"1;33", "ASSERT"},
	"unsupported": {"1;33", "UNSUPP"},
}

// jobEnd says whether a message is about the end of a job, and shows it on the terminal as systemd does at boot.
func (m *Manager) jobEnd(e *entry) bool {
	for _, f := range e.fields {
		if f.Key != "JOB_RESULT" {
			continue
		}
		if o, ok := outcomes[f.Value]; ok && m.opt.ShowStatus {
			m.screen.status(o.colour, o.word, e.text)
		}
		return true
	}
	return false
}
