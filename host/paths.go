package host

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// look turns the errors that mean "no" into false.
func look(st fs.FileInfo, err error) (fs.FileInfo, bool, error) {
	switch {
	case err == nil:
		return st, true, nil
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, unix.ENOTDIR), errors.Is(err, unix.ELOOP), errors.Is(err, fs.ErrPermission):
		return nil, false, nil
	}
	return nil, false, err
}

func pathExists(m *Machine, p string) (bool, error) {
	_, ok, err := look(os.Stat(m.Root + p))
	return ok, err
}

func pathExistsGlob(m *Machine, p string) (bool, error) {
	found, err := filepath.Glob(m.Root + p)
	return len(found) > 0, err
}

func isDirectory(m *Machine, p string) (bool, error) {
	st, ok, err := look(os.Stat(m.Root + p))
	return ok && st.IsDir(), err
}

func isSymbolicLink(m *Machine, p string) (bool, error) {
	st, ok, err := look(os.Lstat(m.Root + p))
	return ok && st.Mode()&fs.ModeSymlink != 0, err
}

func isSocket(m *Machine, p string) (bool, error) {
	st, ok, err := look(os.Stat(m.Root + p))
	return ok && st.Mode()&fs.ModeSocket != 0, err
}

func isDirectoryNotEmpty(m *Machine, p string) (bool, error) {
	d, err := os.Open(m.Root + p)
	if err != nil {
		_, _, err = look(nil, err)
		return false, err
	}
	defer d.Close()
	names, _ := d.Readdirnames(1)
	return len(names) > 0, nil
}

func isFileNotEmpty(m *Machine, p string) (bool, error) {
	st, ok, err := look(os.Stat(m.Root + p))
	return ok && st.Mode().IsRegular() && st.Size() > 0, err
}

func isFileExecutable(m *Machine, p string) (bool, error) {
	st, ok, err := look(os.Stat(m.Root + p))
	return ok && st.Mode().IsRegular() && st.Mode()&0o111 != 0, err
}

// isMountPoint asks statx for STATX_ATTR_MOUNT_ROOT, and compares device numbers where the kernel does not know it.
func isMountPoint(m *Machine, p string) (bool, error) {
	path := m.Root + p
	var st unix.Statx_t
	err := unix.Statx(unix.AT_FDCWD, path, unix.AT_NO_AUTOMOUNT, unix.STATX_TYPE, &st)
	if err != nil {
		_, _, err = look(nil, err)
		return false, err
	}
	if st.Attributes_mask&unix.STATX_ATTR_MOUNT_ROOT != 0 {
		return st.Attributes&unix.STATX_ATTR_MOUNT_ROOT != 0, nil
	}
	var own, parent unix.Stat_t
	if unix.Stat(path, &own) != nil || unix.Stat(path+"/..", &parent) != nil {
		return false, nil
	}
	return own.Dev != parent.Dev || own.Ino == parent.Ino, nil
}

func isReadWrite(m *Machine, p string) (bool, error) {
	var st unix.Statfs_t
	if err := unix.Statfs(m.Root+p, &st); err != nil {
		_, _, err = look(nil, err)
		return false, err
	}
	return st.Flags&unix.ST_RDONLY == 0, nil
}

// isEncrypted follows the block device below a file system through the layers of the device mapper.
func isEncrypted(m *Machine, p string) (bool, error) {
	var st unix.Stat_t
	if err := unix.Stat(m.Root+p, &st); err != nil {
		_, _, err = look(nil, err)
		return false, err
	}
	dir := m.Root + "/sys/dev/block/" + deviceNumber(st.Dev)
	for range 16 {
		if id, err := os.ReadFile(dir + "/dm/uuid"); err == nil && strings.HasPrefix(string(id), "CRYPT-") {
			return true, nil
		}
		below, err := os.ReadDir(dir + "/slaves")
		if err != nil || len(below) != 1 {
			return false, nil
		}
		dir += "/slaves/" + below[0].Name()
	}
	return false, nil
}

// needsUpdate compares the time of /usr with the stamp file of /etc or /var.
func needsUpdate(m *Machine, p string) (bool, error) {
	if v, ok := m.kernelOption("systemd.condition-needs-update"); ok {
		if yes, known := boolean(or(v, "yes")); known {
			return yes, nil
		}
	}
	if ok, err := isReadWrite(m, p); !ok || err != nil {
		return false, err
	}
	var usr, stamp unix.Stat_t
	if unix.Stat(m.Root+"/usr", &usr) != nil {
		return false, nil
	}
	if unix.Stat(m.Root+strings.TrimRight(p, "/")+"/.updated", &stamp) != nil {
		return true, nil
	}
	return usr.Mtim.Nano() > stamp.Mtim.Nano(), nil
}
