package journal

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// file is a journal file that is read: anybody's, perhaps still growing, perhaps damaged. Nothing in it is trusted.
// Every access is checked against the mapping, whose length is that of the file.
type file struct {
	path    string
	f       *os.File
	m       []byte
	flags   uint32 // incompatible features
	compact bool
	hdr     uint64 // length of the header
	dev     uint64
	ino     uint64
	all     entryList
}

var errCorrupt = errors.New("damaged journal file")

// openFile maps a file for reading.
func openFile(path string) (*file, error) {
	h, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	f := &file{path: path, f: h}
	if err := f.begin(); err != nil {
		f.close()
		return nil, fmt.Errorf("cannot read the journal file %s: %w", path, err)
	}
	return f, nil
}

func (f *file) begin() error {
	var st unix.Stat_t
	if err := unix.Fstat(int(f.f.Fd()), &st); err != nil {
		return err
	}
	f.dev, f.ino = st.Dev, st.Ino
	if st.Mode&unix.S_IFMT != unix.S_IFREG {
		return errors.New("not a regular file")
	}
	if err := f.refresh(); err != nil {
		return err
	}
	if len(f.m) < headerMin || string(f.m[:8]) != signature {
		return errCorrupt
	}
	f.flags = binary.LittleEndian.Uint32(f.m[hIncompatible:])
	if f.flags&^uint32(knownFlags) != 0 {
		return fmt.Errorf("unknown incompatible features %#x", f.flags&^uint32(knownFlags))
	}
	f.compact = f.flags&flagCompact != 0
	f.hdr = binary.LittleEndian.Uint64(f.m[hHeaderSize:])
	if f.hdr < headerMin || f.hdr > uint64(len(f.m)) {
		return errCorrupt
	}
	f.all = entryList{f: f, rootAt: hEntryArray, countAt: hNumEntries}
	return nil
}

// refresh maps what the file has grown by. Slices of the mapping become invalid.
func (f *file) refresh() error {
	var st unix.Stat_t
	if err := unix.Fstat(int(f.f.Fd()), &st); err != nil {
		return err
	}
	if int64(len(f.m)) == st.Size {
		return nil
	}
	if st.Size > 1<<40 {
		return errCorrupt
	}
	if f.m != nil {
		_ = unix.Munmap(f.m)
		f.m = nil
	}
	if st.Size == 0 {
		return nil
	}
	m, err := unix.Mmap(int(f.f.Fd()), 0, int(st.Size), unix.PROT_READ, unix.MAP_SHARED)
	if err != nil {
		return fmt.Errorf("cannot map: %w", err)
	}
	f.m = m
	return nil
}

func (f *file) close() {
	if f.m != nil {
		_ = unix.Munmap(f.m)
		f.m = nil
	}
	_ = f.f.Close()
}

// get reads a number, 0 beyond the end.
func (f *file) get(off uint64) uint64 {
	if n := uint64(len(f.m)); off > n || n-off < 8 {
		return 0
	}
	return binary.LittleEndian.Uint64(f.m[off:])
}

func (f *file) get32(off uint64) uint32 {
	if n := uint64(len(f.m)); off > n || n-off < 4 {
		return 0
	}
	return binary.LittleEndian.Uint32(f.m[off:])
}

// head reads a number of the header, 0 if this file's header is older than the number.
func (f *file) head(off uint64) uint64 {
	if off+8 > f.hdr {
		return 0
	}
	return f.get(off)
}

func (f *file) id(off uint64) (id ID) {
	if off+16 <= uint64(len(f.m)) {
		copy(id[:], f.m[off:])
	}
	return id
}

// minimum lengths of objects by type.
var minObject = [numObjectTypes]uint64{
	objData: dPayload, objField: fPayload, objEntry: eItems, objDataTable: tItems, objFieldTable: tItems,
	objEntryArray: aItems, objTag: 64,
}

// object returns the object at off, which must be of the given type.
func (f *file) object(off uint64, kind byte) ([]byte, bool) {
	n := uint64(len(f.m))
	if off%8 != 0 || off < f.hdr || off > n || n-off < 16 {
		return nil, false
	}
	size := binary.LittleEndian.Uint64(f.m[off+oSize:])
	if f.m[off] != kind || size < minObject[kind] || size > n-off {
		return nil, false
	}
	return f.m[off : off+size : off+size], true
}

// payload returns the field of a data object. The slice is valid until the next refresh when it was not compressed.
func (f *file) payload(off uint64) ([]byte, error) {
	o, ok := f.object(off, objData)
	start := dPayload
	if f.compact {
		start = dPayloadComp
	}
	if !ok || len(o) < start {
		return nil, errCorrupt
	}
	if how := o[oFlags] & (objXZ | objLZ4 | objZstd); how != 0 {
		return decompress(how, o[start:])
	}
	return o[start:], nil
}

// maxField bounds what a compressed field may become.
const maxField = 64 << 20

// decompress undoes what newer journald does to long fields. There is no reader of xz here, which old files may have.
func decompress(how byte, p []byte) ([]byte, error) {
	switch {
	case how&objZstd != 0:
		return decodeZstd(p, maxField)
	case how&objLZ4 != 0:
		return decodeLZ4(p, maxField)
	}
	return nil, errCompressed("xz")
}

// errCompressed is a field that cannot be read here.
type errCompressed string

func (e errCompressed) Error() string { return "compressed with " + string(e) }

// itemSize is how long an item of an entry array is.
func (f *file) itemSize() uint64 {
	if f.compact {
		return 4
	}
	return 8
}

// find returns the offset of the data object of a field, 0 if the file does not have it.
func (f *file) find(field []byte) uint64 {
	hash := jenkins64(field)
	if f.flags&flagKeyed != 0 {
		hash = siphash24(f.get(hFileID), f.get(hFileID+8), field)
	}
	table, size := f.get(hDataTable), f.get(hDataTableSize)
	if size < 16 {
		return 0
	}
	off := f.get(table + hash%(size/16)*16)
	for last := uint64(0); off > last; {
		o, ok := f.object(off, objData)
		if !ok {
			return 0
		}
		if binary.LittleEndian.Uint64(o[dHash:]) == hash {
			if p, err := f.payload(off); err == nil && string(p) == string(field) {
				return off
			}
		}
		last, off = off, binary.LittleEndian.Uint64(o[dNextHash:])
	}
	return 0
}
