package journal

import (
	"errors"
	"fmt"
	"os"
)

// Flush moves what was stored in volatile files to the persistent place, once there is one, as journalctl --flush asks
// for. From then on entries are stored there.
func (s *Store) Flush() error {
	if s.w == nil || !s.volatile || s.cfg.Dir == "" || s.cfg.Storage == StorageVolatile {
		return s.Reopen()
	}
	from := s.dir
	if err := s.Reopen(); err != nil || s.volatile {
		return err
	}
	s.syncing.Wait() // the volatile file has its last name now
	r, err := Open(from)
	if err != nil {
		return fmt.Errorf("cannot flush the volatile journal: %w", err)
	}
	defer r.Close()
	for e, err := range r.Entries(Query{Lines: All}) {
		if err == nil {
			err = s.copyEntry(e)
		}
		if err != nil {
			return fmt.Errorf("cannot flush the volatile journal: %w", err)
		}
	}
	var failed error
	for _, f := range r.sorted() {
		if err := os.Remove(f.path); err != nil && !errors.Is(err, os.ErrNotExist) {
			failed = errors.Join(failed, err)
		}
	}
	_ = os.Remove(from)
	return failed
}

// copyEntry stores an entry of another file, which keeps its times.
func (s *Store) copyEntry(e *Entry) error {
	fields := make([][]byte, len(e.Fields))
	for i, f := range e.Fields {
		fields[i] = []byte(f.Name + "=" + f.Value)
	}
	w := s.w
	was := w.boot
	w.boot = e.Boot
	defer func() { w.boot = was }()
	return s.Append(Stamp{e.Realtime, e.Monotonic}, nil, fields...)
}
