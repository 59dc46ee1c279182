package journal

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"
)

// short writes an entry as syslog files have it: time, host, who, and the message, whose further lines are indented.
func (p *Printer) short(e *Entry) {
	message, ok := lookup(e, "MESSAGE")
	if !ok {
		if len(e.Unreadable) == 0 {
			return
		}
		message = "[" + strings.Join(e.Unreadable, ", ") + "]"
	}
	head := p.when(e)
	if host := e.Get("_HOSTNAME"); host != "" && !p.f.NoHostname && printable(host, false) {
		head += " " + host
	}
	head += " " + p.who(e)
	if pid := e.Get("_PID"); pid != "" {
		head += "[" + pid + "]"
	} else if pid := e.Get("SYSLOG_PID"); pid != "" && printable(pid, false) {
		head += "[" + pid + "]"
	}
	head += ": "
	p.w.WriteString(head)
	if !p.f.All {
		message = plain(message)
	}
	if !p.f.All && !printable(message, true) {
		p.w.WriteString("[" + size(len(message)) + " blob data]\n")
		return
	}
	p.lines(message, utf8.RuneCountInString(head), levelColor(e.Get("PRIORITY")))
}

// lookup returns the first value of a field, and whether the entry has it.
func lookup(e *Entry, name string) (string, bool) {
	for i := range e.Fields {
		if e.Fields[i].Name == name {
			return e.Fields[i].Value, true
		}
	}
	return "", false
}

// who is the name in front of the message.
func (p *Printer) who(e *Entry) string {
	names := []string{"SYSLOG_IDENTIFIER", "_COMM"}
	if p.f.Output == "with-unit" {
		names = append([]string{"_SYSTEMD_UNIT"}, names...)
		if unit, user := e.Get("_SYSTEMD_UNIT"), e.Get("_SYSTEMD_USER_UNIT"); user != "" {
			if unit != "" {
				return unit + "/" + user
			}
			return user
		}
	}
	for _, name := range names {
		if v := e.Get(name); v != "" && printable(v, false) {
			return v
		}
	}
	return "unknown"
}

// lines writes a message; lines after the first one are indented.
func (p *Printer) lines(message string, indent int, color string) {
	first := true
	message = strings.TrimSuffix(message, "\n")
	for line := range strings.SplitSeq(message, "\n") {
		if !first {
			p.w.WriteString(strings.Repeat(" ", indent))
		}
		first = false
		if p.f.Width > 0 {
			line = fit(line, max(p.f.Width-indent, 10))
		}
		p.colored(color, line)
		p.w.WriteByte('\n')
	}
}

// fit cuts a line to so many columns.
func fit(line string, width int) string {
	if utf8.RuneCountInString(line) <= width {
		return line
	}
	runes := []rune(line)
	return string(runes[:width-1]) + "…"
}

// when is the time in front of an entry.
func (p *Printer) when(e *Entry) string {
	t := p.wallTime(e)
	switch p.f.Output {
	case "short-full", "with-unit":
		return t.Format("Mon 2006-01-02 15:04:05 MST")
	case "short-iso":
		return t.Format("2006-01-02T15:04:05-0700")
	case "short-iso-precise":
		return t.Format("2006-01-02T15:04:05.000000-0700")
	case "short-precise":
		return t.Format("Jan 02 15:04:05.000000")
	case "short-unix":
		us := t.UnixMicro()
		return fmt.Sprintf("%10d.%06d", us/1e6, us%1e6)
	case "short-monotonic":
		return "[" + seconds(e.Monotonic) + "]"
	case "short-delta":
		return "[" + seconds(e.Monotonic) + p.delta(e) + "]"
	}
	return t.Format("Jan 02 15:04:05")
}

func seconds(us uint64) string { return fmt.Sprintf("%5d.%06d", us/1e6, us%1e6) }

// delta is how much later the entry is than the one before.
func (p *Printer) delta(e *Entry) string {
	if p.count == 0 || p.boot != e.Boot || e.Monotonic < p.mono {
		return strings.Repeat(" ", 16)
	}
	d := e.Monotonic - p.mono
	return fmt.Sprintf(" <%5d.%06d >", d/1e6, d%1e6)
}

// cat writes the message alone, or the wanted fields in the order in which they are wanted.
func (p *Printer) cat(e *Entry) {
	fields := p.f.Fields
	if len(fields) == 0 {
		fields = []string{"MESSAGE"}
	}
	color := levelColor(e.Get("PRIORITY"))
	for _, name := range fields {
		for i := range e.Fields {
			if e.Fields[i].Name == name {
				p.colored(color, e.Fields[i].Value)
				p.w.WriteByte('\n')
			}
		}
	}
}

// verbose writes all fields, one per line.
func (p *Printer) verbose(e *Entry) {
	p.w.WriteString(p.wallTime(e).Format("Mon 2006-01-02 15:04:05.000000 MST"))
	p.w.WriteString(" [" + e.Cursor() + "]\n")
	for i := range e.Fields {
		f := &e.Fields[i]
		if !p.wanted(f.Name) {
			continue
		}
		p.w.WriteString("    ")
		p.colored("", f.Name)
		p.w.WriteByte('=')
		if !p.f.All && !printable(f.Value, true) {
			p.w.WriteString("[" + size(len(f.Value)) + " blob data]\n")
			continue
		}
		for j, line := range strings.Split(strings.TrimSuffix(f.Value, "\n"), "\n") {
			if j > 0 {
				p.w.WriteString(strings.Repeat(" ", 4+len(f.Name)+1))
			}
			p.w.WriteString(line + "\n")
		}
	}
	for _, why := range e.Unreadable {
		p.w.WriteString("    [a field cannot be read: " + why + "]\n")
	}
}

// Date writes a time as journalctl writes those of boots.
func Date(us uint64, loc *time.Location) string {
	return time.UnixMicro(int64(us)).In(loc).Format("Mon 2006-01-02 15:04:05 MST")
}

// plain spells tabs out and leaves out what would change a terminal's colors and the like.
func plain(s string) string {
	if strings.IndexByte(s, '\t') < 0 && strings.IndexByte(s, 0x1b) < 0 {
		return s
	}
	var b strings.Builder
	for len(s) > 0 {
		i := strings.IndexAny(s, "\t\x1b")
		if i < 0 {
			break
		}
		b.WriteString(s[:i])
		n := escape(s[i:])
		switch {
		case s[i] == '\t':
			b.WriteString("        ")
			n = 1
		case n == 0:
			b.WriteByte(s[i])
			n = 1
		}
		s = s[i+n:]
	}
	return b.String() + s
}

// escape returns how long the terminal sequence at the beginning of s is, 0 if it is none.
func escape(s string) int {
	if len(s) < 2 || s[0] != 0x1b {
		return 0
	}
	switch s[1] {
	case '[':
		for i := 2; i < len(s); i++ {
			if c := s[i]; c >= '@' && c <= '~' {
				return i + 1
			} else if !strings.ContainsRune("0123456789;", rune(c)) {
				return 0
			}
		}
	case ']':
		for i := 2; i < len(s); i++ {
			if s[i] == 0x07 {
				return i + 1
			}
			if s[i] == 0x1b && i+1 < len(s) && s[i+1] == '\\' {
				return i + 2
			}
		}
	}
	return 0
}
