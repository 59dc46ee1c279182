package journal

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"
)

// Entry is one entry of a journal, with its own copy of everything.
type Entry struct {
	Seqnum    uint64
	SeqnumID  ID
	Realtime  uint64 // when it was received, microseconds since 1970
	Monotonic uint64 // and since the boot
	Boot      ID
	Hash      uint64 // of all fields together
	Fields    []Field
	// Unreadable says why fields are missing: "compressed with zstd".
	Unreadable []string
}

// Get returns the first value of a field, empty if the entry does not have it.
func (e *Entry) Get(name string) string {
	for i := range e.Fields {
		if e.Fields[i].Name == name {
			return e.Fields[i].Value
		}
	}
	return ""
}

// Cursor returns the text by which journalctl, too, finds this entry again.
func (e *Entry) Cursor() string {
	return fmt.Sprintf("s=%s;i=%x;b=%s;m=%x;t=%x;x=%x", e.SeqnumID, e.Seqnum, e.Boot, e.Monotonic, e.Realtime, e.Hash)
}

// parseCursor reads what Cursor wrote.
func parseCursor(s string) (e Entry, err error) {
	seen := 0
	for part := range strings.SplitSeq(s, ";") {
		key, v, _ := strings.Cut(part, "=")
		ok := true
		var n uint64
		switch key {
		case "s":
			e.SeqnumID, ok = ParseID(v)
		case "b":
			e.Boot, ok = ParseID(v)
		case "i", "m", "t", "x":
			n, err = strconv.ParseUint(v, 16, 64)
			ok = err == nil
		default:
			continue
		}
		if !ok {
			return e, fmt.Errorf("cannot read the cursor %q: %q is not valid", s, part)
		}
		seen++
		switch key {
		case "i":
			e.Seqnum = n
		case "m":
			e.Monotonic = n
		case "t":
			e.Realtime = n
		case "x":
			e.Hash = n
		}
	}
	if seen < 2 {
		return e, fmt.Errorf("cannot read the cursor %q: it says no place", s)
	}
	return e, nil
}

// compare tells which of two entries comes first. Numbers of one count decide, else the clock of one boot, else the wall
// clock; equal are two copies of one entry.
func (e *Entry) compare(o *Entry) int {
	if e.SeqnumID == o.SeqnumID && e.Seqnum != o.Seqnum {
		return cmp.Compare(e.Seqnum, o.Seqnum)
	}
	if e.Boot == o.Boot && e.Monotonic != o.Monotonic {
		return cmp.Compare(e.Monotonic, o.Monotonic)
	}
	return cmp.Or(cmp.Compare(e.Realtime, o.Realtime), cmp.Compare(e.Hash, o.Hash))
}

// entryHead reads where and when of the entry at off.
func (f *file) entryHead(off uint64) (Entry, bool) {
	o, ok := f.object(off, objEntry)
	if !ok {
		return Entry{}, false
	}
	return Entry{
		Seqnum: binary.LittleEndian.Uint64(o[eSeqnum:]), SeqnumID: f.id(hSeqnumID),
		Realtime: binary.LittleEndian.Uint64(o[eRealtime:]), Monotonic: binary.LittleEndian.Uint64(o[eMonotonic:]),
		Boot: ID(o[eBootID : eBootID+16]), Hash: binary.LittleEndian.Uint64(o[eXorHash:]),
	}, true
}

// copyOf reports whether two entries are the same one, in two files.
func (e *Entry) copyOf(o *Entry) bool {
	return e.Realtime == o.Realtime && e.Hash == o.Hash && e.Seqnum != 0 && e.compare(o) == 0
}

// What is read of a damaged entry at most.
const (
	maxFields = 4096
	maxRead   = 256 << 20
)

// items visits the data objects of the entry at off, and says whether there is one. The payloads are valid until the next refresh.
func (f *file) items(off uint64, fn func(payload []byte, err error) (more bool)) bool {
	o, ok := f.object(off, objEntry)
	if !ok {
		return false
	}
	size := 16
	if f.compact {
		size = 4
	}
	for i := range min((len(o)-eItems)/size, maxFields) {
		p := o[eItems+i*size:]
		d := uint64(binary.LittleEndian.Uint32(p))
		if !f.compact {
			d = binary.LittleEndian.Uint64(p)
		}
		if !fn(f.payload(d)) {
			break
		}
	}
	return true
}

// field returns the value of the first field of the entry at off that begins with name, "=" included.
func (f *file) field(off uint64, name string) (value []byte) {
	f.items(off, func(p []byte, err error) bool {
		if err != nil || len(p) < len(name) || string(p[:len(name)]) != name {
			return true
		}
		value = p[len(name):]
		return false
	})
	return value
}

// read completes the entry at off with its fields, and says whether there is one. All values share one string.
func (f *file) read(off uint64, e *Entry) bool {
	var room [64][]byte
	all, total := room[:0], 0
	ok := f.items(off, func(p []byte, err error) bool {
		if err != nil {
			e.Unreadable = append(e.Unreadable, unreadable(err))
			return true
		}
		all = append(all, p)
		total += len(p)
		return total <= maxRead
	})
	if !ok || total > maxRead {
		return false
	}
	var text strings.Builder
	text.Grow(total)
	for _, p := range all {
		text.Write(p)
	}
	e.Fields = make([]Field, 0, len(all))
	rest := text.String()
	for _, p := range all {
		name, value, ok := strings.Cut(rest[:len(p)], "=")
		if ok {
			e.Fields = append(e.Fields, Field{name, value})
		}
		rest = rest[len(p):]
	}
	return true
}

// unreadable is why a field is missing.
func unreadable(err error) string {
	if why, ok := err.(errCompressed); ok {
		return why.Error()
	}
	return "damaged"
}

// values visits every value that a field has in the file, with the entries that have it.
func (f *file) values(name string, fn func(value string, entries *entryList)) {
	hash := jenkins64([]byte(name))
	if f.flags&flagKeyed != 0 {
		hash = siphash24(f.get(hFileID), f.get(hFileID+8), []byte(name))
	}
	table, size := f.get(hFieldTable), f.get(hFieldTableSize)
	if size < 16 {
		return
	}
	off := f.get(table + hash%(size/16)*16)
	for last := uint64(0); off > last; {
		o, ok := f.object(off, objField)
		if !ok {
			return
		}
		if string(o[fPayload:]) == name {
			f.chain(binary.LittleEndian.Uint64(o[fHeadData:]), len(name)+1, fn)
			return
		}
		last, off = off, binary.LittleEndian.Uint64(o[fNextHash:])
	}
}

// chain visits the data objects of a field, the newest first.
func (f *file) chain(off uint64, prefix int, fn func(value string, entries *entryList)) {
	for last := uint64(len(f.m)); off < last; { // else it is damaged, and might go round in circles
		o, ok := f.object(off, objData)
		if !ok {
			return
		}
		if p, err := f.payload(off); err == nil && len(p) >= prefix {
			fn(string(p[prefix:]), &entryList{f: f, inline: off + dEntry, rootAt: off + dEntryArray, countAt: off + dNumEntries})
		}
		last, off = off, binary.LittleEndian.Uint64(o[dNextField:])
	}
}
