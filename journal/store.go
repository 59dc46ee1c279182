package journal

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sys/unix"
)

// Storage says where a store keeps its files, as Storage= of journald.conf(5).
type Storage string

// The kinds of storage.
const (
	StorageAuto       Storage = "auto"       // persistent if the directory exists, else volatile
	StoragePersistent Storage = "persistent" // make the directory; volatile if that fails
	StorageVolatile   Storage = "volatile"
	StorageNone       Storage = "none"
)

// StoreConfig says where and how much a Store keeps.
type StoreConfig struct {
	Dir      string // persistent files; they are in a subdirectory named after the machine
	Runtime  string // volatile files, likewise
	Name     string // "system", or "user-" and a uid
	Storage  Storage
	Machine  ID
	Boot     ID
	MaxUse   uint64 // bytes of all files together, 0: a tenth of the file system, at most 4 GB
	KeepFree uint64 // bytes to leave free, 0: 15 % of the file system, at most 4 GB
	MaxFile  uint64 // bytes of one file, 0: an eighth of MaxUse, at most 64 MB
	MaxFiles int    // 0: 100
}

// Store appends entries to the current file of a directory and replaces it when it is full.
type Store struct {
	cfg        StoreConfig
	w          *Writer
	dir        string // that of w
	volatile   bool
	fileSize   uint64
	syncing    sync.WaitGroup // files that are put away
	lastSeqnum uint64
	closed     bool
}

// ErrNowhere means that there is no directory to store entries in.
var ErrNowhere = errors.New("no place to store the journal")

// OpenStore opens or begins the current file. The error says why entries cannot be stored, or not persistently; the
// store is usable in any case and tries again with Reopen.
func OpenStore(cfg StoreConfig) (*Store, error) {
	if cfg.Name == "" {
		cfg.Name = "system"
	}
	s := &Store{cfg: cfg}
	return s, s.Reopen()
}

// Reopen looks for the best place again. It changes nothing when the store is there already.
func (s *Store) Reopen() error {
	var failed error
	if s.cfg.Storage != StorageVolatile && s.cfg.Storage != StorageNone && s.cfg.Dir != "" {
		if s.w != nil && !s.volatile {
			return nil
		}
		err := s.openIn(s.cfg.Dir, s.cfg.Storage == StoragePersistent, false)
		if err == nil {
			return nil
		}
		if s.cfg.Storage == StoragePersistent || !errors.Is(err, os.ErrNotExist) {
			failed = err
		}
	}
	if s.w != nil {
		return failed
	}
	if s.cfg.Storage == StorageNone {
		return nil
	}
	if s.cfg.Runtime != "" {
		if err := s.openIn(s.cfg.Runtime, true, true); err != nil {
			return errors.Join(failed, err, ErrNowhere)
		}
		return failed
	}
	return errors.Join(failed, ErrNowhere)
}

// openIn makes the current file of the directory the one that is written.
func (s *Store) openIn(root string, create, volatile bool) error {
	if !create {
		if _, err := os.Stat(root); err != nil {
			return err
		}
	}
	dir := filepath.Join(root, s.cfg.Machine.String())
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("cannot make the journal's directory: %w", err)
	}
	lim := s.limits(dir)
	opt := Options{Machine: s.cfg.Machine, Boot: s.cfg.Boot, MaxSize: lim.file}
	if s.w != nil {
		next := s.w.Next()
		opt.Seqnum, opt.SeqnumID = next.Seqnum, next.SeqnumID
	}
	w, err := s.open(filepath.Join(dir, s.cfg.Name+".journal"), opt)
	if err != nil {
		return err
	}
	old := s.w
	s.w, s.dir, s.volatile, s.fileSize = w, dir, volatile, lim.file
	if old != nil {
		s.put(old, archivedName(filepath.Dir(old.path), s.cfg.Name, old))
	}
	s.Vacuum()
	return nil
}

// open continues the file at path, or puts it away and begins another one.
func (s *Store) open(path string, opt Options) (*Writer, error) {
	dir := filepath.Dir(path)
	s.tidy(dir)
	w, err := OpenWriter(path, opt)
	if err == nil && !w.Full() && w.end+w.max/16 < w.max {
		return w, nil
	}
	switch {
	case err == nil:
		opt.Seqnum, opt.SeqnumID = w.Seqnum(), w.SeqnumID()
		s.put(w, archivedName(dir, s.cfg.Name, w))
	case errors.Is(err, os.ErrNotExist):
		s.follow(dir, &opt)
	case errors.Is(err, ErrInUse), errors.Is(err, ErrForeign):
		if err := os.Rename(path, foreignName(path, s.cfg.Name)); err != nil {
			return nil, err
		}
	default:
		if err := os.Rename(path, uncleanName(dir, s.cfg.Name)); err != nil {
			return nil, err
		}
	}
	return Create(path, opt)
}

// tidy completes what a killed daemon had begun in the directory: files that were to be archived, and new ones that have
// no name yet. What is in use is left alone.
func (s *Store) tidy(dir string) {
	fresh, _ := filepath.Glob(filepath.Join(dir, ".#"+s.cfg.Name+".journal*"))
	for _, path := range fresh {
		if fd, err := unix.Open(path, unix.O_RDONLY|unix.O_CLOEXEC|unix.O_NOFOLLOW, 0); err == nil {
			if unix.Flock(fd, unix.LOCK_EX|unix.LOCK_NB) == nil {
				_ = os.Remove(path)
			}
			_ = unix.Close(fd)
		}
	}
	archives, _ := filepath.Glob(filepath.Join(dir, s.cfg.Name+"@*.journal"))
	for _, path := range archives {
		if fileState(path) != stateOnline {
			continue
		}
		if w, err := OpenWriter(path, Options{Machine: s.cfg.Machine, Boot: s.cfg.Boot}); err == nil {
			w.archive()
		}
	}
}

// fileState reads the state of a file, negative if it cannot be read.
func fileState(path string) int {
	f, err := os.Open(path)
	if err != nil {
		return -1
	}
	defer f.Close()
	var b [1]byte
	if _, err := f.ReadAt(b[:], hState); err != nil {
		return -1
	}
	return int(b[0])
}

// follow finds where the numbers of entries go on when there is no current file: a daemon was killed while it rotated.
func (s *Store) follow(dir string, opt *Options) {
	files, _ := archived(dir)
	for _, a := range slices.Backward(files) {
		if !strings.HasPrefix(filepath.Base(a.path), s.cfg.Name+"@") || strings.HasSuffix(a.path, "~") {
			continue
		}
		if f, err := openFile(a.path); err == nil {
			opt.Seqnum, opt.SeqnumID = f.head(hTailSeqnum), f.id(hSeqnumID)
			f.close()
			return
		}
	}
}

// put archives a file that is not written any more: it gets its final name at once, and its state once it is on disk.
func (s *Store) put(w *Writer, name string) {
	if w.Entries() == 0 {
		_ = os.Remove(w.path)
		w.unmap()
		return
	}
	if err := os.Rename(w.path, name); err == nil {
		w.path = name
	}
	s.syncing.Go(func() { w.archive() })
}

// archive cuts off what was allocated and not used, and closes the file for good.
func (w *Writer) archive() {
	w.put(hArenaSize, w.end-headerSize)
	_ = unix.Ftruncate(w.fd, int64(w.end))
	_ = w.Sync()
	w.m[hState] = stateArchived
	w.unmap()
}

// Append stores an entry in the current file, or in the next one if that is full.
func (s *Store) Append(at Stamp, set *Set, fields ...[]byte) error {
	if s.w == nil {
		if s.cfg.Storage == StorageNone && !s.closed {
			return nil
		}
		return ErrNowhere
	}
	if at.Real < s.w.lastReal {
		if at.Real+1_000_000 >= s.w.lastReal {
			at.Real = s.w.lastReal
		} else if err := s.Rotate(); err != nil {
			return err
		}
	}
	err := s.try(at, set, fields)
	if err == nil && s.w.touchedFull() {
		_ = s.Rotate()
	}
	if err == nil || !errors.Is(err, ErrRotate) && !errors.Is(err, ErrUnclean) {
		return err
	}
	if errors.Is(err, ErrUnclean) {
		err = s.replace()
	} else {
		err = s.Rotate()
	}
	if err != nil {
		return err
	}
	return s.try(at, set, fields)
}

// touchedFull is Full, asked only once in a while.
func (w *Writer) touchedFull() bool { return w.Seqnum()%64 == 0 && w.Full() }

// try appends; a file that is damaged, or cut under the mapping, becomes ErrUnclean.
func (s *Store) try(at Stamp, set *Set, fields [][]byte) (err error) {
	defer func() {
		if fault := recover(); fault != nil {
			err = fmt.Errorf("%w: %v", ErrUnclean, fault)
		}
	}()
	return s.w.Append(at, set, fields...)
}

// replace begins a new file beside one that proved to be damaged.
func (s *Store) replace() error {
	opt := Options{Machine: s.cfg.Machine, Boot: s.cfg.Boot, MaxSize: s.fileSize}
	path := s.w.path
	s.w.unmap()
	s.w = nil
	if err := os.Rename(path, uncleanName(s.dir, s.cfg.Name)); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	w, err := Create(path, opt)
	if err != nil {
		return err
	}
	s.w = w
	return nil
}

// Rotate archives the current file and begins another. When that fails, the current one goes on.
func (s *Store) Rotate() error {
	if s.w == nil {
		return ErrNowhere
	}
	if s.w.Entries() == 0 {
		return nil
	}
	s.Vacuum()
	path, old := s.w.path, s.w
	opt := old.Next()
	opt.MaxSize = s.limits(s.dir).file
	name := archivedName(s.dir, s.cfg.Name, old)
	if err := os.Rename(path, name); err != nil {
		return fmt.Errorf("cannot archive the journal file: %w", err)
	}
	w, err := Create(path, opt)
	if err != nil {
		_ = os.Rename(name, path)
		return err
	}
	old.path, s.w = name, w
	s.syncing.Go(func() { old.archive() })
	return nil
}

// Seqnum returns the number of the last entry.
func (s *Store) Seqnum() uint64 {
	if s.w == nil {
		return s.lastSeqnum
	}
	return s.w.Seqnum()
}

// Changed tells readers that follow.
func (s *Store) Changed() {
	if s.w != nil {
		s.w.Changed()
	}
}

// Release gives up memory before a long sleep.
func (s *Store) Release() {
	if s.w != nil {
		s.w.Release()
	}
}

// Close puts everything on disk.
func (s *Store) Close() error {
	s.closed = true
	var err error
	if s.w != nil {
		s.lastSeqnum = s.w.Seqnum()
		err = s.w.Close()
		s.w = nil
	}
	s.syncing.Wait()
	return err
}
