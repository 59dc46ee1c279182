package host

import (
	"os"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

func TestSignalsArriveWithTheirSender(t *testing.T) {
	list := []syscall.Signal{unix.SIGUSR2, unix.SIGWINCH, 35}
	fd, err := CatchSignals(list)
	must(t, err)
	defer unix.Close(fd)
	defer IgnoreSignals(list)
	for range 100 {
		for _, n := range list {
			must(t, unix.Kill(os.Getpid(), n))
			awaitSignal(t, fd, n)
		}
	}
}

func awaitSignal(t *testing.T, fd int, n syscall.Signal) {
	t.Helper()
	poll := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); {
		if ready, err := unix.Poll(poll, 1000); err != nil || ready == 0 {
			continue
		}
		found := false
		ReadSignals(fd, func(s Signal) {
			found = found || s == Signal{n, os.Getpid(), os.Getuid()}
		})
		if found {
			return
		}
	}
	t.Fatalf("signal %d did not arrive", n)
}
