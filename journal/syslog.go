package journal

import (
	"bytes"
	"strconv"
)

// readSyslog stores datagrams of syslog(3).
func (d *daemon) readSyslog() { d.datagrams(d.syslog, syslogSource, d.storeSyslog) }

func (d *daemon) storeSyslog(p []byte, from creds, start uint64) {
	m := parseSyslog(p)
	if len(m.text) == 0 || start > 0 {
		return
	}
	fields := [][]byte{
		append([]byte("MESSAGE="), m.text...), append([]byte(nil), d.priority(m.priority&7)...),
		[]byte("SYSLOG_FACILITY=" + strconv.Itoa(m.priority>>3)),
	}
	add := func(name string, v []byte) {
		if len(v) > 0 {
			fields = append(fields, append([]byte(name), v...))
		}
	}
	add("SYSLOG_IDENTIFIER=", m.identifier)
	add("SYSLOG_PID=", m.pid)
	add("SYSLOG_TIMESTAMP=", m.time)
	if m.raw {
		add("SYSLOG_RAW=", p)
	}
	set := d.senderSet(from, "syslog")
	d.ledger.about(d.store.Seqnum(), 1)
	d.append(set, d.stamped(fields)...)
}

// syslogLine is a line of syslog, taken apart.
type syslogLine struct {
	priority                    int // facility*8 + level
	time, identifier, pid, text []byte
	raw                         bool // the text is not all that there was
}

// parseSyslog reads "<PRI>Mmm dd hh:mm:ss identifier[pid]: text" (RFC 3164); every part but the text may be missing.
func parseSyslog(p []byte) syslogLine {
	m := syslogLine{priority: 13}
	if len(p) > 2 && p[0] == '<' {
		if i := bytes.IndexByte(p[:min(len(p), 6)], '>'); i > 1 {
			if v, err := strconv.Atoi(string(p[1:i])); err == nil && v >= 0 && v < 1024 {
				m.priority, p = v, p[i+1:]
			}
		}
	}
	if len(p) > 15 && p[3] == ' ' && p[6] == ' ' && p[9] == ':' && p[12] == ':' && p[15] == ' ' {
		m.time, p = p[:16], p[16:]
	}
	if i := bytes.IndexAny(p, ": \n"); i > 0 && p[i] == ':' {
		tag := p[:i]
		if j := bytes.IndexByte(tag, '['); j > 0 && tag[len(tag)-1] == ']' {
			m.pid, tag = tag[j+1:len(tag)-1], tag[:j]
		}
		m.identifier, p = tag, bytes.TrimPrefix(p[i+1:], []byte(" "))
	}
	if i := bytes.IndexByte(p, 0); i >= 0 {
		m.raw = len(bytes.Trim(p[i:], "\x00")) > 0
		p = p[:i]
	}
	m.text = bytes.TrimSpace(p)
	m.raw = m.raw || len(m.text) != len(bytes.TrimSuffix(p, []byte("\n")))
	return m
}
