package unit

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
)

// tree reads files below a root by absolute path. Symbolic links are resolved here, relative to the root, as no implementation of
// fs.FS does that for absolute ones.
type tree struct {
	fsys  fs.FS
	links fs.ReadLinkFS // nil: there are no links
	buf   []byte
	notes []note // what was read for the unit being loaded
}

// note is what a file was like when it was read.
type note struct {
	path        string
	stamp, size int64
}

func newTree(fsys fs.FS) tree {
	links, _ := fsys.(fs.ReadLinkFS)
	return tree{fsys: fsys, links: links}
}

// rel is the name of an absolute path in an fs.FS.
func rel(path string) string {
	if path == "/" || path == "" {
		return "."
	}
	return path[1:]
}

// maxLinks bounds how many links one path may go through.
const maxLinks = 40

var errLoop = errors.New("too many symbolic links")

// resolve follows all links in an absolute path. The last component need not exist.
func (t *tree) resolve(path string) (string, error) {
	rest := strings.Split(strings.Trim(path, "/"), "/")
	done, followed := "", 0
	for len(rest) > 0 {
		part := rest[0]
		rest = rest[1:]
		switch part {
		case "", ".":
			continue
		case "..":
			done = strings.TrimSuffix(parent(done), "/")
			continue
		}
		next := done + "/" + part
		target, ok := t.readLink(next)
		if !ok {
			done = next
			continue
		}
		if followed++; followed > maxLinks {
			return "", fmt.Errorf("cannot resolve %s: %w", path, errLoop)
		}
		if strings.HasPrefix(target, "/") {
			done = ""
		}
		rest = append(strings.Split(strings.Trim(target, "/"), "/"), rest...)
	}
	if done == "" {
		done = "/"
	}
	return done, nil
}

// entry is a path with the links of its directory resolved, but not one at its end.
func (t *tree) entry(path string) string {
	real, err := t.resolve(parent(path))
	if err != nil {
		return path
	}
	return strings.TrimSuffix(real, "/") + "/" + base(path)
}

// readLink returns where a link points, as it says; ok is false for anything else.
func (t *tree) readLink(path string) (string, bool) {
	if t.links == nil {
		return "", false
	}
	target, err := t.links.ReadLink(rel(path))
	return target, err == nil
}

// pointsTo returns the absolute path that a link's text means, links in it unresolved.
func pointsTo(link, text string) string {
	if !strings.HasPrefix(text, "/") {
		text = parent(link) + "/" + text
	}
	parts := []string{""}
	for part := range strings.SplitSeq(text, "/") {
		switch part {
		case "", ".":
		case "..":
			if len(parts) > 1 {
				parts = parts[:len(parts)-1]
			}
		default:
			parts = append(parts, part)
		}
	}
	if len(parts) == 1 {
		return "/"
	}
	return strings.Join(parts, "/")
}

// maxFile bounds the size of a unit file.
const maxFile = 16 << 20

// read returns a file's text and its modification time, in ns since the epoch. The path must be resolved.
func (t *tree) read(path string) (text string, stamp int64, err error) {
	f, err := t.fsys.Open(rel(path))
	if err != nil {
		return "", 0, err
	}
	defer f.Close()
	st, err := f.Stat()
	switch {
	case err != nil:
		return "", 0, err
	case !st.Mode().IsRegular():
		return "", 0, fmt.Errorf("cannot read %s: not a regular file", path)
	case st.Size() > maxFile:
		return "", 0, fmt.Errorf("cannot read %s: larger than %d MB", path, maxFile>>20)
	}
	if text, err = t.readSized(f, int(st.Size())); err != nil {
		return "", 0, fmt.Errorf("cannot read %s: %w", path, err)
	}
	stamp = st.ModTime().UnixNano()
	t.notes = append(t.notes, note{path, stamp, st.Size()})
	return text, stamp, nil
}

// noted returns what is known of a file that was just read.
func (t *tree) noted(path string) (stamp, size int64, ok bool) {
	for i := range t.notes {
		if t.notes[i].path == path {
			return t.notes[i].stamp, t.notes[i].size, true
		}
	}
	return 0, 0, false
}

// readSized reads a file whose size is known, without asking once more for its end.
func (t *tree) readSized(f io.Reader, size int) (string, error) {
	if cap(t.buf) < size {
		t.buf = make([]byte, max(size, 4096))
	}
	n, err := io.ReadFull(f, t.buf[:size])
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
		return "", err
	}
	text := string(t.buf[:n])
	if cap(t.buf) > 1<<16 {
		t.buf = nil // one large file is no reason to keep so much
	}
	return text, nil
}

// list returns a directory's entries, sorted by name, and the directory's modification time. A missing one is empty.
func (t *tree) list(path string) ([]fs.DirEntry, int64) {
	st, err := fs.Stat(t.fsys, rel(path))
	if err != nil || !st.IsDir() {
		return nil, 0
	}
	entries, _ := fs.ReadDir(t.fsys, rel(path)) // what could be read counts
	return entries, st.ModTime().UnixNano()
}

// lstat asks about a path whose directory is resolved, without following a link at its end.
func (t *tree) lstat(path string) (fs.FileInfo, error) {
	if t.links != nil {
		return t.links.Lstat(rel(path))
	}
	return fs.Stat(t.fsys, rel(path))
}

// stamp is a directory's modification time, 0 when it is missing.
func (t *tree) stamp(path string) int64 {
	st, err := fs.Stat(t.fsys, rel(path))
	if err != nil {
		return 0
	}
	return st.ModTime().UnixNano()
}
