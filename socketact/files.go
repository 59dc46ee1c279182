package socketact

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"

	"davit/unit"

	"golang.org/x/sys/unix"
)

// parents makes the directories that lead to a node, with DirectoryMode=.
func (r *request) parents(path string) error {
	return makeDirectories(filepath.Dir(path), os.FileMode(r.socket.DirectoryMode))
}

func makeDirectories(dir string, mode os.FileMode) error {
	if st, err := os.Stat(dir); err == nil {
		if !st.IsDir() {
			return fmt.Errorf("%s is not a directory", dir)
		}
		return nil
	}
	if up := filepath.Dir(dir); up != dir {
		if err := makeDirectories(up, mode); err != nil {
			return err
		}
	}
	err := os.Mkdir(dir, 0o700)
	if errors.Is(err, os.ErrExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return unix.Chmod(dir, uint32(mode)) // not for mkdir: the umask would count
}

// give sets owner and mode of a node, of exactly the node that is there: a link put in its place is not followed.
func (r *request) give(path string) error {
	fd, err := unix.Open(path, unix.O_PATH|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	if r.owner.UID >= 0 || r.owner.GID >= 0 {
		if err := unix.Fchownat(fd, "", r.owner.UID, r.owner.GID, unix.AT_EMPTY_PATH); err != nil {
			return fmt.Errorf("cannot give it to user %d and group %d: %w", r.owner.UID, r.owner.GID, err)
		}
	}
	err = unix.Chmod("/proc/self/fd/"+strconv.Itoa(fd), uint32(r.socket.SocketMode))
	if err == unix.ENOENT { // no /proc here
		err = unix.Chmod(path, uint32(r.socket.SocketMode))
	}
	return err
}

func (r *request) openFIFO() (Listener, error) {
	path := r.listen.Address
	l := Listener{FD: r.take(sameNode(path)), Kind: r.listen.Kind, Address: path}
	if l.FD < 0 {
		if err := r.makeFIFO(path); err != nil {
			return Listener{}, err
		}
		// Both ends: there is never an end of file between two writers, and opening does not wait for one.
		fd, err := unix.Open(path, unix.O_RDWR|unix.O_CLOEXEC|unix.O_NOCTTY|unix.O_NONBLOCK|unix.O_NOFOLLOW, 0)
		if err != nil {
			return Listener{}, err
		}
		l.FD = fd
	}
	l.remember(path)
	if size := r.socket.PipeSize; size > 0 {
		if _, err := unix.FcntlInt(uintptr(l.FD), unix.F_SETPIPE_SZ, int(size)); err != nil {
			r.warn(fmt.Errorf("PipeSize=: %w", err))
		}
	}
	return l, nil
}

func (r *request) makeFIFO(path string) error {
	if err := r.parents(path); err != nil {
		return err
	}
	switch err := unix.Mkfifo(path, 0o600); err {
	case nil:
		return r.give(path)
	case unix.EEXIST:
	default:
		return err
	}
	st, err := os.Lstat(path)
	if err != nil {
		return err
	}
	if st.Mode()&os.ModeNamedPipe == 0 {
		return fmt.Errorf("%w: what stands there is not a FIFO", unix.EEXIST)
	}
	return r.give(path)
}

// sameNode finds a kept descriptor by the file that it has open.
func sameNode(path string) func(int) bool {
	var want unix.Stat_t
	err := unix.Stat(path, &want)
	return func(fd int) bool {
		var have unix.Stat_t
		return err == nil && unix.Fstat(fd, &have) == nil && have.Dev == want.Dev && have.Ino == want.Ino
	}
}

func (r *request) openSpecial() (Listener, error) {
	path := r.listen.Address
	l := Listener{FD: r.take(sameNode(path)), Kind: r.listen.Kind, Address: path}
	if l.FD >= 0 {
		return l, nil
	}
	access := unix.O_RDONLY
	if r.socket.Writable {
		access = unix.O_RDWR
	}
	fd, err := unix.Open(path, access|unix.O_CLOEXEC|unix.O_NOCTTY|unix.O_NONBLOCK|unix.O_NOFOLLOW, 0)
	if err != nil {
		return Listener{}, err
	}
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil {
		unix.Close(fd)
		return Listener{}, err
	}
	if t := st.Mode & unix.S_IFMT; t != unix.S_IFREG && t != unix.S_IFCHR {
		unix.Close(fd)
		return Listener{}, errors.New("neither a character device nor a regular file")
	}
	l.FD = fd
	return l, nil
}

// link makes the links of Symlinks= to the one node in the file system that the unit has.
func link(unitName string, s *unit.Socket, list []Listener) error {
	if len(s.Symlinks) == 0 {
		return nil
	}
	target := ""
	for _, l := range list {
		if l.path != "" && l.Kind != unit.ListenMessageQueue {
			if target != "" {
				return fmt.Errorf("%s: cannot link Symlinks=: there is more than one socket in the file system", unitName)
			}
			target = l.path
		}
	}
	if target == "" {
		return fmt.Errorf("%s: cannot link Symlinks=: there is no socket in the file system", unitName)
	}
	var errs []error
	for _, name := range s.Symlinks {
		if err := linkOne(target, name, os.FileMode(s.DirectoryMode)); err != nil {
			errs = append(errs, fmt.Errorf("%s: cannot link %s (Symlinks=): %w", unitName, name, err))
		}
	}
	return errors.Join(errs...)
}

// linkOne makes one link; an old link gives way, nothing else does.
func linkOne(target, name string, mode os.FileMode) error {
	if err := makeDirectories(filepath.Dir(name), mode); err != nil {
		return err
	}
	if old, err := os.Readlink(name); err == nil {
		if old == target {
			return nil
		}
		if err := os.Remove(name); err != nil {
			return err
		}
	}
	return os.Symlink(target, name)
}
