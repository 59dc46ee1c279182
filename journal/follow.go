package journal

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"time"

	"golang.org/x/sys/unix"
)

// watcher waits until somebody stores something in one of the directories. Who writes a mapping is not seen by inotify;
// journald and our daemon cut the file to the length that it has, for that purpose.
type watcher struct {
	f    *os.File
	dirs map[string]bool
}

func newWatcher() (*watcher, error) {
	fd, err := unix.InotifyInit1(unix.IN_CLOEXEC | unix.IN_NONBLOCK)
	if err != nil {
		return nil, fmt.Errorf("cannot watch the journal: %w", err)
	}
	return &watcher{f: os.NewFile(uintptr(fd), "inotify"), dirs: map[string]bool{}}, nil
}

func (w *watcher) close() { _ = w.f.Close() }

// add watches a directory. One that does not exist (yet) is not an error.
func (w *watcher) add(dir string) error {
	if w.dirs[dir] {
		return nil
	}
	const events = unix.IN_CREATE | unix.IN_MOVED_TO | unix.IN_MOVED_FROM | unix.IN_DELETE | unix.IN_MODIFY
	var err error
	if e := w.control(func(fd int) { _, err = unix.InotifyAddWatch(fd, dir, events) }); e != nil {
		return e
	}
	switch {
	case err == nil:
		w.dirs[dir] = true
	case errors.Is(err, fs.ErrNotExist):
	default:
		return fmt.Errorf("cannot watch %s: %w", dir, err)
	}
	return nil
}

func (w *watcher) control(fn func(fd int)) error {
	c, err := w.f.SyscallConn()
	if err != nil {
		return fmt.Errorf("cannot watch the journal: %w", err)
	}
	return c.Control(func(fd uintptr) { fn(int(fd)) })
}

// wait returns when something has changed, and whether it may be the names of the files; or with ctx's error.
func (w *watcher) wait(ctx context.Context) (names bool, err error) {
	if err := ctx.Err(); err != nil {
		return false, err
	}
	stop := context.AfterFunc(ctx, func() { _ = w.f.SetReadDeadline(time.Unix(1, 0)) })
	defer stop()
	var buf [4096]byte
	n, err := w.f.Read(buf[:])
	if ctx.Err() != nil {
		return false, ctx.Err()
	}
	if err != nil {
		return false, fmt.Errorf("cannot watch the journal: %w", err)
	}
	for p := buf[:n]; len(p) >= unix.SizeofInotifyEvent; {
		mask := uint32(p[4]) | uint32(p[5])<<8 | uint32(p[6])<<16 | uint32(p[7])<<24
		names = names || mask&^uint32(unix.IN_MODIFY) != 0
		size := unix.SizeofInotifyEvent + int(p[12]) + int(p[13])<<8
		p = p[min(size, len(p)):]
	}
	return names, nil
}

// startWatching watches the reader's directories and looks at their files again, so that nothing falls in between.
func (r *Reader) startWatching() error {
	if r.watch == nil {
		w, err := newWatcher()
		if err != nil {
			return err
		}
		r.watch = w
	}
	return r.rewatch()
}

func (r *Reader) rewatch() error {
	for _, dir := range r.dirs {
		if st, err := os.Stat(dir); err == nil && !st.IsDir() {
			dir = filepath.Dir(dir)
		}
		if err := r.watch.add(dir); err != nil {
			return err
		}
		names, _ := os.ReadDir(dir)
		for _, n := range names {
			if _, ok := ParseID(n.Name()); ok && n.IsDir() {
				if err := r.watch.add(filepath.Join(dir, n.Name())); err != nil {
					return err
				}
			}
		}
	}
	return r.scan()
}

// Follow returns what a query selects, and then what comes, until ctx ends. Reverse and Until have no meaning here.
func (r *Reader) Follow(ctx context.Context, q Query) iter.Seq2[*Entry, error] {
	return func(yield func(*Entry, error) bool) {
		q.Reverse, q.Until = false, time.Time{}
		if err := r.startWatching(); err != nil {
			yield(nil, err)
			return
		}
		p, err := r.plan(&q)
		if err != nil {
			yield(nil, err)
			return
		}
		x := r.walk(&q, p, yield)
		if x == nil {
			return
		}
		x.turn()
		for {
			for e := x.next(); e != nil; e = x.next() {
				if !yield(e, nil) {
					return
				}
			}
			names, err := r.watch.wait(ctx)
			if err == nil && names {
				err = r.rewatch()
			}
			if err != nil {
				if ctx.Err() == nil {
					yield(nil, err)
				}
				return
			}
			if len(q.Units)+len(q.UserUnits) > 0 { // a pattern may have become true of more units
				if again, err := r.plan(&q); err == nil {
					x.p.where = again.where
				}
			}
			x.renew()
		}
	}
}

// turn makes a walk that showed the last entries one that goes on from there.
func (x *results) turn() {
	if !x.back {
		return
	}
	x.back, x.last, x.live, x.p.until = false, Entry{}, nil, 0
	for _, pos := range x.at {
		pos.from, pos.off, pos.done = pos.limit+1, 0, false
	}
	x.renew()
}

// renew takes in what has changed: files that have grown, and others than before. New files come first: what the old ones
// have by then is older.
func (x *results) renew() {
	known := map[*file]*position{}
	var old []*position
	for _, f := range x.r.sorted() {
		pos := x.at[f]
		if pos == nil {
			pos = x.enter(f)
		} else {
			old = append(old, pos)
		}
		known[f] = pos
	}
	x.live = slices.DeleteFunc(x.live, func(pos *position) bool { return known[pos.f] == nil })
	x.at = known
	for _, pos := range old {
		if err := pos.f.refresh(); err != nil || len(pos.f.m) < headerMin {
			pos.done = true
			continue
		}
		if x.try(pos, func() { x.look(pos) }) && pos.off == 0 {
			x.advance(pos)
		}
	}
}
