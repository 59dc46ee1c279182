package host

import (
	"errors"
	"io"
	"os"
	"strconv"
	"strings"

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

// PIDOfFD returns the process behind a pidfd, false when it has ended.
func PIDOfFD(fd int) (int, bool) {
	raw, err := os.ReadFile("/proc/self/fdinfo/" + strconv.Itoa(fd))
	if err != nil {
		return 0, false
	}
	for line := range strings.Lines(string(raw)) {
		if text, ok := strings.CutPrefix(line, "Pid:"); ok {
			pid, err := strconv.Atoi(strings.TrimSpace(text))
			return pid, err == nil && pid > 0
		}
	}
	return 0, false
}
