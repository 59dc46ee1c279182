package host

import (
	"errors"
	"io"
	"os"

	"golang.org/x/sys/unix"
)

// maxRead bounds what ReadRegular takes, in bytes.
const maxRead = 4 << 20

// ReadRegular reads a file that somebody else writes (a PID file, say), without ever waiting as a FIFO would make it.
func ReadRegular(path string) (string, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|unix.O_NONBLOCK|unix.O_NOCTTY, 0)
	if err != nil {
		return "", err
	}
	defer f.Close()
	st, err := f.Stat()
	if err != nil {
		return "", err
	}
	if !st.Mode().IsRegular() {
		return "", errors.New("not a regular file")
	}
	raw, err := io.ReadAll(io.LimitReader(f, maxRead))
	return string(raw), err
}
