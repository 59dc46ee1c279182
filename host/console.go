package host

import (
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// Kmsg writes lines to the kernel's log buffer, without ever blocking. Lines that it cannot take are counted.
type Kmsg struct {
	fd      int
	Dropped uint64
}

// OpenKmsg opens /dev/kmsg for writing.
func OpenKmsg() (*Kmsg, error) {
	fd, err := unix.Open("/dev/kmsg", unix.O_WRONLY|unix.O_CLOEXEC|unix.O_NONBLOCK|unix.O_NOCTTY, 0)
	if err != nil {
		return nil, fmt.Errorf("cannot open /dev/kmsg: %w", err)
	}
	return &Kmsg{fd: fd}, nil
}

// Write logs one line under the priority (0 to 7) and identifier given.
func (k *Kmsg) Write(priority int, identifier, text string) {
	line := "<" + strconv.Itoa(3<<3|priority&7) + ">" + identifier + ": " + strings.ReplaceAll(text, "\n", " ") + "\n"
	if _, err := unix.Write(k.fd, []byte(line)); err != nil {
		k.Dropped++
	}
}

// Close closes the descriptor.
func (k *Kmsg) Close() { unix.Close(k.fd) }

// Terminal says whether a descriptor is a terminal.
func Terminal(fd int) bool {
	_, err := unix.IoctlGetTermios(fd, unix.TCGETS)
	return err == nil
}

// Columns returns the width of the terminal at fd, 80 when it has none.
func Columns(fd int) int {
	size, err := unix.IoctlGetWinsize(fd, unix.TIOCGWINSZ)
	if err != nil || size.Col == 0 {
		return 80
	}
	return int(size.Col)
}
