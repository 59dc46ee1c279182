package host

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"

	"golang.org/x/sys/unix"
)

// ErrInUse says that a living process answers on a socket that was to be bound.
var ErrInUse = errors.New("another manager answers there")

// Listen binds a socket of type typ (SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET) at path with the given mode and returns
// its descriptor, non-blocking and close-on-exec. Stream and packet sockets listen. It connects first: if somebody
// answers it fails with ErrInUse and leaves the socket alone; only a dead one is unlinked. Directories are made (0755).
func Listen(path string, typ int, mode os.FileMode) (int, error) {
	if err := refuseLive(path, typ); err != nil {
		return -1, fmt.Errorf("cannot bind %s: %w", path, err)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return -1, fmt.Errorf("cannot bind %s: %w", path, err)
	}
	fd, err := unix.Socket(unix.AF_UNIX, typ|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
	if err != nil {
		return -1, fmt.Errorf("cannot bind %s: %w", path, err)
	}
	err = bind(fd, path, mode)
	if err == nil && typ != unix.SOCK_DGRAM {
		err = unix.Listen(fd, unix.SOMAXCONN)
	}
	if err != nil {
		unix.Close(fd)
		return -1, fmt.Errorf("cannot bind %s: %w", path, err)
	}
	return fd, nil
}

// bind replaces a dead socket. The mode is set on the descriptor first, so that the path never exists with a wider one.
func bind(fd int, path string, mode os.FileMode) error {
	_ = unix.Fchmod(fd, uint32(mode.Perm()))
	address := &unix.SockaddrUnix{Name: path}
	err := unix.Bind(fd, address)
	if errors.Is(err, unix.EADDRINUSE) {
		if err := os.Remove(path); err != nil {
			return err
		}
		err = unix.Bind(fd, address)
	}
	if err != nil {
		return err
	}
	return os.Chmod(path, mode)
}

// refuseLive fails when something answers at path, or when what lies there is no socket.
func refuseLive(path string, typ int) error {
	st, err := os.Lstat(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	} else if err != nil {
		return err
	}
	if st.Mode()&os.ModeSocket == 0 {
		return errors.New("there is a file that is no socket")
	}
	fd, err := unix.Socket(unix.AF_UNIX, typ|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	switch err := unix.Connect(fd, &unix.SockaddrUnix{Name: path}); {
	case err == nil, errors.Is(err, unix.EAGAIN), errors.Is(err, unix.EINPROGRESS):
		return ErrInUse
	case errors.Is(err, unix.EPROTOTYPE):
		return fmt.Errorf("a socket of another type is there: %w", err)
	case errors.Is(err, unix.ECONNREFUSED), errors.Is(err, unix.ENOENT):
		return nil
	default:
		return err
	}
}

// OwnDir makes a directory that only its owner may enter, and refuses one that belongs to somebody else: sockets and
// state must not lie in a stranger's directory (/tmp, say).
func OwnDir(path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return fmt.Errorf("cannot make %s: %w", path, err)
	}
	if err := os.Mkdir(path, 0o700); err != nil && !errors.Is(err, os.ErrExist) {
		return fmt.Errorf("cannot make %s: %w", path, err)
	}
	var st unix.Stat_t
	if err := unix.Lstat(path, &st); err != nil {
		return fmt.Errorf("cannot make %s: %w", path, err)
	}
	if int(st.Uid) != os.Geteuid() || st.Mode&unix.S_IFMT != unix.S_IFDIR {
		return fmt.Errorf("cannot use %s: it belongs to uid %s", path, strconv.Itoa(int(st.Uid)))
	}
	return nil
}

// Listener returns the process that listens on a stream socket, as the kernel noted it, 0 when nobody does. It may have died
// meanwhile, while a child that has not called exec yet still holds the socket.
func Listener(path string) int {
	fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
	if err != nil {
		return 0
	}
	defer unix.Close(fd)
	if unix.Connect(fd, &unix.SockaddrUnix{Name: path}) != nil {
		return 0
	}
	peer, err := unix.GetsockoptUcred(fd, unix.SOL_SOCKET, unix.SO_PEERCRED)
	if err != nil {
		return 0
	}
	return int(peer.Pid)
}
