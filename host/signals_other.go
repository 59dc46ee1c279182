//go:build !amd64 && !arm64

package host

import (
	"encoding/binary"
	"os"
	"os/signal"
	"syscall"

	"golang.org/x/sys/unix"
)

// catchSignal lets a goroutine write what Go's runtime caught; the sender is not known then.
func catchSignal(n syscall.Signal) error {
	arrivals := make(chan os.Signal, 16)
	signal.Notify(arrivals, n)
	go func() {
		for s := range arrivals {
			var record [signalRecord]byte
			binary.NativeEndian.PutUint32(record[:], uint32(s.(syscall.Signal)))
			binary.NativeEndian.PutUint32(record[8:], 1)
			_, _ = unix.Write(int(signalPipe), record[:])
		}
	}()
	return nil
}
