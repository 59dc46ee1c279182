package journal

import (
	"encoding/binary"
	"fmt"
	"sync/atomic"
	"unsafe"

	"golang.org/x/sys/unix"
)

// ledger is what makes a kill of the daemon lose and repeat nothing. It is shared memory that the manager holds on to.
//
// What is read from a socket is only peeked at first: it stays in the kernel. The peek offset of the socket
// (SO_PEEK_OFF), which the kernel keeps with the socket, counts what was peeked and not consumed. So a daemon goes
// through these steps, and after a kill the next one sees from offset and ledger between which two it happened:
//
//	peek n bytes                offset n
//	begin: source, n            offset n, active, nothing stored
//	about, store, about …       the number of the last entry in the file says how far it came
//	commit: b bytes are done    offset n, done
//	consume b bytes             offset n-b
//	end, offset 0 if b < n
//
// The unfinished last line of a stream whose writer pauses cannot stay in the socket (the writer could fill its buffer
// with a byte at a time and both would wait for ever), so it moves to a slot of the ledger.
type ledger struct {
	m     []byte
	slots map[ID]int // which slot a stream's unfinished line is in
	free  []int
}

// The ledger's layout, in bytes.
const (
	lMagic    = 0
	lActive   = 8   // 1: the work below is in progress
	lCurrent  = 64  // a record of the work in progress
	lProgress = 128 // two pairs: the number of an entry, and how far the work is with it
	lLogs     = 192 // two pairs: the number of an entry, and of the manager's message that it is
	lPending  = 256 // records of work that a killed daemon left, until their source turns up
	numPend   = 16
	lSlots    = 4096
	numSlots  = 256
	slotSize  = 64 << 10
	slotText  = 64 // where the text in a slot begins
	ledgerLen = lSlots + numSlots*slotSize

	ledgerMagic = 0x6c65646765723031
)

// Words of a record.
const (
	rSource = 0  // 16 bytes
	rPeeked = 16 // n
	rDone   = 24 // b+1 once committed
	rSlot   = 32 // slot+1 that changes with the commit, 0 none
	rLength = 40 // what its length becomes
	rPos    = 48 // pending only: how far it came
	rUsed   = 56 // pending only: 1
	recLen  = 64
)

// work is a record in memory.
type work struct {
	source  ID
	peeked  uint64
	pos     uint64
	done    bool
	through uint64 // if done: bytes that are consumed or to be consumed
	slot    int    // -1 none
	length  uint64
}

// NewLedger makes the shared memory; the manager passes its descriptor to each daemon under the name "ledger".
func NewLedger() (fd int, err error) {
	fd, err = unix.MemfdCreate("davit-journal-ledger", unix.MFD_CLOEXEC|unix.MFD_NOEXEC_SEAL)
	if err != nil {
		fd, err = unix.MemfdCreate("davit-journal-ledger", unix.MFD_CLOEXEC)
	}
	if err != nil {
		return -1, fmt.Errorf("cannot make the journal's ledger: %w", err)
	}
	if err := unix.Ftruncate(fd, ledgerLen); err != nil {
		_ = unix.Close(fd)
		return -1, fmt.Errorf("cannot make the journal's ledger: %w", err)
	}
	return fd, nil
}

// openLedger maps the memory behind fd, or private memory if fd is negative.
func openLedger(fd int) (*ledger, error) {
	flags := unix.MAP_SHARED
	if fd < 0 {
		flags = unix.MAP_PRIVATE | unix.MAP_ANONYMOUS
	}
	m, err := unix.Mmap(fd, 0, ledgerLen, unix.PROT_READ|unix.PROT_WRITE, flags)
	if err != nil {
		return nil, fmt.Errorf("cannot map the ledger: %w", err)
	}
	l := &ledger{m: m, slots: map[ID]int{}}
	if l.get(lMagic) != ledgerMagic {
		clear(m[:lSlots])
		l.put(lMagic, ledgerMagic)
	}
	for i := numSlots - 1; i >= 0; i-- {
		// Only slots ever used are touched: the free ones are taken from the low end.
		l.free = append(l.free, i)
	}
	l.findSlots()
	return l, nil
}

// findSlots takes over the unfinished lines that a killed daemon left. The table of used slots is in the first page.
func (l *ledger) findSlots() {
	kept := l.free[:0]
	for _, i := range l.free {
		if l.m[slotMap+i] == 0 {
			kept = append(kept, i)
			continue
		}
		l.slots[ID(l.slot(i)[:16])] = i
	}
	l.free = kept
}

// slotMap is a byte per slot: whether it is used.
const slotMap = 2048

func (l *ledger) get(off int) uint64    { return binary.LittleEndian.Uint64(l.m[off:]) }
func (l *ledger) put(off int, v uint64) { binary.LittleEndian.PutUint64(l.m[off:], v) }

// publish stores a word that makes the stores before it valid.
func (l *ledger) publish(off int, v uint64) {
	_ = l.m[off+7]
	atomic.StoreUint64((*uint64)(unsafe.Pointer(&l.m[off])), v)
}

// begin notes that n bytes of the source have been peeked and dealt with as far as pos says; the last entry stored is
// number seqnum.
func (l *ledger) begin(source ID, n int, seqnum, pos uint64) {
	copy(l.m[lCurrent+rSource:], source[:])
	l.put(lCurrent+rPeeked, uint64(n))
	l.put(lCurrent+rDone, 0)
	l.put(lCurrent+rSlot, 0)
	at := lProgress + int(seqnum&1)*16
	l.put(at+8, pos)
	l.put(at, seqnum)
	l.put(lProgress+int(^seqnum&1)*16, ^uint64(0))
	l.publish(lActive, 1)
}

// skip notes that the work has come to pos without storing anything after number seqnum.
func (l *ledger) skip(seqnum, pos uint64) { l.publish(lProgress+int(seqnum&1)*16+8, pos) }

// about notes how far the work has come once the next entry is stored, whose predecessor is number seqnum.
func (l *ledger) about(seqnum, pos uint64) {
	at := lProgress + int(^seqnum&1)*16
	l.put(at+8, pos)
	l.put(at, seqnum+1)
}

// commit notes that b bytes are dealt with, and that with them the slot's length changes (slot -1: none does).
func (l *ledger) commit(b, slot int, length uint64) {
	l.put(lCurrent+rSlot, uint64(slot+1))
	l.put(lCurrent+rLength, length)
	l.publish(lCurrent+rDone, uint64(b)+1)
	l.resize(slot, length)
}

// end notes that the work is complete, the bytes consumed.
func (l *ledger) end() { l.publish(lActive, 0) }

// logging notes that the next entry, whose predecessor is number seqnum, is the manager's message with the given number.
func (l *ledger) logging(seqnum, number uint64) {
	at := lLogs + int(^seqnum&1)*16
	l.put(at, ^uint64(0))
	l.put(at+8, number)
	l.put(at, seqnum+1)
}

// logged returns the number of the manager's last message that was stored.
func (l *ledger) logged(seqnum uint64) (number uint64) {
	for i := range 2 {
		if at := lLogs + i*16; l.get(at) <= seqnum {
			number = max(number, l.get(at+8))
		}
	}
	return number
}

// settle turns what a killed daemon was at into pending work. seqnum is the number of the last entry stored.
func (l *ledger) settle(seqnum uint64) {
	if l.get(lActive) == 0 {
		return
	}
	var rec [recLen]byte
	copy(rec[:], l.m[lCurrent:lCurrent+rPos])
	for i := range 2 {
		if at := lProgress + i*16; l.get(at) == seqnum {
			binary.LittleEndian.PutUint64(rec[rPos:], l.get(at+8))
		}
	}
	place := -1
	for i := range numPend {
		at := lPending + i*recLen
		if l.get(at+rUsed) == 0 {
			if place < 0 {
				place = at
			}
		} else if ID(l.m[at:at+16]) == ID(rec[:16]) {
			place = at
			break
		}
	}
	if place >= 0 {
		copy(l.m[place:place+rUsed], rec[:rUsed])
		l.publish(place+rUsed, 1)
	}
	l.end()
}

// pending returns the work that was left for a source.
func (l *ledger) pending(source ID) (w work, ok bool) {
	for i := range numPend {
		at := lPending + i*recLen
		if l.get(at+rUsed) == 0 || ID(l.m[at:at+16]) != source {
			continue
		}
		w = work{source: source, peeked: l.get(at + rPeeked), pos: l.get(at + rPos), slot: int(l.get(at+rSlot)) - 1}
		w.length = l.get(at + rLength)
		if b := l.get(at + rDone); b != 0 {
			w.done, w.through = true, b-1
		}
		return w, true
	}
	return work{}, false
}

// forget ends pending work.
func (l *ledger) forget(source ID) {
	for i := range numPend {
		at := lPending + i*recLen
		if l.get(at+rUsed) != 0 && ID(l.m[at:at+16]) == source {
			l.publish(at+rUsed, 0)
		}
	}
}

func (l *ledger) slot(i int) []byte {
	at := lSlots + i*slotSize
	return l.m[at : at+slotSize : at+slotSize]
}

// rest returns a stream's unfinished line and who wrote it.
func (l *ledger) rest(id ID) (text []byte, from creds) {
	i, ok := l.slots[id]
	if !ok {
		return nil, creds{}
	}
	s := l.slot(i)
	n := min(binary.LittleEndian.Uint64(s[16:]), slotSize-slotText)
	from.pid = int32(binary.LittleEndian.Uint32(s[24:]))
	from.uid = binary.LittleEndian.Uint32(s[28:])
	from.gid = binary.LittleEndian.Uint32(s[32:])
	return s[slotText : slotText+n], from
}

// spill stores more text behind a stream's unfinished line. It counts once commit sets the slot's length to the length
// that spill returns. Without a free slot the slot is -1.
func (l *ledger) spill(id ID, have uint64, text []byte, from creds) (slot int, length uint64) {
	i, ok := l.slots[id]
	if !ok {
		if len(l.free) == 0 {
			return -1, 0
		}
		i = l.free[len(l.free)-1]
		l.free = l.free[:len(l.free)-1]
		s := l.slot(i)
		copy(s, id[:])
		binary.LittleEndian.PutUint64(s[16:], 0)
		l.m[slotMap+i] = 1
		l.slots[id] = i
	}
	s := l.slot(i)
	if have == 0 {
		binary.LittleEndian.PutUint32(s[24:], uint32(from.pid))
		binary.LittleEndian.PutUint32(s[28:], from.uid)
		binary.LittleEndian.PutUint32(s[32:], from.gid)
	}
	n := copy(s[slotText+have:], text)
	return i, have + uint64(n)
}

// resize sets a slot's length. A slot of length 0 is free.
func (l *ledger) resize(i int, length uint64) {
	if i < 0 || i >= numSlots {
		return
	}
	s := l.slot(i)
	was := binary.LittleEndian.Uint64(s[16:])
	binary.LittleEndian.PutUint64(s[16:], length)
	if length > 0 || l.m[slotMap+i] == 0 {
		return
	}
	delete(l.slots, ID(s[:16]))
	l.m[slotMap+i] = 0
	l.free = append(l.free, i)
	if was > 4096-slotText {
		_ = unix.Madvise(s[4096:], unix.MADV_REMOVE)
	}
}
