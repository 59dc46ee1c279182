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

// maxFields bounds what is read of a damaged entry.
const maxFields = 4096

// read completes the entry at off with its fields.
func (f *file) read(off uint64, e *Entry) error {
	o, ok := f.object(off, objEntry)
	if !ok {
		return errCorrupt
	}
	size := 16
	if f.compact {
		size = 4
	}
	n := min((len(o)-eItems)/size, maxFields)
	e.Fields = make([]Field, 0, n)
	for i := range n {
		p := o[eItems+i*size:]
		d := uint64(binary.LittleEndian.Uint32(p))
		if !f.compact {
			d = binary.LittleEndian.Uint64(p)
		}
		text, err := f.payload(d)
		if why, ok := err.(errCompressed); ok {
			e.Unreadable = append(e.Unreadable, why.Error())
			continue
		} else if err != nil {
			e.Unreadable = append(e.Unreadable, "damaged")
			continue
		}
		name, value, ok := strings.Cut(string(text), "=")
		if ok {
			e.Fields = append(e.Fields, Field{name, value})
		}
	}
	return nil
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
	for limit := f.head(hNumData) + 1; off != 0 && limit > 0; limit-- {
		o, ok := f.object(off, objData)
		if !ok {
			return
		}
		if p, err := f.payload(off); err == nil && len(p) >= prefix {
			fn(string(p[prefix:]), &entryList{f: f, inline: off + dEntry, rootAt: off + dEntryArray, countAt: off + dNumEntries})
		}
		off = binary.LittleEndian.Uint64(o[dNextField:])
	}
}
