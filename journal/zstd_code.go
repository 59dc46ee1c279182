package journal

import (
	"encoding/binary"
	"math/bits"
)

// backward is a stream of bits that is read from its end, where the highest set bit only marks it.
type backward struct {
	p    []byte
	left int // bits not read yet; negative if more were asked for than there are
}

func newBackward(p []byte) (backward, bool) {
	if len(p) == 0 || p[len(p)-1] == 0 {
		return backward{}, false
	}
	return backward{p, 8*len(p) - 9 + bits.Len8(p[len(p)-1])}, true
}

// read takes n bits, at most 32. Beyond the beginning there are zeros.
func (b *backward) read(n int) uint32 {
	v := b.peek(n)
	b.left -= n
	return v
}

func (b *backward) peek(n int) uint32 {
	at, missing := b.left-n, 0
	if at < 0 {
		missing = min(-at, n)
		at = 0
	}
	v := b.word(at>>3) >> (at & 7) << missing
	return uint32(v & (1<<n - 1))
}

func (b *backward) word(i int) uint64 {
	if i+8 <= len(b.p) {
		return binary.LittleEndian.Uint64(b.p[i:])
	}
	v := uint64(0)
	for k := len(b.p) - 1; k >= i; k-- {
		v = v<<8 | uint64(b.p[k])
	}
	return v
}

// fseTable decodes symbols of one kind: each state is a symbol, and which states may follow.
type fseTable struct {
	log    int
	states []fseState
}

type fseState struct {
	symbol byte
	bits   uint8
	base   uint16
}

// describe reads a table's description and returns what is behind it.
func (t *fseTable) describe(p []byte, maxLog, maxSymbol int) ([]byte, error) {
	at := 0 // bits read
	read := func(n int) int {
		v := 0
		for i := range n {
			if k := at + i; k>>3 < len(p) {
				v |= int(p[k>>3]>>(k&7)&1) << i
			}
		}
		at += n
		return v
	}
	log := read(4) + 5
	if log > maxLog {
		return nil, errZstd
	}
	var counts [256]int16
	symbol := 0
	for rest := 1 << log; rest > 0; symbol++ {
		if symbol > maxSymbol || at > 8*len(p) {
			return nil, errZstd
		}
		n := bits.Len(uint(rest + 1))
		v := read(n)
		low, short := 1<<(n-1)-1, 1<<n-1-(rest+1)
		if v&low < short { // the small values have a bit less
			at--
			v &= low
		} else if v > low {
			v -= short
		}
		count := v - 1
		counts[symbol] = int16(count)
		if rest -= max(count, -count); count != 0 {
			continue
		}
		for again := 3; again == 3; {
			again = read(2)
			if symbol += again; symbol > maxSymbol {
				return nil, errZstd
			}
		}
	}
	used := (at + 7) / 8
	if used > len(p) {
		return nil, errZstd
	}
	return p[used:], t.build(log, counts[:symbol])
}

// build makes the table of how many states each symbol has; -1 is less than one.
func (t *fseTable) build(log int, counts []int16) error {
	size := 1 << log
	t.log, t.states = log, make([]fseState, size)
	var next [256]uint16
	high, sum := size, 0
	for s, n := range counts {
		if sum += int(max(n, -n)); sum > size {
			return errZstd
		}
		if next[s] = uint16(max(n, 0)); n == -1 {
			high--
			t.states[high].symbol = byte(s)
			next[s] = 1
		}
	}
	if sum != size {
		return errZstd
	}
	at := 0
	for s, n := range counts {
		for range max(n, 0) {
			t.states[at].symbol = byte(s)
			at = (at + size>>1 + size>>3 + 3) & (size - 1)
			for at >= high {
				at = (at + size>>1 + size>>3 + 3) & (size - 1)
			}
		}
	}
	if at != 0 {
		return errZstd
	}
	for i := range t.states {
		s := &t.states[i]
		n := next[s.symbol]
		next[s.symbol]++
		width := log - (bits.Len16(n) - 1)
		s.bits, s.base = uint8(width), uint16(int(n)<<width-size)
	}
	return nil
}

// single makes a table of one symbol that takes no bits.
func (t *fseTable) single(symbol byte) { t.log, t.states = 0, []fseState{{symbol: symbol}} }

// huffman decodes literals.
type huffman struct {
	log   int
	codes []huffCode // by the next log bits
}

type huffCode struct {
	symbol byte
	bits   uint8
}

const maxHuffLog = 11

// describe reads a tree's description, the weights of all symbols but the last, and returns what is behind it.
func (h *huffman) describe(p []byte) ([]byte, error) {
	if len(p) < 1 {
		return nil, errZstd
	}
	n := int(p[0])
	p = p[1:]
	var weights []byte
	if n >= 128 {
		n -= 127
		if len(p) < (n+1)/2 {
			return nil, errZstd
		}
		for i := range n {
			weights = append(weights, p[i/2]>>(4*(1-i&1))&15)
		}
		return p[(n+1)/2:], h.build(weights)
	}
	if n > len(p) {
		return nil, errZstd
	}
	weights, err := packedWeights(p[:n])
	if err != nil {
		return nil, err
	}
	return p[n:], h.build(weights)
}

// packedWeights decodes weights with two states that take turns.
func packedWeights(p []byte) (weights []byte, err error) {
	var t fseTable
	if p, err = t.describe(p, 6, 255); err != nil {
		return nil, err
	}
	b, ok := newBackward(p)
	if !ok {
		return nil, errZstd
	}
	state := [2]uint32{b.read(t.log), b.read(t.log)}
	for turn := 0; ; turn ^= 1 {
		s := t.states[state[turn]]
		weights = append(weights, s.symbol)
		if len(weights) > 254 || b.left < 0 {
			return nil, errZstd
		}
		if b.left < int(s.bits) {
			return append(weights, t.states[state[turn^1]].symbol), nil
		}
		state[turn] = uint32(s.base) + b.read(int(s.bits))
	}
}

// build makes the codes from the weights. The last symbol's weight is what is missing to a power of two.
func (h *huffman) build(weights []byte) error {
	sum := 0
	for _, w := range weights {
		if w > maxHuffLog {
			return errZstd
		}
		sum += 1 << w >> 1
	}
	log := bits.Len(uint(sum))
	rest := 1<<log - sum
	if sum == 0 || log > maxHuffLog || rest&(rest-1) != 0 || len(weights) > 255 {
		return errZstd
	}
	weights = append(weights, byte(bits.Len(uint(rest))))
	h.log, h.codes = log, make([]huffCode, 0, 1<<log)
	for w := 1; w <= log; w++ {
		for s, have := range weights {
			if int(have) != w {
				continue
			}
			for range 1 << (w - 1) {
				h.codes = append(h.codes, huffCode{byte(s), uint8(log + 1 - w)})
			}
		}
	}
	if len(h.codes) != 1<<log {
		return errZstd
	}
	return nil
}

// decode appends the n symbols of a stream.
func (h *huffman) decode(out, p []byte, n int) ([]byte, error) {
	b, ok := newBackward(p)
	if !ok || len(h.codes) == 0 {
		return nil, errZstd
	}
	for range n {
		c := h.codes[b.peek(h.log)]
		out = append(out, c.symbol)
		b.left -= int(c.bits)
	}
	if b.left != 0 {
		return nil, errZstd
	}
	return out, nil
}
