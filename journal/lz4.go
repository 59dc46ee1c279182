package journal

import (
	"encoding/binary"
	"errors"
)

var errLZ4 = errors.New("damaged lz4 block")

// decodeLZ4 decodes a field as journald compressed it for some years: its length in eight bytes, then one block of the
// format of https://github.com/lz4/lz4/blob/dev/doc/lz4_Block_format.md.
func decodeLZ4(p []byte, limit int) ([]byte, error) {
	if len(p) < 9 {
		return nil, errLZ4
	}
	size := binary.LittleEndian.Uint64(p)
	if size > uint64(limit) {
		return nil, errLZ4
	}
	out := make([]byte, 0, min(size, 64<<10)) // it may be a lie
	for p = p[8:]; len(p) > 0; {
		token := p[0]
		literals, rest, ok := lz4Length(int(token>>4), p[1:])
		if !ok || literals > len(rest) || uint64(len(out)+literals) > size {
			return nil, errLZ4
		}
		out, p = append(out, rest[:literals]...), rest[literals:]
		if len(p) == 0 {
			break // the last sequence has no match
		}
		if len(p) < 2 {
			return nil, errLZ4
		}
		back := int(binary.LittleEndian.Uint16(p))
		match, rest, ok := lz4Length(int(token&15), p[2:])
		if match += 4; !ok || back == 0 || back > len(out) || uint64(len(out)+match) > size {
			return nil, errLZ4
		}
		p, out = rest, repeat(out, back, match)
	}
	if uint64(len(out)) != size {
		return nil, errLZ4
	}
	return out, nil
}

// lz4Length reads a length that began with n: 15 goes on in bytes that are added up, to the first below 255.
func lz4Length(n int, p []byte) (length int, rest []byte, ok bool) {
	if n < 15 {
		return n, p, true
	}
	for i, c := range p {
		if n += int(c); c < 255 {
			return n, p[i+1:], true
		}
	}
	return 0, nil, false
}

// repeat appends n bytes from so far back, which may overlap what is appended.
func repeat(out []byte, back, n int) []byte {
	for n > 0 {
		k := min(n, back)
		from := len(out) - back
		out = append(out, out[from:from+k]...)
		n -= k
	}
	return out
}
