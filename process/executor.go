package process

import (
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// ExecutorName is the name (argv[0]) by which this program is called to be the executor; the program's main function then calls
// ExecutorMain.
const ExecutorName = "davit-executor"

// executorFD is where the executor finds its block, a memory file.
const executorFD = 3

// execute starts the list in the executor: this program, that maps the block from a descriptor and runs the same calls.
func (s *Spawner) execute(b *block) (Child, error) {
	l := &b.steps
	ours, theirs, err := s.openNotice(l)
	if err != nil {
		return Child{}, err
	}
	if theirs >= 0 {
		defer unix.Close(theirs)
	}
	child, err := s.executorChild(b, theirs)
	if err != nil {
		if ours >= 0 {
			unix.Close(ours)
		}
		return Child{}, err
	}
	child.Notice = ours
	return child, nil
}

// executorChild writes the block to a memory file and starts the executor on it.
func (s *Spawner) executorChild(b *block, notice int) (Child, error) {
	l := &b.steps
	b.private = true
	prefix := s.prefix(nil, b, false)
	size := room(l, len(prefix)) + 8 + 4*len(l.links)
	memory, err := unix.MemfdCreate("davit-steps", unix.MFD_CLOEXEC)
	if err != nil {
		return Child{}, failed(stepMemory, "", err.(syscall.Errno))
	}
	defer unix.Close(memory)
	if err := b.mapFile(memory, size); err != nil {
		return Child{}, failed(stepMemory, "", err.(syscall.Errno))
	}
	first := b.fill(l, prefix)
	b.describe(first, len(prefix)+len(l.calls))
	files := s.executorFiles(b, memory, notice)
	pid, pidfd, errno := s.forkExecutor(l, files)
	if errno != 0 {
		return Child{}, cloneFailure(errno, l.cgroup >= 0)
	}
	return Child{PID: pid, PIDFD: pidfd, Notice: -1}, nil
}

// executorFiles lays out the executor's descriptors: ours 0 to 2, the block, and above what the list makes, what the list takes.
func (s *Spawner) executorFiles(b *block, memory, notice int) []uintptr {
	l := &b.steps
	files := []uintptr{0, 1, 2, uintptr(memory)}
	for len(files) < l.top+2 {
		files = append(files, ^uintptr(0))
	}
	for _, p := range l.passed {
		b.setWord(p.word, len(files))
		files = append(files, uintptr(p.fd))
	}
	if notice >= 0 {
		b.setWord(l.notice, len(files))
		files = append(files, uintptr(notice))
	}
	return files
}

// forkExecutor starts the executor with the given descriptors.
func (s *Spawner) forkExecutor(l *Steps, files []uintptr) (pid, pidfd int, errno syscall.Errno) {
	binary := s.cfg.Binary
	if binary == "" {
		binary = "/proc/self/exe"
	}
	pidfd = -1
	sys := &syscall.SysProcAttr{UseCgroupFD: l.cgroup >= 0, CgroupFD: l.cgroup}
	if !s.cfg.NoPIDFD {
		sys.PidFD = &pidfd
	}
	attr := &syscall.ProcAttr{Env: []string{"GOMAXPROCS=1"}, Files: files, Sys: sys}
	pid, err := syscall.ForkExec(binary, []string{ExecutorName}, attr)
	if err != nil {
		errno, _ = err.(syscall.Errno)
		return 0, -1, max(errno, 1)
	}
	return pid, pidfd, 0
}

// Where the executor finds what it needs, in header.args, which it has no other use for.
const (
	executorBase  = iota // address for which the block was written
	executorFirst        // offset of the first call
	executorCalls        // how many there are
	executorLinks        // offset of the list of links, 4 bytes each, relative to the data
	executorLinkN        // how many there are
)

// mapFile makes the block a mapping of a new file.
func (b *block) mapFile(fd, size int) error {
	if err := unix.Ftruncate(fd, int64(size)); err != nil {
		return err
	}
	mem, err := unix.Mmap(fd, 0, size, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	if err == nil {
		b.mem = mem
	}
	return err
}

// describe tells the executor where things are.
func (b *block) describe(first unsafe.Pointer, calls int) {
	at := uint64(uintptr(first)) - b.address()
	links := at + uint64(calls)*uint64(opSize)
	*b.plan() = [11]uint64{
		executorBase: b.address(), executorFirst: at, executorCalls: uint64(calls),
		executorLinks: links, executorLinkN: uint64(len(b.steps.links)),
	}
	for i, at := range b.steps.links {
		*(*uint32)(unsafe.Pointer(&b.mem[int(links)+4*i])) = at
	}
}

// plan returns the words that describe writes.
func (b *block) plan() *[11]uint64 { return (*[11]uint64)(unsafe.Pointer(&b.header().args)) }

// ExecutorMain is the whole of the executor: it runs the list in its descriptor 3 and becomes the program that the list ends with. It
// returns an exit status only when that failed.
func ExecutorMain() int {
	runtime.LockOSThread() // credentials, namespaces and the like belong to a thread
	debug.SetGCPercent(-1)
	b, err := adoptBlock()
	if err != nil {
		os.Stderr.WriteString("cannot read step list: " + err.Error() + "\n")
		return int(stepTable[stepMemory].status)
	}
	return b.perform()
}

// adoptBlock maps the block of descriptor 3 and corrects its addresses.
func adoptBlock() (*block, error) {
	var st unix.Stat_t
	if err := unix.Fstat(executorFD, &st); err != nil {
		return nil, err
	}
	if st.Size < int64(headerSize) {
		return nil, syscall.EINVAL
	}
	mem, err := unix.Mmap(executorFD, 0, int(st.Size), unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	if err != nil {
		return nil, err
	}
	b := newBlock(mem)
	plan, h := b.plan(), b.header()
	delta := b.address() - plan[executorBase]
	h.robust[0] += delta
	h.entry += delta
	links := unsafe.Slice((*uint32)(unsafe.Pointer(&mem[plan[executorLinks]])), plan[executorLinkN])
	for _, at := range links {
		*(*uint64)(unsafe.Pointer(&mem[uint64(headerSize)+uint64(at)])) += delta
	}
	for i := range b.ops() {
		b.ops()[i].move(delta)
	}
	return b, nil
}

// ops returns the calls of an adopted block.
func (b *block) ops() []op {
	plan := b.plan()
	return unsafe.Slice((*op)(unsafe.Pointer(&b.mem[plan[executorFirst]])), plan[executorCalls])
}

// move adds delta to the addresses in a call.
func (o *op) move(delta uint64) {
	for i := range o.args {
		if o.flags>>(i+1)&1 != 0 {
			o.args[i] += delta
		}
	}
	if o.result != 0 {
		o.result += delta
	}
}

// perform runs the calls as the assembly does, and returns the exit status of the one that failed.
func (b *block) perform() int {
	h, ops := b.header(), b.ops()
	for i := 0; i < len(ops); i++ {
		o := &ops[i]
		h.progress = uint32(o.index)
		result, errno := o.call(b)
		switch {
		case errno == 0 && o.result != 0:
			*b.at(o.result) = uint64(result)
		case errno == 0:
		case o.ignore>>min(uint(errno), 63)&1 != 0:
			i += int(o.skip)
		default:
			h.errno, h.failed = uint32(errno), uint32(o.index)+1
			return int(o.status)
		}
	}
	return int(stepTable[stepExec].status)
}

// at returns the word at an address in the block.
func (b *block) at(address uint64) *uint64 {
	return (*uint64)(unsafe.Pointer(&b.mem[address-b.address()]))
}

// call makes one call.
func (o *op) call(b *block) (uintptr, syscall.Errno) {
	a := o.args
	if o.flags&1 != 0 {
		a[0] = *b.at(a[0])
	}
	switch o.nr {
	case nrPID:
		at := int(a[0] - b.address())
		text := strconv.AppendInt(b.mem[at:at:at+11], int64(os.Getpid()), 10)
		b.mem[at+len(text)] = 0
		return 0, 0
	case unix.SYS_GETTID: // exec gives this thread the process's id
		return uintptr(os.Getpid()), 0
	}
	r, _, errno := syscall.RawSyscall6(uintptr(o.nr), uintptr(a[0]), uintptr(a[1]), uintptr(a[2]), uintptr(a[3]), uintptr(a[4]), uintptr(a[5]))
	return r, errno
}
