package host

import (
	"encoding/binary"
	"fmt"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Signal is one signal that arrived: its number, and who sent it (0, 0 for the kernel and for timers). SIGCHLD's PID is the
// child's.
type Signal struct {
	Number   syscall.Signal
	PID, UID int
}

// signalRecord is siginfo_t, which the handler writes as it is.
const signalRecord = 128

// signalPipe is the descriptor that the handler writes to.
//
//lint:ignore U1000 the handler, which is assembly, reads it
var signalPipe int32

// CatchSignals makes the signals arrive in a pipe, in place of Go's own handling, and returns its readable end. A few
// instructions in the signal's context write there and do nothing else, so no goroutine runs for a signal, the sender is
// known, and what arrived is not lost when the process replaces its program while it keeps the descriptor.
func CatchSignals(list []syscall.Signal) (fd int, err error) {
	var p [2]int
	if err := unix.Pipe2(p[:], unix.O_CLOEXEC|unix.O_NONBLOCK); err != nil {
		return -1, fmt.Errorf("cannot make a pipe for signals: %w", err)
	}
	signalPipe = int32(p[1])
	for _, n := range list {
		if err := catchSignal(n); err != nil {
			return -1, fmt.Errorf("cannot catch signal %d: %w", n, err)
		}
	}
	return p[0], nil
}

// ReadSignals takes the signals out of the pipe that CatchSignals made.
func ReadSignals(fd int, take func(Signal)) {
	var buf [16 * signalRecord]byte
	for {
		n, err := unix.Read(fd, buf[:])
		if err == unix.EINTR {
			continue
		}
		if err != nil || n < signalRecord {
			return
		}
		for b := buf[:n]; len(b) >= signalRecord; b = b[signalRecord:] {
			s := Signal{Number: syscall.Signal(binary.NativeEndian.Uint32(b))}
			code := int32(binary.NativeEndian.Uint32(b[8:]))
			if code <= 0 || s.Number == unix.SIGCHLD { // not positive: from a process, by kill, sigqueue or tgkill
				s.PID, s.UID = int(binary.NativeEndian.Uint32(b[16:])), int(binary.NativeEndian.Uint32(b[20:]))
			}
			take(s)
		}
	}
}

// IgnoreSignals makes the kernel drop the signals. Over an exec that stays so, where a caught signal would kill the new
// program before it catches it.
func IgnoreSignals(list []syscall.Signal) {
	const ignore = 1 // SIG_IGN
	for _, n := range list {
		_ = setAction(n, &sigaction{handler: ignore})
	}
}

// sigaction is the kernel's struct on 64-bit machines.
type sigaction struct {
	handler  uintptr
	flags    uint64
	restorer uintptr
	mask     uint64
}

// Flags of sigaction(2).
const (
	saNoChildStop = 0x1
	saInfo        = 0x4
	saRestorer    = 0x04000000
	saOnStack     = 0x08000000
	saRestart     = 0x10000000
)

func setAction(n syscall.Signal, a *sigaction) error {
	_, _, errno := unix.RawSyscall6(unix.SYS_RT_SIGACTION, uintptr(n), uintptr(unsafe.Pointer(a)), 0, 8, 0, 0)
	if errno != 0 {
		return errno
	}
	return nil
}
