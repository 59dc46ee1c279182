package socketact

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/sys/unix"
)

// Kept is one descriptor that is held for a unit, under a name that its processes know it by. It is plain data: a list of
// them survives re-execution while the descriptors stay open (Inherit).
type Kept struct {
	Unit string `json:"unit"`
	Name string `json:"name"`
	FD   int    `json:"fd"`
	Poll bool   `json:"poll,omitempty"` // drop it when the other end hangs up (not with FDPOLL=0)
}

// Store holds the descriptors that services gave to the manager (sd_notify(3), FDSTORE=1; FileDescriptorStoreMax= of
// systemd.service(5)). The zero Store is empty. It belongs to one goroutine.
type Store struct {
	units map[string][]Kept
}

// Store errors.
var (
	ErrFull = errors.New("the descriptor store is full")
	ErrName = errors.New("not a valid descriptor name")
)

// DefaultStoredName is the name of a stored descriptor that came without FDNAME=.
const DefaultStoredName = "stored"

// Add takes over a descriptor. A second descriptor of the same open file is closed and counts as added, as in systemd. On an
// error (ErrFull, ErrName) the descriptor is closed, too.
func (s *Store) Add(k Kept, limit int) error {
	if k.Name == "" {
		k.Name = DefaultStoredName
	}
	if !ValidName(k.Name) {
		unix.Close(k.FD)
		return fmt.Errorf("%s: cannot store a descriptor as %q: %w", k.Unit, k.Name, ErrName)
	}
	list := s.units[k.Unit]
	if slices.ContainsFunc(list, func(o Kept) bool { return sameFile(o.FD, k.FD) }) {
		unix.Close(k.FD)
		return nil
	}
	if len(list) >= limit {
		unix.Close(k.FD)
		return fmt.Errorf("%s: cannot store descriptor %q: %w: FileDescriptorStoreMax=%d", k.Unit, k.Name, ErrFull, limit)
	}
	unix.CloseOnExec(k.FD)
	if s.units == nil {
		s.units = map[string][]Kept{}
	}
	s.units[k.Unit] = append(list, k)
	return nil
}

// sameFile says whether two descriptors are of the same open file: not known to the kernel's comparison, they differ.
func sameFile(a, b int) bool {
	if a == b {
		return true
	}
	const kcmpFile = 0
	pid := uintptr(unix.Getpid())
	r, _, errno := unix.Syscall6(unix.SYS_KCMP, pid, pid, kcmpFile, uintptr(a), uintptr(b), 0)
	return errno == 0 && r == 0
}

// Of returns the descriptors of a unit, in the order in which they came. They stay the store's.
func (s *Store) Of(unitName string) []Kept { return s.units[unitName] }

// Remove closes the descriptors of a unit that have a name (FDSTOREREMOVE=1) and returns how many there were.
func (s *Store) Remove(unitName, name string) int {
	return s.drop(unitName, func(k Kept) bool { return k.Name == name })
}

// RemoveFD closes one descriptor, whose other end hung up.
func (s *Store) RemoveFD(unitName string, fd int) int {
	return s.drop(unitName, func(k Kept) bool { return k.FD == fd })
}

// Drop closes all descriptors of a unit.
func (s *Store) Drop(unitName string) int {
	return s.drop(unitName, func(Kept) bool { return true })
}

func (s *Store) drop(unitName string, gone func(Kept) bool) int {
	list := s.units[unitName]
	rest := list[:0:0]
	for _, k := range list {
		if gone(k) {
			unix.Close(k.FD)
		} else {
			rest = append(rest, k)
		}
	}
	if len(rest) == 0 {
		delete(s.units, unitName)
	} else {
		s.units[unitName] = rest
	}
	return len(list) - len(rest)
}

// All returns every descriptor, by unit name and then in order.
func (s *Store) All() []Kept {
	var all []Kept
	for _, list := range s.units {
		all = append(all, list...)
	}
	slices.SortStableFunc(all, func(a, b Kept) int { return strings.Compare(a.Unit, b.Unit) })
	return all
}

// Marshal writes a list of descriptors, for the state that survives re-execution.
func Marshal(list []Kept) ([]byte, error) {
	b, err := json.Marshal(list)
	if err != nil {
		return nil, fmt.Errorf("cannot write the list of descriptors: %w", err)
	}
	return b, nil
}

// Unmarshal reads what Marshal wrote. Descriptors that are not open (any more) are left out; the others are close-on-exec again.
func Unmarshal(b []byte) ([]Kept, error) {
	var list []Kept
	if err := json.Unmarshal(b, &list); err != nil {
		return nil, fmt.Errorf("cannot read the list of descriptors: %w", err)
	}
	return slices.DeleteFunc(list, func(k Kept) bool {
		_, err := unix.FcntlInt(uintptr(k.FD), unix.F_SETFD, unix.FD_CLOEXEC)
		return err != nil
	}), nil
}

// Restore puts descriptors back into an empty store.
func (s *Store) Restore(list []Kept) {
	s.units = map[string][]Kept{}
	for _, k := range list {
		s.units[k.Unit] = append(s.units[k.Unit], k)
	}
}

// Inherit makes descriptors survive the next exec of this process.
func Inherit(list []Kept) error {
	for _, k := range list {
		if _, err := unix.FcntlInt(uintptr(k.FD), unix.F_SETFD, 0); err != nil {
			return fmt.Errorf("%s: cannot keep descriptor %q (%d) open: %w", k.Unit, k.Name, k.FD, err)
		}
	}
	return nil
}

// ValidName says whether a name may stand in LISTEN_FDNAMES: at most 255 printable ASCII characters, and no colon.
func ValidName(name string) bool {
	if len(name) > 255 {
		return false
	}
	for i := range len(name) {
		if name[i] < ' ' || name[i] > '~' || name[i] == ':' {
			return false
		}
	}
	return true
}
