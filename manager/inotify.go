package manager

import (
	"encoding/binary"
	"errors"
	"path/filepath"

	"davit/engine"

	"golang.org/x/sys/unix"
)

// pidFileWait is a FindMainPID whose file is waited for.
type pidFileWait struct {
	ask engine.FindMainPID
	wd  int
}

// awaitFile waits for changes in the directory of a PID file. It reports false when that directory cannot be watched.
func (m *Manager) awaitFile(x engine.FindMainPID) bool {
	if m.inotify < 0 {
		fd, err := unix.InotifyInit1(unix.IN_CLOEXEC | unix.IN_NONBLOCK)
		if err != nil {
			return false
		}
		if m.poll.add(fd, fromPath, unix.EPOLLIN) != nil {
			unix.Close(fd)
			return false
		}
		m.inotify = fd
	}
	wd, err := unix.InotifyAddWatch(m.inotify, filepath.Dir(x.PIDFile),
		unix.IN_CREATE|unix.IN_MOVED_TO|unix.IN_CLOSE_WRITE|unix.IN_MODIFY)
	if err != nil {
		return false
	}
	m.fileWaits = append(m.fileWaits, pidFileWait{ask: x, wd: wd})
	m.retryPIDFiles(wd) // it may have come between the first look and the watch
	return true
}

// deliverPaths reads the inotify events and looks for the files that are waited for.
func (m *Manager) deliverPaths() {
	if len(m.poll.ready[fromPath]) == 0 {
		return
	}
	var buf [4096]byte
	for {
		n, err := unix.Read(m.inotify, buf[:])
		if err == unix.EINTR {
			continue
		}
		if err != nil || n <= 0 {
			return
		}
		for b := buf[:n]; len(b) >= unix.SizeofInotifyEvent; {
			wd := int(int32(binary.NativeEndian.Uint32(b)))
			b = b[unix.SizeofInotifyEvent+int(binary.NativeEndian.Uint32(b[12:])):]
			m.retryPIDFiles(wd)
		}
	}
}

// retryPIDFiles answers those waits on a directory whose file is there now.
func (m *Manager) retryPIDFiles(wd int) {
	kept := m.fileWaits[:0]
	inUse := false
	for _, w := range m.fileWaits {
		if w.wd == wd {
			pid, err := m.readPIDFile(w.ask.Unit, w.ask.PIDFile)
			if !errors.Is(err, errNotYet) {
				m.foundMainPID(w.ask, pid, err)
				continue
			}
			inUse = true
		}
		kept = append(kept, w)
	}
	clear(m.fileWaits[len(kept):])
	m.fileWaits = kept
	if !inUse {
		_, _ = unix.InotifyRmWatch(m.inotify, uint32(wd))
	}
}

// dropFileWaits gives up waiting for a unit's PID file; the engine has stopped asking.
func (m *Manager) dropFileWaits(name string) {
	kept := m.fileWaits[:0]
	for _, w := range m.fileWaits {
		if w.ask.Unit == name {
			m.foundMainPID(w.ask, 0, errNotYet)
			continue
		}
		kept = append(kept, w)
	}
	clear(m.fileWaits[len(kept):])
	m.fileWaits = kept
}
