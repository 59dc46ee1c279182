package journal

import (
	"encoding/binary"
	"errors"
)

// Long fields in files of the real journald are zstd frames. This decodes them as RFC 8878 has it: one frame, no
// dictionary; the checksum, which journald leaves out, is not looked at.

var errZstd = errors.New("damaged zstd frame")

const zstdMagic = 0xfd2fb528

// unzstd is a frame that is being decoded. What later blocks may refer to is kept: the output, the tables, the offsets.
type unzstd struct {
	out    []byte
	limit  int
	huff   huffman
	tables [3]fseTable // of literal lengths, offsets, match lengths
	recent [3]int      // offsets used last
	codes  []byte      // scratch: the literals of a block
}

// decodeZstd returns what a frame contains, which is at most limit bytes.
func decodeZstd(p []byte, limit int) ([]byte, error) {
	p, size, err := zstdHeader(p)
	if err != nil {
		return nil, err
	}
	if size > uint64(limit) {
		return nil, errZstd
	}
	z := &unzstd{limit: limit, recent: [3]int{1, 4, 8}}
	z.out = make([]byte, 0, min(size, 64<<10)) // the size may be a lie
	for {
		if len(p) < 3 {
			return nil, errZstd
		}
		h := int(p[0]) | int(p[1])<<8 | int(p[2])<<16
		last, kind, n := h&1 != 0, h>>1&3, h>>3
		p = p[3:]
		if n > 128<<10 || kind != 1 && n > len(p) {
			return nil, errZstd
		}
		switch kind {
		case 0:
			z.out, p = append(z.out, p[:n]...), p[n:]
		case 1:
			if len(p) < 1 {
				return nil, errZstd
			}
			for range n {
				z.out = append(z.out, p[0])
			}
			p = p[1:]
		case 2:
			if err := z.block(p[:n]); err != nil {
				return nil, err
			}
			p = p[n:]
		default:
			return nil, errZstd
		}
		if len(z.out) > limit {
			return nil, errZstd
		}
		if last {
			return z.out, nil
		}
	}
}

// zstdHeader reads the frame's header: what is behind it, and how long the content is if that is said.
func zstdHeader(p []byte) (rest []byte, size uint64, err error) {
	if len(p) < 6 || binary.LittleEndian.Uint32(p) != zstdMagic {
		return nil, 0, errZstd
	}
	desc := p[4]
	single := desc&0x20 != 0
	at := 5
	if !single {
		at++ // the window, which is all that was decoded
	}
	at += []int{0, 1, 2, 4}[desc&3]
	width := []int{0, 2, 4, 8}[desc>>6]
	if width == 0 && single {
		width = 1
	}
	if desc&0x08 != 0 || len(p) < at+width {
		return nil, 0, errZstd
	}
	for i := range width {
		size |= uint64(p[at+i]) << (8 * i)
	}
	if width == 2 {
		size += 256
	}
	return p[at+width:], size, nil
}

// block decodes a compressed block: literals, and sequences that say how they are put together with what came before.
func (z *unzstd) block(p []byte) error {
	p, err := z.literals(p)
	if err != nil {
		return err
	}
	return z.sequences(p)
}

// literals decodes the literals into codes and returns what is behind them.
func (z *unzstd) literals(p []byte) ([]byte, error) {
	if len(p) < 1 {
		return nil, errZstd
	}
	kind, format := p[0]&3, p[0]>>2&3
	if kind < 2 {
		n, width := plainSize(p, format)
		if p = p[min(width, len(p)):]; n < 0 || n > 128<<10 {
			return nil, errZstd
		}
		z.codes = z.codes[:0]
		if kind == 0 {
			if n > len(p) {
				return nil, errZstd
			}
			z.codes = append(z.codes, p[:n]...)
			return p[n:], nil
		}
		if len(p) < 1 {
			return nil, errZstd
		}
		for range n {
			z.codes = append(z.codes, p[0])
		}
		return p[1:], nil
	}
	width := []int{3, 3, 4, 5}[format]
	field := []int{10, 10, 14, 18}[format]
	if len(p) < width {
		return nil, errZstd
	}
	h := uint64(0)
	for i := range width {
		h |= uint64(p[i]) << (8 * i)
	}
	n, packed := int(h>>4&(1<<field-1)), int(h>>(4+field)&(1<<field-1))
	if p = p[width:]; packed > len(p) || n > 128<<10 {
		return nil, errZstd
	}
	body := p[:packed]
	if kind == 2 {
		var err error
		if body, err = z.huff.describe(body); err != nil {
			return nil, err
		}
	}
	return p[packed:], z.streams(body, n, format != 0)
}

// plainSize returns how long literals are that are not compressed, and how long that statement is; negative if it is cut.
func plainSize(p []byte, format byte) (n, width int) {
	switch {
	case format&1 == 0:
		return int(p[0] >> 3), 1
	case format == 1 && len(p) >= 2:
		return int(p[0]>>4) | int(p[1])<<4, 2
	case format == 3 && len(p) >= 3:
		return int(p[0]>>4) | int(p[1])<<4 | int(p[2])<<12, 3
	}
	return -1, 0
}

// streams decodes n literals from one stream or four.
func (z *unzstd) streams(p []byte, n int, four bool) error {
	z.codes = z.codes[:0]
	if !four {
		return z.stream(p, n)
	}
	if len(p) < 6 {
		return errZstd
	}
	each := (n + 3) / 4
	jump, p := p, p[6:]
	for i := range 3 {
		size := int(binary.LittleEndian.Uint16(jump[2*i:]))
		if size > len(p) {
			return errZstd
		}
		if err := z.stream(p[:size], each); err != nil {
			return err
		}
		p = p[size:]
	}
	if n < 3*each {
		return errZstd
	}
	return z.stream(p, n-3*each)
}

func (z *unzstd) stream(p []byte, n int) (err error) {
	z.codes, err = z.huff.decode(z.codes, p, n)
	return err
}
