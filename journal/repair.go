package journal

import (
	"errors"
	"fmt"

	"golang.org/x/sys/unix"
)

// Errors of OpenWriter that say what to do with the file.
var (
	// ErrInUse means that another process is writing the file.
	ErrInUse = errors.New("journal file is in use")
	// ErrUnclean means that the file is damaged, or was open when the machine went down: it may be read, not written.
	ErrUnclean = errors.New("journal file was not closed cleanly")
	// ErrForeign means that the file is sound, but must be continued in another one: other features, another machine,
	// archived, full.
	ErrForeign = errors.New("journal file cannot be continued")
)

// OpenWriter opens an existing file to append to it. When its writer was killed, it finishes what that one had begun:
// the kernel kept every store of a killed process, so at most the last object lacks links.
func OpenWriter(path string, opt Options) (w *Writer, err error) {
	defer func() {
		if fault := recover(); fault != nil {
			err = fmt.Errorf("%w: %v", ErrUnclean, fault)
		}
		if err != nil {
			if w != nil {
				w.unmap()
			}
			w, err = nil, fmt.Errorf("cannot continue the journal file %s: %w", path, err)
		}
	}()
	fd, err := unix.Open(path, unix.O_RDWR|unix.O_CLOEXEC|unix.O_NOFOLLOW, 0)
	if err != nil {
		return nil, err
	}
	w = &Writer{path: path, fd: fd, boot: opt.Boot}
	if err := unix.Flock(fd, unix.LOCK_EX|unix.LOCK_NB); err == unix.EWOULDBLOCK {
		return w, ErrInUse
	}
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil {
		return w, err
	}
	w.size = uint64(st.Size)
	if w.size < headerSize {
		return w, ErrUnclean
	}
	w.max = max(opt.MaxSize, w.size, minFileSize)
	if err := w.remap(); err != nil {
		return w, err
	}
	return w, w.resume(opt)
}

// resume checks that the file is ours to continue and makes it whole.
func (w *Writer) resume(opt Options) error {
	m := w.m
	switch {
	case string(m[:8]) != signature:
		return ErrUnclean
	case w.get32(hIncompatible) != flagKeyed|flagCompact, w.get32(hCompatible) != 0,
		w.get(hHeaderSize) != headerSize, m[hState] == stateArchived, ID(m[hMachineID:hMachineID+16]) != opt.Machine:
		return ErrForeign
	case m[hState] == stateOnline && ID(m[hBootID:hBootID+16]) != w.boot:
		return ErrUnclean
	}
	online := m[hState] == stateOnline
	tail := w.get(hTailObject)
	if tail < headerSize || tail+oSize+8 > w.size || align8(tail+w.get(tail+oSize)) > w.size {
		return ErrUnclean
	}
	w.adopt()
	if online {
		if err := w.mend(); err != nil {
			return err
		}
	}
	w.put(hArenaSize, w.size-headerSize)
	w.m[hState] = stateOnline // not m: mending may have made another mapping
	return nil
}

// census is what a walk over all objects finds.
type census struct {
	objects, entries, fields, values, arrays uint64
	lastEntry, lastField, lastValue          uint64
}

// mend finishes what a killed writer had begun.
func (w *Writer) mend() error {
	c, err := w.walk()
	if err != nil {
		return err
	}
	w.put(hNumObjects, c.objects)
	w.put(hNumData, c.values)
	w.put(hNumFields, c.fields)
	w.put(hNumEntryArrays, c.arrays)
	if c.lastField != 0 {
		w.relink(w.fieldTab+w.get(c.lastField+fHash)%w.fields*16, c.lastField)
	}
	if c.lastValue != 0 {
		w.relink(w.table+w.get(c.lastValue+dHash)%w.buckets*16, c.lastValue)
		w.rehead(c.lastValue)
	}
	if c.lastEntry == 0 {
		return nil
	}
	// Room for the arrays that the last entry may still need.
	n := (w.get(c.lastEntry+oSize) - eItems) / 4
	if err := w.grow(w.end + (n+1)*(aItems+maxArray*4+8)); err != nil && !errors.Is(err, ErrRotate) {
		return err
	} else if err != nil {
		w.max += (n + 2) * (aItems + maxArray*4 + 8)
		if err := unix.Munmap(w.m); err != nil {
			return err
		}
		if err := w.remap(); err != nil {
			return err
		}
		if err := w.grow(w.max); err != nil {
			return err
		}
	}
	return w.rejoin(c)
}

// walk visits every object that the header knows.
func (w *Writer) walk() (c census, err error) {
	tail := w.get(hTailObject)
	for off := uint64(headerSize); off <= tail; {
		size := w.get(off + oSize)
		if size < 16 || off+size > w.end {
			return c, ErrUnclean
		}
		c.objects++
		switch w.m[off] {
		case objData:
			c.values, c.lastValue = c.values+1, off
		case objField:
			c.fields, c.lastField = c.fields+1, off
		case objEntry:
			c.entries, c.lastEntry = c.entries+1, off
		case objEntryArray:
			c.arrays++
		case objDataTable, objFieldTable:
		default:
			return c, ErrUnclean
		}
		if off == tail {
			return c, nil
		}
		off = align8(off + size)
	}
	return c, ErrUnclean
}

// relink makes sure that the object, the last of its kind, is at the end of its bucket's chain.
func (w *Writer) relink(bucket, off uint64) {
	last := uint64(0)
	for p := w.get(bucket); p != 0; p = w.get(p + dNextHash) {
		if p <= last {
			panic("circular hash chain")
		}
		last = p
	}
	if last != off {
		w.put(bucket+8, last)
		w.chainUp(bucket, off)
		return
	}
	w.put(bucket+8, off)
}

// rehead makes sure that the data object, the last one, is the first that its field names.
func (w *Writer) rehead(off uint64) {
	p := w.m[off+dPayloadComp : off+w.get(off+oSize)]
	for i, c := range p {
		if c == '=' {
			p = p[:i]
			break
		}
	}
	if owner := w.name(p); w.get(owner+fHeadData) != off {
		w.put(off+dNextField, w.get(owner+fHeadData))
		w.put(owner+fHeadData, off)
	}
}

// rejoin makes the last entry reachable from everywhere.
func (w *Writer) rejoin(c census) error {
	switch n := w.get(hNumEntries); n {
	case c.entries - 1:
		w.retail(mainList, n)
		w.enterMain(c.lastEntry)
	case c.entries:
		w.retail(mainList, n)
	default:
		return ErrUnclean
	}
	for p, end := c.lastEntry+eItems, c.lastEntry+w.get(c.lastEntry+oSize); p < end; p += 4 {
		d := uint64(w.get32(p))
		n := w.get(d + dNumEntries)
		last := uint64(0)
		if n == 1 {
			last = w.get(d + dEntry)
		} else if n > 1 {
			last = w.retail(fieldList(d), n-1)
		}
		if n == 1 {
			w.retail(fieldList(d), 0)
		}
		if last != c.lastEntry {
			w.enterField(d, c.lastEntry)
		}
	}
	w.joined(c.lastEntry)
	return nil
}

// retail finds the last array of a list of n entries anew and returns the last entry. An array that was linked but
// holds nothing yet is the last one.
func (w *Writer) retail(l list, n uint64) (entry uint64) {
	array, used := w.get(l.first), uint64(0)
	for array != 0 {
		room := (w.get(array+oSize) - aItems) / 4
		used = min(n, room)
		n -= used
		if used > 0 {
			entry = uint64(w.get32(array + aItems + 4*(used-1)))
		}
		next := w.get(array + aNext)
		if used < room || next == 0 {
			break
		}
		array = next
	}
	w.put32(l.tail, uint32(array))
	w.put32(l.used, uint32(used))
	return entry
}
