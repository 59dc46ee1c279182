package journal

import (
	"fmt"
	"strconv"
	"strings"
)

// The manager and the daemon speak over a SOCK_SEQPACKET connection in small text messages: a verb on the first line,
// then one NAME=value per line.
//
//	manager: attach (with one descriptor), log N (fields in the native protocol's encoding), sync
//	daemon:  finished (ids of streams), attached (a count), keep (with one descriptor), synced
const (
	verbAttach   = "attach"
	verbLog      = "log"
	verbSync     = "sync"
	verbFinished = "finished"
	verbAttached = "attached"
	verbKeep     = "keep"
	verbSynced   = "synced"
)

// Stream describes the output of one run of a service: what the manager knows and the journal stores with each line.
type Stream struct {
	ID          ID     // of this connection: _STREAM_ID=
	Unit        string // full unit name
	Invocation  ID
	Identifier  string // SYSLOG_IDENTIFIER=, empty: the name of the process
	Slice       string
	Cgroup      string // path below the manager's root of the tree, as _SYSTEMD_CGROUP= has it
	Priority    int    // of lines without a prefix, 0 to 7
	Facility    int    // SyslogFacility=, negative: none
	LevelPrefix bool   // lines may begin with <N>
	MaxLevel    int    // LogLevelMax=: drop lines that are less urgent; 7: none
	User        bool   // the unit is one of a user manager: _SYSTEMD_USER_UNIT=
	Owner       int    // whose user manager
	Extra       []string
	Interval    uint64 // LogRateLimitIntervalSec= in microseconds, 0: no limit
	Burst       uint64 // LogRateLimitBurst=

	attached bool // the fields above come from the manager and are trusted
	peer     creds
}

// DefaultStream returns a stream with systemd's defaults: level info, facility daemon, level prefixes.
func DefaultStream(id ID, unit string) Stream {
	return Stream{ID: id, Unit: unit, Priority: 6, Facility: 3, MaxLevel: 7, LevelPrefix: true}
}

// encode returns the message's lines. Newlines in values, which no unit name has, become spaces.
func (s *Stream) encode(verb string) []byte {
	b := append(make([]byte, 0, 256), verb...)
	add := func(name, v string) {
		if v == "" {
			return
		}
		if strings.IndexByte(v, '\n') >= 0 {
			v = strings.ReplaceAll(v, "\n", " ")
		}
		b = append(append(append(append(b, '\n'), name...), '='), v...)
	}
	number := func(name string, n, normal int) {
		if n != normal {
			add(name, strconv.Itoa(n))
		}
	}
	flag := func(name string, on bool) {
		if on {
			add(name, "1")
		}
	}
	add("id", s.ID.String())
	add("unit", s.Unit)
	if s.Invocation != (ID{}) {
		add("invocation", s.Invocation.String())
	}
	add("identifier", s.Identifier)
	add("slice", s.Slice)
	add("cgroup", s.Cgroup)
	number("priority", s.Priority, 6)
	number("facility", s.Facility, -1)
	number("max-level", s.MaxLevel, 7)
	number("owner", s.Owner, 0)
	flag("level-prefix", s.LevelPrefix)
	flag("user", s.User)
	flag("foreign", !s.attached)
	for _, e := range s.Extra {
		add("extra", e)
	}
	if s.Interval > 0 {
		add("limit", fmt.Sprintf("%d/%d", s.Interval, s.Burst))
	}
	if !s.attached {
		add("peer", fmt.Sprintf("%d %d %d", s.peer.pid, s.peer.uid, s.peer.gid))
	}
	return b
}

// decodeStream reads what encode wrote, without the verb. Unknown names are ignored.
func decodeStream(text string) (*Stream, bool) {
	s := &Stream{Priority: 6, Facility: -1, MaxLevel: 7, attached: true}
	ok := false
	for line := range strings.SplitSeq(text, "\n") {
		name, v, _ := strings.Cut(line, "=")
		n, _ := strconv.Atoi(v)
		switch name {
		case "id":
			s.ID, ok = ParseID(v)
		case "unit":
			s.Unit = v
		case "invocation":
			s.Invocation, _ = ParseID(v)
		case "identifier":
			s.Identifier = v
		case "slice":
			s.Slice = v
		case "cgroup":
			s.Cgroup = v
		case "priority":
			s.Priority = n & 7
		case "facility":
			s.Facility = n
		case "max-level":
			s.MaxLevel = n
		case "owner":
			s.Owner = n
		case "level-prefix":
			s.LevelPrefix = n == 1
		case "user":
			s.User = n == 1
		case "foreign":
			s.attached = n != 1
		case "extra":
			s.Extra = append(s.Extra, v)
		case "limit":
			_, _ = fmt.Sscanf(v, "%d/%d", &s.Interval, &s.Burst)
		case "peer":
			_, _ = fmt.Sscanf(v, "%d %d %d", &s.peer.pid, &s.peer.uid, &s.peer.gid)
		}
	}
	return s, ok
}
