package process

import (
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// Resolve returns the path of an executable: name itself when it is a path, else the first that search (or SystemPath) has. root is
// where RootDirectory= is, or empty; the result is relative to it.
func Resolve(name string, search []string, root string) (string, error) {
	if strings.IndexByte(name, '/') >= 0 {
		return name, nil
	}
	if len(search) == 0 {
		search = systemSearch
	}
	found := unix.ENOENT
	for _, dir := range search {
		path := strings.TrimRight(dir, "/") + "/" + name
		switch err := executable(root + path); err {
		case nil:
			return path, nil
		case unix.EACCES:
			found = unix.EACCES
		}
	}
	return "", fmt.Errorf("cannot find executable %s: %w", name, found)
}

var systemSearch = strings.Split(SystemPath, ":")

// executable says whether path is a file that can be executed.
func executable(path string) error {
	var st unix.Stat_t
	if err := unix.Stat(path, &st); err != nil {
		return err
	}
	if st.Mode&unix.S_IFMT != unix.S_IFREG || st.Mode&0o111 == 0 {
		return unix.EACCES
	}
	return nil
}

// StreamID returns the value of JOURNAL_STREAM for a descriptor: "device:inode" in decimal.
func StreamID(fd int) (string, error) {
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil {
		return "", fmt.Errorf("cannot look at stream: %w", err)
	}
	return strconv.FormatUint(st.Dev, 10) + ":" + strconv.FormatUint(st.Ino, 10), nil
}
