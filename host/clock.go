package host

import (
	"time"

	"golang.org/x/sys/unix"
)

// Now reads the clocks in microseconds: wall, monotonic, monotonic with the time that the machine slept.
func Now() (realtime, mono, boot int64) {
	return read(unix.CLOCK_REALTIME), read(unix.CLOCK_MONOTONIC), read(unix.CLOCK_BOOTTIME)
}

func read(clock int32) int64 {
	var ts unix.Timespec
	if unix.ClockGettime(clock, &ts) != nil {
		return 0
	}
	return ts.Nano() / int64(time.Microsecond)
}
