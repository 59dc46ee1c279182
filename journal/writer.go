package journal

import (
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync/atomic"

	"golang.org/x/sys/unix"
)

// Errors of Writer.Append that say what to do next.
var (
	// ErrRotate means that the file takes no more entries: archive it and begin another.
	ErrRotate = errors.New("journal file is full")
	// ErrTooBig means that the entry fits into no file.
	ErrTooBig = errors.New("journal entry is too big")
)

const (
	growStep    = 4 << 20 // how much space is allocated at a time
	maxArray    = 2048    // entries in one array object; bounds what one append may need
	minFileSize = 512 << 10
	maxFileSize = 1 << 31
	fieldSlots  = 333
	maxChain    = 100 // longest chain of a hash table before the file is given up
)

// Stamp is when an entry is received: microseconds of CLOCK_REALTIME and CLOCK_MONOTONIC.
type Stamp struct{ Real, Mono uint64 }

// Options says what a file is to be like.
type Options struct {
	Machine, Boot ID
	MaxSize       uint64 // of the file in bytes, 0: 64 MB
	Seqnum        uint64 // number of the last entry in the file before this one
	SeqnumID      ID     // what that count belongs to; zero: a new count
}

// Writer appends entries to one journal file that it has mapped. It is not safe for concurrent use. After an error
// other than ErrTooBig and a lack of space, close it.
type Writer struct {
	path     string
	fd       int
	m        []byte // the mapping, as long as the file may become
	size     uint64 // of the file
	max      uint64
	end      uint64 // where the next object goes
	k0, k1   uint64
	buckets  uint64 // of the data hash table
	table    uint64 // its first bucket
	fieldTab uint64
	fields   uint64 // buckets of the field hash table
	boot     ID
	gen      uint32
	lastMono uint64
	lastReal uint64
	chain    uint64  // longest chain met
	words    [8]item // the PRIORITY= fields
	items    []uint32
	trimmed  uint64
	touched  bool // something was stored since Released
}

// item is a data object and its contribution to the combined hash of an entry.
type item struct {
	off uint32
	xor uint64
}

var generation atomic.Uint32

// Create makes a new file at path, which appears there complete or not at all. It replaces what is there.
func Create(path string, opt Options) (*Writer, error) {
	var salt [8]byte
	_, _ = rand.Read(salt[:])
	temp := filepath.Join(filepath.Dir(path), fmt.Sprintf(".#%s%x", filepath.Base(path), salt))
	w, err := create(temp, opt)
	if err == nil {
		if err = os.Rename(temp, path); err != nil {
			w.unmap()
		}
	}
	if err != nil {
		_ = os.Remove(temp)
		return nil, fmt.Errorf("cannot make the journal file %s: %w", path, err)
	}
	w.path = path
	return w, nil
}

func create(path string, opt Options) (*Writer, error) {
	fd, err := unix.Open(path, unix.O_RDWR|unix.O_CREAT|unix.O_EXCL|unix.O_CLOEXEC|unix.O_NOFOLLOW, 0o640)
	if err != nil {
		return nil, err
	}
	w := &Writer{path: path, fd: fd, boot: opt.Boot, max: opt.MaxSize}
	if w.max == 0 {
		w.max = 64 << 20
	}
	w.max = min(max(w.max, minFileSize), maxFileSize)
	_ = unix.Flock(fd, unix.LOCK_EX|unix.LOCK_NB)
	if err := w.lay(opt); err != nil {
		w.unmap()
		return nil, err
	}
	return w, nil
}

// lay writes the header and the two empty hash tables.
func (w *Writer) lay(opt Options) error {
	buckets := max(w.max/384, 2047)
	fieldEnd := uint64(headerSize) + tItems + fieldSlots*16
	end := fieldEnd + tItems + buckets*16
	if err := w.grow(end); err != nil {
		return err
	}
	if err := w.remap(); err != nil {
		return err
	}
	m := w.m
	copy(m, signature)
	w.put32(hIncompatible, flagKeyed|flagCompact)
	var id ID
	if _, err := rand.Read(id[:]); err != nil {
		return err
	}
	copy(m[hFileID:], id[:])
	copy(m[hMachineID:], opt.Machine[:])
	copy(m[hBootID:], opt.Boot[:])
	if opt.SeqnumID == (ID{}) {
		opt.SeqnumID = id
	}
	copy(m[hSeqnumID:], opt.SeqnumID[:])
	w.put(hHeaderSize, headerSize)
	w.put(hArenaSize, w.size-headerSize)
	w.put(hTailSeqnum, opt.Seqnum)
	w.head(headerSize, objFieldTable, tItems+fieldSlots*16)
	w.put(hFieldTable, headerSize+tItems)
	w.put(hFieldTableSize, fieldSlots*16)
	w.head(fieldEnd, objDataTable, tItems+buckets*16)
	w.put(hDataTable, fieldEnd+tItems)
	w.put(hDataTableSize, buckets*16)
	w.put(hTailObject, fieldEnd)
	w.put(hNumObjects, 2)
	w.adopt()
	w.m[hState] = stateOnline
	return nil
}

// adopt takes from the header what the writer needs to know.
func (w *Writer) adopt() {
	w.k0 = w.get(hFileID)
	w.k1 = w.get(hFileID + 8)
	w.table, w.buckets = w.get(hDataTable), w.get(hDataTableSize)/16
	w.fieldTab, w.fields = w.get(hFieldTable), w.get(hFieldTableSize)/16
	tail := w.get(hTailObject)
	w.end = align8(tail + w.get(tail+oSize))
	w.lastReal = w.get(hTailRealtime)
	if ID(w.m[hBootID:hBootID+16]) == w.boot {
		w.lastMono = w.get(hTailMonotonic)
	}
	w.gen = generation.Add(1)
	w.trimmed = w.end
}

// remap maps the file as long as it may ever become, so that growing it needs no new mapping.
func (w *Writer) remap() (err error) {
	w.m, err = unix.Mmap(w.fd, 0, int(w.max), unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	if err != nil {
		w.m = nil
	}
	return err
}

// grow allocates space so that the file is at least need long.
func (w *Writer) grow(need uint64) error {
	if need <= w.size {
		return nil
	}
	if need > w.max {
		return ErrRotate
	}
	size := min((need+growStep-1)/growStep*growStep, w.max)
	err := allocate(w.fd, w.size, size)
	if err != nil && size > need {
		size = min((need+0xffff)&^0xffff, w.max)
		err = allocate(w.fd, w.size, size)
	}
	if err != nil {
		return fmt.Errorf("cannot allocate space for %s: %w", w.path, err)
	}
	w.size = size
	if w.m != nil {
		w.put(hArenaSize, size-headerSize)
	}
	return nil
}

// allocate makes sure that the file's blocks from old to size exist: storing into a mapped hole on a full disk would be
// SIGBUS. Where the file system cannot allocate, it writes zeros.
func allocate(fd int, old, size uint64) error {
	err := unix.Fallocate(fd, 0, int64(old), int64(size-old))
	for err == unix.EINTR {
		err = unix.Fallocate(fd, 0, int64(old), int64(size-old))
	}
	if err != unix.EOPNOTSUPP && err != unix.ENOSYS {
		return err
	}
	zero := make([]byte, 64<<10)
	for old < size {
		n, err := unix.Pwrite(fd, zero[:min(uint64(len(zero)), size-old)], int64(old))
		if err != nil {
			return err
		}
		old += uint64(n)
	}
	return nil
}

// Path returns where the file is.
func (w *Writer) Path() string { return w.path }

// Entries returns the number of entries in the file.
func (w *Writer) Entries() uint64 { return w.get(hNumEntries) }

// Seqnum returns the number of the last entry, in this file or the one before.
func (w *Writer) Seqnum() uint64 { return w.get(hTailSeqnum) }

// SeqnumID returns what the numbers of entries belong to.
func (w *Writer) SeqnumID() ID { return ID(w.m[hSeqnumID : hSeqnumID+16]) }

// Next returns options for the file that follows this one.
func (w *Writer) Next() Options {
	return Options{
		Machine: ID(w.m[hMachineID : hMachineID+16]), Boot: w.boot, MaxSize: w.max,
		Seqnum: w.Seqnum(), SeqnumID: w.SeqnumID(),
	}
}

// Changed tells those who watch the file with inotify that it has new entries; stores into a mapping do not.
func (w *Writer) Changed() { _ = unix.Ftruncate(w.fd, int64(w.size)) }

// trimEvery is how much may be stored before Trim gives up memory.
const trimEvery = 8 << 20

// Trim gives up memory while much is being stored.
func (w *Writer) Trim() {
	if w.end-w.trimmed > trimEvery {
		w.trimmed = w.end
		w.Release()
	}
}

// Release gives up the memory that the mapping has touched; the pages stay in the kernel's cache. Call it before
// a long sleep.
func (w *Writer) Release() {
	if w.touched {
		w.touched = false
		_ = unix.Madvise(w.m, unix.MADV_DONTNEED)
	}
}

// Sync makes what was stored survive a crash of the machine. It may take long.
func (w *Writer) Sync() error { return unix.Fsync(w.fd) }

// SetOnline says in the header whether somebody is writing. A file that is not online is complete on disk, so the
// caller syncs before saying so. Append sets it online again.
func (w *Writer) SetOnline(on bool) {
	if on {
		w.m[hState] = stateOnline
	} else {
		w.m[hState] = stateOffline
	}
}

// Close ends the writing and leaves the file offline where it is.
func (w *Writer) Close() error {
	err := w.Sync()
	w.SetOnline(false)
	w.unmap()
	return err
}

func (w *Writer) unmap() {
	if w.m != nil {
		_ = unix.Munmap(w.m)
		w.m = nil
	}
	if w.fd >= 0 {
		_ = unix.Close(w.fd)
		w.fd = -1
	}
}

func (w *Writer) get(off uint64) uint64      { return binary.LittleEndian.Uint64(w.m[off:]) }
func (w *Writer) put(off, v uint64)          { binary.LittleEndian.PutUint64(w.m[off:], v) }
func (w *Writer) get32(off uint64) uint32    { return binary.LittleEndian.Uint32(w.m[off:]) }
func (w *Writer) put32(off uint64, v uint32) { binary.LittleEndian.PutUint32(w.m[off:], v) }

// head writes an object's header.
func (w *Writer) head(off uint64, kind byte, size uint64) {
	w.put(off, uint64(kind))
	w.put(off+oSize, size)
}
