package journal

import (
	"cmp"
	"crypto/rand"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// limits is how much a directory may hold.
type limits struct{ use, free, file uint64 }

const (
	minUse   = 16 << 20 // never less, however full the disk
	capUse   = 4 << 30
	capFile  = 64 << 20
	fileMany = 100
)

// limits computes the bounds for a directory from the configuration and its file system, as journald.conf(5) says.
func (s *Store) limits(dir string) limits {
	var fs unix.Statfs_t
	total, avail := uint64(capUse)*10, uint64(capUse)*10
	if unix.Statfs(dir, &fs) == nil {
		total, avail = fs.Blocks*uint64(fs.Bsize), fs.Bavail*uint64(fs.Bsize)
	}
	lim := limits{use: s.cfg.MaxUse, free: s.cfg.KeepFree, file: s.cfg.MaxFile}
	if lim.use == 0 {
		lim.use = max(min(total/10, capUse), minUse)
	}
	if lim.free == 0 {
		lim.free = min(total/100*15, capUse)
	}
	if lim.file == 0 {
		lim.file = min(lim.use/8, capFile)
	}
	lim.file = max(lim.file, minFileSize) &^ 4095
	_ = avail
	return lim
}

// stored is a journal file of the directory.
type stored struct {
	path string
	age  uint64 // time of its first entry, microseconds
	used uint64 // bytes on disk
}

// Vacuum removes the oldest archived files until the directory keeps its bounds.
func (s *Store) Vacuum() {
	files, used := archived(s.dir)
	lim := s.limits(s.dir)
	many := s.cfg.MaxFiles
	if many == 0 {
		many = fileMany
	}
	for i, f := range files {
		if used <= lim.use && len(files)-i <= many && s.roomy(lim, used) {
			return
		}
		if os.Remove(f.path) == nil {
			used -= min(used, f.used)
		}
	}
}

// roomy says whether the file system has the space free that is to stay so, or the journal is too small to matter.
func (s *Store) roomy(lim limits, used uint64) bool {
	var fs unix.Statfs_t
	if used <= minUse || unix.Statfs(s.dir, &fs) != nil {
		return true
	}
	return fs.Bavail*uint64(fs.Bsize) >= lim.free
}

// archived lists the archived files of a directory, the oldest first, and how much all of them and the current ones use.
func archived(dir string) (files []stored, used uint64) {
	names, _ := os.ReadDir(dir)
	for _, n := range names {
		name := n.Name()
		if !strings.HasSuffix(name, ".journal") && !strings.HasSuffix(name, ".journal~") {
			continue
		}
		var st unix.Stat_t
		path := filepath.Join(dir, name)
		if unix.Lstat(path, &st) != nil {
			continue
		}
		size := uint64(st.Blocks) * 512
		used += size
		if age, ok := archivedAge(name); ok {
			files = append(files, stored{path, age, size})
		}
	}
	slices.SortFunc(files, func(a, b stored) int {
		return cmp.Or(cmp.Compare(a.age, b.age), strings.Compare(a.path, b.path))
	})
	return files, used
}

// archivedAge reads the time from the name of an archived file: NAME@SEQNUMID-SEQNUM-TIME.journal, NAME@TIME-SALT.journal~.
func archivedAge(name string) (uint64, bool) {
	_, rest, ok := strings.Cut(name, "@")
	if !ok {
		return 0, false
	}
	if stem, unclean := strings.CutSuffix(rest, ".journal~"); unclean {
		rest, _, _ = strings.Cut(stem, "-")
	} else {
		words := strings.Split(strings.TrimSuffix(rest, ".journal"), "-")
		if len(words) != 3 {
			return 0, false
		}
		rest = words[2]
	}
	age, err := strconv.ParseUint(rest, 16, 64)
	return age, err == nil
}

// archivedName is what systemd calls the file once it is archived.
func archivedName(dir, name string, w *Writer) string {
	return filepath.Join(dir, fmt.Sprintf("%s@%s-%016x-%016x.journal",
		name, w.SeqnumID(), w.get(hHeadSeqnum), w.get(hHeadRealtime)))
}

// uncleanName is what systemd calls a file that was not closed.
func uncleanName(dir, name string) string {
	var salt [8]byte
	_, _ = rand.Read(salt[:])
	return filepath.Join(dir, fmt.Sprintf("%s@%016x-%x.journal~", name, uint64(time.Now().UnixMicro()), salt))
}

// foreignName is the archived name of a file that is sound but not ours to write, or an unclean one if it cannot be read.
func foreignName(path, name string) string {
	f, err := openFile(path)
	if err != nil || f.head(hNumEntries) == 0 {
		return uncleanName(filepath.Dir(path), name)
	}
	defer f.close()
	return filepath.Join(filepath.Dir(path), fmt.Sprintf("%s@%s-%016x-%016x.journal",
		name, f.id(hSeqnumID), f.head(hHeadSeqnum), f.head(hHeadRealtime)))
}
