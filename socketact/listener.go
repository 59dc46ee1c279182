package socketact

import (
	"errors"
	"fmt"
	"os"

	"davit/unit"

	"golang.org/x/sys/unix"
)

// Listener is one open descriptor of a socket unit.
type Listener struct {
	FD      int
	Name    string          // in LISTEN_FDNAMES
	Kind    unit.ListenKind //
	Address string          // as the unit file has it
	Accepts bool            // connections can be accepted on it (Accept=yes means something)

	path     string // node in the file system, empty when there is none
	dev, ino uint64 // of that node, so that nobody else's is ever removed
}

// Owner is whom nodes in the file system are given to: SocketUser= and SocketGroup=, looked up. -1 leaves them alone.
type Owner struct{ UID, GID int }

// NoOwner leaves nodes to the manager's user and group.
var NoOwner = Owner{UID: -1, GID: -1}

// request is one listener to be opened, with all that is needed for it.
type request struct {
	unitName string
	listen   unit.Listener
	socket   *unit.Socket
	owner    Owner
	kept     *[]int
	warn     func(error)
}

// Open opens all listeners of a socket unit in the order of its file. Kept are descriptors that an earlier manager, or the
// same one before, had open for the unit: those that have a wanted address are used again, the others are closed, so that
// Open always takes kept over. Warnings are about options that the kernel refused. On an error nothing stays open.
func Open(unitName string, s *unit.Socket, owner Owner, kept []int) (list []Listener, warnings []error, err error) {
	rest := append([]int(nil), kept...)
	defer func() {
		for _, fd := range rest {
			unix.Close(fd)
		}
	}()
	for _, l := range s.Listen {
		r := request{unitName: unitName, listen: l, socket: s, owner: owner, kept: &rest}
		r.warn = func(err error) { warnings = append(warnings, r.failed("set up", err)) }
		one, err := r.open()
		if err != nil {
			Close(list, false)
			return nil, warnings, r.failed("listen on", err)
		}
		one.Name = Name(unitName, s, false)
		list = append(list, one)
	}
	if err := link(unitName, s, list); err != nil {
		warnings = append(warnings, err)
	}
	return list, warnings, nil
}

// failed is the one form of all complaints about a listener.
func (r *request) failed(what string, err error) error {
	return fmt.Errorf("%s: cannot %s %s (Listen%s=): %w", r.unitName, what, r.listen.Address, r.listen.Kind, err)
}

func (r *request) open() (Listener, error) {
	switch r.listen.Kind {
	case unit.ListenStream, unit.ListenDatagram, unit.ListenSequentialPacket:
		return r.openSocket()
	case unit.ListenFIFO:
		return r.openFIFO()
	case unit.ListenSpecial:
		return r.openSpecial()
	case unit.ListenNetlink:
		return r.openNetlink()
	case unit.ListenMessageQueue:
		return r.openQueue()
	}
	return Listener{}, errors.New("this kind of listener is not supported")
}

// take removes the first kept descriptor that fits and returns it, else -1.
func (r *request) take(fits func(fd int) bool) int {
	for i, fd := range *r.kept {
		if fits(fd) {
			*r.kept = append((*r.kept)[:i], (*r.kept)[i+1:]...)
			unix.CloseOnExec(fd)
			unix.SetNonblock(fd, true) //nolint:errcheck // the service may have cleared it, for the open file that we share
			return fd
		}
	}
	return -1
}

// Close closes listeners. With remove (RemoveOnStop=yes) it also removes their nodes in the file system, if they are still
// the ones that were made for them.
func Close(list []Listener, remove bool) {
	for _, l := range list {
		if remove && l.path != "" {
			l.unlink()
		}
		unix.Close(l.FD)
	}
}

// unlink removes the node while the listener is still open, since only so long its inode number is nobody else's.
func (l *Listener) unlink() {
	if l.Kind == unit.ListenMessageQueue {
		unlinkQueue(l.path)
		return
	}
	if dev, ino, err := node(l.path); err == nil && dev == l.dev && ino == l.ino {
		os.Remove(l.path)
	}
}

// Unlink removes the symbolic links of a socket unit (Symlinks=), where they still are such; part of RemoveOnStop=yes.
func Unlink(s *unit.Socket) {
	for _, name := range s.Symlinks {
		if st, err := os.Lstat(name); err == nil && st.Mode()&os.ModeSymlink != 0 {
			os.Remove(name)
		}
	}
}

func node(path string) (dev, ino uint64, err error) {
	var st unix.Stat_t
	if err := unix.Lstat(path, &st); err != nil {
		return 0, 0, err
	}
	return st.Dev, st.Ino, nil
}

// remember notes which node belongs to the listener.
func (l *Listener) remember(path string) {
	if dev, ino, err := node(path); err == nil {
		l.path, l.dev, l.ino = path, dev, ino
	}
}

// SetNonblock sets or clears O_NONBLOCK on the descriptors that a service is about to get (NonBlocking= of
// systemd.service(5)). The manager's own reads and accepts of a listener need it set: Watch for that with Accept=yes.
func SetNonblock(fds []int, on bool) error {
	for _, fd := range fds {
		if err := unix.SetNonblock(fd, on); err != nil {
			return fmt.Errorf("cannot change blocking of descriptor %d: %w", fd, err)
		}
	}
	return nil
}

// Name returns the name under which a service gets what a socket unit has for it: FileDescriptorName=, else the socket unit's
// name for listeners, and "connection" for an accepted connection.
func Name(unitName string, s *unit.Socket, accepted bool) string {
	switch {
	case s.FileDescriptorName != "":
		return s.FileDescriptorName
	case accepted:
		return "connection"
	}
	return unitName
}
