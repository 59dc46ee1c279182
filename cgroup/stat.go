package cgroup

import (
	"bytes"
	"strconv"

	"golang.org/x/sys/unix"
)

// Unknown is a figure that is not accounted here; systemd shows it as "[not set]".
const Unknown = Infinity

// Usage is what a group uses, with those below it. Figures that are not to be had are Unknown.
type Usage struct {
	MemoryCurrent, MemoryPeak, MemorySwapCurrent uint64 // bytes
	CPUUsageNSec                                 uint64
	TasksCurrent                                 uint64
	IOReadBytes, IOWriteBytes                    uint64
	IOReadOperations, IOWriteOperations          uint64
}

// Stat reads what a group uses. It fails only when there is no such group.
func (t *Tree) Stat(path string) (Usage, error) {
	u := Usage{Unknown, Unknown, Unknown, Unknown, Unknown, Unknown, Unknown, Unknown, Unknown}
	if _, err := t.Populated(path); err != nil {
		return u, err
	}
	cpu := t.CPUUsage(path)
	u.CPUUsageNSec = cpu
	if h := t.controllerV1(Memory, path); h != nil {
		u.MemoryCurrent = h.count(path, "memory.usage_in_bytes")
		u.MemoryPeak = h.count(path, "memory.max_usage_in_bytes")
		if both := h.count(path, "memory.memsw.usage_in_bytes"); both != Unknown {
			u.MemorySwapCurrent = both - min(both, u.MemoryCurrent)
		}
	} else {
		u.MemoryCurrent = t.count(path, "memory.current")
		u.MemoryPeak = t.count(path, "memory.peak")
		u.MemorySwapCurrent = t.count(path, "memory.swap.current")
	}
	u.TasksCurrent = t.tasks(path)
	t.statIO(path, &u)
	return u, nil
}

// CPUUsage returns the CPU time that a group has used, in nanoseconds. The kernel accounts it in version 2 without a controller.
func (t *Tree) CPUUsage(path string) uint64 {
	text := t.text(path, "cpu.stat")
	if n, ok := keyed(text, "usage_usec"); ok {
		return n * 1000
	}
	return Unknown
}

// text reads an attribute in version 2; it is empty when there is none, and valid until the next read.
func (t *Tree) text(path, name string) []byte {
	dir, file, err := t.at(path, "/"+name)
	if err != nil {
		return nil
	}
	text, err := readAttr(dir, file, t.scratch[:0])
	if err != nil {
		return nil
	}
	return text
}

func (t *Tree) count(path, name string) uint64 {
	if n, ok := number(t.text(path, name)); ok {
		return n
	}
	return Unknown
}

// controllerV1 returns the version 1 hierarchy in which the group has a controller, nil when it has it in version 2 or nowhere.
func (t *Tree) controllerV1(c Controllers, path string) *hierarchy {
	g := t.groups[path]
	if g == nil || g.v1&c == 0 {
		return nil
	}
	for _, h := range t.v1 {
		if h.bit == c {
			return h
		}
	}
	return nil
}

func (h *hierarchy) count(path, name string) uint64 {
	text, err := readAttr(unix.AT_FDCWD, h.dir(path)+"/"+name, nil)
	if err != nil {
		return Unknown
	}
	if n, ok := number(text); ok {
		return n
	}
	return Unknown
}

// tasks counts threads: by the controller where the group has it, else by listing them.
func (t *Tree) tasks(path string) uint64 {
	if h := t.controllerV1(Pids, path); h != nil {
		return h.count(path, "pids.current")
	}
	if n := t.count(path, "pids.current"); n != Unknown {
		return n
	}
	if path == "" && t.root == "" {
		return Unknown
	}
	n := uint64(bytes.Count(t.text(path, "cgroup.threads"), []byte{'\n'}))
	names, _ := t.children(path)
	for _, sub := range names {
		if path != "" {
			sub = path + "/" + sub
		}
		n += t.tasks(sub)
	}
	return n
}

func (t *Tree) statIO(path string, u *Usage) {
	if h := t.controllerV1(IO, path); h != nil {
		u.IOReadBytes, u.IOWriteBytes = h.blkio(path, "blkio.throttle.io_service_bytes_recursive")
		u.IOReadOperations, u.IOWriteOperations = h.blkio(path, "blkio.throttle.io_serviced_recursive")
		return
	}
	if t.v2&IO == 0 {
		return
	}
	text := t.text(path, "io.stat")
	if text == nil {
		return
	}
	u.IOReadBytes, u.IOWriteBytes = ioSum(text, "rbytes="), ioSum(text, "wbytes=")
	u.IOReadOperations, u.IOWriteOperations = ioSum(text, "rios="), ioSum(text, "wios=")
}

// ioSum adds one field over all devices of an io.stat: "8:0 rbytes=1 wbytes=2 rios=3 wios=4 …".
func ioSum(text []byte, key string) uint64 {
	var sum uint64
	for _, word := range bytes.Fields(text) {
		if rest, ok := bytes.CutPrefix(word, []byte(key)); ok {
			n, _ := strconv.ParseUint(string(rest), 10, 64)
			sum += n
		}
	}
	return sum
}

// blkio adds reads and writes over all devices: "8:0 Read 1", "8:0 Write 2".
func (h *hierarchy) blkio(path, name string) (read, write uint64) {
	text, err := readAttr(unix.AT_FDCWD, h.dir(path)+"/"+name, nil)
	if err != nil {
		return Unknown, Unknown
	}
	for _, line := range bytes.Split(text, []byte{'\n'}) {
		f := bytes.Fields(line)
		if len(f) != 3 {
			continue
		}
		n, _ := strconv.ParseUint(string(f[2]), 10, 64)
		switch string(f[1]) {
		case "Read":
			read += n
		case "Write":
			write += n
		}
	}
	return read, write
}
