package manager

import (
	"fmt"
	"time"

	"golang.org/x/sys/unix"
)

// source is what a watched descriptor belongs to. One turn of the loop takes the sources in its own order, not in the
// order in which the kernel names them.
type source uint8

const (
	fromWaker    source = iota // other goroutines posted something
	fromSignal                 // signals
	fromTimer                  // the deadline has passed
	fromClock                  // the wall clock was set
	fromChild                  // a pidfd: a process ended
	fromNotice                 // a child called exec, or failed before
	fromSpawner                // there is room for another start
	fromCgroup                 // cgroup events
	fromNotify                 // sd_notify datagrams
	fromJournal                // the journal's control connection
	fromBus                    // the D-Bus server's descriptors
	fromListener               // a socket unit's listener
	fromPath                   // inotify for path units
	fromStore                  // a kept descriptor hung up
	numSources
)

// poller is the one place where the manager sleeps: an epoll over everything that it waits for.
type poller struct {
	fd     int
	events [512]unix.EpollEvent
	ready  [numSources][]ready
}

// ready is a descriptor that has something.
type ready struct {
	fd             int
	read, write    bool
	hangup, failed bool
}

func newPoller() (*poller, error) {
	fd, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("cannot make an epoll: %w", err)
	}
	return &poller{fd: fd}, nil
}

// add watches fd for events (EPOLLIN and the like), level-triggered.
func (p *poller) add(fd int, s source, events uint32) error {
	ev := unix.EpollEvent{Events: events, Fd: int32(fd), Pad: int32(s)}
	if err := unix.EpollCtl(p.fd, unix.EPOLL_CTL_ADD, fd, &ev); err != nil {
		return fmt.Errorf("cannot watch descriptor %d: %w", fd, err)
	}
	return nil
}

// change watches fd for other events.
func (p *poller) change(fd int, s source, events uint32) error {
	ev := unix.EpollEvent{Events: events, Fd: int32(fd), Pad: int32(s)}
	if err := unix.EpollCtl(p.fd, unix.EPOLL_CTL_MOD, fd, &ev); err != nil {
		return fmt.Errorf("cannot watch descriptor %d: %w", fd, err)
	}
	return nil
}

// remove ends the interest. It comes before the descriptor is closed, because a duplicate elsewhere would keep it alive.
func (p *poller) remove(fd int) {
	_ = unix.EpollCtl(p.fd, unix.EPOLL_CTL_DEL, fd, nil)
}

// wait sleeps until something is ready or timeout has passed (negative: for ever), and sorts it by source.
func (p *poller) wait(timeout time.Duration) error {
	for s := range p.ready {
		p.ready[s] = p.ready[s][:0]
	}
	ms := -1
	if timeout >= 0 {
		ms = int((timeout + time.Millisecond - 1) / time.Millisecond)
	}
	n, err := unix.EpollWait(p.fd, p.events[:], ms)
	if err == unix.EINTR {
		return nil
	} else if err != nil {
		return fmt.Errorf("cannot wait for events: %w", err)
	}
	for i := range n {
		ev := &p.events[i]
		s := source(ev.Pad)
		p.ready[s] = append(p.ready[s], ready{
			fd:     int(ev.Fd),
			read:   ev.Events&(unix.EPOLLIN|unix.EPOLLHUP|unix.EPOLLERR|unix.EPOLLRDHUP) != 0,
			write:  ev.Events&(unix.EPOLLOUT|unix.EPOLLHUP|unix.EPOLLERR) != 0,
			hangup: ev.Events&unix.EPOLLHUP != 0,
			failed: ev.Events&unix.EPOLLERR != 0,
		})
	}
	return nil
}
