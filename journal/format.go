package journal

import (
	"crypto/rand"
	"encoding/hex"
)

// ID is a 128-bit id: of a boot, a machine, an invocation, a stream, a file.
type ID [16]byte

// String returns the id as 32 lower-case hexadecimal digits.
func (id ID) String() string { return hex.EncodeToString(id[:]) }

// ParseID reads 32 hexadecimal digits, with or without the dashes of a UUID.
func ParseID(s string) (ID, bool) {
	var id ID
	n := 0
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case c == '-' && len(s) == 36:
			continue
		case c >= '0' && c <= '9':
			c -= '0'
		case c >= 'a' && c <= 'f':
			c -= 'a' - 10
		case c >= 'A' && c <= 'F':
			c -= 'A' - 10
		default:
			return ID{}, false
		}
		if n == 32 {
			return ID{}, false
		}
		id[n/2] = id[n/2]<<4 | c
		n++
	}
	return id, n == 32
}

// The journal file format, as systemd publishes it: https://systemd.io/JOURNAL_FILE_FORMAT/. All numbers are
// little-endian, all objects start at multiples of eight.

const signature = "LPKSHHRH"

// Incompatible flags of the header: who does not know one of them must not read the file.
const (
	flagXZ      = 1 << 0
	flagLZ4     = 1 << 1
	flagKeyed   = 1 << 2
	flagZstd    = 1 << 3
	flagCompact = 1 << 4
	knownFlags  = flagXZ | flagLZ4 | flagKeyed | flagZstd | flagCompact
)

// States of a file.
const (
	stateOffline = iota
	stateOnline
	stateArchived
)

// Offsets in the header. headerMin is the length of the oldest one, headerSize that of those which we write (252's).
const (
	hSignature        = 0
	hCompatible       = 8
	hIncompatible     = 12
	hState            = 16
	hFileID           = 24
	hMachineID        = 40
	hBootID           = 56
	hSeqnumID         = 72
	hHeaderSize       = 88
	hArenaSize        = 96
	hDataTable        = 104
	hDataTableSize    = 112
	hFieldTable       = 120
	hFieldTableSize   = 128
	hTailObject       = 136
	hNumObjects       = 144
	hNumEntries       = 152
	hTailSeqnum       = 160
	hHeadSeqnum       = 168
	hEntryArray       = 176
	hHeadRealtime     = 184
	hTailRealtime     = 192
	hTailMonotonic    = 200
	hNumData          = 208
	hNumFields        = 216
	hNumTags          = 224
	hNumEntryArrays   = 232
	hDataChainDepth   = 240
	hFieldChainDepth  = 248
	hTailArray        = 256 // 32 bits
	hTailArrayEntries = 260 // 32 bits
	headerMin         = 208
	headerSize        = 264
)

// Types of objects.
const (
	objUnused = iota
	objData
	objField
	objEntry
	objDataTable
	objFieldTable
	objEntryArray
	objTag
	numObjectTypes
)

// Flags of a data object: how its payload is compressed.
const (
	objXZ   = 1 << 0
	objLZ4  = 1 << 1
	objZstd = 1 << 2
)

// Offsets in objects. The first 16 bytes are type, flags and, from oSize, the length of the object with this header.
const (
	oType  = 0
	oFlags = 1
	oSize  = 8

	dHash        = 16
	dNextHash    = 24
	dNextField   = 32
	dEntry       = 40 // the first entry that has this field
	dEntryArray  = 48 // the array of the others
	dNumEntries  = 56
	dTailArray   = 64 // compact only, 32 bits
	dTailEntries = 68 // compact only, 32 bits
	dPayload     = 64
	dPayloadComp = 72

	fHash     = 16
	fNextHash = 24
	fHeadData = 32
	fPayload  = 40

	eSeqnum    = 16
	eRealtime  = 24
	eMonotonic = 32
	eBootID    = 40
	eXorHash   = 56
	eItems     = 64 // 4 bytes each when compact, else 16: offset and hash

	tItems = 16 // hash tables: head and tail of each bucket

	aNext  = 16
	aItems = 24 // 4 bytes each when compact, else 8
)

func align8(n uint64) uint64 { return (n + 7) &^ 7 }

// NewID returns a random id.
func NewID() (id ID) {
	_, _ = rand.Read(id[:]) // crypto/rand never fails
	return id
}
