package manager

import (
	"encoding/binary"
	"fmt"
	"sync"

	"golang.org/x/sys/unix"
)

// waker carries work from other goroutines (signals, a reload's parser, a name service) into the loop: they post, the
// loop collects. It is the only thing of the manager that two goroutines touch.
type waker struct {
	fd    int
	mu    sync.Mutex
	posts []func()
}

func newWaker() (*waker, error) {
	fd, err := unix.Eventfd(0, unix.EFD_CLOEXEC|unix.EFD_NONBLOCK)
	if err != nil {
		return nil, fmt.Errorf("cannot make an eventfd: %w", err)
	}
	return &waker{fd: fd}, nil
}

// post lets the loop run f at its next turn. It may be called from any goroutine.
func (w *waker) post(f func()) {
	w.mu.Lock()
	w.posts = append(w.posts, f)
	first := len(w.posts) == 1
	w.mu.Unlock()
	if first {
		var one [8]byte
		binary.NativeEndian.PutUint64(one[:], 1)
		_, _ = unix.Write(w.fd, one[:])
	}
}

// collect takes what was posted, in its order.
func (w *waker) collect() []func() {
	var count [8]byte
	_, _ = unix.Read(w.fd, count[:])
	w.mu.Lock()
	defer w.mu.Unlock()
	posts := w.posts
	w.posts = nil
	return posts
}
