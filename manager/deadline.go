package manager

import (
	"fmt"

	"davit/engine"
	"davit/host"

	"golang.org/x/sys/unix"
)

// now reads the clocks for a step.
func now() engine.Clock {
	r, m, b := host.Now()
	return engine.Clock{Real: r, Mono: m, Boot: b}
}

// alarm wakes the loop at the engine's deadline: one timerfd on the monotonic clock, armed only when the deadline changed.
type alarm struct {
	fd    int
	armed int64 // µs on the monotonic clock, 0 for not at all
}

func newAlarm() (*alarm, error) {
	fd, err := unix.TimerfdCreate(unix.CLOCK_MONOTONIC, unix.TFD_CLOEXEC|unix.TFD_NONBLOCK)
	if err != nil {
		return nil, fmt.Errorf("cannot make a timer: %w", err)
	}
	return &alarm{fd: fd}, nil
}

// set arms the alarm for a monotonic time in µs; 0 disarms it.
func (a *alarm) set(at int64) {
	if at == a.armed {
		return
	}
	a.armed = at
	spec := unix.ItimerSpec{}
	if at > 0 {
		spec.Value = unix.NsecToTimespec(at * 1000)
	}
	_ = unix.TimerfdSettime(a.fd, unix.TFD_TIMER_ABSTIME, &spec, nil)
}

// rang clears an expiry.
func (a *alarm) rang() {
	var count [8]byte
	_, _ = unix.Read(a.fd, count[:])
	a.armed = 0
}

// newClockWatch returns a descriptor that becomes readable when the wall clock is set: a timer that never expires and is
// cancelled by that.
func newClockWatch() (int, error) {
	fd, err := unix.TimerfdCreate(unix.CLOCK_REALTIME, unix.TFD_CLOEXEC|unix.TFD_NONBLOCK)
	if err != nil {
		return -1, fmt.Errorf("cannot make a timer: %w", err)
	}
	return fd, rearmClockWatch(fd)
}

// farFuture is a wall clock time, in seconds, that no machine reaches.
const farFuture = 1<<55 - 1

func rearmClockWatch(fd int) error {
	var count [8]byte
	_, _ = unix.Read(fd, count[:])
	spec := unix.ItimerSpec{Value: unix.Timespec{Sec: farFuture}}
	if err := unix.TimerfdSettime(fd, unix.TFD_TIMER_ABSTIME|unix.TFD_TIMER_CANCEL_ON_SET, &spec, nil); err != nil {
		return fmt.Errorf("cannot watch the wall clock: %w", err)
	}
	return nil
}
