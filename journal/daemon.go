package journal

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"time"

	"golang.org/x/sys/unix"
)

// daemon is the process that receives. All of it runs in one goroutine, in run.
type daemon struct {
	cfg    config
	store  *Store
	ledger *ledger
	recv   receiver
	proc   procReader
	epoll  int

	base    *Set // fields of every entry
	own     *Set // of the daemon's own entries
	manager *Set // of the manager's entries

	control int // connection to the manager, -1 none or gone
	stdout  int // listener for streams with systemd's header, -1 none
	native  int
	syslog  int
	out     []message // messages that wait for room in the control connection
	done    []ID      // finished streams to be reported
	fresh   int       // attached streams to be reported
	syncs   []string  // tokens of syncs that are asked for
	logged  uint64    // number of the manager's last line that an earlier daemon stored

	streams map[int32]*stream
	byID    map[ID]*stream
	units   map[string]ID // invocation of each unit that has a stream
	ready   []*stream     // streams that have more than one turn's worth
	senders map[int32]*sender

	now      Stamp
	lost     uint64 // entries that could not be stored since lostAt
	lostAt   Stamp
	lostWhy  string
	retryAt  uint64 // monotonic time before which storing is not tried again
	dirty    bool   // readers that follow were not told of the last entries
	toldAt   uint64
	syncAt   uint64 // when what was stored is to be put on disk, 0: it is
	syncing  bool
	synced   chan synced
	quietAt  uint64 // when to give up memory if nothing happens until then, 0: it was done
	busy     int    // events since memory was given up
	signals  chan os.Signal
	wake     int // eventfd that the signals' goroutine writes
	stopping bool
	pos      uint64 // how far the work in the ledger has come
	line     []byte // scratch: MESSAGE= and a line
	prio     []byte
}

const (
	peekSize     = 64 << 10
	lineMax      = 48 << 10 // LineMax=
	turnChunks   = 4        // of peekSize for one stream before the others get their turn
	tellEvery    = 250_000  // µs between notices for those who follow
	syncEvery    = 300_000_000
	retryStorage = 1_000_000
	retryReport  = 10_000_000
	quietAfter   = 1_000_000
	restAfter    = 64
)

// tick reads the clocks.
func (d *daemon) tick() {
	var real, mono unix.Timespec
	_ = unix.ClockGettime(unix.CLOCK_REALTIME, &real)
	_ = unix.ClockGettime(unix.CLOCK_MONOTONIC, &mono)
	d.now = Stamp{uint64(real.Nano()) / 1000, uint64(mono.Nano()) / 1000}
}

// append stores an entry, or counts it as lost.
func (d *daemon) append(set *Set, fields ...[]byte) {
	if d.lost > 0 && d.now.Mono < d.retryAt {
		d.lost++
		return
	}
	if err := d.store.Append(d.now, set, fields...); err != nil {
		d.lose(err)
		return
	}
	d.stored()
}

// stored notes that something has to be shown and put on disk.
func (d *daemon) stored() {
	d.dirty = true
	if d.syncAt == 0 {
		d.syncAt = d.now.Mono + syncEvery
	}
}

// lose counts an entry that could not be stored. What is too big for any file is not worth waiting for.
func (d *daemon) lose(err error) {
	if d.lost == 0 {
		d.lostAt = d.now
		d.lostWhy = reason(err)
		fmt.Fprintf(os.Stderr, "davit-journal: cannot store entries: %v\n", err)
	}
	d.lost++
	if errors.Is(err, ErrTooBig) {
		return
	}
	d.store.Vacuum()
	d.retryAt = d.now.Mono + retryStorage
}

// reason is the innermost error's text: the paths around it are of no interest to who reads the journal.
func reason(err error) string {
	for {
		if next := errors.Unwrap(err); next != nil {
			err = next
			continue
		}
		return err.Error()
	}
}

// report tries to store how much was lost, where the gap is: before anything else that is stored.
func (d *daemon) report() {
	if d.lost == 0 || d.now.Mono < d.retryAt {
		return
	}
	if d.store.w == nil && d.store.Reopen() != nil && d.store.w == nil {
		d.retryAt = d.now.Mono + retryReport
		return
	}
	n := strconv.FormatUint(d.lost, 10)
	text := "MESSAGE=Lost " + n + " entries here since " +
		time.UnixMicro(int64(d.lostAt.Real)).UTC().Format("2006-01-02 15:04:05 UTC") + ": " + d.lostWhy
	err := d.store.Append(d.now, d.own, []byte(text), []byte("PRIORITY=3"), []byte("N_DROPPED="+n))
	if err != nil {
		d.store.Vacuum()
		d.retryAt = d.now.Mono + retryStorage
		return
	}
	d.lost, d.retryAt = 0, 0
	d.stored()
}

// say stores an entry of the daemon's own.
func (d *daemon) say(priority int, text string) {
	d.append(d.own, []byte("MESSAGE="+text), []byte("PRIORITY="+strconv.Itoa(priority)))
}

// priority returns the field for a level.
func (d *daemon) priority(level int) []byte {
	d.prio = append(append(d.prio[:0], "PRIORITY="...), '0'+byte(level&7))
	return d.prio
}
