package process

import (
	"errors"
	"fmt"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// ErrBusy says that as many processes are being set up as the Spawner allows. The caller tries again when FD is readable.
var ErrBusy = errors.New("cannot start process: too many are being set up")

// Config is how a Spawner works. The zero value is good.
type Config struct {
	InFlight int    // processes that may be between their start and their exec at one time; 0 is 16
	NoPIDFD  bool   // make no pidfd (Child.PIDFD is -1)
	Binary   string // path of this program, for the executor; empty asks the system
	Executor bool   // use the executor for every list
}

// Child is a process that was started.
type Child struct {
	PID    int
	PIDFD  int // close-on-exec, the caller's to close; -1 when there is none
	Notice int // becomes readable when the process has called exec or died; the caller's to close; -1 when not asked for
}

// Spawner starts processes. It belongs to one goroutine.
type Spawner struct {
	cfg      Config
	arena    []byte
	free     []*block
	inFlight []*block
	low      lowSlots
	failures map[int]Failure
	ignored  uint64 // signals that this process ignores: bit n for signal n
	version1 bool   // clone3 is missing or too old
	direct   bool
	copy     bool // every child gets a copy of our memory (tests)
	busy     waiter
}

// blockSize is the usual size of a block; only the touched pages cost memory.
const blockSize = 32 << 10

// NewSpawner prepares to start processes: memory for the lists, and some low descriptors.
func NewSpawner(cfg Config) (*Spawner, error) {
	if cfg.InFlight <= 0 {
		cfg.InFlight = 16
	}
	s := &Spawner{cfg: cfg, failures: map[int]Failure{}, ignored: ignoredSignals()}
	s.direct = hasInterpreter && !cfg.Executor && unix.CloseRange(^uint(0), ^uint(0), 0) == nil
	arena, err := mapShared(cfg.InFlight * blockSize)
	if err != nil {
		return nil, fmt.Errorf("cannot make memory for step lists: %w", err)
	}
	s.arena = arena
	for i := cfg.InFlight - 1; i >= 0; i-- {
		s.free = append(s.free, newBlock(arena[i*blockSize:][:blockSize:blockSize]))
	}
	if err := s.low.reserve(2 * cfg.InFlight); err != nil {
		return nil, fmt.Errorf("cannot reserve descriptors: %w", err)
	}
	if err := s.busy.open(); err != nil {
		return nil, fmt.Errorf("cannot make event descriptor: %w", err)
	}
	return s, nil
}

// Close gives back what NewSpawner took. Children that are still being set up keep running; their memory stays.
func (s *Spawner) Close() {
	s.Sweep()
	s.low.close()
	s.busy.close()
	if len(s.inFlight) == 0 {
		unix.Munmap(s.arena)
	}
}

// mapShared returns zeroed memory that children without CLONE_VM share, too.
func mapShared(size int) ([]byte, error) {
	return unix.Mmap(-1, 0, size, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED|unix.MAP_ANONYMOUS)
}

// FD becomes readable when there is room again, after a Start was refused with ErrBusy or InFlight returned the maximum. Sweep empties
// it, so the caller's loop calls Sweep first, and then starts what waits, until it is refused again.
func (s *Spawner) FD() int { return s.busy.fd }

// InFlight returns how many children have not called exec yet. When it is the maximum, FD will tell of room.
func (s *Spawner) InFlight() int {
	s.Sweep()
	if len(s.free) == 0 {
		s.busy.watch(s.inFlight)
	}
	return len(s.inFlight)
}

// Spawn compiles spec and starts it; it allocates less than Compile and Start do.
func (s *Spawner) Spawn(spec *Spec) (Child, error) {
	b, err := s.take()
	if err != nil {
		return Child{}, err
	}
	if b.borrowed {
		b.steps, b.borrowed = Steps{}, false
	}
	if err := compile(&b.steps, spec); err != nil {
		s.free = append(s.free, b)
		return Child{}, err
	}
	return s.run(b)
}

// Start starts a process and lets it run the list. It never waits for the child. The error is ErrBusy, or a Failure when there is no
// process; a list that fails later is reported by Failure.
func (s *Spawner) Start(l Steps) (Child, error) {
	b, err := s.take()
	if err != nil {
		return Child{}, err
	}
	b.steps, b.borrowed = l, true
	return s.run(b)
}

// take returns a block that nobody uses.
func (s *Spawner) take() (*block, error) {
	if len(s.inFlight) > 0 {
		s.Sweep()
	}
	if len(s.free) == 0 {
		s.busy.watch(s.inFlight)
		return nil, ErrBusy
	}
	b := s.free[len(s.free)-1]
	s.free = s.free[:len(s.free)-1]
	return b, nil
}

// run starts the list that b holds.
func (s *Spawner) run(b *block) (Child, error) {
	b.prefix, b.slots, b.pid = b.prefix[:0], b.slots[:0], 0
	var child Child
	var err error
	if s.direct {
		child, err = s.clone(b)
	} else {
		child, err = s.execute(b)
	}
	if err != nil {
		s.release(b)
		return Child{}, err
	}
	b.pid = child.PID
	delete(s.failures, child.PID)
	s.inFlight = append(s.inFlight, b)
	return child, nil
}

// clone starts the list in a child of the direct performer.
func (s *Spawner) clone(b *block) (Child, error) {
	var prefixMemory [70]call
	notice, told, err := s.openNotice(&b.steps)
	if err != nil {
		return Child{}, err
	}
	b.private = b.steps.private || s.copy
	sharedFDs := notice < 0 && !s.version1 && s.low.hold(b)
	prefix := s.prefix(prefixMemory[:0], b, sharedFDs)
	if err := b.fit(room(&b.steps, len(prefix))); err != nil {
		return Child{}, failed(stepMemory, "", syscall.ENOMEM)
	}
	first := b.fill(&b.steps, prefix)
	for i, p := range b.steps.passed {
		fd := p.fd
		if sharedFDs {
			fd = b.slots[i]
		}
		b.setWord(p.word, fd)
	}
	if told >= 0 {
		b.setWord(b.steps.notice, told)
	}
	pid, errno := s.cloneChild(b, first, sharedFDs)
	if told >= 0 {
		unix.Close(told)
	}
	if errno != 0 {
		if notice >= 0 {
			unix.Close(notice)
		}
		return s.cloneOtherwise(b, errno)
	}
	child := Child{PID: pid, PIDFD: -1, Notice: notice}
	if !s.cfg.NoPIDFD {
		child.PIDFD = int(b.header().pidfd)
	}
	return child, nil
}

// cloneOtherwise tries without clone3, if that may be why there is no child: an old kernel does not know it, or not all of its flags,
// and sandboxes forbid it.
func (s *Spawner) cloneOtherwise(b *block, errno syscall.Errno) (Child, error) {
	failure := cloneFailure(errno, b.steps.cgroup >= 0)
	if s.version1 || errno != syscall.ENOSYS && errno != syscall.EINVAL && errno != syscall.EPERM {
		return Child{}, failure
	}
	s.unhold(b)
	b.prefix = b.prefix[:0]
	s.version1 = true
	child, err := s.clone(b)
	if err != nil {
		s.version1 = false
		return Child{}, failure
	}
	return child, nil
}

// openNotice makes the pipe whose far end closes with the child's exec or death.
func (s *Spawner) openNotice(l *Steps) (ours, theirs int, err error) {
	if l.notice == 0 {
		return -1, -1, nil
	}
	var p [2]int
	if err := unix.Pipe2(p[:], unix.O_CLOEXEC|unix.O_NONBLOCK); err != nil {
		return -1, -1, failed(stepFDs, "", err.(syscall.Errno))
	}
	return p[0], p[1], nil
}

// cloneFailure explains why there is no child.
func cloneFailure(errno syscall.Errno, intoCgroup bool) Failure {
	switch errno {
	case syscall.EAGAIN, syscall.ENOMEM, syscall.EPERM, syscall.ENOSYS, syscall.EINVAL:
		return failed(stepFork, "", errno)
	}
	if intoCgroup { // EBUSY, EACCES, ENODEV, EOPNOTSUPP, EBADF (clone(2))
		return failed(stepCgroup, "", errno)
	}
	return failed(stepFork, "", errno)
}

// cloneChild makes the child; the list runs from first on.
func (s *Spawner) cloneChild(b *block, first unsafe.Pointer, sharedFDs bool) (int, syscall.Errno) {
	h := b.header()
	at := b.address()
	flags := uint64(unix.CLONE_CHILD_CLEARTID)
	if !b.private {
		flags |= unix.CLONE_VM
	}
	if sharedFDs {
		flags |= unix.CLONE_FILES
	}
	if !s.cfg.NoPIDFD {
		flags |= unix.CLONE_PIDFD
	}
	tid := at + uint64(unsafe.Offsetof(h.tid))
	pidfd := at + uint64(unsafe.Offsetof(h.pidfd))
	h.tid = aliveTID
	stack := at + uint64(len(b.mem)) - stackSize
	var r int64
	if s.version1 {
		r = cloneVersion1(uintptr(flags|uint64(unix.SIGCHLD)), uintptr(stack+stackSize), unsafe.Pointer(&h.pidfd),
			unsafe.Pointer(&h.tid), unsafe.Pointer(h), first)
	} else {
		h.args = cloneArgs{
			flags: flags | unix.CLONE_CLEAR_SIGHAND, pidfd: pidfd, childTID: tid, exitSignal: uint64(unix.SIGCHLD),
			stack: stack, stackSize: stackSize,
		}
		if b.steps.cgroup >= 0 {
			h.args.flags |= unix.CLONE_INTO_CGROUP
			h.args.cgroup = uint64(b.steps.cgroup)
		}
		r = cloneVersion3(unsafe.Pointer(&h.args), unsafe.Sizeof(h.args), unsafe.Pointer(h), first)
	}
	if r < 0 {
		return 0, syscall.Errno(-r)
	}
	return int(r), 0
}

// Sweep takes back the memory and descriptors of children that have called exec or died. It costs nothing when there are none; the
// manager calls it once in each turn of its loop, so that no descriptor stays open for longer than that.
func (s *Spawner) Sweep() {
	s.busy.drain()
	rest := s.inFlight[:0]
	for _, b := range s.inFlight {
		if !b.left() && !(b.private && !alive(b.pid)) {
			if len(b.slots) > 0 && b.unshared() {
				s.unhold(b)
			}
			rest = append(rest, b)
			continue
		}
		s.settle(b)
	}
	s.inFlight = rest
}

// settle notes what became of b's list, and frees b.
func (s *Spawner) settle(b *block) {
	if f, ok := b.failure(); ok {
		s.failures[b.pid] = f
	}
	s.release(b)
}

// release makes b usable again.
func (s *Spawner) release(b *block) {
	s.unhold(b)
	b.shrink()
	s.free = append(s.free, b)
}

// Failure returns which step of the list of process pid failed, if one did: certain once the process is dead (before it is reaped
// or after) or its notice came. It says so once.
func (s *Spawner) Failure(pid int) (Failure, bool) {
	s.Sweep()
	f, ok := s.failures[pid]
	delete(s.failures, pid)
	return f, ok
}

// Stuck returns the step that process pid is at when it has not called exec yet.
func (s *Spawner) Stuck(pid int) (string, bool) {
	s.Sweep()
	for _, b := range s.inFlight {
		if b.pid == pid {
			return stepTable[b.step()].what, true
		}
	}
	return "", false
}
