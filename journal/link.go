package journal

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"

	"golang.org/x/sys/unix"
)

// Link is the manager's end of the journal. It never blocks, starts no goroutine, and is not safe for concurrent use. It keeps
// the journal's end of every stream until the daemon has read all of it, so that a daemon that is killed loses nothing: the next
// one gets them all again.
type Link struct {
	fd      int // connection to the daemon, -1 none
	far     int // the daemon's end: what a killed daemon has not read stays there for the next one
	alive   bool
	kept    map[ID]*keptStream
	nextSeq uint64
	nextLog uint64 // number of the last log line: the daemon stores each number once
	queue   []queued
	logs    int // log lines in queue
	dropped int // log lines that found no room
	flying  int // attached streams that no daemon has taken yet
	recv    receiver
}

type keptStream struct {
	fd     int
	seq    uint64 // order of attachment
	header []byte
}

type queued struct {
	text   []byte
	stream ID // whose descriptor goes along, zero none
}

// Bounds of what the kernel holds for us: descriptors in flight are limited, too.
const (
	maxFlying = 256
	maxText   = 48 << 10 // of a log line
)

// maxLogs bounds how many of the manager's own lines wait while there is no daemon.
const maxLogs = 4096

// Field is one field of an entry. Names are those of systemd.journal-fields(7).
type Field struct{ Name, Value string }

// NewLink returns a link without a daemon: all that it is given waits for Connect.
func NewLink() *Link {
	return &Link{fd: -1, far: -1, kept: map[ID]*keptStream{}, recv: receiver{buf: make([]byte, 20<<10)}}
}

// Connect prepares the connection for a new daemon and returns that daemon's end, to be passed to it under the name FDControl and
// then closed. All kept streams are attached again.
func (l *Link) Connect() (daemon int, err error) {
	if l.fd < 0 {
		if err := l.makePair(); err != nil {
			return -1, err
		}
	}
	daemon, err = unix.FcntlInt(uintptr(l.far), unix.F_DUPFD_CLOEXEC, 3)
	if err != nil {
		return -1, fmt.Errorf("cannot connect the journal: %w", err)
	}
	l.Read()
	l.alive, l.flying = true, 0
	again := make([]queued, 0, len(l.kept)+len(l.queue))
	for _, id := range l.inOrder() {
		again = append(again, queued{l.kept[id].header, id})
	}
	for _, q := range l.queue {
		if q.stream == (ID{}) {
			again = append(again, q)
		}
	}
	l.queue = again
	return daemon, nil
}

func (l *Link) makePair() error {
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_SEQPACKET|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
	if err != nil {
		return fmt.Errorf("cannot connect the journal: %w", err)
	}
	for _, fd := range fds {
		_ = unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_SNDBUF, 4<<20)
	}
	l.fd, l.far = fds[0], fds[1]
	return nil
}

// inOrder returns the kept streams as they were attached.
func (l *Link) inOrder() []ID {
	ids := make([]ID, 0, len(l.kept))
	for id := range l.kept {
		ids = append(ids, id)
	}
	slices.SortFunc(ids, func(a, b ID) int { return cmp.Compare(l.kept[a].seq, l.kept[b].seq) })
	return ids
}

// Disconnect says that the daemon is gone, once what it said last has been heard: it may have been of a stream to keep. What is
// kept stays, and so does what the daemon has not read: the next one gets it.
func (l *Link) Disconnect() {
	if l.alive {
		l.Read()
		l.alive = false
	}
}

// Close lets go of everything, as the end of the manager does. The daemon reads what services still write, and ends with them.
func (l *Link) Close() {
	for _, k := range l.kept {
		_ = unix.Close(k.fd)
	}
	if l.fd >= 0 {
		_ = unix.Close(l.fd)
		_ = unix.Close(l.far)
	}
	*l = *NewLink()
}

// FD returns the descriptor to wait on, -1 before the first Connect.
func (l *Link) FD() int { return l.fd }

// Waiting reports whether something waits for room: wait for FD to become writable, and call Flush. What waits for an answer of the
// daemon instead is sent by a Flush after Read.
func (l *Link) Waiting() bool {
	return l.alive && len(l.queue) > 0 && (l.queue[0].stream == (ID{}) || l.flying < maxFlying)
}

// Kept returns how many streams have not come to their end yet.
func (l *Link) Kept() int { return len(l.kept) }

// Attach hands a stream to the daemon. fd is the journal's end from NewStream; the link closes it when the stream has ended.
func (l *Link) Attach(s Stream, fd int) {
	s.attached = true
	l.keep(s.ID, s.encode(verbAttach), fd)
	l.post(queued{l.kept[s.ID].header, s.ID})
}

func (l *Link) keep(id ID, header []byte, fd int) {
	l.nextSeq++
	l.kept[id] = &keptStream{fd, l.nextSeq, header}
}

// Log sends a line of the manager's own. While the daemon is away, lines wait; what finds no room is counted, and the count is
// logged where the gap is.
func (l *Link) Log(priority int, text string, fields ...Field) {
	if l.logs >= maxLogs {
		l.dropped++
		return
	}
	if l.dropped > 0 {
		n := strconv.Itoa(l.dropped)
		l.dropped = 0
		l.logs++
		l.post(queued{text: l.encodeLog(4, n+" lines of the manager were lost here: nobody received them", []Field{{"N_DROPPED", n}})})
	}
	l.logs++
	l.post(queued{text: l.encodeLog(priority, text, fields)})
}

// encodeLog writes a message in the encoding of the native protocol, with a number in front. What is too long is cut.
func (l *Link) encodeLog(priority int, text string, fields []Field) []byte {
	text = text[:min(len(text), maxText)]
	l.nextLog++
	b := make([]byte, 0, 128+len(text))
	b = append(strconv.AppendUint(append(b, verbLog+" "...), l.nextLog, 10), "\nPRIORITY="...)
	b = append(b, '0'+byte(priority&7), '\n')
	b = appendNative(b, "MESSAGE", text)
	for _, f := range fields {
		if len(b)+len(f.Name)+len(f.Value) < peekSize-64 {
			b = appendNative(b, f.Name, f.Value)
		}
	}
	return b
}

func appendNative(b []byte, name, value string) []byte {
	b = append(b, name...)
	if !bytes.Contains([]byte(value), []byte("\n")) {
		return append(append(append(b, '='), value...), '\n')
	}
	b = append(b, '\n')
	for i := range 8 {
		b = append(b, byte(uint64(len(value))>>(8*i)))
	}
	return append(append(b, value...), '\n')
}

// Sync asks the daemon to say when it has stored all that was written before; Read returns the token then.
func (l *Link) Sync(token string) { l.post(queued{text: []byte(verbSync + "\n" + token)}) }

func (l *Link) post(q queued) {
	l.queue = append(l.queue, q)
	if len(l.queue) == 1 {
		l.Flush()
	}
}

// Flush sends what waits, as far as there is room.
func (l *Link) Flush() {
	sent := 0
	for _, q := range l.queue {
		if !l.alive || q.stream != (ID{}) && l.flying >= maxFlying || !l.send(q) {
			break
		}
		if bytes.HasPrefix(q.text, []byte(verbLog)) {
			l.logs--
		}
		sent++
	}
	if l.queue = l.queue[sent:]; len(l.queue) == 0 {
		l.queue = nil
	}
}

// send reports whether the message is dealt with: sent, or beyond sending.
func (l *Link) send(q queued) bool {
	fd := -1
	if q.stream != (ID{}) {
		k := l.kept[q.stream]
		if k == nil {
			return true
		}
		fd = k.fd
	}
	switch sendMessage(l.fd, q.text, fd) {
	case unix.EAGAIN, unix.ETOOMANYREFS:
		return false
	}
	if fd >= 0 {
		l.flying++
	}
	return true
}

// Read takes the daemon's messages: it lets go of streams that have ended, and returns the tokens of completed syncs. False
// means that there is no daemon: the end of its process says so, not the connection.
func (l *Link) Read() (synced []string, alive bool) {
	for l.fd >= 0 {
		n, err := l.recv.receive(l.fd, len(l.recv.buf), 0)
		if err != nil || n == 0 {
			break
		}
		verb, body, _ := bytes.Cut(l.recv.buf[:n], []byte("\n"))
		switch string(verb) {
		case verbFinished:
			for word := range bytes.SplitSeq(body, []byte("\n")) {
				l.finish(string(word))
			}
		case verbAttached:
			n, _ := strconv.Atoi(string(body))
			l.flying = max(l.flying-n, 0)
		case verbKeep:
			l.takeKept(body)
		case verbSynced:
			synced = append(synced, string(body))
		}
		l.recv.drop()
	}
	return synced, l.alive
}

func (l *Link) finish(word string) {
	id, _ := ParseID(word)
	if k := l.kept[id]; k != nil {
		_ = unix.Close(k.fd)
		delete(l.kept, id)
	}
}

// takeKept keeps a connection that somebody else made to the daemon.
func (l *Link) takeKept(body []byte) {
	h, ok := decodeStream(string(body))
	if !ok || len(l.recv.fds) != 1 {
		return
	}
	l.keep(h.ID, append([]byte(verbAttach+"\n"), body...), l.recv.fds[0])
	l.recv.fds = l.recv.fds[:0]
}

// linkState is a link as plain data; descriptors keep their numbers over exec.
type linkState struct {
	FD, Far int
	Alive   bool
	Logged  uint64
	Flying  int
	Streams []linkStream
	Queue   []linkMessage
}

type linkStream struct {
	ID     string
	FD     int
	Header []byte
}

type linkMessage struct {
	Text   []byte
	Stream string
}

// Marshal returns the link's state and the descriptors that have to survive re-execution.
func (l *Link) Marshal() ([]byte, []int, error) {
	s := linkState{FD: l.fd, Far: l.far, Alive: l.alive, Logged: l.nextLog, Flying: l.flying}
	var fds []int
	if l.fd >= 0 {
		fds = append(fds, l.fd, l.far)
	}
	for _, id := range l.inOrder() {
		k := l.kept[id]
		s.Streams = append(s.Streams, linkStream{id.String(), k.fd, k.header})
		fds = append(fds, k.fd)
	}
	for _, q := range l.queue {
		s.Queue = append(s.Queue, linkMessage{q.text, q.stream.String()})
	}
	text, err := json.Marshal(s)
	return text, fds, err
}

// Unmarshal makes a new link what Marshal described.
func (l *Link) Unmarshal(state []byte) error {
	var s linkState
	if err := json.Unmarshal(state, &s); err != nil {
		return fmt.Errorf("cannot restore the link to the journal: %w", err)
	}
	l.fd, l.far, l.alive, l.nextLog, l.flying = s.FD, s.Far, s.Alive, s.Logged, s.Flying
	for _, x := range s.Streams {
		id, _ := ParseID(x.ID)
		l.keep(id, x.Header, x.FD)
	}
	for _, q := range s.Queue {
		id, _ := ParseID(q.Stream)
		l.queue = append(l.queue, queued{q.Text, id})
		if bytes.HasPrefix(q.Text, []byte(verbLog)) {
			l.logs++
		}
	}
	return nil
}
