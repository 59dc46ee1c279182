package process

import (
	"sync"
	"sync/atomic"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// waiter makes its descriptor readable when one of the children that were being set up leaves our memory. The kernel announces that
// by waking a futex, on which only a thread can wait; so there is a goroutine, but only while somebody was refused.
type waiter struct {
	fd      int
	running atomic.Bool
	written atomic.Bool // there is something in fd
	done    sync.WaitGroup
}

// open makes the descriptor.
func (w *waiter) open() error {
	fd, err := unix.Eventfd(0, unix.EFD_CLOEXEC|unix.EFD_NONBLOCK)
	w.fd = fd
	return err
}

// close ends it; a goroutine that waits ends within the time of one wait.
func (w *waiter) close() {
	w.done.Wait()
	unix.Close(w.fd)
}

// drain empties the descriptor.
func (w *waiter) drain() {
	if w.written.Swap(false) {
		var buf [8]byte
		_, _ = unix.Read(w.fd, buf[:])
	}
}

// watch begins to wait for one of blocks, unless that goes on already.
func (w *waiter) watch(blocks []*block) {
	if !w.running.CompareAndSwap(false, true) {
		return
	}
	w.done.Add(1)
	go func(list []futexWaiter) {
		defer w.done.Done()
		waitForOne(list)
		w.running.Store(false)
		_, _ = unix.Write(w.fd, []byte{1, 0, 0, 0, 0, 0, 0, 0})
		w.written.Store(true)
	}(futexes(blocks))
}

// futexWaiter is struct futex_waitv of futex(2).
type futexWaiter struct {
	value, address uint64
	flags, _       uint32
}

// futexes lists what the kernel clears when the children that run blocks leave our memory. The kernel refuses a list with one that
// is cleared already, so there is nothing to miss.
func futexes(blocks []*block) []futexWaiter {
	const size32, most = 2, 128 // FUTEX2_SIZE_U32, FUTEX_WAITV_MAX
	list := make([]futexWaiter, 0, len(blocks))
	for _, b := range blocks {
		if !b.private && len(list) < most {
			at := b.address() + uint64(unsafe.Offsetof(b.header().tid))
			list = append(list, futexWaiter{value: aliveTID, address: at, flags: size32})
		}
	}
	return list
}

// longestWait bounds a wait: children with memory of their own wake nobody.
const longestWait = 2 * time.Millisecond

// waitForOne returns when one of the futexes changes, or after longestWait.
func waitForOne(list []futexWaiter) {
	until := deadline(longestWait)
	if len(list) > 0 {
		_, _, errno := unix.Syscall6(unix.SYS_FUTEX_WAITV, uintptr(unsafe.Pointer(unsafe.SliceData(list))), uintptr(len(list)), 0,
			uintptr(unsafe.Pointer(&until)), unix.CLOCK_MONOTONIC, 0)
		if errno != unix.ENOSYS && errno != unix.EPERM {
			return
		}
	}
	_ = unix.ClockNanosleep(unix.CLOCK_MONOTONIC, unix.TIMER_ABSTIME, &until, nil)
}

// deadline returns the monotonic time after d.
func deadline(d time.Duration) unix.Timespec {
	var now unix.Timespec
	_ = unix.ClockGettime(unix.CLOCK_MONOTONIC, &now)
	return unix.NsecToTimespec(now.Nano() + int64(d))
}
