package process

import (
	"encoding/binary"
	"slices"

	"golang.org/x/sys/unix"
)

// verdict is what a filter decides: a SECCOMP_RET_* value with its data.
type verdict uint32

// The verdicts of seccomp(2).
const (
	killProcess verdict = 0x80000000
	allow       verdict = 0x7fff0000
	logCall     verdict = 0x7ffc0000
)

// refuse makes the system call fail with errno.
func refuse(errno unix.Errno) verdict { return 0x00050000 | verdict(errno)&0xffff }

// Where the kernel puts what a filter looks at (struct seccomp_data), on little-endian machines.
const (
	atNumber = 0
	atArch   = 4
	atArgs   = 16
)

// The instructions of bpf(4) that filters need.
const (
	loadWord     = unix.BPF_LD | unix.BPF_W | unix.BPF_ABS
	jumpEqual    = unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K
	jumpNotBelow = unix.BPF_JMP | unix.BPF_JGE | unix.BPF_K
	jumpAnyBit   = unix.BPF_JMP | unix.BPF_JSET | unix.BPF_K
	maskWith     = unix.BPF_ALU | unix.BPF_AND | unix.BPF_K
	giveBack     = unix.BPF_RET | unix.BPF_K
)

// program is a filter in the making.
type program []unix.SockFilter

// emit adds an instruction; yes and no are how many instructions a jump passes over.
func (p *program) emit(code uint16, k uint32, yes, no uint8) {
	*p = append(*p, unix.SockFilter{Code: code, Jt: yes, Jf: no, K: k})
}

// give ends the filter with a verdict.
func (p *program) give(v verdict) { p.emit(giveBack, uint32(v), 0, 0) }

// loadArg loads the low or the high half of an argument.
func (p *program) loadArg(n, half uint32) { p.emit(loadWord, atArgs+8*n+4*half, 0, 0) }

// begin checks the architecture and loads the number of the system call. Calls in the manner of another architecture get foreign:
// their numbers mean something else.
func (p *program) begin(foreign verdict) {
	p.emit(loadWord, atArch, 0, 0)
	p.emit(jumpEqual, nativeArch, 1, 0)
	p.give(foreign)
	p.emit(loadWord, atNumber, 0, 0)
	if nativeArch == unix.AUDIT_ARCH_X86_64 {
		const x32 = 0x40000000
		p.emit(jumpNotBelow, x32, 0, 1)
		p.give(foreign)
	}
}

// on adds what happens at one system call, by its name; check ends with a verdict where the call is to be refused, and goes on
// elsewhere. A name that the architecture lacks is passed over.
func (p *program) on(name string, check func(*program)) {
	number, ok := callNumber(name)
	if !ok {
		return
	}
	var body program
	check(&body)
	body.give(allow)
	p.emit(jumpEqual, number, 0, uint8(len(body)))
	*p = append(*p, body...)
}

// refuseArg refuses a call when one of the bits is set in the low half of an argument.
func refuseArg(n, bits uint32, v verdict) func(*program) {
	return func(p *program) {
		p.loadArg(n, 0)
		p.emit(jumpAnyBit, bits, 0, 1)
		p.give(v)
	}
}

// always gives a verdict without looking at arguments.
func always(v verdict) func(*program) { return func(p *program) { p.give(v) } }

// span is a run of numbers with the same verdict, from its first up to the next span's.
type span struct {
	first uint32
	v     verdict
}

// spans turns single numbers with their verdicts into runs; all other numbers get rest.
func spans(single map[uint32]verdict, rest verdict) []span {
	numbers := make([]uint32, 0, len(single))
	for n := range single {
		numbers = append(numbers, n)
	}
	slices.Sort(numbers)
	list := []span{{0, rest}}
	put := func(first uint32, v verdict) {
		last := &list[len(list)-1]
		switch {
		case last.first == first:
			last.v = v
		case last.v != v:
			list = append(list, span{first, v})
		}
	}
	for i, n := range numbers {
		put(n, single[n])
		if i+1 == len(numbers) || numbers[i+1] != n+1 {
			put(n+1, rest)
		}
	}
	return list
}

// search decides by the number, with few comparisons: half of the spans is ruled out by each.
func (p *program) search(list []span) {
	if len(list) == 1 {
		p.give(list[0].v)
		return
	}
	middle := len(list) / 2
	var low, high program
	low.search(list[:middle])
	high.search(list[middle:])
	if len(low) < 256 {
		p.emit(jumpNotBelow, list[middle].first, uint8(len(low)), 0)
	} else { // conditional jumps reach 255 instructions
		p.emit(jumpNotBelow, list[middle].first, 0, 1)
		p.emit(unix.BPF_JMP|unix.BPF_JA, uint32(len(low)), 0, 0)
	}
	*p = append(append(*p, low...), high...)
}

// encode returns the program as the kernel reads it.
func (p program) encode() []byte {
	code := make([]byte, 0, 8*len(p))
	for _, i := range p {
		code = binary.NativeEndian.AppendUint16(code, i.Code)
		code = append(code, i.Jt, i.Jf)
		code = binary.NativeEndian.AppendUint32(code, i.K)
	}
	return code
}

// callNumber finds a system call of this architecture.
func callNumber(name string) (uint32, bool) {
	i, ok := slices.BinarySearchFunc(systemCalls, name, func(c systemCall, name string) int {
		switch {
		case c.name < name:
			return -1
		case c.name > name:
			return 1
		}
		return 0
	})
	if !ok {
		return 0, false
	}
	return systemCalls[i].number, true
}
