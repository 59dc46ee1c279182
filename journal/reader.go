package journal

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"

	"golang.org/x/sys/unix"
)

// Reader reads journal files of several directories as one journal. It is not safe for concurrent use.
type Reader struct {
	dirs     []string
	files    map[string]*file
	problems map[string]error
	watch    *watcher // nil until somebody follows
}

// Open opens the journal files in directories, and in their subdirectories that are named after machines, as
// journalctl --directory= does; or single files, as --file= does. Files that cannot be read are left out, see Problems.
// It fails if none of the directories can be read.
func Open(dirs ...string) (*Reader, error) {
	r := &Reader{dirs: dirs, files: map[string]*file{}, problems: map[string]error{}}
	if err := r.scan(); err != nil {
		_ = r.Close()
		return nil, fmt.Errorf("cannot open the journal: %w", err)
	}
	return r, nil
}

// Close ends the reading.
func (r *Reader) Close() error {
	for _, f := range r.files {
		f.close()
	}
	r.files = nil
	if r.watch != nil {
		r.watch.close()
		r.watch = nil
	}
	return nil
}

// Problems returns why files were left out, sorted.
func (r *Reader) Problems() []error {
	var all []error
	for _, err := range r.problems {
		all = append(all, err)
	}
	slices.SortFunc(all, func(a, b error) int { return strings.Compare(a.Error(), b.Error()) })
	return all
}

// scan brings the set of files up to date: new ones are opened, those that are gone or have another name are found by
// what they are.
func (r *Reader) scan() error {
	found := map[string]bool{}
	var failed []error
	readable := false
	for _, dir := range r.dirs {
		err := r.scanDir(dir, found)
		if err == nil {
			readable = true
		} else {
			failed = append(failed, err)
		}
	}
	if !readable && len(failed) > 0 {
		return errors.Join(failed...)
	}
	for path, f := range r.files {
		if !found[path] {
			f.close()
			delete(r.files, path)
		}
	}
	for path := range r.problems {
		if !found[path] {
			delete(r.problems, path)
		}
	}
	return nil
}

func (r *Reader) scanDir(dir string, found map[string]bool) error {
	st, err := os.Stat(dir)
	if err != nil {
		return err
	}
	if !st.IsDir() {
		r.add(dir, found)
		if err := r.problems[dir]; err != nil {
			return err
		}
		return nil
	}
	names, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	r.addAll(dir, names, found)
	for _, n := range names {
		stem, _, _ := strings.Cut(n.Name(), ".")
		if _, ok := ParseID(stem); !ok || !n.IsDir() {
			continue
		}
		sub := filepath.Join(dir, n.Name())
		if inner, err := os.ReadDir(sub); err == nil {
			r.addAll(sub, inner, found)
		}
	}
	return nil
}

func (r *Reader) addAll(dir string, names []fs.DirEntry, found map[string]bool) {
	for _, n := range names {
		if strings.HasSuffix(n.Name(), ".journal") || strings.HasSuffix(n.Name(), ".journal~") {
			r.add(filepath.Join(dir, n.Name()), found)
		}
	}
}

// add opens the file at path, unless it is open already: then it may have got that name in the meantime.
func (r *Reader) add(path string, found map[string]bool) {
	if found[path] {
		return
	}
	var st unix.Stat_t
	if unix.Stat(path, &st) != nil {
		return
	}
	for old, f := range r.files {
		if f.dev != st.Dev || f.ino != st.Ino {
			continue
		}
		if old != path {
			if found[old] {
				return // the same file under two names
			}
			delete(r.files, old)
			if other := r.files[path]; other != nil {
				r.files[old] = other // it has moved on, and is found later
			}
			r.files[path], f.path = f, path
		}
		found[path] = true
		return
	}
	f, err := openFile(path)
	found[path] = true
	if err != nil {
		if !errors.Is(err, fs.ErrNotExist) {
			r.problems[path] = err
		}
		return
	}
	if other := r.files[path]; other != nil {
		// What had this name before was renamed; it is kept under a name of its own until its turn comes.
		r.files[fmt.Sprintf("%s#%d", path, other.ino)] = other
	}
	delete(r.problems, path)
	r.files[path] = f
}

// sorted returns the files in the order of their names.
func (r *Reader) sorted() []*file {
	all := make([]*file, 0, len(r.files))
	for _, f := range r.files {
		all = append(all, f)
	}
	slices.SortFunc(all, func(a, b *file) int { return strings.Compare(a.path, b.path) })
	return all
}

// Values returns every value that a field has in the journal, sorted.
func (r *Reader) Values(field string) []string {
	seen := map[string]bool{}
	for _, f := range r.sorted() {
		_ = guard(f, func() {
			f.values(field, func(v string, _ *entryList) { seen[v] = true })
		})
	}
	all := make([]string, 0, len(seen))
	for v := range seen {
		all = append(all, v)
	}
	slices.Sort(all)
	return all
}

// Boot is one boot of the machine, as far as the journal has entries of it.
type Boot struct {
	ID          ID
	First, Last uint64 // microseconds since 1970
}

// Boots returns the boots in the journal, the oldest first.
func (r *Reader) Boots() []Boot {
	seen := map[ID]*Boot{}
	for _, f := range r.sorted() {
		_ = guard(f, func() {
			f.values("_BOOT_ID", func(v string, l *entryList) {
				id, ok := ParseID(v)
				n := l.count()
				if !ok || n == 0 {
					return
				}
				first, ok1 := f.entryHead(l.at(0))
				last, ok2 := f.entryHead(l.at(n - 1))
				if !ok1 || !ok2 {
					return
				}
				b := seen[id]
				if b == nil {
					b = &Boot{id, first.Realtime, last.Realtime}
					seen[id] = b
				}
				b.First, b.Last = min(b.First, first.Realtime), max(b.Last, last.Realtime)
			})
		})
	}
	all := make([]Boot, 0, len(seen))
	for _, b := range seen {
		all = append(all, *b)
	}
	slices.SortFunc(all, func(a, b Boot) int {
		if a.First != b.First {
			return int(max(min(int64(a.First)-int64(b.First), 1), -1))
		}
		return strings.Compare(string(a.ID[:]), string(b.ID[:]))
	})
	return all
}

// guard runs fn, which reads from the file's mapping. The file may be cut meanwhile: then the memory is gone, which is
// an error here and not the end of the program.
func guard(f *file, fn func()) (err error) {
	was := debug.SetPanicOnFault(true)
	defer func() {
		debug.SetPanicOnFault(was)
		if fault := recover(); fault != nil {
			if _, ok := fault.(interface{ Addr() uintptr }); !ok {
				panic(fault)
			}
			err = fmt.Errorf("cannot read the journal file %s: it was cut while it was read", f.path)
		}
	}()
	fn()
	return nil
}
