package process

import (
	"sync/atomic"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// header is the front of a block: what the child writes, and what the kernel needs to make it. layout.h repeats the offsets of the
// first fields.
type header struct {
	failed   uint32 // index of the call that failed, plus 1
	errno    uint32
	progress uint32 // index of the call that is running
	tid      uint32 // the kernel clears it when the child has left our memory (CLONE_CHILD_CLEARTID)
	pidfd    int32
	_        uint32
	mask     uint64    // signal mask of the calling thread
	lock     uint64    // of a child with memory of its own: its id, FUTEX_OWNER_DIED when it has left this block
	robust   [3]uint64 // struct robust_list_head
	entry    uint64    // struct robust_list, the only one
	args     cloneArgs
	zero     [4]uint64 // struct sigaction of the default disposition
	word     uint64    // for results of the calls in front
	path     [24]byte
}

// cloneArgs is struct clone_args of clone3(2).
type cloneArgs struct {
	flags, pidfd, childTID, parentTID, exitSignal, stack, stackSize, tls, setTID, setTIDSize, cgroup uint64
}

// op is a call in a block, with addresses instead of offsets.
type op struct {
	nr     int64
	args   [6]uint64
	result uint64
	ignore uint64
	index  uint16
	skip   uint16
	status uint16
	flags  uint16 // bit 0: args[0] is the address of the value; bit n+1: args[n] is an address
}

const (
	headerSize = unsafe.Sizeof(header{})
	opSize     = unsafe.Sizeof(op{})
	stackSize  = 1024 // the interpreter needs none; what the kernel asks for
)

// aliveTID is header.tid as long as the child is in our memory; whatever is not 0.
const aliveTID = 1

// block is a piece of memory outside Go's heap with one list that runs.
type block struct {
	mem      []byte
	arena    []byte // the usual mem; a list that does not fit gets its own
	private  bool   // the child has a copy of our memory, not our memory
	steps    Steps
	borrowed bool   // steps belongs to the caller of Start
	prefix   []step // the steps of the calls in front of the list's own
	pid      int
	slots    []int // low descriptors that hold what the child takes
}

// header returns the front of the block.
func (b *block) header() *header { return (*header)(unsafe.Pointer(unsafe.SliceData(b.mem))) }

// address returns where the block lies.
func (b *block) address() uint64 { return uint64(uintptr(unsafe.Pointer(unsafe.SliceData(b.mem)))) }

// room returns how many bytes a block must have for a list with extra calls in front.
func room(l *Steps, extra int) int {
	return int(headerSize) + (len(l.data)+7)&^7 + (len(l.calls)+extra)*int(opSize) + stackSize
}

// fit makes the block large enough.
func (b *block) fit(size int) error {
	if size <= len(b.mem) {
		return nil
	}
	mem, err := mapShared(size)
	if err == nil {
		b.mem = mem
	}
	return err
}

// shrink gives back memory beyond the usual.
func (b *block) shrink() {
	if unsafe.SliceData(b.mem) != unsafe.SliceData(b.arena) {
		_ = unix.Munmap(b.mem)
		b.mem = b.arena
	}
}

// initialize writes the header of a list that has not begun.
func (b *block) initialize() {
	h, at := b.header(), b.address()
	*h = header{}
	h.robust[0] = at + uint64(unsafe.Offsetof(h.entry))
	h.robust[1] = ^uint64(unsafe.Offsetof(h.entry)-unsafe.Offsetof(h.lock)) + 1 // negative
	h.entry = at + uint64(unsafe.Offsetof(h.robust))
	copy(h.path[:], joinFile)
}

// fill writes the list, with the calls of prefix in front, and returns the address of the first.
func (b *block) fill(l *Steps, prefix []call) unsafe.Pointer {
	b.initialize()
	data := b.mem[headerSize:][:len(l.data)]
	copy(data, l.data)
	base := b.address() + uint64(headerSize)
	for _, at := range l.links {
		*(*uint64)(unsafe.Pointer(&data[at])) += base
	}
	first := unsafe.Pointer(&b.mem[int(headerSize)+(len(l.data)+7)&^7])
	ops := unsafe.Slice((*op)(first), len(prefix)+len(l.calls))
	for i := range prefix {
		ops[i].set(&prefix[i], i, b.address())
		b.prefix = append(b.prefix, prefix[i].step)
	}
	for i := range l.calls {
		ops[len(prefix)+i].set(&l.calls[i], len(prefix)+i, base)
	}
	return first
}

// set writes one call.
func (o *op) set(c *call, index int, base uint64) {
	*o = op{
		nr: c.nr, args: c.args, ignore: c.ignore,
		index: uint16(index), skip: c.skip, status: uint16(stepTable[c.step].status),
	}
	for i := 0; c.refs>>i != 0; i++ {
		if c.refs>>i&1 != 0 {
			o.args[i] += base
		}
	}
	o.flags = uint16(c.refs) << 1
	if c.word {
		o.args[0] += base
		o.flags |= 1 | uint16(ref0)<<1
	}
	if c.result != 0 {
		o.result = base + uint64(c.result)
	}
}

// setWord stores a value into a word of the list's data.
func (b *block) setWord(offset uint32, value int) {
	*(*uint64)(unsafe.Pointer(&b.mem[int(headerSize)+int(offset)])) = uint64(value)
}

// left says whether the child needs the block no more: it has called exec, or is dead.
func (b *block) left() bool {
	h := b.header()
	if b.private {
		const ownerDied = 0x40000000 // FUTEX_OWNER_DIED
		return uint32(atomic.LoadUint64(&h.lock))&ownerDied != 0
	}
	return atomic.LoadUint32(&h.tid) == 0
}

// failure returns what the child reported.
func (b *block) failure() (Failure, bool) {
	h := b.header()
	index := int(atomic.LoadUint32(&h.failed)) - 1
	if index < 0 {
		return Failure{}, false
	}
	errno := syscall.Errno(h.errno)
	if index < len(b.prefix) {
		return failed(b.prefix[index], "", errno), true
	}
	index -= len(b.prefix)
	return failed(b.steps.calls[index].step, b.steps.subject(index), errno), true
}

// step returns the step that the child is at.
func (b *block) step() step {
	index := int(atomic.LoadUint32(&b.header().progress))
	if index < len(b.prefix) {
		return b.prefix[index]
	}
	return b.steps.calls[index-len(b.prefix)].step
}

// newBlock returns a block in mem.
func newBlock(mem []byte) *block { return &block{mem: mem, arena: mem} }
