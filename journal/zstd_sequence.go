package journal

// The kinds of codes in a sequence.
const (
	codeLiterals = iota // how many literals to copy
	codeOffset          // how far back a match begins
	codeMatch           // how long it is
)

// seqCodes is what RFC 8878 says about each kind.
var seqCodes = [3]struct {
	maxLog, maxSymbol, log int
	counts                 []int16 // of the table that is used without a description
}{
	codeLiterals: {9, 35, 6, []int16{
		4, 3, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 3, 2, 1, 1, 1, 1, 1, -1, -1, -1, -1,
	}},
	codeOffset: {8, 31, 5, []int16{1, 1, 1, 1, 1, 1, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, -1, -1, -1, -1, -1}},
	codeMatch: {9, 52, 6, []int16{
		1, 4, 3, 2, 2, 2, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
		1, 1, 1, -1, -1, -1, -1, -1, -1, -1,
	}},
}

// lengthCode is a length: its least value, and how many bits are added to that.
type lengthCode struct {
	base int
	bits int
}

var (
	literalLengths = lengthCodes(0, 16, []int{1, 1, 1, 1, 2, 2, 3, 3, 4, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16})
	matchLengths   = lengthCodes(3, 32, []int{1, 1, 1, 1, 2, 2, 3, 3, 4, 4, 5, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16})
)

// lengthCodes makes a table: the first codes stand for one length each, every other for as many as its bits tell apart.
func lengthCodes(first, plain int, wide []int) (all []lengthCode) {
	at := first
	for range plain {
		all = append(all, lengthCode{at, 0})
		at++
	}
	for _, n := range wide {
		all = append(all, lengthCode{at, n})
		at += 1 << n
	}
	return all
}

// sequences carries out the sequences in p.
func (z *unzstd) sequences(p []byte) error {
	n, p, ok := sequenceCount(p)
	if !ok {
		return errZstd
	}
	if n == 0 {
		z.out = append(z.out, z.codes...)
		return nil
	}
	p, err := z.describe(p)
	if err != nil {
		return err
	}
	b, ok := newBackward(p)
	if !ok {
		return errZstd
	}
	var state [3]uint32
	for kind := range state {
		state[kind] = b.read(z.tables[kind].log)
	}
	literals := z.codes
	for i := range n {
		var now [3]fseState
		for kind := range state {
			now[kind] = z.tables[kind].states[state[kind]]
		}
		code := int(now[codeOffset].symbol)
		offset := 1<<code + int(b.read(code))
		m := matchLengths[now[codeMatch].symbol]
		match := m.base + int(b.read(m.bits))
		l := literalLengths[now[codeLiterals].symbol]
		length := l.base + int(b.read(l.bits))
		if i < n-1 {
			for _, kind := range []int{codeLiterals, codeMatch, codeOffset} {
				state[kind] = uint32(now[kind].base) + b.read(int(now[kind].bits))
			}
		}
		if b.left < 0 || length > len(literals) {
			return errZstd
		}
		z.out, literals = append(z.out, literals[:length]...), literals[length:]
		if err := z.copy(z.distance(offset, length), match); err != nil {
			return err
		}
	}
	if b.left != 0 {
		return errZstd
	}
	z.out = append(z.out, literals...)
	return nil
}

func sequenceCount(p []byte) (n int, rest []byte, ok bool) {
	switch {
	case len(p) >= 1 && p[0] < 128:
		return int(p[0]), p[1:], true
	case len(p) >= 2 && p[0] < 255:
		return int(p[0]-128)<<8 + int(p[1]), p[2:], true
	case len(p) >= 3:
		return int(p[1]) + int(p[2])<<8 + 0x7f00, p[3:], true
	}
	return 0, nil, false
}

// describe makes the tables of a block and returns what is behind their descriptions.
func (z *unzstd) describe(p []byte) (rest []byte, err error) {
	if len(p) < 1 || p[0]&3 != 0 {
		return nil, errZstd
	}
	modes := p[0]
	p = p[1:]
	for kind := range z.tables {
		t, c := &z.tables[kind], &seqCodes[kind]
		switch modes >> (6 - 2*kind) & 3 {
		case 0:
			err = t.build(c.log, c.counts)
		case 1:
			if len(p) < 1 || int(p[0]) > c.maxSymbol {
				return nil, errZstd
			}
			t.single(p[0])
			p = p[1:]
		case 2:
			p, err = t.describe(p, c.maxLog, c.maxSymbol)
		case 3:
			if len(t.states) == 0 {
				return nil, errZstd
			}
		}
		if err != nil {
			return nil, err
		}
	}
	return p, nil
}

// distance returns how far back a match begins. The three least offsets mean those used last; after no literals, which
// a match could have joined, the first of them makes no sense and all mean the next one.
func (z *unzstd) distance(offset, literals int) int {
	r := &z.recent
	if offset > 3 {
		*r = [3]int{offset - 3, r[0], r[1]}
		return r[0]
	}
	if literals == 0 {
		offset++
	}
	switch offset {
	case 2:
		*r = [3]int{r[1], r[0], r[2]}
	case 3:
		*r = [3]int{r[2], r[0], r[1]}
	case 4:
		*r = [3]int{r[0] - 1, r[0], r[1]}
	}
	return r[0]
}

// copy appends a match.
func (z *unzstd) copy(back, n int) error {
	if back <= 0 || back > len(z.out) || n > z.limit-len(z.out) {
		return errZstd
	}
	z.out = repeat(z.out, back, n)
	return nil
}
